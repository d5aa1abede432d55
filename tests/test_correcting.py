"""What a person read takes the place of what was read, and is never lost: whatever is sorted, named or scanned anew."""

from __future__ import annotations

import pytest
from checks_builders import CODE, audit, copyright_, field, form, form_fields, iso, money, record
from hypothesis import given
from hypothesis import strategies as st
from said_builders import THEN, TUESDAY, WEDNESDAY, findings, judged, reads, sent, the

from pipeline.errors import BadSetting
from pipeline.judging import Received
from pipeline.model import Document, DocumentType, Field, FieldValue
from pipeline.report.json_report import document_json
from pipeline.typed import MAX_NAME, MAX_NOTE, MAX_VALUE, name_of, note_of, typed

FORM, ISO = DocumentType.INFORMATION_FORM, DocumentType.ISO_CERTIFICATE


def envelope(form_: Document | None = None, name: str = "env.pdf", **changes: object) -> Received:
    paper = form_ or form(form_fields(staff=field("staff", 590, raw="590 人", confidence=0.97)))
    return sent(name, paper, audit(), iso(), copyright_(), day=TUESDAY, **changes)  # type: ignore[arg-type]


def test_the_checks_run_on_what_the_person_read_and_the_machines_reading_stays_beside() -> None:
    paper = envelope()
    assert the(judged(paper), "FIGURE_MISMATCH").found == 590
    after = judged(paper, corrections=[reads(paper, FORM, "staff", 600, note="看过原件")])
    assert after["env.pdf"].report.verdict == "clean"
    (told,) = (f for f in document_json(after["env.pdf"].report.documents[0])["fields"] if f["name"] == "staff")
    assert (told["value"], told["confidence"], told["reasons"]) == (600, 1.0, ["human"])
    assert told["corrected"] == {
        "from": 590,
        "raw": "590 人",
        "by": "李四",
        "at": THEN.isoformat(),
        "note": "看过原件",
    }


def test_a_correction_can_make_a_finding_and_add_what_was_not_read() -> None:
    paper = envelope(form(form_fields(staff=None)))
    assert not findings(judged(paper))
    after = judged(paper, corrections=[reads(paper, FORM, "staff", 77)])
    told = the(after, "FIGURE_MISMATCH")
    assert (told.expected, told.found, told.page, told.severity) == (600, 77, 1, "error")


def test_money_is_compared_to_the_last_place_that_the_person_typed() -> None:
    paper = envelope(form(form_fields(operating_revenue=money("operating_revenue", "12345.97"))))
    assert the(judged(paper), "FIGURE_MISMATCH").found == "123459700.00"
    said = typed("operating_revenue", "12346万元")
    right = reads(paper, FORM, "operating_revenue", said.value, raw=said.raw, unit=said.unit)
    assert judged(paper, corrections=[right])["env.pdf"].report.verdict == "clean"


def test_the_last_word_counts_and_one_taken_back_leaves_the_machines() -> None:
    paper = envelope()
    one = reads(paper, FORM, "staff", 77)
    two = reads(paper, FORM, "staff", 600, id_=2)
    back = reads(paper, FORM, "staff", None, id_=3, withdrawn=True)
    assert judged(paper, corrections=[one, two])["env.pdf"].report.verdict == "clean"
    assert (
        the(
            judged(paper, corrections=[two.model_copy(update={"id": 1}), one.model_copy(update={"id": 2})]),
            "FIGURE_MISMATCH",
        ).found
        == 77
    )
    assert the(judged(paper, corrections=[one, two, back]), "FIGURE_MISMATCH").found == 590


def test_it_survives_another_name_another_order_and_another_reading() -> None:
    said = [reads(envelope(), FORM, "staff", 600)]
    read_anew = form(form_fields(staff=field("staff", 500, confidence=0.99)), pages=(1, 2))
    again = sent("b.pdf", copyright_(), iso(), audit(), read_anew, order=9, day=TUESDAY, content="env.pdf")
    after = judged(again, corrections=said)
    assert after["b.pdf"].report.verdict == "clean"
    fields = {f.name: f for d in after["b.pdf"].report.documents for f in d.fields if f.corrected}
    assert fields["staff"].corrected is not None and fields["staff"].corrected.was == 500


