"""Scenarios about seals and signatures: missing, another's, no 公章, unreadable, suspect."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from samples.cases import Case
from samples.fake import CITIES, company_name, seal_code
from samples.paper import Scan, Stamp
from samples.seal_art import SealSpec

__all__ = ["CHANGES"]

Change = Callable[[Case, random.Random], Case]
ALL = ("supplier", "park", "training")
SUPPLIER = ("supplier",)
INSTITUTIONS = ("park", "training")
FORM = "information_form"


def missing_on_form(role: str) -> Change:
    """The form lacks one of its two seals."""

    def change(case: Case, rng: random.Random) -> Case:
        del rng
        return case.with_stamp(role, None).finding("MISSING_SEAL", FORM, role)

    return change


def missing_in_audit(role: str) -> Change:
    """The audit report lacks the firm's seal, or one or both of the accountants'."""

    def change(case: Case, rng: random.Random) -> Case:
        assert case.audit is not None
        marks = {"seal-firm"} if role == "audit_firm" else rng.choice(({"seal-cpa-2"}, {"seal-cpa-1", "seal-cpa-2"}))
        stamps = tuple(s for s in case.audit.stamps if s.mark not in marks)
        audit = replace(case.audit, stamps=stamps, riding=None)
        return replace(case, audit=audit).finding("MISSING_SEAL", "audit_report", role)

    return change


def missing_on_proof(case: Case, rng: random.Random) -> Case:
    """The copy of the proof bears no seal of the applicant."""
    del rng
    assert case.proof is not None
    proof = replace(case.proof, sealed=False)
    return replace(case, proof=proof).finding("MISSING_SEAL", "legal_person_proof", "applicant")


def missing_on_statement(case: Case, rng: random.Random) -> Case:
    """The statement bears no seal."""
    del rng
    assert case.statement is not None
    return replace(case, statement=replace(case.statement, sealed=False)).finding(
        "MISSING_SEAL", "supporting_statement", "applicant"
    )


def _instead(case: Case, role: str, spec: SealSpec, kind: str, text: str, true_role: str) -> Case:
    old = case.stamp_of(role)
    new = replace(old, spec=spec, kind=kind, text=text, role=true_role, seed=old.seed + 20)
    return case.with_stamp(role, None).with_stamp("none", new).finding("SEAL_OWNER_MISMATCH", FORM, role)


def special_seal(sort: str) -> Change:
    """The applicant's 合同, 财务 or 发票专用章, or a department's seal, in place of its 公章."""

    def change(case: Case, rng: random.Random) -> Case:
        who, turn = case.applicant, rng.uniform(-25, 25)
        specs = {
            "contract": SealSpec(
                who.name, diameter_mm=40, centre_text="合同专用章", star=rng.random() < 0.6, rotation=turn
            ),
            "finance": SealSpec(who.name, diameter_mm=38, centre_text="财务专用章", rotation=turn),
            "invoice": SealSpec(
                who.name,
                shape="oval",
                diameter_mm=40,
                height_mm=30,
                centre_text="发票专用章",
                code=who.uscc,
                star=False,
                rotation=turn,
            ),
            "other": SealSpec(
                who.name, diameter_mm=38, centre_text=rng.choice(("人力资源部", "办公室", "项目部")), rotation=turn
            ),
        }
        spec = specs[sort]
        return _instead(case, "applicant", spec, sort, spec.name + spec.centre_text, "applicant")

    return change


def stranger_seal(case: Case, rng: random.Random) -> Case:
    """Another company's 公章 where the applicant's should be."""
    other = company_name(rng, case.applicant.city)
    spec = SealSpec(other, code=seal_code(rng, case.applicant.city.code), rotation=rng.uniform(-25, 25))
    return _instead(case, "applicant", spec, "official", other, "applicant")  # by its place (CONTRACT, "Roles")


def same_seal_twice(case: Case, rng: random.Random) -> Case:
    """The applicant's own seal in the department's place."""
    spec = replace(case.applicant.seal, rotation=rng.uniform(-40, 40))
    return _instead(case, "commerce_department", spec, "official", case.applicant.name, "applicant")


def other_region(case: Case, rng: random.Random) -> Case:
    """The department for commerce of another province."""
    city = rng.choice([c for c in CITIES if c.province != case.applicant.city.province])
    name = city.departments[0]
    spec = SealSpec(name, diameter_mm=42, rotation=rng.uniform(-20, 20))
    return _instead(case, "commerce_department", spec, "official", name, "commerce_department")


def not_commerce(case: Case, rng: random.Random) -> Case:
    """An association, or an office for science, instead of the department for commerce."""
    place = case.applicant.city.city
    name = rng.choice((f"{place}服务外包行业协会", f"{place}科学技术局", f"{place}软件行业协会"))
    spec = SealSpec(name, diameter_mm=42, rotation=rng.uniform(-20, 20))
    return _instead(case, "commerce_department", spec, "official", name, "commerce_department")


def stranger_on_statement(case: Case, rng: random.Random) -> Case:
    """The statement is sealed by somebody else."""
    assert case.statement is not None
    other = company_name(rng, case.applicant.city)
    facts = replace(case.statement, seal=SealSpec(other, code=seal_code(rng, case.applicant.city.code)))
    return replace(case, statement=facts).finding("SEAL_OWNER_MISMATCH", "supporting_statement", "applicant")


def unreadable(role: str) -> Change:
    """There is a seal, but struck twice and wiped, so that nobody can read it."""

    def change(case: Case, rng: random.Random) -> Case:
        old = case.stamp_of(role)
        spec = replace(old.spec, wear=0.6, code="", colour="red")
        changed = case.with_stamp(role, replace(old, spec=spec, dx=rng.uniform(-3, 3), smeared=True))
        scan = replace(case.scan, dpi=200, quality=72, noise=4.0)
        return replace(changed, scan=scan).finding("UNREADABLE_SEAL", FORM, role)

    return change


def pasted(case: Case, rng: random.Random) -> Case:
    """The applicant's seal is a flat picture: pure red, unturned, over the text, the same on every page."""
    old = case.stamp_of("applicant")
    spec = replace(case.applicant.seal, rotation=0.0, wear=0.0, colour="red")
    changed = case.with_stamp("applicant", replace(old, spec=spec, pasted=True, seed=1))
    scan = replace(case.scan, dpi=200, quality=90, noise=1.0, blur=0.0)
    del rng
    return replace(changed, scan=scan).finding("SUSPECT_SEAL", FORM, "applicant")


