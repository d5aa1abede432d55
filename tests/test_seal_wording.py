"""What a seal says inside its ring, as part of its text."""

from __future__ import annotations

import pytest

from pipeline.model import Box, SealReading, TextCandidate
from pipeline.seals.wording import kind_of, kind_wording


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
        ("大连市商务局", ("二〇二三",), ""),  # a date's beginning, printed across the seal
        ("国家税务总局浙江省税务局", ("总局浙汇省",), ""),  # print of the same name across the seal
        ("北京云海软件有限公司", ("YUNHAI", "1101080123456"), ""),
    ],
)
def test_straight_text_is_part_of_what_a_seal_says(ring: str, straight: tuple[str, ...], said: str) -> None:
    reading = _reading(ring, *straight)
    assert kind_wording(reading, kind_of(reading)) == said
