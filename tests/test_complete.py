"""Whether a file is written to its end: whole ones are, no beginning of one is, and no stranger's bytes do harm."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline.intake.complete import HOLLOW, Completeness, completeness

DEMO = Path(__file__).parent.parent / "samples" / "demo" / "batch"
MOST_READS, MOST_BYTES = 60_000, 64_000_000


def told(data: bytes) -> Completeness:
    return completeness(lambda at, most: data[at : at + most], len(data))


def picture(seed: int = 1, size: tuple[int, int] = (200, 150)) -> Image.Image:
    return Image.frombytes("RGB", size, Random(seed).randbytes(3 * size[0] * size[1]))


def saved(kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    picture().save(out, kind, **how)
    return out.getvalue()


def pdf(*, pages: int = 3, **how: object) -> bytes:
    with pymupdf.open() as file:
        for number in range(pages):
            page = file.new_page()
            page.insert_image(page.rect, stream=saved("JPEG", quality=60 + number))
        data: bytes = file.tobytes(**how)
        return data


def many_tiff(**how: object) -> bytes:
    out = io.BytesIO()
    pages = [picture(seed) for seed in range(4)]
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], **how)
    return out.getvalue()


MAKERS: dict[str, Callable[[], bytes]] = {
    "pdf": pdf,
    "pdf of objects": lambda: pdf(use_objstms=1, deflate=True),
    "pdf after words of a printer": lambda: b"@PJL SET\n" + pdf(),
    "jpeg": lambda: saved("JPEG"),
    "jpeg, progressive": lambda: saved("JPEG", progressive=True),
    "jpeg with a small one in it": lambda: saved("JPEG", exif=b"Exif\0\0" + saved("JPEG", quality=1)[:60_000]),
    "png": lambda: saved("PNG"),
    "tiff": lambda: saved("TIFF"),
    "tiff of pages": many_tiff,
    "tiff, packed": lambda: many_tiff(compression="tiff_lzw"),
    "tiff, big": lambda: many_tiff(big_tiff=True),
    "webp": lambda: saved("WEBP"),
    "webp, lossless": lambda: saved("WEBP", lossless=True),
    "bmp": lambda: saved("BMP"),
}


@cache
def made(kind: str) -> bytes:
    return MAKERS[kind]()


@pytest.mark.parametrize("kind", MAKERS)
def test_what_is_whole_is_whole_and_none_of_its_beginnings_is(kind: str) -> None:
    data = made(kind)
    assert told(data) is Completeness.WHOLE
    assert told(data + b"\0" * 700) is Completeness.WHOLE
    rng = Random(kind)
    ends = {*range(1, 40), *(len(data) - n for n in range(1, 60)), *(rng.randrange(1, len(data)) for _ in range(300))}
    # Without the padding or the break of line after its last word it is whole.
    found = {end for end in ends if told(data[:end]) is Completeness.WHOLE and data[end:].strip(b"\0\r\n")}
    assert found == set()


@pytest.mark.parametrize("kind", MAKERS)
def test_room_that_is_reserved_and_not_filled_is_not_whole(kind: str) -> None:
    data, rng = made(kind), Random(kind)
    for end in (rng.randrange(1, len(data) - HOLLOW) for _ in range(100)):
        assert told(data[:end] + b"\0" * (len(data) - end)) is not Completeness.WHOLE, end


@pytest.mark.parametrize("path", sorted(p for p in DEMO.rglob("*") if p.is_file()), ids=lambda p: p.name)
def test_scans_of_the_demo_set_are_whole(path: Path) -> None:
    assert told(path.read_bytes()) is Completeness.WHOLE


def test_a_gif_is_whole_by_its_last_byte() -> None:
    data = saved("GIF")
    assert told(data) is Completeness.WHOLE
    assert told(data[:-1] if data[-2] != 0x3B else data[:-2]) is Completeness.CUT


def test_a_pdf_that_is_written_over_the_web_is_whole_at_the_length_it_tells() -> None:
    """Linearized: an end stands near its beginning, too."""
    data = b"%PDF-1.7\n1 0 obj\n<</Linearized 1/L 900/O 5>>\nendobj\nxref\n0 1\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n"
    assert told(data) is Completeness.CUT
    assert told(data.replace(b"/L 900", b"/L  90").replace(b"startxref\n0", b"startxref\n51")) is Completeness.WHOLE


def test_what_other_programs_append_or_get_wrong_is_not_called_cut() -> None:
    assert told(made("pdf") + b"% stamped by a server\n") is Completeness.UNSURE
    assert told(made("jpeg") + b"a film of two seconds") is Completeness.UNSURE
    assert told(made("png") + b"a word of the scanner") is Completeness.WHOLE
    wrong = made("pdf").rpartition(b"startxref")[0] + b"startxref\n7\n%%EOF\n"
    assert told(wrong) is Completeness.UNSURE


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", Completeness.EMPTY),
        (b"\0" * 5000, Completeness.CUT),  # reserved, nothing written yet
        (b"%PD", Completeness.CUT),
        (b"\xff\xd8", Completeness.CUT),
        (b"RIFF\0\0\0\0", Completeness.CUT),
        (b"II*\0\0\0\0\0", Completeness.CUT),  # libtiff patches where the first directory lies in at the end
        (b"hello, this is a note", Completeness.NO_SCAN),
        (b"PK\x03\x04" + b"x" * 100, Completeness.NO_SCAN),
    ],
)
def test_beginnings(data: bytes, says: Completeness) -> None:
    assert told(data) is says


def test_a_tiff_that_runs_in_a_circle_is_unsure() -> None:
    first = b"II*\0\x08\0\0\0" + b"\x01\0" + b"\0\x01\x03\0\x01\0\0\0\x05\0\0\0" + b"\x08\0\0\0"
    assert told(first) is Completeness.UNSURE


@given(
    kind=st.sampled_from(sorted(MAKERS)),
    edits=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=12)), max_size=6),
    near=st.booleans(),
    length=st.floats(0, 1),
)
@settings(max_examples=300)
def test_no_bytes_cost_more_than_their_bound(
    kind: str, edits: list[tuple[float, bytes]], near: bool, length: float
) -> None:
    data = bytearray(made(kind)[: max(1, round(length * len(made(kind))))])
    for place, new in edits:
        at = round(place * min(len(data), 600 if near else len(data)))
        data[at : at + len(new)] = new
    reads = [0, 0]

    def read_at(at: int, most: int) -> bytes:
        assert 0 <= at < len(data)
        got = bytes(data[at : at + most])
        reads[0] += 1
        reads[1] += len(got)
        return got

    assert completeness(read_at, len(data)) in Completeness
    assert reads[0] <= MOST_READS
    assert reads[1] <= MOST_BYTES


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II+\0", b"MM\0*"])
)
@settings(max_examples=300)
def test_any_bytes_get_an_answer(data: bytes, start: bytes) -> None:
    assert told(start + data) in Completeness
