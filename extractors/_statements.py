"""Statements out of pages (财务报表): kind, whether consolidated, unit, columns with their periods, rows in yuan.

:mod:`pipeline.tables.statement` says where figures stand; here is what they mean (DOMAIN §3.6, §3.8).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from extractors._statement_columns import best_heads, entities_of, head_unit, periods_of
from extractors._statement_groups import belongs, best_headed, in_order, is_restatement, under_one_head
from extractors._statement_parts import Part, parts_of
from extractors._statement_rows import rejoined, row_of, with_ordinals, without_specks
from pipeline.model import Box, ReadPage, Row, Statement, StatementColumn
from pipeline.values.amounts import UNITS, find_unit
from pipeline.values.flat import flat

__all__ = ["read_statements", "stated_unit", "statement_pages"]

UNDER_SEAL = 0.8  # the most a figure is worth that a seal touches, unless arithmetic bears it out
BEGUN_UNDER_SEAL = 0.65  # … of one that the seal may hide the beginning of: digits lost there leave a sound figure
YUAN = "元"


def statement_pages(pages: Sequence[ReadPage]) -> tuple[int, ...]:
    """Numbers of the pages that bear statements."""
    return tuple(dict.fromkeys(part.page for part in parts_of(pages)))


def read_statements(
    pages: Sequence[ReadPage], *, year: int | None = None, unit: str | None = None
) -> tuple[Statement, ...]:
    """All statements of the pages, continuation pages joined, 合并 and 母公司 columns as two statements.

    ``year``: the report's year, for columns that name no date. ``unit``: what the report's text says of all amounts.
    """
    groups: list[list[Part]] = []
    for part in parts_of(pages):
        home = next((g for g in reversed(groups) if belongs(g, part)), None)
        if home is None:
            groups.append([part])
        else:
            home.append(part)
    groups = [in_order(under_one_head(group)) for group in groups if not any(map(is_restatement, group))]
    fallback = _common_unit(groups) or unit
    seals = {page.page.number: tuple(seal.box for seal in page.seals) for page in pages}
    made = [_sealed(s, seals) for group in groups for s in _statements(group, year=year, unit=fallback)]
    return _once(_consolidation(made))


def _once(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Without a second one of a kind whose heads nobody read: a note that shows the items again."""
    kept: list[Statement] = []
    for s in statements:
        headless = s.kind != "equity_changes" and not any(column.label for column in s.columns)
        if not (headless and any((k.kind, k.consolidated) == (s.kind, s.consolidated) for k in kept)):
            kept.append(s)
    return tuple(kept)


def stated_unit(pages: Sequence[ReadPage]) -> str | None:
    """The unit the report's text says all amounts are in (除特别注明外，金额单位均为人民币千元), if it says one."""
    units = {
        unit
        for page in pages
        for line in page.lines
        if re.search(r"除.{0,8}(?:注明|说明|指明).{0,6}外.{0,12}单位", flat(line.text))
        and (unit := find_unit(line.text))
    }
    return units.pop() if len(units) == 1 else None


def _common_unit(groups: Sequence[Sequence[Part]]) -> str | None:
    units = {p.unit for group in groups for p in group if p.unit}
    return units.pop() if len(units) == 1 else None


def _statements(group: Sequence[Part], *, year: int | None, unit: str | None) -> list[Statement]:
    """The statement (or two, by entity) of parts that belong together."""
    first = group[0]
    width = len(best_headed(group).table.columns)
    heads = best_heads(group, width)
    entities = entities_of(heads)
    own = next((p.unit for p in group if p.unit), None) or head_unit(heads) or unit or YUAN
    moment = next((p.moment for p in group if p.moment), None)
    consolidated = next((p.consolidated for p in group if p.consolidated is not None), None)
    periods = periods_of(heads, entities, first.kind, moment, year)
    rows = [(part.page, without_specks(row)) for part in group for row in part.table.rows]
    rows = with_ordinals(rejoined([(page, row) for page, row in rows if row.item or any(row.cells)]))
    pages = tuple(dict.fromkeys(p.page for p in group))
    names: tuple[bool | None, ...] = tuple(dict.fromkeys(entities))
    out = []
    for entity in names:
        chosen = [c for c in range(width) if entities[c] is entity]
        out.append(
            Statement(
                kind=first.kind,
                consolidated=consolidated if entity is None else entity,
                unit=own,
                pages=pages,
                columns=tuple(StatementColumn(label=" ".join(heads[c]), period=periods[c]) for c in chosen),
                rows=tuple(row_of(row, page, chosen, UNITS.get(own, Decimal(1))) for page, row in rows),
            )
        )
    return out


def _sealed(statement: Statement, seals: Mapping[int, tuple[Box, ...]]) -> Statement:
    """The statement with figures that a seal touches trusted less: a part of them may be covered."""
    return statement.model_copy(
        update={"rows": tuple(_sealed_row(row, seals.get(row.page, ())) for row in statement.rows)}
    )


def _sealed_row(row: Row, seals: Sequence[Box]) -> Row:
    worth = [None if box is None else _worth_under(box, seals) for box in row.boxes]
    touched = [w is not None for w in worth]
    if not any(touched):
        return row
    confidence = tuple(
        min(c, w) if w is not None and c is not None else c for c, w in zip(row.confidence, worth, strict=True)
    )
    return row.model_copy(
        update={"confidence": confidence, "reasons": tuple(("under_seal",) if t else () for t in touched)}
    )


def _worth_under(box: Box, seals: Sequence[Box]) -> float | None:
    """The most a figure is worth that a seal touches: little where the seal goes on to its left, over first digits."""
    over = [seal for seal in seals if box.intersection(seal) > 0]
    if not over:
        return None
    left = box.x0 - box.height / 2
    return BEGUN_UNDER_SEAL if any(seal.holds(left, box.cy) for seal in over) else UNDER_SEAL


def _consolidation(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """What no title says: beside consolidated statements the plain ones are the parent's, without any all stand
    alone.
    """
    any_group = any(s.consolidated for s in statements)
    out: list[Statement] = []
    for s in statements:
        if s.consolidated is None:
            minority = any(
                re.search(r"少数股东|归属于母公司", flat(r.item)) and any(v is not None for v in r.values)
                for r in s.rows
            )
            out.append(s.model_copy(update={"consolidated": minority and not any_group}))
        else:
            out.append(s)
    return tuple(out)
