"""Ink on a page, and pages without any.

A page is blank when nothing on it was written, printed or stamped on purpose. Print of the other side showing through,
dust, punch holes, staples, scanner streaks and shadows of an edge are nothing; a seal alone, a page number or a note by
hand is something (USERS 8: a useful page lost is worse than a blank one kept).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.intake.reduce import blobs_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Mask = NDArray[np.uint8]

__all__ = ["Ink", "ink_of", "reduced"]

WIDTH = 1000  # px the page is reduced to: 4.8 px a millimetre of A4
DARKER = 50  # grey levels under the paper around: print showing through thin paper stays above
IN_THE_DARK = 120  # lightness of paper below which ink is never that much darker
LEAST_CONTRAST = 0.08  # share of such paper's light that ink takes, blurred as such pages are
COLOURED = 16  # chroma levels away from the paper: pale seal ink is hardly darker, but coloured
EDGE = 0.015  # share of the width at each edge where scanners leave shadows
SPECK = 6  # px: smaller blobs are dust (1.3 mm)
STROKE = 14  # px: one blob of this size (3 mm) that is neither hole nor streak is a mark
MARKS = 3  # smaller blobs that together are a mark, if they stand near each other: a page number, say
STRIP = 32  # px along an edge in which a cut character lies wholly (7 mm)
CUT_MARKS = 9  # of them at one edge: fewer are a riding seal, a logo or dirt
RIM = 120  # px from an edge within which sheets are punched and stapled (25 mm)
STAPLE, STAPLE_WIDTH = 75, 9.0  # px: 15 mm long, 1.9 mm with its shadow
NEAR = 120  # px between them at most (25 mm)


@dataclass(frozen=True, slots=True)
class Ink:
    """``share``: fraction of pixels that are ink; ``blank``: nothing was put on this page on purpose.

    ``clipped``: ink runs over the edge of the picture. ``paper``: BGR of the paper.
    """

    share: float
    blank: bool
    clipped: bool
    paper: tuple[int, int, int]


def reduced(image: Image) -> Image:
    """The page at the size ink and quality are measured at: 1000 px on its short side, never enlarged."""
    share = WIDTH / max(1, min(image.shape[:2]))
    if share >= 1:
        return image
    size = (round(image.shape[1] * share), round(image.shape[0] * share))
    small: Image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return small


def ink_of(small: Image) -> Ink:
    """Measure the ink of a page as scanned, given :func:`reduced`."""
    mask, paper = _ink_mask(small)
    return Ink(
        share=round(float(cv2.countNonZero(mask)) / mask.size, 5),
        blank=not _has_marks(mask),
        clipped=_runs_over(mask),
        paper=paper,
    )


def _ink_mask(small: Image) -> tuple[Mask, tuple[int, int, int]]:
    """Ink (255) and the colour of the paper."""
    light, a, b = cv2.split(cv2.cvtColor(small, cv2.COLOR_BGR2LAB))
    # The paper around each spot: brightest of a neighbourhood wider than any stroke, smoothed.
    coarse = cv2.resize(light, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    around = cv2.medianBlur(cv2.dilate(coarse, np.ones((9, 9), np.uint8)), 15)
    around = cv2.resize(around, (small.shape[1], small.shape[0]))
    darker = cv2.subtract(around, light)
    if (shade := float(np.percentile(light[::4, ::4], 80))) < IN_THE_DARK:
        dark = cv2.threshold(cv2.GaussianBlur(darker, (0, 0), 2), LEAST_CONTRAST * shade, 255, cv2.THRESH_BINARY)[1]
    else:
        dark = cv2.threshold(darker, DARKER, 255, cv2.THRESH_BINARY)[1]
    tint = [float(np.median(c[::4, ::4])) for c in (a, b)]
    chroma = cv2.add(cv2.absdiff(a, np.full_like(a, tint[0])), cv2.absdiff(b, np.full_like(b, tint[1])))
    chroma = cv2.blur(chroma, (3, 3))  # noise of the sensor is coloured too
    mask: Mask = cv2.bitwise_or(dark, cv2.threshold(chroma, COLOURED, 255, cv2.THRESH_BINARY)[1])
    sample = small[::4, ::4]
    bright = sample[light[::4, ::4] >= np.percentile(light[::4, ::4], 60)]
    blue, green, red = (int(v) for v in np.median(bright, axis=0))
    return mask, (blue, green, red)


def _has_marks(mask: Mask) -> bool:
    height, width = mask.shape
    edge = round(EDGE * width)
    inner = mask.copy()
    inner[:edge], inner[-edge:], inner[:, :edge], inner[:, -edge:] = 0, 0, 0, 0
    joined = cv2.morphologyEx(inner, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    blobs, centres = blobs_of(joined)
    small: list[tuple[float, float]] = []
    for (x, y, w, h, area), centre in zip(blobs.tolist(), centres, strict=True):
        size = max(w, h)
        near_edge = x < RIM or y < RIM or x + w > width - RIM or y + h > height - RIM
        if size < SPECK or _is_streak(w, h, width, height):
            continue
        if near_edge and (_is_fastening(w, h, area) or _is_slanted_staple(joined[y : y + h, x : x + w])):
            continue
        if size >= STROKE and area >= STROKE:
            return True
        small.append((float(centre[0]), float(centre[1])))
    return _cluster(small)


def _cluster(points: list[tuple[float, float]]) -> bool:
    spots = np.array(points, np.float32).reshape(-1, 2)
    return any(int((np.linalg.norm(spots - spot, axis=1) <= NEAR).sum()) >= MARKS for spot in spots)


def _is_streak(w: int, h: int, width: int, height: int) -> bool:
    # A line as thin as a hair across most of the page: dirt on the scanner's glass, or the shadow of a fold.
    return (h > 0.5 * height and w < 8) or (w > 0.5 * width and h < 8)


def _is_fastening(w: int, h: int, area: int) -> bool:
    """A punch hole (round, filled, 4 to 9 mm) or a staple (one thin stroke up to 15 mm)."""
    size = max(w, h)
    hole = 0.75 < w / max(1, h) < 1.33 and 0.68 < area / max(1, w * h) < 0.9 and 16 <= size <= 45
    staple = size <= 70 and area < 5 * size and size >= 3 * min(w, h)
    return hole or (staple and size >= STROKE)


def _is_slanted_staple(blob: Mask) -> bool:
    """One straight bar at any slant, with its shadow beside it: sheets are stapled across their corner."""
    ys, xs = np.nonzero(blob)
    if len(xs) < STROKE or max(blob.shape) > STAPLE:
        return False
    across, along = np.sqrt(np.maximum(0.0, np.linalg.eigvalsh(np.cov(np.stack([xs, ys])))) * 12)
    # The sides of an even bar that has these second moments; a tick or a letter of that length is no even bar.
    return bool(across <= STAPLE_WIDTH and along >= 4 * across and len(xs) > 0.75 * along * across)


def _runs_over(mask: Mask) -> bool:
    """Whether the picture cuts through characters: many marks of a character's size that touch one edge."""
    for side in (mask[:STRIP], mask[::-1][:STRIP], mask.T[:STRIP], mask.T[::-1][:STRIP]):
        if cv2.countNonZero(side[:2]) > 0.3 * side[:2].size:
            continue  # a dark rim: what lies around the sheet
        _, _, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(side), connectivity=8)
        cut = (
            (stats[1:, 1] <= 1)
            & (stats[1:, 3] >= 5)
            & (stats[1:, 3] < STRIP)
            & (stats[1:, 2] >= 5)
            & (stats[1:, 2] < 45)
        )
        if int(cut.sum()) >= CUT_MARKS:
            return True
    return False
