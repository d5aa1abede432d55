"""Labels and values on papers without rulings (证书, 执照): found by wording, joined by where they stand.

Certificates are set freely: values stand right of their labels, or below, or (on English ones) above; labels are spaced
out (名　　称) until the reader takes their signs for lines of their own. Nothing rests on the order of lines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import median

from pipeline.model import Box, Line, ReadPage
from pipeline.tables.grid import part_of_line, union_of
from pipeline.values.script import simplified

__all__ = ["Found", "Layout", "Spot", "Whole", "joined", "layout_of", "printed_lines", "squeeze", "words"]

Labels = Mapping[str, Sequence[str]]
Whole = Callable[[str, str], bool]

ROW = 0.45  # of the lower line's height: lines that share this much stand beside each other
UPRIGHT = 1.5  # height over width from which a line of several signs is a column of them
OVERLAP = 0.02  # of the page's width: pieces of one row that a photograph's slant lets overlap
SPLIT_REACH = 7.0  # line heights: how far apart the signs of one spaced-out label stand
GAP = 1.6  # usual steps between two signs from which there is room between words
CHAIN = 1.6  # line heights: farther pieces of a row are something else
WRAP = 1.1  # line heights: room between two lines of one value
BELOW = 2.4  # line heights: the farthest that a value stands under its label
ABOVE = 1.6  # line heights: the farthest that a value stands over its label
HIGHER, MUCH_HIGHER = 1.6, 1.9  # times a label's height: what is so high is rather not, and surely not, of its row
COLUMN = 0.03  # of the page's width: labels that begin so near each other make a column
RIGHT = 0.5  # of the page's width: the farthest that a value stands right of its label
READABLE = 0.35  # score under which a sign or two are a smudge
MAX_LINES = 14  # of one value

SURE_COLON, SURE_ALONE, SURE_GAP, SURE_LONG, SURE_SHORT = 1.0, 0.98, 0.97, 0.93, 0.8
FUZZY = 0.85
WRAPPED = 3  # signs of a label's first half that are no word of their own
LONG_ENGLISH = 8  # letters of an English label that no word ends with by chance
FUZZY_LENGTH = 4  # signs of a label of which one may be misread

_LEAD = re.compile(r"^(?:[(]?[一二三四五六七八九十\d]{1,2}[)、.:](?!\d)|[●○■□◆◇·*★※▪\-—|]+)+")
_BRACKET = re.compile(r"[(\[〔【][^)\]〕】]{0,14}[)\]〕】]")
_ENGLISH = re.compile(
    r"[/|(]?(?:(?:certificate|cert|no|number|name|of|the|registration|register|date|issue|issued|issuing|valid|validity|until|till|"
    r"to|from|expiry|expiration|expire|expires|period|address|add|organization|organisation|company|enterprise|holder|legal|"
    r"representative|person|scope|standard|type|capital|registered|term|business|residence|domicile|code|unified|social|credit|"
    r"inventor|inventors|patentee|patent|application|grant|announcement|title|invention|utility|model|software|copyright|owner|"
    r"first|initial|current|authority|body|by|in|for|establishment|established|operation|operating|premises|and|id|appraisal|end|partner|completion|effective)[.'#&/\-]*)+[)]?",
    re.IGNORECASE,
)


def words(text: str) -> tuple[str, ...]:
    """Labels or titles written one after the other."""
    return tuple(text.split())


@lru_cache(maxsize=4096)  # every extractor asks it of every line of a page
def squeeze(text: str) -> tuple[str, tuple[int, ...]]:
    """Text without spaces, width folded, and for each sign its place in the text given."""
    kept = [
        (unicodedata.normalize("NFKC", sign)[:1], i)
        for i, sign in enumerate(text)
        if not sign.isspace() and sign not in "　﹍_"
    ]
    return "".join(sign for sign, _ in kept), tuple(i for _, i in kept)


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
                if _beside(line.box, spot.box)
                and (-0.02 <= line.box.x0 - spot.box.x1 <= RIGHT or _runs_into(spot.box, line.box))
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
                and _beside(line.box, last)
                and -0.01 <= line.box.x0 - last.x1 <= reach
                and not _across(line.box, last)
                and not self._label_between(spot, last.x1, line.box)
            ]
            if not after:
                break
            chain.append(min(after, key=lambda line: line.box.x0))
        return chain

    def _label_between(self, own: Spot, x: float, box: Box) -> bool:
        """Whether another label stands right of ``x`` and left of the box, in its row."""
        return any(
            spot is not own and _beside(spot.box, box) and x - 0.01 <= spot.box.x0 < box.x0 + 0.002
            for spot in self.spots
        )

    def _wrapped(self, first: Sequence[Line], spot: Spot, whole: Whole | None) -> tuple[Line, ...]:
        """A value's first row, and the rows under it that go on with it."""
        value = list(first)
        left, right = first[0].box.x0, max(line.box.x1 for line in first)
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
                and self._goes_on(line, spot, left - indent, right)
                and not self._owned_elsewhere(line, spot, row)
            ]
            if not after:
                break
            nearest = min(after, key=lambda line: line.box.y0)
            line_row = sorted((one for one in after if _beside(one.box, nearest.box)), key=lambda one: one.box.x0)
            if whole is not None and whole(joined(value), joined(line_row)):
                break
            value += line_row
            row = union_of([line.box for line in line_row])
            right = max(right, row.x1)
            left = min(left, row.x0)
        return tuple(value)

    def _goes_on(self, line: Line, spot: Spot, left: float, right: float) -> bool:
        """Under the value itself; or, where its first row ran to the right, under its label."""
        under_value = left <= line.box.x0 <= right
        back = spot.rest is not None and spot.box.x0 - 0.01 <= line.box.x0 <= right and right > 0.6
        return under_value or back

    def _owned_elsewhere(self, line: Line, spot: Spot, row: Box) -> bool:
        """Whether another label stands left of the line in its row, or between it and the value above."""
        for other in self.spots:
            if other is spot:
                continue
            if _beside(other.box, line.box) and spot.box.x0 - 0.03 <= other.box.x0 < line.box.x0 + 0.01:
                return True
            over = other.box.x0 < line.box.x1 and other.box.x1 > line.box.x0
            if over and row.cy < other.box.cy < line.box.cy:
                return True
        return False

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
            and not _beside(line.box, spot.box)
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
            and _beside(other.box, line.box)
            and other.box.x0 < line.box.x0
            for other in self.spots
        )

    def _of_a_neighbour(self, line: Line, spot: Spot) -> bool:
        """Whether a piece stands under or over another head of the spot's row, known or not: cards side by side."""
        heads = [other.box for other in self.spots if other is not spot]
        heads += [other.box for other in self.free if other.box.x0 > spot.box.x1]
        return any(
            _beside(head, spot.box)
            and min(line.box.x1, head.x1) - max(line.box.x0, head.x0) > 0.3 * min(line.box.width, head.width)
            for head in heads
        )


