"""What is odd about seals that are there: SUSPECT_SEAL, and places to sign that are empty: MISSING_SIGNATURE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipeline.checks.case import Case
from pipeline.checks.held import Held
from pipeline.checks.making import Where, check, finding, not_applicable
from pipeline.checks.picking import key_of
from pipeline.checks.registry import rule
from pipeline.checks.seal_state import in_place
from pipeline.checks.wording import document_name, role_name
from pipeline.model import Check, FindingCode, Outcome, RidingSeal, Seal, SealPlace, SealRole, Text
from pipeline.programmes import DocumentRule, SignatureRule

__all__: list[str] = []

SUSPICIONS: Mapping[str, Text] = {
    "same_bitmap": Text(zh="与另一处的印章逐点相同", en="the same picture as another seal, point by point"),
    "flat_ink": Text(zh="印色完全均匀", en="its ink is perfectly even"),
    "pasted": Text(zh="印章盖住了下面的文字", en="it covers the print beneath it"),
    "zero_rotation": Text(zh="角度毫无倾斜", en="it stands perfectly upright"),
    "size": Text(zh="直径不合规定", en="its diameter is not a seal's"),
    "code_differs": Text(zh="与同一单位另一枚印章的编码不同", en="its code differs from the same owner's other seal"),
}
"""Reasons of :class:`pipeline.seals.suspect.Suspicion` in words."""


@rule("{track}.{document}.seal_looks.{role}")
def seals_look_genuine(case: Case) -> Iterator[Check]:
    """Screening only: what was seen, never that a seal is forged (DOMAIN §6.4). One finding a document and role.

    Seals are compared within an envelope: one sheet that came twice is no second seal.
    """
    strangers = {id(held) for held in case.foreign}
    for submission in case.submissions:
        odd = _odd_seals([held for held in case.held if held.submission is submission])
        for held in (one for one in case.held if one.submission is submission and id(one) not in strangers):
            roles = dict.fromkeys(seal.role for seal in held.document.seals if seal.role not in ("issuer", "unknown"))
            for role in roles:
                suspect = [
                    (seal, odd[id(seal)]) for seal in held.document.seals if seal.role == role and id(seal) in odd
                ]
                yield _looks(case, held, role, suspect)


def _odd_seals(held: Sequence[Held]) -> dict[int, tuple[str, ...]]:
    """Seals of one envelope that look odd, by identity, with the reasons."""
    from pipeline.seals.suspect import suspicions  # here: it brings cv2 along, which most commands do not need

    seals = [seal for one in held for seal in one.document.seals if seal.reading is not None]
    found = suspicions([seal.reading for seal in seals if seal.reading is not None])
    return {id(seals[one.index]): one.reasons for one in found}


def _looks(case: Case, held: Held, role: SealRole, suspect: Sequence[tuple[Seal, tuple[str, ...]]]) -> Check:
    rule_id = f"{case.scope}.{key_of(case, held.type)}.seal_looks.{role}"
    if not suspect:
        return check(rule_id, Outcome.PASS)
    (seal, reasons), what, paper = suspect[0], role_name(role), document_name(held.type)
    words = [SUSPICIONS.get(reason, Text(zh=reason, en=reason)) for reason in reasons]
    message = Text(
        zh=f"{paper.zh}上的{what.zh}请对照原件看一看：{'、'.join(word.zh for word in words)}。",
        en=f"Please look at {what.en} on the {paper.en} itself: {', '.join(word.en for word in words)}.",
    )
    made = finding(
        case,
        FindingCode.SUSPECT_SEAL,
        rule_id,
        basis="DOMAIN 6.4",
        message=message,
        where=Where(held, seal.page, seal.box),
        field=role,
        found=seal.text or None,
        mark=f"{held.submission.envelope}#{held.document.index}",
    )
    return check(rule_id, Outcome.UNCLEAR, made)


@rule("{track}.{document}.seal_looks.riding")
def riding_seals_run_through(case: Case) -> Iterator[Check]:
    """骑缝章: a gap between its slices may mean a page was put in or taken out."""
    for held in case.held:
        for riding in held.document.riding_seals:
            rule_id = f"{case.scope}.{key_of(case, held.type)}.seal_looks.riding"
            yield _riding(case, held, riding, rule_id) if riding.breaks else check(rule_id, Outcome.PASS)


def _riding(case: Case, held: Held, riding: RidingSeal, rule_id: str) -> Check:
    pages = "、".join(str(page) for page in riding.breaks)
    paper = document_name(held.type)
    message = Text(
        zh=f"{paper.zh}的骑缝章在第 {pages} 页处不连续，可能有缺页或换页。请核对原件。",
        en=f"The riding seal of the {paper.en} breaks at page {pages}: a page may be missing or replaced. "
        "Please look at the paper.",
    )
    made = finding(
        case,
        FindingCode.SUSPECT_SEAL,
        rule_id,
        basis="DOMAIN 6.3",
        message=message,
        where=Where(held, riding.breaks[0]),
        field="riding",
        found=riding.text or None,
        mark=f"{held.submission.envelope}#{held.document.index}",
    )
    return check(rule_id, Outcome.UNCLEAR, made)


ORGANISATIONS = ("official", "contract", "finance", "invoice")  # kinds of seals that stand for no person's signature
HIDES = 0.25  # share of a line to sign on that a seal must cover to hide what is written there


@rule("{track}.{document}.signature.{role}")
def signatures_are_there(case: Case) -> Iterator[Check]:
    """A place to sign that is surely empty. A person's name seal beside it counts as signed, except for accountants,
    who sign *and* seal (财会〔2001〕1035号).
    """
    for document_rule in case.rules.documents if case.rules else ():
        for signature_rule in document_rule.signatures:
            held = case.own(*document_rule.types)
            yield _signature(case, held, document_rule, signature_rule)


def _signature(case: Case, held: tuple[Held, ...], document_rule: DocumentRule, signature_rule: SignatureRule) -> Check:
    rule_id = f"{case.scope}.{document_rule.key}.signature.{signature_rule.role}"
    placed = [one for one in held if _places(one, signature_rule)]
    if not placed:
        return not_applicable(rule_id)
    empty = {id(one): [p for p in _places(one, signature_rule) if not _signed(one, p)] for one in placed}
    complete = next((one for one in placed if not empty[id(one)]), None)
    if complete is not None:
        told = any(place.signed is not None for place in _places(complete, signature_rule))
        return check(rule_id, Outcome.PASS if told else Outcome.UNCLEAR)
    newest = placed[0]
    place = empty[id(newest)][0]
    label = place.label or document_rule.title
    made = finding(
        case,
        FindingCode.MISSING_SIGNATURE,
        rule_id,
        basis=signature_rule.basis,
        message=Text(
            zh=f"《{document_rule.title}》的“{label}”处没有签字。请签字后补寄该页。",
            en=f"Nobody has signed the {document_rule.title_en} at {label}. Please have it signed and send that page.",
        ),
        where=Where(newest, place.page, place.box),
        severity=signature_rule.severity,
        field=signature_rule.role,
    )
    return check(rule_id, Outcome.FAIL, made)


def _places(held: Held, signature_rule: SignatureRule) -> list[SealPlace]:
    return [place for place in held.document.places if place.signature and place.role == signature_rule.role]


def _signed(held: Held, place: SealPlace) -> bool:
    """Signed, or nobody can tell: a seal over the place hides what is written; a name seal may stand instead of it."""
    if place.signed is not False:
        return True
    least = 0.0 if place.role == "cpa" else HIDES * place.box.area
    over = [s for s in held.document.seals if s.page == place.page and s.box.intersection(place.box) > least]
    if any(not place.bare or seal.kind not in ORGANISATIONS for seal in over):
        return True
    return any(seal.kind == "personal" and in_place(seal, place) for seal in held.document.seals if place.role != "cpa")
