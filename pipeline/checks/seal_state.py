"""What a document shows of a seal it must bear: good, another's, unreadable or missing (DOMAIN §6.2).

A seal satisfies a role by what its text says, wherever it stands on the document. Only where no such seal is there does
the place count: whatever stands in it is then the wrong seal, or one that cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.checks.case import Case
from pipeline.checks.held import Held
from pipeline.checks.naming import Accepted, agreement, looks_like_organisation, names_organisation
from pipeline.checks.picking import pick
from pipeline.checks.sureness import SURE
from pipeline.checks.wording import kind_name
from pipeline.model import Box, DocumentType, Seal, SealPlace, SealRole, Text
from pipeline.seals.names import fit_name
from pipeline.values.identifiers import edit_distance
from pipeline.values.names import core, is_commerce_department, same_region

__all__ = ["Assessment", "Degree", "assess", "expected_owner", "in_place", "seal_name", "smudged", "sort_of"]

Degree = Literal[
    "good",  # the right one
    "former",  # under a former name
    "variant",  # 有限公司 / 有限责任公司
    "elsewhere",  # a department for commerce of another region
    "section",  # a section's seal or one for a special purpose of the right authority
    "doubtful",  # an authority that may or may not answer for commerce (管委会)
    "unproven",  # of an organisation that may be a park's legal person: no proof says so
    "wrong_kind",  # the right owner's 合同/财务/发票/部门 seal
    "wrong_owner",
    "unreadable",
    "missing",
]

GOOD_ENOUGH = 0.5  # probability from which a seal that names the right owner is taken for it
AS_PRINT = 0.97  # legibility from which one sign that differs is the seal's own
MOST_LOST = 2  # signs of a name that a legible seal may have lost
SEVERAL = 3  # signs clearly read that a name lacks
NO_LIKENESS = 0.4  # score of a name (pipeline.seals.names) that a reading does not show
SMUDGE = 0.04  # share of its place: a smudged seal of 40 mm inks 5 to 25 %, red labels and rulings less than 1.5 %
TINT = 0.8  # share of a place that no seal inks: the paper itself is tinted
SEAL_INK = 0.35  # share of its box that a seal inks at most: so much of a neighbour's overlap is the neighbour's
TOUCHED = 0.02  # share of a place that a seal covers, from which pale strokes in it may be the seal's own edge
NEAR_PLACE = 0.03  # of the page: seals are put beside their box as often as into it (about 6 mm)
SHARE_IN_PLACE = 0.4  # of a seal's own box

_SPECIAL_KINDS = ("contract", "finance", "invoice")
_SECTION = re.compile(r"(专用章?|工会|[部处科室股组]|分公司|项目部)(?:章|\(\d\))?$")
_PART = re.compile(r"[部处科室股组]$")
_NEARBY_AUTHORITY = re.compile(r"管理委员会|管委会|投资促进|招商|经济发展局|人民政府")
_AUTHORITY = re.compile(r"(?:[局厅署委]|委员会|政府|办公室)$")  # issues proofs or certifies copies of them
_FIRM_FORM = re.compile(r"(?<=所).{0,6}合.?$|有限责任公司|有限公司")  # （特殊普通合伙）, a sign of it lost
_ORDER: tuple[Degree, ...] = (
    "good",
    "former",
    "variant",
    "elsewhere",
    "section",
    "doubtful",
    "unproven",
    "wrong_kind",
    "wrong_owner",
    "unreadable",
    "missing",
)


@dataclass(frozen=True)
class Assessment:
    """``seal``: the one the judgement rests on; ``place``: where such a seal belongs on this document."""

    held: Held
    degree: Degree
    seal: Seal | None = None
    place: SealPlace | None = None

    @property
    def rank(self) -> int:
        """0 for the best."""
        return _ORDER.index(self.degree)


def seal_name(seal: Seal) -> str:
    """The name on it, as far as anything was read."""
    return seal.owner or seal.text


def sort_of(seal: Seal) -> Text:
    """What kind of seal it is in words: 合同专用章, 内设部门章 …"""
    lines = seal.reading.straight if seal.reading else ()
    section = seal.kind == "other" and any(_PART.search(core(text)) for text in (seal.text, *lines))
    return kind_name("department" if section else seal.kind)


# ------------------------------------------------------------------------------------------------------ places


def in_place(seal: Seal, place: SealPlace) -> bool:
    """Whether a seal stands in a place or touches it as stamps do."""
    if seal.page != place.page:
        return False
    near = place.box.grown(NEAR_PLACE, NEAR_PLACE)
    inside = seal.box.area > 0 and place.box.intersection(seal.box) >= SHARE_IN_PLACE * seal.box.area
    return near.holds(seal.box.cx, seal.box.cy) or inside


def _distance(seal: Seal, box: Box) -> float:
    return max(abs(seal.box.cx - box.cx) - box.width / 2, 0.0) + max(abs(seal.box.cy - box.cy) - box.height / 2, 0.0)


def _centre_distance(seal: Seal, box: Box) -> float:
    return (seal.box.cx - box.cx) ** 2 + (seal.box.cy - box.cy) ** 2


def _place_of(seal: Seal, places: Sequence[SealPlace]) -> SealPlace | None:
    """The place a seal stands in; the nearest where boxes lie side by side."""
    near = [place for place in places if in_place(seal, place)]
    return min(near, key=lambda p: (_distance(seal, p.box), _centre_distance(seal, p.box))) if near else None


def smudged(held: Held, role: SealRole) -> SealPlace | None:
    """A place of ``role`` with coloured ink that no seal found explains: one is there that cannot be made out.

    Only where the paper itself says "stamp here": a copied licence has borders and emblems of its own anywhere.
    """
    if held.type in (DocumentType.LEGAL_PERSON_PROOF, DocumentType.BUSINESS_LICENCE):
        return None
    places = [place for place in held.document.places if place.role == role and not place.signature]
    return next((place for place in places if _has_ink(place, held.document.seals)), None)


def _has_ink(place: SealPlace, seals: Sequence[Seal]) -> bool:
    if place.ink is None or place.ink > TINT or place.box.area <= 0:
        return False
    covered = sum(place.box.intersection(seal.box) for seal in seals if seal.page == place.page)
    if place.trace and covered < TOUCHED * place.box.area:
        return True
    return place.ink - SEAL_INK * covered / place.box.area >= SMUDGE


# ---------------------------------------------------------------------------------------------- whose seal it is


def expected_owner(case: Case, role: SealRole, held: Held | None = None) -> str:
    """Whose seal is expected, in the record's words; empty where any of a sort will do."""
    if role == "applicant":
        return next((one.name for one in case.names), "")
    if role == "commerce_department":
        return case.record.commerce_department if case.record else ""
    if role == "audit_firm" and held is not None:
        field = held.document.field("audit_firm")
        return field.value if field and isinstance(field.value, str) and field.confidence >= SURE else ""
    return ""


