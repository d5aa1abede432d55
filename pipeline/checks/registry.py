"""The register of rules: a function that yields Checks, under the pattern of the ids it answers for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from pipeline.checks.case import Case
from pipeline.model import Check

__all__ = ["Rule", "registered", "rule"]

RuleFunction = Callable[[Case], Iterable[Check]]


class Rule(NamedTuple):
    """``pattern``: id, with ``{track}``, ``{document}``, ``{role}`` … where one function answers for several."""

    pattern: str
    run: RuleFunction


_RULES: dict[str, Rule] = {}


def rule(pattern: str) -> Callable[[RuleFunction], RuleFunction]:
    """Registers a rule under its id or the pattern of its ids.

    :raises ValueError: the pattern is taken
    """

    def register(function: RuleFunction) -> RuleFunction:
        if pattern in _RULES:
            raise ValueError(f"two rules are called {pattern}")
        _RULES[pattern] = Rule(pattern, function)
        return function

    return register


def registered() -> Iterator[Rule]:
    """All rules, in the order in which they were written down."""
    yield from _RULES.values()
