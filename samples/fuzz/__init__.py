"""Hostile inputs by the thousand, each from a seed, through the project's own entry points.

``python -m samples.fuzz --count 5000 --seed 1`` runs them; ``--only N`` runs one of them again. What a case holds
follows from seed and number alone, so that a fault found once is found again on any machine.
"""

from __future__ import annotations

from samples.fuzz.cases import KINDS, Case, case

__all__ = ["KINDS", "Case", "case"]
