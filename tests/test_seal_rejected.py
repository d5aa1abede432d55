"""What the finder saw and did not take for a seal is kept, carried to its document, and lies where it lay."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.assembling import placed
from pipeline.model import Box, Document, DocumentType, Page, ReadPage, SealCandidate
from pipeline.seals import find
from pipeline.seeing import Seen, renumbered
from pipeline.sheets import on_sheets
from samples.seal_art import SealSpec, draw_seal, press_seal

NEAR = SealCandidate(page=1, box=Box(0.1, 0.2, 0.3, 0.4), found=0.2)


def test_what_is_under_the_threshold_is_told_apart_from_seals(monkeypatch: pytest.MonkeyPatch) -> None:
    page = np.full((900, 700, 3), 250, np.uint8)
    art = draw_seal(SealSpec("北京云海软件有限公司"), dpi=150, seed=3)
    image = np.ascontiguousarray(press_seal(page, art, (300.0, 500.0))[:, :, ::-1])
    found, rejected = find.look_for_seals(image, dpi=150)
    assert len(found) == 1 and not any(one.box.iou(found[0].box) > 0.3 for one in rejected)
    monkeypatch.setattr(find, "ACCEPT", dict.fromkeys(find.ACCEPT, 1.1))
    none, all_of_them = find.look_for_seals(image, dpi=150)
    assert none == () and all_of_them[0].box.iou(found[0].box) > 0.8
    assert len(all_of_them) <= find.MOST_REJECTED
    assert all(one.found >= find.WORTH_A_LOOK for one in all_of_them)
    assert find.look_for_seals(page[:10, :10], dpi=None) == ((), ())


def test_it_goes_with_its_page_and_its_sheet() -> None:
    page = Page(number=1, file="a.pdf", index=0, sha256="", width=1000, height=1000, rotation=180)
    turned = page.model_copy(update={"to_scan": (-1.0, 0.0, 1.0, 0.0, -1.0, 1.0, 0.0, 0.0, 1.0)})
    seen = renumbered(Seen(ReadPage(page=page, rejected=(NEAR,)), b""), 3)
    assert [one.page for one in seen.read.rejected] == [3]
    document = Document(type=DocumentType.OTHER, pages=(1,), confidence=1.0, rejected=(NEAR,))
    assert np.allclose(placed(document, {1: turned}).rejected[0].box, (0.7, 0.6, 0.9, 0.8))
    assert on_sheets(document, [4]).rejected[0].page == 4
