"""The report of the whole store (夜间复核报告): changed envelopes in full, all others by reference, at any size.

Nothing is held but what was changed, and that on disk: JSON, page and workbook are written envelope by envelope.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, NamedTuple

from markupsafe import Markup

from pipeline.checks.code_names import CODE_NAMES
from pipeline.errors import ReportTrouble
from pipeline.model import FindingCode, Report, Text
from pipeline.model.slips import Slip, Told
from pipeline.report.html_report import CardHead, Rows, write_page
from pipeline.report.json_report import SCHEMA
from pipeline.report.shown import Shown, card_of
from pipeline.report.xlsx_report import resolved_row, slip_row, write_book
from pipeline.store.durable import alone_in, sweep, sync_folder, written
from pipeline.values.printable import json_printable, printable

__all__ = ["News", "Ref", "Since", "Spool", "in_folder", "write_night"]

MOST_CARDS, MOST_CARD_BYTES = 200, 12_000_000  # in the page in full, the most urgent first; all others are rows
MOST_RESOLVED = 200  # shown at the top of the page
EVIDENCE = "evidence"


Place = tuple[int, int]
Slips = Callable[[], Iterator[tuple[Place, Slip]]]


class Ref(NamedTuple):
    """A finding that came or went, and where."""

    envelope: str
    application_no: str | None
    told: Told

    def as_json(self, *, message: bool) -> dict[str, object]:
        ref: dict[str, object] = {
            "id": self.told.id,
            "code": self.told.code,
            "severity": self.told.severity,
            "envelope": self.envelope,
            "application_no": self.application_no,
        }
        return {**ref, "message": {"zh": self.told.zh, "en": self.told.en}} if message else ref


@dataclass(frozen=True)
class News:
    """What is another since a report last told of the whole store.

    :ivar at: when that was
    :ivar new: findings that it did not have; ``resolved``: those that it had and this one has not
    :ivar unchanged: envelopes of which all is as it was
    :ivar without_record: envelopes that no record fits
    :ivar alarms: sentences on what went wrong with the run itself
    """

    at: datetime | None
    new: Sequence[Ref]
    resolved: Sequence[Ref]
    changed: int
    unchanged: int
    without_record: Sequence[str]
    alarms: Sequence[str]


class _Kept(NamedTuple):
    """Where in the spool an envelope's JSON, all of it packed, rows and findings are (start and length of each)."""

    json: tuple[int, int]
    packed: tuple[int, int]
    rows: tuple[int, int]
    told: tuple[int, int]


@dataclass
class Spool:
    """Changed envelopes as they go into the report, on disk until it is written."""

    stream: BinaryIO
    kept: dict[Place, _Kept] = field(default_factory=dict)
    heads: dict[Place, CardHead] = field(default_factory=dict)
    codes: set[FindingCode] = field(default_factory=set)
    size: int = 0

    def add(self, place: Place, shown: Shown, now: Sequence[Told]) -> None:
        parts = (
            shown.json.encode(),
            shown.packed,
            json.dumps(shown.rows, ensure_ascii=False).encode("utf-8", "surrogatepass"),
            Told.to_json(now),
        )
        self.kept[place] = _Kept(*(self._put(part) for part in parts))
        self.codes |= shown.head.codes
        if shown.packed:
            self.heads[place] = shown.head

    def _put(self, data: bytes) -> tuple[int, int]:
        start, self.size = self.size, self.size + len(data)
        self.stream.write(data)
        return start, len(data)

    def get(self, where: tuple[int, int]) -> bytes:
        self.stream.seek(where[0])
        data = self.stream.read(where[1])
        self.stream.seek(self.size)
        return data

    def cards(self, out: Path) -> dict[Place, Markup]:
        """The cards that stand in the page, the most urgent first."""
        made: dict[Place, Markup] = {}
        size = 0
        for place in sorted(self.heads, key=lambda place: (self.heads[place].urgency, place))[:MOST_CARDS]:
            card = card_of(self.get(self.kept[place].packed), out)
            size += len(card.encode())
            if made and size > MOST_CARD_BYTES:
                break
            made[place] = card
        return made