def _grade(case: Case, role: SealRole, seal: Seal, held: Held) -> Degree:
    """How well one seal serves as that role's."""
    if role == "applicant":
        return _as_applicant(case, seal)
    if role == "commerce_department":
        return _as_commerce(case, seal)
    return _as_firm(expected_owner(case, role, held), seal)


def _as_applicant(case: Case, seal: Seal) -> Degree:
    names = case.names
    if not names:
        return "good" if _clear(seal) else "unreadable"
    degree = _agreement(seal, seal_name(seal), names)
    if degree in ("different", "unsure") and (section := _section_of(seal, names)):
        return section
    # 财务专用章 is no official seal, whoever's it is: a sign of the name that was not made out changes nothing.
    unreadable: Degree = "wrong_kind" if seal.kind in _SPECIAL_KINDS and _clear(seal) else "unreadable"
    if degree in ("different", "unsure"):
        if not _is_anothers(seal, [one.name for one in names], degree == "different"):
            return unreadable
        return _unproven(case, seal) or "wrong_owner"
    if seal.confidence < GOOD_ENOUGH:
        return unreadable
    if seal.kind in _SPECIAL_KINDS or (seal.kind == "other" and _is_section(seal, names)):
        return "wrong_kind"
    return _BY_NAME[degree]


_BY_NAME: Mapping[str, Degree] = {"same": "good", "former": "former", "variant": "variant"}


def _unproven(case: Case, seal: Seal) -> Degree | None:
    """A park's name may be a brand. While no proof names its legal person, a seal that bears the brand will do, and any
    other organisation's may be the legal person's.
    """
    if not case.brand_unproven:
        return None
    brands = [core(one.name) for one in case.names if one.source == "record"]
    return "good" if any(brand and brand in core(seal_name(seal)) for brand in brands) else "unproven"


def _text_confidence(seal: Seal) -> float:
    """How sure the name on it is, whatever its role: a free reading is as sure as it is legible."""
    free = seal.reading is not None and seal.rests_on != "constrained"
    return seal.reading.legible if free and seal.reading is not None else seal.confidence


def _agreement(seal: Seal, read: str, names: Sequence[Accepted]) -> str:
    """How what was read on a seal agrees with names. A name that differs in a sign clearly read is another's, be the
    two as like as 金 and 鑫: what looks alike was weighed when the seal was held against the names.
    """
    degree = agreement(read, names, confidence=_text_confidence(seal)).degree
    if degree not in ("same", "former") or seal.rests_on != "free" or seal.reading is None or not seal.reading.lattice:
        return degree
    if core(read) in {core(one.name) for one in names}:
        return degree
    if not all(fit_name(seal.reading, one.name).contradicted for one in names):
        return degree
    return "different" if _text_confidence(seal) >= AS_PRINT else "unsure"  # a worn seal may be misread in two signs


