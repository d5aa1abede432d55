"""The walled side of :mod:`pipeline.records.apart`: reads one file of records, says what is in it, ends."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from pipeline.errors import BadRecords
from pipeline.records import xlsx_file
from pipeline.records.apart import Told
from pipeline.records.sources import read_here
from pipeline.walls import die_with_parent, limit, wall_in

__all__ = ["main"]


def main() -> None:
    """``path memory seconds`` in, JSON on stdout."""
    path, memory, seconds = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    _wall_in(path, memory, seconds)
    try:
        loaded = read_here(path)
        told = Told(records=loaded.records, problems=loaded.problems)
    except BadRecords as error:
        told = Told(refused=error.message)
    except MemoryError:
        told = Told(out_of_memory=True)
    sys.stdout.buffer.write(told.model_dump_json().encode())


def _wall_in(path: Path, memory: int, seconds: int) -> None:
    xlsx_file.get_ready()
    die_with_parent()
    limit(resource.RLIMIT_CPU, seconds)
    wall_in(path, memory=memory)


if __name__ == "__main__":
    main()
