"""Names held against seals: an unclear character is settled, a clear one never makes one organisation of another."""

from __future__ import annotations

import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.checks.naming import Accepted
from pipeline.checks.seal_state import _agreement
from pipeline.model import Box, Document, DocumentType, Seal, SealPlace, SealReading, TextCandidate
from pipeline.seals.alignment import _laid, aligned
from pipeline.seals.authorities import _names, authority_of
from pipeline.seals.bounds import Most
from pipeline.seals.names import fit_name, fit_names
from pipeline.seals.owner import MATCH_SCORE, ExpectedNames, attribute
from pipeline.seals.radicals import same_radical
from pipeline.seals.slots import Slot, Slots, evidence_for, lacking
from pipeline.values.identifiers import edit_distance
from pipeline.values.names import core
from samples.seal_names import neighbours, outcomes, table

BOX = Box(0.1, 0.7, 0.4, 0.9)
Signs = tuple[tuple[str, float], ...]

PLANTED = (
    ("北京云海软件有限公司", "北京云海软体有限公司"),
    ("杭州天元科技有限公司", "杭州夫元科技有限公司"),
    ("上海金辰信息技术有限公司", "上海鑫辰信息技术有限公司"),
    ("南京瑞祥数据服务有限公司", "南京瑞洋数据服务有限公司"),
    ("苏州睿博网络科技有限公司", "苏州容博网络科技有限公司"),
    ("南京云海软件有限公司", "北京云海软件有限公司"),
    ("西安大业智能科技有限公司", "西安太业智能科技有限公司"),
    ("成都恒信物业管理有限公司", "成都恒倍物业管理有限公司"),
    ("武汉云海一号科技有限公司", "武汉云海二号科技有限公司"),
    ("大连云海科技有限公司", "大连云海科技股份有限公司"),
    ("大连云海科技有限公司", "大连云海科技有限责任公司"),
    ("重庆云海信息技术有限公司", "重庆云海新信息技术有限公司"),
)
"""What is on the seal, and another organisation that the record names."""


def ring(name: str, *, sure: float = 0.999, legible: float = 0.97, **unsure: Signs) -> SealReading:
    """A ring engraved at one pitch: "A" to "Z" stand for characters that are unsure, "_" for a place worn away."""
    blank: Signs = (("", 1.0),)
    steps: list[Signs] = [blank] * 4
    for sign in name:
        steps.append(blank if sign == "_" else unsure.get(sign, ((sign, sure),)))
        steps += [blank] * 5
    shown = "".join(unsure[sign][0][0] if sign in unsure else sign for sign in name.replace("_", ""))
    return SealReading(
        page=1,
        box=BOX,
        legible=legible,
        candidates=(TextCandidate(text=shown, score=min(sure, legible)),),
        lattice=tuple(steps),
    )


def seal_of(reading: SealReading, *names: str, type: DocumentType = DocumentType.INFORMATION_FORM) -> Seal:
    place = SealPlace(role="applicant", page=1, box=BOX)
    seal = Seal(page=1, box=BOX, shape=reading.shape, colour="red", reading=reading)
    document = Document(type=type, pages=(1,), confidence=1, seals=(seal,), places=(place,))
    return attribute(document, expected=ExpectedNames(applicant=names)).seals[0]


@pytest.mark.parametrize(("engraved", "expected"), [*PLANTED, *(pair[::-1] for pair in PLANTED)])
@pytest.mark.parametrize("legible", [0.97, 0.7])
def test_two_organisations_that_differ_in_a_character_stay_two(engraved: str, expected: str, legible: float) -> None:
    reading = ring(engraved, legible=legible)
    seal = seal_of(reading, expected)
    assert (seal.owner, seal.text, seal.rests_on) == (engraved, engraved, "free")
    assert _agreement(seal, engraved, (Accepted(expected, "record"),)) not in ("same", "former")
    assert seal_of(reading, engraved, expected).owner == engraved


HAN = st.sampled_from(
    "东南西北中华国天海云龙江河山川石金木水火星月日光明亮高大广远长久安宁和平永恒泰康健福禄祥瑞吉庆丰盛隆昌兴旺发达"
    "信诚义仁德智慧学文科技数据软硬件网络通讯信息电子系统工程环境生物医药能源材料机械汽车航空教育文化传媒广告设计"
)
NAMES = st.builds("".join, st.lists(HAN, min_size=4, max_size=12, unique=True)).map(lambda name: name + "有限公司")
CLEARLY = st.floats(0.95, 1.0)
LEGIBLE = st.floats(0.3, 1.0)


