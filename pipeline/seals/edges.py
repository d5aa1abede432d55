"""Ink at the edges of a page: each edge as a strip that ends where the paper does.

All four edges are laid alike, so that what rides over them can be compared: along the strip runs the edge, across it
lies the distance. Strips of the upper and lower edge are turned a quarter to the left: the lower edge then is a right
one, the upper a left one. Where a scanner shows the table beneath, the strip is cut at the paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from pipeline.seals.ink import A4_LONG_MM, Inks, inks_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Mask = NDArray[np.uint8]
    Map = NDArray[np.float32]

__all__ = ["EDGES", "Edge", "EdgeInk", "Sort", "edge_inks", "laid", "opposite"]

Edge = Literal["right", "left", "bottom", "top"]
Sort = Literal["coloured", "dark"]
EDGES: tuple[Edge, ...] = ("right", "left", "bottom", "top")

STRIP_MM = 34.0  # of the page's edge that is looked at: half of a large seal, and some
TABLE_MM = 14.0  # beneath the paper that a scanner shows at most
OTHER_THAN_PAPER = 9  # grey levels by which a column's middle value differs from the paper's
INK = 0.07  # density of coloured ink
DARK_INK = 0.22  # of black ink, on grey pages: the paper's own shade is no ink
LEVELS = 160.0
SPECK_MM2 = 0.12
GLANCE = 4  # times reduced
COLOURLESS = 12  # grey levels by which colours differ more than the paper's own: less is no ink
LEAST_PX = 64  # of a page's shorter side


@dataclass(frozen=True, slots=True)
class EdgeInk:
    """Ink along one edge.

    ``mask``: where there is any, ``level``: how much, in steps of 1/:data:`LEVELS` of a density; rows along the edge
    (from its upper, or right end), columns across; the last column of a ``right`` or ``bottom`` edge, the first of
    another, is the paper's end. ``mm``: px of the mask to a millimetre. ``length``: of the edge, ``across``: of the
    page the other way, ``beneath``: of the table that was cut off, all in mm.
    """

    page: int
    edge: Edge
    mask: Mask
    level: Mask
    mm: float
    length: float
    across: float
    beneath: float

    @property
    def far(self) -> bool:
        """Whether the paper ends at the strip's last column."""
        return self.edge in ("right", "bottom")


def opposite(edge: Edge) -> Edge:
    """The edge that a page shows there when it is turned by 180°."""
    turned: dict[Edge, Edge] = {"right": "left", "left": "right", "bottom": "top", "top": "bottom"}
    return turned[edge]


def edge_inks(number: int, image: Image, edge: Edge, *, copied: bool = True) -> dict[Sort, EdgeInk]:
    """The ink at one edge of an upright page (BGR), coloured and, if ``copied``, black; nothing where there is none."""
    if min(image.shape[:2]) < LEAST_PX:
        return {}
    mm = max(image.shape[:2]) / A4_LONG_MM
    strip = laid(image, edge, STRIP_MM * mm)
    if not copied and _bare(strip):
        return {}
    inks = inks_of(strip, round(mm * 25.4))
    far = edge in ("right", "bottom")
    beneath = _beneath(strip, inks, far=far)
    across = (image.shape[1] if edge in ("right", "left") else image.shape[0]) / mm
    maps: dict[Sort, tuple[Map, float]] = {"coloured": (cv2.max(inks.red, inks.cool), INK)}
    if copied:
        maps["dark"] = (inks.dark, DARK_INK)
    found: dict[Sort, EdgeInk] = {}
    for sort, (ink, least) in maps.items():
        kept = slice(0, ink.shape[1] - beneath) if far else slice(beneath, None)
        level = np.clip(ink[:, kept] * LEVELS, 0, 255).astype(np.uint8)
        mask = _without_specks((level > least * LEVELS).astype(np.uint8), inks.px_per_mm)
        if mask.any():
            length = mask.shape[0] / inks.px_per_mm
            found[sort] = EdgeInk(number, edge, mask, level, inks.px_per_mm, length, across, beneath / inks.px_per_mm)
    return found


def _bare(strip: Image) -> bool:
    """Whether a strip surely bears no coloured ink, at a glance."""
    small = cv2.resize(strip, None, fx=1 / GLANCE, fy=1 / GLANCE, interpolation=cv2.INTER_AREA).astype(np.int16)
    apart = small.max(axis=2) - small.min(axis=2)
    return bool(apart.max() - np.median(apart) < COLOURLESS)


def laid(image: Image, edge: Edge, depth: float) -> Image:
    """The strip of a page along an edge, ``depth`` px wide, laid as :class:`EdgeInk` says."""
    wide = max(8, round(depth))
    parts = {
        "right": lambda: image[:, -wide:],
        "left": lambda: image[:, :wide],
        "bottom": lambda: np.rot90(image[-wide:]),
        "top": lambda: np.rot90(image[:wide]),
    }
    return np.ascontiguousarray(parts[edge]())


def _beneath(strip: Image, inks: Inks, *, far: bool) -> int:
    """px of the maps from the strip's outer end to the paper's: what differs from paper all along the edge."""
    small = cv2.resize(strip, (inks.red.shape[1], inks.red.shape[0]), interpolation=cv2.INTER_AREA)
    columns = np.median(small, axis=0).astype(np.float32)
    if far:
        columns = columns[::-1]
    paper = np.median(columns[len(columns) // 2 :], axis=0)
    other = np.abs(columns - paper).max(axis=1) > OTHER_THAN_PAPER
    reach = round(TABLE_MM * inks.px_per_mm)
    found = np.flatnonzero(other[:reach])
    return int(found[-1]) + 1 if len(found) and not other[reach : 2 * reach].any() else 0


def _without_specks(mask: Mask, mm: float) -> Mask:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    keep = stats[:, cv2.CC_STAT_AREA] >= SPECK_MM2 * mm * mm
    keep[0] = False
    return np.asarray(keep[labels], np.uint8) if count > 1 else mask
