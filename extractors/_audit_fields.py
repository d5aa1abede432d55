"""Fields of an audit report (CONTRACT "Fields"): who, what about, which opinion, and the figures that matter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from urllib.parse import unquote

from extractors._audit_pages import PagePart
from extractors._items import item_key
from extractors._opinion import FIRM, Printed, opinion_of, report_date, with_century
from extractors._outsourcing import outsourcing_revenue
from pipeline.model import Box, Field, FieldValue, ReadPage, Row, Statement
from pipeline.values.amounts import UNITS, format_yuan
from pipeline.values.dates import find_dates, parse_year
from pipeline.values.names import compare, normalise
from pipeline.values.numbers import audit_report_no, report_code

__all__ = ["current_column", "report_fields", "report_year"]

Named = Sequence[tuple[ReadPage, PagePart]]

AGREED = 0.99  # a name or number read alike in two places
ALONE = 0.95  # the most a single reading of text is worth
MIN_YEAR = 2000
DISPUTED = 0.7  # a printed code that differs from the one in the QR code beside it
COMPLETED = 0.85  # a date whose first sign was put back
NO_PROFIT = 0.85  # 收入合计 of an institution without 营业收入
LABEL_ONLY = 0.7  # 营业总收入 taken for 营业收入 where that row is not there

# field, statement, key of the item (extractors._items.KEYS)
_FIGURES = (
    ("operating_revenue", "income_statement", "operating_revenue"),
    ("operating_cost", "income_statement", "operating_cost"),
    ("operating_profit", "income_statement", "operating_profit"),
    ("net_profit", "income_statement", "net_profit"),
    ("total_assets", "balance_sheet", "total_assets"),
    ("total_liabilities", "balance_sheet", "total_liabilities"),
    ("total_equity", "balance_sheet", "total_equity"),
    ("total_operating_revenue", "income_statement", "total_operating_revenue"),
    ("main_business_revenue", "income_statement", "main_business_revenue"),
)


def report_year(named: Named) -> int | None:
    """The year reported on: from the sentence that says what was audited, else the cover, else captions of
    statements.
    """
    found = _period(named)
    return int(found[0][:4]) if found else None


def report_fields(
    named: Named, report: Sequence[ReadPage], statements: Sequence[Statement], year: int | None
) -> tuple[Field, ...]:
    """All fields found, in CONTRACT's order; what is not there yields none. ``report``: pages of the auditor's
    report.
    """
    fields = [
        _company(named),
        _firm(named),
        _report_no(named),
        _code(named),
        _date(report),
        _period_field(named),
        _opinion(named),
        _consolidated(named, statements),
        *_currency_and_unit(named, statements),
        *_figures(statements, year),
        outsourcing_revenue([page for page, part in named if part.part == "notes"], statements),
    ]
    return tuple(f for f in fields if f is not None)


def _rows(named: Named, *parts: str) -> list[Printed]:
    return [row for _, part in named if part.part in parts for row in part.rows]


def _text_field(
    name: str, value: FieldValue, row: Printed, confidence: float, *, raw: str = "", reasons: tuple[str, ...] = ()
) -> Field:
    return Field(
        name=name,
        value=value,
        raw=raw or row.text,
        page=row.page,
        box=row.box,
        confidence=round(min(confidence, 1.0), 4),
        reasons=reasons,
    )


# ------------------------------------------------------------------------------------------------ names and numbers


def _company(named: Named) -> Field | None:
    """The audited company: addressee, cover and 编制单位 vote, the addressee first among equals."""
    seen: list[tuple[str, Printed]] = []
    for part_name in ("opinion", "cover", "statement"):
        for _, part in named:
            if part.part == part_name and part.subject:
                seen.append((part.subject, _row_of(part, part.subject)))
    return _voted("company_name", seen)


def _row_of(part: PagePart, text: str) -> Printed:
    return next((row for row in part.rows if text in row.text), part.rows[0])


def _firm(named: Named) -> Field | None:
    seen = [
        (match[0], row)
        for row in _rows(named, "opinion", "cover", "firm_licence", "firm_certificate")
        if len(row.text) < 60 and (match := FIRM.search(row.text)) and "我们" not in row.text
    ]
    cleaned = [(_one_firm(_BEFORE_FIRM.sub("", name)), row) for name, row in seen]
    return _voted("audit_firm", _in_full([(name, row) for name, row in cleaned if len(name) > 7]))


# What a cover or a licence calls the firm, in one row with its name.
_BEFORE_FIRM = re.compile(
    r"^(?:(?:会计师)?事务所名称|(?:出具|审计|报告|受托|承办|编制|鉴证|签发|执业)*(?:单位|机构|事务所)(?:名称|全称)?|名称|称)+"
    r"(?:[(（](?:盖章|公章|签章)[)）])?[:：]?"
)
_ONE_FIRM = re.compile(
    r".*?会计师事务所(?:(?:[(（][\u4e00-\u9fa5]{2,6}[)）])?有限(?:责任)?公司|[(（]?(?:特殊普通|普通|有限)合伙[)）]?)?"
    r"(?:[\u4e00-\u9fa5]{2,6}分所)?"
)


def _one_firm(name: str) -> str:
    """The first of two names run together: a seal over the printed name bears it again."""
    found = _ONE_FIRM.match(name)
    return found[0] if found and name.count("会计师事务所") > 1 else name


def _in_full(seen: Sequence[tuple[str, Printed]]) -> list[tuple[str, Printed]]:
    """Names without their （普通合伙） count for the full name that begins with them."""
    names = {name for name, _ in seen}
    full = {name: max((n for n in names if normalise(n).startswith(normalise(name))), key=len) for name in names}
    return [(full[name], row) for name, row in seen]


def _voted(name: str, seen: Sequence[tuple[str, Printed]]) -> Field | None:
    """The reading most places agree in (brackets and width aside), the earliest and fullest first; rivals as
    alternatives.
    """
    if not seen:
        return None
    counts = Counter(normalise(text) for text, _ in seen)
    first = normalise(seen[0][0])
    best = max(counts, key=lambda key: (counts[key], key == first, len(key)))
    seen = [(full_width(t), r) for t, r in seen]
    text, row = max(((t, r) for t, r in seen if normalise(t) == best), key=lambda s: s[1].confidence)
    rivals = tuple(
        dict.fromkeys(t for t, _ in seen if normalise(t) != best and not compare(t, text, confident=True).same)
    )
    agreed = counts[best] > 1
    confidence = max(row.confidence, AGREED) if agreed else min(row.confidence, ALONE)
    return Field(
        name=name,
        value=text,
        raw=row.text,
        page=row.page,
        box=row.box,
        confidence=round(confidence, 4),
        alternatives=rivals[:3],
        reasons=("agreed",) if agreed else (),
    )


def full_width(text: str) -> str:
    """Round brackets as Chinese names and numbers print them, whatever width the reader gave them."""
    return text.replace("(", "（").replace(")", "）")


def _report_no(named: Named) -> Field | None:
    seen = [(found, row) for row in _rows(named, "cover", "opinion") if (found := _number_as_printed(row.text))]
    return _voted("report_no", seen)


def _number_as_printed(text: str) -> str | None:
    """The 文号 with the brackets it was printed with."""
    number = audit_report_no(text)
    if number is None or re.search(r"财会|财政部|准则|证监|国资", number):
        return None
    square = text.translate(str.maketrans("(（〔【", "[[[[")).translate(str.maketrans(")）〕】", "]]]]"))
    at = square.find(number)
    return text[at : at + len(number)] if at >= 0 else number


def _code(named: Named) -> Field | None:
    """报告编码 of the platform: printed behind its words or in the row below them, or in the QR code beside it."""
    printed, row = _printed_code(_rows(named, "cover", "opinion"))
    carried = next(
        (
            (code, page.page.number, mark.box)
            for page, part in named
            if part.part in ("cover", "opinion")
            for mark in page.page.codes
            if (code := report_code(unquote(mark.text)))
        ),
        None,
    )
    if row is not None and printed:
        same = carried is not None and carried[0] == printed
        reasons = ("agreed",) if same else ()
        rivals = (carried[0],) if carried is not None and not same else ()
        worth = AGREED if same else min(row.confidence, ALONE if not rivals else DISPUTED)
        field = _text_field("report_code", printed, row, worth, reasons=reasons)
        return field.model_copy(update={"alternatives": rivals})
    if carried is None:
        return None
    code, page_number, box = carried
    return Field(
        name="report_code", value=code, raw=code, page=page_number, box=box, confidence=AGREED, reasons=("qr_code",)
    )


def _printed_code(rows: Sequence[Printed]) -> tuple[str | None, Printed | None]:
    for at, row in enumerate(rows):
        before = rows[at - 1].text if at else ""
        if re.search(r"编码|编号|防伪|报告", row.text + before) and (code := report_code(row.text)):
            return code, row
    return None, None


def _date(report: Sequence[ReadPage]) -> Field | None:
    found = report_date(report)
    if found is None:
        return None
    day, line, page = found
    whole = with_century(line.text) == line.text
    return Field(
        name="report_date",
        value=day.isoformat(),
        raw=line.text,
        page=page,
        box=line.box,
        confidence=round(line.confidence if whole else min(line.confidence, COMPLETED), 4),
        reasons=() if whole else ("century_completed",),
    )


# ----------------------------------------------------------------------------------------------------- period etc.


def _period(named: Named) -> tuple[str, Printed, float] | None:
    """(year, or ISO date where the period ends within a year; row; confidence)."""
    return (
        _audited_period(_rows(named, "opinion"))
        or _titled_period(_rows(named, "cover"))
        or _titled_period(_rows(named, "statement"))
    )


def _audited_period(rows: Sequence[Printed]) -> tuple[str, Printed, float] | None:
    """From ``我们审计了…包括2022年12月31日的资产负债表，2022年度的利润表…``: the latest balance sheet date."""
    for at, row in enumerate(rows):
        if not re.search(r"我们(?:接受委托|已?经?审计了|审计了)", row.text):
            continue
        sentence = "".join(r.text for r in rows[at : at + 6])
        days = [day for day, _ in find_dates(sentence)]
        if days:
            latest = max(days)
            value = str(latest.year) if (latest.month, latest.day) == (12, 31) else latest.isoformat()
            return value, row, min(AGREED, row.confidence)
        year = parse_year(sentence)
        if year:
            return str(year), row, min(ALONE, row.confidence)
    return None


def _titled_period(rows: Sequence[Printed]) -> tuple[str, Printed, float] | None:
    """From a cover's or statement's own line: 2022年度, 2022年1月1日至2022年12月31日, 二〇二二年度."""
    for row in rows[:60]:
        if re.search(r"编码|编号|审字|\[20|〔20|\(20", row.text) or len(row.text) > 40:
            continue
        days = [day for day, _ in find_dates(row.text)]
        if (len(days) == 2 and re.search(r"[至到~—-]", row.text)) or (days and re.search(r"截[至止]", row.text)):
            latest = max(days)
            return (str(latest.year) if latest.month == 12 else latest.isoformat()), row, min(ALONE, row.confidence)
        if re.search(r"年度|年报|12月31日", row.text) and (year := parse_year(row.text)) and year >= MIN_YEAR:
            return str(year), row, min(ALONE, row.confidence)
    return None


def _period_field(named: Named) -> Field | None:
    found = _period(named)
    return _text_field("period", found[0], found[1], found[2]) if found else None


def _opinion(named: Named) -> Field | None:
    opinion = opinion_of([page for page, part in named if part.part == "opinion"])
    if opinion is None:
        return None
    return _text_field("opinion", opinion.kind, opinion.evidence, opinion.confidence, reasons=opinion.reasons)


def _consolidated(named: Named, statements: Sequence[Statement]) -> Field | None:
    """Whether consolidated statements are there; without statements, whether the report says that it audited such."""
    told = next(
        (
            r
            for r in _rows(named, "opinion")
            if re.search(r"合并(?:及|与|和|以及)?(?:母公司|公司)?(?:的)?(?:资产负债表|财务报表)", r.text)
        ),
        None,
    )
    merged = [s for s in statements if s.consolidated]
    if statements:
        place = merged[0] if merged else statements[0]
        row = place.rows[0] if place.rows else None
        sure = bool(merged) == (told is not None)
        box = next((b for b in row.boxes if b), None) if row else None
        return Field(
            name="consolidated",
            value=bool(merged),
            page=place.pages[0],
            box=box or Box(0.0, 0.0, 1.0, 0.15),
            confidence=0.98 if sure else 0.85,
            reasons=() if sure else ("report_and_statements_differ",),
        )
    if told is not None:
        return _text_field("consolidated", True, told, 0.85)
    return None


def _currency_and_unit(named: Named, statements: Sequence[Statement]) -> list[Field | None]:
    if not statements:
        return [None, None]
    first = next((s for s in statements if s.kind == "income_statement" and s.consolidated), statements[0])
    foreign = {"美元": "USD", "港元": "HKD", "港币": "HKD", "欧元": "EUR", "日元": "JPY"}
    currency = next((code for word, code in foreign.items() if word in first.unit), "CNY")
    rows = [r for r in _rows(named, "statement") if r.page in first.pages and re.search(r"单位|币", r.text)]
    row = next((r for r in rows if first.unit in r.text), rows[0] if rows else None)
    if row is None:
        row = Printed(first.unit, first.pages[0], Box(0.0, 0.0, 1.0, 0.15), 0.7)
    return [
        _text_field("currency", currency, row, min(ALONE, row.confidence)),
        _text_field("unit", first.unit, row, min(AGREED, row.confidence)),
    ]


# --------------------------------------------------------------------------------------------------------- figures


def _figures(statements: Sequence[Statement], year: int | None) -> list[Field]:
    fields: list[Field] = []
    for name, kind, key in _FIGURES:
        found = _figure(statements, kind, key, year)
        if found is None:
            continue
        statement, row, column = found
        fields.append(_amount(name, statement, row, column))
        if name == "operating_revenue" and (previous := _previous_column(statement, column, year)) is not None:
            fields.append(_amount("operating_revenue_previous", statement, row, previous))
    if not any(f.name == "operating_revenue" for f in fields):
        fields += _total_for_revenue(statements, year)
    return fields


def _total_for_revenue(statements: Sequence[Statement], year: int | None) -> list[Field]:
    """Where only 营业总收入 is printed it stands for 营业收入, and says so; 主营业务收入 never does.

    So does 收入合计 of 业务活动表 and 收入费用表.
    """
    for key, reason, worth in (
        ("total_operating_revenue", "total_revenue", LABEL_ONLY),
        ("total_income", "total_income", NO_PROFIT),
    ):
        found = _figure(statements, "income_statement", key, year)
        if found is not None:
            statement, row, column = found
            field = _amount("operating_revenue", statement, row, column)
            told = {"confidence": min(field.confidence, worth), "reasons": (*field.reasons, reason)}
            return [field.model_copy(update=told)]
    return []


def _figure(
    statements: Sequence[Statement], kind: str, key: str, year: int | None
) -> tuple[Statement, Row, int] | None:
    """The row of a key in the consolidated statement (else the only one), and its current column."""
    mine = sorted((s for s in statements if s.kind == kind), key=lambda s: not s.consolidated)
    for statement in mine:
        rows = [row for row in statement.rows if item_key(kind, row.item) == key]
        column = current_column(statement, year)
        filled = [row for row in rows if column is not None and row.values[column] is not None]
        if filled and column is not None:
            exact = [row for row in filled if "其中" not in row.item] or filled
            return statement, exact[0], column
        if rows and column is not None and statement.consolidated:
            return statement, rows[0], column
    return None


def current_column(statement: Statement, year: int | None) -> int | None:
    """The column of the report's own year (end or whole of it), else the first that is no single month.

    Of 非限定性, 限定性 and 合计 of one year: 合计.
    """
    periods = [c.period for c in statement.columns]
    wanted = {str(year), f"{year}-12-31"} if year else set()
    own = [c for c, period in enumerate(periods) if period in wanted]
    if own:
        return next((c for c in own if statement.columns[c].label.endswith("合计")), own[0])
    whole = [c for c, period in enumerate(periods) if period is None or not re.fullmatch(r"\d{4}-\d{2}", period)]
    return whole[0] if whole else None


def _previous_column(statement: Statement, current: int, year: int | None) -> int | None:
    before = statement.columns[current].period
    last = int(before[:4]) - 1 if before else (year - 1 if year else None)
    if last is None:
        return None
    return next(
        (c for c, col in enumerate(statement.columns) if c != current and col.period in (str(last), f"{last}-12-31")),
        None,
    )


def _as_printed(yuan: Decimal | None, unit: str) -> str:
    """The figure in the statement's own unit with its thousands parted, as it stands on the paper."""
    return "" if yuan is None else f"{yuan / UNITS.get(unit, Decimal(1)):,f}"


def _amount(name: str, statement: Statement, row: Row, column: int) -> Field:
    value: Decimal | None = row.values[column]
    box = row.boxes[column] or Box(0.0, 0.0, 1.0, 1.0)
    reasons = row.reasons[column] if row.reasons else ()
    original = tuple(r.removeprefix("repaired:") for r in reasons if r.startswith("repaired:"))
    return Field(
        name=name,
        value=None if value is None else format_yuan(value),
        raw=_as_printed(Decimal(original[0]) if original else value, statement.unit),
        unit=statement.unit,
        page=row.page,
        box=box,
        confidence=row.confidence[column] or 0.0,
        alternatives=tuple(format_yuan(Decimal(o)) for o in original),
        reasons=reasons,
    )
