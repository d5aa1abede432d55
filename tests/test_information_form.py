"""Information forms of many layouts: recorded readings of drawn pages (Chromium, 200 dpi, PP-OCRv6), read again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extractors import all_extractors, information_form
from extractors._fields import field_of, line_score, tidy
from extractors._form_amounts import Units
from extractors._form_fits import fits
from extractors._form_options import unstamped_boxes
from extractors._form_parsed import is_empty
from extractors._form_values import parse
from pipeline.model import Box, Document, DocumentType, InkGrid, Line, Page, ReadPage, Ruling, SealReading, TickBox
from pipeline.programmes import load

READINGS = Path(__file__).parent / "readings"
LAYOUTS = sorted(path.stem for path in READINGS.glob("form_*.json"))
PROGRAMME = load("cciip-2023")
# What the reader itself lost on those pages, and what must then not be claimed with confidence.
LOST = {("form_radio", "industry")}


def reading(name: str) -> tuple[list[ReadPage], dict[str, Any]]:
    stored = json.loads((READINGS / f"{name}.json").read_text(encoding="utf-8"))
    return [ReadPage.model_validate(page) for page in stored["pages"]], stored["truth"]


def document(name: str) -> Document:
    return information_form.extract(reading(name)[0], PROGRAMME, DocumentType.INFORMATION_FORM)


def blank_page(lines: tuple[Line, ...] = (), **more: Any) -> ReadPage:
    page = Page(number=1, file="a.pdf", index=0, sha256="0" * 64, width=1654, height=2339)
    return ReadPage(page=page.model_copy(update={"upright_width": 1654, "upright_height": 2339}), lines=lines, **more)


def text_line(text: str, x0: float, y0: float, *, score: float = 1.0, height: float = 0.018) -> Line:
    width = sum(0.017 if sign > "\u2e80" else 0.009 for sign in text)
    return Line(text=text, box=Box(x0, y0, min(1.0, x0 + width), y0 + height), confidence=score)


def same(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("(", "（").replace(")", "）")
    return sorted(value) if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_field_of_every_layout(name: str) -> None:
    truth = reading(name)[1]
    read = document(name)
    for key, wanted in truth.items():
        field = read.field(key)
        got = field.value if field else None
        if key == "submitted_at" and isinstance(got, str):
            got = got[:10]
        if (name, key) in LOST:
            assert field is not None and field.confidence < 0.5, (key, field)
            continue
        assert same(got) == same(wanted), (key, wanted, field)


@pytest.mark.parametrize("name", LAYOUTS)
def test_places_for_both_seals(name: str) -> None:
    pages, _ = reading(name)
    places = [place for place in document(name).places if not place.signature]
    if name == "form_narrow":  # its second page's label was not read at all
        places = [place for place in places if place.page == 1]
        assert {place.role for place in places} >= {"applicant"}
        return
    assert {place.role for place in places} == {"applicant", "commerce_department"}, places
    for place in places:
        assert 0.08 < place.box.height < 0.4 and place.box.width > 0.1, place
        others = [p for p in places if p.role != place.role and p.page == place.page]
        assert all(place.box.iou(other.box) < 0.3 for other in others)
    assert {place.page for place in places} <= {page.page.number for page in pages}


@pytest.mark.parametrize("name", LAYOUTS)
def test_score_says_form_and_opens_only_first_pages(name: str) -> None:
    pages, truth = reading(name)
    scores = [information_form.score(page) for page in pages]
    assert scores[0] is not None and scores[0].score >= 90 and scores[0].opens
    assert scores[0].subject == truth["name"]
    assert all(score is None or not score.opens for score in scores[1:])


def test_other_papers_are_no_forms() -> None:
    licence = blank_page(
        (
            text_line("营业执照", 0.42, 0.1, height=0.05),
            text_line("统一社会信用代码 91110108MA01EBFH9B", 0.1, 0.2),
            text_line("名称 成都云帆信息技术有限公司", 0.1, 0.3),
            text_line("法定代表人 陈思远", 0.1, 0.35),
            text_line("注册资本 伍仟万元整", 0.5, 0.3),
            text_line("成立日期 2009年04月17日", 0.5, 0.35),
        )
    )
    assert information_form.score(licence) is None
    letter = blank_page(
        (
            text_line("关于报送申报材料的函", 0.38, 0.1, height=0.03),
            text_line("联系人：王丽娜", 0.1, 0.7),
            text_line("手机：13880123456", 0.1, 0.73),
            text_line("邮箱：wanglina@example.cn", 0.1, 0.76),
        )
    )
    assert information_form.score(letter) is None
    assert information_form.score(blank_page()) is None


def test_amounts_take_the_unit_that_is_nearest() -> None:
    def yuan(text: str, **units: str) -> object:
        parsed = parse("operating_revenue", text, Units(**units))
        return parsed and parsed.value

    assert yuan("1.2亿元", label="营业收入（万元）") == "120000000.00"
    assert yuan("45,678.90", label="营业收入（万元）", caption="单位：元") == "456789000.00"
    assert yuan("45,678.90", head="2022年（千元）", caption="单位：元") == "45678900.00"
    assert yuan("45,678.90", caption="单位：元") == "45678.90"
    assert yuan("45,678.90") == "456789000.00"
    bare = parse("operating_revenue", "45,678.90")
    assert bare is not None and "unit_from_form" in bare.reasons
    words = parse("registered_capital", "人民币伍仟万元整（¥50,000,000.00）")
    assert words is not None and words.value == "50000000.00" and "in_words_too" in words.reasons
    assert yuan("人民币叁仟万元整（¥30,000,000.00）") == "30000000.00"


def test_foreign_money_is_never_converted() -> None:
    parsed = parse("offshore_revenue", "120.5", Units(label="离岸执行额（万美元）"))
    assert parsed is not None and parsed.value is None and parsed.unit == "万美元"


def test_a_figure_too_large_for_its_assumed_unit_is_doubted() -> None:
    parsed = parse("operating_revenue", "30000000.00", Units())
    assert parsed is not None and parsed.trust < 0.6 and parsed.value == "30000000.00"
    assert parsed.alternatives == ("300000000000.00",)


@pytest.mark.parametrize("text", ["", "无", "/", "-", "—", "（如无请填“无”）", "____", "年　月　日"])
def test_empty_values(text: str) -> None:
    assert is_empty(text)
    parsed = parse("previous_names", text)
    assert parsed is not None and parsed.value is None


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("staff", "1,318 人", 1318),
        ("staff", "318人", 318),
        ("established", "二〇〇三年十一月八日", "2003-11-08"),
        ("submitted_at", "2023-09-1210:23:45", "2023-09-12T10:23:45"),
        ("uscc", "9111 0108 MA01 EBFH 9B", "91110108MA01EBFH9B"),
        ("uscc", "911l0108MAO1EBFH9B", "91110108MA01EBFH9B"),
        ("contact", "王丽娜 13880123456", "王丽娜"),
        ("mobile", "138-8012-3456", "13880123456"),
        ("email", "1ijuan@example.com", "lijuan@example.com"),
        ("application_no", "CC1IP2023S00004", "CCIIP2023S00004"),
        ("previous_names", "甲乙科技有限公司；丙丁软件有限公司", ("甲乙科技有限公司", "丙丁软件有限公司")),
        ("name", "成都云帆(中国)有限公司", "成都云帆（中国）有限公司"),
    ],
)
def test_values(key: str, text: str, value: object) -> None:
    parsed = parse(key, text)
    assert parsed is not None and parsed.value == value


def test_a_repaired_code_says_so() -> None:
    parsed = parse("uscc", "911l0108MAO1EBFH9B")
    assert parsed is not None and any(reason.startswith("repaired:") for reason in parsed.reasons)


def test_a_wrong_code_read_without_doubt_is_not_repaired() -> None:
    failing = parse("uscc", "91110108MA01EBFH9C", sure=True)
    assert failing is not None and failing.value == "91110108MA01EBFH9C" and "check_digit_fails" in failing.reasons


def test_labels_are_never_values() -> None:
    assert fits("name", "统一社会信用代码") == 0.0
    assert fits("contact", "手机：") == 0.0
    assert fits("outsourcing_revenue", "万元") < 0.5


def test_handwriting_is_flagged_not_guessed() -> None:
    page = blank_page(
        (
            text_line("企业基本信息表", 0.4, 0.05, height=0.03),
            text_line("企业名称：成都云帆信息技术有限公司", 0.1, 0.15),
            text_line("员工总数：", 0.1, 0.2),
            text_line("318", 0.2, 0.2, score=0.45),
            text_line("联系人：王丽娜", 0.1, 0.25),
            text_line("所属行业：能源", 0.1, 0.3),
            text_line("功能领域：大数据、云计算", 0.1, 0.35),
        )
    )
    field = information_form.extract([page], PROGRAMME, DocumentType.INFORMATION_FORM).field("staff")
    assert field is not None and "handwritten" in field.reasons and field.confidence <= 0.4


def test_a_value_under_a_seal_says_so() -> None:
    box = Box(0.2, 0.2, 0.4, 0.34)
    page = blank_page(seals=(SealReading(page=1, box=box),))
    under = field_of("staff", 5, [text_line("5", 0.3, 0.25)], page)
    free = field_of("staff", 5, [text_line("5", 0.6, 0.25)], page)
    assert "under_seal" in under.reasons and under.confidence < free.confidence


def test_signature_is_seen_as_ink_and_its_absence_too() -> None:
    lines = (
        text_line("企业基本信息表", 0.4, 0.05, height=0.03),
        text_line("企业名称：成都云帆信息技术有限公司", 0.1, 0.15),
        text_line("员工总数：318", 0.1, 0.2),
        text_line("申报单位（盖章）：", 0.1, 0.6),
        text_line("法定代表人（签字）：", 0.1, 0.65),
    )
    rows = ["0" * 120] * 170
    empty = InkGrid(columns=120, rows=170, cells="".join(rows))
    written = ["0" * 120 if not 109 <= row <= 115 else "0" * 40 + "6" * 8 + "0" * 72 for row in range(170)]
    signed = InkGrid(columns=120, rows=170, cells="".join(written))

    def state(ink: InkGrid) -> bool | None:
        document = information_form.extract([blank_page(lines, ink=ink)], PROGRAMME, DocumentType.INFORMATION_FORM)
        return next(place.signed for place in document.places if place.signature)

    assert state(empty) is False
    assert state(signed) is True
    assert state(InkGrid(columns=0, rows=0, cells="")) is None


def test_the_department_named_where_it_stamps() -> None:
    field = document("form_training").field("commerce_department")
    assert field is not None and field.value == "西安市商务局" and "at_seal_place" in field.reasons


def test_a_parks_operator_is_not_its_name() -> None:
    park = document("form_park")
    name, operator = park.field("name"), park.field("operator")
    assert name is not None and name.value == "大连澄湾软件园"
    assert operator is not None and operator.value == "大连澄湾软件园发展有限公司"


def test_helpers() -> None:
    assert tidy(" 成都 云帆 ：") == "成都云帆"
    assert line_score([]) == 1.0
    assert line_score([text_line("a", 0, 0, score=0.5)]) < 0.5


def test_discovery_finds_this_extractor_and_no_helper() -> None:
    names = [getattr(module, "__name__", "") for module in all_extractors()]
    assert "extractors.information_form" in names
    assert not any(name.rsplit(".", 1)[-1].startswith("_") for name in names)


def test_notes_that_split_revenue_by_outsourcing_are_no_form() -> None:
    rows = [("五、财务报表项目注释", 0.1, 0.1), ("21. 营业收入和营业成本", 0.1, 0.15)]
    rows += [("业务类别", 0.1, 0.2), ("收入", 0.4, 0.2), ("服务外包业务收入", 0.1, 0.25), ("170,354", 0.4, 0.25)]
    rows += [("注册地", 0.5, 0.3), ("沈阳", 0.6, 0.3), ("离岸外包收入", 0.1, 0.35), ("12,345", 0.4, 0.35)]
    page = blank_page(tuple(text_line(*row) for row in rows))
    assert information_form.score(page) is None


def test_a_special_audits_table_of_revenue_is_no_form() -> None:
    rows = [
        ("2022年度营业收入及服务外包收入情况表", 0.3, 0.06),
        ("填报单位：某某科技有限公司", 0.1, 0.1),
        ("单位：万元", 0.8, 0.1),
    ]
    rows += [("指标", 0.1, 0.15), ("2022年", 0.5, 0.15), ("2021年", 0.8, 0.15)]
    for i, name in enumerate(("营业收入", "其中：服务外包收入", "离岸服务外包收入", "在岸服务外包收入")):
        rows += [
            (name, 0.1, 0.2 + 0.04 * i),
            (f"{i + 3},567.89", 0.5, 0.2 + 0.04 * i),
            (f"{i + 2},345.67", 0.8, 0.2 + 0.04 * i),
        ]
    rows += [("单位负责人：卞志强", 0.1, 0.4), ("财务负责人：丁芳", 0.4, 0.4), ("制表人：丁芳", 0.7, 0.4)]
    page = blank_page(tuple(text_line(*row) for row in rows))
    assert information_form.score(page) is None
    form = blank_page(
        tuple(
            text_line(*row)
            for row in [
                *rows,
                ("员工总数", 0.1, 0.5),
                ("356", 0.3, 0.5),
                ("从事服务外包业务员工人数", 0.5, 0.5),
                ("312", 0.8, 0.5),
            ]
        )
    )
    assert information_form.score(form) is not None


def test_the_label_beside_leaves_counts_not_a_heading_of_the_section() -> None:
    rows = [("企业基本信息表", 0.4, 0.05), ("业务领域", 0.1, 0.2), ("知识产权", 0.1, 0.24)]
    rows += [("功能领域：集成电路和电子电路设计；工业设计外包", 0.1, 0.4)]
    page = blank_page(tuple(text_line(*row) for row in rows))
    found = information_form.extract([page], PROGRAMME, DocumentType.INFORMATION_FORM).field("functions")
    assert found is not None
    assert found.value == ("集成电路和电子电路设计", "工业设计外包")


def test_a_declaration_is_no_name() -> None:
    assert fits("name", "本企业对所填法定代表人（") < 0.5
    assert fits("name", "本园区承诺材料真实有效") < 0.5
    assert fits("name", "长沙麓谷智绘科技有限公司") == 1.0


def _signed_page(*ink: Box, height: int = 170, width: int = 120, lines: tuple[Line, ...] = ()) -> ReadPage:
    cells = [["0"] * width for _ in range(height)]
    for box in ink:
        for row in range(int(box.y0 * height), int(box.y1 * height)):
            for column in range(int(box.x0 * width), int(box.x1 * width)):
                cells[row][column] = "6"
    grid = InkGrid(columns=width, rows=height, cells="".join("".join(row) for row in cells))
    label = text_line("负责人签字：", 0.1, 0.3)
    return blank_page((label, *lines, text_line("日期：2023-09-06", 0.1, 0.42)), ink=grid)


def _signature(page: ReadPage) -> bool | None:
    read = information_form.read_form_page(page)
    return next(p.signed for p in information_form.find_places(page, read.sheet) if p.signature)


def test_who_signs_below_the_label_has_signed() -> None:
    assert _signature(_signed_page(Box(0.11, 0.34, 0.24, 0.37))) is True
    assert _signature(_signed_page()) is False
    assert _signature(_signed_page(lines=(text_line("林叔华", 0.12, 0.345),))) is True


@pytest.mark.parametrize(("beside", "signed"), [("白宇航", True), ("经办人", False), ("日期", False), ("", False)])
def test_a_signature_that_reads_like_print_is_one(beside: str, signed: bool) -> None:
    """A neat hand is read with confidence: it ends the place to sign no more than it leaves it empty."""
    there = (text_line(beside, 0.31, 0.3),) if beside else ()
    assert _signature(_signed_page(lines=there)) is signed


def test_a_signature_read_like_print_and_english_behind_the_label() -> None:
    read_surely = text_line("栾平", 0.25, 0.3, height=0.03)
    assert _signature(_signed_page(Box(0.25, 0.3, 0.3, 0.33), lines=(read_surely,))) is True
    page = _signed_page(Box(0.2, 0.3, 0.3, 0.318))  # the printed word Signature is ink, but the label's own
    label = text_line("负责人（签字）Signature:", 0.1, 0.3)
    own = label.model_copy(update={"box": Box(0.1, 0.3, 0.31, 0.318)})
    assert _signature(page.model_copy(update={"lines": (own, *page.lines[1:])})) is False


def test_a_dashed_line_to_sign_on_is_no_signature() -> None:
    page = _signed_page()
    dashes = ["0"] * (120 * 170)
    for column in range(32, 44):
        dashes[52 * 120 + column] = "5" if column % 2 else "3"
    line_only = page.model_copy(update={"ink": InkGrid(columns=120, rows=170, cells="".join(dashes))})
    assert _signature(line_only) is False
    slanting = list(dashes)
    for column in range(38, 44):
        slanting[52 * 120 + column], slanting[51 * 120 + column] = "0", "4"
    photographed = page.model_copy(update={"ink": InkGrid(columns=120, rows=170, cells="".join(slanting))})
    assert _signature(photographed) is False
    for row in (49, 50, 51):
        dashes[row * 120 + 35] = "6"
    signed = page.model_copy(update={"ink": InkGrid(columns=120, rows=170, cells="".join(dashes))})
    assert _signature(signed) is True


def test_a_seals_own_strokes_are_no_signature() -> None:
    page = _signed_page(Box(0.3, 0.29, 0.36, 0.33))
    seal = SealReading(page=1, box=Box(0.28, 0.25, 0.5, 0.41), legible=0.9)
    assert _signature(page) is True
    assert _signature(page.model_copy(update={"seals": (seal,)})) is None


def test_red_ink_hides_no_pen_on_a_scan_in_colour() -> None:
    """Where only a red seal stands, nobody has signed; a grey copy or a blue seal cannot tell."""
    page = _signed_page()
    seal = SealReading(page=1, box=Box(0.28, 0.25, 0.5, 0.41), legible=0.9)
    assert _signature(page.model_copy(update={"seals": (seal,)})) is False
    blue = seal.model_copy(update={"colour": "blue"})
    assert _signature(page.model_copy(update={"seals": (blue,)})) is None
    quality = page.page.quality.model_copy(update={"colour": "grey"})
    grey = page.model_copy(update={"page": page.page.model_copy(update={"quality": quality}), "seals": (seal,)})
    assert _signature(grey) is None


def form_of(*lines: Line, **more: Any) -> Document:
    return information_form.extract([blank_page(lines, **more)], PROGRAMME, DocumentType.INFORMATION_FORM)


def cell_rules(x0: float, y0: float, x1: float, y1: float) -> tuple[Ruling, ...]:
    across = (Ruling(x0=x0, y0=y, x1=x1, y1=y) for y in (y0, y1))
    down = (Ruling(x0=x, y0=y0, x1=x, y1=y1) for x in (x0, x1))
    return (*across, *down)


def test_values_led_to_by_dots() -> None:
    read = form_of(
        text_line("法定代表人..", 0.14, 0.20), text_line("…廖承远", 0.80, 0.20),
        text_line("注册资本（万元）", 0.14, 0.25), text_line(".….6000.00", 0.78, 0.25),
        text_line("联系人…", 0.14, 0.30), text_line(".白露", 0.82, 0.30),
        text_line("手机……", 0.14, 0.35), text_line("……18980127743", 0.70, 0.35),
    )  # fmt: skip
    got = {name: field.value for name in ("legal_representative", "contact", "mobile") if (field := read.field(name))}
    assert got == {"legal_representative": "廖承远", "contact": "白露", "mobile": "18980127743"}
    capital = read.field("registered_capital")
    assert capital is not None and capital.value == "60000000.00"


def test_a_value_flush_right_goes_on_flush_right() -> None:
    read = form_of(
        text_line("注册地址", 0.14, 0.20),
        Line(text="四川省成都市天府四街66号航兴国际广场1", box=Box(0.45, 0.2, 0.88, 0.218), confidence=1.0),
        Line(text="栋18层", box=Box(0.81, 0.225, 0.88, 0.243), confidence=1.0),
    )  # fmt: skip
    field = read.field("address")
    assert field is not None and field.value == "四川省成都市天府四街66号航兴国际广场1栋18层"


def test_a_cell_of_several_rows_is_no_value() -> None:
    """Rules between rows were not seen: neither a heading nor the next row's label is a part of a value."""
    read = form_of(
        text_line("业务交付主体所在地", 0.08, 0.20), text_line("安徽省合肥市", 0.40, 0.20),
        text_line("联系方式", 0.08, 0.23),
        text_line("联系人", 0.08, 0.26), text_line("程思远", 0.40, 0.26),
        rulings=cell_rules(0.07, 0.19, 0.93, 0.29),
    )  # fmt: skip
    fields = {name: field.value for name in ("delivery_location", "contact") if (field := read.field(name))}
    assert fields == {"delivery_location": "安徽省合肥市", "contact": "程思远"}


