"""Seals drawn, stamped on paper and read again; geometry and votes on their own."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import MissingTool
from pipeline.model import Box
from pipeline.reading.engine import Recognition
from pipeline.seals.boxed import layouts
from pipeline.seals.find import FoundSeal
from pipeline.seals.inside import _parted, _row_runs, star_turn
from pipeline.seals.prepare import _like
from pipeline.seals.priors import settled
from pipeline.seals.read import _witnessed, read_seals
from pipeline.seals.reader import Readers, seal_readers
from pipeline.seals.unmix import grey_ink, seal_ink
from pipeline.seals.unwrap import Arc, Band, Ring, find_arcs, find_band, fit_ring, unroll
from pipeline.seals.vote import (
    Reading,
    Slot,
    Witness,
    candidates,
    cleaned,
    consensus,
    reading_of,
    rewound,
    with_ends,
    without_ends,
)
from samples.seal_art import SealSpec, draw_seal, press_seal
from samples.seal_fonts import faces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.model import Colour

    Image = NDArray[np.uint8]

SIDE = 520  # px of a test page
PX_PER_MM = 200 / 25.4


def _fonts() -> bool:
    try:
        return bool(faces())
    except MissingTool:
        return False


drawn = pytest.mark.skipif(not _fonts(), reason="no Chinese font installed")


def page_with(
    spec: SealSpec, *, seed: int = 3, print_over: bool = False, grey: bool = False
) -> tuple[Image, FoundSeal]:
    """A page (BGR) with one seal at its middle, and where it is."""
    page = np.full((SIDE, SIDE, 3), 250, np.uint8)
    if print_over:
        for y in (190, 300):
            cv2.putText(page, "2023-09-20 ABC 1234", (60, y), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (25, 25, 25), 2)
        cv2.line(page, (0, 330), (SIDE, 330), (30, 30, 30), 2)
    stamped = press_seal(page, draw_seal(spec, seed=seed), (SIDE / 2, SIDE / 2))[:, :, ::-1].copy()
    if grey:
        stamped = cv2.cvtColor(cv2.cvtColor(stamped, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    a = spec.diameter_mm / 2 * PX_PER_MM
    proportion = {"round": 1.0, "oval": 0.72, "square": 1.0, "rectangle": 0.42}[spec.shape]
    b = spec.height_mm / 2 * PX_PER_MM if spec.height_mm else a * proportion
    colour: Colour = "grey" if grey or spec.colour == "grey" else "blue" if spec.colour == "blue" else "red"
    box = Box(0.5 - a / SIDE, 0.5 - b / SIDE, 0.5 + a / SIDE, 0.5 + b / SIDE)
    angle = spec.rotation if spec.shape != "round" else 0.0
    found = FoundSeal(
        box=box, centre=(SIDE / 2 + 3, SIDE / 2 - 2), axes=(a * 1.02, b * 1.02), angle=angle, shape=spec.shape,
        colour=colour, found=1.0, diameter_mm=spec.diameter_mm,
    )  # fmt: skip
    return stamped, found


# --------------------------------------------------------------------------------------------------------- geometry


def _ring_picture(ring: Ring, side: int = 420) -> NDArray[np.float32]:
    picture = np.zeros((side, side), np.float32)
    t = np.linspace(0, 2 * np.pi, 721, dtype=np.float32)
    x, y, _, _ = ring.points(t)
    cv2.polylines(picture, [np.stack([x, y], 1).round().astype(np.int32)], True, 1.0, 7)
    return picture


@pytest.mark.parametrize("ring", [Ring(215, 203, 150, 150), Ring(206, 214, 172, 128, 0.12)])
def test_a_ring_is_found_from_a_loose_box(ring: Ring) -> None:
    fitted = fit_ring(_ring_picture(ring), Ring(210, 210, ring.a * 1.04, ring.b * 0.97, 0.05))
    assert math.hypot(fitted.cx - ring.cx, fitted.cy - ring.cy) < 3
    assert sorted((fitted.a, fitted.b)) == pytest.approx(sorted((ring.a, ring.b)), rel=0.02)


def test_the_gap_and_the_band_of_a_name() -> None:
    ring = Ring(210, 210, 150, 150)
    picture = _ring_picture(ring)
    for degrees in range(-110, 131, 20):  # characters as bars between depths 0.1 and 0.35
        t = math.radians(degrees)
        ends = [(210 + r * math.sin(t), 210 - r * math.cos(t)) for r in (150 * 0.9, 150 * 0.65)]
        (x0, y0), (x1, y1) = ends
        cv2.line(picture, (round(x0), round(y0)), (round(x1), round(y1)), 1.0, 14)
    arc = find_arcs(picture, ring)[0]
    assert math.degrees(arc.start) == pytest.approx(-114, abs=6)
    assert math.degrees(arc.end) == pytest.approx(134, abs=6)
    band = find_band(picture, ring, arc)
    assert band.top == pytest.approx(0.06, abs=0.04) and band.bottom == pytest.approx(0.37, abs=0.04)


def test_a_blank_picture_breaks_nothing() -> None:
    blank = np.zeros((420, 420), np.float32)
    ring = fit_ring(blank, Ring(210, 210, 150, 150))
    assert all(isinstance(arc, Arc) for arc in find_arcs(blank, ring))
    assert layouts(blank) is not None


# -------------------------------------------------------------------------------------------------------------- ink


def test_black_print_is_no_seal_ink() -> None:
    page = np.full((200, 200, 3), 250, np.uint8)
    cv2.circle(page, (100, 100), 70, (40, 30, 210), 8)
    cv2.line(page, (0, 40), (200, 40), (20, 20, 20), 3)
    ink = seal_ink(page, "red")
    assert ink[100, 30] > 0.8 and ink[40, 10] < 0.25 and ink[5, 5] == 0


def test_a_green_border_is_no_red_ink() -> None:
    page = np.full((200, 200, 3), 250, np.uint8)
    cv2.circle(page, (100, 100), 70, (60, 50, 205), 6)
    page[178:190] = (60, 90, 10)  # more of it, and more colourful
    ink = seal_ink(page, "red")
    assert ink[100, 30] > 0.8 and ink[184, 10] < 0.25


def test_on_grey_paper_the_darker_is_print() -> None:
    page = np.full((200, 200, 3), 250, np.uint8)
    cv2.circle(page, (100, 100), 70, (120, 120, 120), 8)
    cv2.rectangle(page, (0, 150), (200, 170), (15, 15, 15), -1)
    ink = grey_ink(page, math.log(250 / 120))
    assert ink is not None and ink[30, 100] > 0.8 and ink[160, 10] < 0.3
    assert grey_ink(page, math.log(250 / 15)) is None


# ------------------------------------------------------------------------------------------------------------ votes


def test_noise_at_the_ends_is_dropped_and_brackets_are_one() -> None:
    found = Recognition("★诺德(中国)有限公司·", 0.9, scores=(0.4, *(0.95,) * 10, 0.3))
    assert cleaned(found).text == "诺德（中国）有限公司"
    latin = Recognition("YINGGIZ容县应急管理局", 0.9, scores=(0.9,) * 14)
    assert cleaned(latin).text == "容县应急管理局"


def _strip(text: str, scores: tuple[float, ...], *, start: float = -2.0, at: tuple[int, ...] = ()) -> Witness:
    """A strip's reading, its signs 0.3 rad apart; ``at``: the places they stand in, where some are missing."""
    places = at or tuple(range(len(text)))
    return Witness(Reading(text, scores, 1.0, tuple(start + 0.3 * place for place in places)))


