"""Letters and statements: title, body, and the signature block at the end (落款: who, and when)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractors._certificate_names import is_organisation
from extractors._fields import field_of, millimetres, seals_over, tidy
from extractors._wording import squeeze
from pipeline.model import Box, Field, Line, ReadPage, SealPlace
from pipeline.tables.grid import rows_of, union_of
from pipeline.values.dates import find_dates
from pipeline.values.identifiers import edit_distance

__all__ = [
    "SignOff",
    "blank_after_text",
    "headline",
    "is_prose",
    "name_field",
    "prose_lines",
    "seal_place",
    "sign_off",
    "signer_name",
    "title_lines",
]

TITLE_DEPTH = 0.4  # of the page
PROSE_WIDTH = 0.55  # of the page's width: a line of running text
PROSE_LINES = 4
STAMP_ROOM_MM = 100.0  # below the text: letters leave up to four lines before the signature
SURE_UNDER_SEAL = 0.985  # score of a line that a seal did not hurt
STAMP_MM = 45.0  # the largest usual company seal (DOMAIN §6.1)
SHORTEST_NAME = 5  # signs of a signer's name; shorter ones are torn off longer ones
NEAR_DATE = 6.0  # line heights between the signer's name and the date


@dataclass(frozen=True, slots=True)
class SignOff:
    """落款 of a page: the signer's line, and the date's below or above it."""

    page: ReadPage
    name: str
    signer: Line | None
    dated: Line | None

    @property
    def box(self) -> Box:
        """Around both."""
        return union_of([line.box for line in (self.signer, self.dated) if line is not None])


def title_lines(page: ReadPage) -> tuple[tuple[str, Line], ...]:
    """Rows of the page's head that may be its title, top to bottom, without spaces; two in succession joined too."""
    rows = rows_of([line for line in page.lines if line.box.y0 < TITLE_DEPTH])
    texts = [("".join(squeeze(line.text)[0] for line in row), _joined(row)) for row in rows]
    short = [(text, line) for text, line in texts if 2 <= len(text) <= 60]
    pairs = [
        (a[0] + b[0], a[1].model_copy(update={"box": a[1].box.union(b[1].box)}))
        for a, b in pairwise(short)
        if b[1].box.y0 - a[1].box.y1 < 1.2 * a[1].box.height and _centred(a[1].box) and _centred(b[1].box)
    ]
    return tuple(sorted((*short, *pairs), key=lambda pair: (pair[1].box.y0, -len(pair[0]))))


def _joined(row: Sequence[Line]) -> Line:
    first = row[0]
    if len(row) == 1:
        return first
    box = union_of([line.box for line in row])
    worst = min(line.confidence for line in row)
    return first.model_copy(
        update={"text": " ".join(one.text for one in row), "box": box, "confidence": worst, "centres": (), "scores": ()}
    )


def _centred(box: Box) -> bool:
    return abs(box.cx - 0.5) < 0.12


def headline(page: ReadPage, pattern: re.Pattern[str], never: re.Pattern[str]) -> tuple[str, Line] | None:
    """The first title-like row that matches ``pattern`` and not ``never``."""
    for text, line in title_lines(page):
        said = pattern.search(text) and not never.search(text) and not re.search(r"[。；;]|，.*，", text)
        if said and (_centred(line.box) or line.box.width > 0.5):
            return text, line
    return None


def prose_lines(page: ReadPage) -> int:
    """Lines of running text."""
    return sum(
        1
        for line in page.lines
        if line.box.width >= PROSE_WIDTH and len(re.findall(r"[\u4e00-\u9fff]", line.text)) >= 15
    )


def is_prose(page: ReadPage) -> bool:
    """Whether the page is mostly running text."""
    return prose_lines(page) >= PROSE_LINES


_ORGANISATIONS = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9()（）]{2,36}?(?:有限责任公司|股份有限公司|有限公司|集团公司|管理委员会|学院|大学|学校|中心|基地|软件园|产业园|园区|研究院|协会)"
)
SURE_LINE = 0.95  # score of a signer's line from which its name is taken as read
LIKENESS = 3  # one sign in so many may differ between a name under a seal and the same name in the text


def signer_name(signed: SignOff | None, pages: Sequence[ReadPage]) -> str:
    """Who signed, where that can be told: a name under a seal only as far as the text says it too."""
    if signed is None or signed.signer is None or not signed.name:
        return ""
    covered = seals_over(signed.page, signed.signer.box)
    if signed.signer.confidence >= (SURE_UNDER_SEAL if covered else SURE_LINE):
        return signed.name
    named = {m[0] for page in pages for line in page.lines for m in _ORGANISATIONS.finditer(squeeze(line.text)[0])}
    for name in sorted(named, key=len, reverse=True):
        if name != signed.name and edit_distance(name, signed.name, limit=8) <= len(name) // LIKENESS:
            return name
    return ""


