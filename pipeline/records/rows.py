"""From raw rows to records: every value checked for its form, rows that fail named and left out (CONTRACT)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.errors import BadRecords
from pipeline.model import Record
from pipeline.records.convert import Malformed, convert
from pipeline.records.headings import field_of, unit_of
from pipeline.records.table import RawRow, Table

__all__ = ["Loaded", "Row", "cut", "left_out", "need_columns", "read_row", "to_records"]

MAX_PROBLEMS = 500  # sentences; a file that is wrong throughout needs no thousand


@dataclass(frozen=True, slots=True)
class Loaded:
    """Usable records in the order of the source, and one sentence for each row (or pair of rows) left out."""

    records: tuple[Record, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row as read: ``record`` None: it is of no use, as ``problem`` says. ``number``: as far as it can be read."""

    where: str
    number: str
    record: Record | None
    problem: str


def to_records(table: Table, *, source: str) -> Loaded:
    """All usable rows of a table.

    :raises BadRecords: a mandatory column is missing, or no row is usable
    """
    rows = [read_row(row.opened()) for row in table.rows]
    need_columns(table.columns, source)
    problems = [left_out(source, row) for row in rows if row.problem]
    together: dict[str, list[Row]] = {}
    for row in rows:
        if row.number:
            together.setdefault(row.number.casefold(), []).append(row)
    records: list[Record] = []
    for group in together.values():
        distinct = {row.record for row in group}
        if len(distinct) == 1:
            records += [record for record in distinct if record is not None]
        else:
            where = ", ".join(row.where for row in group)
            problems.append(f"{source}: {group[0].number} stands in {where} with different values: all are left out.")
    if not records:
        first = f" The first reason: {problems[0]}" if problems else ""
        raise BadRecords(f"The records {source} have not one usable row.{first}")
    return Loaded(tuple(records), cut(problems))


def left_out(source: str, row: Row, *, besides: str = "") -> str:
    """The sentence on a row that cannot be used."""
    return f"{source}, {row.where}{_named(row.number)}: left out, {row.problem}{besides}."


def cut(problems: Sequence[str]) -> tuple[str, ...]:
    more = len(problems) - MAX_PROBLEMS
    return tuple(problems) if more <= 0 else (*problems[:MAX_PROBLEMS], f"{more} more rows are left out.")


def _named(number: str) -> str:
    return f" ({number})" if number else ""


def need_columns(columns: Iterable[str], source: str) -> None:
    """:raises BadRecords: a column is missing without which no row is usable"""
    fields = {field_of(column) for column in columns}
    if "application_no" not in fields:
        raise BadRecords(f"The records {source} have no column application_no (申报编号), which every record needs.")
    if "track" not in fields:
        raise BadRecords(f"The records {source} have no column track (申报类别: supplier, park or training).")
    if not fields & {"name", "uscc"}:
        raise BadRecords(f"The records {source} have neither a column name (名称) nor uscc (统一社会信用代码).")


def _fields(row: RawRow) -> dict[str, tuple[object, str | None]]:
    """Field → (raw value, unit its heading names); the first heading of a field that has a value counts."""
    found: dict[str, tuple[object, str | None]] = {}
    for heading, value in row.values.items():
        field = field_of(heading)
        if field and (field not in found or found[field][0] in (None, "")):
            found[field] = (value, unit_of(heading))
    return found


def read_row(row: RawRow) -> Row:
    """A raw row as a record, or why it is none."""
    if row.problem:
        return Row(row.where, "", None, row.problem)
    raw = _fields(row)
    values: dict[str, object] = {}
    wrong: list[str] = []
    for field, (value, unit) in raw.items():
        try:
            values[field] = convert(field, value, unit=unit)
        except Malformed as error:
            wrong.append(f"{field} {error}")
    number = values.get("application_no")
    number = number if isinstance(number, str) else ""
    problem = " and ".join((*_lacking(values, wrong), *wrong))
    if problem:
        return Row(row.where, number, None, problem)
    record = Record.model_validate({field: value for field, value in values.items() if value is not None})
    return Row(row.where, number, record, "")


def _lacking(values: Mapping[str, object], wrong: list[str]) -> tuple[str, ...]:
    malformed = {sentence.split(" ", 1)[0] for sentence in wrong}
    lacking = [
        f"{field} is missing"
        for field in ("application_no", "track")
        if not values.get(field) and field not in malformed
    ]
    if not values.get("name") and not values.get("uscc") and not malformed & {"name", "uscc"}:
        lacking.append("name and uscc are both missing")
    return tuple(lacking)
