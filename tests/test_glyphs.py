"""The second opinion on seals' characters: how opinions are weighed, and what the network makes of drawn seals."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.reading.engine import Recognition
from pipeline.seals.glyphs import CELL_SIDE, FILE, Judge, blended, cell, glyph_judge, weighed
from pipeline.seals.names import best_name, fit_name
from pipeline.seals.read import read_seals
from pipeline.seals.reader import seal_readers
from samples.glyph_strips import seconded
from samples.seal_art import SealSpec
from tests.test_seal_read import _fonts, page_with

SIGNS = "天庆津市公司江注徽数局"
HEIGHT, PITCH, STEP = 48, 48, 8  # px of a strip; a step of the recogniser


def reading(text: str, *, sure: float = 0.9, rivals: str = "", gaps: tuple[int, ...] = ()) -> Recognition:
    """A strip's reading, its characters six steps apart; before those named by ``gaps`` stands an unread one."""
    steps: list[tuple[tuple[str, float], ...]] = [(("", 0.99),)] * 3
    centres = []
    for index, sign in enumerate(text):
        if index in gaps:
            steps += [(("", 0.99),)] * 6
        centres.append(len(steps) + 0.5)
        rival = ((rivals, round(1 - sure, 4)),) if rivals and index == 0 else ()
        steps += [((sign, sure), *rival), *[(("", 0.99),)] * 5]
    return Recognition(
        text=text,
        confidence=sure,
        centres=tuple(c / len(steps) for c in centres),
        scores=tuple(sure for _ in text),
        lattice=tuple(steps),
    )


def strip_of(found: Recognition) -> np.ndarray:
    return np.full((HEIGHT, len(found.lattice) * STEP), 255, np.uint8)


def judge_saying(*opinions: dict[str, float]) -> Judge:
    """A judge that says these things of the cells it is shown, one after the other."""
    rows = np.array([[said.get(sign, 0.0) for sign in SIGNS] for said in opinions], np.float32)
    return Judge(SIGNS, lambda cells: rows[: len(cells)])


def agreeing(text: str, **other: dict[str, float]) -> list[dict[str, float]]:
    return [other.get(sign, {sign: 0.95}) for sign in text]


def decoded(found: Recognition) -> str:
    best = [step[0][0] for step in found.lattice]
    return "".join(s for s, before in zip(best, ["", *best], strict=False) if s and s != before)


def test_agreement_raises() -> None:
    both = blended({"天": 0.7, "庆": 0.3}, {"天": 0.8, "大": 0.1})
    assert next(iter(both)) == "天"
    assert both["天"] > 0.8


def test_disagreement_leaves_both_as_rivals() -> None:
    both = blended({"庆": 0.8, "天": 0.02}, {"天": 0.9, "庆": 0.02})
    assert {"天", "庆"} == set(both)
    assert min(both.values()) > 0.05


def test_a_strong_opinion_replaces_a_weak_reading() -> None:
    found = reading("庆津市公司", sure=0.4, rivals="天")
    second = seconded(found, strip_of(found), judge_saying(*agreeing("庆津市公司", 庆={"天": 0.97})))
    assert second.text == "天津市公司"
    assert decoded(second) == second.text


def test_a_sure_reading_is_not_replaced_but_doubted() -> None:
    found = reading("注津市公司", sure=0.99)
    second = seconded(found, strip_of(found), judge_saying(*agreeing("注津市公司", 注={"江": 0.98})))
    assert second.text == found.text
    assert second.scores[0] < found.scores[0]
    assert "江" in [sign for step in second.lattice for sign, _ in step]


def test_a_sign_that_the_network_does_not_know_stands() -> None:
    """喵 is no class of its own: that 瞄 is seen there says nothing against it."""
    found = reading("喵津市公司", sure=0.6)
    second = seconded(found, strip_of(found), judge_saying(*agreeing("喵津市公司", 喵={"江": 0.99})))
    assert second.text == found.text
    assert second.scores[0] == found.scores[0]


def test_a_place_that_no_strip_could_read_gets_what_the_network_is_sure_of() -> None:
    cells = [np.zeros((CELL_SIDE, CELL_SIDE), np.float32)] * 3
    judge = judge_saying({"天": 0.95}, {"徽": 0.97}, {"江": 0.4, "注": 0.4})
    clear, gap, doubtful = weighed([{"天": 0.9}, {}, {}], cells, judge)
    assert clear[0][0] == "天" and clear[0][1] > 0.9
    assert gap[0][0] == "徽" and gap[0][1] < 0.9
    assert doubtful == ()


