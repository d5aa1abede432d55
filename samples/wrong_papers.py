"""Scenarios about what is in the envelope and how it was scanned."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from samples.cases import Case, certified
from samples.certificates import certificate_paper, draw_certificate, foreign_certificate
from samples.covers import cover_sheet
from samples.fake import CITIES, company_name, street, uscc
from samples.paper import Scan
from samples.proofs import leaflet

__all__ = ["CHANGES"]

Change = Callable[[Case, random.Random], Case]
ALL = ("supplier", "park", "training")
SUPPLIER = ("supplier",)
INSTITUTIONS = ("park", "training")
FORM = "information_form"


def no_audit(case: Case, rng: random.Random) -> Case:
    """The audit report was not enclosed."""
    del rng
    return replace(case, audit=None).finding("MISSING_DOCUMENT", "audit_report")


def no_certificate(case: Case, rng: random.Random) -> Case:
    """A declared certificate was not enclosed."""
    gone = rng.randrange(len(case.certificates))
    kept = tuple(c for i, c in enumerate(case.certificates) if i != gone)
    return replace(case, certificates=kept).finding("MISSING_DOCUMENT", case.certificates[gone].type)


def no_proof(case: Case, rng: random.Random) -> Case:
    """No proof of the legal person; the name on form and record is that of the seal, no brand."""
    del rng
    assert case.form is not None
    assert case.record is not None
    named = replace(
        case, form=case.form.saying(name=case.applicant.name), record={**case.record, "name": case.applicant.name}
    )
    return replace(named, proof=None).finding("MISSING_DOCUMENT", "legal_person_proof")


def no_statement(case: Case, rng: random.Random) -> Case:
    """No 说明材料."""
    del rng
    return replace(case, statement=None).finding("MISSING_DOCUMENT", "supporting_statement")


def incomplete_audit(case: Case, rng: random.Random) -> Case:
    """A statement is missing from the report."""
    assert case.audit is not None
    part = rng.choice(("balance_sheet", "income_statement", "cash_flow"))
    return replace(case, audit=case.audit.without(part)).finding("INCOMPLETE_DOCUMENT", "audit_report", part)


def foreign_paper(case: Case, rng: random.Random) -> Case:
    """A certificate of somebody else slipped in."""
    city = rng.choice(CITIES)
    kind = rng.choice(
        [
            k
            for k in ("patent", "software_copyright", "iso9001", "hi_tech")
            if k not in {c.kind for c in case.certificates}
        ]
    )
    other = foreign_certificate(rng, kind, city, uscc(rng, "91", city.code), street(rng, city))
    return replace(case, others=(*case.others, certificate_paper(other))).finding("FOREIGN_DOCUMENT", other.type)


def foreign_audit(case: Case, rng: random.Random) -> Case:
    """The audit report is another company's."""
    assert case.audit is not None
    other = company_name(rng, rng.choice(CITIES))
    stamps = tuple(s for s in case.audit.stamps if s.role != "applicant")
    audit = replace(case.audit, company=other, stamps=stamps, revenue=case.audit.revenue * 2, riding=None)
    return (
        replace(case, audit=audit)
        .finding("FOREIGN_DOCUMENT", "audit_report")
        .tolerating("MISSING_SEAL", "audit_report")
    )


def unknown_paper(case: Case, rng: random.Random) -> Case:
    """A page that has nothing to do with the call."""
    return replace(case, others=(*case.others, leaflet(rng))).finding("UNKNOWN_DOCUMENT", "other")


def no_record(case: Case, rng: random.Random) -> Case:
    """Nobody declared this application online."""
    del rng
    return replace(case, record=None).finding("NO_ONLINE_RECORD")


def late(case: Case, rng: random.Random) -> Case:
    """The mail room's cover sheet says that it came after the deadline."""
    assert case.record is not None
    sheet = cover_sheet(str(case.record["application_no"]), case.applicant.name, f"2023-10-{rng.randint(8, 26):02d}")
    return replace(case, before=(sheet, *case.before)).finding("LATE_SUBMISSION")


def covered(case: Case, rng: random.Random) -> Case:
    """A cover sheet with a date in time: sound."""
    assert case.record is not None
    sheet = cover_sheet(str(case.record["application_no"]), case.applicant.name, f"2023-09-{rng.randint(18, 27)}")
    return replace(case, before=(sheet, *case.before))