def _voted(*strips: Witness) -> Reading:
    return reading_of(settled(consensus(strips)))


def test_the_sure_readings_outvote_the_unsure_one() -> None:
    good = _strip("北京云海软件有限公司", (0.95,) * 10)
    bad = _strip("北京云每软件有限公可", (0.9, 0.9, 0.9, 0.3, 0.9, 0.9, 0.9, 0.9, 0.9, 0.4))
    assert _voted(bad, good, good).text == good.reading.text
    assert _voted().text == "" and candidates(_voted(), []) == ()
    assert candidates(_voted(bad, good), [bad.reading, good.reading])[0].text == good.reading.text


def test_a_vote_is_no_surer_than_those_who_cast_it() -> None:
    unsure = _strip("涵西省商务厅", (0.5,) + (1.0,) * 5)
    assert _voted(unsure, unsure, unsure, unsure).scores[0] == pytest.approx(0.5, abs=0.01)


def test_an_unsure_ending_becomes_the_known_one() -> None:
    assert _voted(_strip("蓝鲸软件有限公可", (0.95,) * 7 + (0.4,))).text == "蓝鲸软件有限公司"
    assert _voted(_strip("蓝鲸软件有限公可", (0.95,) * 8)).text == "蓝鲸软件有限公可"


def test_strips_are_laid_onto_each_other_by_what_they_share() -> None:
    whole = _strip("华信嘉远认证有限公司", (0.99, 0.44) + (1.0,) * 8)
    cut = _strip("华嘉远认证有限公司", (1.0,) * 9, start=4.28, at=(0, 2, 3, 4, 5, 6, 7, 8, 9))  # a turn further
    assert _voted(cut, whole).text == whole.reading.text


