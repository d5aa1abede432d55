"""Letters and statements: title, body, and the signature block at the end (落款: who, and when)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors._certificate import is_organisation
from extractors._fields import millimetres, tidy
from extractors._layout import squeeze
from pipeline.model import Box, Line, ReadPage, SealPlace
from pipeline.tables.grid import rows_of, union_of
from pipeline.values.dates import find_dates

__all__ = ["SignOff", "headline", "is_prose", "prose_lines", "seal_place", "sign_off", "title_lines"]

TITLE_DEPTH = 0.4  # of the page
PROSE_WIDTH = 0.55  # of the page's width: a line of running text
PROSE_LINES = 4
STAMP_MM = 45.0  # the largest usual company seal (DOMAIN §6.1)
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
    """Rows of the page's head that may be its title, top to bottom, without spaces; two that follow each other joined too."""
    rows = rows_of([line for line in page.lines if line.box.y0 < TITLE_DEPTH])
    texts = [("".join(squeeze(line.text)[0] for line in row), _joined(row)) for row in rows]
    short = [(text, line) for text, line in texts if 2 <= len(text) <= 60]
    pairs = [
        (a[0] + b[0], a[1].model_copy(update={"box": a[1].box.union(b[1].box)}))
        for a, b in zip(short, short[1:], strict=False)
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
        update={"text": " ".join(l.text for l in row), "box": box, "confidence": worst, "centres": (), "scores": ()}
    )


def _centred(box: Box) -> bool:
    return abs(box.cx - 0.5) < 0.12


def headline(page: ReadPage, pattern: re.Pattern[str], never: re.Pattern[str]) -> tuple[str, Line] | None:
    """The first title-like row that matches ``pattern`` and not ``never``."""
    for text, line in title_lines(page):
        if pattern.search(text) and not never.search(text) and not re.search(r"[。；;]|，.*，", text):
            if _centred(line.box) or line.box.width > 0.5:
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


_SIGNER_LABEL = re.compile(
    r"^(?:申报|申请|报送|推荐|承诺|声明|填报|报告)?(?:单位|企业|机构|公司|人|方)?(?:名称|全称)?(?:[(（](?:盖章|公章|签章|盖公章)[)）])?[:：]"
)
_STAMP_TAIL = re.compile(r"[(（](?:盖章|公章|签章|加盖公章|印章|章)[)）]$")


def sign_off(pages: Sequence[ReadPage]) -> SignOff | None:
    """The last 落款 of these pages: an organisation's name with a date close to it, or a line that asks for the seal."""
    for page in reversed(pages):
        found = _sign_off(page)
        if found is not None:
            return found
    return None


def _sign_off(page: ReadPage) -> SignOff | None:
    lines = sorted(page.lines, key=lambda line: line.box.cy)
    dates = [line for line in lines if _is_date(line.text)]
    signers = [(line, name) for line in lines if (name := _signer(line.text))]
    best: SignOff | None = None
    for line, name in signers:
        near = [d for d in dates if -1.5 * line.box.height < d.box.y0 - line.box.y0 < NEAR_DATE * line.box.height]
        asks = bool(_STAMP_TAIL.search(squeeze(line.text)[0]) or _SIGNER_LABEL.match(squeeze(line.text)[0]))
        if (near or asks) and line.box.cx > 0.3:
            best = SignOff(page, name, line, near[0] if near else None)
    if best is None and dates:
        last = dates[-1]
        if last.box.cx > 0.5 and is_prose(page):
            best = SignOff(page, "", None, last)
    return best


def _is_date(text: str) -> bool:
    days = find_dates(text)
    bare = squeeze(text)[0]
    if len(days) == 1:
        start, end = days[0][1]
        return len(squeeze(text[:start] + text[end:])[0]) <= 4
    return bool(re.fullmatch(r"(?:20\d\d)?年?[\d_]{0,2}月[\d_]{0,2}日", bare)) and len(bare) >= 3


def _signer(text: str) -> str:
    bare = _STAMP_TAIL.sub("", squeeze(text)[0])
    bare = _SIGNER_LABEL.sub("", bare)
    if is_organisation(bare) and not re.search(r"[，。；、]|中国国际投资促进会|[:：]$", bare):
        return tidy(bare)
    return ""


def seal_place(page: ReadPage, box: Box, label: str) -> SealPlace:
    """Where the signer's seal goes: about the name and the date, as large as a seal."""
    dx, dy = millimetres(page, STAMP_MM)
    grown = box.grown(max(0.0, (dx - box.width) / 2), max(0.0, (dy - box.height) / 2))
    return SealPlace(role="applicant", page=page.page.number, box=grown, label=label)
