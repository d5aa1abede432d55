"""Whether a confidence keeps its word: the reliability table of values told with a confidence, and its diagram.

A confidence is calibrated if, of all values told with 0.99, one in a hundred is wrong. The table sets what was
promised (mean confidence) beside what was kept (share right), with the 95 % interval of Wilson (1927), which holds for
few values and for shares near 1 too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import log10, sqrt
from xml.sax.saxutils import escape

from pydantic import BaseModel, ConfigDict

__all__ = ["EDGES", "Bin", "Told", "bins_of", "calibration_error", "diagram", "evidence_of", "sort_of", "table"]

EDGES = (0.0, 0.5, 0.75, 0.9, 0.95, 0.97, 0.98, 0.99, 1.0)
Z = 1.96  # standard deviations of a 95 % interval

_DOUBTS = (
    "engines_differ",
    "looks_differ",
    "weak_sign",
    "weak_digit",
    "handwritten",
    "unread_ink",
    "low_score",
    "sign_doubtful",
)
_PROOFS = ("two_engines", "check_digit", "identity", "text_layer", "record_agrees")
_FIGURES = {
    "registered_capital", "operating_revenue", "operating_revenue_previous", "operating_cost", "operating_profit",
    "net_profit", "total_assets", "total_liabilities", "total_equity", "outsourcing_revenue", "offshore_revenue",
    "staff", "outsourcing_staff", "degree_staff",
}  # fmt: skip
_IDENTIFIERS = {"uscc", "application_no", "certificate_no", "report_no", "report_code", "mobile", "email"}
_DATES = {"established", "issued_on", "valid_until", "report_date", "period"}
_CHOICES = {"industry", "functions", "kind", "opinion", "consolidated", "currency", "unit", "track"}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Told(_Frozen):
    """A value that was told: how sure it was said to be, whether it is right, and what the confidence rested on."""

    name: str
    confidence: float
    right: bool
    reasons: tuple[str, ...] = ()


class Bin(_Frozen):
    """Values told with a confidence from ``low`` to under ``high`` (the last bin holds 1 too)."""

    low: float
    high: float
    count: int
    right: int
    mean: float  # confidence promised

    @property
    def share(self) -> float:
        """Share right, 0 to 1."""
        return self.right / self.count if self.count else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share (Wilson)."""
        return wilson(self.right, self.count)


def sort_of(name: str) -> str:
    """What sort of value a field holds: figure, identifier, date, choice, statement (a cell of one), seal or text."""
    if name.startswith(("statement.", "seal.")):
        return name.partition(".")[0]
    sorts = (("figure", _FIGURES), ("identifier", _IDENTIFIERS), ("date", _DATES), ("choice", _CHOICES))
    return next((sort for sort, names in sorts if name in names), "text")