def test_what_lies_beyond_a_gap_is_the_names_only_if_it_is_sure() -> None:
    corner = _strip("海出天津市工商局", (0.6, 0.4) + (1.0,) * 6, at=(0, 1, 4, 5, 6, 7, 8, 9))
    assert _voted(corner).text == "天津市工商局"
    code = _strip("02胶澳正信会计师事务所98", (0.95,) * 13, at=(0, 1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 17))
    assert _voted(code).text == "胶澳正信会计师事务所"
    form = _strip("济宁华诺医疗有限公司", (1.0,) * 6 + (0.9, 0.7, 0.9, 0.8), at=(*range(6), 9, 10, 11, 12))
    assert _voted(form).text == "济宁华诺医疗有限公司"
    bracket = _strip("安徽皖正会计师事务所（普合伙）", (1.0,) * 13 + (0.48, 0.97), at=(*range(12), 13, 14, 15))
    assert _voted(bracket).text == "安徽皖正会计师事务所（普通合伙）"


def test_a_date_across_the_rings_end_is_no_part_of_the_name() -> None:
    assert _voted(_strip("深圳市市场监督管理局目", (1.0,) * 10 + (0.72,))).text == "深圳市市场监督管理局"
    assert _voted(_strip("三港上海邓阳贸易有限公司", (0.4, 0.5) + (1.0,) * 10)).text == "上海邓阳贸易有限公司"
    assert _voted(_strip("港上海邓阳贸易有限公司", (0.5,) + (1.0,) * 10)).text == "上海邓阳贸易有限公司"


# ------------------------------------------------------------------------------------------------------ wording


def test_a_ring_cut_within_its_name_is_joined() -> None:
    """A date across the gap hides it: the strip began behind 广, which it then saw last, and 月 on its head as 自."""
    places = (-0.12, 0.39, 0.9, 1.39, 1.88, 2.37, 2.88, 3.39, 3.9, 4.72, 5.55)
    cut = Witness(Reading("州市工商行政管理局自广", (0.99,) * 11, 1.0, places))
    assert rewound(cut).reading.text == "广州市工商行政管理局自"
    assert "".join(slot.sign for slot in settled(consensus([rewound(cut)]))) == "广州市工商行政管理局"
    whole = Witness(Reading("广州市工商行政管理局", (0.99,) * 10, 1.0, (-0.73, *places[:9])))
    assert rewound(whole) == whole


