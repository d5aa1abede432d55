"""Where things lie: boxes in fractions of a page, and the two ways back from a straightened page to the scan."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.model.frozen import Frozen

__all__ = ["IDENTITY", "Bend", "Box", "Homography"]


class Box(NamedTuple):
    """Axis-parallel box in fractions of the page, origin top left, ``0 <= x0 <= x1 <= 1``."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def cx(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def cy(self) -> float:
        return (self.y0 + self.y1) / 2

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    def intersection(self, other: Box) -> float:
        """Area shared with ``other``."""
        w = min(self.x1, other.x1) - max(self.x0, other.x0)
        h = min(self.y1, other.y1) - max(self.y0, other.y0)
        return w * h if w > 0 and h > 0 else 0.0

    def iou(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        shared = self.intersection(other)
        return shared / (self.area + other.area - shared) if shared else 0.0

    def union(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def grown(self, dx: float, dy: float) -> Box:
        """Grown by ``dx`` and ``dy`` on each side, kept within the page."""
        return Box(max(0.0, self.x0 - dx), max(0.0, self.y0 - dy), min(1.0, self.x1 + dx), min(1.0, self.y1 + dy))

    def holds(self, x: float, y: float) -> bool:
        """Whether the point lies inside."""
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1


Homography = tuple[float, float, float, float, float, float, float, float, float]
IDENTITY: Homography = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


class Bend(Frozen):
    """How a page that did not lie flat is bent: displacements at the nodes of a grid over the straightened page.

    A spot of the straightened page shows what lies ``across`` and ``down`` from there (fractions of width and height,
    row by row) on the page that is merely upright. The grid's outer nodes lie on the page's edges.
    """

    columns: int
    rows: int
    across: tuple[float, ...]
    down: tuple[float, ...]
