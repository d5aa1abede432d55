"""Orders, kinds of fault and names of runs: what flows decide without a server."""

from __future__ import annotations

import errno
import json
import pickle
import re
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import orders, walk
from flows.faults import may_pass
from flows.names import batch_name, envelope_name, night_name
from flows.orders import ASIDE, KEPT, Order, carry_out, is_done, order_for
from flows.tables import finding_rows, night_rows, night_sentence
from pipeline.errors import (
    BadInput,
    BadRecords,
    BadSetting,
    ClusterDown,
    MissingTool,
    NoScans,
    ReportTrouble,
    SourceDown,
    StoreTrouble,
    YanzhangError,
)
from pipeline.model.judgements import FindingCode, Severity, Text
from pipeline.model.nights import Night, NightFinding
from pipeline.records import load_records
from pipeline.records.turns import taking_turns
from pipeline.settings import Settings
from pipeline.store import Arrival, Store, StoredFile
from pipeline.store.quarantine import begun, ended, never_ended, why_barred

PROGRAMME = "cciip-2023"


@pytest.mark.parametrize(
    "error", [StoreTrouble("x"), SourceDown("x"), ClusterDown("x"), httpx.ConnectError("x"), ConnectionResetError()]
)
def test_what_may_pass_is_tried_again(error: Exception) -> None:
    assert may_pass(error)


@pytest.mark.parametrize(
    "error",
    [
        BadInput("x"),
        BadSetting("x"),
        BadRecords("x"),
        NoScans("x"),
        ReportTrouble("x"),
        MissingTool("t", needed_by="n", fix="f"),
        YanzhangError("x"),
        TimeoutError(),
        ValueError(),
        OSError(errno.ENOENT, "x"),
    ],
)
def test_what_somebody_must_mend_is_never_tried_again(error: Exception) -> None:
    assert not may_pass(error)


def test_every_error_of_ours_survives_the_way_from_a_worker() -> None:
    for error in (StoreTrouble("a"), ClusterDown("b"), MissingTool("tool", needed_by="reading", fix="apt install")):
        back = pickle.loads(pickle.dumps(error))
        assert type(back) is type(error) and back.message == error.message and str(back) == str(error)


@given(st.text(min_size=1, max_size=120))
def test_a_batch_s_name_is_letters_whatever_its_folder_is_called(name: str) -> None:
    shown = batch_name(f"/scans/{name}")
    assert shown.startswith("batch-") and len(shown) <= 86
    assert not set(shown) & set(" /\\<>[](){}|`\"'\n\r\t:&;\x1b\u202e")


def test_names_of_runs() -> None:
    assert batch_name("/srv/扫描 11-27/") == "batch-扫描_11-27"
    assert batch_name("/srv/[x](javascript:alert(1))") == "batch-x_javascript_alert_1"
    assert batch_name("/") == batch_name("") == "batch-unnamed"
    assert night_name(datetime(2026, 11, 26, 18, 30, tzinfo=UTC)) == "night-2026-11-27"
    assert "\x1b" not in envelope_name("\x1b]0;x\x07.pdf")


