"""The record book: what changed, what is gone, what stays in use when a source is down, and what was there before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import book
from pipeline.book import Brought, Change, bring_up
from pipeline.errors import BadInput, BadRecords, StoreTrouble
from pipeline.model import Record
from pipeline.store import Store
from pipeline.store import book as tables
from pipeline.store.fetches import fetches
from pipeline.store.packing import quickly_packed
from pipeline.store.tables import record_versions

FIRST = datetime(2023, 9, 10, 18, tzinfo=UTC)


def row(number: int, **other: object) -> dict[str, object]:
    return {
        "application_no": f"S{number:05d}",
        "track": "supplier",
        "name": f"第{number}软件有限公司",
        "staff": 300 + number,
        "operating_revenue": f"{number}000.50",
        "mobile": "13800138000",
        **other,
    }


def declared(number: int, **other: object) -> Record:
    return Record.model_validate(row(number, **other))


def lines(path: Path, rows: Iterable[Mapping[str, object]]) -> str:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), encoding="utf-8")
    return str(path)


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Store:
    """An empty store, of each kind."""
    if request.param == "SQLite":
        return Store(tmp_path / "home")
    return Store(tmp_path / "home", database=request.getfixturevalue("postgres"))


def nights(store: Store, path: Path, *rows: Iterable[Mapping[str, object]]) -> Brought:
    """One look at the source a night, with these rows; the last one's."""
    for night, held in enumerate(rows):
        brought = bring_up(store, lines(path, held), now=FIRST + timedelta(days=night))
    return brought


