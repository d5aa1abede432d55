"""How rows are packed and unpacked (压缩): readings, judgements, records."""

from __future__ import annotations

import zlib

from pipeline.errors import StoreTrouble

__all__ = ["if_whole", "packed", "quickly_packed", "unpacked_record"]


def packed(data: bytes) -> bytes:
    """As readings and judgements are kept."""
    return zlib.compress(data, 6)


def quickly_packed(data: bytes) -> bytes:
    """As records are kept: a third of a second for 100,000, and harder packing saves a tenth."""
    return zlib.compress(data, 1)


def if_whole(kept: bytes | None) -> bytes | None:
    """What was packed; None where there is nothing, or its bytes were damaged."""
    try:
        return zlib.decompress(kept) if kept else None
    except zlib.error:
        return None


def unpacked_record(kept: bytes) -> bytes | None:
    """What was packed of a record; None where there is nothing.

    :raises StoreTrouble: its bytes were damaged: an applicant without a record would be accused of having none
    """
    try:
        return zlib.decompress(kept) if kept else None
    except zlib.error as error:
        raise StoreTrouble(
            "the online records kept in the store are damaged: restore the last backup (yanzhang restore), "
            "then run the same command again"
        ) from error