def name_field(signed: SignOff | None, pages: Sequence[ReadPage]) -> Field | None:
    """``name``: who signed, as :func:`signer_name` tells it, where the signature stands."""
    name = signer_name(signed, pages)
    if signed is None or signed.signer is None or not name:
        return None
    return field_of("name", name, (signed.signer,), signed.page, trust=0.97 if name == signed.name else 0.9)


_SIGNER_LABEL = re.compile(
    r"^(?:申报|申请|报送|推荐|承诺|声明|填报|报告)?(?:单位|企业|机构|公司|人|方)?(?:名称|全称)?(?:[(（](?:盖章|公章|签章|盖公章)[)）])?[:：]"
)
_STAMP_TAIL = re.compile(r"[(（](?:盖章|公章|签章|加盖公章|印章|章)[)）]$")


def sign_off(pages: Sequence[ReadPage]) -> SignOff | None:
    """The last 落款 of these pages: an organisation's name with a date close by, or a line that asks for a seal."""
    for page in reversed(pages):
        found = _sign_off(page)
        if found is not None:
            return found
    return None


def _sign_off(page: ReadPage) -> SignOff | None:
    lines = sorted((_joined(row) for row in rows_of(page.lines)), key=lambda line: line.box.cy)
    dates = [line for line in lines if _is_date(line.text)]
    signers = [(line, name) for line in (*lines, *page.lines) if (name := _signer(line.text))]
    end = max((line.box.y1 for line in lines if line.box.width >= PROSE_WIDTH), default=0.0)
    best: SignOff | None = None
    for line, name in signers:
        near = [d for d in dates if -1.5 * line.box.height < d.box.y0 - line.box.y0 < NEAR_DATE * line.box.height]
        asks = bool(_STAMP_TAIL.search(squeeze(line.text)[0]) or _SIGNER_LABEL.match(squeeze(line.text)[0]))
        last = line.box.y0 >= end > 0 and line.box.cx > 0.5
        if (near or asks or last) and line.box.cx > 0.3:
            best = SignOff(page, name, line, near[0] if near else None)
    if best is not None:
        return best
    asking = [line for line in page.lines if _ASKS.search(squeeze(line.text)[0]) and len(squeeze(line.text)[0]) <= 24]
    if asking and prose_lines(page) >= 1:
        return SignOff(page, "", asking[-1], None)
    if dates and dates[-1].box.cx > 0.45 and prose_lines(page) >= 1:
        return SignOff(page, "", _above(lines, dates[-1]), dates[-1])
    return None


_ASKS = re.compile(r"[(（](?:盖章|公章|签章|加盖公章|单位盖章|盖公章)")


def blank_after_text(page: ReadPage) -> Box | None:
    """The room at the right below the last line of running text, where whoever signs stamps; None on a full page."""
    end = max((line.box.y1 for line in page.lines if line.box.width >= PROSE_WIDTH), default=None)
    down = millimetres(page, STAMP_ROOM_MM)[1]
    return Box(0.4, end, 1.0, min(1.0, end + down)) if end is not None and end < 0.9 else None


def _above(lines: Sequence[Line], dated: Line) -> Line | None:
    """The short line right above a date, at the right: a signer's name that a seal made illegible."""
    near = [
        line
        for line in lines
        if 0 < dated.box.cy - line.box.cy < NEAR_DATE * dated.box.height and line.box.cx > 0.45 and line.box.width < 0.5
    ]
    return min(near, key=lambda line: dated.box.cy - line.box.cy, default=None)


def _is_date(text: str) -> bool:
    days = find_dates(text)
    bare = squeeze(text)[0]
    if len(days) == 1:
        start, end = days[0][1]
        return len(squeeze(text[:start] + text[end:])[0]) <= 4
    return bool(re.fullmatch(r"20\d\d年[\d_]{0,2}月?[\d_]{0,2}日?|年[\d_]{0,2}月[\d_]{0,2}日", bare))


def _signer(text: str) -> str:
    bare = _STAMP_TAIL.sub("", squeeze(text)[0])
    bare = _SIGNER_LABEL.sub("", bare)
    if (
        len(bare) >= SHORTEST_NAME
        and is_organisation(bare)
        and not re.search(r"[，。；、]|中国国际投资促进会|[:：]$", bare)
    ):
        return tidy(bare)
    return ""


def seal_place(page: ReadPage, box: Box, label: str) -> SealPlace:
    """Where the signer's seal goes: about the name and the date, as large as a seal."""
    dx, dy = millimetres(page, STAMP_MM)
    grown = box.grown(max(0.0, (dx - box.width) / 2), max(0.0, (dy - box.height) / 2))
    return SealPlace(role="applicant", page=page.page.number, box=grown, label=label)
