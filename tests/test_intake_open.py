"""Files of every accepted format, and of those that are none, opened as pages."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pymupdf
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from pipeline.errors import EncryptedScan, ScanTooLarge, UnreadableScan
from pipeline.intake.open import is_scan, open_scan, scan_files
from pipeline.settings import Bounds
from pipeline.values.secrets import redacted
from tests.intake_pages import form_pdf, form_picture, scanned_pdf

BOUNDS = Bounds()


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return form_picture()


def first(path: Path, bounds: Bounds = BOUNDS) -> np.ndarray:
    with open_scan(path, bounds=bounds) as scan:
        return scan.image(0)


# --------------------------------------------------------------------------------------------------- what opens


def test_a_pdf_page_is_measured_at_200_dpi(tmp_path: Path) -> None:
    with open_scan(form_pdf(tmp_path / "a.pdf", pages=3), bounds=BOUNDS) as scan:
        assert scan.page_count == 3
        assert scan.image(1).shape == (2339, 1653, 3)
        assert scan.dpi(1) == 200
        assert scan.image(1).dtype == np.uint8


@pytest.mark.parametrize(("rotation", "shape"), [(0, (2339, 1653, 3)), (90, (1653, 2339, 3)), (180, (2339, 1653, 3))])
def test_text_layer_lies_where_the_page_shows_it(tmp_path: Path, rotation: int, shape: tuple[int, ...]) -> None:
    with open_scan(form_pdf(tmp_path / "a.pdf", rotation=rotation), bounds=BOUNDS) as scan:
        image, layer = scan.image(0), scan.text_page(0)
    assert image.shape == shape
    assert layer is not None
    assert layer.invisible == 0
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    inked = 0
    chars = [c for c in layer.chars if c.text.strip()]
    for char in chars:
        x0, y0, x1, y1 = char.box
        crop = grey[round(y0 * height) : round(y1 * height) + 1, round(x0 * width) : round(x1 * width) + 1]
        inked += bool((crop < 128).any())
    assert inked > 0.98 * len(chars)


def test_cropped_pages_keep_text_and_picture_together(tmp_path: Path) -> None:
    path = form_pdf(tmp_path / "a.pdf")
    file = pymupdf.open(path)
    file[0].set_cropbox(pymupdf.Rect(50, 60, 545, 700))
    file.save(tmp_path / "b.pdf")
    with open_scan(tmp_path / "b.pdf", bounds=BOUNDS) as scan:
        image, layer = scan.image(0), scan.text_page(0)
    assert layer is not None
    title = next(c for c in layer.chars if c.text == "服")
    height, width = image.shape[:2]
    x0, y0, x1, y1 = (round(v * s) for v, s in zip(title.box, (width, height, width, height), strict=True))
    assert (cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[y0:y1, x0:x1] < 128).any()


def test_the_jpeg_of_a_scanned_page_is_taken_out_as_it_is(tmp_path: Path, picture: np.ndarray) -> None:
    path = scanned_pdf(tmp_path / "s.pdf", picture)
    stored = cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1], cv2.IMREAD_COLOR)
    with open_scan(path, bounds=BOUNDS) as scan:
        image = scan.image(0)
        assert scan.text_page(0) is None
        assert (scan.dpi(0), scan.native_dpi(0)) == (200, 200)
    resized = cv2.resize(stored, image.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(image.astype(int) - resized).mean() < 1.0


def test_scans_are_scaled_to_200_dpi_and_their_own_resolution_is_kept(tmp_path: Path) -> None:
    path = scanned_pdf(tmp_path / "s.pdf", form_picture(dpi=100))
    with open_scan(path, bounds=BOUNDS) as scan:
        assert scan.image(0).shape == (2339, 1653, 3)
        assert scan.dpi(0) == 200
        assert scan.native_dpi(0) == 100


def test_a_photo_without_resolution_is_not_blown_up(tmp_path: Path, picture: np.ndarray) -> None:
    path = scanned_pdf(tmp_path / "p.pdf", picture, points=(3000.0, 4243.0))
    with open_scan(path, bounds=BOUNDS) as scan:
        assert max(scan.image(0).shape) <= 5000
        assert scan.dpi(0) is None


def test_tiff_with_pages_of_any_kind(tmp_path: Path, picture: np.ndarray) -> None:
    rgb = Pillow.fromarray(picture[:, :, ::-1])
    pages = [rgb, rgb.convert("1"), rgb.convert("L").rotate(90, expand=True)]
    pages[0].save(tmp_path / "t.tif", save_all=True, append_images=pages[1:], compression="tiff_lzw", dpi=(200, 200))
    with open_scan(tmp_path / "t.tif", bounds=BOUNDS) as scan:
        assert scan.page_count == 3
        shapes = [scan.image(i).shape for i in range(3)]
        assert scan.dpi(0) == 200
    height, width = picture.shape[:2]
    assert shapes == [(height, width, 3), (height, width, 3), (width, height, 3)]


@pytest.mark.parametrize("suffix", ["png", "webp", "gif", "bmp", "jpg"])
def test_formats_go_by_their_bytes(tmp_path: Path, picture: np.ndarray, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    Pillow.fromarray(picture[:, :, ::-1]).save(path)
    renamed = path.rename(tmp_path / "misnamed.dat")
    assert is_scan(renamed)
    assert np.abs(first(renamed).astype(int) - picture).mean() < 6


def test_exif_turn_is_applied(tmp_path: Path, picture: np.ndarray) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise to show
    Pillow.fromarray(picture[:, :, ::-1]).save(tmp_path / "e.jpg", exif=exif, quality=95)
    turned = first(tmp_path / "e.jpg")
    assert turned.shape[:2] == picture.shape[1::-1]
    assert np.abs(turned.astype(int) - np.rot90(picture, -1)).mean() < 6


def test_odd_modes(tmp_path: Path) -> None:
    grey = np.tile(np.linspace(0, 255, 200, dtype=np.uint8), (120, 1))
    Pillow.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "sixteen.png")
    assert np.abs(first(tmp_path / "sixteen.png")[:, :, 0].astype(int) - grey).max() <= 1
    Pillow.fromarray(grey).convert("RGB").convert("CMYK").save(tmp_path / "cmyk.jpg", quality=95)
    assert np.abs(first(tmp_path / "cmyk.jpg")[:, :, 1].astype(int) - grey).mean() < 6
    Pillow.fromarray(grey).convert("P").save(tmp_path / "palette.png")
    assert np.abs(first(tmp_path / "palette.png")[:, :, 2].astype(int) - grey).mean() < 2
    clear = np.zeros((100, 100, 4), np.uint8)
    clear[20:40, 20:40] = (0, 0, 255, 255)
    Pillow.fromarray(clear).save(tmp_path / "clear.png")
    shown = first(tmp_path / "clear.png")
    assert tuple(shown[0, 0]) == (255, 255, 255)  # transparent parts are paper
    assert tuple(shown[30, 30]) == (255, 0, 0)


# ------------------------------------------------------------------------------------------------ what does not


def sentence(path: Path, bounds: Bounds = BOUNDS) -> UnreadableScan:
    with pytest.raises(UnreadableScan) as raised:
        first(path, bounds)
    message = raised.value.message
    assert path.name in message
    assert "\n" not in message
    return raised.value


def test_empty_text_and_office_files(tmp_path: Path) -> None:
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "text.pdf").write_text("this is no PDF at all\n" * 20)
    (tmp_path / "word.pdf").write_bytes(b"PK\x03\x04" + bytes(500))
    for name in ("empty.pdf", "text.pdf", "word.pdf"):
        assert not is_scan(tmp_path / name)
    assert "0 bytes" in sentence(tmp_path / "empty.pdf").message
    assert "text" in sentence(tmp_path / "text.pdf").message
    assert "office" in sentence(tmp_path / "word.pdf").message
    assert "cannot be read" in sentence(tmp_path / "missing.pdf").message


def test_encrypted(tmp_path: Path) -> None:
    file = pymupdf.open(form_pdf(tmp_path / "a.pdf"))
    file.save(tmp_path / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="secret", owner_pw="other")
    told = sentence(tmp_path / "locked.pdf")
    assert isinstance(told, EncryptedScan)
    assert redacted(told.message) == told.message  # what it says to do is no password
    file.save(tmp_path / "open.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="", owner_pw="other")
    with open_scan(tmp_path / "open.pdf", bounds=BOUNDS) as scan:  # forbidden to print, not to see
        assert scan.image(0).shape == (2339, 1653, 3)
        assert scan.text_page(0) is not None


def test_truncated_pdf_gives_the_pages_that_are_there(tmp_path: Path, picture: np.ndarray) -> None:
    file = pymupdf.open()
    for shade in range(4):
        page = file.new_page(width=595, height=842)
        page.insert_image(page.rect, stream=cv2.imencode(".jpg", cv2.subtract(picture, shade))[1].tobytes())
    file.save(tmp_path / "whole.pdf")
    data = (tmp_path / "whole.pdf").read_bytes()
    (tmp_path / "cut.pdf").write_bytes(data[: int(len(data) * 0.8)])
    with open_scan(tmp_path / "cut.pdf", bounds=BOUNDS) as scan:
        assert [scan.image(i).shape for i in range(3)] == [(2339, 1653, 3)] * 3
        with pytest.raises(UnreadableScan, match=r"page 4 of cut\.pdf is damaged"):
            scan.image(3)  # never a white page, which would pass for a blank one
    (tmp_path / "stub.pdf").write_bytes(data[:200])
    assert "damaged" in sentence(tmp_path / "stub.pdf").message


def test_truncated_jpeg_shows_what_arrived(tmp_path: Path, picture: np.ndarray) -> None:
    data = cv2.imencode(".jpg", picture)[1].tobytes()
    (tmp_path / "half.jpg").write_bytes(data[: len(data) // 2])
    assert first(tmp_path / "half.jpg").shape == picture.shape
    (tmp_path / "nothing.jpg").write_bytes(data[:40])
    assert "damaged" in sentence(tmp_path / "nothing.jpg").message


def test_one_pixel(tmp_path: Path) -> None:
    Pillow.new("RGB", (1, 1)).save(tmp_path / "one.png")
    assert "1 × 1" in sentence(tmp_path / "one.png").message


def test_decompression_bombs(tmp_path: Path) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )
    (tmp_path / "bomb.png").write_bytes(bomb)
    assert isinstance(sentence(tmp_path / "bomb.png"), ScanTooLarge)
    small = Bounds(max_pixels=1_000_000, max_pages=2, max_bytes=500_000)
    assert isinstance(sentence(scanned_pdf(tmp_path / "big.pdf", form_picture(dpi=110)), small), ScanTooLarge)
    assert isinstance(sentence(form_pdf(tmp_path / "many.pdf", pages=3), small), ScanTooLarge)
    (tmp_path / "heavy.pdf").write_bytes(b"%PDF-1.7\n" + bytes(600_000))
    assert isinstance(sentence(tmp_path / "heavy.pdf", small), ScanTooLarge)


def test_absurd_page_sizes(tmp_path: Path) -> None:
    for name, size in (("thread.pdf", (14_400.0, 3.0)), ("dot.pdf", (4.0, 4.0))):
        file = pymupdf.open()
        file.new_page(width=size[0], height=size[1])
        file.save(tmp_path / name)
        assert "points" in sentence(tmp_path / name).message


def test_files_of_a_folder_in_natural_order(tmp_path: Path, picture: np.ndarray) -> None:
    for name in ("page10.jpg", "page2.jpg", "Page1.png", ".hidden.png"):
        Pillow.fromarray(picture[:200, :200, ::-1]).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no scan")
    assert [p.name for p in scan_files(tmp_path)] == ["Page1.png", "page2.jpg", "page10.jpg"]


@pytest.mark.parametrize("told", [True, False])
def test_a_fax_in_standard_mode_gets_square_dots(tmp_path: Path, told: bool) -> None:
    """Pitfall 14: 204 dots an inch across and 98 down; a round seal must be round again."""
    page = Pillow.new("1", (1728, 1145), 1)
    ImageDraw.Draw(page).ellipse((600, 400, 922, 555), outline=0, width=4)  # 40 mm both ways
    page.save(tmp_path / "fax.tif", compression="group4", **({"dpi": (204, 98)} if told else {}))
    with open_scan(tmp_path / "fax.tif", bounds=Bounds()) as scan:
        image = scan.image(0)
        assert image.shape[:2] == (2383, 1728)
        assert scan.dpi(0) == pytest.approx(204, abs=2)
    ys, xs = np.nonzero(image[:, :, 0] < 100)
    assert np.ptp(ys) == pytest.approx(np.ptp(xs), rel=0.03)


def test_square_dots_are_left_alone(tmp_path: Path) -> None:
    Pillow.new("1", (1728, 2292), 1).save(tmp_path / "fine.tif", dpi=(204, 196))
    with open_scan(tmp_path / "fine.tif", bounds=Bounds()) as scan:
        assert scan.image(0).shape[:2] == (2292, 1728)
