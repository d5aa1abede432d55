"""The report of the whole store (夜间复核报告): changed envelopes in full, all others by reference, at any size.

Nothing is held but what was changed, and that on disk: JSON, page and workbook are written envelope by envelope.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from pipeline.checks.code_names import CODE_NAMES
from pipeline.model import FindingCode, Report, Text
from pipeline.model.slips import Slip, Told
from pipeline.report.html_report import Rows, write_page
from pipeline.report.json_report import SCHEMA
from pipeline.report.night_book import NightBook, being_written
from pipeline.report.pictures import EVIDENCE
from pipeline.report.spool import Place, Spool
from pipeline.store.durable import sync_folder, written
from pipeline.values.printable import json_printable, printable

__all__ = ["News", "Ref", "Since", "write_night"]

MOST_RESOLVED = 200  # shown at the top of the page


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


def write_night(report: Report, news: News, spool: Spool, missing: Sequence[tuple[str, str]], out: Path) -> Path:
    """Write ``report.html``, ``report.xlsx`` and, last, ``report.json``; returns the page's path.

    :param report: head, totals and problems; no envelopes
    :param missing: applications that were not received, with names
    """
    html = out / "report.html"
    if (out / EVIDENCE).is_dir():
        sync_folder(out / EVIDENCE)
    book = NightBook(
        path=out / "report.xlsx",
        full=spool.full,
        rows=spool.rows(),
        slips=spool.slips,
        not_received=report.not_received,
        resolved=[(one.envelope, one.application_no or "", one.told) for one in news.resolved],
    )
    with being_written(book, report.totals.envelopes) as book_written:
        _write_html(report, news, spool, missing, html)
        _write_json(report, news, spool, out / "report.json", after=book_written)
    return html


# -------------------------------------------------------------------------------------------------------------- JSON


def _write_json(report: Report, news: News, spool: Spool, path: Path, *, after: Callable[[], None]) -> None:
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
        for place, slip in spool.each():
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
        after()


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


def _write_html(report: Report, news: News, spool: Spool, missing: Sequence[tuple[str, str]], path: Path) -> None:
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
        rows=Rows(count, _rows(spool, frozenset(cards), missing)),
    )


def _rows(spool: Spool, cards: frozenset[Place], missing: Sequence[tuple[str, str]]) -> Iterator[Markup]:
    """JSON that the page's script reads; nothing in it can end the element that it stands in."""
    numbers = {code.value: number for number, code in enumerate(CODE_NAMES)}
    yield _data({"codes": [[c.value, t.zh, t.en] for c, t in CODE_NAMES.items()]}, end=',"rows":[')
    begun = False
    for place, slip in spool.each():
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
