"""Sound envelopes of the three tracks: applicant, online record, and papers that agree in everything."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from pipeline.programmes import load
from samples.audit import AuditFacts, audit_paper, draw_audit
from samples.certificates import CertificateFacts, certificate_paper, draw_certificate, form_entry, record_entry
from samples.fake import CITIES, City, company_name, day, email, english_name, mobile, person, pick, seal_code, street, uscc
from samples.forms import FormFacts, form_context, form_fields
from samples.paper import Autograph, Expect, Paper, Scan, Stamp
from samples.seal_art import SealSpec

__all__ = ["Case", "clean_case", "form_paper", "papers_of"]

WAN = Decimal(10_000)
CERTIFICATE_KINDS = ("iso9001", "iso20000", "iso27001", "cmmi", "hi_tech", "advanced_tech", "software_copyright", "patent")


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
    """One envelope to make, with what a report should find in it. Scenarios replace single parts of it."""

    track: str
    seed: int
    applicant: Applicant
    record: Mapping[str, Any] | None
    form: FormFacts | None
    form_stamps: tuple[Stamp, ...]
    form_signed: bool = True
    audit: AuditFacts | None = None
    certificates: tuple[CertificateFacts, ...] = ()
    others: tuple[Paper, ...] = ()
    scan: Scan = Scan()
    scenario: str = "clean"
    expected: tuple[Expect, ...] = ()
    tolerated: tuple[Expect, ...] = ()
    form_smudges: tuple[str, ...] = ()
    twin: Case | None = None  # a second envelope of the same application, sent later

    def finding(self, code: str, document: str | None = None, field_: str | None = None) -> Case:
        """The same case with one more finding to be expected."""
        return replace(self, expected=(*self.expected, Expect(code, document, field_)))

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
    return _supplier(rng, number, seed)


def papers_of(case: Case) -> tuple[Paper, ...]:
    """All documents of the envelope in their usual order."""
    papers: list[Paper] = []
    if case.form is not None:
        papers.append(form_paper(case))
    if case.audit is not None:
        papers.append(audit_paper(case.audit))
    papers += [certificate_paper(c) for c in case.certificates]
    return (*papers, *case.others)


def form_paper(case: Case) -> Paper:
    """The information form, sealed and signed."""
    assert case.form is not None
    template, context = form_context(case.form)
    signs = (Autograph("sign-applicant", case.applicant.legal, case.seed % 1000),) if case.form_signed else ()
    return Paper("information_form", template, context, form_fields(case.form), case.form_stamps, signs, smudges=case.form_smudges)


def _applicant(rng: random.Random, *, kind: str, name: str | None = None, oval: bool = False, city: City | None = None) -> Applicant:
    city = city or rng.choice(CITIES)
    name = name or company_name(rng, city)
    if oval:
        seal = SealSpec(name, shape="oval", diameter_mm=45, height_mm=30, star=False, code=seal_code(rng, city.code))
    else:
        code = seal_code(rng, city.code) if rng.random() < 0.8 else ""
        seal = SealSpec(name, diameter_mm=rng.choice((40, 40, 42)), code=code)
    return Applicant(
        name=name, legal=person(rng), city=city, uscc=uscc(rng, kind, city.code), english=english_name(rng),
        address=street(rng, city), seal=seal, department=rng.choice(city.departments),
    )  # fmt: skip


def form_stamps(rng: random.Random, applicant: Applicant, department: str) -> tuple[Stamp, ...]:
    """The two seals that a form needs, tilted and worn as seals are."""
    def loose(spec: SealSpec) -> SealSpec:
        return replace(spec, rotation=rng.uniform(-35, 35), wear=rng.uniform(0.0, 0.35), colour=rng.choice(("red",) * 9 + ("pink",)))

    commerce = SealSpec(department, diameter_mm=rng.choice((42, 42, 45)))
    def jitter() -> dict[str, float]:
        return {"dx": rng.uniform(-5, 5), "dy": rng.uniform(-4, 4)}

    return (
        Stamp("seal-applicant", loose(applicant.seal), "applicant", "official", applicant.name, seed=1, **jitter()),
        Stamp("seal-commerce", loose(commerce), "commerce_department", "official", department, seed=2, **jitter()),
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
        draw_certificate(rng, k, holder=applicant.name, english=applicant.english, city=applicant.city, uscc=applicant.uscc, address=applicant.address)
        for k in kinds
    )
    if rng.random() < 0.5:
        certificates = tuple(replace(c, stamp=replace(applicant.seal, rotation=rng.uniform(-30, 30))) for c in certificates)
    values: dict[str, Any] = {
        "name": applicant.name, "previous_names": (), "uscc": applicant.uscc, "address": applicant.address,
        "headquarters": applicant.city.province + ("" if applicant.city.city == applicant.city.province else applicant.city.city),
        "delivery_location": applicant.city.prefix, "established": established.isoformat(),
        "legal_representative": applicant.legal, "contact": person(rng), "mobile": mobile(rng), "email": email(rng),
        "registered_capital": f"{capital:.2f}" if rng.random() < 0.5 else f"{capital}",
        "operating_revenue": _rounded(rng, revenue), "outsourcing_revenue": _rounded(rng, outsourcing),
        "offshore_revenue": _rounded(rng, offshore), "staff": staff, "outsourcing_staff": staff_out,
        "degree_staff": int(staff * rng.uniform(0.5, 0.95)), "industry": rng.choice(programme.industries),
        "functions": pick(rng, programme.functions, rng.randint(1, 4)),
        "commerce_department": applicant.department if rng.random() < 0.6 else "",
    }  # fmt: skip
    record = record_of(application_no, "supplier", values, certificates)
    onshore = Decimal(values["outsourcing_revenue"]) - Decimal(values["offshore_revenue"])
    extras = {
        "x_type": "企业类型=有限责任公司（自然人投资或控股）", "x_listed": "是否上市公司=否", "x_zip": f"邮政编码={rng.randint(100000, 719999)}",
        "x_phone": f"联系电话=0{rng.randint(21, 29)}-{rng.randint(50000000, 88999999)}", "x_web": f"公司网址=www.{rng.choice('abcdef')}{rng.randint(100, 999)}.example.cn",
        "x_per_head": f"人均外包业务收入（万元/人）={Decimal(values['outsourcing_revenue']) / staff_out:.2f}",
        "x_onshore": f"在岸服务外包收入（万元）={onshore}",
    }  # fmt: skip
    form = FormFacts("supplier", values, extras, application_no, tuple(form_entry(c) for c in certificates), rng.getrandbits(32),
                     signed_on=day(rng, date(2023, 8, 28), date(2023, 9, 15)))  # fmt: skip
    audit = draw_audit(
        rng, company=applicant.name, legal=applicant.legal, revenue=revenue, outsourcing=outsourcing, offshore=offshore,
        capital=capital * WAN, unit=unit, consolidated=True, style=rng.choice(("2019", "2019", "2018")),
        company_seal=applicant.seal if rng.random() < 0.6 else None,
    )  # fmt: skip
    return Case("supplier", seed, applicant, record, form, form_stamps(rng, applicant, applicant.department), audit=audit,
                certificates=certificates, scan=_usual_scan(rng))  # fmt: skip


def record_of(application_no: str, track: str, values: Mapping[str, Any], certificates: tuple[CertificateFacts, ...]) -> dict[str, Any]:
    """The online record that the form was printed from."""
    plain = {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
    return {
        "application_no": application_no, "track": track, **plain,
        "certificates": [record_entry(c) for c in certificates], "submitted_at": "2023-09-08T10:24:00+08:00",
    }  # fmt: skip


def _usual_scan(rng: random.Random) -> Scan:
    """An ordinary colour scan."""
    return Scan(
        skew=rng.choice((0.3, 0.8, 1.5)), noise=rng.uniform(1, 5), blur=rng.choice((0.0, 0.4, 0.7)),
        quality=rng.choice((70, 80, 88)), turned=rng.choice((0.0, 0.0, 0.15)), blanks=rng.choice((0, 0, 1, 2)),
        stains=rng.choice((0.0, 0.0, 0.15)), dpi=rng.choice((200, 200, 200, 300, 150)),
    )  # fmt: skip
