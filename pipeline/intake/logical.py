"""From a scanned sheet to its logical pages: two side by side are parted, print of the other side is taken away, bent
paper straightened.

A page counts as scanned (CONTRACT): the parts of a sheet bear its number, and their boxes lead back to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.intake.bend import find_bend, joined, unbent
from pipeline.intake.look import Looked
from pipeline.intake.paper import A4_LONG_INCH
from pipeline.intake.reduce import halved
from pipeline.intake.through import find_through, without_through
from pipeline.intake.upright import to_upright_box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.model import Homography, Page
    from pipeline.reading.openvino import OpenVinoEngine

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]

__all__ = ["gutter_of", "logical_pages"]

SPREAD = (1.12, 1.8)  # width over height of two pages side by side
SIDE = 1200  # px of the long side at which the gutter is looked for
MIDDLE = (0.46, 0.54)  # share of the width where a gutter lies
CORRIDOR = 0.012  # share of the width that a gutter is free over
CROSSED = 0.6  # share of a row of the corridor that ink which crosses it takes
SPECKS = 0.002  # share of the corridor's rows that may be crossed: a hair, the edge of a stain
SPINE = 0.85  # … from which it is the shadow of a spine
LEAST_LINES = 5  # of text on a page
LONG_LINE = 0.55  # share of a page's width that a line of prose takes
PROSE = 3  # such lines on each page
FULL_OF_PROSE = 10  # such lines on one: the scope of business on a licence that lies has fewer
FEWEST_LINES = 3  # of text on the other: names, a date
CENTRED = 0.03  # share of a page's width that a heading or a page number may lie off its middle
HEADING = (0.06, 0.7)  # share of a page's width that a heading takes
HEAD, FOOT = 0.22, 0.9  # share of the height above which headings stand, under which page numbers do
NUMBER_WIDTH = 0.16  # share of a page's width that a page number takes at the most


def logical_pages(looked: Looked, engine: OpenVinoEngine) -> tuple[Looked, ...]:
    """The logical pages of a sheet that was looked at, from left to right, each as if it had lain flat."""
    if looked.page.kind != "content" or not looked.quads:
        return (looked,)
    at = gutter_of(looked.upright, looked.quads)
    parts = (looked,) if at is None else _parted(looked, at)
    return tuple(_straightened(_cleaned(part, engine), engine) for part in parts)


def gutter_of(upright: Image, quads: Sequence[Floats]) -> float | None:
    """Where two pages meet, as a share of the width; None on one page.

    A wide statement, a form or a licence that lies is one page: something of it (a title, a rule) crosses its middle.
    What crosses nothing must besides look like two pages: both with prose, or with headings or numbers of their own.
    """
    height, width = upright.shape[:2]
    if not SPREAD[0] < width / height < SPREAD[1] or len(quads) < LEAST_LINES + FEWEST_LINES:
        return None
    corridor = _corridor(upright, quads)
    if corridor is None:
        return None
    at, spine = corridor
    edges = ((0.0, at * width), (at * width, float(width)))
    sides = [[q for q in quads if left <= float(q[:, 0].mean()) < right] for left, right in edges]
    if min(map(len, sides)) < FEWEST_LINES or max(map(len, sides)) < LEAST_LINES:
        return None
    # A page full of prose that ends at the middle has a neighbour, be it the last one with nothing but signatures.
    if any(_prose(lines, edge) >= FULL_OF_PROSE for lines, edge in zip(sides, edges, strict=True)):
        return at
    looks = [_signs(lines, edge, height) for lines, edge in zip(sides, edges, strict=True)]
    # Of each sign both pages must have it; the shadow of a spine is a sign of both.
    alike = [a and b for a, b in zip(*looks, strict=True)]
    return at if any(alike) or (spine and any(map(any, looks))) else None


def _corridor(upright: Image, quads: Sequence[Floats]) -> tuple[float, bool] | None:
    """The middle of a strip that no text and no rule crosses, nearest to the page's middle; and whether it is dark."""
    width = upright.shape[1]
    spans = [(float(q[:, 0].min()) / width, float(q[:, 0].max()) / width) for q in quads]
    # Over and under all text there may be desk, or the scanner's lid, from side to side.
    top, bottom = (edge([q[:, 1] for q in quads]) / upright.shape[0] for edge in (np.min, np.max))
    dark = _dark(upright)
    dark = dark[max(0, round(top * len(dark))) : round(bottom * len(dark))]
    half = CORRIDOR / 2
    for at in sorted(np.arange(MIDDLE[0], MIDDLE[1] + 1e-9, CORRIDOR / 2), key=lambda x: abs(x - 0.5)):
        if any(left < at - half / 2 and right > at + half / 2 for left, right in spans):
            continue
        strip = dark[:, round((at - half) * dark.shape[1]) : round((at + half) * dark.shape[1])]
        crossed = float((strip.mean(axis=1) > CROSSED).mean())
        if crossed <= SPECKS or crossed >= SPINE:
            return float(at), crossed >= SPINE or _is_spine(strip)
    return None


