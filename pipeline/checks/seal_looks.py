"""What is odd about seals that are there: SUSPECT_SEAL, and places to sign that are empty: MISSING_SIGNATURE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.checks.case import Case, Told
from pipeline.checks.held import Held
from pipeline.checks.making import Where, check, finding, not_applicable, sheet_mark
from pipeline.checks.picking import key_of
from pipeline.checks.registry import rule
from pipeline.checks.seal_state import in_place
from pipeline.checks.wording import document_name, role_name
from pipeline.model import Check, FindingCode, Outcome, Page, RidingSeal, Seal, SealPlace, SealRole, Text
from pipeline.programmes import DocumentRule, SignatureRule

__all__: list[str] = []

SUSPICIONS: Mapping[str, Text] = {
    "same_bitmap": Text(zh="与另一处的印章墨迹逐点相同", en="its ink is, point by point, that of another seal"),
    "flat_ink": Text(zh="印色过于均匀", en="its ink is perfectly even"),
    "pasted": Text(zh="印章盖住了下面的文字", en="it covers the print beneath it"),
    "zero_rotation": Text(zh="角度毫无倾斜", en="it stands perfectly upright"),
    "upright_twice": Text(zh="另有印章同样毫无倾斜", en="so does another seal"),
    "size": Text(zh="直径不合该类印章的规定", en="no seal of its kind has such a diameter"),
    "code_differs": Text(zh="与同一单位另一枚印章的编码不同", en="its code differs from the same owner's other seal"),
}
"""Reasons of :class:`pipeline.seals.suspect.Suspicion` in words."""

A_SIZES_MM = ((210.0, 297.0), (297.0, 420.0))
PAPER_SLACK = 0.03  # of a page's sides, by which its resolution proves true


@rule("{track}.{document}.seal_looks.{role}")
def seals_look_genuine(case: Case) -> Iterator[Check]:
    """Screening only: what was seen, never a verdict on a seal (DOMAIN §6.4). One finding a document and role.

    Seals were compared with those of their own and of all other envelopes when they came (:mod:`pipeline.twins`): one
    sheet that came twice is no second seal.
    """
    strangers = {id(held) for held in case.foreign}
    for submission in case.submissions:
        odd = _odd_seals(case, [held for held in case.held if held.submission is submission])
        for held in (one for one in case.held if one.submission is submission and id(one) not in strangers):
            roles = dict.fromkeys(seal.role for seal in held.document.seals if seal.role not in NOBODYS)
            for role in roles:
                suspect = [odd[id(seal)] for seal in held.document.seals if seal.role == role and id(seal) in odd]
                yield _looks(case, held, role, suspect)


NOBODYS = ("issuer", "unknown")  # issuers print their seals; whoever else's seal lies on a paper is not asked for


@dataclass(frozen=True)
class _Odd:
    """A seal that looks odd: how strongly, why, and the place of the one that shows the same ink."""

    seal: Seal
    score: float
    reasons: tuple[str, ...]
    twin: Told | None


def _odd_seals(case: Case, held: Sequence[Held]) -> dict[int, _Odd]:
    """Seals of one envelope that look odd, by identity."""
    from pipeline.seals.suspect import suspicions  # here: it brings cv2 along, which most commands do not need

    seals = [
        (one, number, seal)
        for one in held
        for number, seal in enumerate(one.document.seals)
        if seal.reading is not None and seal.role not in NOBODYS
    ]
    told = [case.told_of(one, number) for one, number, _ in seals]
    found = suspicions(
        [seal.reading for _, _, seal in seals if seal.reading is not None],
        copied=[any(t.what != "code" for t in said) for said in told],
        coded=[any(t.what == "code" for t in said) for said in told],
        sized=[_true_size(one.page(seal.page)) for one, _, seal in seals],
    )
    odd = {}
    for one in found:
        seal = seals[one.index][2]
        twin = next((t for t in told[one.index] if t.what != "code"), None)
        odd[id(seal)] = _Odd(seal, one.score, one.reasons, twin)
    return odd


def _true_size(page: Page | None) -> bool:
    """Whether a page's resolution is beyond doubt: a scanner's, and it makes the paper a sheet of A4 or A3."""
    if page is None or page.quality.dpi is None or page.quality.photo:
        return False
    sides = sorted(px / page.quality.dpi * 25.4 for px in (page.upright_width, page.upright_height))
    return any(
        all(abs(side - usual) <= PAPER_SLACK * usual for side, usual in zip(sides, paper, strict=True))
        for paper in A_SIZES_MM
    )


def _looks(case: Case, held: Held, role: SealRole, suspect: Sequence[_Odd]) -> Check:
    rule_id = f"{case.scope}.{key_of(case, held.type)}.seal_looks.{role}"
    if not suspect:
        return check(rule_id, Outcome.PASS)
    odd = max(suspect, key=lambda one: one.score)
    what, paper = role_name(role), document_name(held.type)
    words = [_worded(reason, odd.twin) for reason in odd.reasons]
    share = round(100 * odd.score)
    message = Text(
        zh=f"{paper.zh}上的{what.zh}请对照原件看一看：{'、'.join(word.zh for word in words)}（可疑程度 {share}%）。",
        en=f"Please look at {what.en} on the {paper.en} itself: {', '.join(word.en for word in words)} "
        f"(score {odd.score:.2f}).",
    )
    made = finding(
        case,
        FindingCode.SUSPECT_SEAL,
        rule_id,
        basis="DOMAIN 6.4",
        message=message,
        where=Where(held, odd.seal.page, odd.seal.box),
        field=role,
        found=odd.seal.text or None,
        mark=sheet_mark(held),
    )
    return check(rule_id, Outcome.UNCLEAR, made)


def _worded(reason: str, twin: Told | None) -> Text:
    """A reason in words; ``twin``: where the same ink is seen."""
    if reason != "same_bitmap" or twin is None or not (twin.page or twin.envelope):
        return SUSPICIONS.get(reason, Text(zh=reason, en=reason))
    if twin.page:
        zh, en = f"第 {twin.page} 页", f"on page {twin.page}"
    else:
        zh, en = f"信封 {twin.envelope} 里", f"in the envelope {twin.envelope}"
    return Text(zh=f"与{zh}的印章墨迹逐点相同", en=f"its ink is, point by point, that of a seal {en}")


@rule("{track}.{document}.seal_looks.riding")
def riding_seals_run_through(case: Case) -> Iterator[Check]:
    """骑缝章: a gap between its slices may mean a page was put in or taken out. One finding a document."""
    for held in case.held:
        if held.document.riding_seals:
            rule_id = f"{case.scope}.{key_of(case, held.type)}.seal_looks.riding"
            broken = [riding for riding in held.document.riding_seals if riding.breaks]
            yield _riding(case, held, broken, rule_id) if broken else check(rule_id, Outcome.PASS)


def _riding(case: Case, held: Held, broken: Sequence[RidingSeal], rule_id: str) -> Check:
    leaps = sorted({page for riding in broken for page in riding.leaps})
    lacking = sorted({page for riding in broken for page in riding.breaks} - set(leaps))
    paper = document_name(held.type)
    zh, en = [], []
    if lacking:
        zh.append(f"第 {_listed(lacking, '、')} 页没有骑缝章，可能是后来加入或换过的")
        en.append(f"no slice of it is on page {_listed(lacking)}, which may have been put in or replaced")
    if leaps:
        zh.append(f"骑缝章到第 {_listed(leaps, '、')} 页处接不上，可能有缺页或页序颠倒")
        en.append(f"it does not go on at page {_listed(leaps)}: a page may be missing or out of order")
    message = Text(
        zh=f"{paper.zh}的骑缝章不连续：{'；'.join(zh)}。请核对原件。",
        en=f"The riding seal of the {paper.en} is broken: {'; '.join(en)}. Please look at the paper.",
    )
    first = min(page for riding in broken for page in riding.breaks)
    boxes = [s.box for riding in broken for s in riding.slices if s.page == first]
    made = finding(
        case,
        FindingCode.SUSPECT_SEAL,
        rule_id,
        basis="DOMAIN 6.3",
        message=message,
        where=Where(held, first, boxes[0] if boxes else None),
        field="riding",
        found=broken[0].text or None,
        mark=sheet_mark(held),
    )
    return check(rule_id, Outcome.UNCLEAR, made)


def _listed(pages: Sequence[int], comma: str = ", ") -> str:
    return comma.join(str(page) for page in pages)


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
