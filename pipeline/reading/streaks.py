"""Lines over a page that nobody printed: dirt on the scanner's glass, a fold (折痕), the edge of a shadow.

The rules of a table begin and end at other rules, or where their fellows do, and are as dark as these. A streak runs
over nearly the whole sheet in one line and ends at nothing; a fold is paler than print besides, and runs on past the
table that it crosses. Where a streak lies on a rule, the rule stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Depth = NDArray[np.uint8]
    Rules = NDArray[np.float32]
    Floats = NDArray[np.float64]

__all__ = ["TOUCH", "Piece", "without_streaks"]

TOUCH = 0.006  # share of the long side: how near an end must come to a rule to touch it
STREAK_LENGTH = 0.75  # share of the sheet that a streak runs over, in pieces
STREAK_ALONE = 0.06  # share of the long side: a piece this long that ends at no other rule shows what it is
STREAK_WIDTH = 0.0025  # share of the long side that a piece may lie off the streak's line
STREAK_LEAN = 0.05  # across over along: a streak leans as much as the page was straightened, 3° here
WANDERS = 0.005  # share of the long side that a piece of a fold may lie off its line: no ruler drew it
PALE = 0.6  # of the darkness of the rules it crosses: no fellow of theirs
AS_DARK = 0.5, 1.6  # of it, and of the darkness of the streak that lies on it: a rule is as dark at least
TORN = 3  # ends of pieces of one line that are at no rule: a fold shows here and there
PAST = 2  # touches by which a line runs past the last rule that it crosses
HALF, MOST = 0.5, 0.8  # of a piece's length
ACROSS_TONE = 3  # px: how far across a piece its darkest row is looked for
MOST_LEAN = 0.02  # across over along: what straightening may leave, 1°
ACROSS_RULE = 9  # px: the same for a rule that a streak has drawn aside

Piece = tuple[float, float, float]  # start, end, position


@dataclass(frozen=True, slots=True)
class _Line:
    """Where a streak runs: a place on it and how far it goes across for each step along."""

    along: float
    at: float
    slope: float

    def near(self, pieces: Sequence[Piece], places: Floats, reach: float) -> list[Piece]:
        """The pieces that lie on it. ``places``: of each, where its middle is along and across."""
        off = np.abs(places[:, 1] - self.at - self.slope * (places[:, 0] - self.along))
        return [pieces[int(i)] for i in np.flatnonzero(off <= reach)]


class _Tones:
    """How dark the rules of the other direction are, measured once."""

    def __init__(self, depth: Depth) -> None:
        self._depth = depth
        self._known: dict[Piece, float] = {}

    def of(self, piece: Piece) -> float:
        if piece not in self._known:
            self._known[piece] = _tone(self._depth, piece)
        return self._known[piece]


def without_streaks(
    pieces: Sequence[Piece],
    crossing: Sequence[Piece],
    depth: Depth,
    long_side: int,
    *,
    alone: bool = False,
) -> list[Piece]:
    """Pieces of rules without those of streaks.

    :param crossing: the pieces of the other direction
    :param depth: how much darker each spot is than what lies around it; ``pieces`` run along its rows
    :param alone: rules of this direction stand alone in many a form: only what runs off the sheet, or is paler than the
        rules it crosses, is a streak
    """
    length = depth.shape[1]
    rules = np.array(crossing, np.float32).reshape(-1, 3)
    touch = TOUCH * long_side
    tones = _Tones(depth.T)
    loose = [
        (p, ends)
        for p in pieces
        if p[1] - p[0] >= STREAK_ALONE * long_side
        for ends in [_loose_ends(p, rules, touch, length)]
        if ends
    ]
    kept = list(pieces)
    places = np.array([((p[0] + p[1]) / 2, p[2]) for p in pieces], np.float64).reshape(-1, 2)
    gone: set[Piece] = set()
    tried: set[frozenset[Piece]] = set()
    for (one, sure), (other, _) in product(loose, repeat=2):
        line = _line(one, other)
        if one in gone or other in gone or line is None:
            continue
        dirt: list[Piece] = []
        if sure == 2 and (not alone or _runs_off(one, touch, length)):
            near = line.near(pieces, places, STREAK_WIDTH * long_side)
            dirt = near if _reach(near) > STREAK_LENGTH * length else []
        near = line.near(pieces, places, WANDERS * long_side)
        if not dirt and frozenset(near) not in tried:
            tried.add(frozenset(near))
            met = _met(near, crossing, touch)
            dirt = near if _fold(near, met, pieces, depth, tones, touch, least=2 if alone else 1) else []
        if dirt:
            met = _met(dirt, crossing, touch)
            spared = _under(dirt, met, depth, tones, touch)
            gone.update(dirt)
            kept = [p for p in kept if p not in gone]
            for rule in sorted(spared, key=lambda p: p[0] - p[1]):
                kept += [] if any(_same(rule, other, touch) for other in kept) else [rule]
    return sorted(set(kept))


def _line(one: Piece, other: Piece) -> _Line | None:
    """The line through the middles of two pieces, unless it leans too much; straight along one piece alone."""
    middle = (one[0] + one[1]) / 2
    reach = (other[0] + other[1]) / 2 - middle
    # Straightening the page has made the streak lean.
    slope = (other[2] - one[2]) / reach if abs(reach) >= 1 else 0.0
    return _Line(middle, one[2], slope) if abs(slope) <= STREAK_LEAN else None


def _same(one: Piece, other: Piece, touch: float) -> bool:
    """Whether a piece lies on another."""
    return abs(one[2] - other[2]) <= touch and min(one[1], other[1]) - max(one[0], other[0]) > touch


def _reach(pieces: Sequence[Piece]) -> float:
    return max(p[1] for p in pieces) - min(p[0] for p in pieces)


def _met(pieces: Sequence[Piece], crossing: Iterable[Piece], touch: float) -> list[Piece]:
    """The rules of the other direction that a line of pieces comes to or crosses."""
    start, end = min(p[0] for p in pieces) - touch, max(p[1] for p in pieces) + touch
    low, high = min(p[2] for p in pieces) - touch, max(p[2] for p in pieces) + touch
    return [c for c in crossing if start <= c[2] <= end and c[0] <= high and c[1] >= low]


def _fold(
    near: Sequence[Piece],
    met: Sequence[Piece],
    pieces: Sequence[Piece],
    depth: Depth,
    tones: _Tones,
    touch: float,
    *,
    least: int,
) -> bool:
    """Whether a line of pieces is paler than the rules it crosses, and runs past them or ends at none."""
    if not near or len(met) < least:
        return False
    start, end = min(p[0] for p in near), max(p[1] for p in near)
    first, last = min(c[2] for c in met), max(c[2] for c in met)
    others = [p for p in pieces if p not in near]

    def with_fellows(edge: float, side: int) -> bool:
        return any(abs(p[side] - edge) <= PAST * touch for p in others)

    past = [
        first - start > PAST * touch and not with_fellows(start, 0),
        end - last > PAST * touch and not with_fellows(end, 1),
    ]
    inside = [all(abs(c[2] - edge) > touch for c in met) for edge in (start, end)]
    torn = sum(all(abs(c[2] - edge) > touch for c in met) for p in near for edge in p[:2]) >= TORN
    ends_at_nothing = any(past) or all(inside)
    if not ends_at_nothing and not torn:
        return False
    outside = [part for p in near for part in _parts(p, first, last)] or list(near)
    tone = float(np.median([_tone(depth, part) for part in outside]))
    # Faint rules are torn as folds are, all rules of their direction alike.
    longest = max(p[1] - p[0] for p in near)
    fellows = [] if ends_at_nothing else [_tone(depth, p) for p in others if p[1] - p[0] > longest]
    return tone < PALE * min(float(np.median(t)) for t in ([tones.of(c) for c in met], fellows) if t)


def _parts(piece: Piece, first: float, last: float) -> list[Piece]:
    """What of a piece lies before the first and behind the last rule it crosses."""
    parts = [(piece[0], min(piece[1], first), piece[2]), (max(piece[0], last), piece[1], piece[2])]
    return [part for part in parts if part[1] - part[0] >= 2 * ACROSS_TONE]


def _under(dirt: Sequence[Piece], met: Sequence[Piece], depth: Depth, tones: _Tones, touch: float) -> list[Piece]:
    """The rules that a streak lies on: pieces between crossing rules as dark as these, where the streak is paler."""
    if len(met) < 2:
        return []
    first, last = min(c[2] for c in met), max(c[2] for c in met)
    outside = [_tone(depth, part) for p in dirt for part in _parts(p, first, last)]
    usual = float(np.median([tones.of(c) for c in met]))
    if not outside or float(np.median(outside)) >= PALE * usual:
        return []
    least = max(AS_DARK[0] * usual, AS_DARK[1] * float(np.median(outside)))
    inner = [(max(p[0], first), min(p[1], last), p[2]) for p in dirt]
    found = [_dark_part(_centred(depth, p), met, depth, least, touch) for p in inner if p[1] - p[0] > touch]
    return [part for part in found if part]


def _dark_part(piece: Piece, met: Sequence[Piece], depth: Depth, least: float, touch: float) -> Piece | None:
    """What of a piece, from crossing rule to crossing rule, is dark enough."""
    edges = sorted({c[2] for c in met if piece[0] - touch <= c[2] <= piece[1] + touch})
    dark = [
        (start, end)
        for start, end in pairwise(edges)
        if end - start > touch and _tone(depth, (start, end, piece[2]), share=MOST) >= least
    ]
    whole = (dark[0][0], dark[-1][1], piece[2]) if dark else None
    return whole if whole and _tone(depth, whole, share=MOST) >= least else None


def _band(depth: Depth, piece: Piece, across: int) -> tuple[Depth, int]:
    row = round(piece[2])
    top = max(0, row - across)
    return depth[top : row + across + 1, max(0, round(piece[0])) : max(1, round(piece[1]))], top


def _tone(depth: Depth, piece: Piece, *, share: float = HALF) -> float:
    """How dark a piece is along that share of it at least, leaning as it may."""
    half = (piece[1] - piece[0]) / 2
    lean = min(MOST_LEAN * half, ACROSS_RULE + ACROSS_TONE)
    band, top = _band(depth, piece, round(lean) + ACROSS_TONE)
    if not band.size or not band.shape[1]:
        return 0.0
    along = np.linspace(-1, 1, band.shape[1])
    widest = cv2.dilate(band, np.ones((2 * ACROSS_TONE + 1, 1), np.uint8))
    columns = np.arange(band.shape[1])
    tones = []
    for off in np.arange(-lean, lean + 1, ACROSS_TONE) if lean >= ACROSS_TONE else (0.0,):
        rows = np.clip(np.rint(piece[2] - top + off * along), 0, band.shape[0] - 1).astype(int)
        tones.append(float(np.quantile(widest[rows, columns], 1 - share)))
    return max(tones)


def _centred(depth: Depth, piece: Piece) -> Piece:
    """A piece on the darkest row near it."""
    band, top = _band(depth, piece, ACROSS_RULE)
    return (piece[0], piece[1], float(top + int(np.argmax(np.median(band, axis=1))))) if band.size else piece


def _runs_off(piece: Piece, touch: float, length: int) -> bool:
    return piece[0] < 2 * touch or piece[1] > length - 2 * touch


def _loose_ends(piece: Piece, rules: Rules, touch: float, length: int) -> int:
    """How many ends of a piece are at no rule; 2 for one that runs off the sheet."""
    start, end, at = piece
    if _runs_off(piece, touch, length):
        return 2
    passing = rules[(rules[:, 0] - touch <= at) & (rules[:, 1] + touch >= at), 2]
    return sum(not bool(np.any(np.abs(passing - place) <= touch)) for place in (start, end))
