"""The small interface every reader fulfils."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pipeline.model import Line

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]

__all__ = ["Engine", "Recogniser", "Recognition"]


@dataclass(frozen=True, slots=True)
class Recognition:
    """One crop read.

    ``centres``: each character's centre as a fraction of the crop's width; ``scores``: its probability.
    ``lattice``: per time step the likeliest characters with probabilities, "" being the CTC blank.
    """

    text: str
    confidence: float
    centres: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()
    lattice: tuple[tuple[tuple[str, float], ...], ...] = ()


class Recogniser(Protocol):
    """A reader of single lines."""

    def recognise(self, crops: Sequence[Image], *, lattice: bool = False) -> list[Recognition]:
        """Read crops that hold one line each (BGR), in the order given."""


class Engine(Recogniser, Protocol):
    """A reader of page pictures (BGR, uint8, upright)."""

    @property
    def name(self) -> str:
        """Name, version and model hash: part of the key under which readings are kept."""

    def lines(self, image: Image, quads: Sequence[Floats] | None = None) -> tuple[Line, ...]:
        """All text lines of an upright page, in reading order, boxes as fractions.

        :param quads: where text is (4×2 pixels each), if that was found before; else it is looked for
        """

    def detect(self, image: Image) -> list[Floats]:
        """Where text is, on a page in any orientation: quads of 4×2 pixels, clockwise from the text's top left."""
