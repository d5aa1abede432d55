"""The envelope as such: its record, its date, its copies, its pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

from pipeline.checks.case import Case
from pipeline.checks.held import Held
from pipeline.checks.making import Where, check, failed, finding, not_applicable, passed, unclear
from pipeline.checks.picking import pick, where
from pipeline.checks.registry import rule
from pipeline.lists import is_list
from pipeline.model import Check, DocumentType, Finding, FindingCode, Outcome, Page, Severity, Submission, Text

__all__ = ["copy_of"]

DAY = timedelta(days=1)
_CHINA = timezone(timedelta(hours=8))
_GREY = ("grey", "bilevel")
_CAUSES: tuple[tuple[str, str, str], ...] = (
    ("low_dpi", "分辨率太低", "resolution is too low"),
    ("blurred", "图像模糊", "picture is blurred"),
    ("dark", "图像太暗", "picture is too dark"),
    ("low_contrast", "对比度太低", "contrast is too low"),
    ("clipped", "页边被裁切", "edge of the page is cut off"),
)


@rule("envelope.record")
def record_is_there(case: Case) -> Iterator[Check]:
    """One online record fits; two that fit are none."""
    rule_id = "envelope.record"
    if case.record is not None:
        yield passed(rule_id)
        return
    if all(page.kind == "unreadable" for page in case.newest.pages) or not case.held or _of_a_department(case):
        yield not_applicable(rule_id)
        return
    form = DocumentType.INFORMATION_FORM
    picked = pick(case, "name", form) or pick(case, "application_no", form)
    name = str(picked.field.value) if picked and picked.field.value else ""
    rivals = "、".join(case.rivals)
    if case.rivals:
        message = Text(
            zh=f"有 {len(case.rivals)} 条网上申报记录都与本件相符（{rivals}），无法确定是哪一条。请人工确认。",
            en=f"{len(case.rivals)} online records fit this envelope ({rivals}); which one it is, a person must say.",
        )
    else:
        message = Text(
            zh=f"没有找到与本件{f'（{name}）' if name else ''}相符的网上申报记录。"
            "请单位先在申报系统填报，或核对名称、编号和代码。",
            en=f"No online record fits this envelope{f' ({name})' if name else ''}. "
            "Please ask the applicant to file online, or check name, number and code.",
        )
    made = finding(
        case,
        FindingCode.NO_ONLINE_RECORD,
        rule_id,
        basis=f"letter {case.programme.letter}",
        message=message,
        where=_unindexed(where(picked)) if picked else None,
        found=case.rivals or name or None,
    )
    yield failed(rule_id, made)


def _of_a_department(case: Case) -> bool:
    """A parcel's list of recommendations (推荐名单), with the letter around it: no applicant's papers."""
    documents = [d for submission in case.submissions for d in submission.documents]
    return any(map(is_list, documents)) and all(d.type == DocumentType.COVER_LETTER for d in documents)


def _unindexed(place: Where) -> Where:
    """Only page and box: the finding is the envelope's, not a document's."""
    return Where(None, place.page, place.box) if place.held is None or place.held.newest else Where()


@rule("envelope.in_time")
def envelope_is_in_time(case: Case) -> Iterator[Check]:
    """“于 9 月 28 日前…发送至我会”: dispatch counts. A later receipt without a legible postmark leaves it open.

    A form filed online after the deadline cannot have been sent in time, whatever the postmark.
    """
    rule_id, policies, deadline = "envelope.in_time", case.programme.policies, case.programme.deadline
    last = deadline if policies.deadline_included else deadline - DAY
    received = case.received_on
    if received is None:
        yield not_applicable(rule_id)
        return
    if received <= last:
        yield passed(rule_id)
        return
    filed = _day_in_china(case.record.submitted_at) if case.record and case.record.submitted_at else None
    sent = case.postmarked_on if policies.deadline_counts == "dispatch" else received
    if sent is not None and sent <= last and (filed is None or filed <= last):
        yield passed(rule_id)
        return
    certain = sent is not None or (filed is not None and filed > last)
    why = (
        "，网上申报也在截止日之后提交"
        if filed and filed > last
        else ""
        if sent
        else "，且没有可辨认的邮戳，请核对寄出日期"
    )
    why_en = "; it was filed online after that day too" if filed and filed > last else ""
    why_en = why_en or ("" if sent else " and no postmark is legible: please check the day of dispatch")
    made = finding(
        case,
        FindingCode.LATE_SUBMISSION,
        rule_id,
        basis=policies.deadline_basis,
        message=Text(
            zh=f"收到日期 {received.isoformat()} 晚于截止日 {last.isoformat()}{why}。",
            en=f"Received on {received.isoformat()}, after the last day {last.isoformat()}{why_en}.",
        ),
        severity=Severity.ERROR if certain else Severity.WARNING,
        expected=last.isoformat(),
        found=received.isoformat(),
    )
    yield failed(rule_id, made) if certain else unclear(rule_id, made)


@rule("envelope.unique")
def envelope_is_no_copy(case: Case) -> Iterator[Check]:
    """The same pages came before: both envelopes are listed, the later bears the finding."""
    yield copy_of(case) if case.duplicates else passed("envelope.unique")


def copy_of(case: Case) -> Check:
    """What is said of an envelope, the case's newest, whose pages came before."""
    rule_id, first = "envelope.unique", case.duplicates[0].envelope
    made = finding(
        case,
        FindingCode.DUPLICATE_ENVELOPE,
        rule_id,
        basis=f"letter {case.programme.letter}",
        message=Text(
            zh=f"与先前收到的 {first} 页面相同，属重复寄送。请确认以哪一份为准。",
            en=f"Its pages are the same as those of {first}, received before. Please say which one counts.",
        ),
        found=tuple(one.envelope for one in case.duplicates),
        mark=f"{case.newest.sha256}#{case.newest.part} after {len(case.duplicates)}",
    )
    return check(rule_id, Outcome.FAIL, made)