@given(NAMES, st.data(), CLEARLY, LEGIBLE)
def test_a_name_with_one_other_character_is_never_held(
    name: str, data: st.DataObject, sure: float, legible: float
) -> None:
    at = data.draw(st.integers(0, len(name) - 5))
    sign = data.draw(HAN.filter(lambda s: s != name[at]))
    other = name[:at] + sign + name[at + 1 :]
    assert not fit_name(ring(name, sure=sure, legible=legible), other).holds


@given(NAMES, st.data(), CLEARLY, LEGIBLE)
def test_a_name_with_one_character_more_or_less_is_never_held(
    name: str, data: st.DataObject, sure: float, legible: float
) -> None:
    at = data.draw(st.integers(1, len(name) - 5))
    more = name[:at] + data.draw(HAN.filter(lambda s: s not in name)) + name[at:]
    less = name[:at] + name[at + 1 :]
    reading = ring(name, sure=sure, legible=legible)
    assert not fit_name(reading, more).holds
    assert not fit_name(reading, less).holds


@given(NAMES, st.data(), st.floats(0.3, 0.93))
def test_one_unclear_character_is_settled_for_the_name_that_the_lattice_shows_too(
    name: str, data: st.DataObject, top: float
) -> None:
    at = data.draw(st.integers(0, len(name) - 5))
    seen = data.draw(HAN.filter(lambda s: s not in name))
    unclear = ((seen, top), (name[at], 0.05 * top + 0.01))
    assert fit_name(ring(name[:at] + "A" + name[at + 1 :], A=unclear), name).holds


@given(NAMES, st.data(), st.floats(0.87, 0.93))
def test_one_unclear_character_is_settled_for_no_name_that_the_lattice_does_not_show(
    name: str, data: st.DataObject, top: float
) -> None:
    at = data.draw(st.integers(0, len(name) - 5))
    third = data.draw(HAN.filter(lambda s: s not in name))
    unclear = ((name[at], top), ("口", 0.05))
    other = name[:at] + third + name[at + 1 :]
    assert not fit_name(ring(name[:at] + "A" + name[at + 1 :], A=unclear), other).holds


@given(NAMES, LEGIBLE)
def test_a_name_read_clearly_is_held_by_itself(name: str, legible: float) -> None:
    fit = fit_name(ring(name, legible=legible), name)
    assert fit.holds and fit.score >= MATCH_SCORE and fit.agreed == len(core(name))


def test_a_character_another_strip_reads_as_the_names_is_unclear() -> None:
    """皇 at 0.966 for 泉, which two other cuts of the same ring showed: a warning on a good seal."""
    name = "济南泉信软件园发展有限公司"
    reading = ring(name.replace("泉", "A"), A=(("皇", 0.966), ("泉", 0.003)), legible=0.951)
    read = tuple(TextCandidate(text=name.replace("泉", s), score=p) for s, p in (("皇", 0.979), ("泉", 0.963)))
    assert fit_name(reading.model_copy(update={"candidates": read}), name).holds
    assert not fit_name(reading, name).holds


@pytest.mark.parametrize(
    ("engraved", "unsure", "name"),
    [
        ("南通江海数字园区A营管理有限公司", (("达", 0.945), ("运", 0.033)), "南通江海数字园区运营管理有限公司"),
        ("合肥巢A软件园发展有限公司", (("溪", 0.939), ("滨", 0.031)), "合肥巢滨软件园发展有限公司"),
        ("南京钟麓数据服务集A有限公司", (("展", 0.829), ("威", 0.112)), "南京钟麓数据服务集团有限公司"),
        ("杭州市创云网络科技股A有限公司", (("纷", 0.97),), "杭州市创云网络科技股份有限公司"),
    ],
)
def test_characters_of_worn_seals_as_they_were_read(engraved: str, unsure: Signs, name: str) -> None:
    seal = seal_of(ring(engraved, A=unsure), name)
    assert (seal.text, seal.owner, seal.role, seal.rests_on) == (name, name, "applicant", "constrained")


def test_a_word_of_form_makes_no_other_name_but_its_signs_count() -> None:
    firm = "武汉江城众联会计师事务所（普通合伙）"
    lost = ring("武汉江城众联会计师事务所（_通合伙）", legible=0.91)
    assert fit_name(lost, firm).holds
    assert not fit_name(ring("武汉江城众联会计师事务所（特殊普通合伙）"), firm).holds
    assert not fit_name(ring("大连云海有限责任公司"), "大连云海有限公司").holds


def test_radicals() -> None:
    assert same_radical("江", "涵") and same_radical("件", "体") and same_radical("局", "居")
    assert not same_radical("江", "山") and not same_radical("A", "B") and not same_radical("云", "海")


