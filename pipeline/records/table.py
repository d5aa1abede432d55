"""What every record source hands on: rows of raw values under raw headings, and the bounds on a stranger's file."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pipeline.errors import BadRecords

__all__ = [
    "MAX_BYTES",
    "MAX_COLUMNS",
    "MAX_LINE",
    "MAX_PLACES",
    "MAX_ROWS",
    "MAX_STREAMED",
    "MAX_STREAMED_ROWS",
    "RawRow",
    "RawText",
    "Table",
    "decode",
    "exact",
    "lines_of",
    "too_many",
]

MAX_BYTES = 200_000_000  # a call has some thousands of applications, about 2 kB each
MAX_ROWS = 200_000
MAX_STREAMED = 4_000_000_000  # of what is never in memory as a whole
MAX_STREAMED_ROWS = 2_000_000
MAX_COLUMNS = 500
MAX_LINE = 2_000_000  # characters of one row as it is written
MAX_PLACES = 6  # decimals of a number of 万元 that mean anything (0.01 元); the rest is binary noise
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row: where it stands ("row 3") and its values by heading; ``problem`` where it cannot be used as it is."""

    where: str
    values: Mapping[str, object]
    problem: str = ""

    def opened(self) -> RawRow:
        """The row itself."""
        return self

    def marked(self) -> bytes:
        """What tells it from any other row of its source."""
        return repr((self.values, self.problem)).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class RawText:
    """One row as it is written: it need not be taken apart where it is the same as yesterday."""

    where: str
    text: str
    read: Callable[[str, str], RawRow]

    def opened(self) -> RawRow:
        """The row that is written there."""
        return self.read(self.where, self.text)

    def marked(self) -> bytes:
        """What tells it from any other row of its source."""
        return self.text.encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Table:
    """``rows`` in order, to be gone through once; ``columns``: headings that occurred in those opened by then."""

    columns: Iterable[str]
    rows: Iterable[RawRow | RawText]


def decode(path: Path) -> str:
    """A text file: UTF-8 (BOM or not), UTF-16 with BOM, else GB18030, which is what Excel in China writes."""
    data = path.read_bytes()
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding).lstrip("\ufeff")  # some programs write a second mark
        except UnicodeDecodeError:
            continue
    raise _no_text(path)


@contextmanager
def lines_of(path: Path) -> Iterator[Iterator[str]]:
    """The same text line by line, however long the file is; only a line feed ends a line, and stays on it.

    :raises BadRecords: it is no text, or (while lines are taken) a line is longer than a row can be
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise BadRecords(f"The records {path} cannot be read: {error.strerror or error}.") from error
    with stream:  # looked at and read through one handle: what was looked at is what is read
        encoding = _encoding(stream, path)
        stream.seek(0)
        with io.TextIOWrapper(stream, encoding=encoding, newline="\n") as text:
            yield _lines(text, path)


def _encoding(stream: io.BufferedReader, path: Path) -> str:
    head = stream.read(2)
    for encoding in ("utf-16",) if head in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        stream.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while piece := stream.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise _no_text(path)


def _no_text(path: Path) -> BadRecords:
    return BadRecords(f"The records {path} are no text (neither UTF-8 nor GB18030): save them again as UTF-8.")


def _lines(text: io.TextIOWrapper, path: Path) -> Iterator[str]:
    number = 0
    try:
        while line := text.readline(MAX_LINE):
            number += 1
            if len(line) == MAX_LINE and not line.endswith("\n"):
                raise BadRecords(
                    f"The records {path} have a line of more than {MAX_LINE // 1_000_000} million characters (line "
                    f"{number}): write each record on a line of its own."
                )
            yield line.lstrip("\ufeff") if number == 1 else line
    except UnicodeDecodeError as error:  # it was changed while it was read
        raise _no_text(path) from error


def exact(number: float) -> object:
    """A binary number as the decimal that was meant; one that is none stays, and is malformed."""
    meant = Decimal(repr(number))
    if not meant.is_finite():
        return number
    if -int(meant.as_tuple().exponent) > MAX_PLACES:
        meant = round(meant, MAX_PLACES).normalize()
    return meant


def too_many(path: Path | str, most: int) -> BadRecords:
    """The sentence on a source of more rows than a call can have."""
    return BadRecords(f"The records {path} hold more than {most} rows: split them.")
