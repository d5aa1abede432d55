"""Sound envelopes of the three tracks: applicant, online record, and papers that agree in everything."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from pipeline.programmes import load
from samples.audit import audit_paper
from samples.audit_facts import AuditFacts, draw_audit
from samples.certificates import CertificateFacts, certificate_paper, draw_certificate, form_entry, record_entry
from samples.fake import (
    CITIES,
    City,
    brand,
    company_name,
    day,
    email,
    english_name,
    mobile,
    person,
    pick,
    seal_code,
    street,
    uscc,
)
from samples.forms import FormFacts, form_context, form_fields
from samples.paper import Autograph, Expect, Paper, Scan, Stamp
from samples.proofs import ProofFacts, StatementFacts, cover_letter, legal_proof, statement
from samples.seal_art import SealSpec

__all__ = ["Case", "certified", "clean_case", "form_paper", "papers_of"]

WAN = Decimal(10_000)
ORDINARY = Scan()
CERTIFICATE_KINDS = (
    "iso9001",
    "iso20000",
    "iso27001",
    "cmmi",
    "hi_tech",
    "advanced_tech",
    "software_copyright",
    "patent",
)


@dataclass(frozen=True)
class Applicant:
    """Who applies. ``seal``: the 公章 as registered, upright and fresh."""

    name: str
    legal: str
    city: City
    uscc: str
    english: str
    address: str
    seal: SealSpec
    department: str


@dataclass(frozen=True)
class Case:
    """One envelope to make, with what a report should find in it. Scenarios replace single parts."""

    track: str
    seed: int
    applicant: Applicant
    record: Mapping[str, Any] | None
    form: FormFacts | None
    form_stamps: tuple[Stamp, ...]
    form_signed: bool = True
    audit: AuditFacts | None = None
    certificates: tuple[CertificateFacts, ...] = ()
    proof: ProofFacts | None = None
    statement: StatementFacts | None = None
    before: tuple[Paper, ...] = ()  # what lies on top: a cover sheet, a letter
    others: tuple[Paper, ...] = ()
    scan: Scan = ORDINARY
    scan_seed: int = 0  # another value: the same papers through the scanner once more
    scenario: str = "clean"
    expected: tuple[Expect, ...] = ()
    tolerated: tuple[Expect, ...] = ()
    form_smudges: tuple[str, ...] = ()

    def finding(self, code: str, document: str | None = None, field_: str | None = None) -> Case:
        """The same case with one more finding to be expected."""
        return replace(self, expected=(*self.expected, Expect(code, document, field_)))

    def named(self, scenario: str) -> Case:
        """The same case under the name of what is wrong with it."""
        return replace(self, scenario=scenario)

    def tolerating(self, code: str, document: str | None = "*", field_: str | None = "*") -> Case:
        """The same case with a finding that is neither asked for nor wrong."""
        return replace(self, tolerated=(*self.tolerated, Expect(code, document, field_)))

    def stamp_of(self, role: str) -> Stamp:
        """The form's seal of that role."""
        return next(s for s in self.form_stamps if s.role == role)

    def with_stamp(self, role: str, stamp: Stamp | None) -> Case:
        """The same case with that seal of the form replaced, or left out."""
        kept = tuple(s for s in self.form_stamps if s.role != role)
        return replace(self, form_stamps=(*kept, stamp) if stamp else kept)


def clean_case(track: str, number: int, seed: int) -> Case:
    """A sound envelope of that track; ``number`` makes the 申报编号."""
    rng = random.Random(seed)
    if track == "supplier":
        return _supplier(rng, number, seed)
    return _institution(rng, track, number, seed)


def papers_of(case: Case) -> tuple[Paper, ...]:
    """All documents of the envelope in their usual order."""
    papers: list[Paper] = []
    if case.form is not None:
        papers.append(form_paper(case))
    if case.audit is not None:
        papers.append(audit_paper(case.audit))
    papers += [certificate_paper(c) for c in case.certificates]
    if case.proof is not None:
        papers.append(_proof_paper(case, case.proof))
    if case.statement is not None:
        papers.append(_statement_paper(case, case.statement))
    return (*case.before, *papers, *case.others)


def certified(case: Case, certificates: tuple[CertificateFacts, ...]) -> Case:
    """Other certificates: on paper, on the form and in the record alike."""
    assert case.form is not None
    assert case.record is not None
    form = replace(case.form, certificates=tuple(form_entry(c) for c in certificates))
    record = {**case.record, "certificates": [record_entry(c) for c in certificates]}
    return replace(case, certificates=certificates, form=form, record=record)