# -------------------------------------------------------------------------------------------------------------- making


def layout_of(page: ReadPage, labels: Labels) -> Layout:
    """The page's labels and free text."""
    aspect = _aspect(page)
    lines = printed_lines(page)
    named = _named(tuple((key, tuple(names)) for key, names in labels.items()))
    lines = _with_whole_labels(lines, [label for label, _ in named.all], aspect)
    spots: list[Spot] = []
    free: list[Line] = []
    for line in lines:
        hits = _hits(line, named)
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
    return Layout(page, aspect, lines, tuple(spots), tuple(line for line in free if not _only_english_label(line.text)))


def _aspect(page: ReadPage) -> float:
    width, height = page.page.upright_width or page.page.width, page.page.upright_height or page.page.height
    return width / height if width and height else 0.707


def printed_lines(page: ReadPage) -> tuple[Line, ...]:
    """The page's lines; a column of signs (名 over 类, read as one) cut into its signs."""
    aspect = _aspect(page)
    readable = (line for line in page.lines if line.confidence >= READABLE or len(line.text) > 2)
    return tuple(piece for line in readable for piece in _unstacked(line, aspect))


def _unstacked(line: Line, aspect: float) -> Iterator[Line]:
    text = re.sub(r"\s", "", line.text)
    width = line.box.width * aspect
    if not 2 <= len(text) <= 6 or line.box.height < UPRIGHT * width or line.box.height < 1.2 * width * len(text) / 2:
        yield line
        return
    step = line.box.height / len(text)
    for i, sign in enumerate(text):
        top = line.box.y0 + i * step
        box = Box(line.box.x0, top + 0.08 * step, line.box.x1, top + 0.92 * step)
        yield line.model_copy(update={"text": sign, "box": box, "centres": (0.5,), "scores": ()})


def _with_whole_labels(lines: Sequence[Line], labels: Sequence[str], aspect: float) -> tuple[Line, ...]:
    """Lines with the signs of a label that was read in pieces (名 … 称) put together again."""
    left = _with_wrapped_labels(lines, labels)
    for line in sorted(left, key=lambda one: one.box.x0):
        if line not in left or len(squeeze(line.text)[0]) > 3:
            continue
        merged = _grown_label(line, [one for one in left if one is not line], labels, aspect)
        if merged is not None:
            parts, whole = merged
            left = [one for one in left if one not in parts]
            left.append(whole)
    return tuple(left)


