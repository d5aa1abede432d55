"""Seals that must be there: MISSING_SEAL, SEAL_OWNER_MISMATCH, UNREADABLE_SEAL; one finding a document and role."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from pipeline.checks.case import Case
from pipeline.checks.held import Held
from pipeline.checks.making import Where, check, failed, finding, not_applicable, passed, unclear
from pipeline.checks.registry import rule
from pipeline.checks.seal_state import Assessment, Degree, assess, expected_owner, seal_name, smudged, sort_of
from pipeline.checks.wording import role_name
from pipeline.model import (
    Box,
    Check,
    DocumentType,
    FindingCode,
    Outcome,
    Seal,
    SealCandidate,
    SealPlace,
    SealRole,
    Severity,
    Text,
)
from pipeline.programmes import DocumentRule, SealRule

__all__ = ["seal_place"]

LOWER_HALF = Box(0.0, 0.5, 1.0, 1.0)  # where a seal belongs on a page that names no place for it
CPA_LEGIBLE = 0.3  # below it a faint accountant's seal is worth a look
AROUND = 0.03  # of the page: seals are put beside their place as often as into it
MOST_LOOKED_AT = 3
DOUBTED = 0.2  # probability from which a frame not taken for a seal may be one, where one belongs
PERSONS_LEAST, PERSONS_MOST = 0.05, 0.22  # of the page's width
SAME_SEAL = 0.5  # overlap from which two boxes are one seal

_WARNINGS: tuple[Degree, ...] = ("former", "variant", "elsewhere", "section", "doubtful", "unproven")
_OPEN: tuple[Degree, ...] = ("unreadable", "doubtful", "unproven", "elsewhere")  # a person must say


@rule("{track}.{document}.seal.{role}")
def seals_are_there(case: Case) -> Iterator[Check]:
    """Every seal the programme asks for, on every document that is there (a missing document says so itself)."""
    for document_rule in case.rules.documents if case.rules else ():
        for seal_rule in document_rule.seals:
            yield _seal(case, document_rule, seal_rule)


def _seal(case: Case, document_rule: DocumentRule, seal_rule: SealRule) -> Check:
    rule_id = f"{case.scope}.{document_rule.key}.seal.{seal_rule.role}"
    held = case.own(*document_rule.types)
    if document_rule.type is DocumentType.AUDIT_REPORT:
        held = _reports_first(case, held)
    if not held:
        return not_applicable(rule_id)
    if seal_rule.count > 1:
        return _several(case, held, document_rule, seal_rule, rule_id)
    best = _telling([assess(case, one, seal_rule.role) for one in held])
    if best.degree in ("missing", "unreadable") and document_rule.type is DocumentType.INFORMATION_FORM:
        stray = [assess(case, one, seal_rule.role) for one in _stray_form_pages(case)]
        best = next((one for one in stray if one.degree == "good"), best)
    return _judged(case, best, document_rule, seal_rule, rule_id)


def _stray_form_pages(case: Case) -> list[Held]:
    """Papers of unknown kind that bear a commerce department's seal: a page of the form, for it stamps nothing else
    alone. Beside other authorities' it issued a certificate.
    """
    roles = [(held, {seal.role for seal in held.document.seals}) for held in case.own(DocumentType.OTHER)]
    return [held for held, there in roles if "commerce_department" in there and "issuer" not in there]


def _reports_first(case: Case, held: tuple[Held, ...]) -> tuple[Held, ...]:
    """Only the report that counts: last year's may well be sealed."""
    from pipeline.checks.audited import counting_report

    report = counting_report(case)
    return (report,) if report else held


def _telling(assessments: list[Assessment]) -> Assessment:
    """The newest good one; else the newest that shows anything of the seal or of its place."""
    good = [one for one in assessments if one.degree == "good"]
    warned = [one for one in assessments if one.degree in _WARNINGS]
    seen = [one for one in assessments if one.seal is not None]
    placed = [one for one in assessments if one.place is not None]
    return next(iter(good or warned or seen or placed or assessments))


# ---------------------------------------------------------------------------------------------------- judgement