def test_an_unsure_opinion_changes_little() -> None:
    found = reading("天津市公司", sure=0.97)
    unsure = {"庆": 0.2, "注": 0.1, "天": 0.05}
    second = seconded(found, strip_of(found), judge_saying(*agreeing("天津市公司", 天=unsure)))
    assert second.text == found.text
    assert second.scores[0] > 0.8


def test_a_character_missed_between_two_is_put_in() -> None:
    """安徽徽远: of two like signs in a row a CTC reader keeps one, but the engraving leaves room for both."""
    found = reading("天徽数局市", gaps=(2,))
    second = seconded(found, strip_of(found), judge_saying(*agreeing("天徽数局市"), {"徽": 0.97}))
    assert second.text == "天徽徽数局市"
    assert decoded(second) == second.text
    assert second.scores[2] < 0.9


def test_nothing_is_put_into_a_gap_that_nobody_can_read() -> None:
    found = reading("天徽数局市", gaps=(2,))
    second = seconded(found, strip_of(found), judge_saying(*agreeing("天徽数局市"), {"徽": 0.4, "局": 0.3}))
    assert second.text == found.text


def test_a_short_or_bare_reading_is_left_alone() -> None:
    bare = Recognition("天津市公司", 0.9, (0.1, 0.3, 0.5, 0.7, 0.9), (0.9,) * 5)
    assert seconded(bare, np.full((48, 240), 255, np.uint8), judge_saying()) is bare
    short = reading("公司")
    assert seconded(short, strip_of(short), judge_saying()) is short


@given(
    text=st.text(SIGNS, min_size=4, max_size=12).filter(lambda t: all(a != b for a, b in pairwise(t))),
    sure=st.floats(0.3, 0.99),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_places_scores_and_lattice_stay_in_step(text: str, sure: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    found = reading(text, sure=round(sure, 3), gaps=(2,))
    rows = rng.dirichlet(np.full(len(SIGNS), 0.2), len(text) + 4).astype(np.float32)
    second = seconded(found, strip_of(found), Judge(SIGNS, lambda cells: rows[: len(cells)]))
    assert len(second.text) == len(second.centres) == len(second.scores)
    assert list(second.centres) == sorted(second.centres)
    assert len(second.lattice) == len(found.lattice)
    assert all(0 < score <= 1 for score in second.scores)


def test_a_cell_shows_its_character_in_the_middle() -> None:
    strip = np.full((48, 200), 255, np.uint8)
    strip[10:38, 95:105] = 0
    ink = cell(strip, 100, 40)
    assert ink.shape == (CELL_SIDE, CELL_SIDE)
    assert ink[:, 18:22].sum() > 0.4 * ink.sum()
    assert ink[:, [0, -1]].sum() == 0


def test_a_character_far_from_others_is_no_wider_for_it() -> None:
    strip = np.full((48, 400), 255, np.uint8)
    strip[4:44, 180:220] = 0
    assert 0.5 < cell(strip, 200, 90).max(axis=0).mean() < 0.8


def test_an_empty_gap_holds_no_character() -> None:
    """The pitch leaves room behind the last character, but the paper is white there."""
    found = reading("天徽数局市", gaps=(2,))
    strip = strip_of(found)
    for centre in found.centres:
        x = round(centre * strip.shape[1])
        strip[10:40, x - 10 : x + 10] = 0
    second = seconded(found, strip, judge_saying(*agreeing("天徽数局市"), {"徽": 0.97}))
    assert second.text == found.text


# ------------------------------------------------------------------------------------------------ the network itself


def test_the_network_tells_what_it_was_taught() -> None:
    judge = glyph_judge()
    assert len(judge.signs) == len(set(judge.signs)) > 4000
    assert FILE.stat().st_size < 4_000_000
    assert judge.opinions([], []) == []


PAIRS = (
    ("南京未来软件技术有限公司", "南京末来软件技术有限公司"),
    ("杭州汇海信息服务有限公司", "杭州江海信息服务有限公司"),
    ("苏州博远数据科技有限公司", "苏州搏远数据科技有限公司"),
    ("成都天成网络技术有限公司", "成都大成网络技术有限公司"),
)


@pytest.mark.skipif(not _fonts(), reason="no Chinese font installed")
@pytest.mark.parametrize("names", [*PAIRS, *((b, a) for a, b in PAIRS)], ids="".join)
def test_two_names_that_differ_in_one_character_stay_apart(names: tuple[str, str]) -> None:
    name, other = names
    page, found = page_with(SealSpec(name, wear=0.1, rotation=5.0, code="3201040012345"), seed=5)
    (read,) = read_seals(page, [found], seal_readers(), page=1)
    assert read.candidates[0].text == name
    assert best_name(read, names)[0] == name
    assert fit_name(read, name).score > fit_name(read, other).score
