"""The offline look at advisories (``make advisories DB=folder``), on made-up ones."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent

LOCK = """\
good-package==2.0.0 \\
    --hash=sha256:00
Weak.Package==1.5 ; sys_platform == 'linux' \\
    --hash=sha256:00
odd[extra]==3.0.post1
"""


def osv(name: str, number: str = "X-1", **more: object) -> str:
    """An advisory as OSV writes it."""
    affected = {"package": {"name": name, "ecosystem": more.pop("ecosystem", "PyPI")}}
    for key in ("ranges", "versions"):
        if key in more:
            affected[key] = more.pop(key)  # type: ignore[assignment]
    return json.dumps({"id": number, "modified": "2026-01-02T00:00:00Z", "affected": [affected], **more})


def between(*events: tuple[str, str], kind: str = "ECOSYSTEM") -> list[dict[str, object]]:
    return [{"type": kind, "events": [{name: version} for name, version in events]}]


def ask(tmp_path: Path, *files: str, suffix: str = "yaml") -> subprocess.CompletedProcess[str]:
    (tmp_path / "db" / "vulns").mkdir(parents=True)
    for number, text in enumerate(files):
        written = text if suffix == "json" else yaml.safe_dump(json.loads(text))
        (tmp_path / "db" / "vulns" / f"{number}.{suffix}").write_text(written)
    (tmp_path / "lock").write_text(LOCK)
    command = [sys.executable, str(ROOT / ".ci" / "advisories"), str(tmp_path / "db"), str(tmp_path / "lock")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


INSIDE = between(("introduced", "0"), ("fixed", "1.6"))


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_a_covered_version_is_named_with_its_aliases_and_the_way_out(tmp_path: Path, suffix: str) -> None:
    hit = osv("weak_package", ranges=INSIDE, aliases=["CVE-2026-1"], details="It  leaks.\nBadly.")
    done = ask(tmp_path, hit, osv("other", ranges=INSIDE), suffix=suffix)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "weak-package 1.5: CVE-2026-1, X-1: mended in 1.6: It leaks. Badly."
    assert "(the newest of 2026-01-02): 1 cover one" in done.stdout


@pytest.mark.parametrize(
    ("hit", "more"),
    [
        (True, {"versions": ["1.4", "1.5.0"]}),
        (False, {"versions": ["1.4", "1.6"]}),
        (True, {"ranges": between(("introduced", "1.0"), ("last_affected", "1.5"))}),
        (False, {"ranges": between(("introduced", "1.0"), ("last_affected", "1.4.9"))}),
        (False, {"ranges": between(("introduced", "0"), ("fixed", "1.5"))}),
        (False, {"ranges": between(("introduced", "1.6"))}),
        (
            True,
            {"ranges": between(("introduced", "0"), ("fixed", "1.2"), ("introduced", "1.5rc1"), ("fixed", "1.5.1"))},
        ),
        (False, {"ranges": between(("introduced", "0"), ("fixed", "1.2"), ("introduced", "1.5.1"), ("fixed", "2"))}),
        (False, {"ranges": between(("introduced", "0"), kind="GIT")}),
        (False, {"ranges": INSIDE, "withdrawn": "2026-02-01T00:00:00Z"}),
        (False, {"ranges": INSIDE, "ecosystem": "npm"}),
        (False, {"ranges": between(("introduced", "no version"), ("fixed", "1.6"))}),
    ],
)
def test_what_covers_a_version(tmp_path: Path, hit: bool, more: dict[str, object]) -> None:
    done = ask(tmp_path, osv("Weak-Package", **more))
    assert done.returncode == int(hit), done.stdout + done.stderr


def test_one_weakness_under_two_numbers_is_named_once(tmp_path: Path) -> None:
    first = osv("weak-package", "PYSEC-1", ranges=INSIDE, aliases=["CVE-1"])
    second = osv("weak-package", "GHSA-1", ranges=between(("introduced", "1")), aliases=["CVE-1"])
    third = osv("odd", "PYSEC-2", versions=["3.0.post1"])
    done = ask(tmp_path, first, second, third)
    assert [line.split(": mended")[0] for line in done.stdout.splitlines()[:2]] == [
        "odd 3.0.post1: PYSEC-2: no mended version is named: ",
        "weak-package 1.5: CVE-1, GHSA-1, PYSEC-1",
    ]


def test_a_folder_without_advisories_is_wrong_usage(tmp_path: Path) -> None:
    assert ask(tmp_path).returncode == 2
    command = [sys.executable, str(ROOT / ".ci" / "advisories")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2


def test_the_lock_of_this_project_is_understood(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(json.loads(osv("nothing-of-ours", ranges=INSIDE))))
    command = [sys.executable, str(ROOT / ".ci" / "advisories"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.startswith("0 advisories")
