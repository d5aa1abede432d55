"""Every test that docs/SECURITY.md and docs/RELIABILITY.md name is there; what is promised elsewhere is marked so."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMED = re.compile(r"`(tests/test_\w+\.py)::(\w+)(?:\[[^`]*\])?`")
LATER = "TODO-lead"  # a row that waits for another branch


def named_in(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def cells(document: str) -> list[str]:
    """The last cell of each row of a table that names tests; of a cell that waits, only what stands before the mark."""
    lines = (ROOT / "docs" / document).read_text(encoding="utf-8").splitlines()
    return [line.partition(LATER)[0] for line in lines if line.startswith("|")]


@pytest.mark.parametrize("document", ["SECURITY.md", "RELIABILITY.md"])
def test_every_test_that_is_named_is_there(document: str) -> None:
    if not (ROOT / "docs" / document).exists():
        pytest.skip(f"docs/{document} is not written yet")
    named = [found for cell in cells(document) for found in NAMED.findall(cell)]
    assert document != "SECURITY.md" or len(named) > 40
    for file, name in named:
        assert (ROOT / file).is_file(), f"docs/{document} names {file}"
        assert name in named_in(ROOT / file), f"docs/{document} names {file}::{name}"


def test_every_threat_has_a_test() -> None:
    lines = (ROOT / "docs" / "SECURITY.md").read_text(encoding="utf-8").split("## Threats")[1].splitlines()
    rows = [line.split("|")[1:-1] for line in lines if line.startswith("|")][2:]
    threats = [row for row in rows if not row[0].strip().startswith("**")]
    assert len(threats) > 25
    for threat in threats:
        assert len(threat) == 3 and threat[1].strip(), threat
        assert NAMED.search(threat[2]) or LATER in threat[2], threat[0]