def test_the_night_s_table_is_plain_text() -> None:
    finding = NightFinding(
        application_no="[x](javascript:alert(1))",
        envelope="<img src=x>.pdf",
        id="1",
        code=FindingCode.MISSING_SEAL,
        severity=Severity.ERROR,
        message=Text(zh="http://evil.example 缺章", en="x"),
    )
    night = Night(
        started_at=datetime(2026, 11, 27, tzinfo=UTC),
        envelopes=9,
        unchanged=7,
        new_count=1,
        resolved_count=2,
        not_received=3,
        without_record=4,
        new=(finding,),
        alarms=("the record source http://u:pw@h/ is down",),
        stuck=("[link](http://x)",),
    )
    rows = night_rows(night)
    assert {row["what"].split()[0]: row["count"] for row in rows[:6]} == {
        "新问题": 1, "已消除": 2, "未变信封": 7, "有变信封": 0, "未收到": 3, "无申报记录": 4,
    }  # fmt: skip
    told = " ".join(str(cell) for row in [*rows, *finding_rows(night)] for cell in row.values())
    assert "pw" not in told and "http://" not in told
    assert not re.search(r"(?<!\\)[\[\]<>]", told)
    assert night_sentence(night).startswith("警报 1 ALARMS")
    assert [row["what"] for row in rows[-2:]] == ["警报 ALARM", "待处理 stuck"]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("YANZHANG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("YANZHANG_WORKERS", "1")
    return Settings()


@pytest.fixture
def on_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process carries out orders as a worker of Dask would, one at a time."""
    monkeypatch.setattr(orders, "_worker_threads", lambda: 1)


def arrived(settings: Settings, name: str = "a.pdf") -> tuple[Store, Arrival]:
    store = Store(settings.home)
    path = settings.home / name
    path.write_bytes(b"no scan")
    sha256 = store.originals.put(path)
    arrival = store.arrive(name, [StoredFile(name, sha256)], sha256=sha256, split="auto", received_on=None)
    return store, arrival


def test_an_order_is_small_and_holds_no_secret(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    store, arrival = arrived(settings)
    monkeypatch.setenv("YANZHANG_DATABASE", "postgresql://u:hunter2secret@db/x")
    text = order_for(arrival, Settings(), PROGRAMME).model_dump_json()
    assert "hunter2" not in text and str(settings.home) not in text and len(text) < 1500
    assert Order.model_validate_json(text).arrival == arrival.id
    store.close()


@pytest.mark.usefixtures("on_worker")
def test_an_envelope_that_ends_its_machines_is_read_alone_and_then_no_more(settings: Settings) -> None:
    store, arrival = arrived(settings)
    order = order_for(arrival, settings, PROGRAMME)
    alone = order.model_copy(update={"alone": True})
    for _ in range(2):  # two machines that never came back
        begun(store, order.key, order.sha256)
    assert carry_out(order) == ASIDE and not is_done(store, order)
    for _ in range(2):
        begun(store, order.key, order.sha256, alone=True)
    assert carry_out(alone) == KEPT and is_done(store, order)
    assert "machine after machine" in why_barred(store, order.sha256)
    assert carry_out(order) == ASIDE  # nobody tries again unasked
    store.close()


def test_a_machine_that_comes_back_clears_an_envelope_of_suspicion(settings: Settings) -> None:
    store, arrival = arrived(settings)
    order = order_for(arrival, settings, PROGRAMME)
    begun(store, order.key, order.sha256)
    begun(store, order.key, order.sha256, alone=True)
    assert never_ended(store, order.key, order.sha256) == never_ended(store, order.key, order.sha256, alone=True) == 1
    ended(store, order.key)
    assert never_ended(store, order.key, order.sha256) == never_ended(store, order.key, order.sha256, alone=True) == 0
    assert not is_done(store, order)
    store.close()


def test_an_envelope_put_aside_comes_last_and_alone(settings: Settings) -> None:
    store, arrival = arrived(settings)
    first = order_for(arrival, settings, PROGRAMME)
    bad, good = first.model_copy(update={"name": "bad"}), first.model_copy(update={"name": "good"})
    asked: list[list[tuple[str, bool]]] = []

    def hand_out(some: list[Order]):  # type: ignore[no-untyped-def]
        asked.append([(one.name, one.alone) for one in some])
        for one in some:
            yield one, ASIDE if one.name == "bad" and len(asked) < 3 else KEPT

    assert [one.name for one in walk._carried_out([bad, good], hand_out)] == ["good", "bad"]  # type: ignore[arg-type]
    assert asked == [[("bad", False), ("good", False)], [("bad", True)], [("bad", True)]]

    def never(some: list[Order]):  # type: ignore[no-untyped-def]
        for one in some:
            yield one, ASIDE

    with pytest.raises(ClusterDown, match="ends before it has begun bad"):
        list(walk._carried_out([bad], never))  # type: ignore[arg-type]
    store.close()


@pytest.mark.usefixtures("on_worker")
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"arrival": 99}, "YANZHANG_DATABASE"),
        ({"sha256": "0" * 64}, "YANZHANG_DATABASE"),
        ({"key": "0" * 64}, "version"),
    ],
)
def test_a_worker_with_another_store_or_another_yanzhang_says_so(
    change: dict[str, object], says: str, settings: Settings
) -> None:
    store, arrival = arrived(settings)
    order = order_for(arrival, settings, PROGRAMME).model_copy(update=change)
    with pytest.raises(BadSetting, match=says):
        carry_out(order)
    store.close()


def test_who_asks_an_online_system_waits_for_a_turn(tmp_path: Path) -> None:
    turns: list[str] = []

    class Turn:
        def __enter__(self) -> None:
            turns.append("taken")

        def __exit__(self, *_: object) -> None:
            turns.append("given back")

    (tmp_path / "r.json").write_text(json.dumps([{"application_no": "1", "track": "park", "name": "x"}]))
    (tmp_path / "r.toml").write_text(f'kind = "sql"\naddress = "sqlite:///{tmp_path}/none.sqlite"\ntable = "t"\n')
    both = ["taken", "given back"]
    with taking_turns(Turn):  # type: ignore[arg-type]
        load_records(str(tmp_path / "r.json"))
        assert turns == []
        for source in ("http://127.0.0.1:9/records", str(tmp_path / "r.toml")):
            with pytest.raises(BadRecords):
                load_records(source)
    assert turns == both * 2
    with pytest.raises(BadRecords):
        load_records("http://127.0.0.1:9/records")
    assert turns == both * 2