def form_paper(case: Case) -> Paper:
    """The information form, sealed and signed."""
    assert case.form is not None
    template, context = form_context(case.form)
    signs = (Autograph("sign-applicant", case.applicant.legal, case.seed % 1000),) if case.form_signed else ()
    hidden = {mark.removeprefix("v-") for mark in case.form_smudges}
    fields = {k: v for k, v in form_fields(case.form).items() if k not in hidden}
    return Paper(
        "information_form",
        template,
        context,
        fields,
        case.form_stamps,
        signs,
        smudges=case.form_smudges,
    )


def _proof_paper(case: Case, proof: ProofFacts) -> Paper:
    who, rng = case.applicant, random.Random(proof.look)
    known: Mapping[str, Any] = case.form.values if case.form is not None else case.record or {}
    said = {"name": who.name, "legal": who.legal, "uscc": who.uscc, "address": who.address, **proof.says}
    return legal_proof(
        rng,
        sort=proof.sort,
        **said,
        established=date.fromisoformat(known["established"]),
        capital_wan=int(Decimal(known["registered_capital"])),
        city=who.city,
        seal=(proof.seal or who.seal) if proof.sealed else None,
        look=proof.copy,
    )


def _statement_paper(case: Case, facts: StatementFacts) -> Paper:
    who = case.applicant
    seal = (facts.seal or who.seal) if facts.sealed else None
    return statement(random.Random(facts.look), track=case.track, name=who.name, city=who.city, seal=seal)


def _applicant(
    rng: random.Random, *, kind: str, name: str | None = None, oval: bool = False, city: City | None = None
) -> Applicant:
    city = city or rng.choice(CITIES)
    name = name or company_name(rng, city)
    if oval:
        seal = SealSpec(name, shape="oval", diameter_mm=45, height_mm=30, star=False, code=seal_code(rng, city.code))
    else:
        code = seal_code(rng, city.code) if rng.random() < 0.8 else ""
        seal = SealSpec(name, diameter_mm=rng.choice((40, 40, 42)), code=code)
    return Applicant(
        name=name,
        legal=person(rng),
        city=city,
        uscc=uscc(rng, kind, city.code),
        english=english_name(rng),
        address=street(rng, city),
        seal=seal,
        department=rng.choice(city.departments),
    )


def form_stamps(rng: random.Random, applicant: Applicant, department: str) -> tuple[Stamp, ...]:
    """The two seals that a form needs, tilted and worn as seals are."""

    def loose(spec: SealSpec) -> SealSpec:
        return replace(
            spec,
            rotation=rng.uniform(-35, 35),
            wear=rng.uniform(0.0, 0.35),
            colour=rng.choice(("red",) * 9 + ("pink",)),
        )

    commerce = SealSpec(department, diameter_mm=rng.choice((42, 42, 45)))

    return (
        Stamp(
            "seal-applicant",
            loose(applicant.seal),
            "applicant",
            "official",
            applicant.name,
            seed=1,
            dx=rng.uniform(-5, 5),
            dy=rng.uniform(-4, 4),
        ),
        Stamp(
            "seal-commerce",
            loose(commerce),
            "commerce_department",
            "official",
            department,
            seed=2,
            dx=rng.uniform(-5, 5),
            dy=rng.uniform(-4, 4),
        ),
    )


def _rounded(rng: random.Random, yuan: Decimal) -> str:
    """As declared: 万元 with two decimals, rounded half up, now and then cut off."""
    how = ROUND_DOWN if rng.random() < 0.15 else ROUND_HALF_UP
    return f"{(yuan / WAN).quantize(Decimal('0.01'), how):f}"


def _amount(rng: random.Random, low: int, high: int, step: Decimal) -> Decimal:
    """Yuan between two amounts of 万元, a multiple of ``step``."""
    fen = Decimal(rng.randint(low * 1_000_000, high * 1_000_000)) / 100
    return (fen / step).to_integral_value(ROUND_DOWN) * step