def _judged(case: Case, best: Assessment, document_rule: DocumentRule, seal_rule: SealRule, rule_id: str) -> Check:
    if best.degree == "good":
        return passed(rule_id)
    if best.degree == "missing":
        return _missing(case, best, document_rule, seal_rule, rule_id)
    code = FindingCode.UNREADABLE_SEAL if best.degree == "unreadable" else FindingCode.SEAL_OWNER_MISMATCH
    severity = _severity(case, best.degree, seal_rule)
    expected = expected_owner(case, seal_rule.role, best.held) or role_name(seal_rule.role).zh
    found = _found(best)
    if best.degree == "wrong_kind" and best.seal is not None:
        said = _wrong_kind(document_rule, seal_rule.role, found, sort_of(best.seal))
    else:
        said = _MESSAGES[best.degree](document_rule, seal_rule.role, expected, found)
    made = finding(
        case,
        code,
        rule_id,
        basis=seal_rule.basis,
        message=said,
        where=_where(best),
        severity=severity,
        field=seal_rule.role,
        expected=expected,
        found=found or None,
    )
    if best.degree == "former":
        return passed(rule_id, made)
    return check(rule_id, Outcome.UNCLEAR if best.degree in _OPEN else Outcome.FAIL, made)


def _severity(case: Case, degree: Degree, seal_rule: SealRule) -> Severity:
    if degree == "elsewhere":
        return case.programme.policies.commerce_elsewhere
    return Severity.WARNING if degree in (*_WARNINGS, "unreadable") else seal_rule.severity


def _found(best: Assessment) -> str:
    if best.seal is None:
        return ""
    name, kind = best.seal.text or seal_name(best.seal), sort_of(best.seal).zh
    return f"{name}（{kind}）" if best.degree == "wrong_kind" and kind not in name else name


def _where(best: Assessment) -> Where:
    if best.seal is not None:
        return Where(best.held, best.seal.page, best.seal.box)
    return seal_place(best)


def seal_place(best: Assessment) -> Where:
    """Where a missing seal should be: its place, else the lower half of the page with others, else of the last."""
    if best.place is not None:
        return Where(best.held, best.place.page, best.place.box)
    document = best.held.document
    pages = [place.page for place in document.places] or [seal.page for seal in document.seals if seal.role != "issuer"]
    page = pages[0] if pages else (document.pages[-1] if document.pages else None)
    return Where(best.held, page, LOWER_HALF if page is not None else None)


def _missing(case: Case, best: Assessment, document_rule: DocumentRule, seal_rule: SealRule, rule_id: str) -> Check:
    if (place := smudged(best.held, seal_rule.role)) is not None:
        return _smudged(case, best.held, place, document_rule, seal_rule, rule_id)
    if best.place is None and any(part.startswith("page") for part in best.held.document.lacks):
        because = Text(zh="应盖章的页可能不在其中。", en="The page that bears the seal may be among those missing.")
        return unclear(rule_id, because=because)
    if _goes_on(case, best.held, seal_rule.role):
        because = Text(
            zh="其后一份未能识别的材料盖有该印章，可能是同一份材料的末页。",
            en="The paper of unknown kind behind it bears the seal: it may be its last page.",
        )
        return unclear(rule_id, because=because)
    expected = expected_owner(case, seal_rule.role, best.held) or role_name(seal_rule.role).zh
    where = seal_place(best)
    page = best.held.page(where.page) if where.page is not None else None
    near = _looked_at(best.held, where)
    there = _seen_there(near, best.place)
    lost = page is not None and (page.kind == "unreadable" or page.quality.colour == "bilevel")
    role, title = role_name(seal_rule.role), Text(zh=document_rule.title, en=document_rule.title_en)
    missing = Text(
        zh=f"《{title.zh}》上没有找到{role.zh}。{there.zh}请加盖后补寄该页。",
        en=f"There is no sign of {role.en} on the {title.en}. {there.en}Please have it sealed and send that page.",
    )
    unseen = Text(
        zh=f"《{title.zh}》的这一页是黑白件或无法辨认，看不出是否有{role.zh}。请寄来加盖公章的原件，或彩色重扫。",
        en=f"This page of the {title.en} is black and white or cannot be made out, so nobody can tell whether it bears "
        f"{role.en}. Please send the sealed original, or scan it again in colour.",
    )
    made = finding(
        case,
        FindingCode.UNREADABLE_SEAL if lost else FindingCode.MISSING_SEAL,
        rule_id,
        basis=seal_rule.basis,
        message=unseen if lost else missing,
        where=where,
        severity=None if lost else seal_rule.severity,
        field=seal_rule.role,
        expected=expected,
        candidates=near,
    )
    return unclear(rule_id, made) if lost else failed(rule_id, made)


