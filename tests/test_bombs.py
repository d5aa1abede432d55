"""Bombs and tricks: each costs itself only, within the bounds of a page, and does nothing but be looked at."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.errors import CostlyScan, UnreadableScan
from pipeline.intake.decoders import decode
from pipeline.intake.open import open_scan
from pipeline.settings import Bounds
from samples.fuzz.prober import Prober, Told
from samples.fuzz.raw_pdf import RawPdf
from tests import bombs

pytestmark = pytest.mark.slow

PAGE_SECONDS = 2
BOUNDS = Bounds(page_seconds=PAGE_SECONDS, page_memory=1_500_000_000)


@pytest.fixture(scope="module")
def prober() -> Iterator[Prober]:
    asked = Prober(page_seconds=PAGE_SECONDS)
    yield asked
    asked.end()


def told(prober: Prober, folder: Path, data: bytes, name: str) -> Told:
    path = folder / name
    path.write_bytes(data)
    return prober.asked(path, "file")


# ---------------------------------------------------------------------------------------------------- pictures


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (bombs.png, "a.png"),
        (bombs.tiff, "a.tif"),
        (bombs.jpeg, "a.jpg"),
        (bombs.bmp, "a.bmp"),
        (bombs.webp, "a.webp"),
        (bombs.gif_of_a_frame, "a.gif"),
    ],
)
def test_pictures_of_thirty_thousand_pixels_are_refused_by_their_size(
    make: Callable[[], bytes], name: str, prober: Prober, tmp_path: Path
) -> None:
    data = make()
    assert len(data) < 60_000
    what = told(prober, tmp_path, data, name)
    assert what.verdict == "refused"
    assert "pixels" in what.says


def test_a_gif_of_thousands_of_frames_is_its_first(prober: Prober, tmp_path: Path) -> None:
    assert told(prober, tmp_path, bombs.gif(5_000), "a.gif").verdict == "ok"


def test_a_hundred_thousand_directories_are_not_counted_to_their_end(prober: Prober, tmp_path: Path) -> None:
    what = told(prober, tmp_path, bombs.tiff_of_directories(100_000), "a.tif")
    assert what.verdict == "refused"
    assert "more than 2000 pages" in what.says


def test_directories_in_a_circle_end(prober: Prober, tmp_path: Path) -> None:
    assert told(prober, tmp_path, bombs.tiff_in_a_circle(), "a.tif").verdict == "ok"


def test_a_progressive_picture_of_endless_scans_costs_itself_only(prober: Prober, tmp_path: Path) -> None:
    what = told(prober, tmp_path, bombs.jpeg_of_scans(), "a.jpg")
    assert what.verdict == "costly"
    assert f"longer than {PAGE_SECONDS} s" in what.says


# -------------------------------------------------------------------------------------------------------- PDFs


@pytest.mark.parametrize("make", [bombs.pdf_of_pages, bombs.pdf_of_page_objects, bombs.pdf_that_says_pages])
def test_a_hundred_thousand_pages_are_refused(make: Callable[[int], bytes], prober: Prober, tmp_path: Path) -> None:
    what = told(prober, tmp_path, make(100_000), "a.pdf")
    assert what.verdict == "refused"


def test_a_hundred_thousand_pages_that_are_there_are_told(prober: Prober, tmp_path: Path) -> None:
    assert "100000 pages" in told(prober, tmp_path, bombs.pdf_of_page_objects(100_000), "a.pdf").says


def test_a_page_of_fourteen_thousand_inches_is_shown_small(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(bombs.pdf_of_inches(14_400))
    with open_scan(path, bounds=BOUNDS) as scan:
        assert max(scan.image(0).shape) <= 5_000
        assert scan.dpi(0) is None


@pytest.mark.parametrize(
    "make",
    [
        bombs.pdf_huge_image,
        bombs.pdf_lying_jpeg,
        lambda: bombs.pdf_lying_jpeg(content=bombs.WHOLE_PAGE + b" BT /F1 9 Tf 20 20 Td (x) Tj ET"),
    ],
)
def test_a_picture_in_a_pdf_is_refused_by_the_larger_of_the_sizes_told(
    make: Callable[[], bytes], prober: Prober, tmp_path: Path
) -> None:
    what = told(prober, tmp_path, make(), "a.pdf")
    assert what.verdict == "refused"
    assert "holds a picture of" in what.says


BOMBS: dict[str, Callable[[], bytes]] = {
    "content": lambda: bombs.pdf_content_bomb(1024),
    "nested filters": bombs.pdf_nested_filters,
    "inline image": bombs.pdf_huge_inline_image,
    "two hundred images": bombs.pdf_many_images,
    "object stream": bombs.pdf_object_stream_bomb,
    "ten million operators": bombs.pdf_operators,
    "three million letters": bombs.pdf_letters,
    "nested forms": bombs.pdf_nested_forms,
    "tiles": lambda: bombs.pdf_pattern(b"0.01"),
    "slow shading": lambda: bombs.pdf_shading(200),
    "patches": bombs.pdf_mesh,
    "masks of masks": bombs.pdf_soft_masks,
    "jbig2": bombs.pdf_jbig2,
    "jpx": bombs.pdf_jpx,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_stay_within_the_bounds_of_a_page(name: str, prober: Prober, tmp_path: Path) -> None:
    what = told(prober, tmp_path, BOMBS[name](), "a.pdf")
    assert what.verdict in ("ok", "refused", "costly"), what


TEXT_BOMBS: dict[str, Callable[[], bytes]] = {
    "four thousand million characters": lambda: bombs.pdf_unicode_bomb(
        b"1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange"
    ),
    "characters by code": lambda: bombs.pdf_unicode_bomb(b"1 begincidrange <00000000> <FFFFFFFF> 0 endcidrange"),
    "a table of 300 MB": lambda: bombs.pdf_unicode_bomb(bytes(300 << 20)),
    "a table that breaks off": lambda: bombs.pdf_broken_table(2 << 20),
    "a reference to itself": bombs.pdf_circle,
    "junk for a font": lambda: bombs.pdf_font(b"FontFile2", b"\0\1\0\0\xff\xff" + b"glyf" * 5000),
    "brackets for a font": lambda: bombs.pdf_font(b"FontFile", b"%!PS " + b"{" * 100_000, b"Type1"),
    "a page pdfminer cannot list": bombs.pdf_of_odd_box,
}


@pytest.mark.parametrize("name", TEXT_BOMBS)
def test_a_text_layer_that_cannot_be_read_costs_the_page_nothing(name: str, tmp_path: Path) -> None:
    """The page is a picture all the same; whoever reads text layers neither hangs nor ends its process."""
    path = tmp_path / "a.pdf"
    path.write_bytes(TEXT_BOMBS[name]())
    with decode(path, "pdf", bounds=BOUNDS, dpi=200) as scan:
        assert scan.image(0).min() < 128
        scan.text_page(0)
    with open_scan(path, bounds=BOUNDS) as scan:
        scan.text_page(0)
        assert scan.image(0).min() < 128


def test_one_thing_that_cannot_be_drawn_leaves_the_rest_of_the_page(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(
        bombs.pdf_image(b"/Width 16 /Height 16 /BitsPerComponent 12 /ColorSpace /DeviceGray", b"", bombs.CONTENT)
    )
    with open_scan(path, bounds=BOUNDS) as scan:
        assert scan.image(0).min() < 128


def test_a_text_layer_of_other_pages_is_none(tmp_path: Path) -> None:
    """One program counts a page twice, the other once: what one calls page 2 may be another's page."""
    path = tmp_path / "a.pdf"
    path.write_bytes(RawPdf(pages=b"/Kids [3 0 R 3 0 R] /Count 2").written())
    with open_scan(path, bounds=BOUNDS) as scan:
        assert scan.page_count == 2
        assert scan.image(1).min() < 128
        assert scan.text_page(1) is None


