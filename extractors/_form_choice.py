"""Which of all that stands beside a field's labels on a form is its value: years, units, columns, rivals weighed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractors._fields import field_of, line_score
from extractors._form_amounts import Units
from extractors._form_fits import fits
from extractors._form_labels import PERSON, TOTAL, vocabulary
from extractors._form_pages import FormPage
from extractors._form_parsed import AMOUNTS, COUNTS, Parsed
from extractors._form_sheets import NOTES
from extractors._form_values import parse
from pipeline.model import Box, Field, ReadPage, Track
from pipeline.tables.grid import Cell
from pipeline.tables.label_values import Candidate, Pair
from pipeline.tables.rules import TOUCH
from pipeline.tables.vocabulary import plain_label
from pipeline.values import amounts

__all__ = ["REVENUES", "best_field"]

RIVAL_SCORE = 0.9  # line score from which a second, different reading elsewhere on the form speaks against the first
SURE_LINE, SURE_SIGN = 0.97, 0.9  # scores of a line and of each of its signs that leave no doubt
REVENUES = AMOUNTS - {"registered_capital"}  # a form counts its capital in a unit of its own
SUITS = 0.7  # how well a text suits a field from which it may be the answer behind an empty cell
COULD_BE = 0.4  # the same from which the empty cell is not surely the answer
PAST_FOLD = 0.6  # trust in it: an empty cell is the answer, too
UNREAD_INK = 0.03  # mean coverage of a cell that was read as empty: something is written there


@dataclass(frozen=True, slots=True)
class _Choice:
    pair: Pair
    candidate: Candidate
    parsed: Parsed
    page: ReadPage
    order: int


def best_field(key: str, reads: Sequence[FormPage], *, period: int | None, track: Track | None) -> Field | None:
    """The likeliest reading of a field over all its labels."""
    captions = _captions(reads)
    choices: list[_Choice] = []
    for read in reads:
        for pair in read.pairs:
            if key in _keys_of(pair) and not _of_another(key, pair, period):
                choices += _choices(key, pair, read, reads, captions, period, len(choices))
    choices = [_ranked(choice, key, track) for choice in _without_notes(choices)]
    if not choices:
        return None
    best = min(choices, key=lambda c: _badness(key, c))
    return _field(key, best, choices, reads)


def _without_notes(choices: list[_Choice]) -> list[_Choice]:
    """Choices less those in the form's notes (填表说明: …联系人：周老师), of whoever asks; all, if all stand there."""
    outside = [
        choice
        for choice in choices
        if not any(
            line.box.cy < choice.pair.label.box.y0 and NOTES.match(line.text.strip()) for line in choice.page.lines
        )
    ]
    return outside or choices


def _ranked(choice: _Choice, key: str, track: Track | None) -> _Choice:
    """A park's own name is its 园区名称: what else is named on its form is who runs it."""
    if key == "name" and track == "park" and not re.search(r"园|基地|区名称", choice.pair.label.text):
        match = replace(choice.pair.match, rank=choice.pair.match.rank + 2)
        return replace(choice, pair=replace(choice.pair, match=match))
    return choice


def _keys_of(pair: Pair) -> tuple[str, ...]:
    """A pair's fields; 合计 and 姓名 are of what the label merged at their left says."""
    if pair.match.keys[0] in (TOTAL, PERSON):
        return (pair.context,) if pair.context else ()
    return pair.match.keys


def _of_another(key: str, pair: Pair, period: int | None) -> bool:
    """Whether a label speaks of another year, or of another person's telephone."""
    if period is not None and pair.match.year is not None and pair.match.year != period and key in AMOUNTS | COUNTS:
        return True
    if key in ("mobile", "email") and pair.context == "legal_representative":
        return True
    return key in AMOUNTS and "人均" in pair.label.text