def test_a_crowded_ring_that_lost_a_sign_is_not_cut_there() -> None:
    places = tuple(0.36 * k for k in range(17) if k != 5)
    crowded = Witness(Reading("中国工商银股份有限公司城东分支行", (0.99,) * 16, 1.0, places))
    assert rewound(crowded) == crowded


def test_a_first_sign_that_only_some_strips_showed_has_a_place() -> None:
    """墨舟生物医药: 墨 was too unsure to have a place of its own, but ink stands there."""
    lattice = ((("墨", 0.2),), *(((sign, 0.95),) for sign in "舟生物医药"))
    steps = tuple(0.5 * k for k in range(6))
    strip = Witness(Reading("舟生物医药", (0.95,) * 5, 1.0, steps[1:]), steps, lattice)
    own = consensus([strip])
    ended = with_ends(own, [strip], start=-0.2, end=2.7)
    assert ended[0].sign == "墨" and ended[1:] == own
    assert without_ends(ended, own) == own  # as long as nobody is surer
    assert without_ends((Slot(ended[0].at, (("墨", 0.7),)), *own), own)[0].sign == "墨"
    assert with_ends(own, [strip], start=math.inf, end=2.7) == own


def test_strips_cut_in_other_places_are_laid_in_one_round() -> None:
    sure = (0.9,) * 6
    main = Witness(Reading("南京云杉公司", sure, 1.0, tuple(-1.5 + 0.6 * k for k in range(6))))
    turned = Witness(Reading("公司南京云杉", sure, 1.0, (0.9, 1.5, *(-1.5 + 0.6 * k + 2 * math.pi for k in range(4)))))
    assert reading_of(consensus([main, turned])).text == "南京云杉公司"


def _slots(*signs: str | tuple[tuple[str, float], ...]) -> tuple[Slot, ...]:
    """Slots: a sign read clearly each, or what an unclear one may be."""
    seen = [((sign, 1.0),) if isinstance(sign, str) else sign for sign in signs]
    return tuple(Slot(0.3 * i, tuple(pairs)) for i, pairs in enumerate(seen))


def _settled(*signs: str | tuple[tuple[str, float], ...]) -> str:
    return "".join(slot.sign for slot in settled(_slots(*signs)))


def test_what_names_are_made_of_settles_unclear_signs() -> None:
    assert _settled(*"云海数科有", (("跟", 0.4), ("墨", 0.2)), *"公司") == "云海数科有限公司"
    assert _settled(*"江西省财政", (("居", 0.5), ("店", 0.3))) == "江西省财政厅"
    assert _settled(*"南昌市财政", (("居", 0.5), ("店", 0.3))) == "南昌市财政局"
    assert _settled((("涵", 0.5), ("江", 0.02)), *"西省商务厅") == "江西省商务厅"
    assert _settled(*"正信会计师事务所（特", (("缘", 0.6),), *"普通合伙）") == "正信会计师事务所（特殊普通合伙）"
    assert _settled((("汉", 0.46), ("南", 0.31)), *"京云杉软件有限公司") == "南京云杉软件有限公司"
    seen = (("经", 0.2), ("翻", 0.14)), (("泽", 0.6), ("译", 0.3))
    assert _settled(*"北京汇语", *seen, *"服务有限公司") == "北京汇语翻译服务有限公司"


SIGNS = st.sampled_from("北京南汉上海江西省市财政局有限公司（）特殊普通合伙月0A")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.tuples(SIGNS, st.floats(0.0, 1.0)), max_size=3), max_size=14))
def test_any_slots_may_be_settled(seen: list[list[tuple[str, float]]]) -> None:
    ordered = [sorted(pairs, key=lambda pair: -pair[1]) for pairs in seen]
    slots = tuple(Slot(0.3 * i, tuple(pairs)) for i, pairs in enumerate(ordered))
    done = settled(slots)
    assert len(done) <= len(slots) and reading_of(done).text.startswith("".join(slot.sign for slot in done))
    clear = [slot.sign for slot in slots if slot.score >= 0.93]
    assert all(sign in [slot.sign for slot in done] or sign in "月" for sign in clear)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.tuples(SIGNS, st.floats(0.0, 1.0), st.floats(-3.0, 9.0)), max_size=12), max_size=4))
