"""``yanzhang tell`` and the telling of ``yanzhang reconcile``, as they are used; the morning look after a bad night."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.doctor import examine
from pipeline.errors import StoreTrouble
from pipeline.model import FindingCode, Severity, Text
from pipeline.model.nights import Night, NightFinding
from pipeline.settings import Settings
from pipeline.store import Store, nights
from pipeline.telling import tell as telling
from pipeline.telling.digest import of_night
from pipeline.telling.nightly import kept_night
from pipeline.telling.shapes import as_text
from tests.telling_servers import Robot, robot, wecom

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(telling, "PAUSE", 0.01)
    monkeypatch.setenv("YANZHANG_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    records = [{"application_no": f"CCIIP2023S0000{n}", "track": "supplier", "name": f"某{n}有限公司"} for n in (1, 2)]
    (tmp_path / "records.json").write_text(json.dumps(records))
    return tmp_path


def yanzhang(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["yanzhang", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def by_robot(monkeypatch: pytest.MonkeyPatch, server: Robot) -> None:
    monkeypatch.setenv("YANZHANG_TELL__WECOM_URL", f"{server.address}/send?key=the-key")


def content(server: Robot) -> list[str]:
    return [str(message["markdown"]["content"]) for message in server.got]


def reconcile(place: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> int:
    return yanzhang(
        monkeypatch, "reconcile", "--records", str(place / "records.json"), "--out", str(place / "out"), *more
    )


def test_the_night_is_told_at_its_end_and_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with robot(judge=wecom) as server:
        by_robot(monkeypatch, server)
        assert reconcile(place, monkeypatch) == 0
        [said] = content(server)
        assert "今夜无变化" in said
        assert "未收到 **2**" in said
        assert yanzhang(monkeypatch, "tell") == 0
        assert len(server.got) == 1
        assert yanzhang(monkeypatch, "tell", "--again") == 0
        assert len(server.got) == 2
        assert reconcile(place, monkeypatch, "--no-tell") == 0
        assert len(server.got) == 2


def test_a_channel_that_fails_never_fails_the_night(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with robot(answers=[(500, b"")]) as server:
        by_robot(monkeypatch, server)
        assert reconcile(place, monkeypatch) == 0
        said = capfd.readouterr().err
        assert "wecom (127.0.0.1) answered with status 500" in said
        assert "run yanzhang tell to try again" in said
        assert "the-key" not in said
        assert yanzhang(monkeypatch, "tell") == 3
        server.answers = [(200, b'{"errcode":0}')]
        assert yanzhang(monkeypatch, "tell") == 0
    monkeypatch.setenv("YANZHANG_TELL__WECOM_URL", "http://nobody.example/?key=the-key-2")
    assert reconcile(place, monkeypatch) == 0  # a setting that is wrong costs the telling, not the night
    said = capfd.readouterr().err
    assert "YANZHANG_TELL__WECOM_URL is no address" in said
    assert "the-key-2" not in said


def test_a_night_that_failed_is_an_alarm_in_the_morning_and_in_the_next_digest(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with robot(judge=wecom) as server:
        by_robot(monkeypatch, server)
        assert yanzhang(monkeypatch, "tell", "--check") == 3  # no night has ever run
        monkeypatch.delenv("YANZHANG_TELL__WECOM_URL")
        assert reconcile(place, monkeypatch) == 0
        assert yanzhang(monkeypatch, "tell", "--check") == 0
        assert "已按时完成" in capfd.readouterr().out
        shutil.rmtree(place / "out")
        (place / "out").write_text("in the way")
        assert reconcile(place, monkeypatch) == 1
        assert yanzhang(monkeypatch, "tell", "--check") == 3
        assert "nobody is to be told" in capfd.readouterr().err
        by_robot(monkeypatch, server)
        assert yanzhang(monkeypatch, "tell", "--check") == 3
        assert len(server.got) == 1  # one alarm a day
        assert yanzhang(monkeypatch, "tell", "--check", "--again") == 3
        assert "没有完成" in content(server)[-1]
        assert "cannot be written" in content(server)[-1]
        (place / "out").unlink()
        assert reconcile(place, monkeypatch) == 0
        assert "没有完成" in content(server)[-1]
        assert "【告警】" in content(server)[-1]
        assert reconcile(place, monkeypatch) == 0
        assert "【告警】" not in content(server)[-1]


def test_a_night_that_was_killed_is_an_alarm(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import os, time; from pathlib import Path; from pipeline.store import Store\n"
        "from pipeline.telling.nightly import kept_night\n"
        "with kept_night(Store(Path(os.environ['YANZHANG_HOME'])), 'p'): print('in', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline()
    with robot(judge=wecom) as server:
        by_robot(monkeypatch, server)
        assert yanzhang(monkeypatch, "tell", "--check") == 3
        assert "可能仍在运行" in content(server)[-1]
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert yanzhang(monkeypatch, "tell", "--check", "--again") == 3
        assert "它的进程已不在" in content(server)[-1]


def test_a_store_that_cannot_be_used_is_an_alarm_too(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "home").write_text("a file where the store should be")
    with robot(judge=wecom) as server:
        by_robot(monkeypatch, server)
        assert yanzhang(monkeypatch, "tell", "--check") == 3
        assert "存储现在不能使用" in content(server)[-1]


def test_what_ends_a_night_early_is_kept_and_goes_on(place: Path) -> None:
    store = Store(place / "home")
    faults: list[BaseException] = [
        StoreTrouble("the disk is full: make room"),
        KeyboardInterrupt(),
        ValueError("odd\n"),
    ]
    said = []
    for fault in faults:
        with pytest.raises(type(fault)), kept_night(store, "p"):
            raise fault
        kept = nights.last(store)
        assert kept is not None
        said.append(kept.problem)
    assert said[:2] == ["the disk is full: make room", "it was stopped by hand, or with its machine"]
    assert said[2].startswith("a fault of the program: ValueError odd")


def test_findings_are_told_by_the_department_of_their_record(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = json.loads((place / "records.json").read_text())
    records[0]["commerce_department"] = "杭州市商务局"
    (place / "records.json").write_text(json.dumps(records))
    assert reconcile(place, monkeypatch) == 0
    store, numbers = Store(place / "home"), ("CCIIP2023S00001", "CCIIP2023S00002", None)
    text, late, bad = Text(zh="", en=""), FindingCode.LATE_SUBMISSION, Severity.ERROR
    new = tuple(
        NightFinding(application_no=number, id=str(number), code=late, severity=bad, message=text) for number in numbers
    )
    with kept_night(store, "p") as night:
        night.came_to = Night(started_at=night.started_at, new_count=3, new=new)
    kept = nights.last_finished(store)
    assert kept is not None
    assert [one.department for one in kept.night.new] == ["杭州市商务局", "", ""]
    assert "1 × 杭州市商务局" in as_text(of_night(kept))


def test_a_test_and_a_look_at_what_would_be_sent(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert yanzhang(monkeypatch, "tell", "--test") == 1
    assert "nobody is to be told" in capfd.readouterr().err
    assert yanzhang(monkeypatch, "tell") == 1
    assert "run yanzhang reconcile" in capfd.readouterr().err
    assert yanzhang(monkeypatch, "tell", "--test", "--check") == 2
    with robot(judge=wecom) as server:
        by_robot(monkeypatch, server)
        assert yanzhang(monkeypatch, "tell", "--test", "--dry-run") == 0
        assert server.got == []
        assert "wecom" in capfd.readouterr().err
        assert yanzhang(monkeypatch, "tell", "--test") == 0
        assert yanzhang(monkeypatch, "tell", "--test") == 0  # as often as one likes
        assert len(server.got) == 2


def test_doctor_names_who_is_told_and_what_is_set_by_half(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def said() -> list[tuple[str, str]]:
        return [(item.state, item.says) for item in examine(Settings()) if item.name == "telling"]

    monkeypatch.setattr("pipeline.doctor._reader", lambda _: "not looked at here")
    assert said() == [("good", "nobody is told of nights")]
    monkeypatch.setenv("YANZHANG_TELL__SMTP_HOST", "mail.example")
    assert said()[0][0] == "bad"
    monkeypatch.setenv("YANZHANG_TELL__MAIL_TO", "a@b.example")
    monkeypatch.setenv("YANZHANG_TELL__MAIL_FROM", "c@b.example")
    monkeypatch.setenv("YANZHANG_TELL__SMTP_SECURITY", "none")
    assert [state for state, _ in said()] == ["good", "weak"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("TELL", "geheim-7"), ("TELL__SMTP_PORT", "geheim-7"), ("TELL__MAIL_TO", "geheim-7"), ("BOUNDS", "geheim-7")],
)
def test_settings_that_cannot_be_read_are_one_sentence_without_them(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"YANZHANG_{name}", value)
    assert yanzhang(monkeypatch, "tell", "--test") == 1
    said = capfd.readouterr().err
    assert len(said.splitlines()) == 1
    assert "YANZHANG_" in said
    assert "geheim-7" not in said