def riding_break(case: Case, rng: random.Random) -> Case:
    """The riding seal over the audit report lacks the slice of one page."""
    assert case.audit is not None
    firm = next(s.spec for s in case.audit.stamps if s.mark == "seal-firm")
    audit = replace(case.audit, riding=replace(firm, rotation=0.0), riding_break=True)
    scan = Scan(skew=0.3, noise=2.0, quality=85, dpi=rng.choice((200, 300)))
    return replace(case, audit=audit, scan=scan).finding("SUSPECT_SEAL", "audit_report", "riding")


def unsigned(case: Case, rng: random.Random) -> Case:
    """Nobody signed the form; its seals stand aside so that the empty place shows."""
    del rng
    moved: tuple[Stamp, ...] = tuple(replace(s, dx=3.0, dy=3.0) for s in case.form_stamps)
    return replace(case, form_signed=False, form_stamps=moved).finding("MISSING_SIGNATURE", FORM, "applicant")


CHANGES: Mapping[str, tuple[Change, tuple[str, ...]]] = {
    "seal_missing_applicant": (missing_on_form("applicant"), ALL),
    "seal_missing_commerce": (missing_on_form("commerce_department"), ALL),
    "seal_missing_audit_firm": (missing_in_audit("audit_firm"), SUPPLIER),
    "seal_missing_cpa": (missing_in_audit("cpa"), SUPPLIER),
    "seal_missing_proof": (missing_on_proof, INSTITUTIONS),
    "seal_missing_statement": (missing_on_statement, INSTITUTIONS),
    "seal_contract": (special_seal("contract"), ALL),
    "seal_finance": (special_seal("finance"), ALL),
    "seal_invoice": (special_seal("invoice"), ALL),
    "seal_section": (special_seal("other"), ALL),
    "seal_stranger": (stranger_seal, ALL),
    "seal_same_twice": (same_seal_twice, ALL),
    "seal_other_region": (other_region, ALL),
    "seal_not_commerce": (not_commerce, ALL),
    "seal_stranger_statement": (stranger_on_statement, INSTITUTIONS),
    "seal_unreadable_applicant": (unreadable("applicant"), ALL),
    "seal_unreadable_commerce": (unreadable("commerce_department"), ALL),
    "seal_pasted": (pasted, ALL),
    "seal_riding_break": (riding_break, SUPPLIER),
    "signature_missing": (unsigned, ALL),
}