def test_labels_above_their_values_in_one_underlined_row() -> None:
    read = form_of(
        text_line("法定代表人", 0.09, 0.29), text_line("开办资金(万元)", 0.50, 0.29),
        text_line("施文涛", 0.09, 0.31), text_line("300.00", 0.50, 0.31),
        rulings=cell_rules(0.085, 0.285, 0.91, 0.333),
    )  # fmt: skip
    person, capital = read.field("legal_representative"), read.field("registered_capital")
    assert person is not None and person.value == "施文涛"
    assert capital is not None and capital.value == "3000000.00"


def test_a_section_heading_is_no_label_with_its_value() -> None:
    assert form_of(text_line("二、联系与保障", 0.12, 0.47)).field("contact") is None


def test_a_numbered_list_is_read_to_its_end() -> None:
    lines = [text_line("功能领域（从申报系统所列40项中选择）：", 0.13, 0.13)]
    lines += [
        text_line(f"{i}. {name}", 0.16, 0.135 + 0.033 * i)
        for i, name in enumerate(("软件研发及开发服务", "测试外包服务", "云计算"), 1)
    ]
    whole = form_of(*lines).field("functions")
    assert whole is not None and whole.value == ("软件研发及开发服务", "测试外包服务", "云计算")
    misread = form_of(*lines, text_line("4. 物朕綱", 0.16, 0.267)).field("functions")
    assert misread is not None and misread.confidence < 0.9  # an item that is not known: the list is not whole


