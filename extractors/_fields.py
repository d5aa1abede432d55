"""Small shared helpers: fields from lines, honest confidence, seals that lie over text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pipeline.model import Box, Field, FieldValue, Line, ReadPage
from pipeline.tables.grid import union_of

__all__ = ["MM_PER_PAGE", "clipped", "field_of", "line_score", "millimetres", "seals_over", "tidy"]

A4 = (210.0, 297.0)  # mm: paper sent in is A4 unless its file says otherwise, and a seal's place need not be exact
MM_PER_PAGE = A4
SEAL_COVERS = 0.25  # part of a value that a seal must cover to count as lying over it
HAND = 0.6  # line score under which ink is taken for handwriting: print is hardly ever read that badly
SURE = 0.99  # the most that one reading by one engine is worth

# Line score -> chance that all of it is right (steps seen on generated pages).
_STEPS = ((0.985, 1.0), (0.96, 0.985), (0.93, 0.97), (0.88, 0.93), (0.8, 0.85), (0.7, 0.7), (HAND, 0.5), (0.0, 0.3))


def tidy(text: str) -> str:
    """Text without the spaces that readers put beside Chinese signs, and without a trailing comma or colon."""
    text = re.sub(r"\s+", " ", text.strip())
    text = re.sub(
        r"(?<=[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]) | (?=[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f])", "", text
    )
    text = re.sub(r"^[|｜│▶►▷➤→»]+\s*(?=..)|(?<=..)\s*[|｜│]+$", "", text)  # a rule read as a sign
    return text.strip(" :：;；,，、。")


def line_score(lines: Sequence[Line]) -> float:
    """How sure the reading of all these lines is, 0 to 1: the chance that none of their characters is wrong."""
    if not lines:
        return 1.0
    worst = min(line.confidence for line in lines)
    chance = next(value for floor, value in _STEPS if worst >= floor)
    doubtful = sum(1 for line in lines for score in line.scores if score < 0.5)
    return max(0.2, chance - 0.1 * doubtful)


def millimetres(page: ReadPage, mm: float) -> tuple[float, float]:
    """``mm`` as fractions of the page's width and height, by its dpi if that is known, else by A4 either way up."""
    width, height = page.page.upright_width or page.page.width, page.page.upright_height or page.page.height
    short, long = A4
    across, down = (short, long) if height >= width else (long, short)
    return mm / across, mm / down


def seals_over(page: ReadPage, box: Box) -> bool:
    """Whether a seal lies over the box."""
    return any(seal.box.intersection(box) > SEAL_COVERS * box.area for seal in page.seals) if box.area > 0 else False


def field_of(
    name: str,
    value: FieldValue,
    lines: Sequence[Line],
    page: ReadPage,
    *,
    box: Box | None = None,
    raw: str = "",
    unit: str | None = None,
    trust: float = SURE,
    alternatives: Iterable[str] = (),
    reasons: Iterable[str] = (),
) -> Field:
    """A field from the lines that hold its value.

    :param box: where to look if there are no lines (an empty cell)
    :param trust: chance that this is the right place and that it was parsed right; the reading's own comes on top
    """
    around = union_of([line.box for line in lines]) if lines else box if box is not None else Box(0, 0, 1, 1)
    said = list(reasons)
    confidence = min(SURE, trust) * line_score(lines)
    if lines and min(line.confidence for line in lines) < HAND:
        said.append("handwritten")
        confidence = min(confidence, 0.4)
    elif lines and min(line.confidence for line in lines) < 0.9:
        said.append("low_score")
    if seals_over(page, around):
        said.append("under_seal")
        confidence *= 0.9
    return Field(
        name=name,
        value=value,
        raw=raw or " ".join(line.text for line in lines),
        unit=unit,
        page=page.page.number,
        box=around,
        confidence=round(confidence, 4),
        alternatives=tuple(dict.fromkeys(alternatives)),
        reasons=tuple(dict.fromkeys(said)),
    )


def clipped(box: Box) -> Box:
    """The box within the page, a hundredth of it wide and high at least."""
    x0, y0 = max(0.0, min(box.x0, 0.99)), max(0.0, min(box.y0, 0.99))
    return Box(x0, y0, min(1.0, max(box.x1, x0 + 0.01)), min(1.0, max(box.y1, y0 + 0.01)))
