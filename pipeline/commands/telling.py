"""Telling people what a night came to, and that one did not come to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.common import DONE, SOME_FAILED, say_problems, settings_of
from pipeline.errors import BadSetting, YanzhangError
from pipeline.printing import say, text_lines

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.store import Store
    from pipeline.telling.digest import Digest

__all__ = ["tell"]

HOW = "YANZHANG_TELL__SMTP_HOST and __MAIL_TO, __WECOM_URL, __DINGTALK_URL or __WEBHOOK_URL"


def tell(
    night: Annotated[int | None, typer.Option(min=1, help="A night by its number; none: the last one.")] = None,
    test: Annotated[bool, typer.Option("--test", help="Send a message that shows that the channels work.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Alarm if the last night did not finish (for cron, in the morning): exit 3.")
    ] = False,
    hours: Annotated[float, typer.Option(min=0.1, help="For --check: how long ago the last one may have ended.")] = 26,
    again: Annotated[bool, typer.Option("--again", help="Also to who was told already.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be sent, and send nothing.")] = False,
) -> None:
    """Tell people what the last night came to, by mail, WeCom, DingTalk or webhook; each of them once a night."""
    if sum((test, check, night is not None)) > 1:
        raise typer.BadParameter("of --test, --check and --night only one can be done at a time")
    settings = settings_of(None)
    if check:
        raise typer.Exit(_check(settings, hours, again=again, dry_run=dry_run))
    from pipeline.store import store_of
    from pipeline.telling.tell import digest_of, test_message

    store = None if test else store_of(settings)
    digest = test_message(settings) if store is None else digest_of(store, settings, night)
    raise typer.Exit(DONE if _tell(settings, store, digest, again=again, dry_run=dry_run) else SOME_FAILED)


def _check(settings: Settings, hours: float, *, again: bool, dry_run: bool) -> int:
    """The morning's look: one line when all is well, an alarm to everybody once a day when it is not."""
    from pipeline.store import store_of
    from pipeline.telling.tell import overdue, unusable

    store: Store | None = None
    try:
        store = store_of(settings)
        alarm = overdue(store, settings, hours=hours)
    except YanzhangError as error:
        alarm = unusable(settings, error)
    if alarm is None:
        text_lines("夜间复核正常：上次已按时完成。 The last nightly run has finished in time.")
        return DONE
    text_lines(f"{alarm.head.zh} {alarm.head.en}")
    say_problems(tuple(line.what for section in alarm.sections for line in section.lines))
    try:
        _tell(settings, store, alarm, again=again, dry_run=dry_run)
    except YanzhangError as error:
        # Whoever asked hears the alarm all the same, by the exit status.
        say_problems((error.message,))
    return SOME_FAILED


def _tell(settings: Settings, store: Store | None, digest: Digest, *, again: bool, dry_run: bool) -> bool:
    """Whether everybody has been told."""
    from pipeline.telling.shapes import as_text
    from pipeline.telling.tell import channels
    from pipeline.telling.tell import tell as told

    to = channels(settings.tell)
    if dry_run:
        text_lines(f"{digest.subject}\n\n{as_text(digest)}")
        say(f"会发往 would go to: {', '.join(one.name for one in to) or f'nobody: set {HOW}'}")
        return True
    if not to:
        raise BadSetting(f"nobody is to be told: set {HOW}")
    done = told(store, digest, to, again=again)
    say_problems(done.problems)
    said = (("已发送 told", done.sent), ("此前已发 told before", done.before), ("未发出 not told", done.failed))
    say("; ".join(f"{what}: {', '.join(names)}" for what, names in said if names))
    return not done.failed
