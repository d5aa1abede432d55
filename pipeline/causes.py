"""Causes (核验依据): digests of all that a judgement depends on, so that what has no new cause need not be made again.

An arrival's own cause is what was read of it, how it came in, what seals of others tell of it and what people corrected
in it; an application's cause is its record, its envelopes' own causes, how each met the record, what people decided
about it, the programme's rules and the edition of the code that judges.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from pipeline.deciding import Said
from pipeline.model import Correction
from pipeline.programmes import Programme
from pipeline.twins import SealTwin

__all__ = ["Came", "Circumstances", "Member", "about", "common_cause", "edition", "group_cause", "judging_code"]

SIZE = 16  # bytes
_ROOMS = ("book", "model", "values", "checks", "programmes", "seals")
_FILES = (
    "as_printed.py",
    "calibration.json",
    "calibration.py",
    "causes.py",
    "deciding.py",
    "intake/upright.py",
    "judging.py",
    "keeping.py",
    "lists.py",
    "records/matching.py",
    "reliability.py",
    "supplements.py",
    "twins.py",
)


@lru_cache(maxsize=1)
def edition() -> str:
    """Of all code that judges: what another edition judged may not be what this one would."""
    told = hashlib.sha256()
    for path in judging_code():
        told.update(path.read_bytes() + b"\0")
    return told.hexdigest()[:16]


def judging_code() -> list[Path]:
    """The files of that code."""
    root = Path(__file__).parent
    return [root / name for name in _FILES] + sorted(path for room in _ROOMS for path in (root / room).glob("*.py"))


@dataclass(frozen=True, slots=True)
class Came:
    """An arrival as far as its cause goes. ``files``: whether it holds any that could be read."""

    id: int
    name: str
    sha256: str
    reading_key: str
    received_on: date | None
    problem: str
    files: bool
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """An envelope among those judged together: its arrival's own cause, and how it met the record."""

    own: str
    part: int
    by: tuple[str, ...]
    rivals: tuple[str, ...]


@dataclass(frozen=True)
class Circumstances:
    """What of the whole store an arrival's cause depends on.

    :ivar told: what seals of others tell, by the key of the reading
    :ivar names: of arrivals that are told of there
    :ivar times: how often a reading was replaced
    :ivar why: why an arrival was not read, in quarantine as a whole, by its sha256
    :ivar missing: arrivals whose reading is not there
    :ivar near: of arrivals that corrections are about, the arrivals that any of these is about
    :ivar corrections: about an arrival
    :ivar versions: of records that ever changed, all that are known, by number
    """

    told: Mapping[str, Sequence[SealTwin]] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    times: Mapping[str, int] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)
    missing: frozenset[int] = frozenset()
    near: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    corrections: Mapping[int, tuple[Correction, ...]] = field(default_factory=dict)
    came: Mapping[int, Came] = field(default_factory=dict)
    versions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def own_cause(self, one: Came) -> str:
        """Digest of all about an arrival that whose it is, and what is judged of it, depends on."""
        told = [
            (t.seal, t.what, t.arrivals, [self.names.get(a, "") for a in t.arrivals], t.beside)
            for t in self.told.get(one.reading_key, ())
        ]
        return _digest(
            (
                edition(),
                self._as_it_came(one),
                told,
                [c.model_dump_json() for c in self.corrections.get(one.id, ())],
                [self._as_it_came(self.came[a]) for a in self.near.get(one.id, ()) if a != one.id],
            )
        )

    def _as_it_came(self, one: Came) -> tuple[object, ...]:
        unread = not one.reading_key or not one.files or one.id in self.missing
        return (
            one.id,
            one.name,
            one.sha256,
            one.reading_key,
            one.received_on and one.received_on.isoformat(),
            one.problem,
            one.files,
            one.taken_at and one.taken_at.isoformat(),
            self.times.get(one.reading_key, 0) if one.reading_key else 0,
            (self.why.get(one.sha256, ""), one.id in self.missing) if unread else None,
        )


def about(
    said: Said, hashes: Mapping[str, Iterable[int]]
) -> tuple[dict[int, tuple[Correction, ...]], dict[int, tuple[int, ...]]]:
    """What corrections are about which arrivals.

    :param hashes: arrivals by the sha256 of each, and of each of their files
    :return: corrections by arrival; and the arrivals that share one with each
    """
    corrections: dict[int, list[Correction]] = {}
    near: dict[int, set[int]] = {}
    for one in said.corrections:
        arrivals = {a for sha256 in (one.sheet.partition("#")[0], one.sha256) for a in hashes.get(sha256, ())}
        for arrival in arrivals:
            corrections.setdefault(arrival, []).append(one)
            near.setdefault(arrival, set()).update(arrivals)
    return (
        {arrival: tuple(some) for arrival, some in corrections.items()},
        {arrival: tuple(sorted(some)) for arrival, some in near.items()},
    )


def common_cause(programme: Programme) -> str:
    """What every judgement of a run depends on."""
    return _digest((edition(), programme.model_dump_json()))


def group_cause(
    common: str,
    record: str,
    versions: Sequence[int],
    members: Sequence[Member],
    contents: Iterable[str],
    said: Mapping[str, Sequence[int]],
) -> str:
    """The cause of what is judged of envelopes together.

    :param record: digest of the record; "": there is none
    :param versions: of the record, if it ever changed: what the paper agrees with may be what it was
    :param members: in order of arrival
    :param contents: their sha256s, and the application's number
    :param said: ids of decisions, by the application and the content (sha256) that they are about
    """
    decisions = sorted({number for key in contents if key for number in said.get(key, ())}) if said else ()
    return _digest(
        (common, record, tuple(versions), [(m.own, m.part, m.by, m.rivals) for m in members], tuple(decisions))
    )


def _digest(told: object) -> str:
    return hashlib.blake2b(repr(told).encode("utf-8", "surrogatepass"), digest_size=SIZE).hexdigest()
