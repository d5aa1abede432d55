"""Paper sizes: what resolution a picture has, where its file or its shape tells."""

from __future__ import annotations

__all__ = ["A4_LONG_INCH", "paper_dpi", "plausible_dpi"]

A4_LONG_INCH = 297 / 25.4
A_RATIO = 2**0.5
RATIO_TOLERANCE = 0.015  # relative: scanners cut or add a few millimetres
# Long side of paper people send, inches: from an identity card (3.4) to A2 (23.4).
SHORTEST_INCH, LONGEST_INCH = 3.3, 24.0
LOWEST_DPI, HIGHEST_DPI = 60, 1250  # a fax has 98 × 204, the finest office scanner 1200
A4_SPAN = (90, 620)  # dpi an A4 page is scanned at


def plausible_dpi(width: int, height: int, told: float) -> int | None:
    """``told`` if it gives a sheet of paper somebody could have sent, else a guess from A-series proportions.

    Cameras and screen shots write 72 or 96 whatever the paper was: that gives sheets of a metre, and is not believed.
    """
    long_side = max(width, height)
    if LOWEST_DPI <= told <= HIGHEST_DPI and SHORTEST_INCH <= long_side / told <= LONGEST_INCH:
        common = round(told) not in (72, 96) or _is_a_series(width, height, told)
        if common:
            return round(told)
    return paper_dpi(width, height)


def paper_dpi(width: int, height: int) -> int | None:
    """Resolution if the picture has A4's proportions and a size an A4 page is scanned at; else None."""
    ratio = max(width, height) / max(1, min(width, height))
    if abs(ratio / A_RATIO - 1) > RATIO_TOLERANCE:
        return None
    dpi = max(width, height) / A4_LONG_INCH
    return round(dpi) if A4_SPAN[0] <= dpi <= A4_SPAN[1] else None


def _is_a_series(width: int, height: int, dpi: float) -> bool:
    inches = max(width, height) / dpi
    return paper_dpi(width, height) is not None and abs(inches / A4_LONG_INCH - 1) < 2 * RATIO_TOLERANCE
