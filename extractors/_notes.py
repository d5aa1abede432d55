"""The long notes of an audit report (财务报表附注) as they go on from page to page: which of their pages can matter.

Fields come out of notes only where they split revenue (分部, 营业收入) or speak of the company's business. All other
pages of notes are told by their headings, running head and page number; what is not told so is no page to pass over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from extractors._audit_pages import NOTES_WORDS, PagePart, page_part
from extractors._items import is_item
from extractors._titles import titles
from pipeline.model import Line, ReadPage
from pipeline.values.flat import flat

__all__ = ["Heading", "NotesSeen", "note_headings", "reason_to_read"]

SURE_NOTES = 65  # of a page's score, from which on it opens notes by itself
LEARNED = 2  # pages of notes read in full before any gets a glance: a small company's notes are hardly longer
LEAST_WORDS = 4  # of notes: what page_part asks for
HEADING = 36  # characters at most
HEAD, FOOT = 0.09, 0.9  # of the page's height: what is printed above and below on every page
RUNNING = 6  # characters of a running head that tell
SURE = 0.5  # of a line that tells anything

_ORDINALS = (
    (0, re.compile(r"第[一二三四五六七八九十]{1,3}[节章部]分?")),
    (0, re.compile(r"[一二三四五六七八九十]{1,3}[、.,:](?![(\d一二三四五六七八九十])")),
    (1, re.compile(r"[一二三四五六七八九十]{1,3}[、.,:]?[(]?(?:\d{1,3}|[一二三四五六七八九十]{1,4})[)、.,:]*")),
    (1, re.compile(r"附?注释?[一二三四五六七八九十\d]{1,4}[、.,:]*")),
    (1, re.compile(r"[(][一二三四五六七八九十百]{1,4}[)]")),
    (2, re.compile(r"\d{1,3}[、,:]|\d{1,3}[.](?!\d)")),
    (2, re.compile(r"\d{1,2}(?:[.]\d{1,2}){1,2}[.、]?")),
    (3, re.compile(r"[(]\d{1,3}[)]|\d{1,2}[)]|[①-⑳]")),
)  # fmt: skip
_REPORT = re.compile(r"审\s*计\s*报\s*告|我们审计了|会计师事务所|资产负债表|利润表|财务报表附注")
_LOOSE = 2  # rank of a heading without an ordinal
_MATTERS = re.compile(
    r"营业收入|业务收入|收入|营业成本|业务成本|主营业务|分部|外包|分产品|分行业|分地区|(?:公司|企业|单位)(?:的)?(?:基本)?(?:情况|概况|简介)"
)
_OTHERWISE = re.compile(
    r"营业外收入|利息收入|补贴收入|投资收益|收入和?费用类?项目折算|(?:子|联营|合营|被投资)(?:公司|企业|单位)"
)
_POLICY = re.compile(r"(?:收入|营业收入)(?:的)?(?:确认|计量|会计政策|核算|原则|和费用的?确认).{0,12}|收入")
_BUSINESS = re.compile(r"外包|分部报告|分部信息|主营业务收入|营业收入")
_OUTSOURCING = re.compile(r"外包|(?<![A-Z])(?:ITO|BPO|KPO)(?![A-Z])")
_RUNNING_NOTES = re.compile(r"附注|注释")
_NUMBER = re.compile(r"[-—–~·]?(?:第)?(\d{1,3})(?:页)?(?:[,，、/]?(?:共)?\d{1,3}页?)?[-—–~·]?")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of notes. ``rank``: 0 a section's, 1 and 2 a note's, 3 a part of one. ``name``: without its ordinal."""

    rank: int
    name: str
    ordinal: str

    @property
    def matters(self) -> bool:
        """Whether figures that an application is held against may stand below it."""
        return bool(_MATTERS.search(_OTHERWISE.sub("", self.name))) and not self.policy

    @property
    def policy(self) -> bool:
        """How revenue is recognised: words about revenue without any of its figures."""
        return bool(_POLICY.fullmatch(self.name))

    @property
    def told(self) -> bool:
        """Whether it is a heading that only notes have."""
        return bool(self.ordinal) and (is_item(self.name) or any(word in self.name for word in NOTES_WORDS))


