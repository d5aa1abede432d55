"""Records read in a process of its own, within walls: a file that blows up costs itself only.

A workbook of some kilobytes can hold thousands of millions of cells. Whatever it does in there, this process gets
JSON of bounded size, or one sentence.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.errors import BadRecords
from pipeline.model import Record
from pipeline.records.rows import Loaded
from pipeline.walls import apart

__all__ = ["MEMORY", "SECONDS", "Told", "read_apart"]

MEMORY = 4_000_000_000  # bytes on top of a Python at rest; 30,000 applications took 0.4
SECONDS = 300  # of a core; 30,000 applications in a workbook took 22
_TOO_MUCH = "split them, or save them again from the program they come from"


class Told(BaseModel):
    """What the walled process says: records and the rows left out, or why there are none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    records: tuple[Record, ...] = ()
    problems: tuple[str, ...] = ()
    refused: str = ""
    out_of_memory: bool = False


def read_apart(path: Path, *, memory: int = MEMORY, seconds: int = SECONDS) -> Loaded:
    """All usable records of a file.

    :raises BadRecords: it holds none, or takes more memory or time than records do
    """
    start = apart("pipeline.records.inside", str(path.absolute()), str(memory), str(seconds))
    try:
        done = subprocess.run(
            **start, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=2 * seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BadRecords(f"The records {path} take longer than {seconds} s to read: {_TOO_MUCH}.") from error
    except OSError as error:
        raise BadRecords(f"The records {path} cannot be read: no process can be started for them ({error}).") from error
    return _understood(done.stdout, path, memory)


def _understood(answer: bytes, path: Path, memory: int) -> Loaded:
    try:
        told = Told.model_validate_json(answer)
    except ValidationError as error:
        raise BadRecords(f"The records {path} break what reads them (or take too long): {_TOO_MUCH}.") from error
    if told.out_of_memory:
        raise BadRecords(f"The records {path} take more than {memory // 1_000_000} MB of memory: {_TOO_MUCH}.")
    if told.refused or not told.records:
        raise BadRecords(told.refused.replace(str(path.absolute()), str(path)))
    return Loaded(told.records, told.problems)
