"""The walled side of :mod:`pipeline.records.apart`: reads one file of records, says what is in it, ends."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from pipeline.errors import BadRecords
from pipeline.records import xlsx_file
from pipeline.records.apart import Told
from pipeline.records.sources import read_here

__all__ = ["main"]


def main() -> None:
    """``path memory seconds`` in, JSON on stdout."""
    path, memory, seconds = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    _wall_in(memory, seconds)
    try:
        loaded = read_here(path)
        told = Told(records=loaded.records, problems=loaded.problems)
    except BadRecords as error:
        told = Told(refused=error.message)
    except MemoryError:
        told = Told(out_of_memory=True)
    sys.stdout.buffer.write(told.model_dump_json().encode())


def _wall_in(memory: int, seconds: int) -> None:
    xlsx_file.get_ready()
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    for what, most in (
        (resource.RLIMIT_AS, pages * resource.getpagesize() + memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (value, value))


if __name__ == "__main__":
    main()