def _with_wrapped_labels(lines: Sequence[Line], labels: Sequence[str]) -> list[Line]:
    """Lines with a label that its narrow column broke in two (执行事务合伙 over 人) put together again."""
    left = list(lines)
    for line in lines:
        head = squeeze(line.text)[0].rstrip(":")
        tails = {label[len(head) :] for label in labels if label.startswith(head) and label != head}
        if len(head) < WRAPPED or not tails or head in labels or line not in left:
            continue
        tail = next(
            (
                one
                for one in left
                if squeeze(one.text)[0].rstrip(":") in tails
                and 0 < one.box.cy - line.box.cy < 2 * line.box.height
                and abs(one.box.x0 - line.box.x0) < COLUMN
            ),
            None,
        )
        if tail is not None:
            whole = line.model_copy(update={"text": head + squeeze(tail.text)[0], "centres": (), "scores": ()})
            left = [whole if one is line else one for one in left if one is not tail]
    return left


def _grown_label(
    line: Line, others: Sequence[Line], labels: Sequence[str], aspect: float
) -> tuple[tuple[Line, ...], Line] | None:
    parts: tuple[Line, ...] = (line,)
    text = squeeze(line.text)[0]
    if any(text == label for label in labels):
        return None
    while any(label.startswith(text) and label != text for label in labels):
        last = parts[-1].box
        reach = SPLIT_REACH * last.height / aspect
        beside = [
            one
            for one in others
            if one not in parts
            and _beside(one.box, last)
            and not _across(one.box, last)
            and (-OVERLAP <= one.box.x0 - last.x1 <= reach or _runs_into(last, one.box))
        ]
        following = min(beside, key=lambda one: one.box.x0, default=None)
        if following is None:
            return None
        parts = (*parts, following)
        text += squeeze(following.text)[0]
        if any(text.startswith(label) for label in labels):
            return parts, _one_line(parts)
    return None


def _one_line(parts: Sequence[Line]) -> Line:
    box = union_of([part.box for part in parts])
    centres: list[float] = []
    whole = all(len(part.centres) == len(part.text) for part in parts)
    for part in parts:
        centres += [
            (part.box.x0 + c * part.box.width - box.x0) / box.width
            for c in (part.centres if whole else ())
            if box.width
        ]
    scores = [s for part in parts for s in part.scores] if all(len(p.scores) == len(p.text) for p in parts) else []
    last = parts[-1]
    return last.model_copy(
        update={
            "text": "".join(part.text for part in parts),
            "box": Box(box.x0, last.box.y0, box.x1, last.box.y1),
            "centres": tuple(centres),
            "scores": tuple(scores),
        }
    )


@dataclass(frozen=True, slots=True)
class _Hit:
    key: str
    label: str
    start: int
    end: int
    trust: float


# The wide gap within 住　　所 is read as a box now and then; no label has one in it.
_BOXES = str.maketrans(dict.fromkeys("☑☐□■●○√✓", " "))


@dataclass(frozen=True, slots=True)
class _Named:
    """Labels with their keys, the longest first; ``by_sign``: those that begin with a sign."""

    all: tuple[tuple[str, str], ...]
    by_sign: Mapping[str, tuple[tuple[str, str], ...]]


@lru_cache(maxsize=64)
def _named(labels: tuple[tuple[str, tuple[str, ...]], ...]) -> _Named:
    found = sorted(
        ((label.casefold(), key) for key, names in labels for label in names), key=lambda pair: -len(pair[0])
    )
    signs = {label[:1] for label, _ in found}
    return _Named(tuple(found), {sign: tuple(pair for pair in found if pair[0][:1] == sign) for sign in signs})


def _hits(line: Line, words: _Named) -> list[_Hit]:
    """Every label in a line, left to right, in places of its text."""
    text, where = squeeze(simplified(line.text.lower()).translate(_BOXES))
    hits: list[_Hit] = []
    at = 0
    lead = _LEAD.match(text)
    begin = lead.end() if lead else 0
    while at < len(text):
        first = at in (0, begin)
        # A sign may be misread in the first label of a line only: elsewhere the first sign tells which it can be.
        hit = _hit(line, text, where, at, words.all if first else words.by_sign.get(text[at], ()), first=first)
        if hit is None:
            at += 1
            continue
        hits.append(hit)
        at = max(at + 1, next((i for i, place in enumerate(where) if place >= hit.end), len(text)))
    return hits


