"""Whose seal it is: kind, role and owner of each seal of a document, free or with the names that are likely.

A name that is expected may settle characters that are unclear. It never overrules one that was clearly read: 软件 does
not become 软体 because the record says so (:mod:`pipeline.seals.names`). Roles follow from the text; where that does
not tell, from the place (CONTRACT, "Roles").
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.model import DocumentType
from pipeline.seals.authorities import authority_of, whole_wording
from pipeline.seals.names import Fit, fit_names
from pipeline.seals.wording import (
    accountant_text,
    is_authority,
    kind_of,
    kind_wording,
    may_be_authority,
    names_issuer,
    organisation_of,
    person_of,
    role_of_text,
)
from pipeline.values.names import core

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pipeline.model import Document, Seal, SealKind, SealPlace, SealReading, SealRole

__all__ = ["ExpectedNames", "attribute"]

LEGIBLE = 0.45  # of a reading under which its text tells nothing about the owner
FREE_SURE = 0.9  # of a reading from which it needs no help
AHEAD = 0.03  # by which a name must be ahead of every other expected one before it may settle unclear characters
MATCH_SCORE = 0.62  # of a name before it may settle unclear characters
NEAR = 0.10  # of the page: farther from a place (edge to centre) a seal does not belong to it
PLACE_CONFIDENCE = 0.55  # in a role that only the place tells
NAME_SEAL = 0.6  # in a person's seal of which most signs were read
LARGE_MM = 26.0  # a person's name seal is smaller, DOMAIN §6.1
MAX_PERSON = 6  # signs of a person's name
NO_CONFIDENCE = 0.2  # in a seal whose text and place tell nothing

CERTIFICATES = frozenset(
    {
        DocumentType.ISO_CERTIFICATE,
        DocumentType.CMMI_CERTIFICATE,
        DocumentType.HI_TECH_CERTIFICATE,
        DocumentType.ADVANCED_TECH_CERTIFICATE,
        DocumentType.SOFTWARE_COPYRIGHT,
        DocumentType.PATENT_CERTIFICATE,
        DocumentType.BUSINESS_LICENCE,
        DocumentType.LEGAL_PERSON_PROOF,
    }
)  # whatever authority stamps these issued them
STAMPED_BY_AUTHORITY = CERTIFICATES | {DocumentType.AUDIT_REPORT, DocumentType.OTHER}
PROOFS = frozenset({DocumentType.LEGAL_PERSON_PROOF, DocumentType.BUSINESS_LICENCE})
SPECIAL_KINDS = ("contract", "finance", "invoice")
HOLDER_FIELDS = ("name", "company_name", "holder")
ISSUER_FIELDS = ("issuer",)


@dataclass(frozen=True, slots=True)
class ExpectedNames:
    """The names that a record and the paper make likely; all may be empty.

    ``applicant``: the record's name, former names, the name on the form. ``departments``: for commerce, above the
    address; ``department_named``: the one the record names. ``audit_firms``: as printed in the report. ``issuers``: of
    certificates. ``address``: of the applicant. ``persons``: its legal representative, as record and paper name him.
    """

    applicant: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    department_named: str | None = None
    audit_firms: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    address: str = ""
    persons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """An expected name that a reading may be taken for, and how well it fits."""

    name: str
    role: SealRole
    fit: Fit


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a document's seals are held against: names with the role each has, persons, the applicant's address."""

    names: tuple[tuple[str, SealRole], ...]
    persons: tuple[str, ...]
    address: str


def attribute(document: Document, *, expected: ExpectedNames) -> Document:
    """The document with kind, role, owner, text and confidence of each seal filled in; seals without a reading stay.

    Pages and boxes of seals and of ``document.places`` must be in the same coordinates.
    """
    asked = _Asked(_names(document, expected), _persons(document, expected), expected.address)
    return document.model_copy(update={"seals": tuple(_attributed(seal, document, asked) for seal in document.seals)})


def _names(document: Document, expected: ExpectedNames) -> tuple[tuple[str, SealRole], ...]:
    """All expected names with the role each would have, without doubles; the record's come first."""
    applicants = expected.applicant or (document.subject, *_values(document, HOLDER_FIELDS))
    departments = (*((expected.department_named,) if expected.department_named else ()), *expected.departments)
    groups: tuple[tuple[SealRole, Iterable[str]], ...] = (
        ("applicant", applicants),
        ("commerce_department", departments),
        ("audit_firm", (*expected.audit_firms, *_values(document, ("audit_firm",)), *_labelled(document))),
        ("issuer", (*expected.issuers, *_values(document, ISSUER_FIELDS))),
    )
    found: dict[str, tuple[str, SealRole]] = {}
    for role, group in groups:
        for name in group:
            if len(core(name)) >= 2:
                found.setdefault(core(name), (name, role))
    return tuple(found.values())