# ----------------------------------------------------------------------------------------------------- authorities


@pytest.mark.parametrize(
    ("engraved", "unsure", "name"),
    [
        ("江西省财政A", (("居", 0.814), ("店", 0.086)), "江西省财政厅"),
        ("A西省商务厅", (("涵", 0.647), ("涿", 0.093)), "江西省商务厅"),
        ("贵阳A云岩区事业单位登记管理局", (("事", 0.997),), "贵阳市云岩区事业单位登记管理局"),
        ("南京市工商行政管理局雨花__局", (), "南京市工商行政管理局雨花台分局"),
        ("苏州市市场监督管理A", (("居", 0.99),), "苏州市市场监督管理局"),
        ("石家A市裕华区市场监督管理局", (("生", 0.99),), "石家庄市裕华区市场监督管理局"),
    ],
)
def test_a_near_miss_is_the_one_authority_that_fits(engraved: str, unsure: Signs, name: str) -> None:
    found = authority_of(ring(engraved, A=unsure, legible=0.85) if unsure else ring(engraved, legible=0.8))
    assert found is not None and found[0] == name


AUTHORITIES = st.sampled_from(sorted(_names()))


@settings(max_examples=25)
@given(AUTHORITIES, st.data())
def test_an_authority_clearly_read_is_itself_and_with_a_character_unread_no_other_than_fits(
    name: str, data: st.DataObject
) -> None:
    whole = authority_of(ring(name))
    assert whole is not None and whole[0] == name
    at = data.draw(st.integers(0, len(name) - 1))
    assume(name[:at] + name[at + 1 :] not in _names())  # 东西湖 without its first sign is 西湖, and nobody can tell
    found = authority_of(ring(name[:at] + "_" + name[at + 1 :], legible=0.8))
    assert found is None or found[0] == name or len(found[0]) == len(name)
    if found is not None and found[0] != name:  # what is left of both is the same: 鼓楼 of 南京 and of 徐州
        assert found[0][:at] + found[0][at + 1 :] == name[:at] + name[at + 1 :]


def test_where_several_fit_no_other_that_lacks_more_is_taken() -> None:
    """榆_市: 榆中, 榆林 or 榆树. 赣榆市 misses a sign too, but where there is no room for one."""
    assert authority_of(ring("榆_市事业单位登记管理局", legible=0.8)) is None


def test_of_several_authorities_that_fit_the_address_tells() -> None:
    reading = ring("_庆市民政_", legible=0.73)
    assert authority_of(reading) is None
    found = authority_of(reading, near="重庆市渝中区解放碑1号")
    assert found is not None and found[0] == "重庆市民政局"


@pytest.mark.parametrize("text", ["贵安新区市场监督管理局", "容县应急管理局", "雄安新区行政审批局"])
def test_a_place_that_was_clearly_read_is_not_made_another(text: str) -> None:
    """The table of places is not complete."""
    assert authority_of(ring(text)) is None


@pytest.mark.parametrize("text", ["北京商务局", "大连科学技术局", "厦门行政审批局", "成都市人力资源社会保障局"])
def test_what_is_evenly_set_lacks_no_sign_whatever_the_authority_is_called(text: str) -> None:
    """北京商务局 is no 北京市商务局: the seal leaves no room for 市, and what a seal says is not made up."""
    for legible in (0.97, 0.6):
        assert authority_of(ring(text, legible=legible)) is None
    assert seal_of(ring(text), "北京云海软件有限公司").text == text


def test_the_commerce_department_of_another_place_is_settled_on_the_form_too() -> None:
    seal = seal_of(ring("A西省商务厅", A=(("涵", 0.647), ("涿", 0.093))), "北京云海软件有限公司")
    assert (seal.owner, seal.role, seal.rests_on) == ("江西省商务厅", "commerce_department", "constrained")


# ------------------------------------------------------------------------------------------------- how it is measured


@given(NAMES, st.integers(0, 99))
def test_the_measures_other_names_are_one_character_away(name: str, seed: int) -> None:
    for _, other in neighbours(name, random.Random(seed)):
        assert other != name and edit_distance(other, name, limit=2) == 1


def test_the_measure_counts_the_own_name_and_the_others() -> None:
    name = "北京云海软件有限公司"
    kept = [(name, ring(name)), (name, ring("北京云A软件有限公司", A=(("梅", 0.6), ("海", 0.3))))]
    count = outcomes(kept)
    assert (count["own"], count["own.held"], count["free"], count["another"]) == (2, 2, 1, 2)
    assert "legible" in table(kept)


