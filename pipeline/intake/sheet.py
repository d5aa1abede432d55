"""Photographs: where on the picture the sheet of paper lies, and that sheet alone, seen straight from above."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pipeline.intake.paper import A4_LONG_INCH, A_RATIO
from pipeline.intake.reduce import halved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Mask = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Matrix = NDArray[np.float64]

__all__ = ["Sheet", "find_sheet"]

SIDE = 480  # px of the long side at which the sheet is looked for
SMALLEST, LARGEST = 0.25, 0.985  # share of the picture that a sheet takes; above, nothing is around it
CONTRAST = 24  # levels by which what is around is darker (or otherwise coloured) than paper
FIT = 0.92  # share of the quad that the paper must fill, and of the paper that the quad must hold: curled paper bulges
BULGE = 5.0  # px that the outline of flat paper may lie beyond the quad, whose corners are not exact
MOST_BULGE = 0.05  # share of the long side that is kept around a bulging sheet at the most
CORNERS = (55.0, 125.0)  # degrees of a rectangle's corner seen at a slant
NEARLY_A4 = 0.09  # relative: sheets this near A4's proportions are A4
NEARLY_A4_CURLED = 0.14  # … and curled ones, which look narrower than they are
RIM = 0.008  # share of the long side kept around the sheet: paper bulges over a straight line
SQUARE = 1.0  # degrees from a right angle: corners are found to half of it
FRAMED = 0.03  # share of a side: corners this near the picture's frame lie on it
PRINT_LEVELS = 40  # by which print stands out from the band it is on
PRINTED = 0.004  # share of a band that print covers at the least: dust and a hair cover less
BEYOND = 0.28  # of the picture beyond a sheet, from which it is asked whether the sheet goes on there
STROKE = 0.14  # of the light around it that a stroke of print takes away
LIKE_PRINT = (0.15, 0.9)  # share of strokes beyond a sheet, over that within, that makes print of them
ODD_SHAPE = 2.5  # … and beyond a piece that has not A4's proportions
GRAINED = 0.2  # share of strokes that no page of print reaches at this size, but a carpet does
RIM_HALVINGS = 3  # of a picture of 1000 px: grain and strokes vanish, a strip of 1 % at its rim does not
DARK_RIM = 0.03  # of the rim: a corner of ground that is worth cutting off takes 8 % of it, a side of ground 20 %
MARGIN = 0.012  # share of a side: a quad this near the picture's own frame is the frame


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of paper on a picture.

    ``matrix``: from pixels of the picture to pixels of the sheet alone, which has ``size`` (width, height). ``dpi``: of
    the sheet if its proportions are A4's. ``slanted``: it is no mere rectangle on the picture, so a camera saw it.
    """

    matrix: Matrix
    size: tuple[int, int]
    dpi: int | None
    slanted: bool


def find_sheet(small: Image, full_size: tuple[int, int]) -> Sheet | None:
    """The sheet on a reduced picture, as a transform of the full one; None where paper fills the picture.

    :param full_size: width and height of the picture that ``small`` was reduced from
    """
    if _fills(small):
        return None
    share = SIDE / max(small.shape[:2])
    tiny = cv2.resize(small, None, fx=share, fy=share, interpolation=cv2.INTER_AREA) if share < 1 else small
    found = _quad(tiny)
    if found is None or _is_printed_band(tiny, found[0]):
        return None
    quad, bulge = found
    scale = np.array([full_size[0] / tiny.shape[1], full_size[1] / tiny.shape[0]], np.float32)
    whole = np.array([tiny.shape[1], tiny.shape[0]], np.float32)
    return _straight(quad * scale, quad / whole, bulge * float(scale.max()))


def _fills(small: Image) -> bool:
    """Whether the picture's rim is as bright as its paper all round: then nothing darker lies around a sheet.

    Most scans are so, and the search costs ten times this question.
    """
    light = cv2.cvtColor(halved(small, RIM_HALVINGS), cv2.COLOR_BGR2LAB)[:, :, 0]
    if min(light.shape) < 4:
        return False
    rim = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    paper = np.percentile(light, 90)
    return bool((rim < paper - CONTRAST / 3).mean() < DARK_RIM)


def _quad(tiny: Image) -> tuple[Floats, float] | None:
    """Corners of the paper, clockwise from the top left, and how far it bulges beyond them, in pixels of ``tiny``.

    Brightness comes first. Where that finds a sheet of no usual shape and colour finds one of A4's that holds it, the
    bright one is the part of a sheet that no shadow falls on: a cover bears too little print to tell so.
    """
    masks = _paper_masks(tiny)
    first = next(_quads(tiny, islice(masks, 2)), None)
    if first is None or _like_a4(first[0]):
        return first
    return next((other for other in _quads(tiny, masks) if _like_a4(other[0]) and _holds(other[0], first[0])), first)


