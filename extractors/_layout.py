"""Labels and values on papers without rulings (证书, 执照): found by wording, joined by where they stand.

Certificates are set freely: values stand right of their labels, or below, or (on English ones) above; labels are spaced
out (名　　称) until the reader takes their signs for lines of their own. Nothing rests on the order of lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from extractors._beside import COLUMN, HIGHER, in_one_row, runs_into, stands_across
from extractors._label_hits import Labels, hits_in, longest_first, only_english_label
from extractors._label_pieces import aspect_of, printed_lines, with_whole_labels
from extractors._wording import joined
from pipeline.model import Box, Line, ReadPage
from pipeline.tables.grid import part_of_line, union_of

__all__ = ["Found", "Layout", "Spot", "Whole", "layout_of"]

Whole = Callable[[str, str], bool]
CHAIN = 1.6  # line heights: farther pieces of a row are something else
WRAP = 1.1  # line heights: room between two lines of one value
BELOW = 2.4  # line heights: the farthest that a value stands under its label
ABOVE = 1.6  # line heights: the farthest that a value stands over its label
RIGHT = 0.5  # of the page's width: the farthest that a value stands right of its label
MAX_LINES = 14  # of one value
TABLE_RULES = 3  # across the page that make a table: one may be a fold
TWIN = 0.8  # line heights: the farthest that a label's translation stands under it
EDGE = 0.01  # of the page's width: a table's rule runs from its label's edge on, an underline does not


@dataclass(frozen=True, slots=True)
class Spot:
    """A label where it stands. ``rest``: what its own line says behind it; ``trust``: that it is a label at all."""

    key: str
    label: str
    box: Box
    rest: Line | None
    trust: float


@dataclass(frozen=True, slots=True)
class Found:
    """A value that may be a label's: its lines in reading order, and how it stands (right, below, above)."""

    lines: tuple[Line, ...]
    spot: Spot
    how: str
    trust: float

    @property
    def text(self) -> str:
        """The lines as one text: broken Chinese joined without, Latin words with a space."""
        return joined(self.lines)


