"""What must hold in a store and a report folder at any moment, even right after a SIGKILL."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

__all__ = ["leftovers", "problems_of", "report_of"]


def problems_of(home: Path, out: Path, envelopes: int) -> list[str]:
    """Sentences on what does not hold; none where all does.

    :param envelopes: how many the batch has: there can be no more arrivals
    """
    return [*_store(home, envelopes), *_report(out)]


def report_of(out: Path) -> dict[str, Any]:
    """The report without the time it was made."""
    report: dict[str, Any] = json.loads((out / "report.json").read_text())
    report.pop("generated_at")
    return report


def leftovers(home: Path, out: Path) -> list[str]:
    """Temporaries and claims that an undisturbed run should not leave."""
    temporary = [p for folder in (home, out) for p in folder.rglob(".*") if p.is_file()]
    claims = [p for p in (home / "claims").rglob("*") if p.is_file()] if (home / "claims").is_dir() else []
    return [str(p) for p in (*temporary, *claims)]


def _store(home: Path, envelopes: int) -> list[str]:
    if not (home / "yanzhang.sqlite3").exists():
        return []
    with tempfile.TemporaryDirectory() as folder:  # looked at as it was left, which is as it stays
        for path in home.glob("yanzhang.sqlite3*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, folder)
        with sqlite3.connect(Path(folder) / "yanzhang.sqlite3") as db:
            said = db.execute("PRAGMA integrity_check").fetchone()[0]
            made = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            arrivals = db.execute("SELECT name, sha256, files FROM arrivals").fetchall() if "arrivals" in made else []
        db.close()
    found = [] if said == "ok" else [f"integrity_check: {said}"]
    names = [name for name, _, _ in arrivals]
    if len(set(names)) < len(names) or len(names) > envelopes:
        found.append(f"an arrival twice: {names}")
    for _, _, files in arrivals:
        found += [p for name, sha256 in json.loads(files) if (p := _original(home, name, sha256))]
    return found


def _original(home: Path, name: str, sha256: str) -> str:
    path = home / "originals" / sha256[:2] / sha256
    if not path.is_file():
        return f"the original of {name} is not there"
    return "" if hashlib.sha256(path.read_bytes()).hexdigest() == sha256 else f"the original of {name} is damaged"


def _report(out: Path) -> list[str]:
    path = out / "report.json"
    if not path.exists():
        return []
    try:
        report = json.loads(path.read_text())
    except ValueError as error:
        return [f"report.json is not whole: {error}"]
    named = [f["evidence"] for e in report["envelopes"] for f in e.get("findings", []) if f.get("evidence")]
    gone = [f"{name} is named in the report and not there" for name in named if not (out / name).is_file()]
    return gone + [
        f"{n} is not there beside report.json" for n in ("report.html", "report.xlsx") if not (out / n).exists()
    ]
