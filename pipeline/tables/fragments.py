"""Lines cut into fragments that each hold one thing: a figure, a dash, a small number, or words.

A reader returns what stands close together as one line (``1,234.00 5,678.00``, ``货币资金 五、1
28,937,883.35``) and cuts what stands apart (``12, 345.00``). Rulings, spaces, the characters' own centres and
the shape of figures say where a cell ends.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Literal

from pipeline.model import Box, Line, Ruling
from pipeline.values.amounts import parse_number

__all__ = ["Fragment", "FragmentKind", "figure_of", "fragments", "is_one_figure", "is_sound", "runs_through"]

FragmentKind = Literal["figure", "broken", "dash", "small", "text"]

# Centre-to-centre distance of two neighbours, in mean character advances, from which on they are two cells' text.
CELL_GAP = 2.3
# The same, from which on nothing can join them (a figure split by the reader has a gap of about one character).
SURE_GAP = 4.5
# Share of the page's height: a rule between columns runs over several rows; shorter ones may be noise or strokes.
LONG_UPRIGHT = 0.1
RUNS_THROUGH = 2  # figures that a rule may not cut
# Share of characters that belong to figures, from which on unparsable text is a misread figure rather than words.
FIGURE_SHARE = 0.75
FULL = 1.0
COMMA_CENTS = 0.85  # what a figure is worth whose cents stand behind a comma
# Of a box's width: text that fills no more of it, a character on each side included, stands in a box too wide.
ROOMY = 0.9
# What an unparsable figure that was put right by its own grouping is worth.
MENDED = 0.5

# Thousands in groups of three behind comma or (misread) point, cents last; or ungrouped with cents.
_MONEY = r"\d{1,3}(?:[,.]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+\.\d{2}(?!\d)"
_SIGNED = rf"[(（]?[-−－–—]?[¥￥]?(?:{_MONEY})[)）]?"
_RUN = re.compile(_SIGNED)
# Figures with cents run together: told by their points before the misread-separator reading is tried.
_STRICT = r"[(（]?[-−－–—]?\d{1,3}(?:,\d{3})+\.\d{2}[)）]?"
_SEVERAL = re.compile(rf"(?:{_STRICT}){{2,}}")
_SOUND = re.compile(r"[(-]{0,2}¥?(?:\d{1,3}(?:,\d{3})+(?:\.\d{2})?|\d{1,3}\.\d{2})\)?")
_GROUPED = re.compile(r"(?P<minus>[(-]{0,2})¥?(?P<whole>[1-9]\d{0,2}(?:[,.]\d{3})+)(?:[.,](?P<cents>\d{1,2}))?[)]?")
_TAIL = re.compile(rf"(?P<head>.*?(?:[^\d,.\s(（\-−－–—]|(?<=\d)(?=\s)))\s*(?P<tail>(?:{_SIGNED}\s*)+)$")
# The next item read together with the figure to its left (``8,990,007.24 其他应付款``); no date (2022.12期末).
_LEAD = re.compile(rf"(?!20\d\d\.)(?:{_SIGNED}\s*)+(?=[\u4e00-\u9fff(（])")
_DASH = re.compile(r"[-−－–—―_~～一ー]{1,4}|/|\\|不适用")
_SMALL = re.compile(r"\(?\d{1,4}\)?")
_FIGURE_SIGNS = frozenset("0123456789,.-()¥ ")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_STRAY = " |'\"`:;_~*!·•^“”‘’「」[]{}"
_LETTERS = str.maketrans(
    {"O": "0", "o": "0", "D": "0", "Q": "0", "l": "1", "I": "1", "i": "1", "S": "5", "s": "5", "B": "8", "Z": "2"}
)
_FOLD = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "―": "-", "。": ".", "、": ",", "￥": "¥", "△": "-", "▲": "-", "【": "(", "】": ")"}
)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a line. ``value``: of a figure, as printed (no unit applied); ``confidence``: 0 to 1 for the whole
    text.
    """

    text: str
    box: Box
    confidence: float
    kind: FragmentKind
    value: Decimal | None = None