# ----------------------------------------------------------------------------------------------------------- pages


@rule("envelope.pages.readable")
def pages_are_readable(case: Case) -> Iterator[Check]:
    """Every page could be opened and read."""
    rule_id = "envelope.pages.readable"
    findings = [made for submission in case.submissions for made in _unreadable(case, submission, rule_id)]
    yield unclear(rule_id, *findings) if findings else passed(rule_id)


def _unreadable(case: Case, submission: Submission, rule_id: str) -> Iterator[Finding]:
    lost = [page for page in submission.pages if page.kind == "unreadable"]
    if submission.problem and not lost:
        yield _page_finding(case, submission, None, submission.problem, rule_id)
    for page in lost:
        yield _page_finding(case, submission, page, page.problem or submission.problem, rule_id)
    if submission.pages and all(page.kind == "blank" for page in submission.pages):
        yield _nothing_on_paper(case, submission, rule_id)
    elif submission.pages and all(page.kind in ("blank", "cover") for page in submission.pages):
        yield _only_a_cover(case, submission, rule_id)


def _nothing_on_paper(case: Case, submission: Submission, rule_id: str) -> Finding:
    """An envelope that was scanned face down would else be clean: nothing on it is wrong."""
    return finding(
        case,
        FindingCode.UNREADABLE_PAGE,
        rule_id,
        basis=f"letter {case.programme.letter}",
        message=Text(
            zh="每一页都是空白的，可能放反了。请翻面重新扫描；纸上确实什么都没有的，请与单位联系。",
            en="Every page is blank: the paper may have lain face down. Please turn it over and scan it again; "
            "if there is nothing on it, ask the applicant.",
        ),
        where=Where(None, None, submission=submission),
        mark=f"{submission.sha256}#{submission.part} blank",
    )


def _only_a_cover(case: Case, submission: Submission, rule_id: str) -> Finding:
    """An empty envelope would else be clean: the application it was printed for is not received, and this says why."""
    named = f"（{submission.cover_application_no}）" if submission.cover_application_no else ""
    named_en = f" of {submission.cover_application_no}" if submission.cover_application_no else ""
    return finding(
        case,
        FindingCode.UNREADABLE_PAGE,
        rule_id,
        basis=f"letter {case.programme.letter}",
        message=Text(
            zh=f"只有封面{named}，后面没有材料：信封是空的，或材料放到了别的封面后面。请查看纸质件。",
            en=f"Nothing lies behind the cover sheet{named_en}: the envelope was empty, or its papers lie behind "
            "another cover. Please look at the paper.",
        ),
        where=Where(None, None, submission=submission),
        mark=f"{submission.sha256}#{submission.part} cover",
    )


