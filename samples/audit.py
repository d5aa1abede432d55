"""Audit reports (审计报告): cover to firm licence, in several statement formats, rulings and units (DOMAIN §3)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from samples.audit_facts import AuditFacts
from samples.audit_text import note_blocks, opinion_blocks
from samples.fake import CITIES, day, person, street
from samples.forms import chinese_date, chinese_day, chinese_year
from samples.ledger import Books, Line, keep_books, money
from samples.paper import Paper, Value

__all__ = ["audit_paper"]

FONTS = ("Noto Serif CJK SC", "AR PL UMing CN", "AR PL SungtiL GB", "Noto Sans CJK SC", "LXGW WenKai")
STEPS = {"元": 1, "千元": 100_000, "万元": 10_000}  # fen: 千元 whole, 万元 with two decimals
UNIT_YUAN = {"元": 1, "千元": 1_000, "万元": 10_000}
STATEMENT_TITLES = {"balance_sheet": "资产负债表", "income_statement": "利润表", "cash_flow": "现金流量表"}


def audit_paper(facts: AuditFacts) -> Paper:
    """The document with its truth."""
    rng = random.Random(facts.look)
    owner = "股东" if "股份" in facts.company else "所有者"
    books = keep_books(
        rng,
        revenue=facts.revenue,
        outsourcing=facts.outsourcing,
        offshore=facts.offshore,
        capital=facts.capital,
        step=STEPS[facts.unit],
        style=facts.style,
        consolidated=facts.consolidated,
        owner=owner,
    )
    context = _context(facts, books, rng, owner)
    shown = {s.mark for s in facts.stamps if s.mark.startswith("seal-company")}
    for statement, mark in zip(context["statements"], sorted(shown), strict=False):
        statement["sealed"] = mark
    told = [truth for statement in context["statements"] if (truth := statement.pop("truth", None))]
    return Paper(
        "audit_report",
        "audit.html",
        {"a": context},
        _fields(facts, books),
        facts.stamps,
        facts.autographs,
        statements=tuple(told),
        riding=facts.riding,
        riding_break=facts.riding_break,
    )


def _fields(facts: AuditFacts, books: Books) -> dict[str, Value]:
    def text(key: str) -> str:
        return str(facts.faults.get(key, books.totals[key]))

    income = ("operating_revenue", "operating_revenue_previous", "operating_cost", "operating_profit", "net_profit")
    stock = ("total_assets", "total_liabilities", "total_equity")
    fields: dict[str, Value] = {
        "company_name": facts.company,
        "audit_firm": facts.firm,
        "report_no": facts.report_no,
        "report_date": facts.report_date.isoformat(),
        "period": str(facts.year),
        "opinion": facts.opinion,
        "consolidated": facts.consolidated,
        "currency": "CNY",
        "unit": facts.unit,
    }
    if "income_statement" in facts.parts:
        fields |= {k: text(k) for k in income}
    if "balance_sheet" in facts.parts:
        fields |= {k: text(k) for k in stock}
    if "notes" in facts.parts:
        fields["outsourcing_revenue"] = text("outsourcing_revenue")
    if "opinion" not in facts.parts:
        fields = {k: v for k, v in fields.items() if k not in ("opinion", "report_date")}
    return fields


def _context(facts: AuditFacts, books: Books, rng: random.Random, owner: str) -> dict[str, Any]:
    year, merged = facts.year, "合并" if facts.consolidated else ""
    swapped = rng.random() < 0.1
    printed = _Printed(facts, negative=rng.choice(("-", "-", "(")), swapped=swapped, rng=rng)
    statements = _statements(facts, books, printed, merged, rng)
    if "equity_changes" in facts.parts:
        statements.append(_equity(facts, books, printed, merged, owner))
    if facts.parent:
        statements += _parent_statements(facts, printed, rng, owner)
    names = [STATEMENT_TITLES[k] for k in STATEMENT_TITLES]
    contents = ["审计报告", *(f"{merged}{n}" for n in names), "财务报表附注", "事务所营业执照及执业证书复印件"]
    reported = rng.choice((chinese_day(facts.report_date), chinese_date(facts.report_date)))
    return {
        "parts": facts.parts,
        "company": facts.company,
        "font": rng.choice(FONTS),
        "body_size": rng.choice(("11pt", "12pt")),
        "number_font": rng.choice(("DejaVu Sans Mono", "Noto Serif CJK SC", "inherit")),
        "ruling": rng.choice(("ruled", "ruled", "half", "bare")),
        "unit": facts.unit,
        "unit_text": rng.choice((f"单位：{facts.unit}", f"金额单位：人民币{facts.unit}", f"单位：人民币{facts.unit}")),
        "prepared_by": rng.choice(("编制单位：", "编制单位：", "单位名称：")),
        "note_column": facts.style != "small" and rng.random() < 0.6,
        "note_head": rng.choice(("附注", "注释", "附注五")),
        "cover_year": rng.choice((f"{chinese_year(year)}年度", f"{year}年度", f"{year}年1月1日至{year}年12月31日")),
        "report_no": facts.report_no,
        "report_code": facts.report_code,
        "firm": facts.firm,
        "firm_city": facts.firm_city,
        "firm_uscc": facts.firm_uscc,
        "permit": facts.cpas[0][1][:8],
        "firm_address": street(rng, rng.choice(CITIES)),
        "partners": person(rng),
        "firm_established": chinese_date(day(rng, date(2011, 1, 1), date(2014, 12, 31))),
        "addressee": f"{facts.company}{rng.choice(('全体股东：', '董事会：', '全体股东：'))}",
        "partner": rng.random() < 0.3,
        "opinion": opinion_blocks(facts),
        "signed_on": reported,
        "signers": facts.signers,
        "statements": statements,
        "contents": [(f"{'一二三四五六七八'[i]}、{n}", i * 2 + 1) for i, n in enumerate(contents)],
        "amounts": {line.key: line.now for line in (*books.assets, *books.claims) if line.key},
        "notes_title": f"{year}年度财务报表附注",
        "notes": note_blocks(facts, replace(printed, swapped=False).rows(books.split), rng),
    }


def _statements(
    facts: AuditFacts, books: Books, printed: _Printed, merged: str, rng: random.Random
) -> list[dict[str, Any]]:
    """Balance sheet (one table, two pages, or assets and claims side by side), income statement, cash flow."""
    year = facts.year
    yearly = rng.choice((("本期金额", "上期金额"), ("本年金额", "上年金额"), (f"{year}年度", f"{year - 1}年度")))
    if facts.style == "small":
        yearly = ("本年累计金额", "上年金额")
    ends = rng.choice(
        (("期末余额", "上年年末余额"), ("期末余额", "年初余额"), (f"{year}年12月31日", f"{year - 1}年12月31日"))
    )
    form = "会小企" if facts.style == "small" else ("会合" if merged == "合并" else "会企")
    coded = rng.random() < 0.6

    def sheet(kind: str, lines: Sequence[Line], heads: tuple[str, str], when: str, number: str) -> dict[str, Any]:
        title = merged + STATEMENT_TITLES[kind]
        return {
            "kind": kind, "title": title, "lines": printed.rows(lines), "subtitle": when, "sealed": "", "beside": (),
            "cols": _heads(heads, printed.swapped), "code": f"{form}{number}表" if coded else "",
            "truth": statement_truth(kind, lines, facts, merged=merged == "合并"),
        }  # fmt: skip

    out = []
    if "balance_sheet" in facts.parts:
        day_ = f"{year}年12月31日"
        layout = rng.choice(("one", "one", "pages", "beside"))
        if layout == "one":
            out.append(sheet("balance_sheet", (*books.assets, *books.claims), ends, day_, "01"))
        elif layout == "pages":
            second = sheet("balance_sheet", books.claims, ends, day_, "01")
            out += [
                sheet("balance_sheet", books.assets, ends, day_, "01"),
                {**second, "title": second["title"] + "（续）"},
            ]
        else:
            first = sheet("balance_sheet", books.assets, ends, day_, "01")
            claims = statement_truth("balance_sheet", books.claims, facts, merged=merged == "合并")
            first["truth"]["rows"] += claims["rows"]
            out.append({**first, "beside": _side_by_side(first["lines"], printed.rows(books.claims))})
    if "income_statement" in facts.parts:
        out.append(sheet("income_statement", books.income, yearly, f"{year}年度", "02"))
    if "cash_flow" in facts.parts:
        out.append(sheet("cash_flow", books.cash, yearly, f"{year}年度", "03"))
    return out


def statement_truth(kind: str, lines: Sequence[Line], facts: AuditFacts, *, merged: bool) -> dict[str, Any]:
    """A statement as the report should give it: every printed figure in yuan by item and period."""
    day = "-12-31" if kind == "balance_sheet" else ""
    columns = [{"label": "", "period": f"{year}{day}"} for year in (facts.year, facts.year - 1)]
    rows = [
        {"item": line.item, "values": [None if v is None else f"{v:.2f}" for v in (_now(line, facts), line.before)]}
        for line in lines
    ]
    return {"kind": kind, "consolidated": merged, "unit": facts.unit, "columns": columns, "rows": rows}


def _now(line: Line, facts: AuditFacts) -> Decimal | None:
    return facts.faults.get(line.key, line.now) if line.key else line.now


def _side_by_side(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
    """Rows of two tables beside each other; both totals on the last row."""
    blank = {"item": "", "bold": False, "indent": 0, "first": "", "second": "", "note": ""}
    length = max(len(left), len(right))

    def padded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [*rows[:-1], *[blank] * (length - len(rows)), rows[-1]]

    return list(zip(padded(left), padded(right), strict=True))


def _parent_statements(facts: AuditFacts, printed: _Printed, rng: random.Random, owner: str) -> list[dict[str, Any]]:
    """母公司 balance sheet and income statement: other figures, never to be taken for the group's."""
    step = STEPS[facts.unit]
    unit = Decimal(step) / 100
    books = keep_books(
        rng, revenue=facts.revenue * Decimal("0.7") // unit * unit,
        outsourcing=facts.outsourcing * Decimal("0.6") // unit * unit,
        offshore=facts.offshore * Decimal("0.5") // unit * unit, capital=facts.capital, step=step, style=facts.style,
        consolidated=False, owner=owner,
    )  # fmt: skip
    own = replace(printed, facts=replace(facts, faults={}))
    parts = tuple(p for p in ("balance_sheet", "income_statement") if p in facts.parts)
    alone = replace(facts, parts=parts, faults={})
    return _statements(alone, books, own, "母公司", rng)