def fragments(lines: Sequence[Line], rulings: Sequence[Ruling] = ()) -> tuple[Fragment, ...]:
    """All fragments of a page, cut at vertical rulings, gaps and the ends of figures."""
    uprights = [
        r for r in rulings if not r.horizontal and abs(r.y1 - r.y0) >= LONG_UPRIGHT and not runs_through(r, lines)
    ]
    return tuple(fragment for line in lines for fragment in _of_line(line, uprights))


def runs_through(rule: Ruling, lines: Sequence[Line]) -> bool:
    """Whether a rule runs through figures: then it is none, but noise or strokes that were taken for one."""
    crossed = sum(1 for ln in lines if _RUN.fullmatch(ln.text) and _crosses(rule, ln.box, inner=1 / len(ln.text)))
    return crossed >= RUNS_THROUGH


def is_one_figure(text: str) -> bool:
    """Whether a text is one well-formed figure and nothing else."""
    return _RUN.fullmatch(text) is not None and not _SEVERAL.fullmatch(text)


def is_sound(text: str) -> bool:
    """Whether a figure is grouped and pointed as figures are printed, nothing of it lost or confused."""
    return _SOUND.fullmatch(unicodedata.normalize("NFKC", text.translate(_FOLD)).strip(_STRAY)) is not None


def _crosses(rule: Ruling, box: Box, *, inner: float = 0.1) -> bool:
    """Whether an upright rule meets the inner part of a box (boxes of readers reach a little beyond the text).

    :param inner: of the box's width, from which on its inner part begins; a tenth at least
    """
    margin = max(inner, 0.1) * box.width
    x = (rule.x0 + rule.x1) / 2
    beside = min(rule.y0, rule.y1) - box.height / 2 <= box.cy <= max(rule.y0, rule.y1) + box.height / 2
    return beside and box.x0 + margin < x < box.x1 - margin


def figure_of(text: str) -> tuple[Decimal, float] | None:
    """The value of a statement figure and the trust its form deserves (1, or less where it had to be put right).

    None where the text is no figure. Separators confused by the reader are put right by the grouping alone: a last
    group of two is cents, all others must be of three; ``28.937`` is thousands, for nothing in a statement has
    three decimals.
    """
    folded = unicodedata.normalize("NFKC", text.translate(_FOLD)).strip(_STRAY)
    grouped = _GROUPED.fullmatch(re.sub(r"\s", "", folded))
    if grouped:
        whole = re.sub(r"[.,]", "", grouped["whole"])
        value = Decimal(whole + (f".{grouped['cents']}" if grouped["cents"] else ""))
        if len(grouped["cents"] or "00") != 2:
            return (-value if grouped["minus"] else value), MENDED
        # A comma before cents is a point misread, or the rest of a figure that was cut off.
        pointed = not grouped["cents"] or re.search(r"\.\d{2}\W*$", folded) is not None
        return (-value if grouped["minus"] else value), FULL if pointed else COMMA_CENTS
    value_or_none = parse_number(folded)
    if value_or_none is not None:
        return value_or_none, _form_trust(folded)
    compact = re.sub(r"\s", "", folded).translate(_LETTERS)
    return _mended(compact) if compact != folded or compact.count(",") + compact.count(".") > 0 else None


def _form_trust(folded: str) -> float:
    """1 for the common printed form; less for one decimal or three, for digits in groups that are none."""
    digits = re.sub(r"[^\d.,]", "", folded)
    if re.fullmatch(r"\d{1,3}(,\d{3})*(\.\d{2})?|\d+(\.\d{2})?", digits):
        return FULL
    return MENDED if re.search(r"\.\d$", digits) else 0.85


def _mended(compact: str) -> tuple[Decimal, float] | None:
    match = re.fullmatch(r"(\(?)(-?)¥?([\d.,]+)(\)?)", compact)
    if match is None:
        return None
    groups = [g for g in re.split(r"[.,]+", match[3]) if g]
    if not groups:
        return None
    cents = groups.pop() if len(groups) > 1 and len(groups[-1]) == 2 else ""
    sound = 1 <= len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:])
    # Unsound: a digit was lost or doubled. The number is a guess, kept so that it is seen and not trusted.
    trust = MENDED if sound else MENDED / 2
    value = Decimal("".join(groups) + (f".{cents}" if cents else ""))
    return (-value if match[1] or match[2] or match[4] else value), trust