def test_any_strips_come_to_a_reading(strips: list[list[tuple[str, float, float]]]) -> None:
    witnesses = []
    for strip in strips:
        signs = sorted(strip, key=lambda sign: sign[2])
        reading = Reading(
            "".join(s for s, _, _ in signs), tuple(p for _, p, _ in signs), 1.0, tuple(a for *_, a in signs)
        )
        witnesses.append(Witness(reading))
    slots = consensus(witnesses)
    assert all(a.at <= b.at for a, b in pairwise(slots)) and all(
        0 <= p <= 1.001 for slot in slots for _, p in slot.signs
    )


def test_what_was_read_clearly_is_not_settled() -> None:
    for name in ("北京云海软体有限公司", "北京云海软件有限责任公司", "武汉江城众联会计师事务所（普通合伙）"):
        assert _settled(*name) == name
    assert _settled((("涵", 0.9), ("江", 0.02)), *"西省商务厅") == "涵西省商务厅"
    assert (
        _settled("西", "安", (("奏", 0.5),), *"川数字技能培训学校") == "西安奏川数字技能培训学校"
    )  # 西安市 was not seen
    assert _settled((("涵", 0.5),), *"西省商务厅") == "涵西省商务厅"  # 江西, 山西 and 陕西 are as likely


# ---------------------------------------------------------------------------------------------------------- reading


@pytest.fixture(scope="module")
def readers() -> Readers:
    return seal_readers()


@drawn
@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "over", "grey"),
    [
        (SealSpec("北京云海数科信息技术有限公司", code="1101080123456", wear=0.1), False, False),
        (SealSpec("上海市浦东新区商务委员会", diameter_mm=45, rotation=25, colour="blue"), False, False),
        (SealSpec("成都蓝鲸软件服务外包有限公司", rotation=178), True, False),
        (SealSpec("大连华信会计师事务所（普通合伙）", diameter_mm=42), False, True),
        (SealSpec("诺德信息服务有限公司", shape="oval", diameter_mm=45, height_mm=30, star=False), True, False),
        (SealSpec("中国注册会计师\n李明华\n110001234567", shape="rectangle", height_mm=18), False, False),
        (SealSpec("王建国印", shape="square", diameter_mm=20), False, False),
    ],
)
def test_drawn_seals_are_read(spec: SealSpec, over: bool, grey: bool, readers: Readers) -> None:
    page, found = page_with(spec, print_over=over, grey=grey)
    (read,) = read_seals(page, [found], readers, page=4)
    assert read.page == 4 and read.box == found.box
    assert read.candidates[0].text == spec.name.replace("\n", "")
    assert read.legible > 0.7 and read.lattice
    if spec.shape == "round":
        assert abs((read.rotation + spec.rotation + 180) % 360 - 180) < 12


@drawn
@pytest.mark.slow
def test_straight_text_stands_apart_from_the_name(readers: Readers) -> None:
    specs = (
        SealSpec("苏州蓝鲸软件有限公司", centre_text="合同专用章", rotation=-15),
        SealSpec("南京云杉软件有限公司", shape="oval", height_mm=30, star=False, centre_text="发票专用章"),
    )
    for spec in specs:
        page, found = page_with(spec)
        (read,) = read_seals(page, [found], readers, page=1)
        assert read.candidates[0].text == spec.name
        assert spec.centre_text in read.straight


