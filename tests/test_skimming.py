"""Long notes: which of their pages a glance is enough for, and which are read whatever they cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pymupdf
import pytest

from extractors._notes import NotesSeen, note_headings, printed_number
from pipeline.assembling import documents_of
from pipeline.glance import Glance, layout_of
from pipeline.intake.look import look
from pipeline.model import Box, Line, Page, ReadPage
from pipeline.programmes import load
from pipeline.reading.openvino import shared_engine
from pipeline.report.json_report import page_json
from pipeline.seeing import see_file
from pipeline.settings import ReadingSettings, Settings
from pipeline.skimming import SkimMemory, Skimmer
from samples.seal_art import SealSpec, draw_seal, press_seal

Image = np.ndarray
DPI = 200
PROSE = "本公司在资产负债表日对相关资产的可收回金额进行估计，并以预期信用损失为基础确认损失准备，计入当期损益。"
ITEMS = ("库存现金", "银行存款", "其他货币资金", "保证金", "备用金", "往来款")


class Sheet:
    """A page drawn with MuPDF's own fonts."""

    def __init__(self, *, wide: bool = False) -> None:
        self.page = pymupdf.open().new_page(width=842 if wide else 595, height=595 if wide else 842)
        self.y = 80.0

    def text(self, text: str, *, x: float = 60, size: float = 10.5) -> Sheet:
        self.page.insert_text((x, self.y), text, fontname="china-s", fontsize=size)
        self.y += 1.75 * size
        return self

    def prose(self, lines: int = 6) -> Sheet:
        for _ in range(lines - 1):
            self.text(PROSE[:45])
        return self.text(PROSE[20:42])

    def table(self, rows: int = 6, labels: tuple[str, ...] = ITEMS) -> Sheet:
        for i in range(rows):
            for x, text in ((62, labels[i % len(labels)]), (280, f"{1234567.89 + 7 * i:,.2f}"), (420, "987,654.32")):
                self.page.insert_text((x, self.y), text, fontname="china-s", fontsize=10)
            self.page.draw_line((58, self.y + 5), (530, self.y + 5), width=0.6)
            self.y += 19
        self.y += 8
        return self

    def foot(self, number: int) -> Sheet:
        self.page.insert_text((265, 800), f"第 {number} 页 共 80 页", fontname="china-s", fontsize=9)
        return self

    def image(self) -> Image:
        pixels = self.page.get_pixmap(dpi=DPI, alpha=False)
        rgb = np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, 3)
        noise = np.random.default_rng(3).normal(0, 3, rgb.shape[:2])[:, :, None]
        return np.clip(rgb[:, :, ::-1] + noise - 4, 0, 255).astype(np.uint8)


def notes(number: int = 41, first: str = "37、应付职工薪酬", second: str = "38、应交税费") -> Sheet:
    return Sheet().prose().text(first).table().prose(4).text(second).table(8).foot(number)


class OnePage:
    """An opened scan of one picture."""

    page_count = 1

    def __init__(self, picture: Image) -> None:
        self.picture = picture

    def image(self, index: int) -> Image:
        return self.picture

    def text_page(self, index: int) -> None:
        return None

    def dpi(self, index: int) -> int:
        return DPI

    native_dpi = dpi

    def close(self) -> None: ...

    def __enter__(self) -> OnePage:
        return self

    def __exit__(self, *_: object) -> None: ...


def learned(**changes: object) -> SkimMemory:
    """After 40 pages of a report, its notes met."""
    usual = layout_of(notes(40).image(), DPI)
    seen = NotesSeen(reported=True, learned=5, going_on=True, number=40, at=40)
    memory = SkimMemory(notes=seen, sizes=((1653, 2339),), row_height=usual.row_height)
    return replace(memory, **changes)  # type: ignore[arg-type]


def glanced(picture: Image, skimmer: Skimmer) -> Glance | None:
    return skimmer.pass_over(OnePage(picture), 0, picture, number=41, file="a", sha256="", engine=shared_engine())


def reason(picture: Image, memory: SkimMemory | None = None) -> str:
    """Why the page is read in full; "" if a glance was enough."""
    skimmer = Skimmer(memory or learned())
    passed = glanced(picture, skimmer)
    return "" if passed is not None else skimmer.reasons[41]