def _of_line(line: Line, uprights: Sequence[Ruling]) -> list[Fragment]:
    one = _RUN.fullmatch(line.text) and not _SEVERAL.fullmatch(line.text)
    whole = one or not any(c.isdigit() for c in line.text)
    parts = [(0, len(line.text))] if whole else _ruled(line, uprights)
    spans = [span for part in parts for span in _split(line, *part)]
    return [f for start, end in spans if (f := _fragment(line, start, end)) is not None]


def _centres(line: Line) -> Sequence[float]:
    if len(line.centres) == len(line.text):
        return line.centres
    return [(i + 0.5) / len(line.text) for i in range(len(line.text))]


def _ruled(line: Line, uprights: Sequence[Ruling]) -> list[tuple[int, int]]:
    """Spans of the text between vertical rulings that cross the line."""
    box = line.box
    crossing = sorted((r.x0 + r.x1) / 2 for r in uprights if _crosses(r, box))
    cuts = [0]
    for x in crossing:
        at = sum(1 for c in _centres(line) if box.x0 + c * box.width < x)
        if cuts[-1] < at < len(line.text):
            cuts.append(at)
    return list(zip(cuts, [*cuts[1:], len(line.text)], strict=True))


def _split(line: Line, start: int, end: int) -> list[tuple[int, int]]:
    """Spans within ``start:end`` that are single cells."""
    text = line.text[start:end]
    if not any(c.isdigit() for c in text):
        return _dashes(text, start) or [(start, end)]
    if _numeric(text):
        return [(start + a, start + b) for a, b in _figures(text, _centres(line)[start:end])]
    lead = _LEAD.match(text)
    if lead is not None:
        return [*_split(line, start, start + lead.end()), *_split(line, start + lead.end(), end)]
    tail = _TAIL.match(text)
    if tail is None:
        return [(start, end)]
    cut = start + tail.end("head")
    return [(start, cut), *_split(line, cut, end)] if cut < end else [(start, end)]


def _dashes(text: str, start: int) -> list[tuple[int, int]]:
    """Spans of the dashes of a line that holds nothing else (``-   -``): one a cell."""
    marks = list(re.finditer(r"\S+", text))
    return [(start + m.start(), start + m.end()) for m in marks] if all(_DASH.fullmatch(m[0]) for m in marks) else []


def _numeric(text: str) -> bool:
    if _HAN.search(text):
        return False
    signs = sum(1 for c in unicodedata.normalize("NFKC", text.translate(_FOLD)) if c in _FIGURE_SIGNS)
    return signs >= len(text) * FIGURE_SHARE and any(c.isdigit() for c in text)


def _figures(text: str, centres: Sequence[float]) -> list[tuple[int, int]]:
    """Where the figures of a run of digits begin and end: at ends of cents, at wide gaps, at spaces that no group
    spans.
    """
    if _SEVERAL.fullmatch(text):
        return [m.span() for m in re.finditer(_STRICT, text)]
    if _RUN.fullmatch(text):  # one well-formed figure: the centres of a small line are too coarse to speak against it
        return [(0, len(text))]
    cuts = {0}
    steps = [b - a for a, b in pairwise(centres)]
    advance = (centres[-1] - centres[0]) / max(1, len(steps))
    for i, step in enumerate(steps):
        gap = step + (steps[i + 1] if text[i + 1] == " " and i + 1 < len(steps) else 0.0)
        doubtful = gap > CELL_GAP * advance or text[i + 1] == " "
        if gap > SURE_GAP * advance or (doubtful and not _one_figure(text[: i + 1], text[i + 1 :])):
            cuts.add(i + 1)
    cuts.update(
        m.start()
        for m in _RUN.finditer(text)
        if m.start() > 0 and _RUN.fullmatch(text[: m.start()].strip().split(" ")[-1])
    )
    ordered = sorted(cuts)
    return [(a, b) for a, b in zip(ordered, [*ordered[1:], len(text)], strict=True) if text[a:b].strip()]


