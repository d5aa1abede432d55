"""What a source calls by names of its own, called as records are: columns, values, the unit of money, and certificates
that stand in rows of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from pipeline.errors import BadRecords
from pipeline.records.headings import field_of, unit_of
from pipeline.records.table import RawRow, RawText, Table

__all__ = ["Maps", "gathered", "mapped"]

MONEY = frozenset({"registered_capital", "operating_revenue", "outsourcing_revenue", "offshore_revenue"})
MAX_CERTIFICATES = 2_000_000  # rows


@dataclass(frozen=True, slots=True)
class Maps:
    """``columns``: field → the source's name of it; ``values``: field → the source's word → ours; ``unit`` of money
    where a column names none; ``certificates``: application number → a JSON array of its certificates.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unit: str = ""
    certificates: Mapping[str, bytes] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.columns or self.values or self.unit or self.certificates)

    def form(self) -> str:
        """All that makes the same row another record, without the certificates, which are part of the row."""
        return repr(
            (sorted(self.columns.items()), sorted((k, sorted(v.items())) for k, v in self.values.items()), self.unit)
        )


def mapped(table: Table, maps: Maps, name: str) -> Table:
    """The same rows in our words.

    :raises BadRecords: (while rows are taken) the source has no column that the map names
    """
    if not maps:
        return table
    headings = {column: _heading(name_of, maps.unit) for name_of, column in maps.columns.items()}
    columns: dict[str, None] = {}

    def opened(row: RawRow) -> RawRow:
        values = dict(_named(row.values, headings, maps))
        columns.update(dict.fromkeys(values))
        return RawRow(row.where, values, row.problem)

    def rows() -> Iterator[RawRow]:
        seen: set[str] = set()
        one: RawRow | RawText
        for one in table.rows:
            row = one.opened()
            seen |= row.values.keys()
            yield opened(row)
        if lacking := [column for column in headings if column not in seen] if columns else []:
            raise BadRecords(
                f"The records {name} have no column {', '.join(lacking)}, which the source file's [columns] names: "
                f"they have {', '.join(sorted(seen))[:300]}."
            )

    return Table(columns.keys(), rows())


def _named(values: Mapping[str, object], headings: Mapping[str, str], maps: Maps) -> Iterator[tuple[str, object]]:
    taken = {field_of(heading) for heading in headings.values()}
    number = ""
    for column, value in values.items():
        heading = headings.get(column)
        if heading is None:
            its_field = field_of(column)
            if its_field in taken:  # the map says which column it is
                continue
            heading = _heading(column, maps.unit) if its_field in MONEY and unit_of(column) is None else column
        else:
            its_field = field_of(heading)
        if its_field == "application_no":
            number = _key(value)
        words = maps.values.get(its_field or "")
        if words and value is not None:
            value = words.get(str(value).strip(), value)
        yield heading, value
    if maps.certificates and number in maps.certificates:
        yield "certificates", f"[{maps.certificates[number].decode()}]"


def _heading(name: str, unit: str) -> str:
    return f"{name}（{unit}）" if unit and field_of(name) in MONEY else name


def gathered(
    rows: Iterable[Mapping[str, object]], key: str, columns: Mapping[str, str], kinds: Mapping[str, str], name: str
) -> dict[str, bytes]:
    """Certificates from rows of their own, by the number of their application, as small as they can be kept.

    :param key: the column with the application's number
    :param columns: kind, number, name, issuer, valid_until → the source's name of it
    :param kinds: the source's word for a kind → ours
    """
    found: dict[str, bytes] = {}
    for count, row in enumerate(rows, 1):
        if count > MAX_CERTIFICATES:
            raise BadRecords(f"The records {name} have more than {MAX_CERTIFICATES} certificates.")
        if lacking := [column for column in (key, *columns.values()) if column not in row]:
            raise BadRecords(
                f"The certificates of {name} have no column {', '.join(lacking)}: they have {', '.join(row)[:300]}."
            )
        one = {ours: _text(row[theirs]) for ours, theirs in columns.items() if row[theirs] is not None}
        if "kind" in one:
            one["kind"] = kinds.get(str(one["kind"]).strip(), one["kind"])
        number, data = _key(row[key]), json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode()
        found[number] = found[number] + b"," + data if number in found else data
    return found


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _key(value: object) -> str:
    return str(value).strip().casefold()
