"""How boxes of lines lie to each other on papers without rulings: in one row, across rows, run into each other."""

from __future__ import annotations

from pipeline.model import Box

__all__ = ["COLUMN", "HIGHER", "in_one_row", "runs_into", "stands_across"]

ROW = 0.45  # of the lower line's height: lines that share this much stand beside each other
HIGHER, MUCH_HIGHER = 1.6, 1.9  # times a label's height: what is so high is rather not, and surely not, of its row
COLUMN = 0.03  # of the page's width: labels that begin so near each other make a column


def in_one_row(a: Box, b: Box) -> bool:
    """Whether two boxes stand beside each other."""
    shared = min(a.y1, b.y1) - max(a.y0, b.y0)
    return shared >= ROW * min(a.height, b.height)


def stands_across(box: Box, row: Box) -> bool:
    """Whether a box is much higher than a row: a watermark's slanting words, a sign of a seal's ring."""
    return box.height > MUCH_HIGHER * row.height


def runs_into(label: Box, value: Box) -> bool:
    """Whether a label's box ran into its value: a blurred photograph's boxes are wider than their signs."""
    return label.cx < value.x0 < label.x1 < value.x1