def test_a_slow_page_leaves_the_others(tmp_path: Path) -> None:
    """Page 2 of 3 draws ten to the tenth rectangles."""
    path = tmp_path / "a.pdf"
    path.write_bytes(bombs.pdf_with_a_slow_page())
    with open_scan(path, bounds=BOUNDS) as scan:
        assert scan.image(0).min() < 128
        with pytest.raises(CostlyScan, match=r"page 2 of a\.pdf takes longer than"):
            scan.image(1)
        assert scan.image(2).min() < 128


# ------------------------------------------------------------------------------------------ what a PDF may want


REACHING_OUT = ("socket(", "connect(", "sendto(", "execve(", "fork(", "vfork(", "unlink", "rename", "mkdir", "symlink")


def test_nothing_that_a_pdf_wants_is_done(tmp_path: Path) -> None:
    """Under strace: no program started, no address called, no file of others opened or made, whatever it says."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not here")
    secret, made = tmp_path / "secret.txt", tmp_path / "evil"
    secret.write_text("nobody's business")
    (tmp_path / "scans").mkdir()
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        port = door.getsockname()[1]
        for wish in bombs.WISHES:
            target = made if wish in ("embedded", "portfolio", "annotations", "cmap") else secret
            (tmp_path / "scans" / f"{wish}.pdf").write_bytes(bombs.pdf_wants(wish, str(target), port))
        look = (
            "import sys; from pathlib import Path; from pipeline.intake.decoders import decode; "
            "from pipeline.settings import Bounds\n"
            "print('BEGIN', flush=True)\n"
            "for path in sorted(Path(sys.argv[1]).iterdir()):\n"
            "    with decode(path, 'pdf', bounds=Bounds(), dpi=200) as scan:\n"
            "        print(path.stem, scan.page_count, scan.image(0).min() < 128, scan.text_page(0) is not None)\n"
        )
        calls = "trace=network,process,openat,open,creat,unlink,unlinkat,rename,renameat,mkdir,mkdirat,symlink,write"
        log = tmp_path / "calls"
        done = subprocess.run(
            [
                strace,
                "-f",
                "-qq",
                "-s",
                "300",
                "-e",
                calls,
                "-o",
                str(log),
                sys.executable,
                "-c",
                look,
                str(tmp_path / "scans"),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        if done.returncode and "ptrace" in done.stderr.lower():
            pytest.skip("strace may not trace here")
        door.setblocking(False)
        with pytest.raises(BlockingIOError):
            door.accept()
    shown = done.stdout.splitlines()[1:]
    assert [line.split()[:3] for line in shown] == [[wish, "1", "True"] for wish in sorted(bombs.WISHES)], done.stderr
    assert not made.exists()
    told_calls = log.read_text().split("BEGIN", 1)[1]
    for line in told_calls.splitlines():
        call = line.split(maxsplit=1)[-1]
        assert not call.startswith(
            ("socket(", "connect(", "sendto(", "execve(", "fork(", "vfork(", "unlink", "rename", "mkdir")
        )
        if call.startswith(("open", "creat")):
            assert "O_CREAT" not in call and "O_WRONLY" not in call and "O_RDWR" not in call, call
            assert "secret.txt" not in call and "/etc/passwd" not in call, call


def test_an_archive_is_no_scan_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(bombs.archive())
    with pytest.raises(UnreadableScan, match="archive"):
        open_scan(path, bounds=BOUNDS)


def test_two_files_in_one_are_what_the_first_says(tmp_path: Path) -> None:
    pdf = RawPdf().written()
    for name, data in {"zip.pdf": pdf + bombs.archive(), "gif.gif": bombs.gif(1)[:20] + pdf}.items():
        (tmp_path / name).write_bytes(data)
        with open_scan(tmp_path / name, bounds=BOUNDS) as scan:
            assert scan.page_count == 1
            assert scan.image(0).shape == (778, 556, 3)


# ----------------------------------------------------------------------------------------------- a whole batch


def test_every_bomb_of_a_batch_costs_itself_only(tmp_path: Path) -> None:
    """The good envelope among them is read, each other one is named, and the run ends as CONTRACT says."""
    batch, out = tmp_path / "batch", tmp_path / "out"
    batch.mkdir()
    bombs.page_picture(batch / "good.png")
    files = {
        "pixels.png": bombs.png(),
        "pages.pdf": bombs.pdf_of_page_objects(100_000),
        "slow.pdf": bombs.pdf_nested_forms(),
        "archive.pdf": bombs.archive(),
        "script.pdf": bombs.pdf_wants("javascript", "/etc/passwd", 9),
    }
    for name, data in files.items():
        (batch / name).write_bytes(data)
    record = {"application_no": "CCIIP2023S00001", "track": "supplier", "name": "北京云帆软件股份有限公司"}
    (tmp_path / "records.json").write_text(json.dumps([record], ensure_ascii=False))
    around = {
        **os.environ,
        "YANZHANG_HOME": str(tmp_path / "home"),
        "YANZHANG_WORKERS": "1",
        "YANZHANG_BOUNDS__PAGE_SECONDS": str(PAGE_SECONDS + 5),
    }
    around.pop("PREFECT_API_URL", None)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pipeline.cli",
            "process",
            str(batch),
            "--records",
            str(tmp_path / "records.json"),
            "--out",
            str(out),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        env=around,
    )
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    report = json.loads((out / "report.json").read_text())
    kinds = {e["envelope"]: [p["kind"] for p in e["pages"]] for e in report["envelopes"]}
    assert kinds["good.png"] == ["content"]
    assert kinds["script.pdf"] == ["content"]
    for name in ("pixels.png", "pages.pdf", "slow.pdf", "archive.pdf"):
        assert kinds[name] == ["unreadable"]
        assert name in done.stderr
