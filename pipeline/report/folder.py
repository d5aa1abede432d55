"""The folder of a report, for one run alone (报告文件夹)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import ReportTrouble
from pipeline.report.pictures import EVIDENCE
from pipeline.store.durable import alone_in, sweep

__all__ = ["alone_in_folder"]


@contextmanager
def alone_in_folder(out: Path) -> Iterator[None]:
    """Have it, made ready and without what killed runs left; a second run into it waits for the first.

    :raises ReportTrouble: it cannot be written
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with alone_in(out):
            sweep(out)
            sweep(out / EVIDENCE)
            yield
    except OSError as error:
        raise ReportTrouble(
            f"the report cannot be written to {out} ({error.strerror or error}): make room there or name another "
            "folder, then run the same command again; what was read is kept"
        ) from error