def _page_finding(case: Case, submission: Submission, page: Page | None, problem: str, rule_id: str) -> Finding:
    which, which_en = (f"第 {page.number} 页", f"Page {page.number}") if page else ("文件", "The file")
    return finding(
        case,
        FindingCode.UNREADABLE_PAGE,
        rule_id,
        basis=f"letter {case.programme.letter}",
        message=Text(
            zh=f"{which}无法读取。请重新扫描。",
            en=f"{which_en} cannot be read{f' ({problem})' if problem else ''}. Please scan it again.",
        ),
        where=Where(None, page.number if page else None, submission=submission),
        mark=page.sheet if page else f"{submission.sha256}#{submission.part}",
    )


@rule("envelope.pages.quality")
def pages_are_good_enough(case: Case) -> Iterator[Check]:
    """Seals on grey pages (original or copy cannot be told), and pages too poor to trust; one finding a cause."""
    rule_id = "envelope.pages.quality"
    findings = [made for made in (_grey(case, rule_id), *_poor(case, rule_id)) if made is not None]
    yield unclear(rule_id, *findings) if findings else passed(rule_id)


def _sealed_pages(case: Case) -> Iterator[tuple[Held, Page]]:
    """Pages that bear a seal the programme asks for, of each kind in the newest document."""
    for document_rule in case.rules.documents if case.rules else ():
        roles = {seal.role for seal in document_rule.seals}
        held = next(iter(case.own(*document_rule.types)), None)
        seals = {seal.page for seal in held.document.seals if seal.role in roles} if held else set()
        for number in sorted(seals):
            page = held.page(number) if held else None
            if held is not None and page is not None:
                yield held, page


def _grey(case: Case, rule_id: str) -> Finding | None:
    sealed = _sealed_pages(case)
    grey = [(held, page) for held, page in sealed if page.quality.colour in _GREY and not page.born_digital]
    if not grey:
        return None
    pages = "、".join(str(number) for number in dict.fromkeys(page.number for _, page in grey))
    held, page = grey[0]
    return finding(
        case,
        FindingCode.LOW_SCAN_QUALITY,
        rule_id,
        basis=f"letter {case.programme.letter}",
        message=Text(
            zh=f"第 {pages} 页是灰度或黑白扫描，看不出印章是原件还是复印件。请彩色重扫，或核对原件。",
            en=f"Page {pages} is grey, so an original seal and a copied one cannot be told apart. "
            "Please scan it again in colour, or look at the paper.",
        ),
        where=Where(held, page.number),
        mark="grey",
    )


def _poor(case: Case, rule_id: str) -> Iterator[Finding]:
    """Faults of the picture, one finding for each kind, on pages of the documents that the programme requires."""
    for cause, zh, en in _CAUSES:
        pages = [(held, page) for held in _asked_for(case) for page in held.pages if cause in page.quality.problems]
        if not pages:
            continue
        held, first = pages[0]
        numbers = "、".join(str(number) for number in dict.fromkeys(page.number for _, page in pages))
        yield finding(
            case,
            FindingCode.LOW_SCAN_QUALITY,
            rule_id,
            basis=f"letter {case.programme.letter}",
            message=Text(
                zh=f"第 {numbers} 页{zh}，读数可能不准。请重新扫描。",
                en=f"On page {numbers} the {en}: what was read may be wrong. Please scan again.",
            ),
            where=Where(held, first.number),
            mark=cause,
        )


def _asked_for(case: Case) -> Iterator[Held]:
    for document_rule in case.rules.documents if case.rules else ():
        if document_rule.required:
            yield from case.own(*document_rule.types)[:1]


def _day_in_china(moment: datetime) -> date:
    """The day of an instant; one without a zone was told in China's time."""
    return (moment if moment.tzinfo is None else moment.astimezone(_CHINA)).date()
