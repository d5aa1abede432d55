"""The report as one HTML page that opens from disk: Chinese first, English by a switch, keys before mouse.

Everything is inside the file (styles, script, crops). All text passes :func:`_text` and Jinja2's autoescape: what
stands on paper or in the records is never markup, and turns no writing around. The page's policy lets our own script
and styles run, told by their hashes, and nothing else load or run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path

import cv2
from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from pipeline.checks.code_names import CODE_NAMES
from pipeline.checks.wording import decision_name, document_name, field_name, kind_name, reasons_told, role_name, shown
from pipeline.model import (
    Box,
    Check,
    Document,
    DocumentType,
    EnvelopeReport,
    Finding,
    FindingCode,
    Outcome,
    Record,
    Report,
    Seal,
    Severity,
    Text,
)
from pipeline.store.durable import written
from pipeline.values.printable import printable

__all__ = ["CardHead", "Entry", "Rows", "Urgency", "card_head", "card_html", "write_html", "write_page"]

CROP_WIDTH = 820  # px inside the page: sharp at twice the width it is shown at
CROP_QUALITY = 72
MOST_PROBLEMS = 500  # sentences in the page
SURE, UNSURE = 0.9, 0.6  # how a value's confidence is shown: sure, look, doubt

Urgency = tuple[int, int, int, str]

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_SEVERITY = {
    Severity.ERROR: Text(zh="错误", en="Error"),
    Severity.WARNING: Text(zh="警告", en="Warning"),
    Severity.INFO: Text(zh="提示", en="Note"),
}
_VERDICT = {
    "clean": Text(zh="无误", en="Clean"),
    "findings": Text(zh="有问题", en="Findings"),
    "unreadable": Text(zh="无法读取", en="Unreadable"),
}
_TRACK = {
    "supplier": Text(zh="服务外包供应商", en="Service supplier"),
    "park": Text(zh="园区", en="Park"),
    "training": Text(zh="培训机构及院校", en="Training institution"),
}
_OUTCOME = {
    Outcome.PASS: Text(zh="符合", en="pass"),
    Outcome.FAIL: Text(zh="不符", en="fail"),
    Outcome.UNCLEAR: Text(zh="看不清", en="unclear"),
    Outcome.NOT_APPLICABLE: Text(zh="不适用", en="n/a"),
}
_KIND = {
    "content": Text(zh="内容", en="content"),
    "blank": Text(zh="空白", en="blank"),
    "cover": Text(zh="封面", en="cover"),
    "unreadable": Text(zh="无法读取", en="unreadable"),
}


@dataclass(frozen=True, slots=True)
class _Card:
    """An envelope as the page shows it: findings by severity, what is searched, how bad it is."""

    envelope: EnvelopeReport
    findings: tuple[Finding, ...]
    errors: int
    warnings: int
    id: str = ""

    @property
    def entry(self) -> Entry:
        title = self.envelope.name or self.envelope.envelope
        return Entry(self.id, title, self.envelope.envelope, self.worst, self.errors, self.warnings)

    @property
    def worst(self) -> str:
        if self.envelope.verdict == "unreadable" or self.errors:
            return "error"
        return "warning" if self.warnings else "clean"

    @property
    def words(self) -> str:
        envelope = self.envelope
        codes = " ".join(f"{f.code.value} {CODE_NAMES[f.code].zh} {f.message.zh} {f.message.en}" for f in self.findings)
        return f"{envelope.envelope} {envelope.application_no or ''} {envelope.name} {codes}".casefold()


@dataclass(frozen=True, slots=True)
class Entry:
    """A card as the list beside the cards shows it."""

    id: str
    title: str
    envelope: str
    worst: str
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class CardHead:
    """Of a card: its entry, how urgent it is, which codes are on it."""

    entry: Entry
    urgency: Urgency
    codes: frozenset[FindingCode]


@dataclass(frozen=True, slots=True)
class Rows:
    """Envelopes and applications that the page holds as data and shows when they are asked for."""

    count: int
    parts: Iterable[Markup]


def write_html(report: Report, records: Sequence[Record], path: Path) -> None:
    """Write the page, or leave what was there. Crops are taken from ``evidence/`` beside it."""
    cards = sorted((_card(e) for e in report.envelopes), key=_urgency)
    numbered = [replace(card, id=f"e{number}") for number, card in enumerate(cards, start=1)]
    codes = {f.code for c in cards for f in c.findings}
    articles = (_rendered(card, path.parent) for card in numbered)
    write_page(report, [c.entry for c in numbered], articles, codes, path, missing=_missing(report, records))


def write_page(
    report: Report,
    entries: Sequence[Entry],
    articles: Iterable[Markup],
    codes: Collection[FindingCode],
    path: Path,
    *,
    missing: Sequence[tuple[str, str]] = (),
    since: object = None,
    rows: Rows | None = None,
) -> None:
    """Write the page of cards made already, piece by piece; or leave what was there."""
    style, script = _asset("page.css"), _asset("page.js")
    page = _template("page.html").generate(
        report=report,
        entries=entries,
        articles=articles,
        codes=[c for c in FindingCode if c in codes],
        missing=missing,
        since=since,
        rows=rows,
        most_problems=MOST_PROBLEMS,
        style=Markup(style),  # our own files, not paper's
        script=Markup(script),
        allowed={"style": _hash(style), "script": _hash(script)},
    )
    with written(path) as stream:
        for part in page:
            stream.write(part.encode())


def card_head(envelope: EnvelopeReport, id_: str) -> CardHead:
    """What is known of an envelope's card before it is made."""
    card = replace(_card(envelope), id=id_)
    return CardHead(card.entry, _urgency(card), frozenset(f.code for f in card.findings))


