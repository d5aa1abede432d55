"""Text that a seal or a watermark lies over is looked for again: where there is coloured ink, and what it hides."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from pipeline.reading.lines import read_stamped
from pipeline.reading.openvino import shared_engine
from pipeline.reading.under_seal import _coloured, _hides, _taller, _unseen
from samples.seal_fonts import faces
from samples.under_seals import draw_lines, scores


def _page(paper: tuple[int, int, int], mark: tuple[int, int, int]) -> np.ndarray:
    page = np.full((800, 600, 3), paper, np.uint8)
    page[200:300, 100:400] = mark
    return page


@pytest.mark.parametrize(
    ("paper", "mark", "seen"),
    [
        ((255, 255, 255), (60, 60, 220), True),  # a seal
        ((253, 253, 253), (200, 200, 245), True),  # 仅供…使用, pale
        ((230, 240, 253), (228, 238, 252), False),  # tinted paper alone
        ((255, 255, 255), (190, 190, 190), False),  # grey
    ],
)
def test_coloured_ink_is_told_from_tinted_paper(
    paper: tuple[int, int, int], mark: tuple[int, int, int], seen: bool
) -> None:
    mask = _coloured(_page(paper, mark))
    assert bool(mask[60, 60]) is seen
    assert not mask[10, 10]


def test_a_slanting_watermark_hides_no_line_and_a_line_never_seen_is_new() -> None:
    def quad(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)

    watermark, line = quad(100, 100, 900, 800), quad(150, 300, 600, 330)
    assert _hides(watermark, line)
    assert _taller(watermark, line)
    assert _unseen(line, [quad(150, 400, 600, 430)])
    assert not _unseen(line, [quad(140, 298, 610, 332)])


def test_print_under_a_seal_is_read_better_than_as_scanned() -> None:
    lines = draw_lines(30, 11)
    by_way = scores(lines)
    mine, scanned = by_way["yanzhang: faded unless less sure"], by_way["as scanned"]
    assert mine[0] > scanned[0], "more lines exactly"
    assert mine[1] > 0.97
    assert by_way["thresholded (Otsu)"][0] < mine[0]


def test_red_print_stays_readable_though_its_colour_is_faded() -> None:
    canvas = Pillow.new("RGB", (900, 90), (252, 252, 250))
    face = faces()[0]
    font = ImageFont.truetype(face.file, 44, index=face.index)
    ImageDraw.Draw(canvas).text((20, 15), "净利润（123,456.78）", fill=(200, 20, 30), font=font)
    crop = np.ascontiguousarray(np.asarray(canvas)[:, :, ::-1])
    assert read_stamped([crop], shared_engine(threads=1))[0].text.replace("（", "(").replace("）", ")") == (
        "净利润(123,456.78)"
    )