@drawn
@pytest.mark.slow
def test_ink_without_characters_is_not_legible(readers: Readers) -> None:
    page = np.full((SIDE, SIDE, 3), 250, np.uint8)
    cv2.circle(page, (260, 260), 150, (60, 60, 220), 9)
    found = FoundSeal(
        box=Box(0.2, 0.2, 0.8, 0.8), centre=(260, 260), axes=(155, 155), angle=0, shape="round", colour="red", found=0.9
    )
    (read,) = read_seals(page, [found], readers, page=1)
    assert read.legible < 0.3
    assert read_seals(page, [], readers, page=1) == ()


@pytest.mark.parametrize(
    ("told", "witness", "meant"),
    [
        ("合同专用章", "丿八", "丿八"),  # the rest of a star: nothing that print's reader would call so
        ("合同专用章", "合阿专用草", "合同专用章"),
        ("合同专用章", "同章", "合同专用章"),
        ("公章", "章", "章"),
    ],
)
def test_a_straight_line_needs_a_second_witness(told: str, witness: str, meant: str) -> None:
    code = Recognition("1101080123456", 0.99)
    read = _witnessed([code, Recognition(told, 0.95)], [Recognition(witness, 0.5)])
    assert [one.text for one in read] == [code.text, meant]


class _Unsure:
    """A reader that sees signs everywhere and is sure of none of them."""

    def recognise(self, crops: Sequence[Image], *, lattice: bool = False) -> list[Recognition]:
        text, count = "甲乙丙丁戊己庚", 7
        centres = tuple((k + 0.5) / count for k in range(count))
        steps = tuple(((sign, 0.2), ("", 0.1)) for sign in text)
        return [Recognition(text, 0.2, centres, (0.2,) * count, steps) for _ in crops]


@drawn
def test_a_name_of_which_no_sign_is_likely_is_told_as_illegible() -> None:
    page, found = page_with(SealSpec("北京云海数科信息技术有限公司", wear=0.1), print_over=False, grey=False)
    (read,) = read_seals(page, [found], Readers(_Unsure(), _Unsure()), page=1)
    assert read.legible < 0.3


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("合肥市场监督管理局", "合肥市市场监督管理局"),
        ("合肥市市场监督管理局", "合肥市市场监督管理局"),
        ("天津市滨海新区市场监督管理局", "天津市滨海新区市场监督管理局"),
    ],
)
def test_a_doubled_sign_that_ctc_swallowed_comes_back(read: str, meant: str) -> None:
    centres = tuple((i + 0.5) / len(read) for i in range(len(read)))
    assert cleaned(Recognition(read, 0.99, centres, (0.99,) * len(read))).text == meant


