"""Names on the ladder, regions, and departments for commerce."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.values.names import (
    NameMatch,
    compare,
    compare_person,
    is_commerce_department,
    likely_departments,
    normalise,
    region_of,
    same_region,
    same_text,
)

NAME = "北京华信软件有限公司"


@pytest.mark.parametrize(
    ("a", "b", "degree"),
    [
        (NAME, NAME, NameMatch.EXACT),
        ("用友（北京）科技有限公司", "用友(北京) 科技有限公司", NameMatch.NORM_EQUAL),
        ("用友【北京】科技有限公司", "用友北京科技有限公司", NameMatch.NORM_EQUAL),
        ("華信軟件有限公司", "华信软件有限公司", NameMatch.NORM_EQUAL),
        ("北京华倍软件有限公司", NAME, NameMatch.OCR_NEAR),
        ("北京华信软件有限责任公司", NAME, NameMatch.FORM_VARIANT),
        ("北京华信软件有限公司上海分公司", NAME, NameMatch.BRANCH),
        ("北京华信软件股份有限公司", NAME, NameMatch.DIFFERENT),
        ("北京华信软件集团有限公司", NAME, NameMatch.DIFFERENT),
        ("北京华鼎软件有限公司", NAME, NameMatch.DIFFERENT),
        ("甘肃企帮宝科技有限公司", "企帮宝科技(甘肃)有限公司", NameMatch.DIFFERENT),
        ("", NAME, NameMatch.DIFFERENT),
    ],
)
def test_ladder_on_sure_readings(a: str, b: str, degree: NameMatch) -> None:
    assert compare(a, b) is degree
    assert compare(b, a) is degree


def test_unsure_readings_may_differ_in_a_sign_or_two() -> None:
    assert compare("北京华鼎软件有限公司", NAME, confident=False) is NameMatch.OCR_NEAR
    assert compare("北京华软件有限公司", NAME, confident=False) is NameMatch.OCR_NEAR
    for other in ("南京华信软件有限公司", "北京华信软件股份有限公司", "上海华信软件有限公司", "北京泰和数据有限公司"):
        assert compare(other, NAME, confident=False) is NameMatch.DIFFERENT, other
    assert compare("第一软件园有限公司", "第二软件园有限公司", confident=False) is NameMatch.DIFFERENT


def test_former_names_are_aliases() -> None:
    degree = compare("旧名科技有限公司", "新名科技有限公司", aliases=("旧名科技有限公司",))
    assert degree is NameMatch.ALIAS and degree.passes and not degree.same


def test_persons() -> None:
    assert compare_person("张 三", "张三") is NameMatch.NORM_EQUAL
    assert compare_person("张三", "张四", confident=True) is NameMatch.DIFFERENT
    assert compare_person("张晨光", "张辰光") is NameMatch.OCR_NEAR
    assert compare_person("张三", "李四", confident=False) is NameMatch.DIFFERENT


WORDS = st.text(alphabet=st.characters(max_codepoint=0xFFFF, exclude_categories=("Cs", "M")), max_size=60)


@given(WORDS, WORDS)
def test_ladder_is_symmetric_and_takes_any_text(a: str, b: str) -> None:
    assert normalise(normalise(a)) == normalise(a)
    for confident in (True, False):
        assert compare(a, b, confident=confident) is compare(b, a, confident=confident)
    if normalise(a).strip("()"):
        assert compare(a, a).same or not same_text(a, a)


@pytest.mark.parametrize(
    ("text", "province", "city", "district"),
    [
        ("浙江省杭州市余杭区文一西路969号", "浙江", "杭州", "余杭"),
        ("上海浦东新区张江路1号", "上海", "上海", "浦东"),
        ("江苏省昆山市前进路", "江苏", "苏州", "昆山"),
        ("苏州工业园区星湖街328号", "江苏", "苏州", ""),
        ("辽宁省朝阳市双塔区", "辽宁", "朝阳", "双塔"),
        ("吉林省吉林市昌邑区", "吉林", "吉林", "昌邑"),
        ("吉林省长春市朝阳区", "吉林", "长春", "朝阳"),
        ("海淀区中关村大街", "北京", "北京", "海淀"),
        ("河南省郑州市金水区北京路8号", "河南", "郑州", "金水"),
        ("天津市河北区", "天津", "天津", "河北"),
        ("湖北省恩施土家族苗族自治州恩施市", "湖北", "恩施", "恩施"),
        ("内蒙古自治区呼和浩特市赛罕区", "内蒙古", "呼和浩特", "赛罕"),
        ("企帮宝科技（甘肃）有限公司", "甘肃", "", ""),
        ("用友网络科技（北京）有限公司", "北京", "北京", ""),
        ("江西省赣州市章贡区", "江西", "赣州", "章贡"),
        ("余姚市商务局", "浙江", "宁波", "余姚"),
        ("河北省雄安新区", "河北", "雄安", ""),
        ("华信智慧城市科技股份有限公司", "", "", ""),
        ("江苏路18号", "", "", ""),
        ("", "", "", ""),
    ],
)
def test_regions(text: str, province: str, city: str, district: str) -> None:
    region = region_of(text)
    assert (region.province, region.city, region.district) == (province, city, district)
    assert bool(region) == bool(province)


@pytest.mark.parametrize(
    ("department", "address", "verdict"),
    [
        ("杭州市余杭区商务局", "浙江省杭州市余杭区文一西路969号", "own"),
        ("余杭区商务局", "浙江省杭州市余杭区文一西路969号", "own"),
        ("浙江省商务厅", "杭州市西湖区", "own"),
        ("杭州市商务局", "浙江省杭州市西湖区", "own"),
        ("北京市商务局", "北京市朝阳区", "own"),
        ("昆山市商务局", "江苏省苏州市昆山市前进路", "own"),
        ("苏州市商务局", "江苏省昆山市前进路", "own"),
        ("苏州工业园区管理委员会", "江苏省苏州市苏州工业园区星湖街", "own"),
        ("成都高新区投资促进局", "成都市高新技术产业开发区", "own"),
        ("某某县商务局", "某某县人民路1号", "own"),
        ("宁波市商务局", "杭州市余杭区", "other"),
        ("江苏省商务厅", "杭州市余杭区", "other"),
        ("杭州市西湖区商务局", "杭州市余杭区", "other"),
        ("上海市商务委员会", "江苏省南京市上海路1号", "other"),
        ("北京市海淀区商务局", "北京市中关村大街", "unknown"),
        ("商务局", "北京市", "unknown"),
        ("杭州市商务局", "", "unknown"),
        ("苏州工业园区管理委员会", "江苏省苏州市星湖街328号", "unknown"),
    ],
)
def test_whose_department_it_is(department: str, address: str, verdict: str) -> None:
    assert same_region(department, address) == verdict


def test_departments_for_commerce() -> None:
    for name in (
        "杭州市商务局",
        "上海市商务委员会",
        "浙江省商务厅",
        "天津市滨海新区商务和投资促进局",
        "无锡市新吴区经济和商务局",
        "苏州工业园区管理委员会",
        "成都高新区投资促进局",
        "新疆生产建设兵团商务局",
        "北京市朝阳区商务局服务贸易处",
    ):
        assert is_commerce_department(name), name
    for name in (
        "华信商务有限公司",
        "中国服务外包商务协会",
        "成都市经济和信息化局",
        "某区投资促进局",
        "杭州市科技局",
        "",
    ):
        assert not is_commerce_department(name), name


def test_likely_departments_hold_the_real_ones() -> None:
    for address, name in (
        ("浙江省杭州市余杭区文一西路969号", "杭州市余杭区商务局"),
        ("浙江省杭州市余杭区文一西路969号", "浙江省商务厅"),
        ("上海市浦东新区张江路1号", "上海市商务委员会"),
        ("上海市浦东新区张江路1号", "浦东新区商务委员会"),
        ("江苏省苏州市苏州工业园区星湖街", "苏州工业园区管理委员会"),
        ("江苏省昆山市前进路", "昆山市商务局"),
    ):
        assert name in likely_departments(address), name
    assert likely_departments("某处") == ()
    for address in ("浙江省杭州市余杭区文一西路969号", "上海市浦东新区张江路1号", "成都市高新区天府大道"):
        for name in likely_departments(address):
            assert is_commerce_department(name) and same_region(name, address) != "other", name


@given(st.text(max_size=60) | st.text(alphabet="浙江省杭州市余杭区北京路商务局（）开发区县吉林朝阳新", max_size=20))
def test_no_text_breaks_regions(text: str) -> None:
    region_of(text)
    assert same_region(text, text) in ("own", "unknown")
    likely_departments(text)
