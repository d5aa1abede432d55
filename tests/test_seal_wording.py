"""What a seal says inside its ring, as part of its text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Box, SealReading, TextCandidate
from pipeline.seals.wording import USES, kind_of, kind_wording, usual_line, with_usual_end


def _reading(ring: str, *straight: str) -> SealReading:
    return SealReading(
        page=1, box=Box(0.1, 0.1, 0.2, 0.2), candidates=(TextCandidate(text=ring, score=0.99),), straight=straight
    )


@pytest.mark.parametrize(
    ("ring", "straight", "said"),
    [
        ("天津市工商局", ("09年度", "东丽分局3", "年检"), "09年度东丽分局3年检"),
        ("中华人民共和国国家版权局", ("计算机软件著作权", "登记专用章"), "计算机软件著作权登记专用章"),
        ("国家知识产权局", ("专利受理章",), "专利受理章"),
        ("延长壳牌石油有限公司", ("91610000681575394Q", "发票专用章"), "发票专用章"),
        ("无锡市滨湖区商务局", ("2020年03月18日",), ""),
        ("无锡市滨湖区商务局", ("二〇二〇年三月",), ""),
        ("中华人民共和国国家版权局", ("计算机软著作", "登记专用章"), "计算机软件著作权登记专用章"),
        ("常德市商务局", ("（2）",), "（2）"),
        ("大连市商务局", ("二〇二三",), ""),  # a date's beginning, printed across the seal
        ("国家税务总局浙江省税务局", ("总局浙汇省",), ""),  # print of the same name across the seal
        ("北京云海软件有限公司", ("YUNHAI", "1101080123456"), ""),
    ],
)
def test_straight_text_is_part_of_what_a_seal_says(ring: str, straight: tuple[str, ...], said: str) -> None:
    reading = _reading(ring, *straight)
    assert kind_wording(reading, kind_of(reading)) == said


@pytest.mark.parametrize(
    ("text", "scores", "meant"),
    [
        ("合阿专用章(1)", (1, 0.4, 1, 1, 1, 1, 1, 1), "合同专用章(1)"),
        ("征视专用章", (1, 0.5, 1, 1, 1), "征税专用章"),
        ("署各贸易处", (0.64, 0.8, 0.54, 1, 1), "服务贸易处"),
        ("外资管理专用套", (1, 1, 1, 1, 1, 1, 0.99), "外资管理专用章"),
        ("十算机教件著作", (0.7, 0.3, 0.8, 0.4, 0.6, 0.9, 0.9), "计算机软件著作权"),
        ("某务专用章", (0.3, 1, 1, 1, 1), "某务专用章"),  # 财务 or 业务: it may be either
        ("沈阳工业大学", (1, 1, 1, 1, 1, 1), ""),
        ("人事部", (1, 1, 0.5), "人事部"),  # no 人事处: two signs are too few to tell by
        ("人事处", (1, 1, 0.5), "人事处"),
        ("", (), ""),
    ],
)
def test_a_straight_line_is_told_by_its_unsure_signs(text: str, scores: tuple[float, ...], meant: str) -> None:
    assert usual_line(text, scores) == meant


@given(st.sampled_from(USES), st.sampled_from(USES))
def test_one_wording_read_clearly_is_never_another(read: str, other: str) -> None:
    assert usual_line(read, (0.95,) * len(read)) == read
    assert read == other or usual_line(read, (0.95,) * len(read)) != other


@given(st.text(max_size=16), st.data())
def test_any_line_may_be_asked_for(text: str, data: st.DataObject) -> None:
    scores = data.draw(st.lists(st.floats(0, 1), min_size=len(text), max_size=len(text)))
    line = usual_line(text, scores)
    assert not line or line in USES or "专用章" in line or any(line.startswith(use) for use in USES)
    assert isinstance(with_usual_end(text, scores), str)


@pytest.mark.parametrize(
    ("text", "scores", "meant"),
    [
        ("崔志之匣", (1, 1, 1, 0.5), "崔志之印"),
        ("崔志之匣", (1, 1, 1, 0.97), "崔志之匣"),
        ("云海有限公司财务专用童", (0.99,) * 11, "云海有限公司财务专用章"),
        ("程子齐印", (1, 1, 1, 1), "程子齐印"),
    ],
)
def test_a_boxed_seals_usual_end(text: str, scores: tuple[float, ...], meant: str) -> None:
    assert with_usual_end(text, scores) == meant