def _looked_at(held: Held, where: Where) -> tuple[SealCandidate, ...]:
    """What was seen where the seal belongs and not taken for one, the likeliest first."""
    if where.page is None or where.box is None:
        return ()
    around = where.box.grown(AROUND, AROUND)
    there = [c for c in held.document.rejected if c.page == where.page and around.holds(c.box.cx, c.box.cy)]
    return tuple(sorted(there, key=lambda c: -c.found)[:MOST_LOOKED_AT])


def _seen_there(near: Sequence[SealCandidate], place: SealPlace | None) -> Text:
    """A sentence on the likeliest of them, or on the ink that is there, so that nobody need take a program's word."""
    if not near:
        return _ink_there(place)
    share = f"{100 * near[0].found:.0f} %"
    return Text(
        zh=f"该处最像印章的痕迹（把握 {share}）未被认作印章，见图中细框。",
        en=f"What looks most like a seal there ({share} sure) was not taken for one: see the thin frame. ",
    )


def _goes_on(case: Case, held: Held, role: SealRole) -> bool:
    """Whether unknown paper that begins right behind a statement bears the seal: statements run over many pages, are
    sealed on the last, and a page of plain text looks like no document's.
    """
    if held.type is not DocumentType.SUPPORTING_STATEMENT or not held.document.pages:
        return False
    behind = [
        one
        for one in case.own(DocumentType.OTHER)
        if one.submission is held.submission and min(one.document.pages, default=0) == max(held.document.pages) + 1
    ]
    return any(assess(case, one, role).degree == "good" for one in behind)


def _smudged(
    case: Case, held: Held, place: SealPlace, document_rule: DocumentRule, seal_rule: SealRule, rule_id: str
) -> Check:
    """Ink stands where the seal belongs, though no seal can be made out of it: unreadable, never missing."""
    role = role_name(seal_rule.role)
    made = finding(
        case,
        FindingCode.UNREADABLE_SEAL,
        rule_id,
        basis=seal_rule.basis,
        message=Text(
            zh=f"《{document_rule.title}》上应盖{role.zh}处有印迹，但辨认不出印章。请对照原件确认，或重新盖章。",
            en=f"There is ink where the {document_rule.title_en} should bear {role.en}, but no seal can "
            "be made out. Please look at the paper, or have it sealed again.",
        ),
        where=Where(held, place.page, place.box),
        field=seal_rule.role,
        expected=expected_owner(case, seal_rule.role, held) or role.zh,
        candidates=_looked_at(held, Where(held, place.page, place.box)),
    )
    return unclear(rule_id, made)


# ----------------------------------------------------------------------------------------------------- messages

Message = Callable[[DocumentRule, SealRole, str, str], Text]


def _former(document: DocumentRule, role: SealRole, expected: str, found: str) -> Text:
    return Text(
        zh=f"《{document.title}》上的印章为曾用名“{found}”，现名为“{expected}”。请附名称变更证明。",
        en=f"The seal on the {document.title_en} bears the former name {found}; the present one is {expected}. "
        "Please add proof of the change.",
    )


def _variant(document: DocumentRule, role: SealRole, expected: str, found: str) -> Text:
    return Text(
        zh=f"《{document.title}》上印章的名称“{found}”与“{expected}”组织形式写法不同（有限公司／有限责任公司）。请核对。",
        en=f"The name {found} on the seal of the {document.title_en} and {expected} differ in the form of the company. "
        "Please check.",
    )


def _elsewhere(document: DocumentRule, role: SealRole, expected: str, found: str) -> Text:
    return Text(
        zh=f"《{document.title}》上的“{found}”不是注册地的商务主管部门。请确认，或由当地商务主管部门盖章。",
        en=f"{found} on the {document.title_en} is not the commerce department of the registered address. "
        "Please confirm, or have it sealed by the local one.",
    )