@lru_cache(maxsize=4_096)  # of the hundreds of values in an envelope most rest on the same
def evidence_of(reasons: tuple[str, ...]) -> str:
    """What a confidence rests on: doubted, proven (a second witness agrees) or alone (one reading)."""
    if any(reason.startswith(_DOUBTS) for reason in reasons):
        return "doubted"
    if any(reason.startswith(_PROOFS) for reason in reasons):
        return "proven"
    return "alone"


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share; all of 0 to 1 where nothing was seen."""
    if not count:
        return 0.0, 1.0
    share = right / count
    middle = (share + Z * Z / (2 * count)) / (1 + Z * Z / count)
    half = Z * sqrt(share * (1 - share) / count + Z * Z / (4 * count * count)) / (1 + Z * Z / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def bins_of(told: Sequence[Told], edges: Sequence[float] = EDGES) -> tuple[Bin, ...]:
    """The values by their confidence; empty bins are left out."""
    out = []
    for low, high in pairwise(edges):
        mine = [t for t in told if low <= t.confidence < high or (high == edges[-1] and t.confidence >= high)]
        if mine:
            mean = sum(t.confidence for t in mine) / len(mine)
            out.append(Bin(low=low, high=high, count=len(mine), right=sum(t.right for t in mine), mean=mean))
    return tuple(out)


def calibration_error(told: Sequence[Told]) -> float:
    """Expected calibration error: the mean distance of promise and share over the bins, weighted by their values."""
    bins = bins_of(told)
    total = sum(b.count for b in bins)
    return sum(b.count * abs(b.share - b.mean) for b in bins) / total if total else 0.0


def table(told: Sequence[Told]) -> str:
    """The reliability table for a terminal, then the shares by sort of value and by what the confidence rests on."""
    rows = [f"{'confidence':>14} {'values':>7} {'promised':>9} {'right':>8} {'wrong':>6}   95 % interval"]
    for one in bins_of(told):
        low, high = one.interval
        rows.append(
            f"{one.low:6.2f} – {one.high:5.2f} {one.count:7d} {100 * one.mean:7.2f} % {100 * one.share:6.2f} % "
            f"{one.count - one.right:6d}   {100 * low:6.2f} – {100 * high:6.2f} %"
        )
    rows.append(f"expected calibration error {100 * calibration_error(told):.2f} %")
    for title, group in (("sort", sort_of), ("rests on", None)):
        rows += ["", f"{title:>14} {'values':>7} {'promised':>9} {'right':>8} {'wrong':>6}"]
        names = sorted({group(t.name) if group else evidence_of(t.reasons) for t in told})
        for name in names:
            mine = [t for t in told if (group(t.name) if group else evidence_of(t.reasons)) == name]
            right, mean = sum(t.right for t in mine), sum(t.confidence for t in mine) / len(mine)
            rows.append(
                f"{name:>14} {len(mine):7d} {100 * mean:7.2f} % {100 * right / len(mine):6.2f} % {len(mine) - right:6d}"
            )
    return "\n".join(rows)


# ---------------------------------------------------------------------------------------------------------- diagram

_SIZE, _LEFT, _TOP = 420, 70, 40  # px of the square in which curves lie, and its place
_INK = {"axis": "#444", "ideal": "#999", "seen": "#b5121b"}


def diagram(told: Sequence[Told], *, title: str = "Reliability") -> str:
    """The reliability diagram as SVG: share right over confidence promised, with 95 % intervals.

    Both axes show the share wrong on a logarithmic scale (10 %, 1 %, 0.1 %): among good confidences that is where the
    differences are. The line is what an honest confidence keeps; a point under it promises too much.
    """
    bins = bins_of(told)
    ticks = (0.5, 0.9, 0.95, 0.99, 0.999)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _SIZE + 30}" height="{_TOP + _SIZE + 70}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{_LEFT}" y="24" font-size="15">{escape(title)}</text>',
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIZE}" height="{_SIZE}" fill="none" stroke="{_INK["axis"]}"/>',
        f'<line x1="{_LEFT}" y1="{_TOP + _SIZE}" x2="{_LEFT + _SIZE}" y2="{_TOP}" stroke="{_INK["ideal"]}" '
        'stroke-dasharray="5 4"/>',
    ]
    for tick in ticks:
        x, y = _LEFT + _along(tick), _TOP + _SIZE - _along(tick)
        parts.append(f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{_TOP + _SIZE}" stroke="#eee"/>')
        parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_LEFT + _SIZE}" y2="{y:.1f}" stroke="#eee"/>')
        parts.append(f'<text x="{x:.1f}" y="{_TOP + _SIZE + 18}" text-anchor="middle">{100 * tick:g} %</text>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{100 * tick:g} %</text>')
    for one in bins:
        x, y = _LEFT + _along(one.mean), _TOP + _SIZE - _along(one.share)
        low, high = (_TOP + _SIZE - _along(end) for end in one.interval)
        parts.append(f'<line x1="{x:.1f}" y1="{low:.1f}" x2="{x:.1f}" y2="{high:.1f}" stroke="{_INK["seen"]}"/>')
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{min(9.0, 2.5 + one.count**0.25):.1f}" fill="{_INK["seen"]}" '
            f'fill-opacity="0.75"><title>{one.right} of {one.count} right</title></circle>'
        )
    parts += [
        f'<text x="{_LEFT + _SIZE / 2}" y="{_TOP + _SIZE + 42}" text-anchor="middle">confidence promised</text>',
        f'<text transform="translate(16 {_TOP + _SIZE / 2}) rotate(-90)" text-anchor="middle">share right</text>',
        f'<text x="{_LEFT}" y="{_TOP + _SIZE + 60}" fill="{_INK["axis"]}">{len(told)} values; a point below the '
        "dashed line promises too much; bars: 95 % intervals</text>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _along(share: float) -> float:
    """px along an axis: the share wrong on a logarithmic scale from 1 down to 0.0003."""
    floor = 3e-4
    return _SIZE * log10(max(floor, min(1.0, 1 - share))) / log10(floor)
