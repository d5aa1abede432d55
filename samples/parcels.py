"""A commerce department's parcel (包裹): its 推荐名单, and the envelopes of those that it lists."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pymupdf

from pipeline.model import Record
from pipeline.report.covers import write_covers
from samples.cases import Case, clean_case, papers_of
from samples.envelope import sheets_of, write_envelope
from samples.fake import day
from samples.forms import chinese_date
from samples.paper import Paper, Scan, Stamp
from samples.press import print_papers
from samples.proofs import FONTS
from samples.seal_art import SealSpec

__all__ = ["make_parcel", "recommendation_list"]

LOOKS = ("numbers", "codes", "names")
FILE = "parcel.pdf"
DPI = 150
TRIED = 10_000  # seeds looked through for applicants of one department
PLAIN = Scan(blanks=0)


def recommendation_list(
    rng: random.Random, *, department: str, listed: Sequence[Mapping[str, str]], look: str = "numbers"
) -> Paper:
    """The list, sealed by the department; ``listed``: records (name, application_no, uscc) in the list's order.

    :param look: which columns stand beside the names: application numbers, codes, or none
    """
    heads = {
        "numbers": ("序号", "企业名称", "申报编号", "备注"),
        "codes": ("序号", "单位名称", "统一社会信用代码", "联系人"),
        "names": ("序号", "申报单位名称", "所在区县"),
    }[look]
    rows = [heads]
    for place, one in enumerate(listed, start=1):
        told = {
            "numbers": (one["application_no"], ""),
            "codes": (one["uscc"], "王老师"),
            "names": (department[:3],),
        }[look]
        rows.append((str(place), one["name"], *told))
    context = {
        "font": rng.choice(FONTS),
        "red_head": "",
        "title": "2023年中国数字服务暨服务外包领军企业推荐名单",
        "title_size": "16pt",
        "byline": "",
        "leading": "1.7",
        "to": "",
        "sections": [{"title": "", "texts": (), "table": tuple(rows)}],
        "signer": department,
        "stamp_word": "",
        "date": chinese_date(day(rng, date(2023, 9, 5), date(2023, 9, 18))),
    }
    seal = SealSpec(department, diameter_mm=42, rotation=rng.uniform(-15, 15), wear=rng.uniform(0, 0.15))
    stamp = Stamp("seal-applicant", seal, "commerce_department", "official", department, seed=7)
    return Paper("cover_letter", "letter.html", {"t": context}, {}, (replace(stamp, dx=rng.uniform(-5, 5)),))


def make_parcel(out: Path, *, seed: int, look: str = "numbers", only_forms: bool = False) -> None:
    """A batch of one file: a parcel's cover, its list, and three envelopes with covers; with records and truth.

    One applicant that is listed sent nothing, and one that sent an envelope is not listed.

    :param only_forms: each envelope holds its form and nothing else: few pages, quickly read
    :raises pipeline.errors.MissingTool: Chromium or fonts are missing
    """
    rng = random.Random(seed)
    cases = [_bare(c) if only_forms else c for c in _of_one_department(seed, 4)]
    cases = [replace(case, scan=PLAIN) for case in cases]
    department = cases[0].applicant.department
    records = [dict(case.record or {}) for case in cases]
    missing, unlisted = 2, 3  # of the four
    listed = [r for place, r in enumerate(records) if place != unlisted]
    paper = recommendation_list(rng, department=department, listed=listed, look=look)
    sent = [case for place, case in enumerate(cases) if place != missing]
    batch = out / "batch"
    batch.mkdir(parents=True, exist_ok=True)
    seen = _laid(batch / FILE, department, records, paper, sent)
    truths = [_truth(FILE, None, seen[0])]
    truths += [_truth(f"{FILE}#{n}", case, told) for n, (case, told) in enumerate(zip(sent, seen[1:], strict=True), 2)]
    told_parcel = {
        "department": department,
        "listed": [r["application_no"] for r in listed],
        "received": [r["application_no"] for place, r in enumerate(records) if place not in (missing, unlisted)],
        "missing": [records[missing]["application_no"]],
        "unlisted": [records[unlisted]["application_no"]],
        "unclear": [],
    }
    truth = {
        "seed": seed,
        "envelopes": truths,
        "not_received": [records[missing]["application_no"]],
        "parcels": [told_parcel],
    }
    for name, told in (("records.json", records), ("truth.json", truth)):
        (out / name).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _bare(case: Case) -> Case:
    return replace(case, audit=None, certificates=(), proof=None, statement=None, others=(), before=())


def _of_one_department(seed: int, count: int) -> list[Case]:
    """Sound cases whose forms one department approved."""
    found: dict[str, list[Case]] = {}
    rng = random.Random(seed)
    for number in range(1, TRIED):
        case = clean_case(rng.choice(("park", "training")), number, rng.getrandbits(40))
        if not (case.record or {}).get("commerce_department"):
            continue
        mates = found.setdefault(case.applicant.department, [])
        mates.append(case)
        if len(mates) == count:
            return mates
    raise RuntimeError(f"no {count} applicants of one department in {TRIED} seeds")


def _laid(
    path: Path, department: str, records: Sequence[Mapping[str, Any]], paper: Paper, sent: Sequence[Case]
) -> list[dict[str, Any]]:
    """The file, and for the list and each envelope what lies on its pages, covers included."""
    groups = [(paper,), *(papers_of(case) for case in sent)]
    prints = print_papers([p for group in groups for p in group])
    covers = _covers(department, records, [str(case.record["application_no"]) for case in sent if case.record])
    seen, first = [], 0
    with tempfile.TemporaryDirectory() as folder, pymupdf.open() as pile:
        for place, group in enumerate(groups):
            sheets = sheets_of(group, prints.pages[first : first + len(group)], prints, place)
            first += len(group)
            told = write_envelope(Path(folder), f"part-{place}", group, sheets, PLAIN, prints, place + 11)
            page = pile.new_page(width=595, height=842)
            page.insert_image(page.rect, stream=covers[place])
            with pymupdf.open(Path(folder) / told["envelope"]) as scan:
                pile.insert_pdf(scan)
            seen.append(_behind_cover(told))
        pile.set_metadata({})
        pile.save(path, garbage=3, deflate=True, no_new_id=True)
    prints.close()
    return seen


def _covers(department: str, records: Sequence[Mapping[str, Any]], sent: Sequence[str]) -> list[bytes]:
    """Pictures of the parcel's cover and of each envelope's, as printed."""
    wanted = ("application_no", "track", "name", "uscc", "commerce_department")
    known = [Record(**{key: r[key] for key in wanted if key in r}) for r in records]
    known = [r.model_copy(update={"commerce_department": department}) for r in known]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "covers.pdf"
        write_covers(known, file, parcels=True)
        order = sorted(r.application_no for r in known)
        with pymupdf.open(file) as document:
            places = [0, *(1 + order.index(number) for number in sent)]
            return [document[i].get_pixmap(dpi=DPI).tobytes("jpeg", jpg_quality=75) for i in places]


def _behind_cover(told: dict[str, Any]) -> dict[str, Any]:
    """The same pages with a cover before them."""
    cover = {"page": 1, "document_type": None, "kind": "cover", "rotation": 0}
    pages = [cover, *({**p, "page": p["page"] + 1} for p in told["pages"])]
    documents = [
        {
            **d,
            "pages": [n + 1 for n in d["pages"]],
            "seals": [{**s, "page": s["page"] + 1} for s in d["seals"]],
        }
        for d in told["documents"]
    ]
    return {"pages": pages, "documents": documents}


def _truth(name: str, case: Case | None, seen: dict[str, Any]) -> dict[str, Any]:
    number = case.record["application_no"] if case is not None and case.record else None
    lacking = case is not None and case.proof is None
    expected = [
        {"code": "MISSING_DOCUMENT", "document": type_, "field": None}
        for type_ in ("legal_person_proof", "supporting_statement")
        if lacking
    ]
    return {
        "envelope": name, "application_no": number, "track": case.track if case is not None else None,
        "verdict": "findings" if expected else "clean", "scenario": "parcel",
        "expected_findings": expected, "tolerated_findings": [], "pages": seen["pages"], "documents": seen["documents"],
    }  # fmt: skip