def _section(document: DocumentRule, role: SealRole, expected: str, found: str) -> Text:
    return Text(
        zh=f"《{document.title}》上盖的是内设机构章或专用章“{found}”。请确认，或加盖公章。",
        en=f"The {document.title_en} bears a section's or special-purpose seal, {found}. Please confirm, or have it "
        "sealed with the official seal.",
    )


def _doubtful(document: DocumentRule, role: SealRole, expected: str, found: str) -> Text:
    return Text(
        zh=f"《{document.title}》上的“{found}”是否为当地商务主管部门，请人工确认。",
        en=f"Whether {found} on the {document.title_en} answers for commerce there, a person must say.",
    )


def _unproven(document: DocumentRule, role: SealRole, expected: str, found: str) -> Text:
    return Text(
        zh=f"《{document.title}》上盖的是“{found}”，没有法人证明材料能说明它就是“{expected}”的法人。请补寄法人证明材料。",
        en=f"The {document.title_en} bears the seal of {found}; nothing proves it is the legal person of {expected}. "
        "Please send the legal-person proof.",
    )


def _wrong_kind(document: DocumentRule, role: SealRole, found: str, sort: Text) -> Text:
    return Text(
        zh=f"《{document.title}》上盖的是{sort.zh}“{found}”，不是公章。请加盖{role_name(role).zh}后补寄该页。",
        en=f"The {document.title_en} bears {sort.en}, {found}, which is no official seal. Please have it sealed with "
        f"{role_name(role).en} and send that page.",
    )


def _wrong_owner(document: DocumentRule, role: SealRole, expected: str, found: str) -> Text:
    return Text(
        zh=f"《{document.title}》上应盖{role_name(role).zh}（{expected}）处，盖的是“{found}”。请加盖正确的印章后补寄该页。",
        en=f"Where the {document.title_en} should bear {role_name(role).en} ({expected}), it bears {found}. "
        "Please have it sealed rightly and send that page.",
    )


def _unreadable(document: DocumentRule, role: SealRole, expected: str, found: str) -> Text:
    read = f"（读出“{found}”）" if found else ""
    read_en = f" (read: {found})" if found else ""
    return Text(
        zh=f"《{document.title}》上{role_name(role).zh}处有印章，但看不清{read}，应为“{expected}”。请对照原件确认，或重新盖章。",
        en=f"There is a seal where the {document.title_en} should bear {role_name(role).en}, but it cannot be read"
        f"{read_en}; it should be {expected}. Please look at the paper, or have it sealed again.",
    )


_MESSAGES: Mapping[Degree, Message] = {
    "former": _former,
    "variant": _variant,
    "elsewhere": _elsewhere,
    "section": _section,
    "doubtful": _doubtful,
    "unproven": _unproven,
    "wrong_owner": _wrong_owner,
    "unreadable": _unreadable,
}


# -------------------------------------------------------------------------------- several of a role: the two CPAs