@given(
    st.text(st.sampled_from("云海数科信息技术有限公司北京"), min_size=4, max_size=12),
    st.lists(st.text(st.sampled_from("云海数科信息技术有限公司北京商务局"), min_size=2, max_size=14), max_size=8),
    st.floats(0.3, 1.0),
    st.floats(0.3, 0.99),
)
def test_names_that_are_left_out_are_none_that_counts(
    engraved: str, names: list[str], legible: float, sure: float
) -> None:
    reading = ring(engraved, sure=sure, legible=legible)
    plain = fit_names(reading, names)
    quick = fit_names(reading, names, least=0.59, behind=0.03)
    best = max((fit.score for fit in plain), default=0.0)
    for fit, other in zip(plain, quick, strict=True):
        if fit.score >= 0.59 and best - fit.score < 0.03:
            assert other == fit
        else:
            assert other == fit or other.score == 0.0


SIGNS = st.sampled_from("末未土士科技北京有限公司")
PROBABILITY = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.5, 0.85, 0.95, 1.0]))
SLOT = st.builds(
    lambda shown, room, between: Slot(
        tuple(sorted(shown.items(), key=lambda one: -one[1])), room=room, between=frozenset(between)
    ),
    st.dictionaries(SIGNS, PROBABILITY, min_size=1, max_size=4),
    st.sampled_from([None, 0, 1, 2]),
    st.sets(SIGNS, max_size=2),
)
SLOTS = st.builds(
    lambda slots, behind: Slots(tuple(slots), behind), st.lists(SLOT, max_size=9), st.sampled_from([None, 0, 1])
)
ON_SLOTS = st.text(SIGNS, min_size=1, max_size=10)


@pytest.mark.parametrize(
    ("engraved", "name"), [("北京云海Ⅱ", "北京云海II"), ("℃云海软件", "°C云海软件"), ("云㎡有限公司", "云m2有限公司")]
)
def test_a_character_that_is_two_signs_of_a_name(engraved: str, name: str) -> None:
    assert fit_name(ring(engraved), engraved).holds
    assert fit_name(ring(engraved), name).holds
    assert not fit_name(ring(engraved), name.replace("云", "去雨")).holds


@given(st.text(min_size=1, max_size=12), st.text(max_size=12))
def test_whatever_a_seal_shows_can_be_held_against_any_name(engraved: str, name: str) -> None:
    fit = fit_name(ring(engraved), name)
    assert 0.0 <= fit.score <= 1.0


@settings(max_examples=500)
@given(SLOTS, ON_SLOTS, st.sampled_from([0.4, 0.7, 0.9, 1.0]), st.booleans(), st.booleans())
def test_no_name_comes_to_more_than_the_most(read: Slots, name: str, room: float, near: bool, complete: bool) -> None:
    if near and read.slots:
        name = "".join(read.tops[: len(name)]) + name[len(read.tops) :]
    most = Most((read, room))
    score = _laid(read, name, room, complete=complete).fit.score
    assert score <= most.of(name) + 0.0001
    assert score <= most.roughly(name) + 0.0001


@settings(max_examples=300)
@given(st.lists(SLOT, min_size=1, max_size=9), st.sampled_from([0.4, 0.7, 0.9, 1.0]), st.booleans())
def test_a_name_read_as_it_is_needs_no_laying(slots: list[Slot], room: float, complete: bool) -> None:
    read = Slots(tuple(slots), 1)
    name = "".join(read.tops)
    assert aligned(read, name, room, complete=complete) == _laid(read, name, room, complete=complete)


@settings(max_examples=200)
@given(data=st.data())
def test_what_slots_say_for_a_sign_is_what_each_says_by_itself(data: st.DataObject) -> None:
    signs = st.sampled_from("末未土士科技北京0O")
    shown = st.dictionaries(signs, st.floats(0, 1), min_size=1, max_size=4)
    slot = st.builds(
        lambda shown, room, between: Slot(
            tuple(sorted(shown.items(), key=lambda one: -one[1])), room=room, between=frozenset(between)
        ),
        shown,
        st.sampled_from([None, 0, 1, 2]),
        st.sets(signs, max_size=2),
    )
    read = Slots(tuple(data.draw(st.lists(slot, max_size=5))), data.draw(st.sampled_from([None, 0, 1])))
    for sign in data.draw(st.lists(signs, min_size=1, max_size=4)):
        for room in (0.5, 1.0):
            says, lacks = read.telling(sign, room)
            assert says == [evidence_for(one, sign, room)[0] for one in read.slots]
            assert lacks == [lacking(read, i, sign)[0] for i in range(len(read.slots) + 1)]
