"""What a batch is made of (CONTRACT, "Scans in"), and what is refused in one sentence."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import BadInput, NoScans
from pipeline.intake.batch import take_in
from pipeline.store import Store


def picture(path: Path, shade: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((40, 30, 3), shade, np.uint8)).save(path)


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    folder = tmp_path / "batch"
    picture(folder / "env-10.png", 10)
    picture(folder / "env-2.png", 20)
    picture(folder / "box" / "p10.png", 30)
    picture(folder / "box" / "p9.jpg", 40)
    (folder / "notes.txt").write_text("no scan")
    (folder / ".DS_Store").write_text("hidden")
    picture(folder / "scan-without-ending.png", 50)
    (folder / "scan-without-ending.png").rename(folder / "scan-without-ending")
    return folder


def test_files_and_folders_are_envelopes_in_natural_order(batch: Path, tmp_path: Path) -> None:
    taken = take_in(batch, Store(tmp_path / "home"), received_on=date(2023, 9, 20))
    assert [a.name for a in taken.arrivals] == ["box", "env-2.png", "env-10.png", "scan-without-ending"]
    assert [f.name for f in taken.arrivals[0].files] == ["p9.jpg", "p10.png"]
    assert taken.arrivals[0].split == "none"  # a folder is one envelope, whatever is in it
    assert taken.arrivals[1].split == "auto"
    assert taken.ignored == ("notes.txt",)


def test_every_original_is_in_the_store_by_its_hash(batch: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    for arrival in take_in(batch, store).arrivals:
        for file in arrival.files:
            assert store.originals.path(file.sha256).is_file()


def test_split_none_takes_the_whole_as_one(batch: Path, tmp_path: Path) -> None:
    taken = take_in(batch, Store(tmp_path / "home"), split="none")
    assert [a.name for a in taken.arrivals] == ["batch"]
    assert len(taken.arrivals[0].files) == 5


def test_the_same_batch_again_is_no_new_arrival(batch: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "home")
    first = take_in(batch, store)
    assert [a.id for a in take_in(batch, store).arrivals] == [a.id for a in first.arrivals]


def test_one_file_is_a_batch(batch: Path, tmp_path: Path) -> None:
    taken = take_in(batch / "env-2.png", Store(tmp_path / "home"))
    assert [a.name for a in taken.arrivals] == ["env-2.png"]


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoScans, match="holds no scans"):
        take_in(tmp_path / "empty", Store(tmp_path / "home"))


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not there"):
        take_in(tmp_path / "nowhere", Store(tmp_path / "home"))


def test_an_empty_sub_folder_is_an_envelope_with_a_problem(batch: Path, tmp_path: Path) -> None:
    (batch / "hollow").mkdir()
    taken = take_in(batch, Store(tmp_path / "home"))
    hollow = next(a for a in taken.arrivals if a.name == "hollow")
    assert not hollow.files
    assert "holds no scans" in hollow.problem
