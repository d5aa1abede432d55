"""Telling: each channel once of each matter, with patience, and no channel's fault is another's or the night's."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from pipeline.errors import BadInput, BadSetting, TellTrouble, YanzhangError
from pipeline.model import Text
from pipeline.settings import Settings, TellSettings
from pipeline.store import Store, nights
from pipeline.telling.digest import BEIJING, Digest, clean, of_alarm, of_night, of_test, why_unfinished
from pipeline.telling.hooks import check_address, post_dingtalk, post_json, post_wecom
from pipeline.telling.mail import check_mail, message_of, send_mail

__all__ = ["Channel", "Told", "channels", "digest_of", "overdue", "since_last", "tell", "test_message", "unusable"]

_log = logging.getLogger(__name__)

TRIES = 3
PAUSE = 2.0  # s before the second try; twice as long before the third
HOURS = 26  # a night and what it may be late

Send = Callable[[], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to tell people.

    ``ready`` makes of a digest what sends it: once or, after a fault, the very same once more. That returns sentences
    on whom it did not reach, or raises TellTrouble; it may take ``seconds``.
    """

    name: str
    seconds: float
    ready: Callable[[Digest], Send]


@dataclass(frozen=True, slots=True)
class Told:
    """What telling came to: channels by what happened, and a sentence for each trouble."""

    sent: tuple[str, ...] = ()
    before: tuple[str, ...] = ()  # had been told, or are being told by another process
    failed: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def channels(tell: TellSettings) -> tuple[Channel, ...]:
    """The channels that are set.

    :raises BadSetting: one is set by half
    """
    found: list[Channel] = []
    if tell.smtp_host:
        check_mail(tell)
        found.append(Channel("mail", tell.seconds, lambda digest: partial(send_mail, message_of(digest, tell), tell)))
    elif tell.mail_to:
        raise BadSetting("YANZHANG_TELL__MAIL_TO is set and no server: set YANZHANG_TELL__SMTP_HOST")
    posts = (
        ("wecom", "WECOM_URL", tell.wecom_url, post_wecom),
        ("dingtalk", "DINGTALK_URL", tell.dingtalk_url, post_dingtalk),
        ("webhook", "WEBHOOK_URL", tell.webhook_url, post_json),
    )
    for name, setting, address, post in posts:
        if address.get_secret_value():
            check_address(setting, address.get_secret_value())
            found.append(Channel(name, tell.seconds, partial(_posting, post, tell)))
    return tuple(found)


def tell(store: Store | None, digest: Digest, to: Iterable[Channel], *, again: bool = False) -> Told:
    """Tell every channel that has not been told of this matter; of what fails there is a sentence.

    :param store: None: it cannot be used now, so that nobody knows who was told before
    :param again: whoever was told is told once more
    """
    sent: list[str] = []
    before: list[str] = []
    failed: list[str] = []
    problems: list[str] = []
    for channel in to:
        try:
            if store is not None and not _claimed(store, digest, channel, again=again):
                before.append(channel.name)
                continue
            problems += _patiently(channel, digest)
            sent.append(channel.name)
            if store is not None:
                nights.told(store, digest.matter, channel.name)
        except YanzhangError as error:
            problems.append(error.message)
            if channel.name not in sent:
                failed.append(channel.name)
                problems += _released(store, digest, channel)
        except BaseException:  # stopped by hand: the next one who tells need not wait for this
            _released(store, digest, channel)
            raise
    return Told(tuple(sent), tuple(before), tuple(failed), tuple(problems))


def digest_of(store: Store, settings: Settings, night: int | None = None) -> Digest:
    """The digest of a night; of the last one that ended, if none is named.

    :raises BadInput: there is none
    """
    if night is not None:
        found = nights.kept(store, night)
        if found is None:
            raise BadInput(f"no night has the number {night}: leave out --night for the last one")
        return of_night(found, link=settings.tell.report_url)
    newest = nights.last(store)
    found = nights.last_finished(store) if newest is not None and newest.alive else newest
    if found is None:
        raise BadInput("no night has been reconciled yet: run yanzhang reconcile --out OUT first")
    return of_night(found, link=settings.tell.report_url)


def test_message(settings: Settings) -> Digest:
    """A message that shows whether a channel works."""
    return of_test(datetime.now(UTC), link=settings.tell.report_url)


