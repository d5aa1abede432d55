"""Which of a list of options are ticked (勾选项): ☑ √ ✓ ■ ● ⊙ ☒ [√] against □ ○ [ ], or options simply named.

A reader often loses the box before an option, or takes it for a character (口, 囗, 回, V). What the text cannot tell,
the page may: by the frames of the printed boxes (:mod:`pipeline.tables.tick_frames`) or, where none were found, by the
ink beside the options. What neither can tell is unclear, not guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import Literal

from pipeline.model import Box, InkGrid, Line, TickBox
from pipeline.tables.grid import Cell, Spelled, spell, union_of
from pipeline.tables.tick_frames import FrameState, Place, place_of, slots_of, told
from pipeline.values.identifiers import edit_distance

__all__ = ["TICKED", "Option", "State", "ink_in", "read_options", "ticked", "unclaimed"]

State = Literal["ticked", "open", "named", "unclear"]
"""``named``: the list holds no boxes at all, so an option that stands there is meant."""

TICKED = frozenset("☑☒√✓✔✅■●⊙◉▣◆★◼⦿✗✘×回曰日田囚因区图凶VvＶ✕☓⊠⊡⛝冈岡")
OPEN = frozenset("□○〇◯◇☐▢◻口囗ロoO0０◌⬜🗆。D")
SOLID = frozenset("√✓✔■●☑☒⊠⊙✅◉◆")  # a sign that nothing but a tick prints
CLOSERS, OPENERS = ")]】〕）］", "([【〔（［"
LIST_SIGNS = frozenset("、，,;；/|｜")
BOX_SIGNS = TICKED | OPEN | frozenset(CLOSERS + OPENERS + " \u3000")
SEPARATORS = frozenset("、，,;；/|｜.。·+和及与 \u3000")

FUZZY_LENGTH = 4  # characters from which one misread one is forgiven
INK_NONE = 0.03  # squares of a character: below this the gap beside an option is paper (a thin circle holds 0.08)
SOLID_INK = 0.6  # coverage that only a filled sign has
SOLID_RATIO = 1.35  # the same as INK_RATIO where the fuller group is filled
INK_RATIO = (
    1.6  # ticked slots hold at least this many times the ink of open ones; less is within what neighbours spill over
)
RINGED = 0.5  # part of a list's options that may be ringed
RING_HOLDS = 0.6  # of an option's area that lies in a ring around it
RING_ROOM, RING_HIGH = 5.0, 4.0  # line heights: how much wider than its word, and how high, a ring is at most
RING_SURE = 0.88  # chance that what was ringed is meant: some strike out, or ring what they doubt
SLOT = 1.7  # character widths: how far beside an option its box is looked for
EDGE = 0.002  # of the page's width: the rest of a rule that was taken out of the ink
SLACK = 0.25  # cells: how far a cell may reach over the side of the place looked at
HALF = 0.55  # character widths from a character's centre to its edge
MANY_LINES = 4  # of a cell, from which on columns in it are no accident
FEW_UNREAD = 0.25  # part of the boxes that may be unread for the read ones to say what an open one looks like
LIKE_OPEN = 1.35  # times the ink of the fullest open box: within that an unread box is no fuller
SIGN_DIFFERS = 0.88  # chance that a box is ticked which was read as empty: readers know □ best, and see it everywhere
SEEN_IN_PAPER = 0.6  # chance that a tick is one where there is no dark ink: a red pen's, or nothing at all
LOST = 0.5  # chance that a box is empty that nobody saw: an option so judged makes its list unsure
UNCLAIMED = 3  # Chinese signs in a row that are more than boxes misread
MOST = 0.6  # part of all options from which a list is taken as the printed choice, not as an answer


@dataclass(frozen=True, slots=True)
class Option:
    """An option found on paper: its name as given, its state, how sure, and where (label text without its box)."""

    name: str
    state: State
    confidence: float
    box: Box
    page: int
    read: str = ""


@dataclass(frozen=True, slots=True)
class _Claim:
    name: str
    start: int
    end: int
    distance: int
    wanted: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    claim: _Claim
    mark: str  # the sign beside it, "" if none was read
    bracketed: bool
    listed: bool  # parted from its neighbour by a comma or the like
    ink: float | None
    box: Box
    page: int
    confidence: float
    first: Place | None
    last: Place | None
    outside: bool = False  # the tick stands beside an empty box


def ticked(options: Iterable[Option]) -> tuple[Option, ...]:
    """The options meant: ticked, or named in a list without boxes."""
    return tuple(option for option in options if option.state in ("ticked", "named"))


def read_options(
    cells: Iterable[Cell],
    names: Sequence[str],
    *,
    ink: Mapping[int, InkGrid] | None = None,
    boxes: Mapping[int, Sequence[TickBox]] | None = None,
    headings: Sequence[str] = (),
) -> tuple[Option, ...]:
    """The options among ``names`` that stand in the cells' lines, each with its state.

    :param cells: all of them together are one list of options
    :param ink: the ink of each page, for options whose box was neither read nor found
    :param boxes: the printed boxes of each page
    :param headings: names of groups, which claim their text but are no options (技术服务外包 beside 其他技术服务外包)
    """
    seen: list[_Seen] = []
    for cell in cells:
        for column in _columns(cell):
            seen.extend(_seen(column, names, headings, (ink or {}).get(cell.page)))
    kept = _first_of_each(seen)
    frames = {number: [box for box in found if not box.ring] for number, found in (boxes or {}).items()}
    slots = slots_of([(one.first, one.last) for one in kept], [frames.get(one.page, ()) for one in kept])
    states = told(slots)
    if states is not None:
        brackets = any(slot.box.bracketed for slot in slots if slot)
        read = [_by_frame(one, frame, brackets=brackets) for one, frame in zip(kept, states, strict=True)]
    else:
        read = _judged(kept, len(names))
    return _ringed(read, [(number, box.box) for number, found in (boxes or {}).items() for box in found if box.ring])


def _ringed(options: Sequence[Option], rings: Sequence[tuple[int, Box]]) -> tuple[Option, ...]:
    """The options, those meant around which somebody drew a ring (圈选), if a ring singles out some and nothing is
    ticked besides."""
    around = {
        option: ring for option in options for page, ring in rings if page == option.page and _rings(ring, option)
    }
    held = [
        sum(other.box.cy > ring.y0 and ring.holds(other.box.cx, other.box.cy) for other in options)
        for ring in around.values()
    ]
    if not around or len(around) > RINGED * len(options) or max(held) > 1:
        return tuple(options)
    if any(option.state == "ticked" and option not in around for option in options):
        return tuple(
            replace(o, state="unclear", confidence=min(o.confidence, 0.4)) if o in around else o for o in options
        )
    return tuple(
        replace(option, state="ticked" if option in around else "open", confidence=min(option.confidence, RING_SURE))
        for option in options
    )


def _rings(ring: Box, option: Option) -> bool:
    """Whether a ring was drawn around an option: most of it inside, not much besides."""
    word = option.box
    inside = ring.intersection(word) >= RING_HOLDS * word.area and ring.holds(word.cx, word.cy)
    return inside and ring.width <= word.width + RING_ROOM * word.height and ring.height <= RING_HIGH * word.height


def unclaimed(cell: Cell, names: Sequence[str], headings: Sequence[str] = ()) -> tuple[str, ...]:
    """Chinese text of a list that is none of its options' names: one of them may stand there, misread."""
    rests: list[str] = []
    for column in _columns(cell):
        text, _ = _squeezed(spell(column.lines).text)
        for claim in _claims(text, names, headings):
            text = text[: claim.start] + "|" * (claim.end - claim.start) + text[claim.end :]
        rests += re.findall(rf"[\u4e00-\u9fff]{{{UNCLAIMED},}}", text)
    return tuple(rests)


