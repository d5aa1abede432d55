"""Which department for commerce answers for an application (归口商务主管部门): as declared, else by the address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.model import Record
from pipeline.values.names import core, region_of, same_region
from pipeline.values.regions import Region

__all__ = ["UNKNOWN", "Department", "by_department", "departments_of"]

UNKNOWN = "待核 unknown"
BY_ADDRESS = "商务主管部门（按地址，待核）"


@dataclass(frozen=True, slots=True)
class Department:
    """A department as it is called on lists.

    ``declared``: a record names it, so that it is a department's name and no guess from an address.
    """

    name: str
    declared: bool = False


def departments_of(records: Sequence[Record]) -> Mapping[str, Department]:
    """The department of each application, by its number.

    Where a record names none, one that others name answers if it is of the address's own place and no other of that
    level is; else the place itself is named, for a person to say whose it is.
    """
    named = _named(records)
    places = {core(name): region_of(name) for name in named.values()}
    found: dict[str, Department] = {}
    by_address: dict[str, Department] = {}
    for record in records:
        if record.commerce_department.strip():
            found[record.application_no] = Department(named[core(record.commerce_department)], declared=True)
            continue
        address = record.address
        if address not in by_address:
            by_address[address] = _by_address(address, named, places)
        found[record.application_no] = by_address[address]
    return found


def by_department(records: Sequence[Record]) -> tuple[tuple[Department, tuple[Record, ...]], ...]:
    """Records by their departments: declared ones first, those that nobody knows last; each in order of its number."""
    told = departments_of(records)
    groups: dict[Department, list[Record]] = {}
    for record in sorted(records, key=lambda r: r.application_no):
        groups.setdefault(told[record.application_no], []).append(record)
    ordered = sorted(groups, key=lambda d: (d.name == UNKNOWN, not d.declared, d.name))
    merged: dict[str, list[Record]] = {}
    for department in ordered:
        merged.setdefault(department.name, []).extend(groups[department])
    first = {d.name: d for d in reversed(ordered)}
    return tuple((first[name], tuple(members)) for name, members in merged.items())


def _named(records: Iterable[Record]) -> dict[str, str]:
    """Departments that records name: how each is written first, by what names are compared by."""
    named: dict[str, str] = {}
    for record in records:
        name = record.commerce_department.strip()
        if name:
            named.setdefault(core(name), name)
    return named


def _by_address(address: str, named: Mapping[str, str], places: Mapping[str, Region]) -> Department:
    there = region_of(address)
    if not there:
        return Department(UNKNOWN)
    near = [key for key, place in places.items() if place and place.province in ("", there.province)]
    own = [key for key in near if same_region(named[key], address) == "own"]
    nearest = max((_level(places[key]) for key in own), default=0)
    fitting = [key for key in own if _level(places[key]) == nearest]
    # A department of the province answers for a city only where the city's own cannot be meant: nobody knows.
    if len(fitting) == 1 and nearest >= _level(there):
        return Department(named[fitting[0]], declared=True)
    place = "".join(dict.fromkeys(part for part in (there.province, there.city, there.district) if part))
    return Department(f"{place}{BY_ADDRESS}")


def _level(place: Region) -> int:
    """How near a place is to an address: a zone or a district is nearer than its city, a city than its province."""
    if place.district or place.zone:
        return 3
    return 2 if place.city and place.city != place.province else 1 if place else 0