def grey(case: Case, rng: random.Random) -> Case:
    """Scanned without colour: original and copy cannot be told apart."""
    return replace(case, scan=replace(case.scan, colour="grey", dpi=rng.choice((200, 300)))).finding("LOW_SCAN_QUALITY")


def fax(case: Case, rng: random.Random) -> Case:
    """Black and white like a fax."""
    scan = Scan(colour="bilevel", dpi=200, noise=rng.uniform(2, 6), skew=0.8)
    changed = replace(case, scan=scan).finding("LOW_SCAN_QUALITY")
    for code in ("UNREADABLE_SEAL", "LOW_CONFIDENCE", "MISSING_SIGNATURE"):
        changed = changed.tolerating(code)
    return changed


def coarse(case: Case, rng: random.Random) -> Case:
    """Scanned at 100 dpi."""
    del rng
    changed = replace(case, scan=replace(case.scan, dpi=100, quality=72)).finding("LOW_SCAN_QUALITY")
    return changed.tolerating("LOW_CONFIDENCE").tolerating("UNREADABLE_SEAL")


def grey_copy(case: Case, rng: random.Random) -> Case:
    """The proof is a grey photocopy under a fresh red seal: as the letter wants it. Sound."""
    del rng
    assert case.proof is not None
    return replace(case, proof=replace(case.proof, copy="grey_copy")).tolerating("LOW_SCAN_QUALITY", None, None)


def blurred(case: Case, rng: random.Random) -> Case:
    """One page moved under the lens: nothing on it can be read. It is a page nobody needs."""
    extra = leaflet(rng)
    scan = replace(case.scan, container="jpg", ruined=True, shuffled=False, blanks=0)
    return (
        replace(case, others=(*case.others, extra), scan=scan)
        .finding("UNREADABLE_PAGE")
        .tolerating("LOW_SCAN_QUALITY", None, None)
    )


def smudge(case: Case, rng: random.Random) -> Case:
    """Ink was spilt over a figure of the form."""
    key = rng.choice(
        ("operating_revenue", "offshore_revenue") if case.track == "supplier" else ("staff", "degree_staff")
    )
    changed = replace(case, form_smudges=(f"v-{key}",)).finding("LOW_CONFIDENCE", FORM, key)
    return changed.tolerating("LOW_CONFIDENCE", FORM)


def photographed(case: Case, rng: random.Random) -> Case:
    """Photographed by telephone: sound, if a little askew."""
    return replace(case, scan=Scan(photo=True, container="jpg", quality=rng.choice((80, 88)), noise=4.0, blur=0.6))


def extra_certificate(case: Case, rng: random.Random) -> Case:
    """One more certificate of the applicant's, declared like the others, among shuffled, turned pages. Sound."""
    who = case.applicant
    kinds = [
        k for k in ("iso9001", "patent", "advanced_tech", "hi_tech") if k not in {c.kind for c in case.certificates}
    ]
    more = draw_certificate(
        rng, rng.choice(kinds), holder=who.name, english=who.english, city=who.city, uscc=who.uscc, address=who.address
    )
    changed = certified(case, (*case.certificates, more))
    return replace(changed, scan=replace(case.scan, shuffled=True, turned=0.3))


CHANGES: Mapping[str, tuple[Change, tuple[str, ...]]] = {
    "no_audit": (no_audit, SUPPLIER),
    "no_certificate": (no_certificate, SUPPLIER),
    "no_proof": (no_proof, INSTITUTIONS),
    "no_statement": (no_statement, INSTITUTIONS),
    "incomplete_audit": (incomplete_audit, SUPPLIER),
    "foreign_paper": (foreign_paper, ALL),
    "foreign_audit": (foreign_audit, SUPPLIER),
    "unknown_paper": (unknown_paper, ALL),
    "no_record": (no_record, ALL),
    "late": (late, ALL),
    "in_time": (covered, ALL),
    "grey_scan": (grey, ALL),
    "fax": (fax, INSTITUTIONS),
    "coarse_scan": (coarse, ALL),
    "grey_copy": (grey_copy, INSTITUTIONS),
    "unreadable_page": (blurred, ALL),
    "smudge": (smudge, ALL),
    "photographed": (photographed, ALL),
    "shuffled_more": (extra_certificate, SUPPLIER),
}