# ------------------------------------------------------------------------------------------------ pages passed over


def test_pages_of_notes_get_a_glance() -> None:
    assert reason(notes().image()) == ""
    assert reason(Sheet().prose(12).prose(14).foot(41).image()) == ""  # no heading at all: its number tells
    assert reason(Sheet().text("38、应交税费").table(14).text("39、其他应付款").table(8).image()) == ""  # no number


def test_a_turned_and_skewed_page_of_notes_gets_a_glance() -> None:
    picture = notes().image()
    turn = cv2.getRotationMatrix2D((picture.shape[1] / 2, picture.shape[0] / 2), 0.7, 1.0)
    skewed = cv2.warpAffine(picture, turn, picture.shape[1::-1], borderValue=(250, 250, 250))
    assert reason(skewed) == ""
    upside_down = np.ascontiguousarray(picture[::-1, ::-1])
    assert reason(upside_down, learned(rotation=180)) == ""


def test_a_glance_tells_what_it_saw() -> None:
    picture = notes().image()
    skimmer = Skimmer(learned())
    passed = glanced(picture, skimmer)
    assert passed is not None
    assert passed.page.depth == passed.page.page.depth == "looked"
    assert [h.name for h in note_headings(passed.page)] == ["应付职工薪酬", "应交税费"]
    assert printed_number(passed.page) == 41
    assert "银行存款" not in passed.page.text  # cells were not read
    assert passed.edges is None
    assert skimmer.memory.notes.number == 41


def test_a_logo_on_every_page_is_no_seal() -> None:
    picture = notes().image()
    picture[90:150, 140:260] = (40, 40, 210)
    assert reason(picture) == "coloured ink"
    marks = layout_of(picture, DPI).marks
    assert len(marks) == 1
    assert reason(picture, learned(marks=marks)) == ""


def test_a_slice_of_a_riding_seal_is_kept_with_its_edge() -> None:
    picture = notes().image()
    picture[900:1100, -30:] = (40, 40, 210)
    skimmer = Skimmer(learned())
    passed = glanced(picture, skimmer)
    assert passed is not None
    assert passed.edges is not None
    red = passed.edges[:, -30:].astype(int)
    assert (red[:, :, 2] - red[:, :, 0] > 60).sum() > 3000
    assert passed.edges[400:-400, 400:-400].min() == 255


# ---------------------------------------------------------------------------------------------- pages that are read


@pytest.mark.parametrize(
    "heading",
    [
        "39、营业收入和营业成本",
        "（三十九）营业收入",
        "五、39 营业收入及营业成本",
        "注释39. 主营业务收入",
        "（三）分部信息",
        "营业收入、营业成本",
        "39、　　营业收入",
    ],
)
def test_a_note_that_may_split_revenue_is_read(heading: str) -> None:
    assert reason(notes(second=heading).image()) == "revenue"
    after_a_table = Sheet().text("38、应交税费").table(8).text(heading).table(8).foot(41)
    assert reason(after_a_table.image()) == "revenue"


def test_a_heading_with_its_unit_at_the_other_end_is_read() -> None:
    sheet = Sheet().text("38、应交税费").table(8)
    sheet.page.insert_text((470, sheet.y), "单位：元", fontname="china-s", fontsize=9)
    assert reason(sheet.text("39、营业收入和营业成本").table(8).foot(41).image()) == "revenue"


def test_a_table_with_a_row_on_outsourcing_is_read() -> None:
    labels = ("软件销售", "系统集成", "软件外包服务", "技术咨询", "其他")
    assert reason(Sheet().text("47、前五名客户").table(5, labels).prose(12).foot(41).image()) == "outsourcing"


def test_what_follows_a_note_on_revenue_is_read() -> None:
    seen = replace(learned().notes, open_rank=2)
    skimmer = Skimmer(learned(notes=seen))
    picture = Sheet().table(14).table(12).foot(41).image()
    assert glanced(picture, skimmer) is None


def sealed() -> Image:
    picture = notes().image()
    art = draw_seal(SealSpec("甲乙软件股份有限公司", diameter_mm=40), dpi=DPI, seed=1)
    return press_seal(picture[:, :, ::-1].copy(), art, (1100, 1700))[:, :, ::-1].copy()