def overdue(store: Store, settings: Settings, *, hours: float = HOURS, now: datetime | None = None) -> Digest | None:
    """An alarm if no night has finished within the last hours, or the newest run ended before its end."""
    now = now or datetime.now(UTC)
    newest, done = nights.last(store), nights.last_finished(store)
    late = done is None or done.finished_at is None or now - done.finished_at > timedelta(hours=hours)
    broken = newest is not None and newest.finished_at is None and not newest.alive
    if not (late or broken):
        return None
    ended = done.finished_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if done and done.finished_at else ""
    head = Text(
        zh=f"过去 {hours:g} 小时内没有完成的夜间复核。" if late else "最近一次夜间复核没有完成。",
        en=f"No nightly run has finished within the last {hours:g} hours."
        if late
        else "The newest nightly run did not finish.",
    )
    last_done = (
        Text(zh=f"上次完成：{ended}。", en=f"The last one finished at {ended} (Beijing).")
        if ended
        else Text(zh="此库从未完成过夜间复核。", en="None has ever finished on this store.")
    )
    since = [_of_unfinished(one) for one in nights.unfinished(store, done)[-3:]]
    none_began = Text(
        zh="此后没有任何一次开始：请看定时任务（cron、Prefect）与机器是否在运行。",
        en="None has begun since: look whether the schedule (cron, Prefect) and its machine are running.",
    )
    return _alarm(now, head, (last_done, *(since or [none_began])), settings)


def unusable(settings: Settings, error: YanzhangError, now: datetime | None = None) -> Digest:
    """An alarm that the store itself cannot be used: no night can run on it either."""
    head = Text(
        zh="存储现在不能使用，夜间复核无法运行。", en="The store cannot be used now, so no nightly run can be done."
    )
    said = clean(error.message)
    return _alarm(now or datetime.now(UTC), head, (Text(zh=f"原因：{said}", en=""),), settings)


def since_last(store: Store, night: int) -> tuple[str, ...]:
    """Sentences on runs before this night that did not come to their end, for its own alarms."""
    # Whoever asks has the lease of the night: nobody else is at work, whatever can be seen of other machines.
    broken = [one for one in nights.unfinished(store, nights.last_finished(store)) if one.id < night]
    said = (_of_unfinished(replace(one, alive=False)) for one in broken[-3:])
    return tuple(f"{line.zh} {line.en}" for line in said)


def _of_unfinished(one: nights.KeptNight) -> Text:
    began = f"{one.started_at.astimezone(BEIJING):%m-%d %H:%M}"
    why = why_unfinished(one)
    return Text(zh=f"{began} 开始的一次没有完成。{why.zh}", en=f"The run of {began} did not finish. {why.en}")


def _alarm(now: datetime, head: Text, sentences: Iterable[Text], settings: Settings) -> Digest:
    day = now.astimezone(BEIJING)
    link = settings.tell.report_url
    return of_alarm(f"alarm:{day:%Y-%m-%d}", f" {day:%m-%d} 夜间复核没有完成", head, sentences, link=link)


# ---------------------------------------------------------------------------------------------------------- sending


def _claimed(store: Store, digest: Digest, channel: Channel, *, again: bool) -> bool:
    if again:
        nights.untold(store, digest.matter, channel.name)
    return nights.claim(store, digest.matter, channel.name)


def _released(store: Store | None, digest: Digest, channel: Channel) -> tuple[str, ...]:
    """So that the next try need not wait until this claim is taken for dead."""
    try:
        if store is not None:
            nights.untold(store, digest.matter, channel.name)
    except YanzhangError as error:
        return (error.message,)
    return ()


def _posting(post: Callable[[Digest, TellSettings], tuple[str, ...]], settings: TellSettings, digest: Digest) -> Send:
    return partial(post, digest, settings)


def _patiently(channel: Channel, digest: Digest) -> tuple[str, ...]:
    """Try, and again after a pause where that may help; no try takes longer than its time, whatever the server does."""
    send = channel.ready(digest)
    tries = Retrying(
        stop=stop_after_attempt(TRIES),
        wait=wait_exponential_jitter(multiplier=PAUSE, max=8 * PAUSE, jitter=PAUSE / 2),
        retry=retry_if_exception(lambda error: isinstance(error, TellTrouble) and error.passing),
        reraise=True,
    )
    return tries(_within, channel.seconds, channel.name, send)


def _within(seconds: float, name: str, send: Send) -> tuple[str, ...]:
    """A server that says a sign a minute keeps every time limit of a connection: this one it does not.

    What it took nevertheless, nobody here hears of: it may be told twice, never not at all.
    """
    done: list[tuple[str, ...]] = []
    faults: list[YanzhangError] = []

    def work() -> None:
        try:
            done.append(send())
        except YanzhangError as error:
            faults.append(error)
        except Exception as error:  # a fault of ours, or a library's, costs this channel and not the night
            _log.warning("%s could not be told", name, exc_info=True)
            faults.append(TellTrouble(f"{name} could not be told: a fault of the program ({type(error).__name__})"))

    thread = threading.Thread(target=work, name=f"telling {name}", daemon=True)
    thread.start()
    thread.join(seconds)
    if faults:
        raise faults[0]
    if not done:
        raise TellTrouble(f"{name} did not take the message within {seconds:g} s", passing=True)
    return done[0]