def _like_a4(quad: Floats) -> bool:
    width, height = _sides(quad)
    return abs(max(width, height) / max(1.0, min(width, height)) / A_RATIO - 1) < NEARLY_A4


def _holds(whole: Floats, part: Floats) -> bool:
    """Whether every corner of a quad lies in another, or as near its edge as two searches may differ."""
    return all(cv2.pointPolygonTest(whole, (float(x), float(y)), True) > -BULGE for x, y in part)


def _sides(quad: Floats) -> tuple[float, float]:
    """Mean width and height of a quad."""
    width = float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    return width, float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2


def _quads(tiny: Image, masks: Iterator[Mask]) -> Iterator[tuple[Floats, float]]:
    """What may be the sheet, of each mask its largest piece if it looks like one."""
    height, width = tiny.shape[:2]
    for mask in masks:
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
        if count < 2:
            continue
        largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
        paper = (labels == largest).astype(np.uint8)
        contours, _ = cv2.findContours(paper, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        outline = max(contours, key=cv2.contourArea)
        hull = cv2.convexHull(outline)
        quad = _four_corners(hull)
        if quad is None or not SMALLEST <= cv2.contourArea(quad) / (height * width) <= LARGEST:
            continue
        if _fits(quad, outline, hull) and _stands_out(tiny, quad) and not _goes_on(tiny, quad):
            yield quad, _bulge(quad, hull)


def _bulge(quad: Floats, hull: Floats) -> float:
    """How far curled paper reaches over the straight lines between its corners; 0 for flat paper."""
    beyond = max(-cv2.pointPolygonTest(quad, (float(x), float(y)), True) for x, y in hull.reshape(-1, 2))
    return float(beyond) if beyond > BULGE else 0.0


def _paper_masks(tiny: Image) -> Iterator[Mask]:
    """What may be paper: by brightness, by distance from the picture's rim in light and colour, by colour alone."""
    smooth = cv2.bilateralFilter(cv2.medianBlur(tiny, 7), 7, 30, 7)
    light, a, b = cv2.split(cv2.cvtColor(smooth, cv2.COLOR_BGR2LAB))
    _, bright = cv2.threshold(light, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    rim = [np.concatenate([c[:4].ravel(), c[-4:].ravel(), c[:, :4].ravel(), c[:, -4:].ravel()]) for c in (light, a, b)]
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (13, 13))

    def closed(mask: NDArray[Any]) -> Mask:
        whole = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel)
        return np.asarray(cv2.morphologyEx(whole, cv2.MORPH_OPEN, kernel), np.uint8)

    yield closed(bright)
    for weights in ((1, 2, 2), (0, 2, 2)):
        far = sum(
            np.abs(c.astype(np.float32) - np.median(r)) * k for c, r, k in zip((light, a, b), rim, weights, strict=True)
        )
        _, other = cv2.threshold(np.clip(far, 0, 255).astype(np.uint8), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        yield closed(other)


def _four_corners(hull: Floats) -> Floats | None:
    length = cv2.arcLength(hull, True)
    for epsilon in (0.01, 0.015, 0.02, 0.03, 0.04, 0.06):
        corners = cv2.approxPolyDP(hull, epsilon * length, True).reshape(-1, 2)
        if len(corners) == 4:
            return _clockwise(corners.astype(np.float32))
        if len(corners) < 4:
            return None
    return None


def _clockwise(corners: Floats) -> Floats:
    centre = corners.mean(axis=0)
    around = corners[np.argsort(np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0]))]
    sides = np.roll(around, -1, axis=0) - around
    # The top side runs to the right and lies above the others of its direction.
    first = int(np.argmax(sides[:, 0] / np.maximum(1e-6, np.linalg.norm(sides, axis=1))))
    return np.roll(around, -first, axis=0)


def _fits(quad: Floats, outline: Floats, hull: Floats) -> bool:
    area, held = cv2.contourArea(quad), cv2.contourArea(hull)
    solid = cv2.contourArea(outline) / max(1.0, held)
    shared = min(area, held) / max(area, held)
    return bool(shared > FIT and solid > 0.9 and all(CORNERS[0] < angle < CORNERS[1] for angle in _angles(quad)))


def _angles(quad: Floats) -> list[float]:
    angles = []
    for i in range(4):
        a, b = quad[i - 1] - quad[i], quad[(i + 1) % 4] - quad[i]
        cosine = float(a @ b) / max(1e-6, float(np.linalg.norm(a) * np.linalg.norm(b)))
        angles.append(float(np.degrees(np.arccos(np.clip(cosine, -1, 1)))))
    return angles


