"""The generator: sound books, valid numbers, scenarios for every code, and envelopes that are what their truth says."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model import DocumentType, FindingCode
from samples import fake
from samples.cases import Case, clean_case, papers_of
from samples.damage import boxed, rescan
from samples.demo_set import demo_cases
from samples.forms import capital_words, chinese_day, yuan
from samples.ledger import keep_books, money
from samples.make import make
from samples.paper import Scan
from samples.scenarios import SCENARIOS, case_of, plan

TRACKS = ("supplier", "park", "training")
DEMO = Path(__file__).parent.parent / "samples" / "demo"


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), style=st.sampled_from(["2019", "2018", "small"]), merged=st.booleans())
def test_books_balance(seed: int, style: str, merged: bool) -> None:
    books = keep_books(
        random.Random(seed),
        revenue=Decimal("52345678.90"),
        outsourcing=Decimal("41234567.80"),
        offshore=Decimal("1000000.10"),
        capital=Decimal(10_000_000),
        style=style,
        consolidated=merged,
    )
    rows = {line.item: line for line in (*books.assets, *books.claims, *books.cash)}
    for year in ("now", "before"):

        def at(item: str, year: str = year) -> Decimal:
            value: Decimal = getattr(rows[item], year)
            return value

        assert at("资产总计") == at("流动资产合计") + at("非流动资产合计") == at("负债合计") + at("所有者权益合计")
        assert at("负债合计") == at("流动负债合计") + at("非流动负债合计")
        assert at("六、期末现金及现金等价物余额") == at("货币资金")
        nets = ("经营活动产生的现金流量净额", "投资活动产生的现金流量净额", "筹资活动产生的现金流量净额")
        moved = sum(at(item) for item in nets) + (getattr(rows["四、汇率变动对现金及现金等价物的影响"], year) or 0)
        assert at("五、现金及现金等价物净增加额") == moved
    assert all(line.now >= 0 for line in (*books.assets, *books.claims) if line.now is not None)
    assert Decimal(books.equity[-1].key.split("|")[-1]) == books.totals["total_equity"]
    assert books.split[0].now == Decimal("41234567.80")


def test_check_characters_are_those_of_the_standards() -> None:
    assert fake.uscc_check("91110108MA01EBFH9") == "B"  # DOMAIN 4.3
    assert fake.uscc_check("91440300192203821") == "6"
    rng = random.Random(4)
    for _ in range(50):
        code = fake.uscc(rng, "91", "110108")
        assert len(code) == 18
        assert fake.uscc_check(code[:17]) == code[17]


@pytest.mark.parametrize(
    ("amount", "words"),
    [(10_000_000, "人民币壹仟万元整"), (120_030_000, "人民币壹亿贰仟零叁万元整"), (6_050_000, "人民币陆佰零伍万元整")],
)
def test_capital_words(amount: int, words: str) -> None:
    assert capital_words(amount) == words


def test_small_formats() -> None:
    from datetime import date

    assert chinese_day(date(2023, 4, 20)) == "二〇二三年四月二十日"
    assert chinese_day(date(2022, 12, 11)) == "二〇二二年十二月十一日"
    assert (money(Decimal("-1234.5")), money(Decimal("-1234.5"), negative="("), money(None)) == (
        "-1,234.50",
        "(1,234.50)",
        "",
    )
    assert yuan("3000.01") == "30000100.00"


@pytest.mark.parametrize("track", TRACKS)
def test_sound_cases_agree_with_their_record(track: str) -> None:
    for seed in range(25):
        case = clean_case(track, 1, seed)
        assert case.record is not None
        assert case.form is not None
        for key, value in case.form.values.items():
            assert case.record[key] == (list(value) if isinstance(value, tuple) else value)
        assert {s.role for s in case.form_stamps} == {"applicant", "commerce_department"}
        if track == "supplier":
            _meets_the_criteria(case)
        types = [p.type for p in papers_of(case)]
        assert types.count("information_form") == 1
        assert ("audit_report" in types) is (track == "supplier")


def _meets_the_criteria(case: Case) -> None:
    """Letter 一(一), by the exact figures."""
    assert case.audit is not None
    assert case.record is not None
    staff = case.record["outsourcing_staff"]
    assert case.audit.outsourcing >= 30_000_000
    assert staff >= 300 or case.audit.outsourcing >= 350_000 * staff
    assert case.audit.consolidated
    assert [s.role for s in case.audit.stamps].count("cpa") == 2
    assert len(case.record["certificates"]) == len(case.certificates)
    assert all(c["valid_until"] is None or c["valid_until"] > "2023-10-31" for c in case.record["certificates"])


def test_there_is_a_scenario_for_every_finding_code() -> None:
    codes: set[str] = {"DUPLICATE_ENVELOPE"}  # takes two envelopes: see plan()
    for name, scenario in SCENARIOS.items():
        case = case_of(name, scenario.tracks[0], 1, 7)
        assert case.scenario == name
        codes |= {e.code for e in case.expected}
        assert papers_of(case)
    assert codes == {str(code) for code in FindingCode}


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_a_scenario_makes_papers_on_every_track(name: str) -> None:
    known = {str(t) for t in DocumentType} | {"cover"}
    for track in SCENARIOS[name].tracks:
        for seed in range(3):
            case = case_of(name, track, 1, seed)
            assert {p.type for p in papers_of(case)} <= known
            assert case.track == track


def test_a_plan_holds_sound_and_faulty_envelopes_and_repeats() -> None:
    first, again = plan(60, 5), plan(60, 5)
    assert first == again
    assert len(first) == 60
    sound = sum(c.scenario == "clean" for c in first)
    assert 10 <= sound <= 30
    assert {c.track for c in first} == set(TRACKS)
    assert plan(60, 6) != first


@settings(max_examples=12)
@given(turn=st.sampled_from([0, 90, 180, 270]), photo=st.booleans(), seed=st.integers(0, 999))
def test_boxes_follow_the_page_through_the_scanner(turn: int, photo: bool, seed: int) -> None:
    page = np.full((600, 420, 3), 255, np.uint8)
    page[100:160, 50:140] = (220, 0, 0)
    scan = Scan(photo=photo, noise=0.0, blur=0.0, dpi=200)
    picture, matrix = rescan(page, scan, turn, np.random.default_rng(seed))
    corners = np.array([[50, 100], [140, 100], [140, 160], [50, 160]], np.float64)
    x0, y0, x1, y1 = boxed(corners, matrix, (picture.shape[1], picture.shape[0]))
    ys, xs = np.nonzero((picture[:, :, 0] > 100) & (picture[:, :, 1] < 60))
    seen = (
        xs.min() / picture.shape[1],
        ys.min() / picture.shape[0],
        xs.max() / picture.shape[1],
        ys.max() / picture.shape[0],
    )
    assert seen == pytest.approx((x0, y0, x1, y1), abs=0.02)


def test_the_demo_set_is_small_and_whole() -> None:
    truth = json.loads((DEMO / "truth.json").read_text(encoding="utf-8"))
    records = json.loads((DEMO / "records.json").read_text(encoding="utf-8"))
    assert sum(f.stat().st_size for f in DEMO.rglob("*") if f.is_file()) < 15_000_000
    assert {e["track"] for e in truth["envelopes"]} == set(TRACKS)
    assert sum(e["verdict"] == "clean" for e in truth["envelopes"]) >= 2
    assert len(truth["envelopes"]) == len(demo_cases())
    assert all((DEMO / "batch" / e["envelope"]).exists() for e in truth["envelopes"])
    numbers = {r["application_no"] for r in records}
    assert {e["application_no"] for e in truth["envelopes"]} | set(truth["not_received"]) == numbers


needs_chromium = pytest.mark.skipif(not shutil.which("chromium"), reason="Chromium prints the samples")


@pytest.mark.slow
@needs_chromium
def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        make(tmp_path / folder, envelopes=2, seed=5)  # two small envelopes
    digests = [_digests(tmp_path / folder) for folder in ("one", "two")]
    assert digests[0] == digests[1]
    truth = json.loads((tmp_path / "one" / "truth.json").read_text(encoding="utf-8"))
    for envelope in truth["envelopes"]:
        _truth_fits(tmp_path / "one" / "batch" / envelope["envelope"], envelope)


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(f for f in folder.rglob("*") if f.is_file())
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def _truth_fits(file: Path, envelope: dict[str, Any]) -> None:
    count = len(list(file.iterdir())) if file.is_dir() else pymupdf.open(file).page_count
    assert count == len(envelope["pages"])
    for document in envelope["documents"]:
        for seal in document["seals"]:
            x0, y0, x1, y1 = seal["box"]
            assert 0 <= x0 < x1 <= 1
            assert 0 <= y0 < y1 <= 1
            assert seal["page"] in document["pages"]
