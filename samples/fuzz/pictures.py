"""Hostile pictures: TIFF, JPEG, PNG, WebP, GIF and BMP whose parts lie about each other."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from random import Random

from PIL import Image, ImageDraw

from samples.fuzz.spoil import spoilt

__all__ = ["hostile_bmp", "hostile_gif", "hostile_jpeg", "hostile_png", "hostile_tiff", "hostile_webp"]

SIZES = (0, 1, 31, 32, 90, 120, 5_000, 30_000, 65_535)
WHOLE = (0, 1, 2, 8, 255, 65_535, 65_536, 2**24, 2**31 - 1, 2**31, 2**32 - 1)


@cache
def _drawn(mode: str) -> Image.Image:
    page = Image.new("RGB", (90, 120), "white")
    pen = ImageDraw.Draw(page)
    pen.rectangle((8, 8, 80, 110), outline="black", width=2)
    pen.ellipse((30, 50, 70, 90), outline="red", width=3)
    pen.text((12, 14), "No. 12345", fill="black")
    return page.convert(mode)


@cache
def _saved(kind: str, mode: str, *options: tuple[str, object]) -> bytes:
    out = io.BytesIO()
    _drawn(mode).save(out, kind, **dict(options))
    return out.getvalue()


# --------------------------------------------------------------------------------------------------------- TIFF


def hostile_tiff(rng: Random) -> bytes:
    """Directories written by hand; their entries and their order may say anything."""
    if rng.random() < 0.3:
        coding = rng.choice(("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"))
        mode = "1" if rng.random() < 0.3 else "RGB"
        coding = rng.choice(("group3", "group4")) if mode == "1" else coding
        return spoilt(_saved("TIFF", mode, ("compression", coding), ("dpi", (200, 200))), rng)
    big = rng.random() < 0.5
    order = ">" if big else "<"
    count = rng.choice((1, 1, 2, 5, 60))
    pixels = rng.randbytes(90 * 120)
    at, out = 8 + len(pixels), bytearray()
    for number in range(count):
        entries = _entries(rng, pixels)
        body = struct.pack(order + "H", len(entries) if rng.random() < 0.95 else rng.choice((0, 4000, 65535)))
        for tag, kind, length, value in sorted(entries):
            packed = struct.pack(order + "HHI", tag, kind, length)
            body += packed + (
                struct.pack(order + "HH", value & 0xFFFF, 0) if kind == 3 else struct.pack(order + "I", value)
            )
        following = at + len(out) + len(body) + 4
        last = 0 if rng.random() < 0.5 else rng.choice((8, at, at + len(out), 2**32 - 1))
        out += body + struct.pack(order + "I", following if number < count - 1 else last)
    mark = b"MM\x00*" if big else b"II*\x00"
    data = mark + struct.pack(order + "I", at) + pixels + bytes(out)
    return spoilt(data, rng, times=1) if rng.random() < 0.2 else data


def _entries(rng: Random, pixels: bytes) -> list[tuple[int, int, int, int]]:
    """Tag, type, count, value; a plain grey picture first, then one to three of them replaced."""
    plain = {256: 90, 257: 120, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 120, 279: len(pixels)}
    entries = {tag: (tag, 4 if tag in (273, 279) else 3, 1, value) for tag, value in plain.items()}
    codings = (1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946, 34661, 34712, 34925, 50000, 50001, 9)
    for _ in range(rng.choice((1, 1, 2, 4))):
        tag, value = rng.choice(
            (
                (256, rng.choice(SIZES)),
                (257, rng.choice(SIZES)),
                (258, rng.choice((0, 1, 2, 4, 12, 16, 32, 64))),
                (259, rng.choice(codings)),
                (262, rng.choice((0, 2, 3, 5, 6, 8, 32844, 99))),
                (266, 2),
                (273, rng.choice(WHOLE)),
                (274, rng.choice((0, 3, 6, 8, 9))),
                (277, rng.choice((0, 2, 3, 4, 5, 100))),
                (278, rng.choice((0, 1, 65535))),
                (279, rng.choice(WHOLE)),
                (282, 8),
                (283, 8),
                (284, rng.choice((1, 2, 3))),
                (296, rng.choice((1, 2, 3, 9))),
                (317, rng.choice((2, 3, 9))),
                (322, rng.choice(SIZES)),
                (323, rng.choice(SIZES)),
                (324, 8),
                (325, 100),
                (330, rng.choice((8, 10_000))),
                (338, 2),
                (339, rng.choice((2, 3, 6))),
                (320, 8),
                (34665, 8),
                (34675, 8),
                (347, 8),
            )
        )
        kind = rng.choice((3, 4, 3, 4, 1, 2, 5, 7, 12, 13, 16, 99))
        entries[tag] = (tag, kind, rng.choice((1, 1, 1, 3, 0, 2**31)), value)
    return list(entries.values())


# --------------------------------------------------------------------------------------------------------- JPEG


def hostile_jpeg(rng: Random) -> bytes:
    """Segments changed one by one; scans repeated; EXIF that is none."""
    mode = rng.choice(("RGB", "L", "CMYK"))
    data = _saved("JPEG", mode, ("progressive", rng.random() < 0.5), ("quality", 60))
    if rng.random() < 0.3:
        return spoilt(data, rng)
    return rng.choice((_sizes_lie, _scans_again, _exif_junk, _segments_lie, _marked))(data, rng)


def _segments(data: bytes) -> list[tuple[int, bytes]]:
    """Marker and payload of each segment up to the first scan; the rest as one with marker 0."""
    found, at = list[tuple[int, bytes]](), 2
    while at + 4 <= len(data) and data[at + 1] != 0xDA:
        length = struct.unpack(">H", data[at + 2 : at + 4])[0]
        found.append((data[at + 1], data[at + 4 : at + 2 + length]))
        at += 2 + length
    return [*found, (0, data[at:])]


def _joined(segments: list[tuple[int, bytes]]) -> bytes:
    parts = [b"\xff\xd8"]
    for marker, body in segments:
        parts.append(struct.pack(">BBH", 0xFF, marker, (len(body) + 2) & 0xFFFF) + body if marker else body)
    return b"".join(parts)


def _sizes_lie(data: bytes, rng: Random) -> bytes:
    frames = {0xC0, 0xC1, 0xC2}
    changed = []
    for marker, body in _segments(data):
        if marker in frames and len(body) > 6:
            depth, components = rng.choice((8, 8, 12, 16, 0)), rng.choice((body[5], body[5], 1, 2, 4, 200))
            head = struct.pack(">BHHB", depth, rng.choice(SIZES), rng.choice(SIZES), components)
            marker, body = (
                rng.choice((marker, marker, 0xC3, 0xC9, 0xCF)),
                head + spoilt(body[6:], rng, times=rng.choice((0, 1))),
            )
        changed.append((marker, body))
    return _joined(changed)


def _scans_again(data: bytes, rng: Random) -> bytes:
    """A progressive picture whose scans come again and again: each costs a pass over the whole of it."""
    first = data.find(b"\xff\xda")
    return data[:-2] + data[first:-2] * rng.choice((2, 30, 200)) + data[-2:]


def _exif_junk(data: bytes, rng: Random) -> bytes:
    turn = struct.pack(
        "<HHII", 0x0112, rng.choice((3, 4, 2, 12)), rng.choice((1, 0, 1000)), rng.choice((0, 3, 6, 9, 2**31))
    )
    dots = struct.pack("<HHII", 0x011A, 5, 1, rng.choice((0, 8, 38, 10**6)))
    unit = struct.pack("<HHII", 0x0128, 3, 1, rng.choice((0, 2, 3, 9)))
    link = struct.pack("<HHII", 0x8769, 4, 1, rng.choice((8, 0, 2**31)))
    body = (
        b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + struct.pack("<H", rng.choice((4, 0, 999))) + turn + dots + unit + link
    )
    body += struct.pack("<III", rng.choice((0, 8)), rng.choice((0, 1, 2**32 - 1)), rng.choice((0, 1)))
    segments = [s for s in _segments(data) if s[0] != 0xE0]
    head = (
        0xE0,
        b"JFIF\x00\x01\x02"
        + struct.pack(">BHHBB", rng.choice((0, 1, 2, 9)), *rng.choices((0, 1, 200, 65535), k=2), 0, 0),
    )
    exif = (0xE1, body if rng.random() < 0.7 else spoilt(body, rng))
    return _joined([*rng.sample([head, exif], 2), *segments])


def _segments_lie(data: bytes, rng: Random) -> bytes:
    segments = _segments(data)
    at = rng.randrange(len(segments))
    marker, body = segments[at]
    segments[at] = (marker, spoilt(body, rng, times=1)) if marker else (0, spoilt(body, rng))
    if rng.random() < 0.3:
        segments.insert(
            rng.randrange(len(segments)),
            (rng.choice((0xDD, 0xDB, 0xC4, 0xFE, 0xE2, 0xEE)), rng.randbytes(rng.randrange(300))),
        )
    return _joined(segments)


def _marked(data: bytes, rng: Random) -> bytes:
    at = data.find(b"\xff\xda") + rng.randrange(20, 400)
    return data[:at] + bytes((0xFF, rng.choice((0xD0, 0xD7, 0xD8, 0xD9, 0xC4, 0xDA, 0x01)))) + data[at:]


# ---------------------------------------------------------------------------------------------------------- PNG


def hostile_png(rng: Random) -> bytes:
    """Chunks with right checksums and wrong contents."""
    if rng.random() < 0.25:
        return spoilt(_saved("PNG", rng.choice(("RGB", "L", "P", "1", "RGBA", "I;16"))), rng)
    odd = (rng.choice((1, 2, 4, 8, 16, 3, 0)), rng.choice((0, 2, 3, 4, 6, 1, 9)))
    depth, colour = rng.choice(((8, 2), (1, 0), (4, 3), (8, 6), (16, 0), (16, 2), (8, 4), odd))
    width, height = (rng.choice(SIZES) if rng.random() < 0.3 else side for side in (90, 120))
    pixels = rng.choice(
        (bytes(120 * 400), bytes(rng.randrange(100_000)), rng.randbytes(120 * 361), b"", bytes(3_000_000))
    )
    body = rng.choice((zlib.compress(pixels), zlib.compress(pixels)[:-9], rng.randbytes(60)))
    extra = [
        (b"PLTE", rng.randbytes(rng.choice((3, 768, 5, 3000)))),
        (b"tRNS", rng.randbytes(rng.choice((1, 2, 6, 300)))),
        (b"pHYs", struct.pack(">IIB", rng.choice(WHOLE), rng.choice(WHOLE), rng.choice((0, 1, 9)))),
        (b"iCCP", b"x\x00\x00" + zlib.compress(bytes(rng.choice((10, 20_000_000))))),
        (b"zTXt", b"k\x00\x00" + zlib.compress(bytes(rng.choice((10, 20_000_000))))),
        (b"iTXt", b"k\x00\x01\x00\x00\x00" + zlib.compress(bytes(100))),
        (b"eXIf", rng.randbytes(40)),
        (b"gAMA", b"\x00" * 3),
        (b"acTL", struct.pack(">II", rng.choice(WHOLE), 0)),
        (b"fcTL", rng.randbytes(26)),
        (b"IHDR", rng.randbytes(13)),
        (b"fdAT", rng.randbytes(30)),
        (b"cHRM", rng.randbytes(31)),
        (b"\x00\xff\x00\x00", b"x"),
    ]
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, rng.choice((0, 1, 7))))]
    chunks += rng.sample(extra, rng.randrange(5))
    chunks += [(b"IDAT", body), *rng.sample(extra, rng.randrange(2)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


# ------------------------------------------------------------------------------------------------ WebP, GIF, BMP


def hostile_webp(rng: Random) -> bytes:
    """A canvas that lies around pictures that are there, or not."""
    data = _saved("WEBP", rng.choice(("RGB", "RGBA")), ("lossless", rng.random() < 0.5))
    if rng.random() < 0.4:
        return spoilt(data, rng)
    sides = [(rng.choice((1, 90, 120, 16_384, 2**24)) - 1).to_bytes(3, "little") for _ in range(2)]
    head = _riff(b"VP8X", bytes((rng.choice((0, 2, 0x10, 0x3E, 0xFF)), 0, 0, 0)) + b"".join(sides))
    frame = _riff(b"ANMF", rng.randbytes(16) + data[12:])
    parts = [
        _riff(b"ANIM", b"\x00" * 6),
        frame * rng.choice((1, 40)),
        data[12:],
        _riff(b"EXIF", rng.randbytes(30)),
        _riff(b"ICCP", b"x" * 9),
    ]
    body = b"WEBP" + head + b"".join(rng.sample(parts, rng.randrange(1, 5)))
    return b"RIFF" + struct.pack("<I", rng.choice((len(body), 0, 2**32 - 1))) + body


def _riff(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2)


def hostile_gif(rng: Random) -> bytes:
    """Screens and frames of any size, codes that lead nowhere."""
    if rng.random() < 0.4:
        return spoilt(_saved("GIF", "P"), rng)
    out = b"GIF89a" + struct.pack("<HHBBB", rng.choice(SIZES), rng.choice(SIZES), rng.choice((0x80, 0xF7, 0)), 0, 0)
    out += rng.randbytes(rng.choice((6, 768)))
    for _ in range(rng.choice((1, 3, 300))):
        out += b"!\xf9\x04" + rng.randbytes(4) + b"\x00" if rng.random() < 0.5 else b""
        box = [rng.choice((0, 1, 90, 120, 65_535)) for _ in range(4)]
        coded = rng.randbytes(rng.randrange(255))
        out += (
            b"," + struct.pack("<HHHHB", *box, rng.choice((0, 0x40, 0x87))) + bytes((rng.choice((2, 8, 0, 12, 200)),))
        )
        out += bytes((len(coded),)) + coded + b"\x00"
    return out + b";"


def hostile_bmp(rng: Random) -> bytes:
    """Headers of every length, planes and bits that do not exist, rows from below."""
    if rng.random() < 0.3:
        return spoilt(_saved("BMP", rng.choice(("RGB", "L", "1"))), rng)
    head = rng.choice((12, 40, 52, 56, 64, 108, 124))
    sides = [rng.choice((90, -120, 120, 0, 30_000, -1, 2**31 - 1, -(2**31))) for _ in range(2)]
    bits, coding = rng.choice((1, 2, 4, 8, 16, 24, 32, 0, 3)), rng.choice((0, 1, 2, 3, 4, 5, 9))
    if head == 12:
        info = struct.pack("<IHHHH", 12, sides[0] & 0xFFFF, sides[1] & 0xFFFF, 1, bits)
    else:
        told = [rng.choice(WHOLE) for _ in range(3)]
        info = struct.pack(
            "<IiiHHIIiiII",
            head,
            *sides,
            1,
            bits,
            coding,
            told[0],
            *rng.choices((0, 1, 7874, -1, 2**31 - 1), k=2),
            *told[1:],
        )
        info += rng.randbytes(head - 40) if head > 40 else b""
    offset = rng.choice((14 + len(info), 0, 2**31, 14))
    return (
        b"BM"
        + struct.pack("<IHHI", rng.choice((0, 2**32 - 1)), 0, 0, offset)
        + info
        + rng.randbytes(rng.randrange(20_000))
    )