def _is_anothers(seal: Seal, names: Sequence[str], different: bool) -> bool:
    """Whether the name read is surely none of these.

    One sign that differs is rather a misreading than another's name, unless the seal is as legible as print. A middling
    reading counts where it clearly shows several signs that none of the names has.
    """
    read = core(seal_name(seal))
    if not _clear(seal) or not names_organisation(read):
        return False
    if different:
        nearest = min(names, key=lambda name: _other_signs(read, core(name)))
        if _other_signs(read, core(nearest)) > 1:
            return True
        return _text_confidence(seal) >= AS_PRINT and _surely_differs(seal, nearest)
    if seal.reading is None or not seal.reading.candidates:
        return False
    fits = [fit_name(seal.reading, name) for name in names if core(name)]
    return all(fit.contradicted >= SEVERAL and fit.score <= NO_LIKENESS for fit in fits) and len(read) > SEVERAL


def _other_signs(read: str, name: str) -> int:
    """Signs read that the name does not have there (3: many). A sign that was lost is none: it may be worn."""
    lost = min(MOST_LOST, max(0, len(name) - len(read)))
    return edit_distance(read, name, limit=lost + 2) - lost


def _surely_differs(seal: Seal, name: str) -> bool:
    """Whether the sign that differs was itself read beyond doubt: a legible seal may have one worn sign."""
    if seal.reading is None or not seal.reading.lattice:
        return True
    return fit_name(seal.reading, name).surest >= AS_PRINT


def _section_of(seal: Seal, names: Sequence[Accepted]) -> Degree | None:
    """甲公司人力资源部: begins with the applicant's name, ends as sections' seals do."""
    behind = any(_SECTION.search(rest) for rest in _behind_name(seal, names))
    return "wrong_kind" if seal.confidence >= GOOD_ENOUGH and behind else None


def _behind_name(seal: Seal, names: Sequence[Accepted]) -> list[str]:
    """What the ring says behind the applicant's name."""
    text = core(seal.text)
    starts = [core(one.name) for one in names if core(one.name) and text.startswith(core(one.name))]
    return [text.removeprefix(start) for start in starts if len(text) > len(start)]


def _is_section(seal: Seal, names: Sequence[Accepted]) -> bool:
    straight = [core(line) for line in seal.reading.straight] if seal.reading else []
    return any(_SECTION.search(text) for text in (*_behind_name(seal, names), *straight))


def _clear(seal: Seal) -> bool:
    """Whether a name that is not the expected one may be held against it."""
    if not core(seal_name(seal)) or _text_confidence(seal) < GOOD_ENOUGH:
        return False
    return seal.reading is None or not seal.reading.faint


def _as_commerce(case: Case, seal: Seal) -> Degree:
    text, named = seal_name(seal), expected_owner(case, "commerce_department")
    if named:
        return _as_named_department(named, seal)
    if _is_applicants(case, seal):  # a park's 管理委员会 cannot approve itself
        return "wrong_owner" if seal.confidence >= GOOD_ENOUGH else "unreadable"
    if is_commerce_department(text) and seal.confidence >= GOOD_ENOUGH:
        if seal.kind in _SPECIAL_KINDS:
            return "wrong_kind"
        if _SECTION.search(core(seal.text)) or (seal.kind == "other" and _straight_section(seal)):
            return "section"
        elsewhere = case.programme.policies.commerce_region != "any" and same_region(text, _address(case)) == "other"
        return "elsewhere" if elsewhere else "good"
    if not _clear(seal):
        return "unreadable"
    if _NEARBY_AUTHORITY.search(text):
        return "doubtful"
    return "wrong_owner" if _text_confidence(seal) >= SURE and names_organisation(text) else "unreadable"


def _is_applicants(case: Case, seal: Seal) -> bool:
    degree = _agreement(seal, seal_name(seal), case.names) if case.names else "unsure"
    return degree in ("same", "former", "variant")


def _as_named_department(named: str, seal: Seal) -> Degree:
    read, wanted = core(seal_name(seal)), core(named)
    if read and (read == wanted or read.endswith(wanted) or wanted.endswith(read)) and len(read) >= len("商务局"):
        degree: Degree = "wrong_kind" if seal.kind in _SPECIAL_KINDS else "good"
        return degree if seal.confidence >= GOOD_ENOUGH else "unreadable"
    if wanted in core(seal.text) and _SECTION.search(core(seal.text)):
        return "section"
    by_name = _agreement(seal, seal_name(seal), (Accepted(named, "record"),))
    if by_name in ("same", "variant"):
        return "good" if seal.confidence >= GOOD_ENOUGH else "unreadable"
    return "wrong_owner" if _is_anothers(seal, [named], by_name == "different") else "unreadable"