def _supplier(rng: random.Random, number: int, seed: int) -> Case:
    applicant = _applicant(rng, kind="91", oval=rng.random() < 0.08)
    unit = rng.choice(("元", "元", "元", "元", "万元", "千元"))
    step = {"元": Decimal("0.01"), "万元": Decimal(100), "千元": Decimal(1000)}[unit]
    small = rng.random() < 0.12
    if small:
        staff_out = rng.randint(60, 120)
        outsourcing = _amount(rng, max(3100, staff_out * 36), staff_out * 60 + 1000, step)
    else:
        staff_out = rng.randint(310, 2600)
        outsourcing = _amount(rng, 3200, max(6000, staff_out * 38), step)
    revenue = outsourcing + _amount(rng, 100, 3000, step)
    offshore = (outsourcing * Decimal(rng.randint(5, 70)) / 100 / step).to_integral_value(ROUND_DOWN) * step
    capital = Decimal(rng.choice((500, 1000, 1200, 2000, 3000, 5000, 5800, 10000, 12003)))
    staff = staff_out + rng.randint(5, 300)
    programme = load("cciip-2023")
    application_no = f"CCIIP2023S{number:05d}"
    established = day(rng, date(1999, 1, 1), date(2018, 12, 31))
    kinds = rng.sample(CERTIFICATE_KINDS, rng.randint(2, 4))
    kinds += [rng.choice(("software_copyright", "patent"))] if rng.random() < 0.4 or small else []
    certificates = tuple(
        draw_certificate(
            rng,
            k,
            holder=applicant.name,
            english=applicant.english,
            city=applicant.city,
            uscc=applicant.uscc,
            address=applicant.address,
        )
        for k in kinds
    )
    if rng.random() < 0.5:
        certificates = tuple(
            replace(c, stamp=replace(applicant.seal, rotation=rng.uniform(-30, 30))) for c in certificates
        )
    values: dict[str, Any] = {
        "name": applicant.name,
        "previous_names": (),
        "uscc": applicant.uscc,
        "address": applicant.address,
        "headquarters": applicant.city.province
        + ("" if applicant.city.city == applicant.city.province else applicant.city.city),
        "delivery_location": applicant.city.prefix,
        "established": established.isoformat(),
        "legal_representative": applicant.legal,
        "contact": person(rng),
        "mobile": mobile(rng),
        "email": email(rng),
        "registered_capital": f"{capital:.2f}" if rng.random() < 0.5 else f"{capital}",
        "operating_revenue": _rounded(rng, revenue),
        "outsourcing_revenue": _rounded(rng, outsourcing),
        "offshore_revenue": _rounded(rng, offshore),
        "staff": staff,
        "outsourcing_staff": staff_out,
        "degree_staff": int(staff * rng.uniform(0.5, 0.95)),
        "industry": rng.choice(programme.industries),
        "functions": pick(rng, programme.functions, rng.randint(1, 4)),
        "commerce_department": applicant.department if rng.random() < 0.6 else "",
    }
    record = record_of(application_no, "supplier", values, certificates)
    onshore = Decimal(values["outsourcing_revenue"]) - Decimal(values["offshore_revenue"])
    extras = {
        "x_type": "企业类型=有限责任公司（自然人投资或控股）",
        "x_listed": "是否上市公司=否",
        "x_zip": f"邮政编码={rng.randint(100000, 719999)}",
        "x_phone": f"联系电话=0{rng.randint(21, 29)}-{rng.randint(50000000, 88999999)}",
        "x_web": f"公司网址=www.{rng.choice('abcdef')}{rng.randint(100, 999)}.example.cn",
        "x_per_head": f"人均外包业务收入（万元/人）={Decimal(values['outsourcing_revenue']) / staff_out:.2f}",
        "x_onshore": f"在岸服务外包收入（万元）={onshore}",
    }
    form = FormFacts(
        "supplier",
        values,
        extras,
        application_no,
        tuple(form_entry(c) for c in certificates),
        rng.getrandbits(32),
        signed_on=day(rng, date(2023, 8, 28), date(2023, 9, 15)),
    )
    audit = draw_audit(
        rng,
        company=applicant.name,
        legal=applicant.legal,
        revenue=revenue,
        outsourcing=outsourcing,
        offshore=offshore,
        capital=capital * WAN,
        unit=unit,
        consolidated=True,
        style=rng.choice(("2019", "2019", "2018")),
        company_seal=applicant.seal if rng.random() < 0.6 else None,
    )
    return Case(
        "supplier",
        seed,
        applicant,
        record,
        form,
        form_stamps(rng, applicant, applicant.department),
        audit=audit,
        certificates=certificates,
        scan=_usual_scan(rng),
    )


INSTITUTION_NAMES = {
    ("park", "91"): ("{c}{b}软件园发展有限公司", "{c}{b}科技园区运营管理有限公司", "{c}{b}信息产业园建设发展有限公司"),
    ("park", "12"): ("{c}{b}服务外包示范园区服务中心", "{c}{b}软件园管理委员会"),
    ("training", "91"): ("{c}{b}教育科技有限公司", "{c}{b}信息技术培训有限公司"),
    ("training", "12"): ("{c}{b}职业技术学院", "{c}{b}信息职业学院"),
    ("training", "52"): ("{c}{b}软件职业培训学校", "{c}{b}服务外包培训学院"),
}


def _institution(rng: random.Random, track: str, number: int, seed: int) -> Case:
    """A park or a training institution: form, proof of the legal person, statement."""
    sort = rng.choice(("91", "91", "12") if track == "park" else ("91", "12", "52", "52"))
    city = rng.choice(CITIES)
    name = rng.choice(INSTITUTION_NAMES[track, sort]).format(c=city.city.removesuffix("市"), b=brand(rng)[:2])
    applicant = _applicant(rng, kind=sort, name=name, city=city)
    shown = (
        f"{city.city.removesuffix('市')}{brand(rng)[:2]}软件园"
        if track == "park" and sort == "91" and rng.random() < 0.3
        else name
    )
    values, extras = _institution_values(rng, track, applicant, shown)
    application_no = f"CCIIP2023{'P' if track == 'park' else 'T'}{number:05d}"
    form = FormFacts(
        track,
        values,
        extras,
        application_no,
        (),
        rng.getrandbits(32),
        signed_on=day(rng, date(2023, 8, 28), date(2023, 9, 15)),
    )
    proof = ProofFacts(sort, rng.getrandbits(32), "colour_copy", sealed=True)
    telling = StatementFacts(rng.getrandbits(32), sealed=True)
    case = Case(
        track,
        seed,
        applicant,
        record_of(application_no, track, values, ()),
        form,
        form_stamps(rng, applicant, applicant.department),
        proof=proof,
        statement=telling,
        scan=_usual_scan(rng),
    )
    if rng.random() < 0.25:
        enclosed = ("信息表", "法人证明材料复印件", "说明材料")
        letter = cover_letter(
            rng, name=name, application_no=application_no, seal=replace(applicant.seal, rotation=9.0), enclosed=enclosed
        )
        case = replace(case, before=(letter,))
    return case


def _institution_values(
    rng: random.Random, track: str, who: Applicant, shown: str
) -> tuple[dict[str, Any], dict[str, str]]:
    programme = load("cciip-2023")
    staff = rng.randint(300, 26000) if track == "park" else rng.randint(30, 900)
    revenue = Decimal(rng.randint(300_000, 90_000_000)) / 100
    out = (revenue * Decimal(rng.randint(30, 80)) / 100).quantize(Decimal("0.01"))
    values: dict[str, Any] = {
        "name": shown,
        "previous_names": (),
        "uscc": who.uscc,
        "address": who.address,
        "headquarters": "",
        "delivery_location": "",
        "established": day(rng, date(1995, 1, 1), date(2019, 12, 31)).isoformat(),
        "legal_representative": who.legal,
        "contact": person(rng),
        "mobile": mobile(rng),
        "email": email(rng),
        "registered_capital": str(rng.choice((50, 200, 500, 1000, 3000, 20000))),
        "operating_revenue": f"{revenue:.2f}" if track == "park" else "",
        "outsourcing_revenue": f"{out:.2f}" if track == "park" else "",
        "offshore_revenue": f"{(out / 3).quantize(Decimal('0.01'))}" if track == "park" else "",
        "staff": staff,
        "outsourcing_staff": int(staff * rng.uniform(0.4, 0.8)) if track == "park" else None,
        "degree_staff": int(staff * rng.uniform(0.5, 0.9)),
        "industry": rng.choice(programme.industries) if track == "training" else "",
        "functions": pick(rng, programme.functions, rng.randint(1, 3)),
        "commerce_department": who.department if rng.random() < 0.6 else "",
    }
    extras = {
        "x_level": f"园区级别={rng.choice(('国家级', '省级', '市级'))}",
        "x_area": f"规划面积（平方公里）={rng.randint(1, 20)}.{rng.randint(1, 9)}",
        "x_tenants": f"入驻企业数（家）={rng.randint(40, 900)}",
        "x_kind": f"机构类型={rng.choice(('培训机构', '职业院校', '高等院校'))}",
        "x_teachers": f"专职教师数（人）={rng.randint(10, 300)}",
        "x_trained": f"上年度培训人次={rng.randint(300, 9000)}",
        "x_rate": f"就业率={rng.randint(85, 98)}.{rng.randint(0, 9)}%",
        "x_phone": f"联系电话=0{rng.randint(21, 29)}-{rng.randint(50000000, 88999999)}",
    }
    return values, extras


def record_of(
    application_no: str, track: str, values: Mapping[str, Any], certificates: tuple[CertificateFacts, ...]
) -> dict[str, Any]:
    """The online record that the form was printed from."""
    plain = {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
    return {
        "application_no": application_no,
        "track": track,
        **plain,
        "certificates": [record_entry(c) for c in certificates],
        "submitted_at": "2023-09-08T10:24:00+08:00",
    }


def _usual_scan(rng: random.Random) -> Scan:
    """An ordinary colour scan."""
    return Scan(
        skew=rng.choice((0.3, 0.8, 1.5)),
        noise=rng.uniform(1, 5),
        blur=rng.choice((0.0, 0.4, 0.7)),
        quality=rng.choice((70, 80, 88)),
        turned=rng.choice((0.0, 0.0, 0.15)),
        blanks=rng.choice((0, 0, 1, 2)),
        stains=rng.choice((0.0, 0.0, 0.15)),
        dpi=rng.choice((200, 200, 200, 300, 150)),
    )