def _choices(
    key: str,
    pair: Pair,
    read: FormPage,
    reads: Sequence[FormPage],
    captions: Sequence[tuple[int, float, str]],
    period: int | None,
    order: int,
) -> list[_Choice]:
    found: list[_Choice] = []
    pages = {one.page.page.number: one.page for one in reads}
    pair = replace(pair, candidates=_own_columns(pair, read))
    said = year_said(reads) if any(c.head for c in pair.candidates) else None
    for candidate in _columns(pair, period, said) if key in AMOUNTS | COUNTS else _of_person(key, pair):
        caption = _caption(captions, read.page.page.number, pair.label.box.cy)
        beside = pair.unit or (_unit_on_row(read, candidate.cell) if key in AMOUNTS else "")
        others = _unit_of_others(reads) if key in REVENUES else ""
        units = Units(_with_unit_below(read.page, pair.label), candidate.head, beside, caption, others)
        parsed = _parsed(key, pair, candidate, units)
        beyond = _past_fold(key, pair, candidate, read) if parsed and parsed.value is None else None
        if beyond and parsed:
            other = _parsed(key, pair, beyond, units) if fits(key, beyond.text) >= SUITS else None
            if other and other.value is not None:
                candidate, parsed = beyond, other
            parsed = replace(parsed, trust=min(parsed.trust, PAST_FOLD), reasons=(*parsed.reasons, "past_empty"))
        if parsed is None:
            continue
        if key in AMOUNTS | COUNTS and _either_year(pair, said):
            parsed = replace(parsed, trust=0.6 * parsed.trust, reasons=(*parsed.reasons, "year_unsaid"))
        suits = fits(key, candidate.text)
        if candidate.how == "below" and suits < 0.5:
            continue
        if key == "commerce_department" and suits <= 0.3:
            continue
        if key == "name" and suits <= 0.15 and parsed.value is not None:
            continue  # a title, a declaration
        if key == "name" and suits < 0.9 and (pair.match.rank or candidate.how == "below"):
            continue
        page = pages.get(candidate.cell.page, read.page)  # a page break may part the two
        found.append(_Choice(pair, candidate, parsed, page, order + len(found)))
        break  # an empty cell is the answer, too, not a reason to look further
    if not found and pair.candidates and key in AMOUNTS | COUNTS | {"established", "uscc", "mobile", "email"}:
        first = pair.candidates[0]
        if first.how != "below" and not vocabulary.is_label(first.text):
            found.append(_Choice(pair, first, Parsed(None, 0.3, reasons=("unparsable",)), read.page, order))
    return found


def _past_fold(key: str, pair: Pair, candidate: Candidate, read: FormPage) -> Candidate | None:
    """The cell behind an empty one, if it holds what is asked for and nobody else asks for it: the rule between the
    two may be a fold."""
    empty = candidate.cell
    if empty.text or candidate.how != "right" or candidate.head or not empty.ruled or empty.page != read.sheet.page:
        return None
    behind = next(iter(read.sheet.right_of(empty)), None)
    if behind is None or behind.box.x0 - empty.box.x1 > TOUCH or not behind.ruled:
        return None
    claimed = any(
        c.cell == behind and (c.head or other is not pair) for other in read.pairs for c in other.candidates[:1]
    )
    claimed = claimed or any(c.cell == behind and c.head for c in pair.candidates)
    if claimed or vocabulary.is_label(behind.text) or fits(key, behind.text) < COULD_BE:
        return None
    return Candidate(behind, candidate.how)


_OWN_COLUMN = re.compile(r"母公司|总公司|申[报请](?:单位|主体|企业|公司)|本(?:企业|公司|单位|部)|集团")
_OTHERS_COLUMN = re.compile(r"子公司|分公司|成员|参股|关联|下属")


def _own_columns(pair: Pair, read: FormPage) -> tuple[Candidate, ...]:
    """Of a row with columns for several organisations (子公司 | 母公司) the applicant's, which is the parent."""
    if len([c for c in pair.candidates if c.how == "right"]) < 2:
        return pair.candidates
    heads = [
        next(
            (o.text for o in read.sheet.above(c.cell) if _OWN_COLUMN.search(o.text) or _OTHERS_COLUMN.search(o.text)),
            "",
        )
        if c.how == "right" and c.cell.ruled
        else ""
        for c in pair.candidates
    ]
    own = [c for c, head in zip(pair.candidates, heads, strict=True) if _OWN_COLUMN.search(head)]
    others = [c for c, head in zip(pair.candidates, heads, strict=True) if _is_others(head)]
    if not others:
        return pair.candidates
    return tuple(c for c in pair.candidates if c not in others) if own else pair.candidates


def _is_others(head: str) -> bool:
    return bool(_OTHERS_COLUMN.search(head)) and not _OWN_COLUMN.search(head)


def _unit_of_others(reads: Sequence[FormPage]) -> str:
    """The unit that the form's revenues are counted in, where all that say one say the same."""
    said = {
        unit
        for read in reads
        for pair in read.pairs
        if pair.match.keys[0] in REVENUES
        for text in (pair.label.text, pair.unit)
        if (unit := amounts.find_unit(text)) and unit in amounts.UNITS and "美" not in unit
    }
    return said.pop() if len(said) == 1 else ""


_BESIDE_EACH_OTHER = re.compile(r"[/／|;；]")


