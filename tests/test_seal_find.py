"""Seals are found on drawn pages, whatever their colour, shape and place, and what looks like one is not."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from pipeline.seals.find import FoundSeal, find_seals
from samples.seal_art import SealSpec, draw_seal, press_seal
from samples.seal_emblems import SCENE_DECOYS
from samples.seal_pages import draw_page
from tests.fonts import needs_fonts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]


pytestmark = needs_fonts
NAME = "北京云海数科信息技术有限公司"
REAL = Path(os.environ.get("YANZHANG_REAL", Path(__file__).parents[2] / "shared" / "real"))


def _page(seed: int = 0) -> Image:
    """A page of print and rules, RGB, 150 dpi."""
    rng = np.random.default_rng(seed)
    page = np.full((1754, 1240, 3), 250, np.uint8)
    for y in range(140, 1640, 52):
        for x in range(110, int(rng.integers(400, 1130)), 26):
            for _ in range(3):
                a, b = rng.integers(0, 20, 2), rng.integers(0, 20, 2)
                cv2.line(page, (x + int(a[0]), y + int(a[1])), (x + int(b[0]), y + int(b[1])), (30, 30, 30), 2)
    for y in (600, 760, 1000):
        cv2.line(page, (100, y), (1140, y), (20, 20, 20), 2)
    return page


def _scan(page: Image, *, grey: bool = False, seed: int = 0) -> Image:
    noisy = cv2.GaussianBlur(page, (0, 0), 0.7) + np.random.default_rng(seed).normal(0, 2.5, page.shape)
    image = np.clip(noisy, 0, 255).astype(np.uint8)[:, :, ::-1].copy()
    if grey:
        image = np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR))
    return image


def _stamped(spec: SealSpec, *, at: tuple[float, float] = (700.0, 885.0), grey: bool = False, seed: int = 0) -> Image:
    return _scan(press_seal(_page(seed), draw_seal(spec, dpi=150, seed=seed), at), grey=grey, seed=seed)


def _shared(found: FoundSeal, box: tuple[float, float, float, float], image: Image) -> float:
    rows, columns = image.shape[:2]
    b = found.box
    mine = (b.x0 * columns, b.y0 * rows, b.x1 * columns, b.y1 * rows)
    w = min(mine[2], box[2]) - max(mine[0], box[0])
    h = min(mine[3], box[3]) - max(mine[1], box[1])
    if w <= 0 or h <= 0:
        return 0.0
    both = (mine[2] - mine[0]) * (mine[3] - mine[1]) + (box[2] - box[0]) * (box[3] - box[1])
    return w * h / (both - w * h)


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize(
    ("spec", "shape"),
    [
        (SealSpec(NAME, code="1101080123456", rotation=12), "round"),
        (SealSpec(NAME, centre_text="合同专用章", wear=0.3), "round"),
        (SealSpec("诺德（中国）有限公司", shape="oval", diameter_mm=45, height_mm=30, star=False), "oval"),
        (SealSpec("王建国印", shape="square", diameter_mm=20, rotation=3), "square"),
        (
            SealSpec("中国注册会计师\n李明华\n110001234567", shape="rectangle", diameter_mm=38, height_mm=19),
            "rectangle",
        ),
    ],
)
def test_a_seal_over_print_is_found(spec: SealSpec, shape: str, grey: bool) -> None:
    art = draw_seal(spec, dpi=150, seed=0)
    image = _stamped(spec, grey=grey)
    box = (700 - art.shape[1] / 2, 885 - art.shape[0] / 2, 700 + art.shape[1] / 2, 885 + art.shape[0] / 2)
    (found,) = find_seals(image, dpi=150)
    assert _shared(found, box, image) > 0.75
    assert found.shape == shape
    assert found.colour == ("grey" if grey else "red")
    assert found.diameter_mm == pytest.approx(spec.diameter_mm, rel=0.1)
    assert not found.cut


@pytest.mark.parametrize(("colour", "said"), [("pink", "red"), ("blue", "blue"), ("grey", "grey")])
def test_colours_are_said_as_the_contract_has_them(colour: str, said: str) -> None:
    (found,) = find_seals(_stamped(SealSpec(NAME, colour=colour)), dpi=150)  # type: ignore[arg-type]
    assert found.colour == said


def test_seals_that_touch_are_told_apart() -> None:
    page = _page(1)
    for x, name in ((500.0, NAME), (705.0, "济南市商务局")):
        page = press_seal(page, draw_seal(SealSpec(name), dpi=150, seed=2), (x, 800.0))
    found = find_seals(_scan(page), dpi=150)
    assert sorted(round(f.centre[0], -1) for f in found) == pytest.approx([500, 705], abs=10)


def test_a_faint_seal_is_found_and_called_faint() -> None:
    (found,) = find_seals(_stamped(SealSpec(NAME, faint=0.9)), dpi=150)
    assert found.faint
    (strong,) = find_seals(_stamped(SealSpec(NAME)), dpi=150)
    assert not strong.faint


def test_a_seal_cut_by_the_edge_says_so() -> None:
    image = _stamped(SealSpec(NAME), at=(1190.0, 820.0))
    (found,) = find_seals(image, dpi=150)
    assert found.cut
    assert found.box.x1 == 1.0


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_the_page_may_lie_on_its_side(turns: int) -> None:
    image = np.ascontiguousarray(np.rot90(_stamped(SealSpec(NAME, shape="oval", diameter_mm=40, star=False)), turns))
    (found,) = find_seals(image, dpi=150)
    assert found.shape == "oval"


def test_without_a_resolution_there_is_no_diameter() -> None:
    (found,) = find_seals(_stamped(SealSpec(NAME)), dpi=None)
    assert found.diameter_mm is None


def test_plain_print_has_no_seals() -> None:
    assert find_seals(_scan(_page(3)), dpi=150) == ()
    assert find_seals(_scan(_page(4), grey=True), dpi=150) == ()
    assert find_seals(np.full((1754, 1240, 3), 255, np.uint8), dpi=150) == ()
    assert find_seals(np.zeros((10, 10, 3), np.uint8), dpi=None) == ()


def test_a_photograph_of_nothing_has_no_seals() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (900, 700, 3), dtype=np.uint8)
    assert find_seals(noise, dpi=None) == ()


def test_red_print_and_hand_drawn_circles_are_no_seals() -> None:
    page = _page(5)
    for x in (120, 420, 720):
        cv2.putText(page, "RED", (x, 110), cv2.FONT_HERSHEY_DUPLEX, 3, (210, 20, 30), 6)
    cv2.line(page, (100, 130), (1140, 130), (210, 20, 30), 6)
    t = np.linspace(0.2, 6.6, 90)
    wobble = 1 + 0.06 * np.sin(3 * t) + 0.02 * t
    ring = np.stack([600 + 95 * wobble * np.cos(t), 900 + 60 * wobble * np.sin(t)], axis=1)
    cv2.polylines(page, [ring.astype(np.int32)], False, (200, 20, 30), 4, cv2.LINE_AA)
    assert find_seals(_scan(page), dpi=150) == ()


@pytest.mark.parametrize("size", [260, 420, 900])
def test_a_piece_cut_out_around_a_seal_is_no_page(size: int) -> None:
    art = draw_seal(SealSpec(NAME, wear=0.2), dpi=round(size * 0.92 / 40 * 25.4), seed=3)
    page = press_seal(np.full((size, size, 3), 238, np.uint8), art, (size / 2, size / 2))
    (found,) = find_seals(_scan(page), dpi=None)
    box = (
        size / 2 - art.shape[1] / 2,
        size / 2 - art.shape[0] / 2,
        size / 2 + art.shape[1] / 2,
        size / 2 + art.shape[0] / 2,
    )
    assert _shared(found, box, page) > 0.8


def test_a_stamp_that_limits_the_use_of_a_copy_is_found() -> None:
    spec = SealSpec(
        "此件仅供   单位办理\n招聘 使用，复印无效\n日期   有效期   天", shape="rectangle", diameter_mm=60, height_mm=28
    )
    art = draw_seal(spec, dpi=150, seed=1)
    art[:, :, :3] = (28, 90, 190)
    for row in (1, 2):
        y = art.shape[0] * row // 3
        art[y - 1 : y + 1, :, 3] = 220
    image = _scan(press_seal(_page(2), art, (600.0, 1150.0)))
    (found,) = find_seals(image, dpi=150)
    assert (found.shape, found.colour) == ("rectangle", "blue")


@pytest.mark.parametrize("decoy", SCENE_DECOYS["certificate"][::2] + SCENE_DECOYS["any"][-3:])
def test_what_certificates_bear_is_no_seal(decoy: Callable[[Pillow.Image, random.Random], None]) -> None:
    false = 0
    for seed in range(4):
        canvas = Pillow.new("RGB", (1240, 1754), (252, 250, 246))
        decoy(canvas, random.Random(seed))
        false += len(find_seals(_scan(np.asarray(canvas, dtype=np.uint8)), dpi=150))
    assert false <= 1


@pytest.mark.slow
def test_most_seals_of_busy_pages_are_found_and_little_else() -> None:
    seals = hits = false = 0
    for seed in range(5_000_000, 5_000_024):
        page = draw_page(seed)
        found = find_seals(page.image, dpi=page.dpi)
        right = [s for s in page.seals if any(_shared(f, s.box, page.image) >= 0.5 for f in found)]
        seals, hits = seals + len(page.seals), hits + len(right)
        false += sum(all(_shared(f, s.box, page.image) < 0.5 for s in page.seals) for f in found)
    assert seals > 20
    assert hits / seals > 0.75  # half of these seals are badly worn, faint, or buried under emblems and photographs
    assert false <= 4


@pytest.mark.slow
@pytest.mark.skipif(not (REAL / "labels.jsonl").exists(), reason="no real scans here")
def test_real_scans() -> None:
    import json

    seals = hits = false = 0
    for line in (REAL / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        image = np.asarray(cv2.imread(str(REAL / label["file"])), dtype=np.uint8)
        found = find_seals(image, dpi=None)
        asked = [s for s in label["seals"] if s["colour"] and s["shape"] and s["kind"] != "pre-printed"]
        asked = [s for s in asked if s["shape"] != "pre-printed"]
        seals += len(asked)
        hits += sum(any(_shared(f, s["bbox"], image) >= 0.4 for f in found) for s in asked)
        false += sum(all(_shared(f, s["bbox"], image) < 0.4 for s in label["seals"]) for f in found)
    assert hits >= 0.95 * seals
    assert false <= 2