@dataclass(frozen=True, slots=True)
class Layout:
    """One page as labels and the text between them. ``aspect``: the page's width over its height."""

    page: ReadPage
    aspect: float
    lines: tuple[Line, ...]
    spots: tuple[Spot, ...]
    free: tuple[Line, ...]

    def has(self, key: str) -> bool:
        """Whether a label of that kind is there."""
        return any(spot.key == key for spot in self.spots)

    def keys(self, floor: float = 0.9) -> frozenset[str]:
        """Kinds of label seen with at least that trust."""
        return frozenset(spot.key for spot in self.spots if spot.trust >= floor)

    def found(self, key: str, *, wraps: bool = False, whole: Whole | None = None) -> Iterator[Found]:
        """What may be the value of a label, likeliest first.

        :param wraps: whether such a value may take several lines
        :param whole: told the value so far and the row below it, whether the value is complete without that row
        """
        spots = sorted((s for s in self.spots if s.key == key), key=lambda s: -s.trust)
        for spot in spots:
            right = self._right(spot)
            if right:
                yield Found(self._wrapped(right, spot, whole) if wraps else tuple(right), spot, "right", spot.trust)
        for spot in spots:
            if spot.rest is None:
                for how, trust in (("below", 0.96), ("above", 0.85)):
                    near = self._under(spot) if how == "below" else self._over(spot)
                    if near:
                        lines = self._wrapped(near, spot, whole) if wraps and how == "below" else tuple(near)
                        yield Found(lines, spot, how, spot.trust * trust)

    def _right(self, spot: Spot) -> list[Line]:
        start = spot.rest
        if start is None:
            beside = [
                line
                for line in self.free
                if in_one_row(line.box, spot.box)
                and (-0.02 <= line.box.x0 - spot.box.x1 <= RIGHT or runs_into(spot.box, line.box))
                and not self._label_between(spot, spot.box.x1, line.box)
            ]
            start = min(
                beside, key=lambda line: (line.box.height > HIGHER * spot.box.height, line.box.x0), default=None
            )
        return self._chained(start, spot) if start is not None else []

    def _chained(self, start: Line, spot: Spot) -> list[Line]:
        """A piece and those that follow it closely in its row."""
        chain = [start]
        while len(chain) < MAX_LINES:
            last = chain[-1].box
            reach = CHAIN * min(last.height, spot.box.height * 1.5) / self.aspect
            after = [
                line
                for line in self.free
                if line is not start
                and line not in chain
                and in_one_row(line.box, last)
                and -0.01 <= line.box.x0 - last.x1 <= reach
                and not stands_across(line.box, last)
                and not self._label_between(spot, last.x1, line.box)
            ]
            if not after:
                break
            chain.append(min(after, key=lambda line: line.box.x0))
        return chain

    def _label_between(self, own: Spot, x: float, box: Box) -> bool:
        """Whether another label stands right of ``x`` and left of the box, in its row."""
        return any(
            spot is not own and in_one_row(spot.box, box) and x - 0.01 <= spot.box.x0 < box.x0 + 0.002
            for spot in self.spots
        )

    def _wrapped(self, first: Sequence[Line], spot: Spot, whole: Whole | None) -> tuple[Line, ...]:
        """A value's first row, and the rows under it that go on with it."""
        value = list(first)
        edge = self._next_column(first)
        left, right = first[0].box.x0, min(edge, max(line.box.x1 for line in first))
        full = edge - right < 3 * first[-1].box.height / self.aspect
        row = union_of([line.box for line in first])
        while len(value) < MAX_LINES:
            height = median(line.box.height for line in value)
            indent = 2.2 * height / self.aspect
            after = [
                line
                for line in self.free
                if line not in value
                and row.cy < line.box.cy
                and line.box.y0 - row.y1 <= WRAP * height
                and 0.6 * height <= line.box.height <= 1.7 * height
                and line.box.x0 < edge - EDGE
                and self._goes_on(line, spot, left - indent, right, full=full)
                and not self._owned_elsewhere(line, spot, row)
                and not self._below_next(line, spot, row)
            ]
            if not after:
                break
            nearest = min(after, key=lambda line: line.box.y0)
            line_row = sorted((one for one in after if in_one_row(one.box, nearest.box)), key=lambda one: one.box.x0)
            if whole is not None and whole(joined(value), joined(line_row)):
                break
            value += line_row
            row = union_of([line.box for line in line_row])
            right = min(edge, max(right, row.x1))
            left = min(left, row.x0)
        return tuple(value)

    def _next_column(self, first: Sequence[Line]) -> float:
        """Where the next label in a value's row begins: no line of the value goes on right of it."""
        end = first[0].box.x0
        right = [spot.box.x0 for spot in self.spots if spot.box.x0 > end and in_one_row(spot.box, first[0].box)]
        return min(right, default=1.0)

    def _goes_on(self, line: Line, spot: Spot, left: float, right: float, *, full: bool) -> bool:
        """Under the value itself; or, where its first row ran to the right or to the next column, under its label."""
        under_value = left <= line.box.x0 <= right
        back = spot.rest is not None and spot.box.x0 - 0.01 <= line.box.x0 <= right and (right > 0.6 or full)
        return under_value or back

    def _owned_elsewhere(self, line: Line, spot: Spot, row: Box) -> bool:
        """Whether another label stands left of the line in its row, or between it and the value above."""
        for other in self.spots:
            if other is spot:
                continue
            if in_one_row(other.box, line.box) and spot.box.x0 - 0.03 <= other.box.x0 < line.box.x0 + 0.01:
                return True
            over = other.box.x0 < line.box.x1 and other.box.x1 > line.box.x0
            if over and row.cy < other.box.cy < line.box.cy:
                return True
        return False

    def _below_next(self, line: Line, spot: Spot, row: Box) -> bool:
        """Whether the line stands under the next label of the spot's own column, or beyond a rule of their table."""
        label = any(
            other is not spot and abs(other.box.x0 - spot.box.x0) < COLUMN and row.cy < other.box.cy < line.box.cy
            for other in self.spots
        )
        across = [
            (rule.y0 + rule.y1) / 2
            for rule in self.page.rulings
            if rule.horizontal and rule.x0 <= spot.box.x0 + EDGE and rule.x1 >= line.box.x1 - EDGE
        ]
        ruled = len(across) >= TABLE_RULES and any(row.cy < y < line.box.cy for y in across)
        return label or ruled

    def _under(self, spot: Spot) -> list[Line]:
        return self._stacked(spot, [one for one in self.free if one.box.cy - spot.box.cy > 0], BELOW)

    def _over(self, spot: Spot) -> list[Line]:
        return self._stacked(spot, [one for one in self.free if spot.box.cy - one.box.cy > 0], ABOVE)

    def _stacked(self, spot: Spot, lines: Iterable[Line], reach: float) -> list[Line]:
        height = spot.box.height
        near = [
            line
            for line in lines
            if max(line.box.y0 - spot.box.y1, spot.box.y0 - line.box.y1) <= reach * height
            and not in_one_row(line.box, spot.box)
            and min(line.box.x1, spot.box.x1) - max(line.box.x0, spot.box.x0)
            > 0.3 * min(line.box.width, spot.box.width)
            and not self._of_a_lower_row(line, spot)
        ]
        if not near:
            return []
        first = min(near, key=lambda line: abs(line.box.cy - spot.box.cy))
        chain = self._chained(first, spot)
        return [line for line in chain if line is first or not self._of_a_neighbour(line, spot)]

    def _of_a_lower_row(self, line: Line, spot: Spot) -> bool:
        """Whether the line stands right of another label of the spot's own column: the value of that row."""
        return any(
            other is not spot
            and other.rest is None
            and abs(other.box.x0 - spot.box.x0) < COLUMN
            and in_one_row(other.box, line.box)
            and other.box.x0 < line.box.x0
            for other in self.spots
        )

    def _of_a_neighbour(self, line: Line, spot: Spot) -> bool:
        """Whether a piece stands under or over another head of the spot's row, known or not: cards side by side."""
        heads = [other.box for other in self.spots if other is not spot]
        heads += [other.box for other in self.free if other.box.x0 > spot.box.x1]
        return any(
            in_one_row(head, spot.box)
            and min(line.box.x1, head.x1) - max(line.box.x0, head.x0) > 0.3 * min(line.box.width, head.width)
            for head in heads
        )


