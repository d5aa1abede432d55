"""Dotted leaders (企业名称 ........ 某公司): printed to lead the eye from label to value, and no text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pipeline.model import Line, Ruling
from pipeline.tables.grid import part_of_line, rows_of

__all__ = ["without_leaders"]

LED = 3  # lines with a run of dots from which a page leads its values by dots
DOTS = r"[.．…‥·・]"
_RUN = re.compile(rf"{DOTS}{{2,}}|…")
_ONLY = re.compile(rf"[\s{DOTS[1:-1]}]*")
_LEADING = re.compile(rf"(?:{DOTS}\s*)+(?=\S)")
_TRAILING = re.compile(rf"(?:\s*{DOTS}){{2,}}$|…$|(?<=[\u4e00-\u9fff)）])\s*{DOTS}$")
_WITHIN = re.compile(rf"(?:{DOTS}\s*){{3,}}|(?:…\s*)+")
CLEAR = 0.002  # of the page's width: what is left between a label and its value


def without_leaders(lines: Sequence[Line], rulings: Sequence[Ruling] = ()) -> tuple[Line, ...]:
    """Lines without leaders, if the page has them: a label then reaches as far as its dots led.

    :param rulings: of the page: where an upright one parts two lines, no dots led from the one to the other
    """
    if sum(bool(_RUN.search(line.text)) for line in lines) < LED:
        return tuple(lines)
    bare = [part for line in lines for part in _bared(line)]
    return tuple(_led(bare, [ruling for ruling in rulings if not ruling.horizontal]))


def _bared(line: Line) -> Iterator[Line]:
    """The pieces of a line between its leaders."""
    if _ONLY.fullmatch(line.text):
        return
    leading, trailing = _LEADING.match(line.text), _TRAILING.search(line.text)
    start, end = leading.end() if leading else 0, trailing.start() if trailing else len(line.text)
    for gap in _WITHIN.finditer(line.text, start, end):
        if line.text[start : gap.start()].strip():
            yield part_of_line(line, start, gap.start())
        start = gap.end()
    if line.text[start:end].strip():
        yield part_of_line(line, start, end)


def _led(lines: Iterable[Line], uprights: Sequence[Ruling]) -> Iterator[Line]:
    """Lines with the first of each row of two grown up to the second, where the dots stood."""
    for row in rows_of(lines):
        if len(row) == 2 and row[0].box.x1 < row[1].box.x0 - CLEAR and not _parted(row[0], row[1], uprights):
            yield _grown(row[0], row[1].box.x0 - CLEAR)
            yield row[1]
        else:
            yield from row


def _parted(left: Line, right: Line, uprights: Sequence[Ruling]) -> bool:
    return any(
        left.box.x1 - CLEAR < (r.x0 + r.x1) / 2 < right.box.x0 + CLEAR and r.y0 <= left.box.cy <= r.y1 for r in uprights
    )


def _grown(line: Line, x1: float) -> Line:
    """The line reaching to ``x1``; its characters stay where they are."""
    count = len(line.text)
    centres = line.centres if len(line.centres) == count else tuple((i + 0.5) / count for i in range(count))
    share = line.box.width / max(1e-6, x1 - line.box.x0)
    return line.model_copy(update={"box": line.box._replace(x1=x1), "centres": tuple(c * share for c in centres)})
