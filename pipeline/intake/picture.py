"""Pictures (JPEG, PNG, TIFF with many pages, WebP, GIF, BMP) become BGR arrays, through Pillow."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Self

import cv2
import numpy as np
from PIL import ExifTags, ImageFile, ImageOps
from PIL import Image as Pillow

from pipeline.errors import ScanTooLarge, UnreadableScan
from pipeline.intake.paper import plausible_dpi

if TYPE_CHECKING:
    from types import TracebackType

    from numpy.typing import NDArray

    from pipeline.intake.text import TextPage
    from pipeline.settings import Bounds

    Image = NDArray[np.uint8]

__all__ = ["MIN_SIDE", "PictureScan", "checked_size", "to_bgr"]

MIN_SIDE = 32  # px: nothing can be read on less
OBLONG = 1.15  # between the two resolutions of a picture: below, its dots count as square (a fine fax has 204 × 196)
TALLEST = 2.6  # times as high as wide: dots of a fax have 2.1; more is a slip of the program that wrote the file
LOWEST_TOLD = 60.0  # dots an inch: less is no resolution but a unit or a proportion
FAX_WIDTHS, FAX_DPI = (1728, 2048, 2432), (204.0, 98.0)  # ITU-T T.4: px of a line for A4, B4 and A3; standard mode
FAX_SHAPE = (0.58, 0.76)  # height over width of a page that stands, sent in standard mode
FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP")


class PictureScan:
    """A picture file; each frame of a TIFF is a page, animated PNG, WebP and GIF count as their first frame."""

    def __init__(self, path: Path, *, bounds: Bounds) -> None:
        self._bounds = bounds
        self._name = path.name
        # Ours is checked once the size is known. A GIF's frames may be larger than it: that much is Pillow's to check.
        Pillow.MAX_IMAGE_PIXELS = bounds.max_pixels
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._file = Pillow.open(path, formats=FORMATS)
                self._frames = _frames(self._file, bounds.max_pages)
        except UnreadableScan:
            raise
        except Pillow.DecompressionBombError as error:
            raise ScanTooLarge(
                f"{path.name} has far more than the {bounds.max_pixels:,} pixels allowed: scan it at 300 dpi"
            ) from error
        except Exception as error:  # a decoder's own complaint, of any type, about a stranger's bytes
            raise UnreadableScan(f"{path.name} is damaged and cannot be opened as a picture: scan it again") from error
        if self._frames > bounds.max_pages:
            raise ScanTooLarge(f"{path.name} has more than {bounds.max_pages} pages: split it")
        if self._frames == 1:
            checked_size(self._file.width, self._file.height, bounds, path.name)

    @property
    def page_count(self) -> int:
        return self._frames

    def image(self, index: int) -> Image:
        where = self._name if self._frames == 1 else f"{self._name}, page {index + 1},"
        truncated = ImageFile.LOAD_TRUNCATED_IMAGES
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._file.seek(index)
                checked_size(self._file.width, self._file.height, self._bounds, where)
                # A half-received picture still shows what it shows: the missing part is grey.
                ImageFile.LOAD_TRUNCATED_IMAGES = True
                return to_bgr(_turned(_squared(self._file)))
        except UnreadableScan:
            raise
        except Exception as error:
            raise UnreadableScan(f"{where} is damaged and cannot be decoded: scan it again") from error
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = truncated

    def text_page(self, index: int) -> TextPage | None:
        return None

    def dpi(self, index: int) -> int | None:
        try:
            self._file.seek(index)
            across, down = _resolution(self._file)
            width, height = _square_size(self._file)
            return plausible_dpi(
                width, height, max(across, down) if (width, height) != self._file.size else min(across, down)
            )
        except Exception:
            return None

    def native_dpi(self, index: int) -> int | None:
        return self.dpi(index)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _resolution(picture: Pillow.Image) -> tuple[float, float]:
    """Dots an inch across and down, as the file tells; a fax that does not tell has its standard's."""
    across, down = (float(v) for v in picture.info.get("dpi", (0, 0)))
    untold = min(across, down) <= 1 or across == down == 72
    low, high = FAX_SHAPE
    if untold and picture.mode == "1" and picture.width in FAX_WIDTHS and low < picture.height / picture.width < high:
        return FAX_DPI
    return across, down


def _square_size(picture: Pillow.Image) -> tuple[int, int]:
    """The size at which the picture's dots would be square: a fax in standard mode has twice as many across as down."""
    across, down = _resolution(picture)
    if min(across, down) < LOWEST_TOLD or not 1 / TALLEST < across / down < TALLEST:
        return picture.size
    if max(across, down) < OBLONG * min(across, down):
        return picture.size
    if across > down:
        return picture.width, round(picture.height * across / down)
    return round(picture.width * down / across), picture.height


def _squared(picture: Pillow.Image) -> Pillow.Image:
    size = _square_size(picture)
    if size == picture.size:
        return picture
    grey = picture.convert("L") if picture.mode == "1" else picture
    resized = grey.resize(size, Pillow.Resampling.BICUBIC)
    resized.info.update(picture.info)
    return resized


def _turned(picture: Pillow.Image) -> Pillow.Image:
    """As its EXIF says that it is to be shown; most say nothing, and need not be copied for that."""
    says = picture.getexif().get(ExifTags.Base.Orientation, 1)
    return picture if says == 1 else ImageOps.exif_transpose(picture)


def checked_size(width: int, height: int, bounds: Bounds, where: str) -> None:
    """Refuse a picture by its size, before it is decoded.

    :raises UnreadableScan: too small to show anything
    :raises ScanTooLarge: past the bound on pixels
    """
    if width * height > bounds.max_pixels:
        raise ScanTooLarge(
            f"{where} has {width} × {height} pixels, more than the {bounds.max_pixels:,} allowed: scan it at 300 dpi"
        )
    if min(width, height) < MIN_SIDE:
        raise UnreadableScan(f"{where} has {width} × {height} pixels, too few to show anything: scan it again")


def to_bgr(picture: Pillow.Image) -> Image:
    """Any Pillow mode as BGR uint8; transparent parts become paper white."""
    if picture.mode in ("I;16", "I;16L", "I;16B", "I;16N", "I", "F"):
        return np.repeat(_eight_bits(picture)[..., None], 3, axis=2)
    if picture.mode == "PA" or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if picture.mode in ("LA", "La", "RGBa"):
        picture = picture.convert("RGBA")
    if picture.mode == "RGBA":
        paper = Pillow.new("RGBA", picture.size, (255, 255, 255, 255))
        picture = Pillow.alpha_composite(paper, picture)
    rgb = np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)  # type: ignore[no-any-return]


def _eight_bits(picture: Pillow.Image) -> Image:
    values = np.asarray(picture).astype(np.float32)
    top = float(values.max()) if values.size else 0.0
    if picture.mode == "F" and top <= 1.0:
        scale = 255.0
    else:
        scale = 1.0 if top <= 255 else 255.0 / 65535.0 if top <= 65535 else 255.0 / top
    grey: Image = np.clip(values * scale, 0, 255).astype(np.uint8)
    return grey


def _frames(picture: Pillow.Image, limit: int) -> int:
    if picture.format != "TIFF":
        return 1
    count = 0
    # n_frames walks to the end and gives up at the first damaged directory: walk as far as it goes.
    while count <= limit:
        try:
            picture.seek(count)
        except EOFError:
            break
        except Exception:
            if count == 0:
                raise
            break
        count += 1
    picture.seek(0)
    return count
