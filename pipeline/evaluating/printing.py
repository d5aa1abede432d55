"""A score's parts as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.evaluating.parts import Discrepancies, Fields, Miss

__all__ = ["code_lines", "field_line", "miss_lines", "ratio", "share"]

MISSES_SHOWN = 60  # lines; all are kept in the score


def ratio(part: int, whole: int) -> float:
    """0 to 1; 1 where there is nothing to get right."""
    return part / whole if whole else 1.0


def share(part: int, whole: int) -> str:
    return f"{part:5d} of {whole:<5d} {100 * ratio(part, whole):6.2f} %"


def field_line(label: str, fields: Fields) -> str:
    silent = f"{fields.silently_wrong} ({100 * fields.silently_wrong / max(1, fields.total):.2f} %)"
    return (
        f"{label} {share(fields.right, fields.total)}   wrong {fields.wrong}, missing {fields.missing}, "
        f"silently wrong {silent}"
    )


def code_lines(found: Discrepancies) -> Iterator[str]:
    """Discrepancies by code."""
    yield f"{'code':24} found missed  false errors"
    for code in sorted({*found.found, *found.missed, *found.false}):
        counts = [by.get(code, 0) for by in (found.found, found.missed, found.false, found.false_errors)]
        yield f"{code:24} {counts[0]:5d} {counts[1]:6d} {counts[2]:6d} {counts[3]:6d}"


def miss_lines(misses: Sequence[Miss]) -> Iterator[str]:
    """The first of what is not right."""
    for miss in misses[:MISSES_SHOWN]:
        yield f"  {miss.envelope}  {miss.what}: expected {miss.expected or '-'}, found {miss.found or '-'}"
    if len(misses) > MISSES_SHOWN:
        yield f"  … and {len(misses) - MISSES_SHOWN} more"
