"""The one place from which text reaches a terminal or a log: what strangers wrote is shown there, never obeyed.

Everything passes :func:`pipeline.values.printable.printable`; sentences and logs lose their passwords
(:func:`pipeline.values.secrets.redacted`), readings of paper stay as they are.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.values.printable import json_printable, printable
from pipeline.values.secrets import redacted

__all__ = [
    "LogLines",
    "error_line",
    "install_log",
    "json_line",
    "problem_line",
    "result_line",
    "say",
    "show_table",
    "shown",
    "terminal",
    "text_lines",
]

MAX_MESSAGE = 10_000  # characters of one log line; what is longer says nothing more
LEVEL = logging.WARNING
_QUIET = ("pdfminer", "fontTools", "RapidOCR")  # they warn of every odd font

terminal = Console(stderr=True)


def shown(text: str) -> str:
    """One line of a stranger's text as it may be shown."""
    return printable(redacted(text))


def say(text: str) -> None:
    """A line for whoever waits, on stderr."""
    _line(terminal, text)


def problem_line(text: str) -> None:
    """What could not be done, on stderr."""
    _line(terminal, text, "yellow")


def error_line(text: str) -> None:
    """What ended the run, on stderr."""
    _line(terminal, text, "red")


def result_line(mark: str, style: str, text: str) -> None:
    """A marked line of a result, on stdout."""
    Console().print(f"[{style}]{mark}[/]", escape(shown(text)), highlight=False, soft_wrap=True)


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table of results, on stdout: what paper says is no secret of ours, and stands there whole."""
    table = Table(title=escape(printable(title)), title_justify="left")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(escape(printable(cell)) for cell in row))
    Console().print(table)


def json_line(value: Any) -> None:
    """A line of JSON on stdout, which a terminal can show as it is."""
    print(json_printable(json.dumps(value, ensure_ascii=False)), flush=True)


def text_lines(text: str) -> None:
    """Our own text of several lines, on stdout."""
    print(printable(text, lines=True), flush=True)


class LogLines(logging.Formatter):
    """A line of the log is one message: none can be forged by what a stranger's text holds."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = shown(record.message[:MAX_MESSAGE])
        return shown(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        """What went wrong in a line of its own kind; where, only for developers (level INFO)."""
        lines = super().formatException(ei).splitlines()
        if not logging.getLogger().isEnabledFor(logging.INFO):
            lines = ["".join(traceback.format_exception_only(*ei[:2]))]
        return "\n".join(f"  | {shown(line.rstrip())}" for line in lines)

    def formatStack(self, stack_info: str) -> str:
        return "\n".join(f"  | {shown(line)}" for line in stack_info.splitlines())


class _Record(logging.LogRecord):
    """Whatever handler a library brings along gets the message as it may be shown."""

    def getMessage(self) -> str:
        return shown(super().getMessage()[:MAX_MESSAGE])


def install_log() -> None:
    """Log to stderr, one line a message; called first thing by the command line and by processes that read."""
    logging.setLogRecordFactory(_Record)
    logging.captureWarnings(True)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogLines("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    for other in root.handlers[:]:
        if isinstance(other.formatter, LogLines):
            root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(LEVEL)
    sys.excepthook = _unforeseen
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


def _unforeseen(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    """A fault of ours ends the run: all of it is said, for whoever mends it, but what strangers wrote is not obeyed."""
    text = "".join(traceback.format_exception(kind, error, at))
    print(printable(redacted(text), lines=True), file=sys.stderr)


def _line(console: Console, text: str, style: str | None = None) -> None:
    console.print(shown(text), style=style, markup=False, highlight=False, soft_wrap=True)
