"""Bytes spoilt as a bad line, a bad disk or a bad person would: flipped, cut, doubled, numbers replaced."""

from __future__ import annotations

import re
from random import Random

__all__ = ["ODD_NUMBERS", "odd_number", "spoilt"]

ODD_NUMBERS = (
    b"0",
    b"1",
    b"-1",
    b"2",
    b"7",
    b"255",
    b"256",
    b"65535",
    b"65536",
    b"2147483647",
    b"2147483648",
    b"-2147483648",
    b"4294967295",
    b"4294967296",
    b"9223372036854775807",
    b"18446744073709551616",
    b"99999999999999999999999999",
    b"0.0000000001",
    b"1e308",
    b"nan",
    b"-0",
    b"3.4028236e38",
    b"1000000",
    b"--5",
    b"+.",
    b"1.2.3",
)
NUMBER = re.compile(rb"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")


def odd_number(rng: Random) -> bytes:
    """A number that few programs expect."""
    return rng.choice(ODD_NUMBERS)


def spoilt(data: bytes, rng: Random, *, times: int | None = None) -> bytes:
    """``data`` with a few faults put in."""
    for _ in range(rng.choice((1, 1, 2, 3, 8)) if times is None else times):
        data = rng.choice(_WAYS)(data, rng)
    return data


def _flipped(data: bytes, rng: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 2, 8, 64))):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _overwritten(data: bytes, rng: Random) -> bytes:
    at, width = rng.randrange(len(data) + 1), rng.choice((1, 2, 4, 8))
    value = rng.choice((b"\x00", b"\xff", b"\x7f", b"\x80")) * width
    return data[:at] + value + data[at + width :]


def _cut(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _hole(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.choice((1, 2, 16, 256, 4096)) :]


def _doubled(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    piece = data[at : at + rng.choice((1, 16, 512, 8192))]
    return data[:at] + piece * rng.choice((2, 3, 50)) + data[at:]


def _junk(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.choice((1, 4, 64, 2000))) + data[at:]


def _swapped(data: bytes, rng: Random) -> bytes:
    a, b = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    return data[b:] + data[a:b] + data[:a]


def _numbered(data: bytes, rng: Random) -> bytes:
    """One number of the text in it replaced (a length, a size, an offset)."""
    found = list(NUMBER.finditer(data))
    if not found:
        return _overwritten(data, rng)
    one = rng.choice(found)
    return data[: one.start()] + odd_number(rng) + data[one.end() :]


_WAYS = (_flipped, _flipped, _overwritten, _cut, _hole, _doubled, _junk, _swapped, _numbered, _numbered, _numbered)
