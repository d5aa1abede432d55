"""What must be in the envelope: MISSING_DOCUMENT, INCOMPLETE_DOCUMENT, UNKNOWN_DOCUMENT."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.checks.case import Case
from pipeline.checks.held import Held
from pipeline.checks.making import check, failed, finding, passed, sheet_mark, unclear
from pipeline.checks.picking import basis_of, key_of, top
from pipeline.checks.registry import rule
from pipeline.checks.wording import document_name
from pipeline.model import Check, DocumentType, Finding, FindingCode, Outcome, Text
from pipeline.programmes import DocumentRule

__all__ = ["PARTS", "possible_papers"]

PARTS: dict[str, tuple[str, str]] = {
    "opinion": ("审计报告正文", "auditor's report"),
    "balance_sheet": ("资产负债表", "balance sheet"),
    "income_statement": ("利润表", "income statement"),
    "cash_flow": ("现金流量表", "cash flow statement"),
    "equity_changes": ("所有者权益变动表", "statement of changes in equity"),
    "notes": ("财务报表附注", "notes"),
    "cover": ("封面", "cover"),
    "signature_page": ("签章页", "page with signatures and seals"),
    "annual_report": ("年度审计报告（现为专项报告）", "annual audit report (this one is for a special purpose)"),
    "final_report": ("正式报告（现为征求意见稿）", "final report (this is a draft)"),
}
_NO_ANNUAL = {"special_purpose": "annual_report", "draft": "final_report"}
_FREE_FORM = (DocumentType.SUPPORTING_STATEMENT,)  # no fixed look: an unknown paper may well be it


@rule("{track}.{document}.present")
def required_documents_are_there(case: Case) -> Iterator[Check]:
    """Each required document is in an envelope. One of somebody else's is FOREIGN_DOCUMENT, not missing too."""
    for document_rule in case.rules.documents if case.rules else ():
        if document_rule.required:
            yield _present(case, document_rule)


def _present(case: Case, document_rule: DocumentRule) -> Check:
    rule_id = f"{case.scope}.{document_rule.key}.present"
    if case.own(*document_rule.types):
        return passed(rule_id)
    if any(held.type in document_rule.types for held in case.foreign):
        because = Text(zh="寄来的是他人的材料。", en="What came is somebody else's.")
        return check(rule_id, Outcome.FAIL, because=because)
    other = next(iter(possible_papers(case, document_rule.type)), None)
    made = finding(
        case,
        FindingCode.MISSING_DOCUMENT,
        rule_id,
        basis=document_rule.basis,
        message=_missing(document_rule, other, case.unread),
        severity=document_rule.severity,
        document=document_rule.type,
        expected=document_rule.title,
    )
    return unclear(rule_id, made) if other or case.unread else failed(rule_id, made)


def possible_papers(case: Case, type_: DocumentType) -> list[Held]:
    """Papers of unknown kind that may be the missing one: any for free text, else those with seals."""
    if type_ in (DocumentType.INFORMATION_FORM, DocumentType.AUDIT_REPORT):
        return []
    return [held for held in case.own(DocumentType.OTHER) if type_ in _FREE_FORM or held.document.seals]


def _missing(document_rule: DocumentRule, other: Held | None, unread: bool) -> Text:
    zh, en = f"没有收到《{document_rule.title}》。", f"The {document_rule.title_en} was not received. "
    if other is not None:
        pages = "、".join(str(page) for page in other.document.pages)
        zh += f"第 {pages} 页未能识别，可能就是它，请确认；"
        en += f"Page {pages} could not be recognised and may be it: please confirm; "
    elif unread:
        zh += "有的页无法读取，它可能就在其中，请确认；"
        en += "Some pages could not be read and it may be among them: please confirm; "
    return Text(zh=f"{zh}如没有，请补寄。" if other or unread else f"{zh}请补寄。", en=f"{en}Please send it.")


@rule("{track}.{document}.complete")
def documents_are_complete(case: Case) -> Iterator[Check]:
    """No statement, no page is missing from what came; what another envelope brings fills the gap."""
    strangers = {id(held) for held in case.foreign}
    for held in case.held:
        if id(held) in strangers or held.type in (DocumentType.OTHER, DocumentType.COVER_LETTER):
            continue
        yield from _complete(case, held)


def _complete(case: Case, held: Held) -> Iterator[Check]:
    rule_id = f"{case.scope}.{key_of(case, held.type)}.complete"
    brothers = [one for one in case.own(held.type) if one is not held]
    brought = {part for one in brothers for part in one.document.parts}
    replaced = any(not one.document.lacks and one.newest and not held.newest for one in brothers)
    no_annual = [_NO_ANNUAL[remark] for remark in held.document.remarks if remark in _NO_ANNUAL]
    is_report = held.type is DocumentType.AUDIT_REPORT
    if is_report and no_annual and any(not set(one.document.remarks) & set(_NO_ANNUAL) for one in brothers):
        return
    lacks = [part for part in held.document.lacks if part not in brought and not replaced]
    wrong = no_annual if is_report else []
    findings = [_incomplete(case, held, part, rule_id) for part in dict.fromkeys((*lacks, *wrong))]
    yield check(rule_id, Outcome.FAIL if findings else Outcome.PASS, *findings)


def _incomplete(case: Case, held: Held, part: str, rule_id: str) -> Finding:
    paper = document_name(held.type)
    zh, en = PARTS.get(part, (_page_words(part), part.replace("_", " ")))
    return finding(
        case,
        FindingCode.INCOMPLETE_DOCUMENT,
        rule_id,
        basis=basis_of(case, held.type),
        message=Text(
            zh=f"{paper.zh}不完整：缺少{zh}。请补寄。",
            en=f"The {paper.en} is not complete: {en} is missing. Please send it.",
        ),
        where=top(held),
        field=part,
        expected=zh,
        mark=sheet_mark(held),
    )


def _page_words(part: str) -> str:
    """page 3 → 第 3 页."""
    return f"第 {part.removeprefix('page').strip(' _')} 页" if part.startswith("page") else part


@rule("{track}.documents.known")
def documents_are_known(case: Case) -> Iterator[Check]:
    """Papers nobody asked for, or that were not recognised: for information."""
    rule_id = f"{case.scope}.documents.known"
    findings = [_unknown(case, held, rule_id) for held in case.held if held.type is DocumentType.OTHER]
    yield check(rule_id, Outcome.UNCLEAR if findings else Outcome.PASS, *findings)


def _unknown(case: Case, held: Held, rule_id: str) -> Finding:
    pages = "、".join(str(page) for page in held.document.pages)
    return finding(
        case,
        FindingCode.UNKNOWN_DOCUMENT,
        rule_id,
        basis=f"letter {case.programme.letter}",
        message=Text(
            zh=f"第 {pages} 页的材料未能识别种类，供参考。",
            en=f"The paper on page {pages} could not be recognised; for information.",
        ),
        where=top(held),
        mark=sheet_mark(held),
    )
