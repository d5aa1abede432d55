"""Reports are copied to where all may read them: a folder, or S3; evidence first, ``report.json`` last."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import BadSetting
from pipeline.report.published import place_of_reports, published
from pipeline.settings import Settings
from pipeline.store.far_place import FarPlace
from pipeline.street import reports_of
from samples.soak.pages import thick_pdf, write_records
from tests.servers import Bucket, free_port

ROOT = Path(__file__).parent.parent


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FarPlace]:
    address = str(tmp_path / "share")
    if request.param == "s3":
        s3: Bucket = request.getfixturevalue("s3")
        for name, value in s3.environment.items():
            monkeypatch.setenv(name, value)
        address = f"{s3.address}/{tmp_path.name}/reports"
    found = place_of_reports(address)
    assert found is not None
    yield found


def report(out: Path, *, evidence: dict[str, bytes], said: bytes = b"{}") -> Path:
    (out / "evidence").mkdir(parents=True, exist_ok=True)
    for name, data in evidence.items():
        (out / "evidence" / name).write_bytes(data)
    for name in ("report.html", "report.xlsx", "report.json"):
        (out / name).write_bytes(said)
    return out


def there(place: FarPlace, name: str) -> bytes:
    return bytes(place.asked(lambda fs, root: fs.cat_file(f"{root}/{name}")))


LONG_AGO, SOON = datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=1)


def test_all_of_it_is_there_and_report_json_comes_last(
    place: FarPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = report(tmp_path / "夜 1", evidence={"a.png": b"one", "b.png": b"two"}, said=b'{"a": 1}')
    sent: list[str] = []
    send = place.send
    monkeypatch.setattr(place, "send", lambda path, name: (sent.append(name), send(path, name)))
    assert published(out, place, since=LONG_AGO) == ()
    assert sent == [f"夜 1/{name}" for name in ("evidence/a.png", "evidence/b.png", *reports())]
    for path in (*(out / "evidence").iterdir(), *(out / name for name in reports())):
        assert there(place, f"夜 1/{path.relative_to(out)}") == path.read_bytes()
    assert not [name for name, _ in place.listed("夜 1") if "incoming" in name]


def reports() -> tuple[str, ...]:
    return "report.html", "report.xlsx", "report.json"


def test_pictures_of_earlier_nights_are_not_sent_again(
    place: FarPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = report(tmp_path / "night", evidence={"old.png": b"old", "again.png": b"once", "lost.png": b"lost"})
    assert published(out, place, since=LONG_AGO) == ()
    place.asked(lambda fs, root: fs.rm_file(f"{root}/night/evidence/lost.png"))
    (out / "evidence" / "again.png").write_bytes(b"another")
    (out / "evidence" / "new.png").write_bytes(b"new")
    sent: list[str] = []
    send = place.send
    monkeypatch.setattr(place, "send", lambda path, name: (sent.append(name), send(path, name)))
    assert published(out, place, since=SOON) == ()
    assert sent[:3] == [f"night/evidence/{name}.png" for name in ("again", "lost", "new")]
    assert published(out, place, since=LONG_AGO) == ()  # drawn in this very run: sent, whatever lies there
    assert len(sent) == 3 + 3 + 4 + 3


def test_a_place_that_is_down_is_a_sentence_and_the_report_is_whole(
    s3: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**s3.environment, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}.items():
        monkeypatch.setenv(name, value)
    out = report(tmp_path / "night", evidence={"a.png": b"one"})
    (said,) = published(out, place_of_reports(f"{s3.address}/r"), since=LONG_AGO)
    assert f"the report in {out} was not copied: the place of reports {s3.address}/r cannot be used now" in said
    assert "AWS_ENDPOINT_URL" in said and said.endswith("the report itself is whole")


def test_nowhere_is_nothing() -> None:
    assert published(Path("nowhere"), place_of_reports(""), since=LONG_AGO) == ()


def test_what_is_no_address_is_said_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadSetting, match=r"YANZHANG_REPORTS must be a folder or an address like s3://"):
        reports_of(Settings(reports="s3://"))
    with pytest.raises(BadSetting, match="YANZHANG_REPORTS holds a key"):
        reports_of(Settings(reports="s3://key:secret@bucket/x"))
    with pytest.raises(BadSetting, match="YANZHANG_REPORTS refers to the variable NOT_SET"):
        reports_of(Settings(reports="env:NOT_SET"))


@pytest.mark.slow
def test_a_batch_and_a_night_are_copied_as_their_users_run_them(
    tmp_path: Path, s3: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "batch").mkdir()
    thick_pdf(tmp_path / "batch" / "a.pdf", 1, 1)
    write_records(tmp_path / "r.json")
    address = f"{s3.address}/{tmp_path.name}"
    given = {**os.environ, **s3.environment, "YANZHANG_HOME": str(tmp_path / "home"), "YANZHANG_REPORTS": address}

    def run(command: str, out: str, *more: str, **changed: str) -> subprocess.CompletedProcess[str]:
        told = [sys.executable, "-m", "pipeline.cli", command, *more, "--records", str(tmp_path / "r.json")]
        return subprocess.run(
            [*told, "--out", str(tmp_path / out)],
            env=given | changed,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    assert run("process", "day", str(tmp_path / "batch")).returncode == 0
    assert run("reconcile", "night").returncode == 0
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    place = place_of_reports(address)
    assert place is not None
    for folder in ("day", "night"):
        mine = json.loads((tmp_path / folder / "report.json").read_text())
        assert json.loads(there(place, f"{folder}/report.json")) == mine
        named = {path.name for path in (tmp_path / folder / "evidence").glob("*.png")}
        assert {name for name, _ in place.listed(f"{folder}/evidence")} == named
    down = run("reconcile", "night", AWS_ENDPOINT_URL=f"http://127.0.0.1:{free_port()}")
    assert down.returncode == 3 and "was not copied" in down.stderr and "Traceback" not in down.stderr