def _first_of_each(seen: list[_Seen]) -> list[_Seen]:
    best: dict[str, _Seen] = {}
    for one in seen:
        if one.claim.name not in best or (one.mark and not best[one.claim.name].mark):
            best[one.claim.name] = one
    return list(best.values())


def _columns(cell: Cell) -> list[Cell]:
    """A cell cut where white paper runs through it from top to bottom, as a table within it that was not seen does.

    Names wrap within their column; read across, their halves are parted by another column's words. Boxes that were read
    by themselves belong to words beside them, so then nothing is cut.
    """
    if len(cell.lines) < MANY_LINES or any(not re.search(r"\w", line.text) for line in cell.lines):
        return [cell]
    groups: list[list[Line]] = []
    edge = -1.0
    for line in sorted(cell.lines, key=lambda item: item.box.x0):
        if line.box.x0 > edge:
            groups.append([])
        groups[-1].append(line)
        edge = max(edge, line.box.x1)
    return [replace(cell, lines=tuple(group), text=spell(group).text) for group in groups]


# ------------------------------------------------------------------------------------------------------- finding names


def _squeezed(text: str) -> tuple[str, list[int]]:
    """Text without spaces, width folded, and each character's place in the original."""
    signs, places = [], []
    for index, sign in enumerate(text):
        folded = sign if sign in TICKED | OPEN else unicodedata.normalize("NFKC", sign).upper()
        if not sign.isspace() and len(folded) == 1:
            signs.append(folded)
            places.append(index)
    return "".join(signs), places