def _labelled(document: Document) -> Iterator[str]:
    """The audit firm's name as printed over its place; a field may hold more than the name."""
    labels = (place.label for place in document.places if place.role == "audit_firm" and not place.signature)
    return (label for label in labels if role_of_text(label) == "audit_firm")


def _persons(document: Document, expected: ExpectedNames) -> tuple[str, ...]:
    named = (core(name) for name in (*expected.persons, *_values(document, ("legal_representative",))))
    return tuple(dict.fromkeys(name for name in named if 2 <= len(name) <= MAX_PERSON))


def _values(document: Document, fields: Iterable[str]) -> tuple[str, ...]:
    found = (document.field(name) for name in fields)
    return tuple(field.value for field in found if field is not None and isinstance(field.value, str))


def _attributed(seal: Seal, document: Document, asked: _Asked) -> Seal:
    reading = seal.reading
    if reading is None:
        return seal
    kind = kind_of(reading)
    free = whole_wording(reading.candidates[0].text) if reading.candidates else ""
    if (own := _own_name_seal(reading, asked.persons, document, kind)) is not None:
        return seal.model_copy(update=own)
    person = person_of(reading) if kind == "personal" else None
    if person is not None and (printed := _printed_there(seal, document, person)) is not None:
        return _freely_read(seal, document, kind, free.replace(person, printed), printed)
    if reading.legible < LEGIBLE and not person:
        known = _expected(reading, document, free, asked)
        if known is None:
            return _unread(seal, document, kind, free)
    else:
        known = _expected(reading, document, free, asked) if person is None else None
    if known is not None:
        return _named(seal, document, kind, known, free)
    return _freely_read(seal, document, kind, free, person)


def _printed_there(seal: Seal, document: Document, person: str) -> str | None:
    """The accountant's name as printed where the seal stands, if that is what was read but for a sign or the order."""
    places = [place for place in document.places if place.role == "cpa" and place.page == seal.page]
    labels = (re.sub(r"[/\s]", "", place.label) for place in places if _distance(seal, place) == 0.0)
    names = [name for label in labels if 2 <= len(name := label.rpartition("：")[2].rpartition(":")[2]) <= MAX_PERSON]
    return next((name for name in names if name != person and (name in person or _is_person(person, name))), None)


def _own_name_seal(
    reading: SealReading, persons: Sequence[str], document: Document, kind: SealKind
) -> dict[str, object] | None:
    """A small square seal that bears the legal representative's name (法定代表人名章), as far as it can be read."""
    if reading.shape not in ("square", "rectangle") or kind not in ("personal", "other"):
        return None
    texts = [core(candidate.text) for candidate in reading.candidates]
    told = [(person, text) for person in persons for text in texts if _is_person(text, person)]
    if not told:
        return None
    person, text = told[0]
    whole = person in text
    return {
        "kind": "personal",
        "text": text if whole else person + _seal_word(texts),
        "role": "applicant",
        "owner": person,
        "confidence": _rounded(max(reading.legible, NAME_SEAL) if whole else NAME_SEAL),
        "rests_on": "free" if whole and text == texts[0] else "constrained",
    }


def _is_person(text: str, person: str) -> bool:
    """The name itself, in either order of columns, or most of its signs and no other but 印 and 章."""
    signs = [sign for sign in text if sign not in "印章之信"]
    if "".join(signs) in (person, person[::-1]):
        return True
    return len(person) > 2 and len(signs) == len(person) - 1 and all(sign in person for sign in signs)


def _seal_word(texts: Sequence[str]) -> str:
    return next((word for word in ("之印", "印章", "印") if any(word in text for text in texts)), "")


def _known(reading: SealReading, names: tuple[tuple[str, SealRole], ...]) -> _Known | None:
    """The expected name that the reading is, if exactly one fits and nothing clearly read speaks against it."""
    if not reading.candidates:
        return None
    tail = _wording_behind(reading)  # 专用章 behind the name on the ring is part of what is compared
    found = fit_names(reading, [name + tail for name, _ in names], least=MATCH_SCORE - AHEAD, behind=AHEAD)
    fits = sorted(
        (_Known(name, role, fit) for (name, role), fit in zip(names, found, strict=True)),
        key=lambda k: k.fit.score,
        reverse=True,
    )
    if not fits or not fits[0].fit.holds or fits[0].fit.score < MATCH_SCORE:
        return None
    exact = core(organisation_of(reading.candidates[0].text)) == core(fits[0].name)
    rivals = [k for k in fits[1:] if k.fit.holds and fits[0].fit.score - k.fit.score < AHEAD]
    return None if rivals and not exact else fits[0]