def grey_seal() -> Image:
    return cv2.cvtColor(cv2.cvtColor(sealed(), cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)


def certificate() -> Image:
    sheet = Sheet().text("发明专利证书", x=190, size=30)
    sheet.y += 60
    for text in (
        "发明名称：一种数据处理方法",
        "发明人：张三",
        "专利号：ZL 2020 1 0123456.7",
        "专利权人：甲乙软件有限公司",
    ):
        sheet.text(text, size=13)
    return sheet.image()


def statement() -> Image:
    rows = ("货币资金", "应收票据", "应收账款", "预付款项", "其他应收款", "存货")
    return Sheet().text("合并资产负债表", x=230, size=14).table(20, rows).image()


def form() -> Image:
    labels = ("企业名称", "法定代表人", "注册资本", "员工总数", "联系人", "注册地址")
    sheet = Sheet()
    for i in range(24):
        sheet.page.insert_text((62, sheet.y), labels[i % 6], fontname="china-s", fontsize=10)
        sheet.page.insert_text((280, sheet.y), "甲乙软件有限公司", fontname="china-s", fontsize=10)
        sheet.page.draw_rect((58, sheet.y - 13, 530, sheet.y + 6), width=0.6)
        sheet.y += 19
    return sheet.image()


def photographed() -> Image:
    picture = notes().image()
    slope = np.linspace(1.0, 0.55, picture.shape[1])[None, :, None]
    return np.clip(picture * slope, 0, 255).astype(np.uint8)


def coded() -> Image:
    import zxingcpp

    code = zxingcpp.create_barcode("https://example.org/report/1", zxingcpp.BarcodeFormat.QRCode).to_image(scale=5)
    picture = notes().image()
    small = np.asarray(code)
    picture[2000 : 2000 + small.shape[0], 1200 : 1200 + small.shape[1]] = small[:, :, None]
    return picture


def blank() -> Image:
    return np.full((2339, 1653, 3), 251, np.uint8)


def another_series() -> Image:
    return Sheet().prose(12).prose(14).foot(7).image()


def wide() -> Image:
    return Sheet(wide=True).text("40、其他应付款").table(12).foot(41).image()


def large_print() -> Image:
    sheet = Sheet()
    for _ in range(16):
        sheet.text("服务外包业务情况说明", size=22)
    return sheet.foot(41).image()


@pytest.mark.parametrize(
    "draw",
    [sealed, grey_seal, certificate, statement, form, photographed, coded, blank, another_series, wide, large_print],
)
def test_a_page_that_may_matter_is_read(draw: Callable[[], Image]) -> None:
    assert reason(draw())


def test_a_page_on_its_head_is_read() -> None:
    assert reason(np.ascontiguousarray(notes().image()[::-1, ::-1]))


# --------------------------------------------------------------------------------------------------- a whole file


def report_pdf(path: Path) -> Path:
    """Opinion, two pages of notes, then notes with a note on revenue and a stranger's page between them."""
    opinion = Sheet().text("审计报告", x=240, size=18).text("甲乙软件有限公司全体股东：")
    opinion.text("我们审计了甲乙软件有限公司财务报表，包括2022年12月31日的资产负债表、利润表")
    opinion.text("我们认为，后附的财务报表在所有重大方面按照企业会计准则的规定编制").prose(10)
    first = Sheet().text("甲乙软件有限公司财务报表附注", x=180, size=14).text("一、公司基本情况").prose(8)
    first.text("二、财务报表的编制基础").prose(8).foot(2)
    second = Sheet().text("三、重要会计政策").text("1、会计期间").prose(4).text("2、记账本位币").prose(4)
    second.text("3、应收账款坏账准备的计提方法").prose(4).text("4、固定资产折旧年限和残值率").prose(4).foot(3)
    drawn = [opinion, first, second, notes(4), notes(5, second="39、营业收入")]
    file = pymupdf.open()
    for picture in (*(sheet.image() for sheet in drawn), certificate()):
        page = file.new_page(width=595, height=842)
        page.insert_image(page.rect, stream=cv2.imencode(".jpg", picture)[1].tobytes())
    file.save(path)
    return path


def test_only_what_cannot_matter_is_passed_over(tmp_path: Path) -> None:
    file = report_pdf(tmp_path / "report.pdf")
    settings = Settings(home=tmp_path, reading=ReadingSettings(second_reading=False))
    seen = list(see_file(file, "0" * 64, "report.pdf", 1, settings, []))
    passed = [s.read.page.number for s in seen if s.read.page.depth == "looked"]
    assert passed == [4]
    documents = documents_of(seen, settings, load("cciip-2023"))
    report = next(d for d in documents if d.type == "audit_report")
    assert {1, 2, 3, 4} <= set(report.pages)
    assert 6 not in report.pages
    assert page_json(seen[3].read.page)["depth"] == "looked"
    picture = notes(4).image()
    whole = look(picture, number=4, file="a", index=0, sha256="", dpi=DPI, engine=shared_engine()).page.fingerprint
    assert (int(whole, 16) ^ int(seen[3].read.page.fingerprint, 16)).bit_count() <= 6


# ------------------------------------------------------------------------------------------------- what pages tell


def read(number: int, *texts: str, seals: int = 0, depth: str = "read") -> ReadPage:
    lines = tuple(
        Line(text=text, box=Box(0.1, 0.12 + 0.02 * i, 0.6, 0.135 + 0.02 * i), confidence=0.98)
        for i, text in enumerate(texts)
    )
    page = Page(number=number, file="a", index=number, sha256="", width=1653, height=2339)
    return ReadPage(page=page, lines=lines, depth=depth)  # type: ignore[arg-type]


OPINION = read(
    1,
    "审计报告",
    "甲乙软件有限公司全体股东：",
    "我们审计了甲乙软件有限公司财务报表，包括资产负债表",
    "我们认为，后附的财务报表",
    "合理保证",
    "职业判断",
)
FIRST = read(2, "甲乙软件有限公司财务报表附注", "一、公司基本情况", "甲乙软件有限公司于2001年成立")
LATER = read(
    3,
    "二、财务报表的编制基础",
    "三、重要会计政策",
    "1、会计期间",
    "2、记账本位币",
    "3、坏账准备",
    "4、固定资产的折旧年限",
)


def test_nothing_is_passed_over_before_notes_were_read() -> None:
    seen = NotesSeen()
    for page in (OPINION, FIRST):
        assert not seen.may_pass
        seen = seen.after(page)
    assert not seen.may_pass  # the company's business goes on to the next page
    assert seen.after(LATER).may_pass


def test_notes_of_nothing_open_nothing() -> None:
    menu = read(1, "菜单", "红烧肉", "清蒸鱼")
    assert not NotesSeen().after(menu).after(menu).after(menu).may_pass


def test_a_stranger_closes_the_notes_until_they_are_met_again() -> None:
    seen = NotesSeen().after(OPINION).after(FIRST).after(LATER)
    stranger = read(4, "发明专利证书", "专利号")
    assert not seen.after(stranger, lambda page: 95).may_pass
    assert seen.after(stranger, lambda page: 95).after(LATER).may_pass


def test_a_note_on_revenue_stays_open_until_the_next_note() -> None:
    seen = NotesSeen().after(OPINION).after(FIRST).after(LATER)
    words = ("应收账款账面余额", "坏账准备", "期末余额", "期初余额")
    opened = seen.after(read(4, "38、营业收入和营业成本", "（1）合同产生的收入", *words))
    assert not opened.may_pass
    assert not opened.after(read(5, "（2）履约义务的说明", *words)).may_pass
    assert opened.after(read(5, "39、税金及附加", *words)).may_pass


def test_the_policy_on_revenue_is_no_figure_of_it() -> None:
    seen = NotesSeen().after(OPINION).after(FIRST).after(LATER)
    policy = note_headings(read(4, "29、收入", "（1）销售商品收入的确认", "（2）提供服务的收入"))
    assert not seen.matter(policy)
    assert seen.matter(note_headings(read(4, "38、营业收入")))
    assert not seen.matter(note_headings(read(4, "45、营业外收入", "46、利息收入")))


@pytest.mark.parametrize(
    ("foot", "number"), [("第 41 页 共 80 页", 41), ("- 41 -", 41), ("41/80", 41), ("41", 41), ("2022年", None)]
)
def test_page_numbers_however_printed(foot: str, number: int | None) -> None:
    page = read(1).model_copy(update={"lines": (Line(text=foot, box=Box(0.4, 0.95, 0.6, 0.96), confidence=0.9),)})
    assert printed_number(page) == number