def _several(
    case: Case, held: tuple[Held, ...], document_rule: DocumentRule, seal_rule: SealRule, rule_id: str
) -> Check:
    """Two accountants sign and seal (财会〔2001〕1035号). Whose seals they are, nobody declared: they must be there."""
    counted = [(one, _distinct(one, seal_rule.role)) for one in held]
    document, seals = max(counted, key=lambda pair: min(len(pair[1]), seal_rule.count))
    faint = [seal for seal in seals if _cannot_be_read(seal)]
    if len(seals) - len(faint) >= seal_rule.count:
        return passed(rule_id)
    role, title = role_name(seal_rule.role), Text(zh=document_rule.title, en=document_rule.title_en)
    if len(seals) >= seal_rule.count:
        made = finding(
            case,
            FindingCode.UNREADABLE_SEAL,
            rule_id,
            basis=seal_rule.basis,
            message=_unreadable(document_rule, seal_rule.role, role.zh, seal_name(faint[0])),
            where=Where(document, faint[0].page, faint[0].box),
            field=seal_rule.role,
            expected=str(seal_rule.count),
            found=str(len(seals) - len(faint)),
        )
        return unclear(rule_id, made)
    if (place := smudged(document, seal_rule.role)) is not None:
        return _smudged(case, document, place, document_rule, seal_rule, rule_id)
    free = _free_places(document, seal_rule.role, seals)
    unseen = [place for place in free if place.imprint or _may_bear_one(document, place)]
    if unseen and len(seals) + len(unseen) >= seal_rule.count:
        return _smudged(case, document, unseen[0], document_rule, seal_rule, rule_id)
    where = _free_place(document, seal_rule.role, seals)
    near = _looked_at(document, where)
    there = _seen_there(
        near, next((place for place in free if (place.page, place.box) == (where.page, where.box)), None)
    )
    made = finding(
        case,
        FindingCode.MISSING_SEAL,
        rule_id,
        basis=seal_rule.basis,
        message=Text(
            zh=f"《{title.zh}》应有两名注册会计师签名盖章，只找到 {len(seals)} 枚{role.zh}。{there.zh}"
            "请寄来签章齐全的报告。",
            en=f"Two certified accountants must sign and seal the {title.en}; {len(seals)} of their seals can be seen. "
            f"{there.en}Please send the report fully signed and sealed.",
        ),
        where=where,
        candidates=near,
        severity=seal_rule.severity,
        field=seal_rule.role,
        expected=str(seal_rule.count),
        found=str(len(seals)),
    )
    return failed(rule_id, made)


def _distinct(held: Held, role: SealRole) -> list[Seal]:
    """Seals of the role, and unread small ones in its places; one box counts once."""
    from pipeline.checks.seal_state import in_place

    places = [place for place in held.document.places if place.role == role]
    seals: list[Seal] = []
    for seal in held.document.seals:
        stands = seal.role == role or (seal.role == "unknown" and any(in_place(seal, place) for place in places))
        if stands and not any(one.page == seal.page and one.box.iou(seal.box) >= SAME_SEAL for one in seals):
            seals.append(seal)
    return seals


def _cannot_be_read(seal: Seal) -> bool:
    return (
        seal.reading is not None and seal.reading.legible < CPA_LEGIBLE and (seal.reading.faint or seal.role != "cpa")
    )


def _may_bear_one(held: Held, place: SealPlace) -> bool:
    """Whether a frame of an accountant's seal stands there that might as well be a cell of a table: on grey paper the
    two are hard to tell apart, and elsewhere than in a place to seal it is the cell.
    """
    there = [c for c in held.document.rejected if c.page == place.page and c.shape in ("square", "rectangle")]
    return any(c.found >= DOUBTED and place.box.holds(c.box.cx, c.box.cy) and _as_a_persons(c.box) for c in there)


def _as_a_persons(box: Box) -> bool:
    """Of a person's seal's size, 15 to 45 mm wide, on a page of A4 or one that lies."""
    return PERSONS_LEAST <= box.width <= PERSONS_MOST and box.height <= PERSONS_MOST


def _ink_there(place: SealPlace | None) -> Text:
    if place is None or place.ink is None:
        return Text(zh="", en="")
    share = f"{100 * place.ink:.1f} %"
    return Text(
        zh=f"该处没有像印章的痕迹（彩色墨迹占 {share}）。",
        en=f"Nothing there looks like a seal (coloured ink covers {share} of the place). ",
    )


def _free_places(held: Held, role: SealRole, seals: list[Seal]) -> list[SealPlace]:
    places = [place for place in held.document.places if place.role == role]
    return [place for place in places if not any(_stands(seal, place.page, place.box) for seal in seals)]


def _free_place(held: Held, role: SealRole, seals: list[Seal]) -> Where:
    """The accountant's place without a seal; else near the firm's seal; else as for any missing seal."""
    places = [place for place in held.document.places if place.role == role]
    place = next(iter(_free_places(held, role, seals) or places), None)
    if place is None and not seals:
        firm = next((seal for seal in held.document.seals if seal.role == "audit_firm"), None)
        if firm is not None:
            return Where(held, firm.page, firm.box)
    if place is None and seals:
        return Where(held, seals[0].page, seals[0].box)
    return seal_place(Assessment(held, "missing", None, place))


def _stands(seal: Seal, page: int, box: Box) -> bool:
    return seal.page == page and box.grown(0.02, 0.02).holds(seal.box.cx, seal.box.cy)