def _is_spine(strip: NDArray[np.uint8]) -> bool:
    """A thin dark line down the whole corridor: the edge of a page, or the fold."""
    return bool((strip.any(axis=1)).mean() >= SPINE)


def _dark(image: Image) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    if max(grey.shape) >= 2 * SIDE:
        grey = halved(grey)
    share = min(1.0, SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return np.asarray(
        cv2.adaptiveThreshold(small, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 14), np.uint8
    )


def _signs(lines: Sequence[Floats], edge: tuple[float, float], height: int) -> tuple[bool, bool, bool]:
    """Prose, a heading, a page number: what a page by itself has."""
    width, middle = edge[1] - edge[0], (edge[0] + edge[1]) / 2
    heading = number = 0
    for quad in lines:
        (x0, y0), (x1, y1) = quad.min(axis=0), quad.max(axis=0)
        share, off = (x1 - x0) / width, abs((x0 + x1) / 2 - middle) / width
        heading += y1 < HEAD * height and off < CENTRED and HEADING[0] < share < HEADING[1]
        number += y0 > FOOT * height and off < CENTRED and share < NUMBER_WIDTH
    return _prose(lines, edge) >= PROSE, heading > 0, number > 0


def _prose(lines: Sequence[Floats], edge: tuple[float, float]) -> int:
    """Lines that take most of a page's width."""
    return sum(float(np.ptp(quad[:, 0])) >= LONG_LINE * (edge[1] - edge[0]) for quad in lines)


def _parted(looked: Looked, at: float) -> tuple[Looked, ...]:
    height, width = looked.upright.shape[:2]
    edges = (0, round(at * width), width)
    parts = []
    for number, (left, right) in enumerate(pairwise(edges), start=1):
        quads = tuple(
            q - np.array((left, 0), np.float32) for q in looked.quads or () if left <= float(q[:, 0].mean()) < right
        )
        page = looked.page.model_copy(
            update={
                "part": number,
                "to_scan": _within(looked.page.to_scan, left / width, right / width),
                "upright_width": right - left,
                "codes": tuple(
                    c for c in looked.page.codes if left <= to_upright_box(looked.page, c.box).cx * width < right
                ),
                "quality": looked.page.quality.model_copy(update={"dpi": _dpi(looked.page, height)}),
            }
        )
        parts.append(Looked(page, np.ascontiguousarray(looked.upright[:, left:right]), quads))
    return tuple(parts)


def _dpi(page: Page, height: int) -> int | None:
    """A photographed sheet was taken for A4; its halves are."""
    return round(height / A4_LONG_INCH) if page.quality.photo and page.quality.dpi else page.quality.dpi


def _within(to_scan: Homography, left: float, right: float) -> Homography:
    """The transform of a strip of the upright page to the page as scanned."""
    strip = np.array([[right - left, 0, left], [0, 1, 0], [0, 0, 1]], np.float64)
    a, b, c, d, e, f, g, h, i = (float(v) for v in (np.array(to_scan, np.float64).reshape(3, 3) @ strip).ravel())
    return (a, b, c, d, e, f, g, h, i)


def _cleaned(looked: Looked, engine: OpenVinoEngine) -> Looked:
    through = find_through(looked.upright, looked.quads or (), engine)
    if through is None:
        return looked
    clean = without_through(looked.upright, through)
    return Looked(looked.page, clean, tuple(engine.detect(clean)))


def _straightened(looked: Looked, engine: OpenVinoEngine) -> Looked:
    photo = looked.page.quality.photo
    bend = find_bend(looked.upright, looked.quads or (), photo=photo)
    if bend is None:
        return looked
    flat = unbent(looked.upright, bend)
    # A deep bend is found in two steps: runs of text that break on the slope are whole once it is less steep.
    rest = find_bend(flat, looked.quads or (), photo=photo)
    if rest is not None:
        bend = joined(bend, rest)
        flat = unbent(looked.upright, bend)
    return Looked(looked.page.model_copy(update={"bend": bend}), flat, tuple(engine.detect(flat)))
