"""``yanzhang seals --draw``: pages with their seals drawn on them, for people to look at."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.report.drawn import MAX_SIDE, draw_seals
from samples.seal_art import SealSpec, draw_seal, press_seal

SEAL = {"box": [0.25, 0.5, 0.5, 0.75], "kind": "official", "text": "甲乙丙有限公司", "owner": None, "confidence": 0.9}


def _picture(png: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)


def _stamped(path: Path) -> None:
    page = np.full((1200, 900, 3), 250, np.uint8)
    art = draw_seal(SealSpec("启明数据服务有限公司"), dpi=150, seed=3)
    cv2.imwrite(str(path), press_seal(page, art, (450, 600))[:, :, ::-1])


def test_the_box_is_drawn_and_no_word_covers_the_page() -> None:
    page = np.full((800, 600, 3), 255, np.uint8)
    drawn = _picture(draw_seals(page, [SEAL]))
    assert drawn.shape[1] == 600 and drawn.shape[0] > 800
    box = drawn[400:601, 150:301]
    assert box[0].max(axis=1).min() < 200 and box[:, 0].max(axis=1).min() < 200  # its edges are coloured
    assert (box[10:-10, 10:-10] == 255).all()
    outside = drawn[:800].copy()
    outside[360:610, 110:310] = 255
    assert (outside == 255).all()
    assert (drawn[800:] < 128).any(), "the legend stands under the page"


def test_without_seals_the_page_comes_out_as_it_is() -> None:
    page = np.random.default_rng(1).integers(0, 255, (300, 200, 3), np.uint8)
    assert np.abs(_picture(draw_seals(page, []))[:300].astype(int) - page).max() <= 1


def test_large_pages_are_reduced_and_seals_that_cannot_be_read_are_shown_too() -> None:
    page = np.full((6000, 3000, 3), 255, np.uint8)
    drawn = _picture(draw_seals(page, [{**SEAL, "text": "", "confidence": 0.1}, SEAL]))
    assert drawn.shape[1] == MAX_SIDE // 2


def test_files_of_one_name_keep_apart_and_stdout_stays_json(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        _stamped(tmp_path / folder / "<i>页 1.png")
    files = [str(tmp_path / f / "<i>页 1.png") for f in ("a", "b")]
    done = CliRunner().invoke(app, ["seals", *files, "--json", "--draw", str(tmp_path / "new" / "out")])
    assert done.exit_code == 0
    assert [len(json.loads(line)["seals"]) for line in done.stdout.splitlines()] == [1, 1]
    assert sorted(p.name for p in (tmp_path / "new" / "out").iterdir()) == [
        "1-<i>页 1.png-p1.png",
        "2-<i>页 1.png-p1.png",
    ]


def test_a_folder_that_cannot_be_written_to_is_told_in_a_sentence(tmp_path: Path) -> None:
    _stamped(tmp_path / "page.png")
    (tmp_path / "file").write_text("in the way")
    done = CliRunner().invoke(app, ["seals", str(tmp_path / "page.png"), "--draw", str(tmp_path / "file" / "out")])
    assert "give another folder" in str(done.exception)
    with pytest.raises(OSError):
        list((tmp_path / "file" / "out").iterdir())