def test_all_is_new_once_and_then_only_what_changed(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    all_new = nights(store, path, [row(n) for n in range(1, 6)])
    assert (all_new.count, len(all_new.changed), all_new.problems, all_new.alarms) == (5, 5, (), ())
    assert all_new.changed["S00001"] == Change(None, declared(1))
    again = bring_up(store, str(path))
    assert (again.count, dict(again.changed), again.mark) == (5, {}, all_new.mark)
    moved = nights(store, path, [row(1), row(2, staff=7), *map(row, range(3, 7))])
    assert dict(moved.changed) == {
        "S00002": Change(declared(2), declared(2, staff=7)),
        "S00006": Change(None, declared(6)),
    }
    assert book.record(store, "s00002") == declared(2, staff=7)
    assert [one.application_no for one in book.every(store)] == [f"S{n:05d}" for n in range(1, 7)]
    assert book.count(store) == 6
    assert set(book.records(store, ["S00001", "nobody"])) == {"S00001"}


def test_the_same_values_written_otherwise_are_no_change(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    first = nights(store, path, [row(n) for n in range(1, 4)])
    second = nights(store, path, [dict(reversed(row(n, remark="新").items())) for n in (3, 1, 2)])
    assert not second.changed and second.mark == first.mark


def test_another_edition_converts_again_and_changes_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "records.jsonl"
    first = nights(store, path, [row(n) for n in range(1, 6)])
    before = tables.in_force(store)
    monkeypatch.setattr("pipeline.book.bringing_up.edition", lambda: "another")
    again = bring_up(store, str(path))
    assert not again.changed and again.mark == first.mark
    after = tables.in_force(store)
    assert all(after[key].raw != one.raw and after[key].version == one.version for key, one in before.items())
    assert list(book.every(store)) == [declared(n) for n in range(1, 6)]


def test_a_record_that_goes_and_comes_back(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    held = [row(n) for n in range(1, 11)]
    gone = nights(store, path, held, held[:-1])
    assert dict(gone.changed) == {"S00010": Change(declared(10), None)} and gone.count == 9
    assert book.record(store, "S00010") is None
    back = nights(store, path, held)
    assert dict(back.changed) == {"S00010": Change(None, declared(10))}
    assert [version.record for version in book.history(store, "S00010")] == [declared(10), None, declared(10)]


def test_the_record_as_it_was_when_the_form_was_printed(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    nights(store, path, [row(1)], [row(1, staff=5)], [row(1, staff=6, operating_revenue="9.5")])
    assert book.as_of(store, "S00001", FIRST - timedelta(minutes=1)) is None
    assert book.as_of(store, "S00001", FIRST) == declared(1)
    assert book.as_of(store, "S00001", FIRST + timedelta(hours=30)) == declared(1, staff=5)
    now = book.record(store, "S00001")
    assert book.changes_between(declared(1), now) == (
        ("operating_revenue", Decimal("1000.50"), Decimal("9.5")),
        ("staff", 301, 6),
    )
    assert list(book.histories(store, ["S00001", "S00002"])) == ["S00001"]


def test_what_changed_since_the_last_run_that_came_to_its_end(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    done = nights(store, path, [row(n) for n in range(1, 6)]).mark
    nights(store, path, [row(1, staff=1), *map(row, range(2, 6))])  # and the run was killed
    book.add(store, [declared(2, staff=2), declared(9)])  # a batch at noon
    nights(store, path, [row(1, staff=1), row(2, staff=2), *map(row, (3, 4, 5, 9))])
    assert dict(book.changes_since(store, done)) == {
        "S00001": Change(declared(1), declared(1, staff=1)),
        "S00002": Change(declared(2), declared(2, staff=2)),
        "S00009": Change(None, declared(9)),
    }
    nights(store, path, [row(n) for n in range(1, 6)])
    assert dict(book.changes_since(store, done)) == {}
    assert len(book.changes_since(store, 0)) == 5


def test_a_batch_adds_and_takes_nothing_away(store: Store, tmp_path: Path) -> None:
    nights(store, tmp_path / "records.jsonl", [row(n) for n in range(1, 6)])
    part = lines(tmp_path / "part.jsonl", [row(2, staff=2), row(7)])
    loaded = book.load(store, part)
    book.add(store, loaded.records)
    assert [one.application_no for one in loaded.records] == ["S00002", "S00007"]
    assert book.count(store) == 6 and book.record(store, "S00002") == declared(2, staff=2)


def test_rows_that_cannot_be_used_are_gone_and_named(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    good = [row(n) for n in range(1, 11)]
    brought = nights(store, path, good, [row(1, staff="many"), *good[1:], row(2, staff=1)])
    assert brought.count == 8
    assert set(brought.changed) == {"S00001", "S00002"}
    malformed, disagree = brought.problems
    assert "line 1 (S00001): left out, staff" in malformed and "not in use any more" in malformed
    assert "S00002 stands in line 2, line 11 with different values" in disagree
    again = bring_up(store, str(path))
    assert len(again.problems) == 2 and not again.changed  # named every night until it is mended


def test_a_source_that_shrank_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    held = [row(n) for n in range(1, 11)]
    alarmed = nights(store, path, held, held[:7])
    (alarm,) = alarmed.alarms
    assert "hold 7 applications, and 10 are known" in alarm and "--accept-shrunk" in alarm
    assert "2023-09-10 18:00 UTC" in alarm
    assert alarmed.count == book.count(store) == 10 and not alarmed.changed
    accepted = bring_up(store, str(path), accept_shrunk=True)
    assert accepted.count == 7 and set(accepted.changed) == {"S00008", "S00009", "S00010"} and not accepted.alarms
    assert [fetch.ok for fetch in fetches(store)] == [True, False, True]


def test_a_column_that_vanished_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    held = [row(n) for n in range(1, 11)]
    brought = nights(store, path, held, [{**one, "mobile": "", "staff": one["staff"]} for one in held])
    assert "nothing any more in mobile, which 10 of 10 had" in brought.alarms[0]
    assert book.record(store, "S00001") == declared(1)
    assert not bring_up(store, str(path), accept_shrunk=True).alarms
    assert book.record(store, "S00001") == declared(1, mobile="")


def test_a_source_that_worked_and_is_gone(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    nights(store, path, [row(1), row(2)])
    path.unlink()
    brought = bring_up(store, str(path))
    assert "There is no file" in brought.alarms[0] and "(2 applications) stays in use" in brought.alarms[0]
    assert brought.count == 2 and not brought.changed
    with pytest.raises(BadRecords, match="no file"):
        bring_up(store, str(tmp_path / "never.jsonl"))


def test_nothing_known_and_no_source(store: Store) -> None:
    with pytest.raises(BadInput, match="--records"):
        bring_up(store, None)


def test_no_source_named_is_the_book_as_it_is(store: Store, tmp_path: Path) -> None:
    mark = nights(store, tmp_path / "records.jsonl", [row(1)]).mark
    brought = bring_up(store, None)
    assert (brought.count, dict(brought.changed), brought.mark) == (1, {}, mark)


def test_the_newest_snapshot_of_a_store_of_before_is_the_first_version(store: Store) -> None:
    store.keep_records(json.dumps([row(8)]).encode())
    store.keep_records(json.dumps([row(1), row(2)], ensure_ascii=False).encode())
    assert book.count(store) == 2
    (version,) = book.history(store, "S00001")
    assert version.record == declared(1) and datetime.now(UTC) - version.since < timedelta(minutes=1)


def test_records_whose_bytes_are_damaged_are_not_passed_over(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    nights(store, path, [row(1), row(2)])
    with store.writing() as db:
        db.execute(record_versions.update().where(record_versions.c.key == "s00002").values(data=b"damaged"))
    with pytest.raises(StoreTrouble, match="yanzhang restore"):
        list(book.every(store))
    with pytest.raises(StoreTrouble, match="yanzhang restore"):
        book.records(store, ["S00002"])
    assert book.record(store, "S00001") == declared(1)


def test_an_old_version_of_another_yanzhang_stops_nothing(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    nights(store, path, [row(1)], [row(1, staff=5)], [row(1, staff=6)])
    first = book.history(store, "S00001")[0].id
    other = quickly_packed(b'{"application_no": "S00001", "fax": "12345"}')
    with store.writing() as db:
        db.execute(record_versions.update().where(record_versions.c.id == first).values(data=other))
    assert [v.record for v in book.history(store, "S00001")] == [declared(1, staff=5), declared(1, staff=6)]
    assert len(book.histories(store, ["S00001"])["S00001"]) == 2


def test_several_may_write_at_once(store: Store, tmp_path: Path) -> None:
    path = lines(tmp_path / "records.jsonl", [row(n) for n in range(1, 41)])
    bring_up(store, path)

    def write(turn: int) -> None:
        if turn % 3:
            book.add(store, [declared(turn, staff=10_000 + turn), declared(100 + turn)])
        else:
            bring_up(store, path, accept_shrunk=True)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(1, 25)))
    bring_up(store, path, accept_shrunk=True)
    assert list(book.every(store)) == [declared(n) for n in range(1, 41)]
    for number in range(1, 25):
        versions = book.history(store, f"S{number:05d}")
        assert len({version.id for version in versions}) == len(versions)
        assert versions[-1].record == declared(number)
        if number % 3:  # what anybody wrote is there for good
            assert declared(number, staff=10_000 + number) in [version.record for version in versions]
            assert declared(100 + number) in [v.record for v in book.history(store, f"S{100 + number:05d}")]


ROWS = st.dictionaries(
    st.integers(1, 9), st.tuples(st.integers(0, 2), st.sampled_from(["", "13800138000"])), min_size=1, max_size=9
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nights_of=st.lists(st.tuples(st.booleans(), ROWS), min_size=1, max_size=6))
def test_any_nights_leave_what_was_told_last(nights_of: list[tuple[bool, dict[int, tuple[int, str]]]]) -> None:
    """Whatever comes and goes: the book holds what the source says, and tells what changed since any mark."""
    with TemporaryDirectory() as folder:
        store, path = Store(Path(folder) / "home"), Path(folder) / "r.jsonl"
        marks: list[tuple[int, dict[str, Record]]] = [(0, {})]
        held: dict[str, Record] = {}
        for night, (whole, told) in enumerate(nights_of):
            now = {one.application_no: one for n, (s, m) in told.items() if (one := declared(n, staff=s, mobile=m))}
            moment = FIRST + timedelta(days=night)
            if whole:
                source = lines(path, [row(n, staff=s, mobile=m) for n, (s, m) in told.items()])
                changed = dict(bring_up(store, source, now=moment, accept_shrunk=True).changed)
                assert changed == _between(held, now)
                held = now
            else:
                book.add(store, now.values(), now=moment)
                held = held | now
            assert {one.application_no: one for one in book.every(store)} == held
            for mark, then in marks:
                assert dict(book.changes_since(store, mark)) == _between(then, held)
            marks.append((book.mark(store), held))
            for number, one in held.items():
                assert book.as_of(store, number, moment) == one == book.history(store, number)[-1].record
        store.close()


def _between(then: Mapping[str, Record], now: Mapping[str, Record]) -> dict[str, Change]:
    return {
        number: Change(then.get(number), now.get(number))
        for number in then.keys() | now.keys()
        if then.get(number) != now.get(number)
    }
