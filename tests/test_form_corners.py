"""Corners of forms met on paper nobody had seen: shared cells, heads over a part of a cell, labels nobody knows."""

from __future__ import annotations

from typing import Any

import pytest

from extractors import information_form
from extractors._form_labels import vocabulary
from pipeline.model import Box, DocumentType, Line, Page, ReadPage, Ruling
from pipeline.programmes import load

PROGRAMME = load("cciip-2023")


def line(text: str, x0: float, y0: float) -> Line:
    width = sum(0.017 if sign > "\u2e80" else 0.009 for sign in text)
    return Line(text=text, box=Box(x0, y0, min(1.0, x0 + width), y0 + 0.018), confidence=1.0)


def sheet(*rows: tuple[float, tuple[float, ...], tuple[str, ...]], step: float = 0.04, top: float = 0.2) -> ReadPage:
    """A ruled table; a row: its height in steps, the edges of its cells, their texts (lines parted by |)."""
    lines, rulings, y = [], [Ruling(x0=0.1, y0=top, x1=0.9, y1=top)], top
    for tall, edges, texts in rows:
        high = y + tall * step
        rulings.append(Ruling(x0=0.1, y0=high, x1=0.9, y1=high))
        rulings += [Ruling(x0=x, y0=y, x1=x, y1=high) for x in edges]
        for left, text in zip(edges, texts, strict=False):
            parts = text.split("|") if text else []
            middle = (y + high) / 2 - 0.009 - 0.01 * (len(parts) - 1)
            lines += [line(part, left + 0.005, middle + 0.02 * i) for i, part in enumerate(parts)]
        y = high
    page = Page(number=1, file="a.pdf", index=0, sha256="0" * 64, width=1654, height=2339)
    page = page.model_copy(update={"upright_width": 1654, "upright_height": 2339})
    return ReadPage(page=page, lines=tuple(lines), rulings=tuple(rulings))


def value(name: str, page: ReadPage) -> Any:
    found = information_form.extract([page], PROGRAMME, DocumentType.INFORMATION_FORM).field(name)
    return found.value if found else None


TWO, FOUR = (0.1, 0.35, 0.9), (0.1, 0.3, 0.5, 0.7, 0.9)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("联系人/手机/电子邮箱", ("contact", "mobile", "email")),
        ("联系人/手机电子邮箱", ("contact", "mobile", "email")),
        ("手机邮箱", ("mobile", "email")),
        ("联系人手机", ("mobile",)),
        ("地☑址", ("address",)),
    ],
)
def test_labels_that_share_a_cell(text: str, keys: tuple[str, ...]) -> None:
    match = vocabulary.match(text)
    assert match is not None and match.keys == keys


@pytest.mark.parametrize("text", ["☑企业☐事业单位", "企业总部名称", "总部员工人数", "营业收入利润总额"])
def test_options_and_other_words_are_no_two_labels(text: str) -> None:
    match = vocabulary.match(text)
    assert match is None or len(match.keys) == 1


def test_three_values_in_one_cell() -> None:
    page = sheet(
        (1, TWO, ("企业名称", "大连天枢信息技术有限公司")),
        (2, TWO, ("联系人/手机|电子邮箱", "姜丽 / 13942867015 / jiang@tian-shu.com")),
    )
    assert [value(k, page) for k in ("contact", "mobile", "email")] == ["姜丽", "13942867015", "jiang@tian-shu.com"]


def test_a_cell_under_several_years_is_of_none_of_them() -> None:
    years = (0.1, 0.4, 0.55, 0.7, 0.9)
    page = sheet(
        (1, years, ("指标名称", "2020年", "2021年", "2022年")),
        (1, years, ("营业收入（万元）", "100.00", "200.00", "300.00")),
        (1, (0.1, 0.4, 0.9), ("员工总数（2022年末）", "2318 人")),
        (1, (0.1, 0.4, 0.9), ("从事服务外包业务员工人数", "1904 人")),
    )
    assert [value(k, page) for k in ("staff", "outsourcing_staff", "operating_revenue")] == [2318, 1904, "3000000.00"]


def test_a_name_over_one_person_who_can_be_reached() -> None:
    three = (0.1, 0.3, 0.55, 0.9)
    page = sheet((1, three, ("姓名", "移动电话", "E-mail")), (1, three, ("罗思雨", "18108236457", "luo@jin-yu.com")))
    assert value("contact", page) == "罗思雨"
    two = sheet(
        (1, three, ("姓名", "移动电话", "E-mail")),
        (1, three, ("罗思雨", "18108236457", "luo@jin-yu.com")),
        (1, three, ("周敏", "18108236458", "zhou@jin-yu.com")),
    )
    assert value("contact", two) is None


def test_an_industry_under_a_label_of_functions() -> None:
    page = sheet(
        (1, TWO, ("园区名称", "南昌数字产业园")),
        (2, TWO, ("主导产业", "信息传输、软件和信息技术|服务业")),
        (1, TWO, ("服务外包功能领域", "软件研发及开发服务、数据处理服务")),
    )
    assert value("industry", page) == "信息传输、软件和信息技术服务业"
    assert value("functions", page) == ("软件研发及开发服务", "数据处理服务")


@pytest.mark.parametrize("label", ["开设课程方向", "重点发展的外包门类", ""])
def test_functions_under_a_label_nobody_knows(label: str) -> None:
    page = sheet(
        (1, TWO, ("院校名称", "济南信息职业学院")),
        (1, TWO, (label, "软件研发及开发服务；测试外包服务；数据处理服务。")),
    )
    assert value("functions", page) == ("软件研发及开发服务", "测试外包服务", "数据处理服务")


@pytest.mark.parametrize("stop", ["", "。", "．", ";"])
def test_a_full_stop_behind_a_list_is_no_box(stop: str) -> None:
    page = sheet(
        (1, TWO, ("院校名称", "济南信息职业学院")), (1, TWO, ("功能领域", f"软件技术服务；IT咨询服务；人工智能{stop}"))
    )
    assert value("functions", page) == ("软件技术服务", "IT咨询服务", "人工智能")


def test_prose_that_names_functions_is_no_list() -> None:
    page = sheet(
        (1, TWO, ("院校名称", "济南信息职业学院")), (1, TWO, ("简介", "我院开展软件研发及开发服务、测试外包服务等课程"))
    )
    assert value("functions", page) is None


@pytest.mark.parametrize(
    ("number", "is_one"), [("CCIIP2023S00291", True), ("ZL202122083417.7", False), ("GR202242003781", False)]
)
def test_a_patents_number_is_no_applications(number: str, is_one: bool) -> None:
    page = sheet((1, TWO, ("企业名称", "大连天枢信息技术有限公司")), (1, TWO, ("材料", number)))
    assert (value("application_no", page) == number) is is_one
