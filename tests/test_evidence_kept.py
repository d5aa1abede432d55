"""Pictures of findings that an earlier run drew from just the same are left; from anything else they are drawn anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.model import (
    Box,
    Document,
    DocumentType,
    EnvelopeReport,
    Finding,
    FindingCode,
    Page,
    RidingSeal,
    SealSlice,
    Severity,
    Text,
)
from pipeline.report.pictures import page_pictures
from pipeline.report.shown import shown_fully
from pipeline.store.originals import Originals


@pytest.fixture
def originals(tmp_path: Path) -> Originals:
    return Originals(tmp_path / "originals")


def envelope(originals: Originals, tmp_path: Path) -> EnvelopeReport:
    """Two pages, a finding on the first, a riding seal over both."""
    pages, wide, high = [], 600, 800
    for number in (1, 2):
        paper = np.full((high, wide, 3), 255, np.uint8)
        cv2.circle(paper, (wide, high // 2), 60, (40, 40, 200), 6)
        cv2.putText(paper, f"{number}", (100, 200), cv2.FONT_HERSHEY_SIMPLEX, 2, (0, 0, 0), 3)
        cv2.imwrite(str(tmp_path / f"{number}.png"), paper)
        sha256 = originals.put(tmp_path / f"{number}.png")
        pages.append(Page(number=number, file=f"{number}.png", index=0, sha256=sha256, width=wide, height=high))
    finding = Finding(
        id="f-1",
        code=FindingCode.FIGURE_MISMATCH,
        basis="",
        severity=Severity.ERROR,
        rule="r",
        message=Text(zh="数字不符", en="differs"),
        page=1,
        box=Box(0.1, 0.2, 0.4, 0.3),
    )
    slices = tuple(SealSlice(page=number, box=Box(0.9, 0.4, 1.0, 0.6)) for number in (1, 2))
    riding = RidingSeal(pages=(1, 2), slices=slices)
    form = Document(type=DocumentType.AUDIT_REPORT, pages=(1, 2), confidence=1, riding_seals=(riding,))
    return EnvelopeReport(envelope="a.pdf", sha256="0" * 64, pages=tuple(pages), documents=(form,), findings=(finding,))


def pictures(out: Path) -> dict[str, tuple[int, bytes]]:
    """Every picture: which writing of it, and its bytes."""
    return {path.name: (path.stat().st_ino, path.read_bytes()) for path in sorted((out / "evidence").glob("*.png"))}


def drawn(one: EnvelopeReport, out: Path, originals: Originals) -> dict[str, tuple[int, bytes]]:
    (out / "evidence").mkdir(parents=True, exist_ok=True)
    shown_fully([one], out, originals)
    return pictures(out)


def test_what_was_drawn_from_the_same_is_left_and_nobody_opens_its_page(originals: Originals, tmp_path: Path) -> None:
    one, out = envelope(originals, tmp_path), tmp_path / "out"
    first = drawn(one, out, originals)
    assert len(first) == 2 and all(cv2.imread(str(out / "evidence" / name)) is not None for name in first)
    whole = (shown_fully([one], out, originals)[0]).json
    shutil.rmtree(originals.folder)
    assert not list(page_pictures(one.pages, originals))
    assert drawn(one, out, originals) == first
    assert (shown_fully([one], out, originals)[0]).json == whole and '"evidence":"evidence/f-1.png"' in whole


def test_from_another_place_seal_or_severity_it_is_drawn_anew(originals: Originals, tmp_path: Path) -> None:
    one, out = envelope(originals, tmp_path), tmp_path / "out"
    (finding,), (form,) = one.findings, one.documents
    last = drawn(one, out, originals)
    moved = one.documents[0].riding_seals[0].slices[0].model_copy(update={"turn": 90})
    ridden = form.model_copy(
        update={
            "riding_seals": (
                form.riding_seals[0].model_copy(update={"slices": (moved, form.riding_seals[0].slices[1])}),
            )
        }
    )
    turned = tuple(page.model_copy(update={"rotation": 90}) for page in one.pages)
    for other in (
        {"findings": (finding.model_copy(update={"box": Box(0.5, 0.2, 0.8, 0.3)}),)},
        {"findings": (finding.model_copy(update={"severity": Severity.WARNING}),)},
        {"findings": (finding.model_copy(update={"page": 2}),)},
        {"documents": (ridden,)},
        {"pages": turned},
    ):
        now = drawn(one.model_copy(update=other), out, originals)
        assert now != last and now.keys() == last.keys(), other
        last = now


@pytest.mark.parametrize("damage", [b"", b"\x89PNG\r\n\x1a\n", b"nothing of the kind" * 20])
def test_what_is_no_picture_of_ours_is_replaced(originals: Originals, tmp_path: Path, damage: bytes) -> None:
    one, out = envelope(originals, tmp_path), tmp_path / "out"
    first = drawn(one, out, originals)
    for name in first:
        (out / "evidence" / name).write_bytes(damage)
    assert {name: data for name, (_, data) in drawn(one, out, originals).items()} == {
        name: data for name, (_, data) in first.items()
    }


def test_a_seal_of_which_a_page_could_not_be_opened_is_drawn_again_when_it_can(
    originals: Originals, tmp_path: Path
) -> None:
    one, out = envelope(originals, tmp_path), tmp_path / "out"
    lost = one.pages[1]
    path = originals.folder / lost.sha256[:2] / lost.sha256
    path.rename(tmp_path / "away")
    half = drawn(one, out, originals)
    (tmp_path / "away").rename(path)
    whole = drawn(one, out, originals)
    assert half.keys() == whole.keys() and half["f-1.png"] == whole["f-1.png"]
    assert [name for name in whole if half[name][1] != whole[name][1]] == [name for name in whole if "riding" in name]
