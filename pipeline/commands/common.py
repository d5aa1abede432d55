"""What several commands share: their options, the settings, the bar that shows how far they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipeline.errors import BadSetting
from pipeline.printing import problem_line, terminal

if TYPE_CHECKING:
    from pipeline.settings import Settings

__all__ = [
    "BAD_INPUT",
    "DONE",
    "INTERRUPTED",
    "SOME_FAILED",
    "WRONG_USAGE",
    "AsJson",
    "Out",
    "Programme",
    "Workers",
    "day_of",
    "progress_of",
    "say_problems",
    "settings_of",
]

DONE, BAD_INPUT, WRONG_USAGE, SOME_FAILED, INTERRUPTED = 0, 1, 2, 3, 130  # exit status

AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON each on stdout.")]
Out = Annotated[Path, typer.Option("--out", help="Folder for report.json, report.html, report.xlsx and evidence/.")]
Programme = Annotated[str, typer.Option("--programme", help="The call whose rules apply.")]
Workers = Annotated[int | None, typer.Option(min=1, max=256, help="Processes that read; default: the cores.")]


def settings_of(workers: int | None) -> Settings:
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from pipeline.settings import Settings

    try:
        return Settings() if workers is None else Settings(workers=workers)
    except ValidationError as error:
        first = error.errors()[0]
        name = "YANZHANG_" + "__".join(str(part) for part in first["loc"]).upper()
        raise BadSetting(f"the setting {name} is not usable: {first['msg']}") from error
    except SettingsError:
        # A group of settings (YANZHANG_TELL, …) is set one by one; what stands in it may be a password.
        raise BadSetting(
            "a setting of a group is written as none can be read: set them one by one, for instance "
            "YANZHANG_TELL__SMTP_HOST or YANZHANG_BOUNDS__MAX_PAGES (see docs/GUIDE.zh.md)"
        ) from None


def day_of(text: str | None, option: str = "--received-on") -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadSetting(f"{option} {text} is no date: write it as YYYY-MM-DD, for instance 2023-09-20") from error


def say_problems(problems: tuple[str, ...]) -> None:
    for problem in problems:
        problem_line(problem)


@contextmanager
def progress_of(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on a terminal; None when piped."""
    if not terminal.is_terminal:
        yield None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=terminal, transient=True) as bar:
        task = bar.add_task(label, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance
