"""Scenarios about what the papers say: figures, identities, texts, certificates, audits, thresholds."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pipeline.programmes import load
from samples.audit import audit_paper
from samples.audit_facts import AuditFacts
from samples.cases import Case, certified
from samples.certificates import draw_certificate
from samples.fake import CITIES, company_name, email, mobile, person, pick, street, uscc

__all__ = ["CHANGES"]

Change = Callable[[Case, random.Random], Case]
ALL = ("supplier", "park", "training")
SUPPLIER = ("supplier",)
WRONG_BY = Decimal(1_000_000)  # yuan: one digit of a printed total, far past any rounding
FORM = "information_form"


def _on_form(case: Case, **values: Any) -> Case:
    assert case.form is not None
    form = case.form.saying(**values)
    derived = {k: v for k, v in form.extras.items() if k not in ("x_per_head", "x_onshore")}
    return replace(case, form=replace(form, extras=derived))


def _value(case: Case, key: str) -> Any:
    assert case.form is not None
    return case.form.values[key]


def _declared(case: Case, **values: Any) -> Case:
    """Other values in the online record; the paper stays."""
    assert case.record is not None
    return replace(case, record={**case.record, **values})


def _audited(case: Case, **values: Any) -> Case:
    assert case.audit is not None
    return replace(case, audit=replace(case.audit, **values))


def _transposed(text: str, rng: random.Random) -> str:
    """Two unequal neighbouring digits change places, the larger one first so that no threshold is missed."""
    places = [i for i in range(len(text) - 1) if text[i].isdigit() and text[i + 1].isdigit() and text[i] < text[i + 1]]
    if not places:
        return text[:-1] + str((int(text[-1]) + 3) % 10)
    i = rng.choice(places)
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


# ------------------------------------------------------------------------------------------------------ figures


def figure_on_form(key: str) -> Change:
    """A revenue on the form that is not the declared one."""

    def change(case: Case, rng: random.Random) -> Case:
        return _on_form(case, **{key: _transposed(_value(case, key), rng)}).finding("FIGURE_MISMATCH", FORM, key)

    return change


def unit_slip(case: Case, rng: random.Random) -> Case:
    """The offshore revenue typed in 元 where 万元 is asked."""
    del rng
    wrong = Decimal(_value(case, "offshore_revenue")) / 10
    return _on_form(case, offshore_revenue=f"{wrong:.2f}").finding("FIGURE_MISMATCH", FORM, "offshore_revenue")


def staff_on_form(case: Case, rng: random.Random) -> Case:
    """A head count on the form that is not the declared one."""
    key, step = rng.choice((("staff", 1), ("degree_staff", -1)))
    wrong = int(_value(case, key)) + step * rng.choice((1, 3, 9))
    return _on_form(case, **{key: wrong}).finding("FIGURE_MISMATCH", FORM, key)


def capital_on_form(case: Case, rng: random.Random) -> Case:
    """Another registered capital on the form."""
    del rng
    wrong = f"{Decimal(_value(case, 'registered_capital')) * 2:f}"
    changed = _on_form(case, registered_capital=wrong).finding("FIGURE_MISMATCH", FORM, "registered_capital")
    return changed.tolerating("FIGURE_MISMATCH", "legal_person_proof", "registered_capital")


def revenue_in_audit(case: Case, rng: random.Random) -> Case:
    """The audited revenue is not what was declared."""
    assert case.audit is not None
    extra = Decimal(rng.randint(120, 900)) * 10_000
    changed = _audited(case, revenue=case.audit.revenue + extra)
    return changed.finding("FIGURE_MISMATCH", "audit_report", "operating_revenue")


def outsourcing_in_audit(case: Case, rng: random.Random) -> Case:
    """The note on revenue shows another outsourcing revenue than was declared."""
    assert case.audit is not None
    more = case.audit.outsourcing + (case.audit.revenue - case.audit.outsourcing) * Decimal(rng.randint(3, 8)) / 10
    step = {"元": Decimal("0.01"), "万元": Decimal(100), "千元": Decimal(1000)}[case.audit.unit]
    changed = _audited(case, outsourcing=(more // step) * step)
    return changed.finding("FIGURE_MISMATCH", "audit_report", "outsourcing_revenue").tolerating(
        "FIGURE_MISMATCH", "audit_report"
    )


# ------------------------------------------------------------------------------------------------------ identity, texts


def uscc_on_form(case: Case, rng: random.Random) -> Case:
    """A valid code, but somebody else's."""
    other = uscc(rng, case.applicant.uscc[:2], case.applicant.city.code)
    return _on_form(case, uscc=other).finding("IDENTITY_MISMATCH", FORM, "uscc")