def _heads(heads: tuple[str, str], swapped: bool) -> dict[str, str]:
    first, second = reversed(heads) if swapped else heads
    return {"item": "项　　目", "first": first, "second": second}


@dataclass(frozen=True)
class _Printed:
    """How figures are printed in this report."""

    facts: AuditFacts
    negative: str
    swapped: bool
    rng: random.Random

    def figure(self, value: Decimal | None) -> str:
        if value is None:
            return ""
        places = 0 if self.facts.unit == "千元" else 2
        return money(value / UNIT_YUAN[self.facts.unit], negative=self.negative, places=places)

    def rows(self, lines: Sequence[Line]) -> list[dict[str, Any]]:
        out, number = [], 0
        for line in lines:
            pair = (self.figure(_now(line, self.facts)), self.figure(line.before))
            first, second = reversed(pair) if self.swapped else pair
            number += bool(line.key) and not line.bold
            note = f"五、{number}" if line.key and not line.bold else ""
            out.append(
                {
                    "item": line.item,
                    "bold": line.bold,
                    "indent": line.indent,
                    "first": first,
                    "second": second,
                    "note": note,
                }
            )
        return out


def _equity(facts: AuditFacts, books: Books, printed: _Printed, merged: str, owner: str) -> dict[str, Any]:
    heads = ["实收资本（或股本）", "资本公积", "盈余公积", "未分配利润", "少数股东权益", f"{owner}权益合计"]
    lines = []
    for line in books.equity:
        cells = [printed.figure(Decimal(c)) if c else "" for c in line.key.split("|")]
        lines.append(
            {"item": line.item, "bold": line.bold, "cells": cells if facts.consolidated else [*cells[:4], cells[5]]}
        )
    if not facts.consolidated:
        heads.pop(4)
    return {
        "kind": "equity_changes",
        "title": f"{merged}{owner}权益变动表",
        "subtitle": f"{facts.year}年度",
        "heads": heads,
        "lines": lines,
        "sealed": "",
    }