def _one_figure(left: str, right: str) -> bool:
    """Whether a gap lies inside one figure: ``12, 345``, ``1,234 .56``, ``- 12.00``, ``( 12.00 )``."""
    head, tail = left.rstrip(), right.lstrip()
    if not head or not tail:
        return True
    if head[-1] in ",，.．(（-−－–—¥￥" and not re.search(r"\d[-−–—]$", head):
        return tail[0].isdigit() or tail[0] in "¥￥("
    if tail[0] in ",，.．)）":
        return True
    # 1 234 567.89: groups of three after a group without cents
    return bool(
        re.search(r"(?:^|[\s(（-])\d{1,3}$", head) and re.match(r"\d{3}(?:[\s,.]|$)", tail) and "," not in tail[:4]
    )


def _fragment(line: Line, start: int, end: int) -> Fragment | None:
    while start < end and line.text[start].isspace():
        start += 1
    while end > start and line.text[end - 1].isspace():
        end -= 1
    if start >= end:
        return None
    text = line.text[start:end]
    whole = start == 0 and end == len(line.text)
    box = line.box if whole else _span_box(line, start, end)
    scores = line.scores[start:end] if len(line.scores) == len(line.text) else (line.confidence,)
    kind, value, trust = _kind(text)
    if whole and kind not in ("text", "dash"):
        box = _tight(line)
    certainty = _digits_certainty(text, scores) if kind in ("figure", "broken", "small") else sum(scores) / len(scores)
    return Fragment(text=text, box=box, confidence=round(certainty * trust, 4), kind=kind, value=value)


def _tight(line: Line) -> Box:
    """A figure's box without what the reader took in of a dotted rule or leaders beside it."""
    if len(line.centres) != len(line.text) or len(line.text) < 3:
        return line.box
    advance = (line.centres[-1] - line.centres[0]) / (len(line.centres) - 1)
    left, right = line.centres[0] - 1.5 * advance, line.centres[-1] + 1.5 * advance
    if advance <= 0 or right - left >= ROOMY:
        return line.box
    box = line.box
    return Box(box.x0 + max(0.0, left) * box.width, box.y0, box.x0 + min(1.0, right) * box.width, box.y1)


def _digits_certainty(text: str, scores: Sequence[float]) -> float:
    """The least sure sign of a figure; separators do not count, for the grouping tells them."""
    if len(scores) != len(text):
        return min(scores)
    return min((s for c, s in zip(text, scores, strict=True) if c not in ",.，．。、' "), default=min(scores))


def _span_box(line: Line, start: int, end: int) -> Box:
    centres = _centres(line)
    before = (centres[start - 1] + centres[start]) / 2 if start else 0.0
    after = (centres[end - 1] + centres[end]) / 2 if end < len(centres) else 1.0
    # A wide gap belongs to neither: at most 0.7 of a character on each side.
    advance = median([b - a for a, b in pairwise(centres)] or [1.0])
    left, right = max(before, centres[start] - 0.7 * advance), min(after, centres[end - 1] + 0.7 * advance)
    box = line.box
    return Box(box.x0 + left * box.width, box.y0, box.x0 + right * box.width, box.y1)


def _kind(text: str) -> tuple[FragmentKind, Decimal | None, float]:
    bare = unicodedata.normalize("NFKC", text.strip())
    if _DASH.fullmatch(text.strip()) or _DASH.fullmatch(bare):
        return "dash", None, 1.0
    if not any(c.isdigit() for c in bare) or not _numeric(bare):
        return "text", None, 1.0
    if _SMALL.fullmatch(bare):
        return "small", parse_number(bare), 1.0
    found = figure_of(bare)
    if found is None:
        return "text", None, 1.0
    value, trust = found
    grouped = bool(_RUN.search(bare)) or sum(c.isdigit() for c in bare) > 4
    return ("figure" if grouped and trust > MENDED else "broken" if trust <= MENDED else "small"), value, trust
