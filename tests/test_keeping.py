"""A small batch on a large store: judged as if all of the store had been loaded, without loading it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from store_places import drawn, keep_reading_of, read_without_engine, record, scans

from pipeline.deciding import SILENCE, Said
from pipeline.intake.batch import take_in
from pipeline.judging import Judged, judge_all
from pipeline.keeping import received, received_for
from pipeline.model import Correction, Record
from pipeline.observing import submissions_from, submissions_json
from pipeline.programmes import load
from pipeline.records import Known
from pipeline.store import Imprint, Store, Twin
from pipeline.store import database as database_module
from pipeline.store.imprints import keep_imprints

PROGRAMME = load("cciip-2023")
RECORDS = tuple(Record.model_validate(record(n)) for n in range(1, 6))


@pytest.fixture
def store(tmp_path: Path, database: str) -> Store:
    """Envelopes of one applicant and of several, one that nobody declared, twice, and two that were not read."""
    store = Store(tmp_path / "home", database=database)
    wanted: Sequence[tuple[str, Sequence[int]]] = (
        ("a", [1]),
        ("b", [2]),
        ("again-of-1", [1]),
        ("pile", [3, 4]),
        ("late-of-4", [4]),
        ("stranger", [77]),
        ("unread", []),
    )
    for name, _ in wanted:
        drawn(tmp_path / "batch" / f"{name}.pdf", f"paper {name}")
    drawn(tmp_path / "batch" / "stranger-again.pdf", "paper stranger")
    (tmp_path / "batch" / "link.pdf").symlink_to("/nowhere")
    arrivals = {a.name: a for a in take_in(tmp_path / "batch", store).arrivals}
    for name, numbers in (*wanted, ("stranger-again", [77])):
        if numbers:
            read_without_engine(store, arrivals[f"{name}.pdf"], numbers)
    read = {a.name: a.reading_key for a in store.arrivals()}
    for key in {*read.values()} - {""}:
        keep_imprints(store, key, [], [])
    keep_imprints(store, read["b.pdf"], [Imprint(read["b.pdf"], "0.0.0", data=b"{}")], [])
    twin = Twin(read["a.pdf"], "0.0.0", read["b.pdf"], "0.0.0", "copied")
    keep_imprints(store, read["a.pdf"], [Imprint(read["a.pdf"], "0.0.0", data=b"{}")], [twin])
    return store


def whole(store: Store, batch: frozenset[int], said: Said) -> tuple[Judged, ...]:
    return judge_all(received(store), RECORDS, PROGRAMME, only=batch, said=said)


def part(store: Store, batch: frozenset[int], said: Said) -> tuple[tuple[Judged, ...], int]:
    together, names = received_for(store, batch, Known(RECORDS), said)
    return judge_all(together, RECORDS, PROGRAMME, only=batch, said=said, names=names), len(together)


def test_every_batch_is_judged_as_if_all_had_been_loaded(store: Store) -> None:
    for arrival in store.arrivals():
        batch = frozenset({arrival.id})
        judged, count = part(store, batch, SILENCE)
        assert judged == whole(store, batch, SILENCE)
        assert count <= 4  # of eleven
    everything = frozenset(a.id for a in store.arrivals())
    assert part(store, everything, SILENCE) == (whole(store, everything, SILENCE), 10)


def test_a_correction_that_makes_it_anothers_counts(store: Store) -> None:
    by_name = {a.name: a for a in store.arrivals()}
    b, first = by_name["b.pdf"], by_name["a.pdf"]
    said = Said(
        corrections=tuple(
            Correction(
                id=i,
                by="w",
                at=datetime(2023, 10, 1, tzinfo=UTC),
                envelope=b.name,
                sha256=b.sha256,
                sheet=f"{b.sha256}#0",
                page=1,
                document="information_form",
                field=field,
                value=str(record(1)[field]),
            )
            for i, field in enumerate(("application_no", "name", "uscc"), start=1)
        )
    )
    batch = frozenset({first.id})
    judged, _ = part(store, batch, said)
    assert judged == whole(store, batch, said)
    assert {j.report.envelope for j in judged} == {"a.pdf", "again-of-1.pdf", "b.pdf"}


def test_what_was_read_is_looked_into_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = frozenset({store.arrivals()[0].id})
    part(store, batch, SILENCE)
    asked: list[str] = []
    reading = Store.reading

    def counted(self: Store, key: str) -> bytes | None:
        asked.append(key)
        return reading(self, key)

    monkeypatch.setattr(database_module.Store, "reading", counted)
    together, _ = received_for(store, batch, Known(RECORDS), SILENCE)
    assert len(asked) == len(together) == 2  # the one, and what came before of its application


def test_what_is_read_anew_is_looked_into_anew(store: Store) -> None:
    by_name = {a.name: a for a in store.arrivals()}
    b = by_name["b.pdf"]
    batch = frozenset({by_name["a.pdf"].id})
    before, _ = part(store, batch, SILENCE)
    assert "b.pdf" not in {j.report.envelope for j in before}
    other = submissions_from(store.reading(by_name["again-of-1.pdf"].reading_key) or b"")
    anew = tuple(s.model_copy(update={"sha256": b.sha256}) for s in other)
    store.keep_reading(b.reading_key, submissions_json(anew), anew=True)
    after, _ = part(store, batch, SILENCE)
    assert "b.pdf" in {j.report.envelope for j in after}


def test_another_edition_of_the_program_takes_it_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = frozenset({store.arrivals()[0].id})
    expected = part(store, batch, SILENCE)
    with store.writing() as db:
        db.exec_driver_sql("UPDATE sayings SET edition = 'older', data = '[]'")
    assert part(store, batch, SILENCE) == expected


def test_an_arrival_without_files_belongs_to_nobody(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    (tmp_path / "batch").mkdir()
    for name in ("x", "y"):
        (tmp_path / "batch" / f"{name}.pdf").symlink_to("/nowhere")
    one, _ = take_in(tmp_path / "batch", store).arrivals
    together, names = received_for(store, frozenset({one.id}), Known(RECORDS), SILENCE)
    assert [r.submission.envelope for r in together] == ["x.pdf"]
    assert sorted(names.values()) == ["x.pdf", "y.pdf"]


def test_keys_of_readings_are_those_that_reading_keeps(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    (arrival,) = take_in(scans(tmp_path / "batch", a="a"), store).arrivals
    assert store.has_reading(keep_reading_of(store, arrival, [1]))
