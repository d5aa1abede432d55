"""The hot folder: watch."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.common import DONE, SOME_FAILED, Programme, Workers, day_of, settings_of
from pipeline.printing import problem_line, result_line, say, terminal

if TYPE_CHECKING:
    from rich.table import Table

    from pipeline.hot_folder import Told
    from pipeline.watching import Row

__all__ = ["watch"]

TODAY = "today"
LINES_KEPT = 6  # of a terminal, for what stands around the table
REDRAW = 0.5  # s between two tables
SHARE = 5.0  # times as long as a table takes to draw


class Cut(StrEnum):
    """How files are cut into envelopes; a folder that is watched is never one envelope."""

    AUTO = "auto"
    FILE = "file"


def watch(
    folder: Annotated[Path, typer.Argument(help="The folder that scans are written to.", show_default=False)],
    records: Annotated[
        str, typer.Option("--records", help="Online records, as for process; loaded again when changed.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for watch.html, watch.json and the report.")] = Path(
        "watch"
    ),
    programme: Programme = "cciip-2023",
    received_on: Annotated[
        str | None, typer.Option(help="Date of receipt, YYYY-MM-DD, or today: the day each scan is taken in.")
    ] = None,
    split: Annotated[Cut, typer.Option(help="Cut files at cover sheets and second forms, or not.")] = Cut.AUTO,
    workers: Workers = None,
    once: Annotated[bool, typer.Option("--once", help="Take what is there, wait for what is coming in, end.")] = False,
    every: Annotated[float, typer.Option(min=0.1, max=3600, help="Seconds between two looks.")] = 2.0,
    settle: Annotated[
        float,
        typer.Option(min=0, max=3600, help="Seconds in which a scan must not change; a folder: six times as long."),
    ] = 5.0,
) -> None:
    """Watch a folder: take each scan in when it is completely written, and say when its paper may be put away.

    Nothing in the folder is changed, moved or deleted. Ctrl-C ends it; the next watch goes on where it ended.
    """
    from pipeline.hot_folder import Wanted
    from pipeline.hot_folder import watch as watched

    settings = settings_of(workers)
    day = day_of(None if received_on == TODAY else received_on)
    wanted = Wanted(
        folder=folder,
        records=records,
        out=out,
        programme=programme,
        received_on=date.today if received_on == TODAY else lambda: day,
        split=split.value,
        every=every,
        settle=settle,
        once=once,
    )
    with _stopping() as stopping, _shown(out) as show:
        undone = watched(wanted, settings, show, stopping)
    raise typer.Exit(SOME_FAILED if undone and once else DONE)


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Set when the run is asked to end (Ctrl-C, SIGTERM); whoever asks twice does not wait."""
    stopping = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}

    def stop(_number: int, _frame: object) -> None:
        if stopping.is_set():
            raise KeyboardInterrupt
        stopping.set()

    for number in numbers:
        signal.signal(number, stop)
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _shown(out: Path) -> Iterator[Callable[[Told], None]]:
    """A table that is kept up to date on a terminal; a line a change where none is."""
    say(f"看板 board: {out / 'watch.html'}")
    if not terminal.is_terminal:
        yield _Lines().show
        return
    from rich.live import Live

    with Live(console=terminal, refresh_per_second=4) as live:
        drawn, took, news = -REDRAW, 0.0, False

        def show(told: Told) -> None:
            nonlocal drawn, took, news
            for notice in told.notices:
                problem_line(notice)
            news = news or bool(told.changed or told.board.ended)
            now = monotonic()
            if told.board.ended or (news and now - drawn >= max(REDRAW, SHARE * took)):
                live.update(_table(told))
                drawn, took, news = monotonic(), monotonic() - now, False

        yield show


class _Lines:
    """A line for each change, on stdout; what is said is said once."""

    def __init__(self) -> None:
        self._said: dict[str, str] = {}

    def show(self, told: Told) -> None:
        from pipeline.watching import row_of

        for notice in told.notices:
            problem_line(notice)
        for row in map(row_of, told.changed):
            line = _line(row)
            if self._said.get(row.item.name) != line:
                self._said[row.item.name] = line
                result_line(_MARK[row.paper.value], _STYLE[row.paper.value], line)
        if told.board.ended:
            say(_summary(told))


_MARK = {"keep": "✗", "wait": "…", "put_away": "✓", "none": "-"}
_STYLE = {"keep": "bold red", "wait": "yellow", "put_away": "bold green", "none": "dim"}


def _line(row: Row) -> str:
    from pipeline.watching import PAPER_NAMES, STATE_NAMES

    state, word = STATE_NAMES[row.item.state], PAPER_NAMES[row.paper]
    parts = [f"{row.name}: {state.zh} {state.en}", _sides(row)]
    if row.paper.value in ("keep", "put_away"):
        parts.append(f"{word.zh} {word.en}")
    parts += [f"{why.zh} ({why.en})" for why in row.reasons]
    return " · ".join(filter(None, parts))


def _sides(row: Row) -> str:
    result = row.item.result
    if result is None:
        return ""
    more = [f"空白 blank {result.blank}"] * bool(result.blank) + [f"封面 cover {result.covers}"] * bool(result.covers)
    return f"{result.faces} 面 sides" + (f" ({', '.join(more)})" if more else "")


def _table(told: Told) -> Table:
    from rich.markup import escape
    from rich.table import Table

    from pipeline.printing import shown
    from pipeline.watching import PAPER_NAMES, STATE_NAMES

    rows = told.board.rows()
    table = Table(title=escape(shown(f"{told.board.folder}  {_summary(told)}")), title_justify="left", expand=True)
    for column, ratio in (("纸 paper", 2), ("信封 envelope", 4), ("面 sides", 3), ("状态 state", 3), ("原因 why", 8)):
        table.add_column(column, ratio=ratio, no_wrap=True, overflow="ellipsis")
    most = max(3, terminal.height - LINES_KEPT)
    for row in rows[:most]:
        word, state, style = PAPER_NAMES[row.paper], STATE_NAMES[row.item.state], _STYLE[row.paper.value]
        why = "; ".join(f"{why.zh} {why.en}" for why in row.reasons)
        cells = (f"{state.zh} {state.en}", why or ", ".join(row.item.result.applicants if row.item.result else ()))
        table.add_row(f"[{style}]{word.zh}[/]", *(escape(shown(c)) for c in (row.name, _sides(row), *cells)))
    if len(rows) > most:
        table.caption = f"… {len(rows) - most} more: watch.html"
    return table


def _summary(told: Told) -> str:
    from pipeline.watching import Paper

    counts = told.board.counts()
    return (
        f"{counts[Paper.KEEP]} 先别收起 keep out, {counts[Paper.WAIT]} 请稍候 wait, "
        f"{counts[Paper.PUT_AWAY]} 可以收起 put away"
    )
