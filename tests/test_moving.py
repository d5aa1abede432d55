"""From the laptop to the office server and back: a backup of one is restored into the other, and nothing differs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from servers import Bucket
from store_places import filled, record, write_records

from pipeline.errors import BadInput, BadSetting, StoreTrouble
from pipeline.forgetting import forget
from pipeline.model import Decision, FindingCode
from pipeline.settings import Settings
from pipeline.store import Imprint, Store, StoredFile, Twin, add_decision, all_decisions, store_of
from pipeline.store.backup import back_up, restore
from pipeline.store.imprints import keep_imprints
from pipeline.store.quarantine import strike
from pipeline.store.tables import metadata

NUMBERS = (1, 2, 3)


def season(store: Store, batch: Path) -> Store:
    """Something in every table, and a number that was given and forgotten."""
    filled(store, batch, NUMBERS)
    store.keep_records(json.dumps([record(n) for n in NUMBERS]).encode())
    arrivals = store.arrivals()
    numbers = [json.dumps({"application_no": record(n)["application_no"]}).encode() for n in NUMBERS]
    store.keep_judgements([(a.name, a.id, "d", told) for a, told in zip(arrivals, numbers, strict=True)])
    key, other = arrivals[0].reading_key, arrivals[1].reading_key
    keep_imprints(store, key, [Imprint(key, "1:1", "公章", "ff", b"ink")], [Twin(key, "1:1", other, "1:1", "same")])
    store.keep_sayings("e", {key: b"[]"})
    strike(store, key, arrivals[0].sha256, 0, "it died")
    said = Decision(
        finding="f", kind="overruled", by="甲", at=datetime(2023, 10, 1, tzinfo=UTC), envelope=arrivals[0].name,
        sha256=arrivals[0].sha256, code=FindingCode.MISSING_SEAL, rule="r",
    )  # fmt: skip
    add_decision(store, said)
    gone = store.arrive("gone.pdf", [StoredFile("gone.pdf", "0" * 64)], sha256="0" * 64, split="auto", received_on=None)
    with store.writing() as db:
        db.execute(metadata.tables["arrivals"].delete().where(metadata.tables["arrivals"].c.id == gone.id))
    return store


def told(store: Store) -> dict[str, object]:
    """Every row of every table, and every original with its bytes."""
    rows: dict[str, object] = {}
    with store.looking() as db:
        for table in metadata.sorted_tables:
            if not table.info:
                rows[table.name] = [tuple(r) for r in db.execute(table.select().order_by(*table.primary_key.columns))]
    found = {}
    for sha256, size in store.originals.listed():
        with store.originals.local(sha256) as path:
            found[sha256] = (size, path.read_bytes())
    return {**rows, "originals": found}


def next_number(store: Store) -> int:
    return store.arrive(
        "new.pdf", [StoredFile("new.pdf", "1" * 64)], sha256="1" * 64, split="auto", received_on=None
    ).id


def test_from_the_laptop_to_the_server_and_back(tmp_path: Path, postgres: str, s3: Bucket) -> None:
    laptop = season(Store(tmp_path / "laptop"), tmp_path / "batch")
    before = told(laptop)
    there = {name for name, rows in before.items() if rows}
    assert there >= {"arrivals", "readings", "snapshots", "judgements", "imprints", "twins", "sayings", "quarantine"}
    assert there >= {"decisions", "originals"}
    back_up(laptop, tmp_path / "one.tar")
    office = Settings(home=tmp_path / "office", database=SecretStr(postgres), originals=f"{s3.address}/season")
    restore(tmp_path / "one.tar", lambda: store_of(office))
    server = store_of(office)
    assert told(server) == before
    with pytest.raises(BadInput, match=r"is not empty .* name an empty one in YANZHANG_DATABASE"):
        restore(tmp_path / "one.tar", lambda: store_of(office))
    done = back_up(server, tmp_path / "two.tar")
    assert (done.problems, done.manifest.arrivals, len(done.manifest.members)) == ((), 3, 4)
    restore(tmp_path / "two.tar", tmp_path / "again")
    again = Store(tmp_path / "again")
    assert told(again) == before
    # No number is given twice, not even one that was forgotten before the move.
    assert next_number(server) == next_number(again) == next_number(laptop) == 5
    assert add_decision(server, all_decisions(server)[0]).id == 2
    with pytest.raises(StoreTrouble, match="only added to"), again.writing() as db:
        db.exec_driver_sql("UPDATE decisions SET kind = 'confirmed'")


def test_the_commands_move_it_too(tmp_path: Path, postgres: str, s3: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from pipeline.cli import app

    filled(Store(tmp_path / "laptop"), tmp_path / "batch", NUMBERS)
    monkeypatch.setenv("YANZHANG_HOME", str(tmp_path / "laptop"))
    assert CliRunner().invoke(app, ["backup", str(tmp_path / "one.tar")]).exit_code == 0
    monkeypatch.setenv("YANZHANG_HOME", str(tmp_path / "office"))
    monkeypatch.setenv("YANZHANG_DATABASE", postgres)
    monkeypatch.setenv("YANZHANG_ORIGINALS", f"{s3.address}/season")
    assert CliRunner().invoke(app, ["restore", str(tmp_path / "one.tar")]).exit_code == 0
    records = write_records(tmp_path / "records.json", NUMBERS)
    arguments = ["reconcile", "--records", str(records), "--out", str(tmp_path / "out")]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [e["application_no"] for e in report["envelopes"]] == [record(n)["application_no"] for n in NUMBERS]
    assert not (tmp_path / "office" / "yanzhang.sqlite3").exists()


def test_a_backup_lacks_what_is_damaged_and_says_so(tmp_path: Path, postgres: str, s3: Bucket) -> None:
    store = season(Store(tmp_path / "home", database=postgres, originals=s3.address), tmp_path / "batch")
    rotten, gone = (a.files[0].sha256 for a in store.arrivals()[:2])
    fs, root = store.originals._connected()  # type: ignore[attr-defined]
    size = store.originals.size(rotten)
    fs.pipe_file(f"{root}/{rotten[:2]}/{rotten}", b"x" * size)
    fs.rm_file(f"{root}/{gone[:2]}/{gone}")
    done = back_up(store, tmp_path / "one.tar")
    assert len(done.problems) == 2
    assert all("is missing or damaged in the store" in problem for problem in done.problems)
    assert len(done.manifest.members) == 2
    restore(tmp_path / "one.tar", tmp_path / "again")
    assert len(Store(tmp_path / "again").arrivals()) == 3


def test_a_restore_that_s3_ends_leaves_an_empty_store_and_the_next_one_finishes(
    tmp_path: Path, postgres: str, s3: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(season(Store(tmp_path / "laptop"), tmp_path / "batch"), tmp_path / "one.tar")
    from pipeline.store.far import FarOriginals

    put, sent = FarOriginals._sent, []

    def once(self: FarOriginals, path: Path, sha256: str) -> None:
        if sent:
            raise StoreTrouble("S3 is away")
        sent.append(sha256)
        put(self, path, sha256)

    store = Store(tmp_path / "office", database=postgres, originals=s3.address)
    with monkeypatch.context() as patch:
        patch.setattr(FarOriginals, "_sent", once)
        with pytest.raises(StoreTrouble, match="S3 is away"):
            restore(tmp_path / "one.tar", lambda: store)
    assert not any(store.counts().values())
    assert not list((tmp_path / "office").glob(".restore-*"))
    restore(tmp_path / "one.tar", lambda: store)
    assert told(store) == told(Store(tmp_path / "laptop"))


def test_forget_removes_rows_objects_and_copies(tmp_path: Path, postgres: str, s3: Bucket) -> None:
    store = season(Store(tmp_path / "home", database=postgres, originals=f"{s3.address}/p"), tmp_path / "batch")
    one, two, _ = store.arrivals()
    mine, others = one.files[0].sha256, two.files[0].sha256
    done = forget(store, ["CCIIP2023S00001"])
    counts = done.counts
    assert [note.partition(" ")[0] for note in done.notes] == ["reports", "the", "old"]
    assert (counts["arrivals"], counts["readings"], counts["originals"]) == (1, 1, 1)
    assert (counts["quarantine"], counts["twins"], counts["sayings"]) == (1, 1, 1)
    assert (store.originals.size(mine), store.originals.path(mine).exists()) == (0, False)
    assert store.originals.size(others)
    with store.looking() as db:
        for table in metadata.sorted_tables:
            assert "CCIIP2023S00001" not in str(db.execute(table.select()).all()), table.name
            assert mine not in str(db.execute(table.select()).all()) or table.name == "decisions"
    assert [a.name for a in store.arrivals()] == ["env-0002.pdf", "env-0003.pdf"]


def test_what_one_store_forgets_is_not_anothers(tmp_path: Path, postgres: str, s3: Bucket) -> None:
    office = season(Store(tmp_path / "home", database=postgres, originals=f"{s3.address}/p"), tmp_path / "batch")
    trial = Store(tmp_path / "trial", originals=f"{s3.address}/p")
    with pytest.raises(BadSetting, match="belong to another store: name another prefix in YANZHANG_ORIGINALS"):
        trial.originals.put(tmp_path / "batch" / "env-0001.pdf")
    with pytest.raises(BadSetting, match="belong to another store"):
        forget(trial, before=datetime(2100, 1, 1).date())
    assert len(list(office.originals.listed())) == 3
