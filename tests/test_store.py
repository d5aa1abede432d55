"""Originals and database: nothing lost, nothing twice, private, durable."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import BadSetting, UnreadableScan
from pipeline.readers import largest_first
from pipeline.store import Originals, Store, StoredFile, write_atomically


def test_same_bytes_are_stored_once(tmp_path: Path) -> None:
    one, two = tmp_path / "a.pdf", tmp_path / "b.pdf"
    one.write_bytes(b"scan")
    two.write_bytes(b"scan")
    originals = Originals(tmp_path / "originals")
    assert originals.put(one) == originals.put(two)
    kept = [p for p in (tmp_path / "originals").rglob("*") if p.is_file()]
    assert [p.read_bytes() for p in kept] == [b"scan"]
    assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600


def test_a_source_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    originals = Originals(tmp_path / "originals")
    with pytest.raises(UnreadableScan, match="gone"):
        originals.put(tmp_path / "gone.pdf")
    assert [p for p in (tmp_path / "originals").rglob("*") if p.is_file()] == []


@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=3000))
def test_write_atomically_replaces_whole(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("atomic") / "report.json"
    path.write_bytes(b"before")
    write_atomically(path, data)
    assert path.read_bytes() == data
    assert list(path.parent.iterdir()) == [path]


def arrive(store: Store, name: str, received_on: date | None = None) -> int:
    return store.arrive(name, [StoredFile(name, "0" * 64)], sha256="0" * 64, split="auto", received_on=received_on).id


def test_the_same_arrival_twice_is_one(tmp_path: Path, database: str) -> None:
    store = Store(tmp_path, database=database)
    first = arrive(store, "a.pdf")
    assert arrive(store, "b.pdf") != first
    assert arrive(Store(tmp_path, database=database), "a.pdf") == first
    assert [a.name for a in store.arrivals()] == ["a.pdf", "b.pdf"]


def test_a_new_date_replaces_the_old_and_none_keeps_it(tmp_path: Path, database: str) -> None:
    store = Store(tmp_path, database=database)
    arrive(store, "a.pdf", date(2023, 9, 20))
    arrive(store, "a.pdf")
    assert store.arrivals()[0].received_on == date(2023, 9, 20)
    arrive(store, "a.pdf", date(2023, 9, 29))
    assert store.arrivals()[0].received_on == date(2023, 9, 29)


def test_readings_snapshots_and_judgements_come_back(tmp_path: Path, database: str) -> None:
    store = Store(tmp_path, database=database)
    assert store.reading("k") is None
    assert store.records() is None
    store.keep_reading("k", b"first")
    store.keep_reading("k", b"second")
    assert store.reading("k") == b"first"
    store.keep_records(b"[1]")
    store.keep_records(b"[2]")
    assert store.records() == b"[2]"
    store.keep_judgements([("a.pdf", 1, "d1", b"x")])
    store.keep_judgements([("a.pdf", 1, "d2", b"y"), ("a.pdf#2", 1, "d3", b"z")])
    assert store.judgements() == {("a.pdf", 1): ("d2", b"y"), ("a.pdf#2", 1): ("d3", b"z")}


def test_a_home_that_is_a_file_is_said_in_one_sentence(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("")
    with pytest.raises(BadSetting, match="YANZHANG_HOME"):
        Store(home)


def test_the_largest_arrivals_are_read_first(tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    arrivals = []
    for name, size in (("small", 3), ("large", 4000), ("middle", 50)):
        path = tmp_path / name
        path.write_bytes(name[:1].encode() * size)
        sha256 = store.originals.put(path)
        arrivals.append(store.arrive(name, [StoredFile(name, sha256)], sha256=sha256, split="auto", received_on=None))
    assert [a.name for a in largest_first(store, arrivals)] == ["large", "middle", "small"]
    assert store.originals.size("0" * 64) == 0
