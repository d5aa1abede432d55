"""What is wrong with an envelope: one change each, with the findings that must follow."""

from __future__ import annotations

import random

from samples.cases import Case, clean_case

__all__ = ["plan"]


def plan(envelopes: int, seed: int) -> list[Case]:
    """The cases of a batch."""
    rng = random.Random(seed)
    return [clean_case("supplier", i + 1, rng.getrandbits(40)) for i in range(envelopes)]
