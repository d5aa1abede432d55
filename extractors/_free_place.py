"""Where the applicant's seal goes on a copy (复印件加盖公章): the freest spot low on the page."""

from __future__ import annotations

from extractors._fields import millimetres
from pipeline.model import Box, ReadPage, SealPlace

__all__ = ["free_place"]

STAMP_MM = 45.0  # the largest usual company seal (DOMAIN §6.1)


def free_place(page: ReadPage, *, label: str = "") -> SealPlace:
    """Where the applicant's seal goes on a copy (复印件加盖公章): the freest spot low on the page, left first, for
    whoever issued the original stamped its right.
    """
    dx, dy = millimetres(page, STAMP_MM)
    dx, dy = min(dx, 0.45), min(dy, 0.45)
    best_box, best_cost = Box(1 - dx, 1 - dy, 1.0, 1.0), 9.0
    steps = 9
    for i in range(steps):
        for j in range(steps):
            x0 = 0.05 + (0.9 - dx) * (1 - i / (steps - 1))
            y0 = 0.95 - dy - (0.5 - min(dy, 0.45)) * (j / (steps - 1))
            box = Box(x0, max(0.0, y0), x0 + dx, min(1.0, y0 + dy))
            cost = _crowding(page, box) + 0.25 * box.cx + 0.35 * (1 - box.cy)
            if cost < best_cost:
                best_box, best_cost = box, cost
    return SealPlace(role="applicant", page=page.page.number, box=best_box, label=label)


def _crowding(page: ReadPage, box: Box) -> float:
    text = sum(line.box.intersection(box) for line in page.lines) / box.area
    seals = sum(seal.box.intersection(box) for seal in page.seals if seal.colour == "grey") / box.area
    return text + seals