def test_a_list_of_industries_under_its_heading() -> None:
    names = PROGRAMME.categories
    rows = (names[:5], names[5:8], names[8:])
    lines = [text_line("三、所属行业（在所选项前打“×”）", 0.12, 0.07)]
    for number, row in enumerate(rows):
        text = " ".join(("☒" if name == names[6] else "□") + name for name in row)
        lines.append(text_line(text, 0.13, 0.095 + 0.02 * number))
    field = form_of(*lines).field("industry")
    assert field is not None and field.value == names[6]


def test_a_box_under_a_seal_is_not_judged() -> None:
    box = TickBox(box=Box(0.2, 0.2, 0.21, 0.21), filled=0.3)
    blank = TickBox(box=Box(0.2, 0.25, 0.21, 0.26), filled=0.0)
    seal = SealReading(page=1, box=Box(0.1, 0.1, 0.4, 0.4))
    assert unstamped_boxes(blank_page(boxes=(box, blank), seals=(seal,))) == (blank,)
    assert unstamped_boxes(blank_page(boxes=(box, blank))) == (box, blank)


def _revenue(*lines: Line) -> tuple[Any, str | None]:
    page = blank_page((text_line("企业基本信息表", 0.4, 0.05, height=0.03), *lines))
    found = information_form.extract([page], PROGRAMME, DocumentType.INFORMATION_FORM).field("operating_revenue")
    assert found is not None
    return found.value, found.unit