def _parsed(key: str, pair: Pair, candidate: Candidate, units: Units) -> Parsed | None:
    """A candidate's value; where 手机/邮箱 share a cell, of the line that suits."""
    cell = candidate.cell
    sure = cell.confidence >= SURE_LINE and all(s >= SURE_SIGN for line in cell.lines for s in line.scores)
    if len(pair.match.keys) > 1:
        parts = [part for part in _BESIDE_EACH_OTHER.split(candidate.text) if part.strip()]
        if len(parts) == len(pair.match.keys):  # 总部所在地/交付主体所在地: 西安市/西安市
            return parse(key, parts[pair.match.keys.index(key)], units, sure=sure)
        for line in candidate.cell.lines:
            if fits(key, line.text) > 0.8 and (parsed := parse(key, line.text, units)):
                return parsed
    return parse(key, candidate.text, units, sure=sure)


def _of_person(key: str, pair: Pair) -> tuple[Candidate, ...]:
    """Of a column of telephones, a row for each person, the contact's."""
    heads = [(c, vocabulary.match(c.head)) for c in pair.candidates if c.how == "below" and c.head]
    asked = key in ("mobile", "email") and pair.candidates and pair.candidates[0].how == "below"
    keys = {match.keys[0] for _, match in heads if match}
    if not asked or not keys & {"contact", "legal_representative"}:
        return pair.candidates
    return tuple(c for c, match in heads if match and match.keys[0] == "contact")


_LAST, _THIS = re.compile(r"上一?年|上年度|上期|去年"), re.compile(r"本年|本期|当年|本报告期")
_SAID_YEAR = re.compile(
    r"(?:[本当]年度?|本期|报告期|(?:数据|统计|填报|报告|会计)(?:年度|期间?|年份))(?:[指为系是即=:：]|均指)*(20\d{2})年?(?!\d)"
)
_YEAR_OF_TABLE = re.compile(r"[(（]?(20\d{2})年?度?[)）]?")


def year_said(reads: Sequence[FormPage]) -> int | None:
    """The year that a form calls 本年: said in words, or alone in a line over its table (2022 年)."""
    said: set[int] = set()
    for read in reads:
        rows = [cell for cell in read.sheet.cells if not cell.ruled]
        for line in (line for cell in rows for line in cell.lines):
            bare = re.sub(r"\s", "", line.text)
            found = _YEAR_OF_TABLE.fullmatch(bare) or _SAID_YEAR.search(bare)
            said |= {int(found[1])} if found else set()
    return said.pop() if len(said) == 1 else None


def _columns(pair: Pair, period: int | None, said: int | None = None) -> tuple[Candidate, ...]:
    """Of several years' columns the programme's; without years in the heads 上年度 before 本年, unless the form says
    which year its 本年 is (``said``) or compares it with 上年同期; else all in order."""
    headed = [c for c in pair.candidates if c.head]
    if period is None or not headed:
        return pair.candidates
    of_year = [c for c in headed if str(period) in c.head]
    if of_year:
        return tuple(of_year)
    years = [c for c in headed if re.search(r"20\d{2}", c.head)]
    if years:  # what stands under another year is not asked for, whatever the year of the rest may be
        return tuple(c for c in pair.candidates if c not in years)
    last, this = ([c for c in headed if sign.search(c.head)] for sign in (_LAST, _THIS))
    if this and (said == period or any("同期" in c.head for c in last)):
        return tuple(this)
    return tuple(last or this) or pair.candidates


def _either_year(pair: Pair, said: int | None) -> bool:
    """Whether a row has 本年 and 上年 side by side and the form does not say which years they are."""
    heads = " ".join(c.head for c in pair.candidates)
    unsaid = said is None and not re.search(r"20\d{2}|同期", heads)
    return unsaid and bool(_LAST.search(heads) and _THIS.search(heads))


def _badness(key: str, choice: _Choice) -> tuple[float, ...]:
    """What speaks against a choice, worst first."""
    parsed, match = choice.parsed, choice.pair.match
    suits = fits(key, choice.candidate.text) if parsed.value is not None else 0.5
    empty = 1.0 if parsed.value is None else 0.0
    not_mobile = 1.0 if "not_a_mobile" in parsed.reasons else 0.0
    return (
        empty,
        not_mobile,
        float(match.rank),
        1.0 - suits,
        float(match.distance),
        1.0 - parsed.trust,
        float(choice.order),
    )


_CAPTION = re.compile(r"单位[:：].*元|[(（][^()（）]*(?:单位|金额)?[^()（）]*[万千亿]元[^()（）]*[)）]|金额单位")


_YEAR = re.compile(r"20\d{2}(?:年度?)?")
_UNIT_ALONE = re.compile(r"[(（]?(?:人民币)?(?:元|千元|万元|百万元|亿元)[)）]?")