def legal_on_form(case: Case, rng: random.Random) -> Case:
    """Another legal representative on the form."""
    return _on_form(case, legal_representative=person(rng) + "某").finding(
        "IDENTITY_MISMATCH", FORM, "legal_representative"
    )


def legal_on_proof(case: Case, rng: random.Random) -> Case:
    """The licence names another legal representative."""
    assert case.proof is not None
    proof = replace(case.proof, says={"legal": "欧阳" + person(rng)[1:]})
    return replace(case, proof=proof).finding("IDENTITY_MISMATCH", "legal_person_proof", "legal_representative")


def established_on_form(case: Case, rng: random.Random) -> Case:
    """Another date of establishment on the form."""
    day = date.fromisoformat(_value(case, "established")) - timedelta(days=rng.choice((31, 366, 1096)))
    return (
        _on_form(case, established=day.isoformat())
        .finding("IDENTITY_MISMATCH", FORM, "established")
        .tolerating("IDENTITY_MISMATCH", "legal_person_proof", "established")
    )


def former_name(case: Case, rng: random.Random) -> Case:
    """The form bears a former name that the record knows: passes with a warning."""
    old = company_name(rng, case.applicant.city)
    changed = _declared(_on_form(case, name=old), previous_names=[old])
    return changed.finding("IDENTITY_MISMATCH", FORM, "name").tolerating("SEAL_OWNER_MISMATCH", FORM, "applicant")


def text_on_form(key: str) -> Change:
    """A text on the form that is not the declared one."""

    def change(case: Case, rng: random.Random) -> Case:
        programme = load("cciip-2023")
        draws: dict[str, Callable[[], Any]] = {
            "address": lambda: street(rng, case.applicant.city),
            "contact": lambda: person(rng) + "平",
            "mobile": lambda: mobile(rng),
            "email": lambda: email(rng),
            "headquarters": lambda: (
                rng.choice([c for c in CITIES if c.province != case.applicant.city.province]).province
            ),
            "industry": lambda: rng.choice([i for i in programme.industries if i != _value(case, "industry")]),
            "functions": lambda: pick(rng, [f for f in programme.functions if f not in _value(case, "functions")], 2),
        }
        return (
            _on_form(case, **{key: draws[key]()})
            .finding("TEXT_MISMATCH", FORM, key)
            .tolerating("TEXT_MISMATCH", "legal_person_proof")
        )

    return change


def invalid_code(case: Case, rng: random.Random) -> Case:
    """The printed code fails its check digit; the record knows none."""
    good = case.applicant.uscc
    wrong = good[:9] + rng.choice([d for d in "123456789" if d != good[9]]) + good[10:]
    changed = _declared(_on_form(case, uscc=wrong), uscc="")
    return changed.finding("INVALID_IDENTIFIER", FORM, "uscc").tolerating(
        "IDENTITY_MISMATCH", "legal_person_proof", "uscc"
    )


# ------------------------------------------------------------------------------------------------------ certificates


def certificate_number(case: Case, rng: random.Random) -> Case:
    """The certificate enclosed is of the declared kind and holder, but its number is another."""
    first = case.certificates[0]
    other = draw_certificate(
        rng,
        first.kind,
        holder=first.holder,
        english=first.english,
        city=first.city,
        uscc=first.uscc,
        address=first.address,
    )
    paper = replace(first, number=other.number, look=first.look)
    return replace(case, certificates=(paper, *case.certificates[1:])).finding(
        "CERTIFICATE_MISMATCH", first.type, "certificate_no"
    )


