"""Two machines, one PostgreSQL, one S3: what one took in and read, the other judges and shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from servers import Bucket
from store_places import ROOT, drawn, write_records

from pipeline.settings import Settings
from pipeline.store import store_of


def run(home: Path, postgres: str, s3: Bucket, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("YANZHANG_")},
        **s3.environment,
        "YANZHANG_HOME": str(home),
        "YANZHANG_WORKERS": "1",
        "YANZHANG_DATABASE": "env:SEASON",
        "YANZHANG_ORIGINALS": f"{s3.address}/season",
        "SEASON": postgres.replace("yanzhang@", "yanzhang:hunter2@"),  # this server lets in whoever comes
    }
    command = [sys.executable, "-m", "pipeline.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)


def test_one_takes_in_and_reads_the_other_judges_and_shows(tmp_path: Path, postgres: str, s3: Bucket) -> None:
    drawn(tmp_path / "batch" / "env.pdf", "application CCIIP2023S00001")
    records = write_records(tmp_path / "records.json", [1])
    place = ("--records", str(records), "--out")
    # A spawned process reads: it opens the same store by the settings that it was given.
    first = run(tmp_path / "one", postgres, s3, "process", str(tmp_path / "batch"), *place, str(tmp_path / "a"))
    assert first.returncode == 0, first.stderr
    second = run(tmp_path / "two", postgres, s3, "reconcile", *place, str(tmp_path / "b"))
    assert second.returncode == 0, second.stderr
    one, two = (json.loads((tmp_path / out / "report.json").read_text()) for out in ("a", "b"))
    assert [e["envelope"] for e in one["envelopes"]] == [e["envelope"] for e in two["envelopes"]] == ["env.pdf"]
    shown = run(tmp_path / "two", postgres, s3, "process", str(tmp_path / "batch"), *place, str(tmp_path / "c"))
    assert shown.returncode == 0, shown.stderr
    three = json.loads((tmp_path / "c" / "report.json").read_text())

    def told(report: dict[str, list[dict[str, object]]]) -> list[tuple[object, object]]:
        return [(e["verdict"], [f["id"] for f in e.get("findings", [])]) for e in report["envelopes"]]  # type: ignore[attr-defined]

    assert told(three) == told(one)
    said = "".join(done.stdout + done.stderr for done in (first, second, shown))
    assert "hunter2" not in said + (tmp_path / "a" / "report.json").read_text()
    for home in ("one", "two"):
        assert not (tmp_path / home / "yanzhang.sqlite3").exists()
        assert not (tmp_path / home / "originals").exists()
    with store_of(Settings(home=tmp_path / "one", database=postgres)).looking() as db:  # type: ignore[arg-type]
        assert db.exec_driver_sql("SELECT count(*) FROM leases").scalar_one() == 0
        assert db.exec_driver_sql("SELECT count(*) FROM readings").scalar_one() == 1
