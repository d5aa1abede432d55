"""Whether a file is written to its end (写完没有), told by a few looks at its bytes and not by opening it.

Each format says somewhere where it ends: a PDF by its last ``startxref`` and ``%%EOF``, a TIFF by directories and
strips that lie inside the file, JPEG, PNG and GIF by a closing mark, WebP and BMP by a length. What cannot be told is
:attr:`Completeness.UNSURE`: no reason to refuse a file, only to wait a little longer for what else may come.

The bytes are a stranger's: every look is bounded in number and size, and no offset is believed.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from enum import StrEnum

__all__ = ["Completeness", "ReadAt", "completeness"]

ReadAt = Callable[[int, int], bytes]  # (offset, most) -> bytes there; fewer where the file ends

HEAD = 1024  # bytes in which a format says what it is
TAIL = 65_536  # bytes at the end in which its mark is looked for: some programs pad, some append a word of their own
MAX_MARKERS = 2_000  # of a JPEG before its picture
MAX_CHUNKS = 50_000  # of a PNG: 400 MB in pieces of 8 KB
MAX_DIRECTORIES = 5_000  # pages of a TIFF, as many as anybody scans in one go
MAX_ENTRIES = 512  # of one directory; usual: 20
MAX_VALUES = 100_000  # strips of one page
HOLLOW = 4_096  # zeros at the end: room that was reserved and is not filled yet (Windows copies to a share that way)
PADDING = b"\0 \t\r\n\x0c\x1a"

_XREF = re.compile(rb"\s*(?:xref\b|\d{1,10}\s+\d{1,5}\s+obj\b)")
_END_OF_PDF = re.compile(rb"startxref\s{1,16}(\d{1,20})\s{1,16}%%EOF")
_LINEAR = re.compile(rb"/Linearized\b[^>]{0,200}?/L\s{1,8}(\d{1,15})|/L\s{1,8}(\d{1,15})[^>]{0,200}?/Linearized\b")
# Bytes of a TIFF value by its type; of those that are whole numbers, how they are unpacked.
_SIZE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_CODE = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_OFFSETS, _COUNTS = (273, 324), (279, 325)  # of strips, of tiles
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers of JPEG without a length


class Completeness(StrEnum):
    """What the bytes tell."""

    WHOLE = "whole"
    CUT = "cut"  # more must come
    UNSURE = "unsure"  # of a known format, or claimed to be; nobody can tell whether this is its end
    EMPTY = "empty"
    NO_SCAN = "no_scan"  # neither a PDF nor a picture


def completeness(read_at: ReadAt, size: int) -> Completeness:
    """What a file of ``size`` bytes tells of itself."""
    if size <= 0:
        return Completeness.EMPTY

    def within(at: int, most: int) -> bytes:
        return read_at(at, most) if 0 <= at < size else b""

    head = within(0, HEAD)
    for fits, judge in _FORMATS:
        if fits(head):
            return judge(within, size, head)
    return Completeness.CUT if _may_become(head, size) else Completeness.NO_SCAN


def _pdf(read_at: ReadAt, size: int, head: bytes) -> Completeness:
    tail = read_at(max(0, size - TAIL), TAIL).rstrip(PADDING)
    if not tail:
        return Completeness.CUT
    if (told := _LINEAR.search(head)) and int(told[1] or told[2]) > size:
        return Completeness.CUT
    if not tail.endswith(b"%%EOF"):
        # Some programs append a line of their own; what is being written breaks off in the middle of a picture.
        after = tail.rpartition(b"%%EOF")
        return Completeness.UNSURE if after[1] and len(after[2]) < HEAD else Completeness.CUT
    ends = list(_END_OF_PDF.finditer(tail))
    if not ends or ends[-1].end() != len(tail):
        return Completeness.UNSURE
    # Offsets count from "%PDF-", before which a printer may have put its own words.
    at, shift = int(ends[-1][1]), head.index(b"%PDF-")
    if at > size:
        return Completeness.UNSURE
    found = any(_XREF.match(read_at(place, 64)) for place in {at, at + shift})
    return Completeness.WHOLE if found else Completeness.UNSURE


def _jpeg(read_at: ReadAt, size: int, _head: bytes) -> Completeness:
    picture = _jpeg_picture(read_at, size)
    if picture is None:
        return Completeness.UNSURE
    if picture >= size:
        return Completeness.CUT
    start = max(picture, size - TAIL)
    tail = read_at(start, TAIL).rstrip(PADDING)
    if tail.endswith(b"\xff\xd9"):
        return Completeness.WHOLE
    # Telephones append a film or a second picture after the first one's end.
    return Completeness.UNSURE if b"\xff\xd9" in tail else Completeness.CUT


def _jpeg_picture(read_at: ReadAt, size: int) -> int | None:
    """Where the picture itself begins, after all that may hold a small one with an end of its own; ``size`` or more:
    not in the file yet; None: nobody can tell.
    """
    at = 2
    for _ in range(MAX_MARKERS):
        mark = read_at(at, 4)
        if len(mark) < 4:
            return size
        if mark[0] != 0xFF:
            return None
        if mark[1] == 0xFF:
            at += 1
        elif mark[1] in _BARE:
            at += 2
        elif mark[1] == 0xDA:
            return at + 2 + int.from_bytes(mark[2:4], "big")
        else:
            at += 2 + max(2, int.from_bytes(mark[2:4], "big"))
    return None


def _png(read_at: ReadAt, size: int, _head: bytes) -> Completeness:
    if read_at(max(0, size - 12), 12) == b"\0\0\0\0IEND\xaeB`\x82":
        return Completeness.WHOLE
    at = 8
    for _ in range(MAX_CHUNKS):
        chunk = read_at(at, 8)
        if len(chunk) < 8:
            return Completeness.CUT
        if not chunk[4:].isalpha():
            return Completeness.CUT if not any(chunk) else Completeness.UNSURE
        at += 12 + int.from_bytes(chunk[:4], "big")
        if at > size:
            return Completeness.CUT
        if chunk[4:] == b"IEND":
            return Completeness.WHOLE
    return Completeness.UNSURE


def _gif(read_at: ReadAt, size: int, _head: bytes) -> Completeness:
    tail = read_at(max(0, size - TAIL), TAIL).rstrip(PADDING)
    if tail.endswith(b";"):
        return Completeness.WHOLE if size > 20 else Completeness.CUT
    return Completeness.CUT


def _webp(read_at: ReadAt, size: int, head: bytes) -> Completeness:
    told = int.from_bytes(head[4:8], "little")
    if not told:
        return Completeness.CUT
    return _solid(read_at, size, told + 8)


def _bmp(read_at: ReadAt, size: int, head: bytes) -> Completeness:
    told = int.from_bytes(head[2:6], "little")
    if told < 26:  # some programs never say
        return Completeness.UNSURE
    return _solid(read_at, size, told)


def _tiff(read_at: ReadAt, size: int, head: bytes) -> Completeness:
    furthest = {True: 0, False: 0}
    try:
        for end, needed in _tiff_ends(read_at, head):
            furthest[needed] = max(furthest[needed], end)
    except _Odd:
        return Completeness.UNSURE
    except struct.error:  # a directory, or what it points to, is not there
        return Completeness.CUT
    if not furthest[True]:
        return Completeness.CUT
    solid = _solid(read_at, size, furthest[True])
    return Completeness.UNSURE if solid is Completeness.WHOLE and furthest[False] > size else solid


class _Odd(Exception):
    """A TIFF that is built as none should be."""


def _tiff_ends(read_at: ReadAt, head: bytes) -> Iterator[tuple[int, bool]]:
    """Where each thing ends that the directories name, and whether the pages cannot be shown without it."""
    order = "<" if head[:2] == b"II" else ">"
    big = head[2:4] in (b"+\0", b"\0+")
    word, count_of, entry = ("Q", "Q", 20) if big else ("I", "H", 12)
    wide = struct.calcsize(order + word)
    (at,) = struct.unpack_from(order + word, head, 8 if big else 4)
    seen: set[int] = set()
    values_left = MAX_VALUES
    while at:
        if at in seen or len(seen) >= MAX_DIRECTORIES:
            raise _Odd
        seen.add(at)
        (entries,) = struct.unpack(order + count_of, read_at(at, struct.calcsize(order + count_of)))
        if not entries or entries > MAX_ENTRIES:
            raise _Odd
        at += struct.calcsize(order + count_of)
        block = read_at(at, entries * entry + wide)
        (following,) = struct.unpack_from(order + word, block, entries * entry)
        yield at + entries * entry + wide, True
        tables: dict[int, tuple[int, ...]] = {}
        for number in range(entries):
            tag, kind, count = struct.unpack_from(order + "HH" + word, block, number * entry)
            place, far = number * entry + 4 + wide, count * _SIZE.get(kind, 0) > wide
            inline = block[place : place + wide]
            needed = tag in _OFFSETS + _COUNTS
            if needed:
                values_left -= count
                if kind not in _CODE or values_left < 0:
                    raise _Odd
            if far:
                (where,) = struct.unpack(order + word, inline)
                yield where + count * _SIZE[kind], needed
                inline = read_at(where, count * _SIZE[kind]) if needed else b""
            if needed:
                tables[tag] = struct.unpack_from(f"{order}{count}{_CODE[kind]}", inline)
        for offsets, counts in zip(_OFFSETS, _COUNTS, strict=True):
            yield from ((o + c, True) for o, c in zip(tables.get(offsets, ()), tables.get(counts, ()), strict=False))
        at = following


def _solid(read_at: ReadAt, size: int, end: int) -> Completeness:
    """Of a file that says where it ends: whether it reaches so far, with something in its last bytes."""
    if end > size:
        return Completeness.CUT
    last = read_at(max(0, size - HOLLOW), HOLLOW)
    return Completeness.WHOLE if any(last) or size < HOLLOW else Completeness.UNSURE


def _may_become(head: bytes, size: int) -> bool:
    """Whether so few bytes, or none but zeros, may still become a scan."""
    if not head.strip(b"\0"):
        return True
    return size < 16 and any(start.startswith(head[: len(start)]) or head.startswith(start) for start in _STARTS)


def _is_webp(head: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


def _is_bmp(head: bytes) -> bool:
    return head.startswith(b"BM") and len(head) > 18 and head[14] in (12, 40, 52, 56, 64, 108, 124)


_TIFFS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_STARTS = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", *_TIFFS, b"RIFF", b"BM")
_FORMATS: tuple[tuple[Callable[[bytes], bool], Callable[[ReadAt, int, bytes], Completeness]], ...] = (
    (lambda head: b"%PDF-" in head, _pdf),
    (lambda head: head.startswith(b"\xff\xd8\xff"), _jpeg),
    (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), _png),
    (lambda head: head.startswith((b"GIF87a", b"GIF89a")), _gif),
    (lambda head: head.startswith(_TIFFS), _tiff),
    (_is_webp, _webp),
    (_is_bmp, _bmp),
)