def _expected(reading: SealReading, document: Document, free: str, asked: _Asked) -> _Known | None:
    """The name expected, or an authority's; an issuer's read from this very seal may lack what the authority's has."""
    known = _known(reading, asked.names)
    if known is not None and known.role != "issuer":
        return known
    authority = _authority(reading, document, free, asked.address)
    if known is None or authority is None:
        return known or authority
    echo = core(known.name) == core(free)  # the field may have been read off this very seal
    return authority if echo or core(known.name) in core(authority.name) else known


def _authority(reading: SealReading, document: Document, free: str, address: str) -> _Known | None:
    """The one authority whose name a reading must be: any on papers that authorities stamp, else one for commerce."""
    if reading.shape not in ("round", "oval") or not may_be_authority(free):
        return None
    stamped = document.type in STAMPED_BY_AUTHORITY
    found = authority_of(reading, near=address, words="" if stamped else "商务")
    if found is None:
        return None
    role = role_of_text(found[0])
    return _Known(found[0], "issuer" if stamped and role != "commerce_department" else role, found[1])


def _wording_behind(reading: SealReading) -> str:
    ring = reading.candidates[0].text
    return ring[len(organisation_of(ring)) :]


def _named(seal: Seal, document: Document, kind: SealKind, known: _Known, free: str) -> Seal:
    """A seal that is an expected organisation's."""
    assert seal.reading is not None
    ring = organisation_of(free)
    tail = "" if known.name.endswith("章") else free[len(ring) :] or kind_wording(seal.reading, kind)
    same = core(ring) == core(known.name)
    role = _role_here(known.role, known.name, document)
    confidence = known.fit.score if not same else max(known.fit.score, seal.reading.legible)
    return seal.model_copy(
        update={
            "kind": kind,
            "text": known.name + tail,  # the same but for brackets, or unclear signs settled
            "role": role,
            "owner": known.name,
            "confidence": _rounded(confidence * (1.0 if same else 0.95)),
            "rests_on": "free" if same else "constrained",
        }
    )


def _freely_read(seal: Seal, document: Document, kind: SealKind, free: str, person: str | None) -> Seal:
    """A seal of somebody who was not expected: role by its words, else by its place."""
    assert seal.reading is not None
    legible = seal.reading.legible
    role, sure = _role_by_words(seal, document, kind, free)
    owner = person or organisation_of(free) or None
    text = accountant_text(free) if kind == "personal" and not free.endswith("章") else free
    seen = seal.reading.candidates[0].text if seal.reading.candidates else ""
    return seal.model_copy(
        update={
            "kind": kind,
            "text": text if text.endswith("章") else text + kind_wording(seal.reading, kind),
            "role": role,
            "owner": owner if legible >= LEGIBLE else None,
            "confidence": _rounded(legible * sure),
            "rests_on": ("free" if text == seen else "constrained") if free else "none",
        }
    )


def _unread(seal: Seal, document: Document, kind: SealKind, free: str) -> Seal:
    """A seal that nobody can read: a few words of an authority's, else its place, may tell the role, and not surely."""
    role = _role_of_place(seal, document, kind)
    if _is_small_square(seal):
        role = "applicant" if _beside_no_accountant(seal, document) else role
    elif document.type in STAMPED_BY_AUTHORITY and _authority_in(seal):
        role = "issuer"
    elif role == "unknown" and document.type in PROOFS and _fresh_beside_copied(seal, document):
        role = "applicant"
    elif role == "unknown" and document.type in CERTIFICATES - PROOFS and _alone_or_copied(seal, document):
        role = "issuer"
    return seal.model_copy(
        update={
            "kind": kind,
            "text": free,
            "role": role,
            "owner": None,
            "confidence": NO_CONFIDENCE,
            "rests_on": "none",
        }
    )


def _alone_or_copied(seal: Seal, document: Document) -> bool:
    """On a certificate: whoever issued it always sealed it, others seldom, and never in grey."""
    alone = not any(one is not seal and one.page == seal.page for one in document.seals)
    return seal.shape in ("round", "oval") and (seal.colour == "grey" or alone)