@dataclass(frozen=True, slots=True)
class NotesSeen:
    """What the pages so far tell of the notes that the next page may go on with.

    ``learned``: pages of notes read in full. ``running``: their running heads. ``number`` and ``at``: the page number
    printed last, and on which page. ``open_rank``: of the note that is still open and matters; ``policy_rank``: of the
    policy on revenue that is still open.
    """

    reported: bool = False
    learned: int = 0
    going_on: bool = False
    running: frozenset[str] = frozenset()
    number: int | None = None
    at: int = 0
    open_rank: int | None = None
    policy_rank: int | None = None

    @property
    def may_pass(self) -> bool:
        """Whether the next page may be one that a glance is enough for."""
        return self.reported and self.going_on and self.learned >= LEARNED and self.open_rank is None

    def after(self, page: ReadPage, claim: Callable[[ReadPage], int] = lambda page: 0) -> NotesSeen:
        """With one more page, read or glanced at.

        :param claim: the best score that another kind of document gives a page; asked only where it matters
        """
        known = replace(self, reported=self.reported or bool(_REPORT.search(page.text)))
        glanced = page.depth == "looked"
        part = page_part(page) if self.going_on or _has_words(page) else None
        if not glanced and not known._goes_on(page, part, claim):
            return replace(known, going_on=False, open_rank=None, policy_rank=None)
        number = printed_number(page)
        seen = known._with_headings(note_headings(page))
        return replace(
            seen,
            learned=self.learned + (not glanced and part is not None),
            going_on=True,
            running=self.running | running_heads(page),
            number=self.number if number is None else number,
            at=self.at if number is None else page.page.number,
        )

    def _goes_on(self, page: ReadPage, part: PagePart | None, claim: Callable[[ReadPage], int]) -> bool:
        if page.page.codes or page.seals or page.page.kind != "content":
            return False
        if part is None:
            return self.going_on and claim(page) < SURE_NOTES
        return part.part == "notes" and (self.going_on or part.score >= SURE_NOTES) and part.score > claim(page)

    def _with_headings(self, headings: Sequence[Heading]) -> NotesSeen:
        seen = self
        for heading in headings:
            if seen.open_rank is not None and heading.rank <= seen.open_rank:
                seen = replace(seen, open_rank=None)
            if seen.policy_rank is not None and heading.rank <= seen.policy_rank:
                seen = replace(seen, policy_rank=None)
            if heading.policy and seen.policy_rank is None:
                seen = replace(seen, policy_rank=heading.rank)
            elif heading.matters and seen.open_rank is None and seen.policy_rank is None:
                seen = replace(seen, open_rank=heading.rank)
        return seen

    def matter(self, headings: Sequence[Heading]) -> bool:
        """Whether one of a page's headings matters, a policy's own parts left out."""
        seen = replace(self, open_rank=None)
        for heading in headings:
            seen = seen._with_headings((heading,))
            if seen.open_rank is not None:
                return True
        return False


def _has_words(page: ReadPage) -> bool:
    """Whether the page may be one of notes: to ask :func:`page_part` of every page of an envelope would cost."""
    text = flat(page.text)
    return "附注" in text or sum(1 for word in NOTES_WORDS if word in text) >= LEAST_WORDS


def reason_to_read(page: ReadPage, seen: NotesSeen, labels: Sequence[str] = ()) -> str:
    """Why a page that was glanced at must be read in full; "" if it is a page of notes that cannot matter.

    :param labels: what stands at the left of its tables' rows, as far as it was read
    """
    part = page_part(page.model_copy(update={"depth": "read"}))
    if part is not None and part.part != "notes":
        return f"a page of the report's {part.part}"
    if titles(page):
        return "a statement's title"
    headings = note_headings(page)
    # Of a text layer every line is there, and any may name revenue; of a scan only what may be a heading was read.
    business = _OUTSOURCING if page.page.born_digital else _BUSINESS
    if seen.matter(headings) or any(business.search(flat(line.text)) for line in page.lines if not _is_margin(line)):
        return "revenue"
    if any(_OUTSOURCING.search(flat(label)) for label in labels):
        return "outsourcing"
    return "" if _is_told(page, headings, seen) else "untold"


def _is_told(page: ReadPage, headings: Sequence[Heading], seen: NotesSeen) -> bool:
    """Whether the page says itself that it goes on with the notes."""
    heads = running_heads(page)
    if any(_RUNNING_NOTES.search(head) for head in heads & seen.running) or any(h.told for h in headings):
        return True
    number = printed_number(page)
    if number is None or seen.number is None:
        return False
    return number - seen.number in {1, -1, page.page.number - seen.at, seen.at - page.page.number}


def note_headings(page: ReadPage) -> tuple[Heading, ...]:
    """Headings of a page, top to bottom: short texts alone on their height, with an ordinal or a name that tells."""
    found = []
    lines = [line for line in page.lines if line.confidence >= SURE]
    for line in lines:
        if _is_margin(line) and _RUNNING_NOTES.search(line.text):
            continue
        heading = _heading(flat(line.text))
        if heading is not None and not any(_beside(line, other) for other in lines):
            found.append((line.box.cy, heading))
    return tuple(heading for _, heading in sorted(found, key=lambda pair: pair[0]))


def _heading(text: str) -> Heading | None:
    if len(text) > HEADING or text.endswith(("。", ";", ",")):
        return None
    for rank, pattern in _ORDINALS:
        if match := pattern.match(text):
            name = text[match.end() :].strip(".、,:")
            # A table's row is numbered too: 1. 期初余额.
            return Heading(rank, name, match[0]) if len(name) >= 2 else None
    bare = text.strip(".、,:")
    return Heading(_LOOSE, bare, "") if 2 <= len(bare) <= 20 and _MATTERS.search(bare) else None


def _beside(line: Line, other: Line) -> bool:
    same = abs(line.box.cy - other.box.cy) < 0.4 * min(line.box.height, other.box.height)
    figure = bool(re.search(r"\d[\d,]*\.\d{2}|^[\d,]{4,}$", flat(other.text)))
    return same and other is not line and figure


def _is_margin(line: Line) -> bool:
    return line.box.cy < HEAD or line.box.cy > FOOT


def running_heads(page: ReadPage) -> frozenset[str]:
    """What is printed in the page's head, without figures: the same on every page of the notes."""
    texts = (re.sub(r"[\d\s]", "", flat(line.text)) for line in page.lines if line.box.cy < HEAD)
    return frozenset(text for text in texts if len(text) >= RUNNING)


def printed_number(page: ReadPage) -> int | None:
    """The page's number in its head or foot, however it is printed (第 12 页 共 80 页, - 12 -, 12/80, 12)."""
    for line in sorted(page.lines, key=lambda line: -line.box.cy):
        if _is_margin(line) and (match := _NUMBER.fullmatch(flat(line.text))):
            return int(match[1])
    return None
