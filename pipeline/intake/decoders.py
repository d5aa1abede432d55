"""What an opened scan can do, and which decoder opens which kind of file. Decoders run within walls only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, Self

from pipeline.intake.text import TextPage

if TYPE_CHECKING:
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

    from pipeline.settings import Bounds

    Image = NDArray[np.uint8]

__all__ = ["Kind", "OpenScan", "decode"]

Kind = Literal["pdf", "picture"]


class OpenScan(Protocol):
    """An opened scan. Pages are addressed from 0."""

    @property
    def page_count(self) -> int:
        """How many pages the file has."""

    def image(self, index: int) -> Image:
        """The page as scanned, BGR uint8; an image's EXIF turn applied, a PDF page at 200 dpi.

        :raises UnreadableScan: this page cannot be decoded; others may
        """

    def text_page(self, index: int) -> TextPage | None:
        """The page's text layer; None where it has none."""

    def dpi(self, index: int) -> int | None:
        """Pixels an inch of :meth:`image`, where the file tells a plausible one."""

    def native_dpi(self, index: int) -> int | None:
        """Pixels an inch that the scanner took: a 100-dpi scan in a PDF stays one, whatever it is rendered at."""

    def close(self) -> None:
        """Let go of the file."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def decode(path: Path, kind: Kind, *, bounds: Bounds, dpi: int) -> OpenScan:
    """Open a file in this very process; :func:`pipeline.intake.open.open_scan` is for everybody else.

    :raises UnreadableScan: damaged beyond reading, encrypted, or past the bounds
    """
    if kind == "pdf":
        from pipeline.intake.pdf import PdfScan

        return PdfScan(path, bounds=bounds, dpi=dpi)
    from pipeline.intake.picture import PictureScan

    return PictureScan(path, bounds=bounds)
