"""The parts of a score: what was counted, by outcome."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Discrepancies", "Fields", "Frozen", "Miss", "Pages", "Seals"]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Miss(Frozen):
    """One thing that is not right: where, what sort, and the two sides."""

    envelope: str
    what: str
    expected: str
    found: str


class Discrepancies(Frozen):
    """Findings by code: ``found + missed`` were planted, ``false`` were not (``false_errors``: of severity error)."""

    found: dict[str, int] = {}
    missed: dict[str, int] = {}
    false: dict[str, int] = {}
    false_errors: dict[str, int] = {}

    @property
    def planted(self) -> int:
        return sum(self.found.values()) + sum(self.missed.values())


class Seals(Frozen):
    """``scored``: seals whose text the truth knows; ``placed``: those whose role it knows."""

    truth: int = 0
    found: int = 0
    false: int = 0
    scored: int = 0
    exact: int = 0
    placed: int = 0
    attributed: int = 0


class Fields(Frozen):
    """Values by outcome."""

    right: int = 0
    wrong: int = 0
    missing: int = 0
    silently_wrong: int = 0
    wrong_by_name: dict[str, int] = {}

    @property
    def total(self) -> int:
        return self.right + self.wrong + self.missing


class Pages(Frozen):
    """Pages by outcome; ``turned`` counts rotations that are right."""

    truth: int = 0
    sorted: int = 0
    turned: int = 0
    turns_known: int = 0
