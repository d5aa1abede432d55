"""Paper that does not lie flat: curled, rolled, folded or bound, and the page as if it did.

What is printed straight shows how the paper is bent: lines of text and rules across tell how far each spot lies above
or below where it was printed, rules down how far left or right. Both are fitted as a smooth grid (:class:`Bend`), and
only where print is bent by more than reading bears; a flat page costs the look and is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.intake.reduce import halved
from pipeline.intake.upright import bent
from pipeline.model import Bend

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Mask = NDArray[np.uint8]
    Floats = NDArray[np.float64]
    Quad = NDArray[np.float32]

__all__ = ["find_bend", "joined", "unbent"]

SIDE = 1200  # px of the long side at which lines are traced: text of 10 points is 15 px high
HALVE = 1.6  # of that side, from which a picture is halved, which is quick, before it is reduced
COLUMNS, ROWS = 13, 11  # of the grid's nodes: a crease between two of them is rounded off over 17 mm
STEP = 12  # px between the spots of a trace
TEXT_SHARE = 0.66  # text height over the height of a detection box
LONG_TEXT = 5.0  # text heights from which a run of text is traced
LONG_RULE = 0.06  # share of the side along it from which a rule is traced
STROKE = 24  # px: a rule is straight over so much, whatever the bend
THIN = 6.0  # px: thickness of a rule that leans
BENT = 2.2  # px: deviation from straight that reading bears (1 mm on A4)
LEAST = 5  # traces that must bend
LEAST_RULES = 3  # of rules down
SPAN = 0.2  # share of the width (or height) from which a trace tells a bend from unevenness of its characters
SHEET_SHARE = 0.4  # of the picture that a sheet with ground around it takes
CORNER = 0.05  # share of a sheet's width at its corners whose edge is not gone by: they are dog-eared first
EDGE_STEP = 3  # px between spots of an edge: two edges must bend a grid that many lines of text else do
RAGGED = 2.5  # px by which an edge may turn between two spots
EXPLAINED = 0.5  # of the deviation that may be left by the fit: more is no paper's bend
DEEPEST = 0.06  # share of the long side: no sheet that a person reads is bent more
NOISE = 1.0  # px: how exactly a spot of a trace is known
STIFF = 4.0  # weight of the grid's second differences against one spot
ANCHOR = 0.01  # weight that keeps what nothing tells at no displacement
FITS = 4  # rounds in which traces that contradict the others lose their weight


@dataclass(frozen=True, slots=True)
class _Trace:
    """Spots along something that was printed straight: places along it and where it lies across, in px."""

    along: Floats
    across: Floats


def find_bend(upright: Image, quads: Sequence[Quad], *, photo: bool = False) -> Bend | None:
    """How a page that was turned upright is bent; None where it is flat or nothing tells.

    :param quads: where text is on it, in pixels
    :param photo: there may be ground around the sheet: where print is scarce, the sheet's own edges tell
    """
    bright, share = _brightest(upright)
    dark: Mask = cv2.adaptiveThreshold(bright, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 14)
    height, width = dark.shape
    level, rules_across = _rule_traces(dark, width)
    upright_rules, rules_down = _rule_traces(np.ascontiguousarray(dark.T), height)
    text = cv2.bitwise_and(dark, cv2.bitwise_not(cv2.bitwise_or(level, np.ascontiguousarray(upright_rules.T)) * 255))
    traces = [*rules_across, *_text_traces(text, _text_height(quads, share))]
    least = LEAST
    if photo and len(_spanning(traces, width)) < LEAST:
        edges = _edge_traces(bright)
        # The edge towards the camera may look straight.
        traces, least = [*traces, *edges], 1 if edges else LEAST
    down = _fitted(traces, (width, height), (COLUMNS, ROWS), least)
    # A rule tells more than a line of text does; paper known to be bent needs fewer that say so the other way.
    across = _fitted(rules_down, (height, width), (ROWS, COLUMNS), LEAST_RULES if down is None else 1)
    if down is None and across is None:
        return None
    none = np.zeros((ROWS, COLUMNS))
    shift_x = none if across is None else across.T / width
    shift_y = none if down is None else down / height
    return Bend(
        columns=COLUMNS,
        rows=ROWS,
        across=tuple(round(float(v), 6) for v in shift_x.ravel()),
        down=tuple(round(float(v), 6) for v in shift_y.ravel()),
    )


def unbent(image: Image, bend: Bend) -> Image:
    """The picture as if the paper lay flat; its size stays."""
    height, width = image.shape[:2]
    xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    across, down = (_full(grid, bend, (width, height)) for grid in (bend.across, bend.down))
    done: Image = cv2.remap(
        image,
        xs + across * width,
        ys + down * height,
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return done


def joined(first: Bend, then: Bend) -> Bend:
    """One bend for two found one after the other, the second on the page that the first had straightened."""
    xs, ys = np.meshgrid(np.linspace(0, 1, first.columns), np.linspace(0, 1, first.rows))
    across, down = np.array(then.across).reshape(xs.shape), np.array(then.down).reshape(xs.shape)
    moved = bent(first, np.stack([(xs + across).ravel(), (ys + down).ravel()], axis=1))
    return Bend(
        columns=first.columns,
        rows=first.rows,
        across=tuple(round(float(v), 6) for v in moved[:, 0] - xs.ravel()),
        down=tuple(round(float(v), 6) for v in moved[:, 1] - ys.ravel()),
    )


def _full(grid: tuple[float, ...], bend: Bend, size: tuple[int, int]) -> NDArray[np.float32]:
    """A grid whose outer nodes lie on the page's edges, at every pixel."""
    nodes = np.array(grid, np.float32).reshape(bend.rows, bend.columns)
    scale = ((bend.columns - 1) / max(1, size[0] - 1), (bend.rows - 1) / max(1, size[1] - 1))
    matrix = np.array([[scale[0], 0, 0], [0, scale[1], 0]], np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(nodes, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32)


# --------------------------------------------------------------------------------------------------------- traces


def _brightest(image: Image) -> tuple[Image, float]:
    """The brightest channel of a reduced page (ink of seals, whose rings are bent by nature, vanishes there), and how
    much it was reduced.
    """
    longest = max(image.shape[:2])
    while max(image.shape[:2]) >= HALVE * SIDE:
        image = halved(image)
    blue, green, red = cv2.split(image)
    bright = cv2.max(cv2.max(blue, green), red)
    share = min(1.0, SIDE / max(bright.shape))
    if share < 1:
        bright = cv2.resize(bright, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return np.asarray(bright, np.uint8), max(bright.shape) / longest


def _text_height(quads: Sequence[Quad], share: float) -> float:
    heights = [float(min(np.linalg.norm(q[1] - q[0]), np.linalg.norm(q[3] - q[0]))) for q in quads]
    return max(6.0, float(np.median(heights)) * share * TEXT_SHARE) if heights else 15.0


def _rule_traces(dark: Mask, length: int) -> tuple[Mask, list[_Trace]]:
    """Thin things that run along the rows, as a mask and as traces."""
    thick = cv2.dilate(dark, np.ones((3, 1), np.uint8))
    rules = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, STROKE), np.uint8))
    return rules, _traces(rules, LONG_RULE * length, THIN)


