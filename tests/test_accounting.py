"""One list of accounting identities: what it names, the reader knows and the checks can find and word."""

from __future__ import annotations

import pytest

from extractors._items import KEYS
from pipeline.values.accounting import EQUATIONS, NAMES, Equation


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda e: e.name)
def test_every_item_of_an_equation_is_known(equation: Equation) -> None:
    items = {equation.total, *(term.key for term in equation.terms)}
    assert items <= KEYS[equation.kind].keys()
    assert not equation.zh or items <= NAMES[equation.kind].keys()
    assert bool(equation.zh) == bool(equation.en)


def test_names_tell_equations_and_items_apart() -> None:
    assert len({equation.name for equation in EQUATIONS}) == len(EQUATIONS)
    for items in KEYS.values():
        names = [name for printed in items.values() for name in printed]
        assert len(set(names)) == len(names)
