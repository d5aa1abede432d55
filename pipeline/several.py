"""Several certificates copied onto one sheet (two 软著 on an A4 page): each as a page of its own.

A sheet is divided only where every part proves itself a first page of the same kind with a number of its own: a list, a
form or one certificate that repeats its title stays whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Protocol

from pipeline.intake.upright import to_upright_box
from pipeline.model import Box, Homography, InkGrid, Line, PageScore, ReadPage, Ruling

__all__ = ["several_on"]

SURE_FIRST = 85  # score from which a part is a first page beyond doubt
FEWEST_LINES = 8  # of two certificates together
APART = 0.12  # of the page: heads nearer than that are one title over two lines
HEAD_ROOM = 0.12  # of the page's height over a head in which its own part begins
SEAL_SHARE = 0.15  # of a seal that lies on a part for it to be there too
_HEAD = re.compile(r"(?:证书|执照|许可证)(?:[(（](?:副本|正本)[)）])?$")


class Scorer(Protocol):
    """What can tell a page of its kind."""

    def score(self, page: ReadPage) -> PageScore | None:
        """How surely a page is of its kind."""
        ...


def several_on(page: ReadPage, scorers: Sequence[Scorer]) -> tuple[tuple[Box, ReadPage], ...]:
    """The page's certificates, top to bottom and left to right, with their places on it; none where it bears but one.

    Bent paper stays whole: what was straightened cannot be divided.
    """
    if page.page.kind != "content" or page.page.bend is not None or len(page.lines) < FEWEST_LINES:
        return ()
    heads = _heads(page.lines)
    cells = _cells(heads, page.lines) if len(heads) >= 2 else ()
    if len(cells) < 2:
        return ()
    parts = tuple(_part(page, cell, number) for number, cell in enumerate(cells, start=1))
    scores = [_best(part, scorers) for part in parts]
    firsts = [s for s in scores if s is not None and s.opens and s.score >= SURE_FIRST and s.number]
    alone = len(firsts) == len(parts) and len({s.type for s in firsts}) == 1
    return tuple(zip(cells, parts, strict=True)) if alone and len({s.number for s in firsts}) == len(parts) else ()


def _heads(lines: Sequence[Line]) -> list[Line]:
    """Lines of one wording that head a certificate, each larger than the text, if there are several."""
    usual = median(line.box.height for line in lines)
    worded: dict[str, list[Line]] = {}
    for line in lines:
        text = unicodedata.normalize("NFKC", re.sub(r"\s", "", line.text))
        if 4 <= len(text) <= 24 and line.box.height > usual and _HEAD.search(text):
            worded.setdefault(text, []).append(line)
    return max(worded.values(), key=len, default=[])


def _cells(heads: Sequence[Line], lines: Sequence[Line]) -> tuple[Box, ...]:
    """The part of the sheet under each head; none where text runs across from one to another."""
    rows: list[list[Line]] = []
    for head in sorted(heads, key=lambda line: line.box.cy):
        if rows and head.box.cy - rows[-1][-1].box.cy < APART:
            rows[-1].append(head)
        else:
            rows.append([head])
    tops = [0.0, *(_top(row, lines) for row in rows[1:]), 1.0]
    cells: list[Box] = []
    for row, (top, bottom) in zip(rows, pairwise(tops), strict=True):
        inside = [line for line in lines if top <= line.box.cy < bottom]
        edges = [0.0]
        for left, right in pairwise(sorted(row, key=lambda line: line.box.cx)):
            gutter = _gutter(left, right, inside)
            if gutter is None:
                return ()
            edges.append(gutter)
        cells += [Box(x0, top, x1, bottom) for x0, x1 in pairwise((*edges, 1.0))]
    return tuple(cells)


def _top(row: Sequence[Line], lines: Sequence[Line]) -> float:
    """Where the part that these heads begin is divided from the one above: the widest gap not far over them."""
    start = min(head.box.y0 for head in row)
    over = max((line.box.y1 for line in lines if line.box.cy < start - HEAD_ROOM), default=0.0)
    spans = sorted((max(over, line.box.y0), line.box.y1) for line in lines if over < line.box.cy < start)
    ends, gaps = max(over, start - HEAD_ROOM), [(0.0, start)]
    for y0, y1 in (*spans, (start, start)):
        gaps.append((y0 - ends, (y0 + ends) / 2))
        ends = max(ends, y1)
    return max(gaps)[1]


def _gutter(left: Line, right: Line, lines: Sequence[Line]) -> float | None:
    """The middle of the widest strip between two heads that no line crosses."""
    spans = sorted((line.box.x0, line.box.x1) for line in lines)
    strips: list[tuple[float, float]] = []
    end = 0.0
    for x0, x1 in (*spans, (1.0, 1.0)):
        low, high = max(end, left.box.cx), min(x0, right.box.cx)
        if high > low:
            strips.append((high - low, (high + low) / 2))
        end = max(end, x1)
    return max(strips)[1] if strips else None


def _part(page: ReadPage, cell: Box, number: int) -> ReadPage:
    """What lies in a cell, as a page of its own."""

    def within(box: Box) -> bool:
        return cell.x0 <= box.cx < cell.x1 and cell.y0 <= box.cy < cell.y1

    def framed(box: Box) -> Box:
        x0, x1 = ((x - cell.x0) / cell.width for x in (box.x0, box.x1))
        y0, y1 = ((y - cell.y0) / cell.height for y in (box.y0, box.y1))
        return Box(max(0.0, x0), max(0.0, y0), min(1.0, x1), min(1.0, y1))

    def rule(one: Ruling) -> Ruling:
        box = framed(Box(one.x0, one.y0, one.x1, one.y1))
        return Ruling(x0=box.x0, y0=box.y0, x1=box.x1, y1=box.y1)

    sheet = page.page
    width, height = sheet.upright_width or sheet.width, sheet.upright_height or sheet.height
    return page.model_copy(
        update={
            "page": sheet.model_copy(
                update={
                    "part": number,
                    "to_scan": _of_cell(sheet.to_scan, cell),
                    "upright_width": round(width * cell.width),
                    "upright_height": round(height * cell.height),
                    "codes": tuple(code for code in sheet.codes if within(to_upright_box(sheet, code.box))),
                }
            ),
            "lines": tuple(
                line.model_copy(update={"box": framed(line.box)}) for line in page.lines if within(line.box)
            ),
            "seals": tuple(
                seal.model_copy(update={"box": framed(seal.box)})
                for seal in page.seals
                if seal.box.intersection(cell) > SEAL_SHARE * seal.box.area
            ),
            "rejected": tuple(
                one.model_copy(update={"box": framed(one.box)}) for one in page.rejected if within(one.box)
            ),
            "rulings": tuple(rule(r) for r in page.rulings if within(Box(r.x0, r.y0, r.x1, r.y1))),
            "ink": _ink(page.ink, cell),
        }
    )


def _ink(ink: InkGrid, cell: Box) -> InkGrid:
    if not ink.cells:
        return ink
    left, right = round(cell.x0 * ink.columns), round(cell.x1 * ink.columns)
    top, bottom = round(cell.y0 * ink.rows), round(cell.y1 * ink.rows)
    rows = [ink.cells[row * ink.columns + left : row * ink.columns + right] for row in range(top, bottom)]
    return InkGrid(columns=right - left, rows=bottom - top, cells="".join(rows))


def _of_cell(to_scan: Homography, cell: Box) -> Homography:
    """The transform of a cell of the upright page to the page as scanned."""
    a, b, c, d, e, f, g, h, i = to_scan
    w, t, x, y = cell.width, cell.height, cell.x0, cell.y0
    rows = ((a, b, c), (d, e, f), (g, h, i))
    (a, b, c), (d, e, f), (g, h, i) = ((p * w, q * t, p * x + q * y + r) for p, q, r in rows)
    return (a, b, c, d, e, f, g, h, i)


def _best(page: ReadPage, scorers: Sequence[Scorer]) -> PageScore | None:
    scores = (score for scorer in scorers if (score := scorer.score(page)) is not None)
    return max(scores, key=lambda score: score.score, default=None)
