"""A department's parcel against its own 推荐名单: what is missing, not listed, and what nobody can tell.

The first is read with the real reader from a drawn parcel; the others begin where reading ends.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import recommendation_list
from pipeline.cli import main
from pipeline.intake.split import make_cover_payload
from pipeline.judging import Judged
from pipeline.lists import LACKS_ROWS, LIST, is_list, rows_of
from pipeline.model import (
    Box,
    Code,
    Document,
    DocumentType,
    EnvelopeReport,
    Field,
    Line,
    Page,
    Parcel,
    ReadPage,
    Record,
    Ruling,
    Seal,
)
from pipeline.parcels import parcels_of, said_of_parcels
from pipeline.programmes import load
from pipeline.report.json_report import parcel_json
from samples.parcels import make_parcel

BUREAU = "杭州市商务局"
PROGRAMME = load("cciip-2023")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("chromium"), reason="Chromium prints the samples")
def test_a_drawn_parcel_is_read_and_held_against_its_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_parcel(tmp_path, seed=3, only_forms=True)
    monkeypatch.setenv("YANZHANG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("YANZHANG_WORKERS", "1")
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    arguments = [str(tmp_path / "batch"), "--records", str(tmp_path / "records.json"), "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", ["yanzhang", "process", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    truth = json.loads((tmp_path / "truth.json").read_text())
    (parcel,), (told,) = report["parcels"], truth["parcels"]
    assert (parcel["department"], parcel["seal"]) == (told["department"], told["department"])
    assert [row["application_no"] for row in parcel["listed"]] == told["listed"]
    for part in ("received", "missing", "unlisted", "unclear"):
        assert [one["application_no"] for one in parcel[part]] == told[part], part
    # The list is nobody's envelope, and no applicant is asked to declare it online.
    assert {e["envelope"]: (e["application_no"], len(e["pages"])) for e in report["envelopes"]} == {
        e["envelope"]: (e["application_no"], len(e["pages"])) for e in truth["envelopes"]
    }
    assert report["envelopes"][0]["verdict"] == "clean"
    assert [p.rpartition(" ")[0][:6] for p in report["problems"]] == ["parcel", "parcel"]


# --------------------------------------------------------------------------------------------------- the list's page


def line(text: str, x0: float, y0: float, x1: float = 0.0, confidence: float = 0.99) -> Line:
    width = 0.014 * len(text)
    return Line(text=text, box=Box(x0, y0, x1 or x0 + width, y0 + 0.015), confidence=confidence)


def read(*lines: Line, rulings: tuple[Ruling, ...] = ()) -> ReadPage:
    page = Page(
        number=1, file="a", index=0, sha256="", width=1654, height=2339, upright_width=1654, upright_height=2339
    )
    return ReadPage(page=page, lines=lines, rulings=rulings)


TITLE = line("2023年服务外包领军企业推荐名单", 0.3, 0.08, 0.7)
SIGNED = (line(BUREAU, 0.6, 0.7), line("2023年9月10日", 0.6, 0.73))
NAMES = ("杭州智云软件有限公司", "杭州润捷信息技术股份有限公司", "浙江服务外包学院")


def ruled(rows: int, columns: tuple[float, ...], top: float = 0.15, step: float = 0.04) -> tuple[Ruling, ...]:
    ends = [top + step * i for i in range(rows + 1)]
    across = tuple(Ruling(x0=columns[0], y0=y, x1=columns[-1], y1=y) for y in ends)
    return (*across, *(Ruling(x0=x, y0=ends[0], x1=x, y1=ends[-1]) for x in columns))


def table(names: tuple[str, ...] = NAMES, **changes: Any) -> ReadPage:
    columns = (0.1, 0.18, 0.55, 0.8)
    lines = [line("序号", 0.11, 0.16), line("企业名称", 0.3, 0.16), line("申报编号", 0.6, 0.16)]
    for place, name in enumerate(names, start=1):
        y = 0.16 + 0.04 * place
        lines += [line(str(place), 0.13, y), line(name, 0.2, y), line(f"CCIIP2023S0000{place}", 0.57, y)]
    return read(TITLE, *lines, *SIGNED, rulings=ruled(len(names) + 1, columns), **changes)


def extracted(page: ReadPage) -> Document:
    return recommendation_list.extract([page], PROGRAMME, DocumentType.COVER_LETTER)


def test_a_ruled_list() -> None:
    page = table()
    score = recommendation_list.score(page)
    assert score is not None and score.opens and score.score > 96 and score.type == DocumentType.COVER_LETTER
    document = extracted(page)
    assert is_list(document) and not document.remarks
    assert [(r.name, r.application_no) for r in rows_of(document)] == [
        (name, f"CCIIP2023S0000{n}") for n, name in enumerate(NAMES, start=1)
    ]
    # What a list says of others is nobody's identity: no envelope is tied to a record by it.
    assert not {f.name for f in document.fields} & {"name", "uscc", "application_no", "holder", "company_name"}
    assert (document.field("department").value, document.field("issued_on").value) == (BUREAU, "2023-09-10")  # type: ignore[union-attr]
    assert [place.role for place in document.places] == ["commerce_department"]


def test_a_list_in_columns_without_rules_and_a_numbered_one() -> None:
    rows = [line("序号", 0.1, 0.16), line("单位名称", 0.3, 0.16), line("统一社会信用代码", 0.6, 0.16)]
    for place, name in enumerate(NAMES, start=1):
        y = 0.16 + 0.03 * place
        rows += [line(str(place), 0.11, y), line(name, 0.2, y), line("91110108MA01EBFH9B", 0.6, y)]
    assert [(r.name, r.uscc) for r in rows_of(extracted(read(TITLE, *rows, *SIGNED)))] == [
        (name, "91110108MA01EBFH9B") for name in NAMES
    ]
    counted = [line(f"{n}、{name}", 0.15, 0.14 + 0.03 * n) for n, name in enumerate(NAMES, start=1)]
    assert [r.name for r in rows_of(extracted(read(TITLE, *counted, *SIGNED)))] == list(NAMES)


def test_what_is_no_list_of_applicants_is_not_taken_for_one() -> None:
    assert recommendation_list.score(read(line("申报材料清单", 0.4, 0.08), line("1、营业执照复印件", 0.1, 0.2))) is None
    assert recommendation_list.score(read(line("专利证书一览表", 0.4, 0.08), line("1、一种装置", 0.1, 0.2))) is None
    assert recommendation_list.score(read(TITLE, line("一共三家。", 0.1, 0.2))) is None
    customers = [line(f"{n}、{name}", 0.15, 0.14 + 0.03 * n) for n, name in enumerate(NAMES, start=1)]
    assert recommendation_list.score(read(line("主要客户名单", 0.4, 0.08), *customers)) is None


def test_a_list_that_counts_further_than_its_rows_says_so() -> None:
    rows = [line("序号", 0.1, 0.16), line("单位名称", 0.3, 0.16)]
    rows += [
        part for n in (1, 3) for part in (line(str(n), 0.11, 0.16 + 0.03 * n), line(NAMES[0], 0.2, 0.16 + 0.03 * n))
    ]
    assert extracted(read(TITLE, *rows, *SIGNED)).remarks == (LACKS_ROWS,)


texts = st.text(st.sampled_from("序号企业名称推荐名单1２3、.()（）有限公司学院 \u202eA"), max_size=12)
boxes = st.tuples(st.floats(0, 0.9), st.floats(0, 0.9))


@given(st.lists(st.tuples(texts, boxes), max_size=12), st.booleans())
def test_any_page_is_survived(drawn: list[tuple[str, tuple[float, float]]], framed: bool) -> None:
    lines = [line(text, x, y) for text, (x, y) in drawn]
    page = read(TITLE, *lines, rulings=ruled(3, (0.1, 0.3, 0.6, 0.9)) if framed else ())
    recommendation_list.score(page)
    assert all(row.name or row.field.value for row in rows_of(extracted(page)))


# ------------------------------------------------------------------------------------------------- the comparison

RECORDS = [
    Record(application_no=f"CCIIP2023S0000{n}", track="supplier", name=name, commerce_department=BUREAU)
    for n, name in enumerate((*NAMES, "宁波远洋数据有限公司"), start=1)
]


def row(name: str, number: str = "", confidence: float = 0.97) -> Field:
    box = Box(0.2, 0.2, 0.4, 0.22)
    return Field(name="listed", value=(name, number, ""), page=2, box=box, confidence=confidence)


def page_of(number: int, kind: Any = "content", payload: str = "") -> Page:
    codes = (Code(kind="QRCode", text=payload, box=Box(0, 0, 0.1, 0.1)),) if payload else ()
    return Page(number=number, file="p", index=number, sha256="a" * 64, width=9, height=9, kind=kind, codes=codes)


def sheet(kind: str, whose: str) -> Page:
    return page_of(1, "cover", make_cover_payload("cciip-2023", whose, sheet=kind))


def list_of(*rows: Field, remarks: tuple[str, ...] = (), announced: str = BUREAU, arrival: int = 1) -> Judged:
    seal = Seal(
        page=2, box=Box(0, 0, 0.1, 0.1), shape="round", colour="red", text=BUREAU, role="commerce_department",
        owner=BUREAU, confidence=0.9,
    )  # fmt: skip
    document = Document(
        type=DocumentType.COVER_LETTER, pages=(2,), confidence=0.9, parts=(LIST,), fields=rows, remarks=remarks,
        seals=(seal,),
    )  # fmt: skip
    pages = (sheet("parcel", announced), page_of(2)) if announced else (page_of(2),)
    report = EnvelopeReport(envelope="p.pdf", sha256="a" * 64, pages=pages, documents=(document,))
    return Judged(report, arrival)


def envelope(name: str, number: str | None, paper: str = "", arrival: int = 1, **changes: Any) -> Judged:
    base: dict[str, Any] = {
        "envelope": name,
        "sha256": "a" * 64,
        "application_no": number,
        "name": paper or next((r.name for r in RECORDS if r.application_no == number), ""),
        "pages": (page_of(1),),
    }
    return Judged(EnvelopeReport(**(base | changes)), arrival)


def one(*judged: Judged) -> Parcel:
    (parcel,) = parcels_of(judged, RECORDS)
    return parcel


def outcome(parcel: Parcel) -> dict[str, list[str]]:
    parts = ("received", "missing", "unlisted", "unclear")
    return {part: [e.application_no or e.name for e in getattr(parcel, part)] for part in parts}


S1, S2, S3, S4 = (r.application_no for r in RECORDS)


def test_received_missing_and_unlisted() -> None:
    parcel = one(list_of(row(NAMES[0], S1), row(NAMES[1])), envelope("p.pdf#2", S1), envelope("p.pdf#3", S4))
    assert outcome(parcel) == {"received": [S1], "missing": [S2], "unlisted": [S4], "unclear": []}
    said = said_of_parcels([parcel])
    assert [s.split(": ", 1)[1] for s in said] == [
        f"{NAMES[1]} ({S2}) is listed, and no envelope of it is in this batch",
        f"宁波远洋数据有限公司 ({S4}) is in it (p.pdf#3), and is not listed",
    ]
    told = parcel_json(parcel)
    assert told["list_pages"] == [2] and told["seal"] == BUREAU and told["missing"][0]["application_no"] == S2


def test_a_name_that_is_read_badly_is_unclear_and_calls_nobody_missing_or_unlisted() -> None:
    parcel = one(list_of(row("杭洲智去软件有限公可", confidence=0.5)), envelope("p.pdf#2", S1))
    assert outcome(parcel)["missing"] == outcome(parcel)["unlisted"] == []
    assert len(parcel.unclear) == 2 and parcel.unclear[1].application_no == S1


def test_another_name_under_a_number_is_unclear() -> None:
    parcel = one(list_of(row("杭州另一家科技有限公司", S1)), envelope("p.pdf#2", S1))
    assert outcome(parcel) == {"received": [], "missing": [], "unlisted": [], "unclear": [S1]}
    assert NAMES[0] in parcel.unclear[0].why
    parcel = one(list_of(row(NAMES[0], "CCIIP2023S99999")), envelope("p.pdf#2", S1))
    assert outcome(parcel)["unclear"] == [S1] and "CCIIP2023S99999" in parcel.unclear[0].why


def test_papers_that_cannot_be_read_or_were_tied_to_no_record_may_be_anybodys() -> None:
    unreadable = envelope("p.pdf#2", None, verdict="unreadable")
    assert outcome(one(list_of(row(NAMES[0], S1)), unreadable))["missing"] == []
    cover = (sheet("envelope", S1), page_of(2))
    unclear = one(list_of(row(NAMES[0], S1)), envelope("p.pdf#2", None, "别的公司", pages=cover))
    assert outcome(unclear)["unclear"][0] == S1 and "p.pdf#2 may be its envelope" in unclear.unclear[0].why


def test_an_empty_envelope_is_not_received() -> None:
    bare = envelope("p.pdf#2", None, pages=(sheet("envelope", S1), page_of(2, "blank")), verdict="findings")
    assert outcome(one(list_of(row(NAMES[0], S1)), bare))["missing"] == [S1]


def test_rows_that_were_not_read_leave_the_rest_unclear() -> None:
    for unread in (list_of(row(NAMES[0], S1), remarks=(LACKS_ROWS,)), list_of()):
        parcel = one(unread, envelope("p.pdf#2", S1), envelope("p.pdf#3", S4))
        assert not parcel.unlisted and S4 in outcome(parcel)["unclear"]


def test_who_is_listed_and_not_declared_online() -> None:
    listed = row("杭州没有申报的有限公司")
    assert outcome(one(list_of(listed)))["missing"] == ["杭州没有申报的有限公司"]
    there = one(list_of(listed), envelope("p.pdf#2", None, "杭州没有申报的有限公司"))
    assert [e.envelope for e in there.received] == ["p.pdf#2"]


def test_a_parcel_without_its_list_says_so_and_accuses_nobody() -> None:
    first = envelope("p.pdf", S1, pages=(sheet("parcel", BUREAU), sheet("envelope", S1), page_of(3)))
    parcel = one(first, envelope("p.pdf#2", S2))
    assert outcome(parcel) == {"received": [], "missing": [], "unlisted": [], "unclear": []}
    assert "no list of recommendations" in said_of_parcels([parcel])[0]


def test_two_parcels_in_one_file_and_a_list_as_a_file_of_its_own() -> None:
    first = [list_of(row(NAMES[0], S1)), envelope("p.pdf#2", S1)]
    second = [list_of(row(NAMES[1], S2), announced="宁波市商务局"), envelope("p.pdf#4", S2)]
    assert [outcome(p)["received"] for p in parcels_of([*first, *second], RECORDS)] == [[S1], [S2]]
    # In a file of its own it is held against the batch: what it lists, and what is its department's.
    other = RECORDS[3].model_copy(update={"commerce_department": "宁波市商务局"})
    batch = [list_of(row(NAMES[0], S1), announced="")] + [envelope(f"{n}.pdf", n, arrival=9) for n in (S1, S3, S4)]
    (parcel,) = parcels_of(batch, [*RECORDS[:3], other])
    assert (parcel.department, outcome(parcel)["received"], outcome(parcel)["unlisted"]) == (BUREAU, [S1], [S3])


def test_several_envelopes_of_one_that_is_listed_are_its_own() -> None:
    parcel = one(list_of(row(NAMES[0], S1)), envelope("p.pdf#2", S1), envelope("p.pdf#3", S1))
    assert outcome(parcel) == {"received": [S1], "missing": [], "unlisted": [], "unclear": []}


names = st.sampled_from([*NAMES, "杭州智云软件有限公可", "x", ""])


@given(
    st.lists(st.tuples(names, st.sampled_from(["", S1, S2, "CCIIP2023S77777"]), st.sampled_from([0.3, 0.97]))),
    st.lists(st.sampled_from([None, S1, S2, S3, S4]), max_size=5),
)
def test_every_row_and_every_envelope_is_accounted_for(
    rows: list[tuple[str, str, float]], numbers: list[str | None]
) -> None:
    judged = [list_of(*(row(*r) for r in rows)), *(envelope(f"p.pdf#{i}", n) for i, n in enumerate(numbers, 2))]
    parcel = one(*judged)
    of_rows = (
        len(parcel.received)
        + len(parcel.missing)
        + sum(not e.why.startswith(("the list's row", "it may be in a row", "whose envelope")) for e in parcel.unclear)
    )
    assert of_rows == len(rows) == len(parcel.listed)
    # Nobody whose envelope is there is called missing, and nobody who is listed by name is called unlisted.
    assert not {e.application_no for e in parcel.missing} & {n for n in numbers if n}
    assert not {e.name for e in parcel.unlisted} & {r[0] for r in rows if r[2] > 0.9 and not r[1]}
    assert all(s.isprintable() for s in said_of_parcels([parcel]))