def _is_small_square(seal: Seal) -> bool:
    """As persons' name seals are; organisations' square ones are larger."""
    reading = seal.reading
    return seal.shape == "square" and reading is not None and (reading.diameter_mm or LARGE_MM) < LARGE_MM


def _beside_no_accountant(seal: Seal, document: Document) -> bool:
    """On a report's pages of statements, where its audited company's persons seal (法定代表人, 主管会计工作负责人)."""
    signed = {place.page for place in document.places if place.role in ("cpa", "audit_firm")}
    return document.type is DocumentType.AUDIT_REPORT and bool(signed) and seal.page not in signed


def _fresh_beside_copied(seal: Seal, document: Document) -> bool:
    """An unread seal in colour on a page whose other one is grey: the copy bears the grey one, and was sealed anew."""
    others = [one for one in document.seals if one is not seal and one.page == seal.page]
    fresh = seal.colour != "grey" and seal.shape in ("round", "oval")
    return fresh and bool(others) and all(one.colour == "grey" for one in others)


def _authority_in(seal: Seal) -> bool:
    """Whether a worn reading still holds an authority's words: its characters do not come together by chance."""
    candidates = seal.reading.candidates if seal.reading else ()
    return any(names_issuer(candidate.text) for candidate in candidates)


def _role_by_words(seal: Seal, document: Document, kind: SealKind, free: str) -> tuple[SealRole, float]:
    """The role and how sure its ground is, 0 to 1."""
    told = _role_here(role_of_text(free), free, document)
    placed = _role_of_place(seal, document, kind)
    if kind == "personal":
        if told == "cpa" or placed == "cpa":
            return "cpa", 1.0 if told == "cpa" else 0.8
        return _role_of_name_seal(seal, document), 1.0
    if told == "issuer" and document.type not in STAMPED_BY_AUTHORITY and placed != "unknown":
        return placed, 0.9  # an authority that issues nothing here stands in another's place
    if told != "unknown":
        return told, 1.0
    if placed != "unknown":
        return placed, 0.9 if seal.reading and seal.reading.legible >= FREE_SURE else PLACE_CONFIDENCE
    if document.type in CERTIFICATES and is_authority(organisation_of(free)):
        return "issuer", 0.8
    if _instead_of_applicants(seal, document, kind, free):
        return "applicant", PLACE_CONFIDENCE
    return "unknown", 0.8


def _instead_of_applicants(seal: Seal, document: Document, kind: SealKind, free: str) -> bool:
    """On the copy of a proof only the applicant stamps beside whoever issued it: an organisation's fresh seal."""
    fresh = seal.colour != "grey" and (kind == "official" or kind in SPECIAL_KINDS)
    return document.type in PROOFS and fresh and not is_authority(organisation_of(free)) and not names_issuer(free)


def _role_here(role: SealRole, name: str, document: Document) -> SealRole:
    """On a certificate a department for commerce, as any authority, is one of those who issued it."""
    if role == "commerce_department" and document.type in CERTIFICATES:
        return "issuer"
    return role


def _role_of_place(seal: Seal, document: Document, kind: SealKind) -> SealRole:
    """The role of the place that holds the seal's centre, else of the nearest one; "unknown" far from all."""
    places = [p for p in document.places if p.page == seal.page and not (p.signature and kind != "personal")]
    places = [p for p in places if (p.role == "cpa") == (kind == "personal")]
    near = sorted(((_distance(seal, place), place.box.area, place.role) for place in places), key=lambda t: t[:2])
    return near[0][2] if near and near[0][0] <= NEAR else "unknown"


def _role_of_name_seal(seal: Seal, document: Document) -> SealRole:
    """A person's name seal (名章) beside the applicant's place is the applicant's legal representative's."""
    person = person_of(seal.reading) if seal.reading else None
    if person and person in _values(document, ("legal_representative",)):
        return "applicant"
    places = [place for place in document.places if place.page == seal.page]
    near = min(places, key=lambda place: _distance(seal, place), default=None)
    beside = near is not None and near.role == "applicant" and _distance(seal, near) <= NEAR
    return "applicant" if beside else "unknown"


def _distance(seal: Seal, place: SealPlace) -> float:
    """From the seal's centre to the place's box, in shares of the page; 0 inside."""
    dx = max(place.box.x0 - seal.box.cx, 0.0, seal.box.cx - place.box.x1)
    dy = max(place.box.y0 - seal.box.cy, 0.0, seal.box.cy - place.box.y1)
    return math.hypot(dx, dy)


def _rounded(confidence: float) -> float:
    return round(max(0.0, min(1.0, confidence)), 3)
