"""The workbook of a night (夜间复核工作簿), written from what was spooled: by a process of its own where it is long."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.model.slips import Told
from pipeline.report.spool import Part, part_of, slips_in
from pipeline.report.xlsx_report import resolved_row, slip_row, write_book

__all__ = ["NightBook", "being_written"]

MANY = 10_000  # envelopes whose rows take longer than to start a process


@dataclass(frozen=True, slots=True)
class NightBook:
    """What is in it, and where: ``full`` and ``slips`` of a spool, ``rows`` of changed envelopes within the former.

    ``resolved``: envelope, application and finding of what is no more.
    """

    path: Path
    full: Path
    rows: Sequence[Part]
    slips: Path
    not_received: Sequence[str]
    resolved: Sequence[tuple[str, str, Told]]


@contextmanager
def being_written(book: NightBook, envelopes: int) -> Iterator[Callable[[], None]]:
    """Have it written meanwhile; what this gives waits until it is.

    :raises OSError: it cannot be written (when waited for)
    """
    # A process that is a daemon (Dask's, say) may have no children.
    if envelopes < MANY or multiprocessing.current_process().daemon:
        yield lambda: write_night_book(book)
        return
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        writing = pool.submit(write_night_book, book)

        def done() -> None:
            try:
                writing.result()
            except BrokenProcessPool:  # it was killed (no memory left, say)
                write_night_book(book)

        yield done


def write_night_book(book: NightBook) -> None:
    """Write it, or leave what was there."""
    write_book(
        book.path,
        _findings(book),
        (slip_row(slip) for _, slip in slips_in(book.slips)),
        book.not_received,
        resolved=(resolved_row(*one) for one in book.resolved),
        many=True,
    )


def _findings(book: NightBook) -> Iterator[Sequence[object]]:
    with book.full.open("rb") as stream:
        for part in book.rows:
            yield from json.loads(part_of(stream, part).decode("utf-8", "surrogatepass"))
