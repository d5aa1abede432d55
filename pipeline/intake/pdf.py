"""PDF pages become pictures, through PyMuPDF."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import cv2
import numpy as np
import pymupdf
from PIL import Image as Pillow

from pipeline.errors import EncryptedScan, ScanTooLarge, UnreadableScan
from pipeline.intake.picture import MIN_SIDE
from pipeline.intake.text import TextPage
from pipeline.intake.words import TextReader

if TYPE_CHECKING:
    from types import TracebackType

    from numpy.typing import NDArray

    from pipeline.settings import Bounds

    Image = NDArray[np.uint8]

__all__ = ["PdfScan"]

POINTS_PER_INCH = 72.0
LONGEST_SIDE = 5000  # px: A2 at 200 dpi. Larger sheets are photographs that were given no resolution
MOST_DPI = 10_000  # more is no scanner
MAX_CONTENT = 4_000_000  # bytes that draw a page: a dense one has 200 000. Over more pdfminer takes minutes
MAX_PACKED = 1_000_000  # … as they lie in the file: they may unpack to two hundred times as many
PLAIN_CONTENT = 4_000  # … that draw a picture and nothing else
CODED = ("DCTDecode", "JPXDecode")
FULL_PAGE = 0.99  # share of the page a picture must cover to be the page
RATIO_TOLERANCE = 0.02  # relative: a picture stretched more than this is drawn, not taken out
pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


class PdfScan:
    """A PDF. Damaged ones are opened as far as MuPDF can mend them; each page fails by itself."""

    def __init__(self, path: Path, *, bounds: Bounds, dpi: int) -> None:
        self._name, self._bounds, self._dpi = path.name, bounds, dpi
        try:
            self._file: Any = pymupdf.open(path, filetype="pdf")
            locked = self._file.needs_pass and not self._file.authenticate("")
            self._pages = 0 if locked else int(self._file.page_count)
        except Exception as error:
            raise UnreadableScan(
                f"{path.name} is damaged and cannot be opened as a PDF: scan or send it again"
            ) from error
        if locked:
            self._file.close()
            raise EncryptedScan(f"{path.name} asks for a password; save it without one and send it again")
        if self._pages == 0:
            raise UnreadableScan(f"{path.name} is damaged: no page of it can be found; scan or send it again")
        if self._pages > bounds.max_pages:
            raise ScanTooLarge(
                f"{path.name} has {self._pages} pages, more than the {bounds.max_pages} allowed: split it"
            )
        self._text = TextReader(path, pages=self._pages)

    @property
    def page_count(self) -> int:
        return self._pages

    def image(self, index: int) -> Image:
        page = self._page(index)
        try:
            width, height, _ = self._size(page)
            taken = self._taken_out(page)
            if taken is not None:
                return _resized(taken, width, height)
            pymupdf.TOOLS.reset_mupdf_warnings()
            image = self._rendered(page, width, height)
            complaints = self._file.is_repaired or bool(pymupdf.TOOLS.mupdf_warnings())
        except UnreadableScan:
            raise
        except Exception as error:
            raise UnreadableScan(f"page {index + 1} of {self._name} is damaged and cannot be shown") from error
        # What is lost of a damaged file is shown as white paper: that is no blank page.
        if complaints and image.min() == 255:
            raise UnreadableScan(f"page {index + 1} of {self._name} is damaged: nothing of it is left; send it again")
        return image

    def text_page(self, index: int) -> TextPage | None:
        try:
            page = self._page(index)
            # Asking MuPDF first is cheap; pdfplumber takes its time even on a page that is one picture.
            traces = page.get_texttrace() if _length(page) <= MAX_CONTENT else None
            if not traces:
                return None
            chars = self._text.chars(index)
            if not chars:
                return None
            drawn = [(len(t["chars"]), t["type"] == 3 or t["opacity"] < 0.05) for t in traces]
            total = sum(n for n, _ in drawn)
            return TextPage(
                chars=chars,
                invisible=sum(n for n, hidden in drawn if hidden) / max(1, total),
                pictured=_pictured(page),
            )
        except Exception:  # a text layer is a help, never a need: recognition reads the page
            return None

    def dpi(self, index: int) -> int | None:
        try:
            return self._size(self._page(index))[2]
        except UnreadableScan:
            return None

    def native_dpi(self, index: int) -> int | None:
        try:
            page = self._page(index)
            shown = self._dpi if self._size(page)[2] else None
            if _length(page) > MAX_CONTENT:
                return shown
            biggest = max(page.get_image_info(), key=lambda i: pymupdf.Rect(i["bbox"]).get_area(), default=None)
            if shown is None or biggest is None:
                return shown
            box = pymupdf.Rect(biggest["bbox"])
            if box.get_area() < 0.5 * page.rect.get_area():
                return shown
            pixels, points = float(max(biggest["width"], biggest["height"])), float(max(box.width, box.height))
            told = round(pixels / points * POINTS_PER_INCH)
            return told if 0 < told <= MOST_DPI else shown
        except Exception:  # boxes of no size, or of none that can be counted
            return None

    def close(self) -> None:
        self._text.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _page(self, index: int) -> Any:
        try:
            return self._file.load_page(index)
        except Exception as error:
            raise UnreadableScan(f"page {index + 1} of {self._name} is damaged and cannot be shown") from error

    def _size(self, page: Any) -> tuple[int, int, int | None]:
        """Pixels of the page's picture, and its resolution; None where the sheet is too large to be one."""
        rect = page.rect
        scale = self._dpi / POINTS_PER_INCH
        width, height = rect.width * scale, rect.height * scale
        if not (np.isfinite(width) and np.isfinite(height)) or min(width, height) < MIN_SIDE:
            raise UnreadableScan(
                f"page {page.number + 1} of {self._name} measures {rect.width:.0f} × {rect.height:.0f} points,"
                " too small to show"
            )
        long_side = max(width, height)
        if long_side <= LONGEST_SIDE:
            return round(width), round(height), self._dpi
        share = LONGEST_SIDE / long_side
        if min(width, height) * share < MIN_SIDE:
            raise ScanTooLarge(
                f"page {page.number + 1} of {self._name} measures {rect.width:.0f} × {rect.height:.0f} points:"
                " no sheet of paper"
            )
        return round(width * share), round(height * share), None

    def _check_pictures(self, page: Any, sizes: Iterable[tuple[int, int]]) -> None:
        for width, height in sizes:
            if width * height > self._bounds.max_pixels:
                raise ScanTooLarge(
                    f"page {page.number + 1} of {self._name} holds a picture of {width} × {height}"
                    f" pixels, more than the {self._bounds.max_pixels:,} allowed: scan it at 300 dpi"
                )

    def _rendered(self, page: Any, width: int, height: int) -> Image:
        rect = page.rect
        matrix = pymupdf.Matrix(width / rect.width, height / rect.height)
        pixels = page.get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, alpha=False, annots=True)
        rows = np.frombuffer(pixels.samples_mv, np.uint8).reshape(pixels.height, pixels.stride)
        rgb = rows[:, : pixels.width * 3].reshape(pixels.height, pixels.width, 3)
        return cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)  # type: ignore[no-any-return]

    def _taken_out(self, page: Any) -> Image | None:
        """The page's only picture as it is, if it fills the page and nothing else is drawn; else None."""
        named = page.get_images(full=True)
        self._check_pictures(page, ((one[2], one[3]) for one in named))
        # What the page says of a picture, and what the picture says of itself: decoders believe the latter.
        coded = (self._file.xref_stream_raw(one[0]) for one in named if one[8] in CODED)
        self._check_pictures(page, map(_told_size, coded))
        length = _length(page)
        if length > MAX_CONTENT:
            return None
        try:
            infos = page.get_image_info()  # not its xrefs: to find them MuPDF unpacks every picture
        except Exception:  # one thing on it that cannot be drawn: MuPDF leaves that out and draws the rest
            return None
        self._check_pictures(page, ((info["width"], info["height"]) for info in infos))
        # Who draws one picture needs a line. A list of all that is drawn may fill the memory: asked for last.
        if len(infos) != 1 or len(named) != 1 or named[0][9] or length > PLAIN_CONTENT:
            return None
        if page.get_texttrace() or page.get_cdrawings() or page.first_annot:
            return None
        info = infos[0]
        a, b, c, d = info["transform"][:4]
        upright = abs(b) + abs(c) < 1e-3 * (abs(a) + abs(d)) and a > 0 and d > 0
        covered = (pymupdf.Rect(info["bbox"]) & page.rect).get_area() / max(1.0, page.rect.get_area())
        overhang = pymupdf.Rect(info["bbox"]).get_area() / max(1.0, page.rect.get_area())
        if not upright or page.rotation or covered < FULL_PAGE or overhang > 2 - FULL_PAGE:
            return None
        xref = named[0][0]
        stored = self._file.extract_image(xref)
        # CMYK, masks, inverted and odd colours are MuPDF's business; a plain JPEG is taken as it is.
        if stored["ext"] != "jpeg" or stored["colorspace"] not in (1, 3) or stored.get("smask"):
            return None
        if any(self._file.xref_get_key(xref, key)[0] != "null" for key in ("Mask", "SMask", "Decode")):
            return None
        self._check_pictures(page, (_told_size(stored["image"]),))
        picture = cv2.imdecode(
            np.frombuffer(stored["image"], np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        )
        if picture is None:
            return None
        ratio = picture.shape[1] / picture.shape[0] / (page.rect.width / page.rect.height)
        return picture if abs(ratio - 1) < RATIO_TOLERANCE else None


def _length(page: Any) -> int:
    """Bytes that draw the page. Of what unpacks to more than MuPDF believes, more than any bound."""
    try:
        packed = sum(len(page.parent.xref_stream_raw(xref)) for xref in page.get_contents())
        return len(page.read_contents()) if packed <= MAX_PACKED else sys.maxsize
    except Exception:
        return sys.maxsize


def _told_size(data: bytes) -> tuple[int, int]:
    """Width and height as a JPEG or JPEG 2000 tells them; nothing of what is neither."""
    Pillow.MAX_IMAGE_PIXELS = None  # it is asked for the size, and for nothing else
    try:
        with Pillow.open(io.BytesIO(data), formats=("JPEG", "JPEG2000")) as picture:
            return picture.size
    except Exception:
        return 0, 0


def _resized(picture: Image, width: int, height: int) -> Image:
    if picture.shape[:2] == (height, width):
        return picture
    shrinks = picture.shape[1] > width
    done: Image = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    return done


def _pictured(page: Any) -> float:
    covered = np.zeros((50, 50), bool)
    rect = page.rect
    for info in page.get_image_info():
        box = pymupdf.Rect(info["bbox"]) & rect
        if box.is_empty:
            continue
        xs = [int((x - rect.x0) / rect.width * 50 + 0.5) for x in (box.x0, box.x1)]
        ys = [int((y - rect.y0) / rect.height * 50 + 0.5) for y in (box.y0, box.y1)]
        covered[ys[0] : ys[1], xs[0] : xs[1]] = True
    return float(covered.mean())