def test_the_unit_may_stand_in_the_heading_in_a_column_or_under_the_label() -> None:
    label, value = text_line("营业收入", 0.1, 0.3), text_line("884,176,200.00", 0.4, 0.3)
    assert _revenue(text_line("Year 2022 上年度数据（金额单位：元）", 0.1, 0.25), label, value) == (
        "884176200.00",
        "元",
    )
    short = text_line("4.5879", 0.4, 0.3)
    assert _revenue(text_line("2022年度收入（单位：亿元）", 0.1, 0.25), label, short) == ("458790000.00", "亿元")
    assert _revenue(label, value, text_line("元", 0.8, 0.3)) == ("884176200.00", "元")
    broken = text_line("上年度营业收入（万", 0.1, 0.3)
    assert _revenue(broken, text_line("元）", 0.1, 0.318), text_line("12,345.67", 0.4, 0.3)) == ("123456700.00", "万元")


def test_a_parks_form_that_names_only_its_operator_is_the_operators() -> None:
    page = blank_page(
        (
            text_line("园区基本信息表", 0.4, 0.05, height=0.03),
            text_line("园区运营机构名称：石家庄冀联软件园运营有限公司", 0.1, 0.2),
            text_line("统一社会信用代码：91130108MA53811797", 0.1, 0.24),
        )
    )
    found = information_form.extract([page], PROGRAMME, DocumentType.INFORMATION_FORM)
    assert found.field("name") is not None and found.field("name").value == "石家庄冀联软件园运营有限公司"  # type: ignore[union-attr]