def certificate_holder(case: Case, rng: random.Random) -> Case:
    """The declared number, but held by somebody else."""
    first = case.certificates[0]
    paper = replace(
        first, holder=company_name(rng, rng.choice(CITIES)), english="Elsewhere Systems Co., Ltd.", stamp=None
    )
    return replace(case, certificates=(paper, *case.certificates[1:])).finding(
        "CERTIFICATE_MISMATCH", first.type, "holder"
    )


def certificate_expired(case: Case, rng: random.Random) -> Case:
    """A certificate that ran out before it was mailed; declared as it is."""
    kind = rng.choice(("iso9001", "iso27001", "cmmi"))
    who = case.applicant
    old = draw_certificate(
        rng, kind, holder=who.name, english=who.english, city=who.city, uscc=who.uscc, address=who.address
    )
    issued = date(2020, rng.randint(1, 7), rng.randint(1, 28))
    old = replace(old, issued_on=issued, valid_until=issued.replace(year=2023))
    kept = tuple(c for c in case.certificates if c.kind != kind)
    return certified(case, (*kept, old)).finding("EXPIRED_CERTIFICATE", old.type, "valid_until")


# ------------------------------------------------------------------------------------------------------ audit


def wrong_period(case: Case, rng: random.Random) -> Case:
    """The report of the year before."""
    assert case.audit is not None
    grown = Decimal(rng.randint(70, 90)) / 100
    a = case.audit
    step = {"元": Decimal("0.01"), "万元": Decimal(100), "千元": Decimal(1000)}[a.unit]
    less = {k: (getattr(a, k) * grown // step) * step for k in ("revenue", "outsourcing", "offshore")}
    changed = _audited(
        case,
        year=2021,
        report_date=a.report_date.replace(year=2022),
        report_no=a.report_no.replace("2023", "2022"),
        **less,
    )
    changed = changed.finding("WRONG_PERIOD", "audit_report", "period").tolerating("FIGURE_MISMATCH", "audit_report")
    return changed.tolerating("BELOW_THRESHOLD", FORM)


def opinion(kind: str) -> Change:
    """Anything but a standard unqualified opinion."""

    def change(case: Case, rng: random.Random) -> Case:
        del rng
        return _audited(case, opinion=kind).finding("AUDIT_OPINION", "audit_report", "opinion")

    return change


def not_consolidated(case: Case, rng: random.Random) -> Case:
    """Statements of the company alone, in one of the formats for these."""
    style = rng.choice(("2019", "2018", "small"))
    return _audited(case, consolidated=False, style=style).finding("NOT_CONSOLIDATED", "audit_report", "consolidated")


def arithmetic(key: str, identity: str) -> Change:
    """One printed total is off by a digit."""

    def change(case: Case, rng: random.Random) -> Case:
        del rng
        assert case.audit is not None
        right = _printed_total(case.audit, key)
        faulty = _audited(case, faults={key: right + WRONG_BY})
        return faulty.finding("ARITHMETIC_MISMATCH", "audit_report", identity).tolerating(
            "ARITHMETIC_MISMATCH", "audit_report"
        )

    return change


def _printed_total(facts: AuditFacts, key: str) -> Decimal:
    amounts: Mapping[str, Decimal] = audit_paper(facts).context["a"]["amounts"]
    return amounts[key]


# ------------------------------------------------------------------------------------------------------ thresholds


def low_revenue(case: Case, rng: random.Random) -> Case:
    """Outsourcing revenue under 30 million, truly declared."""
    assert case.audit is not None
    low = Decimal(rng.randint(240_000, 299_900)) / 100
    offshore = (low / 4).quantize(Decimal("0.01"))
    wan = Decimal(10_000)
    changed = _audited(case, outsourcing=low * wan // 1000 * 1000, offshore=offshore * wan // 1000 * 1000, unit="元")
    assert changed.audit is not None
    shown = {
        "outsourcing_revenue": f"{changed.audit.outsourcing / wan:.2f}",
        "offshore_revenue": f"{changed.audit.offshore / wan:.2f}",
    }
    return _on_both(
        changed,
        **shown,
        outsourcing_staff=max(301, _value(case, "outsourcing_staff")),
        staff=max(320, _value(case, "staff")),
    ).finding("BELOW_THRESHOLD", FORM, "outsourcing_revenue")


def low_per_head(case: Case, rng: random.Random) -> Case:
    """Fewer than 300 at work, and less than 350 000 a head."""
    revenue = Decimal(_value(case, "outsourcing_revenue"))
    staff = min(299, int(revenue / 35) + rng.randint(5, 20))
    if revenue >= 35 * staff:
        return low_revenue(case, rng)
    changed = _on_both(case, outsourcing_staff=staff, staff=max(int(_value(case, "staff")), staff + 10))
    return changed.finding("BELOW_THRESHOLD", FORM, "revenue_per_head").tolerating("BELOW_THRESHOLD", FORM)


def abroad(case: Case, rng: random.Random) -> Case:
    """Headquarters outside China."""
    place = rng.choice(("日本东京都", "美国加利福尼亚州", "新加坡"))
    return _on_both(case, headquarters=place).finding("BELOW_THRESHOLD", FORM, "location")


def _on_both(case: Case, **values: Any) -> Case:
    return _declared(_on_form(case, **values), **values)


CHANGES: Mapping[str, tuple[Change, tuple[str, ...]]] = {
    "figure_operating_revenue": (figure_on_form("operating_revenue"), ("supplier", "park")),
    "figure_outsourcing_revenue": (figure_on_form("outsourcing_revenue"), ("supplier", "park")),
    "figure_unit_slip": (unit_slip, ("supplier", "park")),
    "figure_staff": (staff_on_form, ALL),
    "figure_capital": (capital_on_form, ALL),
    "audit_revenue": (revenue_in_audit, SUPPLIER),
    "audit_outsourcing": (outsourcing_in_audit, SUPPLIER),
    "identity_uscc": (uscc_on_form, SUPPLIER),
    "identity_legal": (legal_on_form, ALL),
    "identity_legal_proof": (legal_on_proof, ("park", "training")),
    "identity_established": (established_on_form, ALL),
    "identity_former_name": (former_name, SUPPLIER),
    "text_address": (text_on_form("address"), ALL),
    "text_contact": (text_on_form("contact"), ALL),
    "text_mobile": (text_on_form("mobile"), ALL),
    "text_email": (text_on_form("email"), ALL),
    "text_headquarters": (text_on_form("headquarters"), SUPPLIER),
    "text_industry": (text_on_form("industry"), SUPPLIER),
    "text_functions": (text_on_form("functions"), ALL),
    "invalid_code": (invalid_code, SUPPLIER),
    "certificate_number": (certificate_number, SUPPLIER),
    "certificate_holder": (certificate_holder, SUPPLIER),
    "certificate_expired": (certificate_expired, SUPPLIER),
    "wrong_period": (wrong_period, SUPPLIER),
    "opinion_qualified": (opinion("qualified"), SUPPLIER),
    "opinion_emphasis": (opinion("emphasis"), SUPPLIER),
    "opinion_adverse": (opinion("adverse"), SUPPLIER),
    "opinion_disclaimer": (opinion("disclaimer"), SUPPLIER),
    "not_consolidated": (not_consolidated, SUPPLIER),
    "arithmetic_current": (arithmetic("current_assets", "current_plus_noncurrent_assets"), SUPPLIER),
    "arithmetic_balance": (arithmetic("claims", "assets_equal_liabilities_and_equity"), SUPPLIER),
    "low_revenue": (low_revenue, SUPPLIER),
    "low_per_head": (low_per_head, SUPPLIER),
    "abroad": (abroad, SUPPLIER),
}