def _stands_out(tiny: Image, quad: Floats) -> bool:
    """Whether the surroundings differ from the paper just inside, along most of the sides that have surroundings."""
    height, width = tiny.shape[:2]
    lab = cv2.cvtColor(cv2.medianBlur(tiny, 5), cv2.COLOR_BGR2LAB).astype(np.float32)
    inside = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(inside, quad.astype(np.int32), 1)
    near = cv2.erode(inside, np.ones((9, 9), np.uint8)) - cv2.erode(inside, np.ones((21, 21), np.uint8))
    outside = cv2.dilate(inside, np.ones((25, 25), np.uint8)) - cv2.dilate(inside, np.ones((9, 9), np.uint8))
    if outside.sum() < 0.15 * cv2.arcLength(quad, True) * 8:
        return False
    paper, ground = np.median(lab[near > 0], axis=0), np.median(lab[outside > 0], axis=0)
    difference = float(paper[0] - ground[0]) + 2 * float(np.abs(paper[1:] - ground[1:]).sum())
    # What lies around a sheet is not paper: almost none of it is as bright as the sheet.
    as_bright = float((lab[outside > 0][:, 0] > paper[0] - CONTRAST / 3).mean())
    return bool(difference > CONTRAST and as_bright < 0.25)


def _goes_on(tiny: Image, quad: Floats) -> bool:
    """Whether much of the picture lies beyond the quad and is printed like what lies within: a shadow's edge was taken
    for the sheet's. A bare desk bears no print, a carpet or grained wood more than any page.
    """
    height, width = tiny.shape[:2]
    inside = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(inside, quad.astype(np.int32), 1)
    apart = np.ones((15, 15), np.uint8)
    within, beyond = cv2.erode(inside, apart) > 0, cv2.erode(1 - inside, apart) > 0
    if not within.any() or float(beyond.mean()) < BEYOND:
        return False
    light = cv2.cvtColor(tiny, cv2.COLOR_BGR2LAB)[:, :, 0]
    closed = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)).astype(np.float32)
    strokes = (closed - light) / np.maximum(20.0, closed) > STROKE
    there, here = float(strokes[beyond].mean()), float(strokes[within].mean())
    # What is no sheet by its shape may end at a shadow that runs down between the names and the figures of a table.
    most = LIKE_PRINT[1] * here if _like_a4(quad) else min(ODD_SHAPE * here, GRAINED)
    return LIKE_PRINT[0] * here < there < most


def _is_printed_band(tiny: Image, quad: Floats) -> bool:
    """Whether what lies beyond the quad, at one side of a page that else fills the picture, bears print itself: a
    coloured band with a title in it belongs to the page; the lid of a scanner or a desk is bare there.
    """
    height, width = tiny.shape[:2]
    fractions = quad / np.array([width, height], np.float32)
    sides = ((fractions[:, 0], 0), (fractions[:, 0], 1), (fractions[:, 1], 0), (fractions[:, 1], 1))
    framed = sum(int((np.abs(values - at) < FRAMED).sum() >= 2) for values, at in sides)
    if framed < 3:
        return False
    beyond = np.ones((height, width), np.uint8)
    cv2.fillConvexPoly(beyond, quad.astype(np.int32), 0)
    beyond = cv2.erode(beyond, np.ones((7, 7), np.uint8))
    light = cv2.cvtColor(tiny, cv2.COLOR_BGR2LAB)[:, :, 0].astype(np.float32)[beyond > 0]
    return bool(len(light) and float((np.abs(light - np.median(light)) > PRINT_LEVELS).mean()) > PRINTED)


def _straight(quad: Floats, fractions: Floats, bulge: float) -> Sheet | None:
    framed = np.minimum(np.abs(fractions), np.abs(1 - fractions)).max(axis=1) < MARGIN
    if framed.all():
        return None
    slanted = any(abs(angle - 90) > SQUARE for angle in _angles(quad))
    if not slanted:
        # A rectangle, so a scanner's: cut out straight; its corners are not exact enough to bend a picture by.
        quad = np.asarray(cv2.boxPoints(cv2.minAreaRect(quad.astype(np.float32))), np.float32)
        quad = _clockwise(quad)
    width, height = _sides(quad)
    a4 = abs(max(width, height) / min(width, height) / A_RATIO - 1) < (NEARLY_A4_CURLED if bulge else NEARLY_A4)
    if a4:
        long_side = max(width, height)
        width, height = (long_side, long_side / A_RATIO) if width > height else (long_side / A_RATIO, long_side)
    rim = RIM * max(width, height) + min(bulge, MOST_BULGE * max(width, height))
    size = (round(width + 2 * rim), round(height + 2 * rim))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) + np.float32(rim)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    slanted = any(abs(angle - 90) > 1.0 for angle in _angles(quad))
    dpi = round(max(width, height) / A4_LONG_INCH) if a4 else None
    return Sheet(matrix.astype(np.float64), size, dpi, slanted)
