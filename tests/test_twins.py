"""Seals are compared across envelopes once, when their readings come; judging looks up what was found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Box, Document, DocumentType, Page, Seal, SealReading, Submission, TextCandidate
from pipeline.observing import submissions_json
from pipeline.seals import imprint
from pipeline.seals.find import FoundSeal
from pipeline.store import Imprint, Store, StoredFile
from pipeline.twins import ALIKE_SHEETS, COPIED, DIFFERENT_CODE, twins_of

BOX = Box(0.2, 0.2, 0.4, 0.35)
NAME = "北京云海数科信息技术有限公司"


def _imprint(ink_seed: int) -> str:
    """A ring with a bar through it; where its ink lies, the seed says."""
    side = 260
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) - side / 2
    ring = (
        (np.abs(np.hypot(x, y) - 96) < 12) | ((np.abs(y) < 14) & (np.abs(x) < 60)) | ((x > 20) & (np.hypot(x, y) < 50))
    )
    grain = np.repeat(np.repeat(np.random.default_rng(ink_seed).uniform(0.35, 1, (52, 52)), 5, 0), 5, 1)
    density = ring * grain
    picture = 250 * np.exp(-density[:, :, None] * np.array([1.6, 1.7, 0.15]))
    noisy = picture + np.random.default_rng(ink_seed + 500).normal(0, 2, picture.shape)
    found = FoundSeal(BOX, (side / 2, side / 2), (108.0, 108.0), 0.0, "round", "red", 1.0)
    return imprint.imprint_of(np.clip(noisy, 0, 255).astype(np.uint8), found)


def _arrived(store: Store, name: str, reading: SealReading, sheet: str, *more: SealReading) -> str:
    """An envelope of one page with its seals, read."""
    sha = (name * 64)[:64]
    page = Page(number=1, file=name, index=0, sha256=sha, width=1654, height=2339, fingerprint=sheet)
    seals = tuple(Seal(page=1, box=r.box, shape="round", colour="red", reading=r) for r in (reading, *more))
    document = Document(type=DocumentType.INFORMATION_FORM, pages=(1,), confidence=1.0, seals=seals)
    data = submissions_json((Submission(envelope=name, sha256=sha, pages=(page,), documents=(document,)),))
    arrival = store.arrive(name, [StoredFile(name, sha)], sha256=sha, split="auto", received_on=None)
    store.keep_reading(f"key-{name}", data)
    store.was_read(arrival, f"key-{name}")
    return f"key-{name}"


def _reading(ink: int, **more: object) -> SealReading:
    told: dict[str, object] = {
        "page": 1,
        "box": BOX,
        "legible": 0.95,
        "candidates": (TextCandidate(text=NAME, score=0.99),),
        "fingerprint": _imprint(ink),
        **more,
    }
    return SealReading(**told)  # type: ignore[arg-type]


SHEET, NEAR, OTHER = "0" * 16, "0" * 14 + "ff", "f0" * 8


@pytest.mark.parametrize(
    ("sheet", "ink", "what"),
    [(OTHER, 1, [COPIED]), (NEAR, 1, [ALIKE_SHEETS]), (SHEET, 1, []), (OTHER, 2, [])],
)
def test_the_same_ink_in_two_envelopes_is_found(
    tmp_path: Path, database: str, sheet: str, ink: int, what: list[str]
) -> None:
    """On another page; on one that looks the same it is that page, sent again. Another impression is no copy."""
    store = Store(tmp_path, database=database)
    first = _arrived(store, "a", _reading(1), SHEET)
    assert twins_of(store) == {}
    second = _arrived(store, "b", _reading(ink), sheet)
    told = twins_of(store)
    assert [t.what for t in told.get(first, ())] == what == [t.what for t in told.get(second, ())]
    if what:
        assert told[first][0].seal == (0, 0, 0)
        assert told[first][0].arrivals == (2,) and told[second][0].arrivals == (1,)


def test_forms_of_one_layout_are_no_one_sheet(tmp_path: Path, database: str) -> None:
    """Their pictures hardly differ; that the seal lies elsewhere does."""
    store = Store(tmp_path, database=database)
    _arrived(store, "a", _reading(1), SHEET)
    key = _arrived(store, "b", _reading(1, box=Box(0.26, 0.22, 0.46, 0.37)), SHEET)
    assert [t.what for t in twins_of(store)[key]] == [COPIED]


def test_the_same_ink_twice_in_one_envelope_is_found(tmp_path: Path, database: str) -> None:
    store = Store(tmp_path, database=database)
    seals = [_reading(1), _reading(1, box=Box(0.6, 0.6, 0.8, 0.75)), _reading(2, box=Box(0.1, 0.8, 0.3, 0.95))]
    key = _arrived(store, "a", seals[0], SHEET, *seals[1:])
    told = twins_of(store)[key]
    assert {(t.seal, t.beside) for t in told} == {((0, 0, 0), (0, 0, 1)), ((0, 0, 1), (0, 0, 0))}


def test_another_code_of_the_same_seal_is_found(tmp_path: Path, database: str) -> None:
    store = Store(tmp_path, database=database)
    _arrived(store, "a", _reading(1, code="1101080123456"), SHEET)
    second = _arrived(store, "b", _reading(2, code="3201139876543"), OTHER)
    assert [t.what for t in twins_of(store)[second]] == [DIFFERENT_CODE]


def test_what_was_compared_is_not_compared_again(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path, database=database)
    _arrived(store, "a", _reading(1), SHEET)
    _arrived(store, "b", _reading(1), OTHER)
    told = twins_of(store)
    assert told
    monkeypatch.setattr(imprint, "likeness", lambda one, other: pytest.fail("compared again"))
    assert twins_of(Store(tmp_path, database=database)) == told


def test_readings_of_an_older_make_are_gone_through_without_harm(tmp_path: Path, database: str) -> None:
    store = Store(tmp_path, database=database)
    _arrived(store, "a", _reading(1, fingerprint="f0" * 72), SHEET)
    _arrived(store, "b", _reading(1), OTHER)
    assert twins_of(store) == {}


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2**120 - 1), st.integers(0, 2**64 - 1)), max_size=40),
    st.integers(0, 2**120 - 1),
)
def test_the_index_finds_what_going_through_all_finds(told: list[tuple[str, int, int]], base: int) -> None:
    from pipeline.twins import OTHER_NAME_BITS, SAME_NAME_BITS, _Index

    # Half of them lie near one another: few bits of a chance number are as few as the limits.
    def hash_of(number: int, noise: int) -> str:
        near = base ^ (noise & noise >> 32 & 0xFFFFFFFF) ^ (noise << 56 & ((1 << 120) - 1))
        return f"{near if noise % 2 else number:030x}"

    all_ = [Imprint(f"r{i}", "0", name, hash_of(number, noise)) for i, (name, number, noise) in enumerate(told)]
    index = _Index(all_[: len(all_) // 2])
    index.add(all_[len(all_) // 2 :])
    for one in all_:
        expected = [
            other
            for other in all_
            if imprint.distance(one.hash, other.hash) <= (SAME_NAME_BITS if one.name == other.name else OTHER_NAME_BITS)
        ]
        assert index.near(one) == expected