@contextmanager
def in_folder(out: Path) -> Iterator[Spool]:
    """The folder for this run alone, made ready; a second run into it waits for the first.

    :raises ReportTrouble: it cannot be written
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with alone_in(out), TemporaryFile(dir=out) as stream:
            sweep(out)
            sweep(out / EVIDENCE)
            yield Spool(stream)
    except OSError as error:
        raise ReportTrouble(
            f"the report cannot be written to {out} ({error.strerror or error}): make room there or name another "
            "folder, then run the same command again; what was read is kept"
        ) from error


def write_night(
    report: Report, news: News, spool: Spool, slips: Slips, missing: Sequence[tuple[str, str]], out: Path
) -> Path:
    """Write ``report.html``, ``report.xlsx`` and, last, ``report.json``; returns the page's path.

    :param report: head, totals and problems; no envelopes
    :param slips: every envelope by reference, in order of arrival
    :param missing: applications that were not received, with names
    """
    html = out / "report.html"
    if (out / EVIDENCE).is_dir():
        sync_folder(out / EVIDENCE)
    _write_html(report, news, spool, slips, missing, html)
    _write_xlsx(report, news, spool, slips, out / "report.xlsx")
    _write_json(report, news, spool, slips, out / "report.json")
    return html


# -------------------------------------------------------------------------------------------------------------- JSON


def _write_json(report: Report, news: News, spool: Spool, slips: Slips, path: Path) -> None:
    with written(path) as stream:

        def put(text: str) -> None:
            stream.write(json_printable(text).encode())

        head = {
            "schema": SCHEMA,
            "programme": report.programme,
            "rules_version": report.rules_version,
            "generated_at": report.generated_at.isoformat(),
            "totals": report.totals.model_dump(),
            "alarms": list(news.alarms),
        }
        put(json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}"))
        put(f',\n "since": {{"at": {_dumped(news.at.isoformat() if news.at else None)},\n  "new": ')
        _put_list(put, (_dumped(one.as_json(message=False)) for one in news.new))
        put(',\n  "resolved": ')
        _put_list(put, (_dumped(one.as_json(message=True)) for one in news.resolved))
        put(f',\n  "changed": {news.changed}, "unchanged": {news.unchanged}}},\n "envelopes": ')
        stream.write(b"[")
        begun = False
        for place, slip in slips():
            stream.write(b",\n" if begun else b"\n")
            begun = True
            if (kept := spool.kept.get(place)) is not None:
                stream.write(spool.get(kept.json))
            else:
                put(_dumped(_by_reference(slip)))
        stream.write(b"]")
        for name, listed in (
            ("not_received", report.not_received),
            ("without_record", news.without_record),
            ("problems", report.problems),
        ):
            put(f',\n "{name}": ')
            _put_list(put, map(_dumped, listed))
        put("\n}\n")


def _put_list(put: Callable[[str], None], items: Iterable[str]) -> None:
    put("[")
    for number, item in enumerate(items):
        put((",\n  " if number else "\n  ") + item)
    put("]")


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _by_reference(slip: Slip) -> dict[str, object]:
    return {
        "envelope": slip.envelope,
        "sha256": slip.sha256,
        "application_no": slip.application_no,
        "track": slip.track,
        "name": slip.name,
        "matched_by": slip.matched_by,
        "received_on": slip.received_on,
        "part_of": slip.part_of,
        "verdict": slip.verdict,
        "unchanged": True,
        "findings": [{"id": one[0]} for one in slip.findings],
    }


# -------------------------------------------------------------------------------------------------------------- page


@dataclass(frozen=True, slots=True)
class Resolved:
    """A finding that is no more, as the page's head shows it."""

    code: str
    envelope: str
    application_no: str | None
    message: Text


@dataclass(frozen=True, slots=True)
class Since:
    """The page's head: counts, and some of what was resolved."""

    at: datetime | None
    alarms: Sequence[str]
    new_count: int
    resolved_count: int
    changed: int
    unchanged: int
    without_record: int
    resolved: Sequence[Resolved]


def _write_html(
    report: Report, news: News, spool: Spool, slips: Slips, missing: Sequence[tuple[str, str]], path: Path
) -> None:
    cards = spool.cards(path.parent)
    since = Since(
        news.at,
        news.alarms,
        len(news.new),
        len(news.resolved),
        news.changed,
        news.unchanged,
        len(news.without_record),
        [
            Resolved(one.told.code, one.envelope, one.application_no, Text(zh=one.told.zh, en=one.told.en))
            for one in news.resolved[:MOST_RESOLVED]
        ],
    )
    count = report.totals.envelopes - len(cards) + len(missing)
    write_page(
        report,
        [spool.heads[place].entry for place in cards],
        cards.values(),
        {FindingCode(code) for code in CODE_NAMES} if count else spool.codes,
        path,
        since=since,
        rows=Rows(count, _rows(spool, frozenset(cards), slips, missing)),
    )


def _rows(spool: Spool, cards: frozenset[Place], slips: Slips, missing: Sequence[tuple[str, str]]) -> Iterator[Markup]:
    """JSON that the page's script reads; nothing in it can end the element that it stands in."""
    numbers = {code.value: number for number, code in enumerate(CODE_NAMES)}
    yield _data({"codes": [[c.value, t.zh, t.en] for c, t in CODE_NAMES.items()]}, end=',"rows":[')
    begun = False
    for place, slip in slips():
        if place in cards:
            continue
        yield _data(_row(slip, spool, place, numbers), start="," if begun else "")
        begun = True
    for number, name in missing:
        yield _data(["", number, printable(name), "missing", 0, 0, "", "", 0, []], start="," if begun else "")
        begun = True
    yield Markup("]}")


def _row(slip: Slip, spool: Spool, place: Place, numbers: dict[str, int]) -> list[object]:
    kept = spool.kept.get(place)
    found: list[list[object]] = [[numbers[code], id_] for id_, code in slip.findings if code in numbers]
    if kept is not None:
        told = Told.from_json(spool.get(kept.told))
        found = [[numbers[t.code], t.id, printable(t.zh), printable(t.en)] for t in told if t.code in numbers]
    state = slip.verdict if slip.application_no or slip.verdict == "unreadable" else "none"
    return [
        printable(slip.envelope),
        printable(slip.application_no or ""),
        printable(slip.name),
        "changed" if kept is not None else state,
        slip.errors,
        slip.warnings,
        printable(slip.part_of or ""),
        slip.received_on or "",
        slip.pages,
        found,
    ]


def _data(value: object, *, start: str = "", end: str = "") -> Markup:
    text = _dumped(value).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Markup(start + (text.removesuffix("}") if end else text) + end)


# ---------------------------------------------------------------------------------------------------------- workbook


def _write_xlsx(report: Report, news: News, spool: Spool, slips: Slips, path: Path) -> None:
    def findings() -> Iterator[Sequence[object]]:
        for place in sorted(spool.kept):
            yield from json.loads(spool.get(spool.kept[place].rows).decode("utf-8", "surrogatepass"))

    write_book(
        path,
        findings(),
        (slip_row(slip) for _, slip in slips()),
        report.not_received,
        resolved=(resolved_row(one.envelope, one.application_no or "", one.told) for one in news.resolved),
        many=True,
    )