def _strokes(ink: NDArray[np.float32], x: int, top: int, high: int) -> None:
    """A thin character: two lines across, one down."""
    ink[top : top + 2, x : x + high] = ink[top + high - 2 : top + high, x + 4 : x + high - 4] = 0.8
    ink[top : top + high, x + high // 2 : x + high // 2 + 2] = 0.8


def test_a_short_name_between_two_full_rows_is_cut_whole() -> None:
    ink = np.zeros((208, 320), np.float32)
    ink[4:12, 4:-4] = ink[-12:-4, 4:-4] = ink[4:-4, 4:12] = ink[4:-4, -12:-4] = 1.0
    for k in range(7):
        _strokes(ink, 28 + 38 * k, 24, 32)
    for k in range(2):
        _strokes(ink, 110 + 46 * k, 80, 40)  # two characters in a row that has room for seven
    for k in range(12):
        _strokes(ink, 26 + 22 * k, 144, 28)
    ink[14:17, 12:-12] = 0.15  # what a frame a little askew leaves
    (rows,) = layouts(ink)
    heights = [strip.shape[0] for strip in rows.strips]
    assert len(heights) == 3
    assert 40 <= heights[1] <= 40 + 2 * 8 and min(heights) >= 28


def test_a_strip_that_dropped_characters_yields_to_the_whole_one() -> None:
    cut = _strip("杭州云网络股份有限", (1.0,) * 9, at=(0, 1, 4, 5, 6, 7, 8, 9, 10))
    whole = _strip("杭州市创云网络股份有限公司", (0.95,) * 13)
    assert _voted(cut, whole, whole).text == whole.reading.text


def test_a_borders_ellipse_is_no_rim() -> None:
    near = Ring(225, 225, 150, 150)
    assert _like(Ring(230, 220, 160, 150), near)
    assert not _like(Ring(1701, 1702, 1624, 11), near)
    strip = unroll(
        np.zeros((50, 50), np.float32), Ring(25, 25, 1600, 1), Band(0.1, 0.3), Arc(0, 6, 1), height=48, stretch=1
    )
    assert strip.shape[1] <= 8000


def test_what_no_name_ends_with_goes_on() -> None:
    found = _voted(_strip("中原认信认证服务有限", (0.99,) * 10))
    assert found.text == "中原认信认证服务有限公司" and min(found.scores) <= 0.5
    assert _voted(_strip("中原认信认证服务中心", (0.99,) * 10)).text == "中原认信认证服务中心"


# ------------------------------------------------------------------------------------------- straight text, turned


@drawn
@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "straight"),
    [
        (SealSpec("国家版权局", centre_text="计算机软件著作权\n登记专用章", rotation=14), "计算机软件著作权登记专用章"),
        (SealSpec("国家知识产权局", centre_text="专利受理章", rotation=-22), "专利受理章"),
        (SealSpec("天津市工商局", centre_text="东丽分局\n年检", star=False, rotation=-18), "东丽分局年检"),
    ],
)  # fmt: skip
def test_straight_text_is_read_the_way_the_name_is_turned(spec: SealSpec, straight: str, readers: Readers) -> None:
    page, found = page_with(spec)
    (read,) = read_seals(page, [found], readers, page=1)
    assert read.candidates[0].text == spec.name
    assert "".join(read.straight) == straight
    assert abs((read.rotation + spec.rotation + 180) % 360 - 180) < 4


@drawn
@pytest.mark.slow
def test_grey_print_across_a_grey_seal_is_no_straight_text(readers: Readers) -> None:
    page, found = page_with(SealSpec("无锡市滨湖区商务局", rotation=5), print_over=True, grey=True)
    (read,) = read_seals(page, [found], readers, page=1)
    assert read.candidates[0].text.endswith("滨湖区商务局") and not read.straight


@drawn
@pytest.mark.slow
@pytest.mark.parametrize("angle", [0.0, 90.0, 180.0])
def test_a_frames_angle_says_nothing_about_its_upper_side(angle: float, readers: Readers) -> None:
    specs = (
        SealSpec("阮致中印", shape="square", diameter_mm=20),
        SealSpec("中国注册会计师\n万庆林\n340100560002", shape="square", diameter_mm=26),
    )
    for spec in specs:
        page, found = page_with(spec)
        (read,) = read_seals(page, [replace(found, angle=angle)], readers, page=1)
        assert read.candidates[0].text == spec.name.replace("\n", "")


@pytest.mark.parametrize("degrees", [-40, -12, 0, 21, 35])
def test_a_star_tells_how_a_seal_is_turned(degrees: int) -> None:
    ring = Ring(210, 205, 150, 150, 0.4)
    ink = _ring_picture(Ring(210, 205, 150, 150))
    tips = [math.radians(degrees + 36 * k) for k in range(10)]
    reach = [48 if k % 2 == 0 else 19 for k in range(10)]
    star = [(210 + r * math.sin(t), 205 - r * math.cos(t)) for r, t in zip(reach, tips, strict=True)]
    cv2.fillPoly(ink, [np.round(star).astype(np.int32)], 1.0)
    near = math.radians(degrees + 20)
    found = star_turn(ink, ring, near)
    assert found is not None and math.degrees(found) == pytest.approx(degrees, abs=1.5)
    assert star_turn(_ring_picture(ring), ring, near) is None