def _straight_section(seal: Seal) -> bool:
    return seal.reading is not None and any(_SECTION.search(core(line)) for line in seal.reading.straight)


def _address(case: Case) -> str:
    """The registered address: the record's, else the form's."""
    if case.record and case.record.address:
        return case.record.address
    picked = pick(case, "address", DocumentType.INFORMATION_FORM)
    return str(picked.field.value) if picked and picked.field.value else ""


def _as_firm(printed: str, seal: Seal) -> Degree:
    text, confidence = core(seal_name(seal)), _text_confidence(seal)
    if "会计师事务所" not in text or "税务" in text:
        named = names_organisation(text) and "会计" not in text
        return "wrong_owner" if named and _clear(seal) and confidence >= SURE else "unreadable"
    if seal.confidence < GOOD_ENOUGH:
        return "unreadable"
    read, wanted = _FIRM_FORM.sub("", text), _FIRM_FORM.sub("", core(printed))
    # The field may hold a label's words before the name (出具单位…), a worn seal lacks some of its own.
    if not wanted or read.startswith(wanted) or wanted.startswith(read) or wanted.endswith(read):
        return "good"
    degree = _agreement(seal, read, (Accepted(wanted, "record"),))
    if degree in ("same", "variant"):
        return "good"
    return "wrong_owner" if _is_anothers(seal, [printed], degree == "different") else "unreadable"


# --------------------------------------------------------------------------------------------- one role, one document


def assess(case: Case, held: Held, role: SealRole) -> Assessment:
    """What the document shows of ``role``'s seal (where several are asked for: :mod:`pipeline.checks.seal_rules`)."""
    document = held.document
    places = [place for place in document.places if not place.signature]
    place = next((one for one in places if one.role == role), None)
    by_text = [seal for seal in document.seals if seal.role == role]
    there = [seal for seal in _strays(held, role) if _belongs_here(seal, role, places, held)]
    seals = [seal for seal in (*by_text, *there) if _may_be_official(seal)]
    graded = [Assessment(held, _grade(case, role, seal, held), seal, place) for seal in seals]
    missing = Assessment(held, "missing", None, place)
    return min((*graded, missing), key=lambda one: one.rank)


def _may_be_official(seal: Seal) -> bool:
    """An organisation's seal: round or oval, or boxed with words that say so; a person's name seal is none."""
    if seal.kind == "personal":
        return False
    return seal.shape in ("round", "oval") or seal.kind in _SPECIAL_KINDS or looks_like_organisation(seal_name(seal))


def _instead_of_applicants(seal: Seal) -> bool:
    """On a copy of a proof: an organisation's seal that no authority bears, wherever it stands, for where the
    applicant's belongs is only guessed there.
    """
    name = core(seal_name(seal))
    official = seal.kind == "official" or seal.kind in _SPECIAL_KINDS
    return official and names_organisation(name) and not _AUTHORITY.search(name)


def _strays(held: Held, role: SealRole) -> list[Seal]:
    """Seals of other roles or of none; an issuer's own seal never serves as anybody else's."""
    return [seal for seal in held.document.seals if seal.role not in (role, "issuer", "cpa")]


def _belongs_here(seal: Seal, role: SealRole, places: Sequence[SealPlace], held: Held) -> bool:
    """Whether a seal stands where ``role``'s belongs; without any place, whether it may be meant for it."""
    standing = _place_of(seal, places)
    if standing is not None:
        return standing.role == role and not _own_claims(seal, standing, places, held)
    if seal.role == "unknown":
        unread = not core(seal_name(seal)) or seal.confidence < GOOD_ENOUGH
        return unread or held.type is not DocumentType.LEGAL_PERSON_PROOF or _instead_of_applicants(seal)
    alone = not any(place.role == role for place in places)
    twins = [one for one in held.document.seals if one.role == seal.role and one.page == seal.page]
    return alone and held.type is DocumentType.INFORMATION_FORM and seal is not twins[0]


def _own_claims(seal: Seal, standing: SealPlace, places: Sequence[SealPlace], held: Held) -> bool:
    """Whether a seal is the only one of its role there, and no more than beside another's place: places are guessed
    round their labels, and where a seal satisfies its own role it is not also the wrong one next door.
    """
    if not any(place.role == seal.role and place.page == seal.page for place in places):
        return False
    alone = all(one is seal or one.role != seal.role or not _may_be_official(one) for one in held.document.seals)
    return alone and not standing.box.holds(seal.box.cx, seal.box.cy)