def test_of_two_documents_on_one_sheet_the_one_meant_is_put_right() -> None:
    one, two = iso("03410Q10286R0S", pages=(4,)), iso("1111", pages=(4,))
    paper = sent("env.pdf", form(), audit(), one, two, copyright_(), day=TUESDAY)
    said = [reads(paper, ISO, "certificate_no", "2222", number=4, place=1)]
    documents = judged(paper, corrections=said)["env.pdf"].report.documents
    assert [d.field("certificate_no").value for d in documents if d.type == ISO] == ["03410Q10286R0S", "2222"]  # type: ignore[union-attr]


def test_a_licence_is_the_same_paper_whatever_the_track_calls_it() -> None:
    licence = Document(type=DocumentType.BUSINESS_LICENCE, pages=(6,), confidence=0.9)
    paper = sent("env.pdf", form(), audit(), iso(), copyright_(), licence, day=TUESDAY)
    said = [reads(paper, DocumentType.LEGAL_PERSON_PROOF, "legal_representative", "赵六", number=6)]
    assert the(judged(paper, corrections=said), "IDENTITY_MISMATCH", "legal_representative").found == "赵六"


def test_what_a_person_read_can_bring_an_envelope_to_its_record() -> None:
    """Matching comes after correcting: a code and a name misread made this nobody's envelope."""
    misread = form(
        form_fields(application_no=None, name=field("name", "杭州某某公司"), uscc=field("uscc", "91110108MA01EBFH00"))
    )
    paper = sent("env.pdf", misread, day=TUESDAY, cover_application_no=None)
    assert judged(paper)["env.pdf"].report.application_no is None
    said = [reads(paper, FORM, "uscc", CODE), reads(paper, FORM, "name", record().name, id_=2)]
    after = judged(paper, corrections=said)["env.pdf"].report
    assert after.application_no == record().application_no
    assert set(after.matched_by) == {"uscc", "name"}


def test_a_correction_that_fits_nothing_any_more_is_said_and_not_used() -> None:
    paper = envelope()
    said = [reads(paper, FORM, "staff", 600)]
    resorted = sent("env.pdf", audit(), iso(), copyright_(), day=TUESDAY)
    after = judged(resorted, corrections=said)["env.pdf"]
    assert len(after.notes) == 1
    assert "staff" in after.notes[0] and "information_form, page 1" in after.notes[0] and "李四" in after.notes[0]
    assert not judged(paper, corrections=said)["env.pdf"].notes
    taken_back = [*said, reads(paper, FORM, "staff", None, id_=2, withdrawn=True)]
    assert not judged(resorted, corrections=taken_back)["env.pdf"].notes


def test_it_is_said_of_an_envelope_of_which_nothing_could_be_read_this_time() -> None:
    said = [reads(envelope(), FORM, "staff", 600)]
    lost = sent("env.pdf", pages=0, problem="it could not be read to its end")
    assert len(judged(lost, corrections=said)["env.pdf"].notes) == 1


def test_a_file_cut_otherwise_keeps_its_corrections() -> None:
    """Sheets are known by the file's content and the place in it, so a part's number may change."""
    paper = envelope(part=2)
    said = [reads(paper, FORM, "staff", 600)]
    assert judged(envelope(part=1), corrections=said)["env.pdf"].report.verdict == "clean"


def test_the_same_paper_scanned_again_keeps_what_was_read_off_it() -> None:
    first = envelope(looks="paper")
    said = [reads(first, FORM, "staff", 600)]
    again = envelope(name="again.pdf", order=2, looks="paper")
    after = judged(first, again, corrections=said)
    assert after["env.pdf"].report.part_of == "again.pdf"
    assert [f.code.value for f in findings(after)] == ["DUPLICATE_ENVELOPE"]
    own = reads(again, FORM, "staff", 88, id_=2)
    assert the(judged(first, again, corrections=[*said, own]), "FIGURE_MISMATCH").found == 88
    dated = Received(again.submission.model_copy(update={"received_on": WEDNESDAY}), 2)
    assert "FIGURE_MISMATCH" not in [f.code.value for f in findings(judged(first, dated, corrections=said))]


def test_confidence_of_a_person_is_not_calibrated_away() -> None:
    paper = envelope()
    (told,) = (
        f
        for d in judged(paper, corrections=[reads(paper, FORM, "address", "上海市")])["env.pdf"].report.documents
        for f in d.fields
        if f.corrected
    )
    assert told.confidence == 1.0


# ---------------------------------------------------------------------------------------------------------- typed