def card_html(envelope: EnvelopeReport, out: Path, id_: str) -> Markup:
    """The card of one envelope, with its crops."""
    return _rendered(replace(_card(envelope), id=id_), out)


def _rendered(card: _Card, out: Path) -> Markup:
    return Markup(_template("card.html").render(card=card, crop=lambda finding: _crop(out, finding)))


def _card(envelope: EnvelopeReport) -> _Card:
    findings = tuple(sorted(envelope.findings, key=lambda f: (not f.open, _ORDER[f.severity], f.page or 0)))
    counted = [f.severity for f in findings if f.open]
    return _Card(envelope, findings, counted.count(Severity.ERROR), counted.count(Severity.WARNING))


def _urgency(card: _Card) -> Urgency:
    rank = {"error": 0, "warning": 1, "clean": 2}[card.worst]
    return rank, -card.errors, -card.warnings, card.envelope.envelope


def _missing(report: Report, records: Sequence[Record]) -> list[tuple[str, str]]:
    names = {r.application_no: r.name for r in records}
    return [(number, names.get(number, "")) for number in report.not_received]


def _crop(out: Path, finding: Finding) -> str | None:
    """The finding's picture as a data address, small enough that hundreds of them open at once."""
    if finding.evidence is None:
        return None
    image = cv2.imread(str(out / finding.evidence))
    if image is None:
        return None
    scale = CROP_WIDTH / image.shape[1]
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, CROP_QUALITY])
    return f"data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode()}" if done else None


def _both(text: Text) -> Markup:
    """Both languages; the page's switch shows one."""
    zh, en = _text(text.zh), _text(text.en)
    return Markup('<span lang="zh">{}</span><span lang="en">{}</span>').format(zh, en)


def _text(value: object) -> object:
    """What a page, like a terminal, would obey instead of showing (turns of direction, controls) by its number."""
    return printable(value, lines=True) if isinstance(value, str) and not isinstance(value, Markup) else value


def _hash(asset: str) -> Markup:
    """How a Content-Security-Policy names what may run."""
    return Markup(f"'sha256-{base64.b64encode(hashlib.sha256(asset.encode()).digest()).decode()}'")


def _where(finding: Finding) -> Text:
    """Document, field and page in words."""
    zh, en = [], []
    if finding.document:
        name = document_name(DocumentType(finding.document))
        zh.append(name.zh)
        en.append(name.en)
    if finding.field:
        seal = finding.code in (
            FindingCode.MISSING_SEAL,
            FindingCode.SEAL_OWNER_MISMATCH,
            FindingCode.UNREADABLE_SEAL,
            FindingCode.SUSPECT_SEAL,
            FindingCode.MISSING_SIGNATURE,
        )
        name = role_name(finding.field) if seal else field_name(finding.field)
        zh.append(name.zh)
        en.append(name.en)
    if finding.page is not None:
        zh.append(f"第 {finding.page} 页")
        en.append(f"page {finding.page}")
    return Text(zh=" · ".join(zh), en=" · ".join(en))


def _shown(value: object) -> str:
    """A value for people: 是 and 否 for flags."""
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    return shown(value)


def _sureness(confidence: float) -> str:
    if confidence >= SURE:
        return "sure"
    return "look" if confidence >= UNSURE else "doubt"


def _outcomes(checks: Sequence[Check]) -> list[tuple[Outcome, list[Check]]]:
    return [(o, [c for c in checks if c.outcome == o]) for o in Outcome if any(c.outcome == o for c in checks)]


def _explained(checks: Sequence[Check]) -> list[Check]:
    """Checks that no finding speaks of and that say what they rest on."""
    return [c for c in checks if c.because is not None and not c.findings]


def _documents_on(page: int, documents: Sequence[Document]) -> list[Document]:
    return [d for d in documents if page in d.pages]


def _seal_name(seal: Seal) -> Text:
    role, kind = role_name(seal.role), kind_name(seal.kind)
    return Text(zh=f"{role.zh}（{kind.zh}）", en=f"{role.en} ({kind.en})")


_RESTS_ON = {
    "free": Text(zh="印文自行读出", en="read by itself"),
    "constrained": Text(zh="个别字不清，按应有名称认定", en="unclear signs settled by the name expected"),
    "none": Text(zh="印文未能读出", en="not read"),
}


def _rests_on(seal: Seal) -> Text:
    """Which reading of a seal its text rests on."""
    return _RESTS_ON[seal.rests_on]


def _percent(value: float) -> str:
    """Never rounded up to certainty: 99.6 % is another promise than 100 %."""
    return f"{100 * value:.1f} %" if value >= SURE else f"{100 * value:.0f} %"


def _place(box: Box) -> str:
    return ", ".join(f"{v:.3f}" for v in box)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, finalize=_text
    )
    environment.filters.update(
        both=_both,
        shown=_shown,
        where=_where,
        sureness=_sureness,
        percent=_percent,
        place=_place,
        reasons=reasons_told,
        explained=_explained,
        seal_name=_seal_name,
        rests_on=_rests_on,
        decision_name=decision_name,
        document_name=document_name,
        field_name=field_name,
        outcomes=_outcomes,
        severity=lambda s: _SEVERITY[s],
        verdict=lambda v: _VERDICT[v],
        track=lambda t: _TRACK[t],
        outcome=lambda o: _OUTCOME[o],
        code=lambda c: CODE_NAMES[c],
        page_kind=lambda k: _KIND[k],
        documents_on=_documents_on,
    )
    return environment


@lru_cache(maxsize=4)
def _template(name: str) -> Template:
    return _environment().from_string(_asset(name))


def _asset(name: str) -> str:
    return resources.files("pipeline.report").joinpath(name).read_text(encoding="utf-8")