def test_a_gap_inside_a_character_parts_no_rows() -> None:
    ink = np.zeros((208, 320), np.float32)
    ink[4:12, 4:-4] = ink[-12:-4, 4:-4] = ink[4:-4, 4:12] = ink[4:-4, -12:-4] = 1.0
    for k in range(7):
        _strokes(ink, 28 + 38 * k, 24, 32)
    for k in range(2):  # 孟洁: an upper and a lower half with a narrow gap
        for top in (74, 101):
            cv2.rectangle(ink, (110 + 46 * k, top), (148 + 46 * k, top + 23), 0.8, 6)
    for k in range(12):
        _strokes(ink, 26 + 22 * k, 144, 28)
    (rows,) = layouts(ink)
    assert len(rows.strips) == 3


def test_thin_strokes_whose_colour_has_run_are_the_seals() -> None:
    page = np.full((60, 60, 3), 235, np.uint8)
    cv2.circle(page, (30, 30), 26, (60, 50, 190), 2)
    for x in range(14, 50, 6):
        cv2.line(page, (x, 18), (x, 42), (60, 50, 190), 1)
    ycc = cv2.cvtColor(page, cv2.COLOR_BGR2YCrCb)
    for channel in (1, 2):  # as JPEG keeps colours: one value for many pixels
        coarse = cv2.resize(ycc[:, :, channel], (24, 24), interpolation=cv2.INTER_AREA)
        ycc[:, :, channel] = cv2.resize(coarse, (60, 60), interpolation=cv2.INTER_LINEAR)
    crop = cv2.resize(cv2.cvtColor(ycc, cv2.COLOR_YCrCb2BGR), None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC)
    strokes = np.ix_(range(100, 200), [5 * x + 2 for x in range(14, 50, 6)])
    run, plain = (float(seal_ink(crop, "red", bled=bled)[strokes].mean()) for bled in (True, False))
    assert run > 0.5 and run > 1.3 * plain


@drawn
@pytest.mark.slow
def test_a_line_of_the_seals_colour_cuts_no_straight_text(readers: Readers) -> None:
    spec = SealSpec("南京云杉软件有限公司", shape="oval", height_mm=30, star=False, centre_text="发票专用章")
    page, found = page_with(spec)
    y = round(SIDE / 2 + 30 / 2 * PX_PER_MM * 0.16)  # above the middle of the straight text
    cv2.line(page, (0, y), (SIDE, y), (40, 30, 200), 2)
    (read,) = read_seals(page, [found], readers, page=1)
    assert read.candidates[0].text == spec.name and spec.centre_text in read.straight  # 南 of 南京 is cut, too


def test_rows_that_touch_are_parted_where_they_have_least_ink() -> None:
    profile = np.full(60, 0.2, np.float32)
    profile[29:31] = 0.05
    assert _parted((0, 60), profile, 40.0) == [(0, 29), (30, 60)]
    assert _parted((0, 60), np.full(60, 0.2, np.float32), 40.0) == [(0, 60)]


def test_two_close_lines_are_two_rows() -> None:
    """计算机软件著作权 over 登记专用章, small and close: together no higher than one line may be."""
    inner = np.zeros((300, 300), np.float32)
    for x in range(60, 240, 12):
        inner[180:205, x : x + 6] = 1
        inner[208:233, x : x + 6] = 1
    assert len(_row_runs(inner, 150, 150)) == 2
    inner[:] = 0
    for x in range(90, 210, 30):  # 三, 二: strokes apart
        inner[180:189, x : x + 20] = inner[192:201, x : x + 20] = 1
    assert len(_row_runs(inner, 150, 150)) == 1


@drawn
@pytest.mark.slow
@pytest.mark.parametrize("degrees", [50, 90, -60])
def test_a_copy_stamp_set_on_end_is_read(degrees: int, readers: Readers) -> None:
    spec = SealSpec("再次复印无效仅供投标", shape="rectangle", rotation=degrees, star=False)
    page, found = page_with(spec)
    (read,) = read_seals(page, [found], readers, page=1)
    assert read.candidates[0].text == spec.name
