"""Printed lines with labels whole again: signs set apart (名 … 称) or stacked, words broken by a narrow column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extractors._beside import COLUMN, in_one_row, runs_into, stands_across
from extractors._wording import squeeze
from pipeline.model import Box, Line, ReadPage
from pipeline.tables.grid import part_of_line, union_of

__all__ = ["aspect_of", "printed_lines", "with_whole_labels"]

UPRIGHT = 1.5  # height over width from which a line of several signs is a column of them
OVERLAP = 0.02  # of the page's width: pieces of one row that a photograph's slant lets overlap
SPLIT_REACH = 7.0  # line heights: how far apart the signs of one spaced-out label stand
LONG_VALUE = 3  # signs: a longer line is a value that runs up to a label, no label itself
READABLE = 0.35  # score under which a sign or two are a smudge
WRAPPED = 3  # signs of a label's first half that are no word of their own


def aspect_of(page: ReadPage) -> float:
    """The page's width over its height; an A4 page's where neither is known."""
    width, height = page.page.upright_width or page.page.width, page.page.upright_height or page.page.height
    return width / height if width and height else 0.707


def printed_lines(page: ReadPage) -> tuple[Line, ...]:
    """The page's lines; a column of signs (名 over 类, read as one) cut into its signs."""
    aspect = aspect_of(page)
    readable = (line for line in page.lines if line.confidence >= READABLE or len(line.text) > 2)
    return tuple(piece for line in readable for piece in _unstacked(line, aspect))


def _unstacked(line: Line, aspect: float) -> Iterator[Line]:
    text = re.sub(r"\s", "", line.text)
    width = line.box.width * aspect
    if not 2 <= len(text) <= 6 or line.box.height < UPRIGHT * width or line.box.height < 1.2 * width * len(text) / 2:
        yield line
        return
    step = line.box.height / len(text)
    for i, sign in enumerate(text):
        top = line.box.y0 + i * step
        box = Box(line.box.x0, top + 0.08 * step, line.box.x1, top + 0.92 * step)
        yield line.model_copy(update={"text": sign, "box": box, "centres": (0.5,), "scores": ()})


def with_whole_labels(lines: Sequence[Line], labels: Sequence[str], aspect: float) -> tuple[Line, ...]:
    """Lines with the signs of a label that was read in pieces (名 … 称) put together again."""
    left = _with_wrapped_labels(_with_parted_heads(lines, labels, aspect), labels)
    for line in sorted(left, key=lambda one: one.box.x0):
        if line not in left or len(squeeze(line.text)[0]) > 3:
            continue
        merged = _grown_label(line, [one for one in left if one is not line], labels, aspect)
        if merged is not None:
            parts, whole = merged
            left = [one for one in left if one not in parts]
            left.append(whole)
    return tuple(left)


def _with_parted_heads(lines: Sequence[Line], labels: Sequence[str], aspect: float) -> list[Line]:
    """Lines without a wide label's first sign at their end, whose second stands alone behind it (…；企业住 | 所)."""
    left = list(lines)
    for tail in lines:
        heads = {label[0] for label in labels if len(label) == 2 and label[1] == squeeze(tail.text)[0].rstrip(":")}
        for line in [one for one in left if heads and one is not tail and len(one.text) > LONG_VALUE]:
            reach = SPLIT_REACH * tail.box.height / aspect
            beside = in_one_row(line.box, tail.box) and -OVERLAP <= tail.box.x0 - line.box.x1 <= reach
            if beside and line.text[-1] in heads:
                at = left.index(line)
                left[at : at + 1] = [
                    part_of_line(line, 0, len(line.text) - 1),
                    part_of_line(line, len(line.text) - 1, len(line.text)),
                ]
    return left


def _with_wrapped_labels(lines: Sequence[Line], labels: Sequence[str]) -> list[Line]:
    """Lines with a label that its narrow column broke in two (执行事务合伙 over 人) put together again."""
    left = list(lines)
    for line in lines:
        head = squeeze(line.text)[0].rstrip(":")
        tails = {label[len(head) :] for label in labels if label.startswith(head) and label != head}
        if len(head) < WRAPPED or not tails or head in labels or line not in left:
            continue
        tail = next(
            (
                one
                for one in left
                if squeeze(one.text)[0].rstrip(":") in tails
                and 0 < one.box.cy - line.box.cy < 2 * line.box.height
                and abs(one.box.x0 - line.box.x0) < COLUMN
            ),
            None,
        )
        if tail is not None:
            whole = line.model_copy(update={"text": head + squeeze(tail.text)[0], "centres": (), "scores": ()})
            left = [whole if one is line else one for one in left if one is not tail]
    return left


def _grown_label(
    line: Line, others: Sequence[Line], labels: Sequence[str], aspect: float
) -> tuple[tuple[Line, ...], Line] | None:
    parts: tuple[Line, ...] = (line,)
    text = squeeze(line.text)[0]
    if any(text == label for label in labels):
        return None
    while any(label.startswith(text) and label != text for label in labels):
        last = parts[-1].box
        reach = SPLIT_REACH * last.height / aspect
        beside = [
            one
            for one in others
            if one not in parts
            and in_one_row(one.box, last)
            and not stands_across(one.box, last)
            and (-OVERLAP <= one.box.x0 - last.x1 <= reach or runs_into(last, one.box))
        ]
        following = min(beside, key=lambda one: one.box.x0, default=None)
        if following is None:
            return None
        parts = (*parts, following)
        text += squeeze(following.text)[0]
        if any(text.startswith(label) for label in labels):
            return parts, _one_line(parts)
    return None


def _one_line(parts: Sequence[Line]) -> Line:
    box = union_of([part.box for part in parts])
    centres: list[float] = []
    whole = all(len(part.centres) == len(part.text) for part in parts)
    for part in parts:
        centres += [
            (part.box.x0 + c * part.box.width - box.x0) / box.width
            for c in (part.centres if whole else ())
            if box.width
        ]
    scores = [s for part in parts for s in part.scores] if all(len(p.scores) == len(p.text) for p in parts) else []
    last = parts[-1]
    return last.model_copy(
        update={
            "text": "".join(part.text for part in parts),
            "box": Box(box.x0, last.box.y0, box.x1, last.box.y1),
            "centres": tuple(centres),
            "scores": tuple(scores),
        }
    )
