"""What an audit report holds, what it lacks by its own words, and what is odd about it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from extractors._audit_pages import PagePart, contents_names
from extractors._opinion import Printed
from pipeline.model import ReadPage, Statement

__all__ = ["lacking", "parts_of", "printed_numbers", "remarks_of"]

Named = Sequence[tuple[ReadPage, PagePart]]

_PROMISED = (
    ("balance_sheet", re.compile(r"资产负债表")),
    ("income_statement", re.compile(r"利润表|损益表|业务活动表|收入费用表")),
    ("cash_flow", re.compile(r"现金流量表")),
    ("equity_changes", re.compile(r"权益变动表|净资产变动表")),
    ("notes", re.compile(r"报表附注|附注")),
)
_OF = re.compile(r"第(\d{1,3})页[,，、/]?[(（]?共(\d{1,3})页|(?<!\d)(\d{1,3})/(\d{1,3})(?!\d)")
_DRAFT = re.compile(r"征求意见稿|草稿|初稿|未定稿|讨论稿|(?:仅供|供).{0,6}讨论|DRAFT", re.IGNORECASE)
MARGIN = 0.12  # of the page's height: page numbers stand at the head or foot
DRAFT_LENGTH = 16  # characters: a watermark or stamp of words, no sentence


def parts_of(named: Named, statements: Sequence[Statement]) -> tuple[str, ...]:
    """Parts seen, in the order of CONTRACT's page anatomy."""
    order = (
        "cover",
        "contents",
        "opinion",
        "balance_sheet",
        "income_statement",
        "cash_flow",
        "equity_changes",
        "notes",
        "firm_licence",
        "firm_certificate",
        "cpa_certificate",
    )
    seen = {part.part for _, part in named} | {s.kind for s in statements}
    return tuple(part for part in order if part in seen)


def lacking(pages: Sequence[ReadPage], named: Named, statements: Sequence[Statement]) -> tuple[str, ...]:
    """Parts that every report must have or that this one's report and contents name, and are not here; missing
    pages.
    """
    seen = set(parts_of(named, statements))
    promised = {"opinion", "balance_sheet", "income_statement"} | _promised(named)
    # A page that nobody could tell may be the one that seems to be missing.
    unknown = len(pages) > len(named)
    if not unknown and not _opinion_itself(named):
        seen.discard("opinion")
    absent = [part for part in ("opinion", *(p for p, _ in _PROMISED)) if part in promised and part not in seen]
    if unknown:
        absent = [part for part in absent if part != "notes"]
    return (*absent, *(f"page {number}" for number in _missing_pages(pages)))


def _opinion_itself(named: Named) -> bool:
    """Whether the page that bears the opinion is there, not only what follows it (responsibilities, signatures)."""
    return any(
        part.opens or re.search(r"我们(?:接受委托|认为|审计了|不对后附)", "".join(row.text for row in part.rows))
        for _, part in named
        if part.part == "opinion"
    )


def _promised(named: Named) -> set[str]:
    rows: list[str] = []
    for _, part in named:
        if part.part == "contents":
            rows += contents_names(part.rows)
        elif part.part == "opinion":
            # The report's own sentence is boilerplate as to 权益变动表, which small companies often leave out.
            rows += [re.sub(r"[^,，、。]{0,16}权益变动表", "", text) for text in _audited_sentence(part.rows)]
    return {name for name, pattern in _PROMISED if any(pattern.search(row) for row in rows)}


def _audited_sentence(rows: Sequence[Printed]) -> list[str]:
    """The sentence that lists what was audited: 我们审计了…包括…资产负债表，…以及相关财务报表附注。"""
    for at, row in enumerate(rows):
        if "我们审计了" in row.text:
            text = "".join(r.text for r in rows[at : at + 7])
            return [text.split("。")[0]]
    return []


def printed_numbers(page: ReadPage) -> tuple[tuple[int, int], ...]:
    """(number, of how many) as printed at the page's head or foot: 第 3 页 共 8 页, 3/8."""
    found = []
    for line in page.lines:
        if MARGIN < line.box.cy < 1 - MARGIN:
            continue
        for match in _OF.finditer(re.sub(r"\s", "", line.text)):
            number, total = int(match[1] or match[3]), int(match[2] or match[4])
            if 1 <= number <= total:
                found.append((number, total))
    return tuple(found)


def _missing_pages(pages: Sequence[ReadPage]) -> tuple[int, ...]:
    """Numbers missing from a series 第 n 页 共 m 页, unless as many pages without a number could bear them."""
    series: dict[int, set[int]] = defaultdict(set)
    bare = 0
    for page in pages:
        found = printed_numbers(page)
        bare += not found
        for number, total in found:
            series[total].add(number)
    missing: list[int] = []
    for total, numbers in series.items():
        # A few pages out of many are part of a larger report (an annual one): only holes among them are missing.
        whole = range(1, total + 1) if 2 * len(numbers) >= total else range(min(numbers), max(numbers) + 1)
        gaps = sorted(set(whole) - numbers)
        if len(numbers) >= 2 and gaps and len(gaps) > bare:
            missing += gaps
    return tuple(missing)


def remarks_of(
    pages: Sequence[ReadPage], named: Named, statements: Sequence[Statement], *, special: bool
) -> tuple[str, ...]:
    """Facts for the checks, in machine words."""
    remarks: list[str] = []
    if special:
        remarks.append("special_purpose")
    if any(_is_draft(page) for page in pages):
        remarks.append("draft")
    if len({s.unit for s in statements}) > 1:
        remarks.append("two_statements_units_differ")
    text = "".join(row.text for _, part in named if part.part in ("opinion", "statement") for row in part.rows)
    if "小企业会计准则" in text or "会小企" in text:
        remarks.append("small_enterprise_standard")
    if re.search(r"民间非营利组织会计制度|业务活动表|事业单位会计|政府会计", text):
        remarks.append("non_profit_format")
    return tuple(remarks)


def _is_draft(page: ReadPage) -> bool:
    return any(
        _DRAFT.search(re.sub(r"\s", "", ln.text)) and len(re.sub(r"\s", "", ln.text)) <= DRAFT_LENGTH
        for ln in page.lines
    )