def test_a_label_over_two_lines_whose_second_looks_like_another_label() -> None:
    """从事服务外包业 / 务员工人数: 务员工人数 is no 员工人数, so the form has no 员工总数."""
    read = form_of(
        text_line("园区基本信息表", 0.4, 0.1),
        text_line("园区名称", 0.12, 0.18),
        text_line("齐鲁数谷服务外包产业园", 0.264, 0.18),
        text_line("从事服务外包业", 0.12, 0.4),
        text_line("务员工人数", 0.12, 0.417),
        text_line("9780人", 0.264, 0.408),
        text_line("大学（含）以上", 0.56, 0.4),
        text_line("学历人数", 0.56, 0.417),
        text_line("8312人", 0.70, 0.408),
    )
    values = {field.name: field.value for field in read.fields}
    assert (values.get("outsourcing_staff"), values.get("degree_staff"), values.get("staff")) == (9780, 8312, None)


def test_two_fields_in_one_cell_each_take_their_part() -> None:
    read = form_of(
        text_line("企业基本信息表", 0.4, 0.05, height=0.03),
        text_line("企业名称：西安秦岭智链科技集团有限公司", 0.1, 0.15),
        text_line("总部所在地/交付主体所在地：陕西省西安市/陕西省咸阳市", 0.1, 0.2),
    )
    values = {field.name: field.value for field in read.fields}
    assert (values["headquarters"], values["delivery_location"]) == ("陕西省西安市", "陕西省咸阳市")


