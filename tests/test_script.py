"""Traditional and simplified characters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.values.names import NameMatch, compare
from pipeline.values.script import misread_traditional, simplified, without_slips


def test_one_name_in_two_scripts_is_one() -> None:
    assert simplified("硯湖雲科技，廈門市66號") == "砚湖云科技，厦门市66号"
    assert compare("南京硯湖雲科技有限公司", "南京砚湖云科技有限公司") is NameMatch.NORM_EQUAL
    assert compare("南京硯湖雲科技有限公司", "南京观湖云科技有限公司", confident=True) is NameMatch.DIFFERENT


@given(st.text(max_size=60))
def test_no_character_is_added_or_lost(text: str) -> None:
    assert len(simplified(text)) == len(text)
    assert simplified(simplified(text)) == simplified(text)


def test_a_few_traditional_characters_on_a_simplified_page_are_slips() -> None:
    page = ["营业执照", "统一社会信用代码", "南京硯湖云科技集团有限公司", "法定代表人"]
    assert misread_traditional(page)
    assert not misread_traditional(["營業執照", "統一社會信用代碼", "註冊資本"])
    assert not misread_traditional(["营业执照", "法定代表人"])
    assert not misread_traditional([])


def test_characters_of_both_scripts_are_no_slips() -> None:
    assert without_slips("武漢乾景信息技術有限公司") == "武汉乾景信息技术有限公司"
    assert not misread_traditional(["武汉乾景信息技术有限公司"])
    assert compare("武汉乾景信息技术有限公司", "武汉干景信息技术有限公司") is NameMatch.NORM_EQUAL