def _claims(text: str, names: Sequence[str], headings: Sequence[str]) -> list[_Claim]:
    """Where names stand: the longest first, one claim for each piece of text, exact ones before misread ones."""
    wanted = {_squeezed(name)[0]: name for name in names}
    known = {**{_squeezed(h)[0]: h for h in headings}, **wanted}
    taken = [False] * len(text)
    claims: list[_Claim] = []
    for bare in sorted(known, key=len, reverse=True):
        for hit in re.finditer(re.escape(bare), text):
            if not any(taken[hit.start() : hit.end()]):
                taken[hit.start() : hit.end()] = [True] * len(bare)
                claims.append(_Claim(known[bare], hit.start(), hit.end(), 0, bare in wanted))
    found = {claim.name for claim in claims}
    for bare in sorted((b for b in known if len(b) >= FUZZY_LENGTH and known[b] not in found), key=len, reverse=True):
        span = _near(text, bare, taken)
        if span:
            taken[span[0] : span[1]] = [True] * (span[1] - span[0])
            claims.append(_Claim(known[bare], span[0], span[1], 1, bare in wanted))
    return sorted(claims, key=lambda claim: claim.start)


def _near(text: str, bare: str, taken: list[bool]) -> tuple[int, int] | None:
    """The stretch of free text that is one sign away from a name."""
    for length in (len(bare), len(bare) - 1, len(bare) + 1):
        for start in range(len(text) - length + 1):
            if any(taken[start : start + length]):
                continue
            piece = text[start : start + length]
            if (piece[0] == bare[0] or piece[-1] == bare[-1]) and edit_distance(piece, bare, limit=1) <= 1:
                if piece[0] in TICKED | OPEN and piece[1:] == bare[1:]:
                    continue
                return start, start + length
    return None


def _seen(cell: Cell, names: Sequence[str], headings: Sequence[str], ink: InkGrid | None) -> list[_Seen]:
    spelled = spell(cell.lines)
    text, places = _squeezed(spelled.text)
    claims = _claims(text, names, headings)
    if not claims:
        return []
    after = _marks_follow(text, claims)
    seen: list[_Seen] = []
    for index, claim in enumerate(claims):
        if not claim.wanted:
            continue
        low = claims[index - 1].end if index else 0
        high = claims[index + 1].start if index + 1 < len(claims) else len(text)
        gap = text[claim.end : high] if after else text[low : claim.start]
        mark, bracketed = _mark(gap, after=after)
        pieces = spelled.pieces(places[claim.start], places[claim.end - 1] + 1)
        if not pieces:
            continue
        place = spelled.places[places[claim.end - 1 if after else claim.start]]
        seen.append(
            _Seen(
                claim,
                mark,
                bracketed,
                bool(LIST_SIGNS & set(gap)),
                _ink_beside(ink, spelled.lines[place[0]], place[1], cell, after=after)
                if ink and ink.cells and place
                else None,
                union_of([piece.box for piece in pieces]),
                cell.page,
                min(piece.confidence for piece in pieces),
                _place(spelled, places[claim.start]),
                _place(spelled, places[claim.end - 1]),
                _beside_its_box(gap, after=after),
            )
        )
    return seen


