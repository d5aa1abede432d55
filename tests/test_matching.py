"""Which record an envelope belongs to."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Box, Code, Document, DocumentType, Field, Page, Record, Submission
from pipeline.records import Known, Match, match

A = Record(application_no="CCIIP2023S00001", track="supplier", name="北京华信软件有限公司", uscc="91110108MA01EBFH9B")
B = Record(application_no="CCIIP2023S00002", track="supplier", name="杭州泰和数据有限公司", uscc="914403001922038216")
C = Record(application_no="CCIIP2023P00003", track="park", name="", uscc="9144030071526726XG", previous_names=("旧园",))
RECORDS = (A, B, C)
BOX = Box(0, 0, 1, 1)


def _document(type_: DocumentType, confidence: float = 0.99, alternative: str = "", **fields: str) -> Document:
    read = tuple(
        Field(
            name=name,
            value=value,
            page=1,
            box=BOX,
            confidence=confidence,
            alternatives=(alternative,) if alternative else (),
        )
        for name, value in fields.items()
    )
    return Document(type=type_, pages=(1,), confidence=1, fields=read)


def _form(confidence: float = 0.99, **fields: str) -> Document:
    return _document(DocumentType.INFORMATION_FORM, confidence, **fields)


def _of(*documents: Document, cover: str | None = None, pages: tuple[Page, ...] = ()) -> Submission:
    return Submission(envelope="e", sha256="0", documents=documents, cover_application_no=cover, pages=pages)


def _match(*documents: Document, cover: str | None = None) -> Match:
    return match(_of(*documents, cover=cover), RECORDS)


def test_two_of_three_must_agree() -> None:
    assert _match(_form(application_no=A.application_no, name=A.name)) == Match(A, ("application_no", "name"))
    assert _match(_form(uscc=A.uscc, name=A.name)) == Match(A, ("uscc", "name"))
    assert _match(_form(uscc=A.uscc), cover=A.application_no) == Match(A, ("application_no", "uscc"))
    assert _match(_form(uscc=A.uscc, name=A.name), cover=A.application_no).by == ("application_no", "uscc", "name")
    for lonely in (_form(name=A.name), _form(uscc=A.uscc), _form(application_no=A.application_no)):
        assert _match(lonely) == Match()
    assert _match() == Match()


def test_what_disagrees_does_not_undo_two_that_agree() -> None:
    assert _match(_form(application_no=B.application_no, name=A.name, uscc=A.uscc)).record is A
    assert _match(_form(application_no=A.application_no, name="别家有限公司", uscc=A.uscc)).record is A
    assert _match(_form(application_no=A.application_no, name=B.name, uscc=C.uscc)) == Match()


def test_two_records_that_fit_are_none() -> None:
    twin = A.model_copy(update={"application_no": "CCIIP2023S00009"})
    found = match(_of(_form(uscc=A.uscc, name=A.name)), (A, B, twin))
    assert found == Match(None, (), (A.application_no, twin.application_no))
    mixed = _form(application_no=A.application_no, name=A.name, uscc=B.uscc)
    namesake = B.model_copy(update={"name": A.name})
    assert match(_of(mixed), (A, namesake)).rivals == (A.application_no, B.application_no)


def test_former_and_differently_formed_names_count() -> None:
    renamed = A.model_copy(update={"name": "北京新信软件有限公司", "previous_names": (A.name,)})
    assert match(_of(_form(uscc=A.uscc, name=A.name)), (renamed,)).record is renamed
    form = _form(application_no=A.application_no, name="北京华信软件有限责任公司")
    assert _match(form).record is A
    assert match(_of(_form(uscc=C.uscc, name="旧园")), RECORDS).record is C


def test_one_misread_sign_is_forgiven_where_another_thing_agrees_exactly() -> None:
    misread = "91110108MA01EBFH98"
    assert _match(_form(uscc=misread, name=A.name)) == Match(A, ("uscc", "name"))
    assert _match(_form(0.5, uscc=misread, name="北京华鼎软件有限公司")) == Match()
    assert _match(_form(0.5, uscc=A.uscc, name="北京华鼎软件有限公司")).record is A
    assert _match(_form(0.99, uscc=A.uscc, name="北京华鼎软件有限公司")) == Match()
    rival = _document(DocumentType.INFORMATION_FORM, 0.4, A.uscc, uscc="91", name=A.name)
    assert _match(rival).record is A


def test_an_exact_fit_beats_a_near_one() -> None:
    twin = A.model_copy(update={"application_no": "CCIIP2023S00007", "uscc": ""})
    assert match(_of(_form(application_no=A.application_no, name=A.name)), (A, twin)).record is A


def test_the_form_counts_before_strangers_pages() -> None:
    stranger = _document(DocumentType.LEGAL_PERSON_PROOF, name=B.name, uscc=B.uscc)
    assert _match(_form(name=A.name, uscc=A.uscc), stranger).record is A
    assert _match(stranger).record is B


def test_other_documents_help_where_the_form_is_silent() -> None:
    licence = _document(DocumentType.BUSINESS_LICENCE, uscc=A.uscc)
    report = _document(DocumentType.AUDIT_REPORT, company_name=A.name)
    certificate = _document(DocumentType.ISO_CERTIFICATE, holder=A.name)
    assert _match(licence, report).record is A
    assert _match(_form(uscc=A.uscc), certificate).record is A
    assert _match(Document(type=DocumentType.OTHER, pages=(1,), confidence=1, subject=A.name), licence).record is A


def test_an_audit_firms_licence_never_counts() -> None:
    firm = Record(application_no="X00000000001", track="supplier", name="某某会计师事务所（特殊普通合伙）", uscc=B.uscc)
    licence = _document(DocumentType.BUSINESS_LICENCE, name=firm.name, uscc=firm.uscc)
    report = _document(DocumentType.AUDIT_REPORT, company_name=A.name, uscc=A.uscc)
    assert match(_of(licence), (A, firm)) == Match()
    assert match(_of(report), (A, firm)) == Match()


def test_codes_on_the_forms_pages_hold_the_number() -> None:
    def page(number: int, kind: str) -> Page:
        code = Code(kind="QRCode", text=f"http://shenbao.cciip.org.cn/check?no={A.application_no}", box=BOX)
        base = Page(number=number, file="f", index=0, sha256="0", width=1, height=1)
        return base.model_copy(update={"kind": kind, "codes": (code,)})

    form = _form(name=A.name)
    assert match(_of(form, pages=(page(1, "content"),)), RECORDS) == Match(A, ("application_no", "name"))
    assert match(_of(form, pages=(page(2, "content"),)), RECORDS) == Match()


# ------------------------------------------------------------------------------------- found without looking at each


class All(Known):
    """Records each of which is looked at."""

    def near(self, texts: Iterable[str]) -> list[Record]:
        return list(self.records)


CODE = st.text("0123456789AB", min_size=8, max_size=12)
NAME = st.sampled_from(
    ("北京一一软件有限公司", "北京一一软件有限责任公司", "北京未来软件有限公司", "北京末来软件有限公司", "")
)


@st.composite
def misread(draw: st.DrawFn, text: str) -> str:
    """A text with up to two signs changed, left out or added."""
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(text)))
        kept = draw(st.integers(0, 1))
        text = text[:place] + draw(st.sampled_from(("", "0", "A", " "))) + text[place + kept :]
    return text


@given(data=st.data())
def test_the_index_finds_what_looking_at_each_record_finds(data: st.DataObject) -> None:
    codes = data.draw(st.lists(CODE, min_size=1, max_size=4))
    records = tuple(
        Record(
            application_no=data.draw(st.sampled_from(codes)) + str(number),
            track="supplier",
            name=data.draw(NAME),
            uscc=data.draw(st.sampled_from(["", *codes])),
        )
        for number in range(data.draw(st.integers(1, 6)))
    )
    about = data.draw(st.sampled_from(records))
    fields = tuple(
        Field(
            name=key,
            value=data.draw(misread(text)),
            page=1,
            box=Box(0, 0, 1, 1),
            confidence=data.draw(st.sampled_from((0.5, 0.99))),
            alternatives=tuple(data.draw(st.lists(misread(text), max_size=1))),
        )
        for key, text in (("application_no", about.application_no), ("uscc", about.uscc), ("name", about.name))
        if text
    )
    kind = data.draw(st.sampled_from((DocumentType.INFORMATION_FORM, DocumentType.BUSINESS_LICENCE)))
    document = Document(type=kind, pages=(1,), confidence=1, fields=fields)
    submission = Submission(envelope="a.pdf", sha256="0", documents=(document,))
    assert match(submission, records) == match(submission, All(records)) == match(submission, Known(records))


def test_few_of_many_records_are_looked_at() -> None:
    records = [
        Record(application_no=f"CCIIP2023S{n:05d}", track="supplier", uscc=f"91110108MA{n:08d}") for n in range(2000)
    ]
    assert len(Known(records).near({"CCIIP2023S00777", "91110108MA00000777"})) == 1


@given(st.data())
def test_a_change_that_touches_nothing_said_changes_no_match(data: st.DataObject) -> None:
    """Whose an envelope is, matched only where a changed record bears what it says, and among those that may fit."""
    from pipeline.records.matching import Identity, codes_said, sayings, whose
    from pipeline.records.touching import Touched, codes_borne, that_may_fit

    def some(number: int) -> Identity:
        name = data.draw(st.sampled_from([f"北京第{number}软件有限公司", f"上海第{number % 3}信息有限公司"]))
        return Identity(f"CCIIP2023S{number:05d}", f"91110108MA{number:08d}", name)

    numbers = st.sets(st.integers(1, 30), min_size=1, max_size=8)
    before = {number: some(number) for number in data.draw(numbers)}
    after = {number: some(number) for number in data.draw(numbers)}
    one = data.draw(st.integers(1, 31))
    said = sayings(
        _of(
            _form(
                application_no=data.draw(misread(f"CCIIP2023S{one:05d}")),
                uscc=data.draw(misread(f"91110108MA{one:08d}")),
                name=f"北京第{one}软件有限公司",
            )
        )
    )
    codes = codes_said(said)
    changed = [
        identity
        for number in before.keys() | after.keys()
        if before.get(number) != after.get(number)
        for identity in (before.get(number), after.get(number))
        if identity
    ]
    touched = Touched.by(changed)
    in_force = [after[number] for number in sorted(after)]
    now = whose(said, Known(in_force))
    assert whose(said, Known(that_may_fit(in_force, codes))) == now
    if not touched.may_concern(codes, codes_borne(in_force)):
        assert whose(said, Known([before[number] for number in sorted(before)])) == now


def test_a_neighbour_of_what_changed_that_says_its_own_number_is_not_touched() -> None:
    from pipeline.records.matching import Identity
    from pipeline.records.touching import Touched, codes_borne

    changed, neighbour = Identity("CCIIP2023S00001", "", "甲"), Identity("CCIIP2023S00002", "", "乙")
    touched, borne = Touched.by([changed]), codes_borne([changed, neighbour])
    assert touched.may_concern({"CCIIP2023S00001"}, borne)
    assert not touched.may_concern({"CCIIP2023S00002"}, borne)
    assert touched.may_concern({"CCIIP2023S00009"}, borne)  # no record's: a misreading of either
    assert not touched.may_concern({"CCIIP2023S00777"}, borne)
