"""Print of the other side that shows through thin paper, taken away where it was seen to be that.

What shows through is fainter than the page's own print and stands mirrored: only where several faint lines read better
in a mirror than as they stand is a page cleaned. Pale print that reads as it stands is the page's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.intake.reduce import halved
from pipeline.reading.quads import line_crop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.intake.turn import LineReader

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]

__all__ = ["Through", "find_through", "without_through"]

FAINT = 0.6  # of the contrast of the page's own print: below, a line may be the other side's
OWN = 4  # the page's own print is as dark as its fourth darkest line
LEAST_FAINT = 4  # such lines on a page that is cleaned
ASKED = 6  # of them, the longest, that are read as they stand and mirrored
MIRRORED = 1.5  # times as well that a line must read in a mirror
LONG = 2.0  # width over height of a quad that is asked
DARKEST = 5  # percentile of a line's pixels that is its ink
COLOURED = 28  # levels between channels: ink of seals, which stays as it is


@dataclass(frozen=True, slots=True)
class Through:
    """Levels darker than paper: what is fainter than ``gone`` vanishes, what is as dark as ``kept`` stays."""

    gone: float
    kept: float


def find_through(upright: Image, quads: Sequence[Floats], reader: LineReader) -> Through | None:
    """Whether print of the other side shows, and what parts it from the page's own."""
    if len(quads) < 2 * LEAST_FAINT:
        return None
    contrasts = _contrasts(upright, quads)
    # The darkest few lines are the page's own, though it may have no more than these and the other side many.
    own = float(np.sort(contrasts)[-OWN])
    faint = [i for i in np.argsort(contrasts) if contrasts[i] < FAINT * own and _is_long(quads[i])]
    if len(faint) < LEAST_FAINT:
        return None
    longest = sorted(faint, key=lambda i: -float(np.ptp(quads[i][:, 0])))[:ASKED]
    half = (len(longest) + 1) // 2
    mirrored = _mirrored(upright, [quads[i] for i in longest[:half]], reader)
    if not mirrored:
        return None  # the other half alone is no majority: most pages with pale print of their own end here
    mirrored += _mirrored(upright, [quads[i] for i in longest[half:]], reader)
    if 2 * mirrored <= len(longest):
        return None
    kept = float(np.median(contrasts[contrasts >= FAINT * own]))
    gone = float(np.percentile(contrasts[faint], 80))
    return Through(gone=min(gone, 0.75 * kept), kept=kept)


def _mirrored(upright: Image, quads: Sequence[Floats], reader: LineReader) -> int:
    """How many of the lines read better in a mirror."""
    crops = [line_crop(upright, quad) for quad in quads]
    seen = reader.recognise([*crops, *(np.ascontiguousarray(crop[:, ::-1]) for crop in crops)])
    weigh = [len(r.text) * r.confidence**3 for r in seen]
    return sum(b > MIRRORED * a for a, b in zip(weigh[: len(crops)], weigh[len(crops) :], strict=True))


def without_through(image: Image, through: Through) -> Image:
    """The picture with what is fainter than the page's own print as white as its paper; coloured ink stays."""
    paper = _paper(image)
    levels = np.arange(256, dtype=np.float32)
    darker = np.clip((levels - through.gone) / (through.kept - through.gone), 0, 1) * levels
    curve = np.clip(np.round(darker), 0, 255).astype(np.uint8)
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    contrast = cv2.subtract(np.full_like(grey, paper), grey)
    lift = cv2.subtract(contrast, cv2.LUT(contrast, curve))
    blue, green, red = cv2.split(image)
    spread = cv2.subtract(cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red))
    lift[spread > COLOURED] = 0
    done: Image = cv2.add(image, cv2.merge([lift, lift, lift]))
    return done


def _contrasts(upright: Image, quads: Sequence[Floats]) -> NDArray[np.float64]:
    """How much darker than the page's paper each line's ink is."""
    grey = halved(cv2.cvtColor(upright, cv2.COLOR_BGR2GRAY))
    paper = _paper(upright)
    found = []
    for quad in quads:
        (x0, y0), (x1, y1) = (quad.min(axis=0) / 2).astype(int), (quad.max(axis=0) / 2).astype(int)
        inside = grey[max(0, y0) : y1 + 1, max(0, x0) : x1 + 1]
        found.append(paper - float(np.percentile(inside, DARKEST)) if inside.size else 0.0)
    return np.array(found)


def _paper(image: Image) -> int:
    return int(np.percentile(image[::8, ::8, 1], 75))


def _is_long(quad: Floats) -> bool:
    width, height = float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[3] - quad[0]))
    return width > LONG * height