def _text_traces(text: Mask, height: float) -> list[_Trace]:
    """The middle of each run of text."""
    reach = max(3, round(1.1 * height))
    runs = cv2.morphologyEx(text, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    runs = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((max(1, round(0.25 * height)), reach), np.uint8))
    return _traces(runs, LONG_TEXT * height, 1.5 * height)


def _traces(mask: Mask, shortest: float, thickest: float) -> list[_Trace]:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    found = []
    for label, (x, y, w, h, area) in enumerate(stats[1:].tolist(), start=1):
        if w < shortest or area > thickest * w:
            continue
        part = labels[y : y + h, x : x + w] == label
        counts = part.sum(axis=0)
        sums = np.arange(h) @ part
        steps = max(2, w // STEP)
        edges = np.linspace(0, w, steps + 1).astype(int)[:-1]
        mass = np.add.reduceat(counts, edges)
        middle = np.add.reduceat(sums, edges) / np.maximum(1, mass)
        held = mass > 0
        along = x + (edges + np.append(edges[1:], w)) / 2
        found.append(_Trace(along[held], y + middle[held] + 0.5))
    return found


def _edge_traces(bright: Image) -> list[_Trace]:
    """The upper and the lower edge of a sheet that lies on darker ground, both or none."""
    _, light = cv2.threshold(cv2.medianBlur(bright, 5), 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    light = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(light, connectivity=4)
    if count < 2:
        return []
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    x, _, w, _, area = stats[largest].tolist()
    if area < SHEET_SHARE * light.size:
        return []
    along = np.arange(x + round(CORNER * w), x + round((1 - CORNER) * w), EDGE_STEP)
    paper = labels[:, along] == largest
    height = len(paper)
    edges = (np.argmax(paper, axis=0), height - np.argmax(paper[::-1], axis=0))
    found = [_Trace(along + 0.5, edge.astype(np.float64)) for edge in edges]
    return found if all(_is_edge(trace.across, height) for trace in found) else []


def _is_edge(across: Floats, height: int) -> bool:
    """Off the picture's frame, and smooth: a torn or dog-eared sheet has no edge to go by."""
    framed = (across < 3) | (across > height - 3)
    return bool(len(across) > 8 and framed.mean() < 0.1 and np.abs(np.diff(across, 2)).max() < RAGGED)


# ------------------------------------------------------------------------------------------------------- the grid


def _fitted(traces: Sequence[_Trace], size: tuple[int, int], grid: tuple[int, int], least: int) -> Floats | None:
    """Displacement across at every node (rows × columns, px) for traces along a page's first side; None: flat.

    :param size: px along the traces and across
    :param grid: nodes along the traces and across
    :param least: traces that must be bent
    """
    if sum(_deviation(trace) > BENT for trace in _spanning(traces, size[0])) < least:
        return None
    fit = _Fit(traces, size, grid)
    nodes = fit.nodes()
    told, left = fit.spread(nodes)
    if told < BENT or left > EXPLAINED * told or float(np.ptp(nodes)) > 2 * DEEPEST * max(size):
        return None
    return nodes


def _spanning(traces: Sequence[_Trace], length: int) -> list[_Trace]:
    """Those so long that a bend of theirs is the paper's."""
    return [t for t in traces if len(t.along) > 2 and np.ptp(t.along) >= SPAN * length]


def _deviation(trace: _Trace) -> float:
    """How far a trace leaves the level that it should lie on, apart from single characters that stick out."""
    smooth = np.convolve(np.pad(trace.across, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    return float(np.ptp(smooth)) / 2


class _Fit:
    """Traces against a grid of nodes: each spot lies at its trace's own level plus the grid's displacement there."""

    def __init__(self, traces: Sequence[_Trace], size: tuple[int, int], grid: tuple[int, int]) -> None:
        self._grid = grid
        self._owner = np.concatenate([np.full(len(t.along), i) for i, t in enumerate(traces)])
        self._count = np.bincount(self._owner).astype(np.float64)
        self._along = np.concatenate([t.along for t in traces]) / size[0]
        self._across = np.concatenate([t.across for t in traces])
        self._height = size[1]
        self._stiff = _stiffness(*grid)

    def nodes(self) -> Floats:
        """The grid, after a few rounds in which contradicting spots lose their weight."""
        columns, rows = self._grid
        weights = np.ones(len(self._across))
        levels = self._means(self._across, weights)
        nodes = np.zeros(columns * rows)
        for _ in range(FITS):
            terms = self._terms(levels)
            means = np.stack([self._means(term, weights) for term in terms.T], axis=1)
            centred = terms - means[self._owner]
            target = self._across - self._means(self._across, weights)[self._owner]
            weighted = centred * weights[:, None]
            nodes = np.linalg.solve(centred.T @ weighted + self._stiff, weighted.T @ target)
            levels = self._means(self._across - terms @ nodes, weights)
            left = target - centred @ nodes
            weights = 1 / (1 + (left / max(NOISE, float(np.median(np.abs(left))))) ** 2)
        self._levels = levels
        return nodes.reshape(rows, columns)

    def spread(self, nodes: Floats) -> tuple[float, float]:
        """How much the traces leave their levels (px, nine of ten less), and how much of it the grid leaves."""
        even = np.ones(len(self._across))
        raw = self._across - self._means(self._across, even)[self._owner]
        after = self._across - self._terms(self._levels) @ nodes.ravel()
        left = after - self._means(after, even)[self._owner]
        return float(np.percentile(np.abs(raw), 90)), float(np.percentile(np.abs(left), 80))

    def _means(self, values: Floats, weights: Floats) -> Floats:
        mass = np.maximum(1e-9, np.bincount(self._owner, weights, len(self._count)))
        return np.asarray(np.bincount(self._owner, values * weights, len(self._count)) / mass)

    def _terms(self, levels: Floats) -> Floats:
        """The share of every node in every spot's displacement, between the four nodes around it."""
        columns, rows = self._grid
        x = np.clip(self._along, 0, 1) * (columns - 1)
        y = np.clip(levels[self._owner] / self._height, 0, 1) * (rows - 1)
        left, top = np.minimum(x.astype(int), columns - 2), np.minimum(y.astype(int), rows - 2)
        terms = np.zeros((len(x), columns * rows))
        at = np.arange(len(x))
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
            share = np.where(dx, x - left, 1 - (x - left)) * np.where(dy, y - top, 1 - (y - top))
            terms[at, (top + dy) * columns + left + dx] += share
        return terms


@lru_cache(maxsize=4)
def _stiffness(columns: int, rows: int) -> Floats:
    """Paper is stiff: what a bent grid costs; and a little for every displacement, so that blank places stay."""
    nodes = np.arange(columns * rows).reshape(rows, columns)
    cost = ANCHOR * np.eye(nodes.size)
    for a, b, c in (
        *zip(nodes[:, :-2].ravel(), nodes[:, 1:-1].ravel(), nodes[:, 2:].ravel(), strict=True),
        *zip(nodes[:-2].ravel(), nodes[1:-1].ravel(), nodes[2:].ravel(), strict=True),
    ):
        row = np.zeros(nodes.size)
        row[[a, b, c]] = 1.0, -2.0, 1.0
        cost += STIFF * np.outer(row, row)
    return cost
