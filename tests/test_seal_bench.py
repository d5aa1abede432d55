"""The benchmark of seals counts as it says."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.bench import replace
from samples.seal_art import SealSpec, draw_seal, press_seal
from samples.seal_bench import drawn, drawn_table, real, real_table
from samples.seal_pages import draw_page
from samples.seal_peers import circles, polar_strip, red_blobs
from samples.seal_truth import matched, overlap, same_text

sides = st.floats(0, 100, allow_nan=False)
boxes = st.builds(lambda x, y, w, h: (x, y, x + w + 1, y + h + 1), sides, sides, sides, sides)


@given(st.lists(boxes, max_size=6), st.lists(boxes, max_size=6))
def test_every_seal_is_counted_once(true: list[tuple[float, ...]], found: list[tuple[float, ...]]) -> None:
    match = matched(true, found)  # type: ignore[arg-type]
    assert sorted([i for i, _ in match.pairs] + list(match.missed)) == list(range(len(true)))
    assert sorted([k for _, k in match.pairs] + list(match.false)) == list(range(len(found)))
    assert all(overlap(true[i], found[k]) >= 0.4 for i, k in match.pairs)  # type: ignore[arg-type]


def test_two_that_touch_are_not_swapped() -> None:
    left, right = (0.0, 0.0, 10.0, 10.0), (9.0, 0.0, 19.0, 10.0)
    assert matched([left, right], [right, left]).pairs == ((0, 1), (1, 0))
    assert matched([left], [(8.0, 0.0, 18.0, 10.0)]).false == (0,)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("启明（中国）有限公司", "启明(中国)有限公司", True),
        ("启明有限公司 合同专用章", "启明有限公司合同专用章", True),
        ("启明软件", "启明软体", False),
        ("启明软件", "启明软件公司", False),
    ],
)
def test_texts_are_held_against_each_other_sign_by_sign(one: str, other: str, same: bool) -> None:
    assert same_text(one, other) is same


def test_drawn_pages_are_counted_by_class() -> None:
    pages = [draw_page(seed, grey=grey, seals=1, decoys=0) for seed, grey in ((90_001, False), (90_004, True))]
    tally = drawn(pages)
    assert len(tally.rows) == sum(len(p.seals) for p in pages) and tally.pages == 2
    table = "\n".join(drawn_table(tally))
    assert "| all | " in table and "Reading, a seal: median" in table and "grey page" in table


def _scan(folder: Path) -> None:
    page = np.full((1100, 1500, 3), 250, np.uint8)
    for x, name in ((400, "启明数据服务有限公司"), (1100, "云帆信息技术有限公司")):
        page = press_seal(page, draw_seal(SealSpec(name), dpi=200, seed=7), (x, 500))
    cv2.imwrite(str(folder / "scan.png"), page[:, :, ::-1])


def test_real_scans_are_counted_without_their_names(tmp_path: Path) -> None:
    _scan(tmp_path)
    seal = {"colour": "red", "shape": "round", "kind": "seal", "conf": "high"}
    labels = [
        {"file": "absent.png", "seals": []},
        {
            "file": "scan.png",
            "seals": [
                {**seal, "text": "启明数据服务有限公司", "bbox": [240, 340, 560, 660]},
                {**seal, "text": "哪里都没有的章", "bbox": [700, 800, 800, 900]},
                {**seal, "kind": "pre-printed", "text": "别家", "bbox": [940, 340, 1260, 660]},
            ],
        },
    ]
    (tmp_path / "labels.jsonl").write_text("\n".join(json.dumps(x, ensure_ascii=False) for x in labels))
    tally = real([(tmp_path / "labels.jsonl", tmp_path)])
    assert (tally.pages, tally.false) == (1, 0)
    assert [(r.found, r.free) for r in tally.rows] == [(True, True), (False, False)]
    table = "\n".join(real_table(tally))
    assert "scan.png, seal 2 (red round): not found" in table
    assert "启明" not in table and "哪里" not in table


def test_peers_find_a_plain_red_seal_and_not_paper() -> None:
    page = np.full((1100, 1500, 3), 250, np.uint8)
    seal = press_seal(page, draw_seal(SealSpec("启明数据服务有限公司"), dpi=200, seed=7), (700, 500))[:, :, ::-1]
    box = (540.0, 340.0, 860.0, 660.0)
    for find in (red_blobs, circles):
        assert matched([box], find(np.ascontiguousarray(seal))).pairs == ((0, 0),)
        assert find(page) == []
    assert polar_strip(np.ascontiguousarray(seal), box).shape[0] == 48


def test_figures_replace_their_own_part_only(tmp_path: Path) -> None:
    doc = tmp_path / "doc.md"
    doc.write_text("head\n<!-- a -->\nold\n<!-- b -->\ntail\n")
    replace(doc, "new", "<!-- a -->", "<!-- b -->")
    replace(doc, "more", "<!-- c -->", "<!-- d -->")
    replace(doc, "most", "<!-- c -->", "<!-- d -->")
    assert doc.read_text() == "head\n<!-- a -->\nnew\n<!-- b -->\ntail\n\n<!-- c -->\nmost\n<!-- d -->\n"