def test_an_english_unit_under_a_label_is_no_value() -> None:
    """注册资本（万元） over Registered Capital (RMB 10,000): the 10,000 is a unit."""
    read = form_of(
        text_line("企业基本信息表", 0.4, 0.05, height=0.03),
        text_line("企业名称：合肥庐科软件有限公司", 0.1, 0.12),
        text_line("注册资本（万元）", 0.11, 0.207),
        text_line("Registered Capital (RMB 10,000)", 0.11, 0.223, height=0.012),
        text_line("3,200.00", 0.52, 0.214),
        rulings=(*cell_rules(0.1, 0.2, 0.5, 0.24), *cell_rules(0.5, 0.2, 0.9, 0.24)),
    )
    field = read.field("registered_capital")
    assert field is not None and field.value == "32000000.00"


def test_a_hand_that_runs_over_the_line_above_may_have_signed() -> None:
    """Ink near the place to sign that no print accounts for: nobody can say that it is empty."""
    assert _signature(_signed_page()) is False
    assert _signature(_signed_page(Box(0.3, 0.27, 0.4, 0.293))) is not False


def test_a_signature_read_as_surely_as_print_is_one() -> None:
    assert _signature(_signed_page(lines=(text_line("柏云舟", 0.32, 0.3),))) is True