_UNIT_BELOW = re.compile(r"[(（]?(?:人民币)?[万千百亿]{0,2}元[)）]")


def _with_unit_below(page: ReadPage, label: Cell) -> str:
    """A label with the unit that stands on a line of its own under it: 上年度营业收入（万 / 元）."""
    text, low = label.text, max((line.box.y1 for line in label.lines), default=label.box.y1)
    high = low - min((line.box.y0 for line in label.lines), default=label.box.y0)
    for line in page.lines:
        under = -0.7 * line.box.height < line.box.y0 - low < 0.7 * max(line.box.height, high)
        over = min(line.box.x1, label.box.x1) > max(line.box.x0, label.box.x0)
        if under and over and _UNIT_BELOW.fullmatch(line.text.strip()) and line not in label.lines:
            return text + line.text.strip()
    return text


def _unit_on_row(read: FormPage, cell: Cell) -> str:
    """The unit in a cell of its own (单位: 元) on the row of a value; the end of another label is none."""
    beside = [
        other
        for other in read.sheet.cells
        if _UNIT_ALONE.fullmatch(other.text.strip())
        and other.box.x0 >= cell.ink_box.x0
        and any(abs(other.ink_box.cy - own.box.cy) < 0.6 * own.box.height for own in cell.lines)
        and other is not cell
    ]
    return min(beside, key=lambda other: other.box.x0).text.strip() if beside else ""


def _captions(reads: Sequence[FormPage]) -> tuple[tuple[int, float, str], ...]:
    """Lines such as 单位：万元 that hold for what follows: (page, height, text)."""
    found = []
    for read in reads:
        for line in read.page.lines:
            if (
                len(re.sub(r"[A-Za-z ]", "", line.text)) > 40
                or not _CAPTION.search(line.text)
                or not amounts.find_unit(line.text)
            ):
                continue
            heads = re.search(r"单位[:：]", line.text) or not vocabulary.is_label(line.text)
            if heads and not re.search(r"\d{3}", _YEAR.sub("", line.text)):
                found.append((read.page.page.number, line.box.y0, line.text))
    return tuple(found)


def _caption(captions: Sequence[tuple[int, float, str]], page: int, y: float) -> str:
    before = [text for number, height, text in captions if (number, height) <= (page, y)]
    return before[-1] if before else ""


_LABEL_TRUST = {"right": 1.0, "inline": 0.995, "below": 0.99}


def _field(key: str, best: _Choice, choices: Sequence[_Choice], reads: Sequence[FormPage]) -> Field:
    parsed, match, cell = best.parsed, best.pair.match, best.candidate.cell
    trust = parsed.trust * _LABEL_TRUST[best.candidate.how] * (0.97 if match.distance else 1.0)
    reasons = list(parsed.reasons)
    if match.rank >= 2 or (key == "degree_staff" and match.rank):
        trust *= 0.85
        reasons.append(f"other_label:{plain_label(best.pair.label.text)}")
    if parsed.value is None and "empty" in parsed.reasons:
        trust, reasons = _emptiness(best, trust, reasons)
    rivals = [
        str(other.parsed.value)
        for other in choices
        if other is not best and other.parsed.value not in (None, parsed.value)
        and other.candidate.cell.confidence >= RIVAL_SCORE and other.pair is not best.pair
        and other.pair.match.rank == match.rank and fits(key, other.candidate.text) >= fits(key, cell.text)
        and not isinstance(other.parsed.value, tuple)
    ]  # fmt: skip
    if rivals and key not in ("mobile", "contact", "name", "submitted_at"):
        trust *= 0.6
        reasons.append("said_twice_differently")
    return field_of(
        key,
        parsed.value,
        cell.lines,
        best.page,
        box=cell.box,
        raw=cell.text,
        unit=parsed.unit,
        trust=trust * (0.9 + 0.1 * line_score(best.pair.label.lines)),
        alternatives=(*parsed.alternatives, *rivals),
        reasons=reasons,
    )


def _emptiness(best: _Choice, trust: float, reasons: list[str]) -> tuple[float, list[str]]:
    """A cell read as empty in which there is ink holds handwriting that nobody read."""
    cell, ink = best.candidate.cell, best.page.ink
    inside = cell.box
    if cell.lines or not ink.cells or inside.width < 0.02:
        return trust, reasons
    inner = Box(
        inside.x0 + 0.004,
        inside.y0 + 0.004,
        max(inside.x0 + 0.005, inside.x1 - 0.004),
        max(inside.y0 + 0.005, inside.y1 - 0.004),
    )
    if ink.coverage(inner) > UNREAD_INK:
        return 0.2, [reason for reason in reasons if reason != "empty"] + ["handwritten", "unread_ink"]
    return trust, reasons