def _place(spelled: Spelled, index: int) -> Place | None:
    at = spelled.places[index]
    return place_of(spelled.lines[at[0]], at[1], lambda sign: sign in BOX_SIGNS) if at else None


def _marks_follow(text: str, claims: Sequence[_Claim]) -> bool:
    """Whether boxes stand behind their options: none before the first, one after the last."""
    first, last = text[: claims[0].start], text[claims[-1].end :]
    between = "".join(text[a.end : b.start] for a, b in pairwise(claims))
    if last[:1] == "。" and not (TICKED | OPEN) & set(between):
        return False  # the full stop of a list in a sentence
    before, behind = _mark(first[-4:], after=False), _mark(last[:4], after=True)
    if behind[0] == "。" and "。" not in text[: claims[-1].start]:  # a list that ends in a full stop has no boxes
        return False
    return not before[0] and bool(behind[0]) and not behind[0].isascii()


def _beside_its_box(gap: str, *, after: bool) -> bool:
    """Whether a gap ends in a tick beside an empty box (√□ before an option, □√ behind one)."""
    near = (gap if after else gap[::-1]).lstrip("".join(SEPARATORS))
    return len(near) > 1 and near[0] in "□☐○" and near[1] in "√✓✔" and not set(near[2:3]) & set(OPENERS + CLOSERS)


def _mark(gap: str, *, after: bool) -> tuple[str, bool]:
    """The sign nearest to the option in the text between it and its neighbour: (sign, whether in brackets)."""
    near = gap if after else gap[::-1]
    opening, closing = (OPENERS, CLOSERS) if after else (CLOSERS, OPENERS)
    near = near.lstrip("".join(SEPARATORS - frozenset("。")))
    if near[:1] and near[0] in opening:
        end = next((i for i, sign in enumerate(near[1:5], 1) if sign in closing), None)
        inside = near[1:end] if end is not None else near[1:2]
        if end is None and not (inside and inside in TICKED):
            return ("□", True) if near[0] in "]】［" else ("", False)
        if inside in ("X", "x"):
            return "×", True
        if inside == "D":
            return "", False  # (d) numbers an item of a list, as (a) to (c) before it do
        return (inside[-1] if inside and inside[-1] in TICKED else "□" if not inside or inside[0] in OPEN else "", True)
    if _beside_its_box(gap, after=after):
        return "√", False
    if near[:1] and near[0] in TICKED | OPEN:
        return near[0], False
    return "", False


# ---------------------------------------------------------------------------------------------------------------- ink


def ink_in(ink: InkGrid, box: Box) -> float | None:
    """The fullest column of cells that lie wholly within the box's width: its mean coverage. None if none does.

    Cells at the sides are left out because they hold the neighbouring characters' ink too, the box being but two or
    three cells wide.
    """
    first, last = ceil(box.x0 * ink.columns - SLACK), int(box.x1 * ink.columns + SLACK)
    rows = [row for row in range(ink.rows) if box.y0 <= (row + 0.5) / ink.rows <= box.y1]
    if not ink.cells or first >= last or not rows:
        return None
    columns = range(max(0, first), min(ink.columns, last))
    means = [sum(int(ink.cells[row * ink.columns + c], 16) for row in rows) / (15 * len(rows)) for c in columns]
    return max(means, default=None)