def test_a_date_whose_parts_stand_in_blanks_of_their_own() -> None:
    row = [("6．成立于", 0.1), ("2012", 0.22), ("年", 0.29), ("11", 0.34), ("月", 0.39), ("30", 0.43), ("日", 0.48)]
    read = form_of(
        text_line("企业基本信息表", 0.4, 0.05),
        *(text_line(text, x, 0.2) for text, x in row),
        text_line("5．业务交付主体设在：", 0.1, 0.16),
        text_line("江西省南昌市", 0.4, 0.16),
    )
    found = {field.name: field.value for field in read.fields}
    assert found["established"] == "2012-11-30"
    assert found["delivery_location"] == "江西省南昌市"


def test_people_are_no_amount_and_words_end_a_value() -> None:
    read = form_of(
        text_line("培训机构及院校信息表", 0.4, 0.05),
        text_line("注册资本", 0.154, 0.342),
        text_line("叁佰万元", 0.247, 0.342),
        text_line("员工总数", 0.154, 0.366),
        text_line("64人", 0.247, 0.366),
    )
    found = {field.name: field.value for field in read.fields}
    assert (found["registered_capital"], found["staff"]) == ("3000000.00", 64)


def test_english_words_run_together_are_still_a_label() -> None:
    read = form_of(
        text_line("园区基本信息表", 0.4, 0.05),
        text_line("法定代表人", 0.043, 0.35),
        text_line("Legalrepresentative", 0.043, 0.366),
        text_line("席慕远", 0.189, 0.357),
    )
    assert read.field("legal_representative").value == "席慕远"  # type: ignore[union-attr]