def _hit(
    line: Line, text: str, where: Sequence[int], at: int, words: Sequence[tuple[str, str]], *, first: bool
) -> _Hit | None:
    slip: _Hit | None = None
    for label, key in words:
        if slip is not None and len(label) < len(slip.label):
            break  # no label as long stands here to the letter
        exact = text.startswith(label, at)
        if not exact and (slip or not (first and _near(text[at : at + len(label)], label))):
            continue
        end, colon = _label_end(text, at + len(label))
        trust = _trust(line, text, where, at, at + len(label), end, label, colon=colon, first=first)
        if trust is None or (not exact and not (colon or end >= len(text))):
            continue
        stop = where[end] if end < len(where) else len(line.text)
        if exact:
            return _Hit(key, label, where[at], stop, trust)
        slip = _Hit(key, label, where[at], stop, min(trust, FUZZY))
    return slip


def _near(read: str, label: str) -> bool:
    """One sign of a long label misread."""
    if len(label) < FUZZY_LENGTH or len(read) != len(label):
        return False
    return sum(1 for a, b in zip(read, label, strict=True) if a != b) <= 1


def _label_end(text: str, end: int) -> tuple[int, bool]:
    """Behind a label: brackets, its English twin and the colon that belong to it; and whether there was a colon."""
    at = end
    for _ in range(2):
        bracket = _BRACKET.match(text, at)
        if bracket and (
            bracket.end() >= len(text) or text[bracket.end()] in ":/" or _ENGLISH.match(text, bracket.end())
        ):
            at = bracket.end()
        english = _ENGLISH.match(text, at)
        if english and english.end() > at + 1:
            at = english.end()
    if text[at : at + 2] in (".:", "#:", "º:", "o:"):
        return at + 2, True
    if text[at : at + 1] in (":", ";") or (text[at : at + 1] == "." and at > end):
        return at + 1, True
    if at == end and text[at : at + 1] in ("·", "，", ",", "."):
        return at + 1, False
    return at, False


def _trust(
    line: Line, text: str, where: Sequence[int], at: int, bare: int, end: int, label: str, *, colon: bool, first: bool
) -> float | None:
    """How surely this wording is a label here, and no word of a sentence."""
    before = first or at == 0 or not _word(text[at - 1]) or _gap(line, where, at - 1, at) or text[at - 1] in "日号)整元"
    before = before or (colon and label.isascii() and len(label) >= LONG_ENGLISH)  # Holds Certificate No: …
    if not before:
        return None
    if colon:
        return SURE_COLON
    if end >= len(text):
        return SURE_ALONE if first or at == 0 else None
    after = _gap(line, where, bare - 1, bare) or end > bare
    if after:
        return SURE_GAP
    if not (first or at == 0):
        return None
    return SURE_LONG if len(label) >= FUZZY_LENGTH else SURE_SHORT


def _word(sign: str) -> bool:
    return sign.isalnum()


def _gap(line: Line, where: Sequence[int], left: int, right: int) -> bool:
    """Whether there is room between two signs: a space as read, or more than the usual step between their centres."""
    if left < 0 or right >= len(where):
        return False
    if where[right] - where[left] > 1 and line.source != "openvino":
        return True
    if len(line.centres) != len(line.text):
        return where[right] - where[left] > 1
    steps = [line.centres[b] - line.centres[a] for a, b in pairwise(where)]
    usual = median(steps) if steps else 0.0
    return usual > 0 and line.centres[where[right]] - line.centres[where[left]] > GAP * usual


def _beside(a: Box, b: Box) -> bool:
    shared = min(a.y1, b.y1) - max(a.y0, b.y0)
    return shared >= ROW * min(a.height, b.height)


def _across(box: Box, row: Box) -> bool:
    """Whether a box is much higher than a row: a watermark's slanting words, a sign of a seal's ring."""
    return box.height > MUCH_HIGHER * row.height


def _runs_into(label: Box, value: Box) -> bool:
    """Whether a label's box ran into its value: a blurred photograph's boxes are wider than their signs."""
    return label.cx < value.x0 < label.x1 < value.x1


def _only_english_label(text: str) -> bool:
    bare = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).strip(":.")
    return bool(bare) and _ENGLISH.fullmatch(bare) is not None


def joined(lines: Sequence[Line]) -> str:
    """Pieces of a value as one text."""
    text = ""
    for line in lines:
        piece = line.text.strip()
        if text and piece and text[-1].isascii() and piece[0].isascii() and text[-1].isalnum() and piece[0].isalnum():
            text += " "
        text += piece
    return text