def _ink_beside(ink: InkGrid, line: Line, index: int, cell: Cell, *, after: bool) -> float | None:
    """Ink beside character ``index`` of a line, up to its neighbour (:func:`ink_in`); 0 where no box has room."""
    count = len(line.text)
    centres = line.centres if len(line.centres) == count else tuple((i + 0.5) / count for i in range(count))
    steps = sorted(b - a for a, b in pairwise(centres))
    advance = (steps[len(steps) // 2] if steps else 1 / count) * line.box.width
    here = line.box.x0 + centres[index] * line.box.width
    step = 1 if after else -1
    neighbour = index + step
    while 0 <= neighbour < count and line.text[neighbour] in BOX_SIGNS:
        neighbour += step
    inner = here + (HALF if after else -HALF) * advance
    outer = inner + (SLOT if after else -SLOT) * advance
    if 0 <= neighbour < count:
        edge = line.box.x0 + centres[neighbour] * line.box.width + (-HALF if after else HALF) * advance
        outer = min(outer, edge) if after else max(outer, edge)
    if cell.ruled:  # what lies beyond the rule is another cell's
        outer = min(max(outer, cell.box.x0 + EDGE), cell.box.x1 - EDGE)
    low, high = sorted((inner, outer))
    if (after and outer <= inner) or (not after and outer >= inner) or advance <= 0:
        return 0.0
    inset = 0.1 * line.box.height
    return ink_in(ink, Box(max(0.0, low), line.box.y0 + inset, min(1.0, high), line.box.y1 - inset))


# ----------------------------------------------------------------------------------------------------------- judgement


def _by_frame(one: _Seen, frame: FrameState | None, *, brackets: bool = False) -> Option:
    """What the box says, unless a sign read there says otherwise; a sign alone where this one's box was not found."""
    if frame is None:
        if brackets and one.mark not in TICKED:  # a tick that touches its brackets hides both, and is easily not read
            return _option(one, "unclear", 0.4)
        return _marked(one, []) if one.mark else _option(one, "unclear", 0.4)
    if one.outside:  # √□: nothing within the box, the tick before it
        return _option(one, "ticked", 0.85)
    if frame.state == "open" and one.mark in SOLID:
        return _option(one, "unclear", 0.4)
    if frame.state == "unclear" and one.mark in SOLID:  # a thin mark, but read as one
        return _option(one, "ticked", 0.8)
    doubted = frame.state == "ticked" and one.mark in OPEN
    return _option(one, frame.state, min(frame.sure, SIGN_DIFFERS) if doubted else frame.sure)


def _judged(seen: list[_Seen], offered: int) -> list[Option]:
    if not any(one.mark for one in seen):
        return _without_marks(seen, offered)
    tick_inks = [one.ink for one in seen if one.mark in TICKED and one.ink is not None]
    open_inks = [one.ink for one in seen if one.mark in OPEN and one.ink is not None]
    any_ticked = any(one.mark in TICKED for one in seen)
    unread = [one for one in seen if not one.mark]
    options: list[Option] = []
    told = len(open_inks) >= 3 and len(unread) <= FEW_UNREAD * len(seen)
    for one in seen:
        if one.mark:
            options.append(_marked(one, open_inks))
        elif any_ticked and told:
            options.append(_beside_read(one, tick_inks, open_inks))
        elif any_ticked:
            options.append(_beside_ticks(one, tick_inks, unread))
        else:
            options.append(_beside_blanks(one, open_inks, unread, len(seen) - len(unread)))
    return options


def _marked(one: _Seen, open_inks: list[float]) -> Option:
    state: State = "ticked" if one.mark in TICKED else "open"
    sure = 0.97 if one.mark in SOLID or one.mark in "□○☐" or one.bracketed else 0.8
    if state == "ticked" and one.ink is not None and one.ink < INK_NONE and not one.bracketed:
        sure = SEEN_IN_PAPER
    known = one.mark in OPEN and one.ink is not None and len(open_inks) >= 4
    if known and (one.ink or 0.0) > max(INK_RATIO * _middle(open_inks), SOLID_INK):
        return _option(one, "unclear", 0.4)  # reads as empty, but is as full as no empty box is
    return _option(one, state, sure)


def _beside_ticks(one: _Seen, tick_inks: list[float], unread: list[_Seen]) -> Option:
    """An option whose box was lost where ticks were read: likelier empty, but readers lose ticked ones as well."""
    others = [other.ink for other in unread if other.ink is not None]
    if one.ink is None or len(others) < 3:
        return _option(one, "open", LOST)
    solid = bool(tick_inks) and min(tick_inks) >= SOLID_INK  # else ink does not tell ticks here
    full = solid and one.ink >= min(tick_inks) and one.ink > INK_RATIO * _middle(others)
    return _option(one, "unclear" if full else "open", 0.4 if full else LOST)


def _beside_read(one: _Seen, tick_inks: list[float], open_inks: list[float]) -> Option:
    """An option whose box alone was lost among boxes that were read, ticked and open: its ink is like one of them."""
    if one.ink is None or one.ink < INK_NONE:
        return _option(one, "unclear", 0.4)  # no box where it should stand: nothing tells
    if one.ink > LIKE_OPEN * max(open_inks) and one.ink >= min([SOLID_INK, *tick_inks]):
        return _option(one, "ticked", 0.7)
    if one.ink > LIKE_OPEN * max(open_inks):
        return _option(one, "unclear", 0.4)
    return _option(one, "open", 0.8)


def _beside_blanks(one: _Seen, open_inks: list[float], unread: list[_Seen], blanks: int) -> Option:
    """An option whose box was lost where only empty ones were read: the one exception is the ticked one."""
    if len(unread) == 1 and blanks >= 2 and (one.ink is None or one.ink >= INK_NONE):
        fuller = one.ink is not None and one.ink > max(open_inks, default=1.0)
        return _option(one, "ticked", 0.85 if fuller else 0.7)
    if one.ink is None:
        return _option(one, "unclear", 0.3)
    threshold = _gap([*(other.ink for other in unread if other.ink is not None), *open_inks])
    if threshold is not None:
        return _option(one, "ticked" if one.ink > threshold else "open", 0.75)
    return _option(one, "unclear", 0.3)


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _without_marks(seen: list[_Seen], offered: int) -> list[Option]:
    """No sign was read anywhere: a plain list of names, or boxes that the reader lost."""
    printed = len(seen) >= max(2, MOST * offered)  # the choice itself: nobody names as much as that
    listed = not printed and sum(one.listed for one in seen) >= (len(seen) - 1) / 2
    if len(seen) == 1 or listed:
        return [_option(one, "named", 0.97 if one.claim.distance == 0 else 0.85) for one in seen]
    inks = [one.ink for one in seen if one.ink is not None]
    boxed = [value for value in inks if value >= INK_NONE]
    if len(boxed) < max(1, 0.5 * len(seen)):
        if printed:
            return [_option(one, "unclear", 0.3) for one in seen]
        return [_option(one, "named", 0.95 if one.claim.distance == 0 else 0.85) for one in seen]
    threshold = _gap(inks)
    if threshold is None:
        if not printed and len(seen) <= 0.3 * offered:
            return [_option(one, "named", 0.7) for one in seen]
        return [_option(one, "unclear", 0.3) for one in seen]
    if sum((one.ink or 0) > threshold for one in seen) > len(seen) / 2:  # ticks are the few, not the many
        return [_option(one, "unclear", 0.3) for one in seen]
    return [_option(one, "ticked" if (one.ink or 0) > threshold else "open", 0.75) for one in seen]


def _gap(inks: list[float]) -> float | None:
    """The ink that parts two clear groups, or None where there is no clear gap."""
    values = sorted(value for value in inks if value >= INK_NONE)
    if len(values) < 3:
        return None
    ratio, at = max((values[i + 1] / values[i], i) for i in range(len(values) // 2, len(values) - 1))
    solid = values[at + 1] >= SOLID_INK > values[at] and ratio >= SOLID_RATIO
    return (values[at] * values[at + 1]) ** 0.5 if ratio >= INK_RATIO or solid else None


def _option(one: _Seen, state: State, sure: float) -> Option:
    sure = sure * (0.9 if one.claim.distance else 1.0) * min(1.0, 0.3 + 0.75 * one.confidence)
    return Option(one.claim.name, state, round(sure, 3), one.box, one.page, one.mark)