def test_how_a_date_is_written_in_the_column_of_units_is_no_value() -> None:
    xs, ys = (0.08, 0.36, 0.5, 0.9), (0.1, 0.13, 0.16, 0.19)
    rules = [Ruling(x0=xs[0], y0=y, x1=xs[-1], y1=y) for y in ys]
    rules += [Ruling(x0=x, y0=ys[0], x1=x, y1=ys[-1]) for x in xs]
    texts = [
        ("企业名称", "—", "西安秦岳创意设计有限公司"),
        ("成立日期", "年/月/日", "2018.10.9"),
        ("员工总数", "人", "402"),
    ]
    lines = [text_line(text, xs[c] + 0.005, ys[r] + 0.006) for r, row in enumerate(texts) for c, text in enumerate(row)]
    read = form_of(text_line("企业基本信息表", 0.4, 0.05), *lines, rulings=tuple(rules))
    assert read.field("established").value == "2018-10-09"  # type: ignore[union-attr]


def test_a_name_that_touches_its_label_from_below_may_be_the_signature() -> None:
    assert _signature(_signed_page(lines=(text_line("廖秉章", 0.11, 0.315),))) is not False


def test_a_fold_through_a_place_to_sign_is_no_signature() -> None:
    """A fold is one thin line far longer than any stroke; what is written across it stays."""
    fold = Box(0.351, 0.05, 0.36, 0.9)
    assert _signature(_signed_page(fold)) is False
    assert _signature(_signed_page(fold, Box(0.3, 0.29, 0.4, 0.33))) is True
    assert _signature(_signed_page(Box(0.351, 0.28, 0.36, 0.33), Box(0.32, 0.3, 0.36, 0.31))) is True


def test_a_fold_that_slants_and_that_print_crosses_is_no_signature() -> None:
    pieces = [Box((40 + n) / 120 + 1e-6, (10 + 20 * n) / 170 + 1e-6, (41 + n) / 120 + 1e-6, (30 + 20 * n) / 170 + 1e-6)
              for n in range(6)]  # fmt: skip
    crossing = Box(0.1, 0.4, 0.6, 0.42)
    assert _signature(_signed_page(*pieces, crossing)) is False
    assert _signature(_signed_page(*pieces, crossing, Box(0.26, 0.29, 0.33, 0.32))) is True


def test_the_print_over_a_place_to_sign_is_no_signature() -> None:
    """Lines set close together reach into the place; their ink is theirs, but a hand that touches them counts."""
    above = text_line("院校意见：属实。", 0.1, 0.286)
    ink = Box(0.1, above.box.y0, above.box.x1, above.box.y1)
    assert _signature(_signed_page(ink, lines=(above,))) is False
    assert _signature(_signed_page(ink, Box(0.25, 0.29, 0.34, 0.325), lines=(above,))) is True
    unsure = above.model_copy(update={"confidence": 0.6})
    assert _signature(_signed_page(ink, lines=(unsure,))) is not False