def layout_of(page: ReadPage, labels: Labels) -> Layout:
    """The page's labels and free text."""
    aspect = aspect_of(page)
    lines = printed_lines(page)
    named = longest_first(tuple((key, tuple(names)) for key, names in labels.items()))
    lines = with_whole_labels(lines, [label for label, _ in named.all], aspect)
    spots: list[Spot] = []
    free: list[Line] = []
    for line in lines:
        hits = hits_in(line, named)
        if not hits:
            free.append(line)
            continue
        if hits[0].start > 0:
            head = part_of_line(line, 0, hits[0].start)
            if head.text.strip(" :：;；,，。."):
                free.append(head)
        ends = [hit.start for hit in hits[1:]] + [len(line.text)]
        for hit, end in zip(hits, ends, strict=True):
            rest = part_of_line(line, hit.end, end) if hit.end < end else None
            told = rest is not None and bool(rest.text.strip(" :：;；,，。.|/"))
            box = part_of_line(line, hit.start, hit.end).box
            spots.append(Spot(hit.key, hit.label, box, rest if told else None, hit.trust))
    unlabelled = tuple(line for line in free if not only_english_label(line.text))
    return Layout(page, aspect, lines, tuple(_twins_joined(spots, unlabelled)), unlabelled)


def _twins_joined(spots: Sequence[Spot], free: Sequence[Line]) -> list[Spot]:
    """A label over its own translation (颁证日期 over Issue Date) is one, where its value stands beside the two."""
    kept = list(spots)
    for upper in spots:
        lower = next((one for one in spots if _is_twin(upper, one)), None)
        if lower is None or upper not in kept or lower not in kept:
            continue
        both = upper.box.union(lower.box)
        if any(in_one_row(line.box, both) and line.box.x0 > both.x1 - EDGE for line in free):
            kept[kept.index(upper)] = replace(upper, box=both)
            kept.remove(lower)
    return kept


def _is_twin(upper: Spot, lower: Spot) -> bool:
    if upper.key != lower.key or upper.rest is not None or lower.rest is not None:
        return False
    gap = lower.box.y0 - upper.box.y1
    flush = abs(upper.box.x0 - lower.box.x0) < COLUMN or abs(upper.box.cx - lower.box.cx) < COLUMN
    return flush and lower.box.cy > upper.box.cy and gap < TWIN * upper.box.height
