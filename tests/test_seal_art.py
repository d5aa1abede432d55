"""Drawn seals have the size, shape and ink that their spec asks for."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import MissingTool
from samples.seal_art import SealSpec, draw_seal, press_seal
from samples.seal_fonts import face_for
from tests.fonts import needs_fonts

PX_PER_MM = 200 / 25.4


pytestmark = needs_fonts


def test_a_round_seal_has_its_diameter() -> None:
    art = draw_seal(SealSpec("北京云海数科信息技术有限公司", code="1101080123456"), dpi=200, seed=1)
    assert art.dtype == np.uint8 and art.shape[2] == 4
    assert art.shape[0] == pytest.approx(40 * PX_PER_MM, rel=0.03)
    assert art.shape[1] == pytest.approx(40 * PX_PER_MM, rel=0.03)


@pytest.mark.parametrize(
    ("spec", "proportion"),
    [
        (SealSpec("诺德（中国）有限公司", shape="oval", diameter_mm=45, height_mm=30, star=False), 1.5),
        (SealSpec("王建国印", shape="square", diameter_mm=20), 1.0),
        (SealSpec("中国注册会计师\n李明华\n110001234567", shape="rectangle", diameter_mm=38, height_mm=19), 2.0),
    ],
)
def test_other_shapes_keep_their_proportion(spec: SealSpec, proportion: float) -> None:
    art = draw_seal(spec, seed=2)
    assert art.shape[1] / art.shape[0] == pytest.approx(proportion, rel=0.04)


def test_the_same_seed_gives_the_same_picture_and_another_does_not() -> None:
    spec = SealSpec("济南市商务局", wear=0.5)
    assert np.array_equal(draw_seal(spec, seed=3), draw_seal(spec, seed=3))
    other = draw_seal(spec, seed=4)
    assert other.shape != draw_seal(spec, seed=3).shape or not np.array_equal(other, draw_seal(spec, seed=3))


def test_faint_and_worn_seals_have_less_ink() -> None:
    full = draw_seal(SealSpec("济南市商务局"), seed=5)[:, :, 3].mean()
    assert draw_seal(SealSpec("济南市商务局", faint=1.0), seed=5)[:, :, 3].mean() < full * 0.4
    assert draw_seal(SealSpec("济南市商务局", wear=1.0), seed=5)[:, :, 3].mean() < full * 0.8


def test_colours_and_turning() -> None:
    grey = draw_seal(SealSpec("济南市商务局", colour="grey"), seed=6)
    assert np.ptp(grey[grey[:, :, 3] > 200][:, :3].astype(int), axis=1).max() == 0
    red = draw_seal(SealSpec("济南市商务局", rotation=30), seed=6)
    solid = red[red[:, :, 3] > 200][:, :3].astype(int)
    assert (solid[:, 0] - solid[:, 1]).min() > 100
    assert red.shape[0] == pytest.approx(40 * PX_PER_MM, rel=0.03)


def test_pressing_darkens_and_keeps_the_page() -> None:
    page = np.full((500, 400, 3), 250, np.uint8)
    page[240:260] = 0
    art = draw_seal(SealSpec("济南市商务局"), seed=7)
    stamped = press_seal(page, art, (390, 250))
    assert (page[0:200] == 250).all() and (stamped <= page).all()
    assert (stamped[240:260] == 0).all()
    assert np.array_equal(press_seal(page, art, (9000, 9000)), page)


def test_a_font_is_found_for_rare_and_wanted_faces() -> None:
    assert face_for("容县应急管理局", "Noto Serif CJK SC", 0).writes("容县应急管理局")
    assert face_for("喆堃", "no such family", 3).writes("喆堃")
    with pytest.raises(MissingTool):
        face_for("\U0010fffd", None, 0)
