"""Every pitfall of the domain notes (§8) on reading, figures, identifiers, audit and taxonomy has a test that names it.

Tests name theirs in the docstring: ``"49: lost decimal point"``, ``"77, 78: …"``, or ``Pitfall 13`` anywhere in it.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

CERTIFICATES, PAGES, FIGURES_TO_TAXONOMY = range(7, 11), range(13, 15), range(43, 96)
HERE = Path(__file__).parent


def _named(docstring: str) -> set[int]:
    lists = re.findall(r"(?:^|; )(\d+(?:(?:, | and )\d+)*):", docstring)
    numbers = [number for some in lists for number in re.findall(r"\d+", some)]
    numbers += re.findall(r"[Pp]itfall (\d+)", docstring)
    return {int(number) for number in numbers}


def _tested() -> set[int]:
    found: set[int] = set()
    for path in HERE.glob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found |= _named(ast.get_docstring(node) or "")
    return found


TESTED = _tested()


@pytest.mark.parametrize("number", [*CERTIFICATES, *PAGES, *FIGURES_TO_TAXONOMY])
def test_the_pitfall_has_a_test(number: int) -> None:
    assert number in TESTED, f"no test names pitfall {number} of DOMAIN §8 in its docstring"