@pytest.mark.parametrize(
    ("name", "text", "value", "unit"),
    [
        ("operating_revenue", "12345.67万元", "123456700.00", "万元"),
        ("operating_revenue", "￥1,234.5 元", "1234.50", "元"),
        ("operating_profit", "-5.5万元", "-55000.00", "万元"),
        ("registered_capital", "壹佰万元整", "1000000.00", "万元"),
        ("staff", "1,200人", 1200, None),
        ("established", "2010年5月6日", "2010-05-06", None),
        ("valid_until", "2025-06-30", "2025-06-30", None),
        ("period", "2022年度", "2022", None),
        ("period", "2022-06-30", "2022-06-30", None),
        ("uscc", "9111 0108ma01ebfh9b", "91110108MA01EBFH9B", None),
        ("uscc", "91110108MA01EBFH9A", "91110108MA01EBFH9A", None),  # fails its check digit: for a rule to say
        ("functions", "云计算、IT解决方案；云计算", ("云计算", "IT解决方案"), None),
        ("consolidated", "是", True, None),
        ("opinion", "qualified", "qualified", None),
        ("mobile", "138 0013 8000", "138 0013 8000", None),
        ("email", "a@b.cn", "a@b.cn", None),
        ("name", "杭州\u202e智云\x1b[31m 软件\n有限公司", "杭州智云[31m 软件 有限公司", None),
    ],
)
def test_a_value_becomes_its_fields_kind(name: str, text: str, value: FieldValue, unit: str | None) -> None:
    made = typed(name, text)
    assert (made.value, made.unit) == (value, unit) and type(made.value) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("operating_revenue", "12345.67", "no unit"),
        ("operating_revenue", "约5万元", "no exact amount"),
        ("operating_revenue", "3000-3500万元", "no exact amount"),
        ("operating_revenue", "100万美元", "no exact amount"),
        ("operating_revenue", "much", "no exact amount"),
        ("operating_revenue", "9" * 30 + "元", "amount"),
        ("staff", "12.5", "whole number"),
        ("staff", "-3", "whole number"),
        ("staff", "many", "whole number"),
        ("established", "2023-02-30", "YYYY-MM-DD"),
        ("established", "since 2023-02-03", "YYYY-MM-DD"),
        ("period", "22", "like 2022"),
        ("uscc", "9111", "18 letters and digits"),
        ("uscc", "91110108MA01EBFH9！", "18 letters and digits"),
        ("consolidated", "maybe", "neither yes nor no"),
        ("opinion", "good", "none of standard"),
        ("email", "nobody", "e-mail"),
        ("mobile", "none", "telephone"),
        ("functions", "、；", "no list"),
        ("name", " \u200b ", "no value"),
        ("name", "长" * (MAX_VALUE + 1), f"{MAX_VALUE} are the most"),
    ],
)
def test_what_is_none_of_the_kind_is_one_sentence(name: str, text: str, sentence: str) -> None:
    with pytest.raises(BadSetting) as told:
        typed(name, text)
    assert sentence in told.value.message and name in told.value.message and "\n" not in told.value.message


def test_a_field_of_no_known_kind_is_as_what_was_read_there() -> None:
    def read(value: FieldValue) -> Field:
        return field("anything", value)

    assert typed("anything", "7", read(3)).value == 7
    assert typed("anything", "7", read("3")).value == "7"
    assert typed("anything", "a、b", read(("x",))).value == ("a", "b")
    assert typed("anything", "否", read(True)).value is False


def test_names_and_notes_are_printable_and_bounded() -> None:
    assert name_of(" 张\x1b三\u202e ") == "张三"
    assert note_of("a\n b\u2028c") == "a b c"
    for tell in (
        lambda: name_of("\u200b"),
        lambda: name_of("名" * (MAX_NAME + 1)),
        lambda: note_of("x" * (MAX_NOTE + 1)),
    ):
        with pytest.raises(BadSetting):
            tell()


@given(
    name=st.sampled_from(
        ["operating_revenue", "staff", "established", "uscc", "functions", "period", "mobile", "address", "opinion"]
    ),
    text=st.text(st.characters(), max_size=60),
)
def test_whatever_is_typed_is_a_value_or_a_sentence(name: str, text: str) -> None:
    try:
        made = typed(name, text)
    except BadSetting as error:
        assert error.message.isprintable()
        return
    assert made.value not in (None, "", ()) and made.raw.isprintable() and len(made.raw) <= MAX_VALUE
