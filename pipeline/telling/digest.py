"""What is told (夜间小结): a digest of a night, an alarm, a test; in words, for whatever channel.

Personal data goes no further than here: all texts of others pass :func:`clean`, which masks them, and a finding is told
by its code, its application and its envelope, never by its sentence, in which values of papers stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal

from pipeline.checks.code_names import CODE_NAMES
from pipeline.model import FindingCode, Severity, Text
from pipeline.model.nights import Night, NightFinding
from pipeline.store.nights import KeptNight
from pipeline.values.masking import masked, masked_number
from pipeline.values.printable import printable
from pipeline.values.secrets import redacted

__all__ = [
    "BEIJING",
    "Digest",
    "Fact",
    "Line",
    "Section",
    "clean",
    "of_alarm",
    "of_night",
    "of_test",
    "why_unfinished",
]

BEIJING = timezone(timedelta(hours=8))  # the whole country, without summer time
LISTED = 40  # lines of a section; the report has them all
LONGEST = 240  # signs of a line

Tone = Literal["good", "bad", "plain"]
Kind = Literal["digest", "alarm", "test"]

_SEVERITY = {
    Severity.ERROR: Text(zh="错误", en="error"),
    Severity.WARNING: Text(zh="警告", en="warning"),
    Severity.INFO: Text(zh="提示", en="note"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A count with what it counts; ``bad`` where it should be nought."""

    name: Text
    value: str
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of a list. ``what``: whom it is about, or a sentence; ``says`` (if any): what of it."""

    what: str
    says: Text | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A list with its heading; ``more``: how many are not listed."""

    title: Text
    lines: tuple[Line, ...]
    more: int = 0
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Digest:
    """What is told. ``matter``: what is told once (``night:7``); ``link``: where the report is, if anywhere."""

    kind: Kind
    matter: str
    subject: str
    head: Text
    facts: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()
    link: str = ""
    tone: Tone = "plain"

    @property
    def lines(self) -> int:
        """How many lines its lists have."""
        return sum(len(section.lines) for section in self.sections)


def of_night(kept: KeptNight, *, link: str = "") -> Digest:
    """What a night came to: what is new and what was resolved, what is stuck, and that nothing changed, too."""
    night = kept.night
    day = _day(kept.started_at)
    if kept.finished_at is None:
        return _of_unfinished(kept, day, link)
    changes = _changes(night)
    mark = "【告警】" if night.alarms else ""
    ended = kept.finished_at.astimezone(BEIJING)
    took = _took((kept.finished_at - kept.started_at).total_seconds())
    return Digest(
        kind="digest",
        matter=f"night:{kept.id}",
        subject=f"[验章]{mark} {day} 夜间复核：{changes.zh}",
        head=Text(
            zh=f"夜间复核已于 {ended:%m-%d %H:%M} 完成，用时{took.zh}。{changes.zh}。",
            en=f"Last night's run finished at {ended:%m-%d %H:%M} (Beijing) after {took.en}: {changes.en}.",
        ),
        facts=_facts(night),
        sections=tuple(_sections(night)),
        link=link,
        tone="bad" if night.alarms else "good" if not night.new_count else "plain",
    )


def of_alarm(matter: str, subject: str, head: Text, sentences: Iterable[Text], *, link: str = "") -> Digest:
    """Something is wrong with the job itself, in our own words; what others wrote in them is cleaned."""
    lines = tuple(Line(f"{one.zh} {one.en}") for one in sentences)
    section = Section(Text(zh="情况与处理", en="What is known and what to do"), lines, tone="bad")
    return Digest(
        kind="alarm",
        matter=matter,
        subject=f"[验章]【告警】{subject}",
        head=head,
        sections=(section,) if lines else (),
        link=link,
        tone="bad",
    )


def of_test(now: datetime, *, link: str = "") -> Digest:
    """A message that shows that a channel works."""
    return Digest(
        kind="test",
        matter="test",
        subject="[验章] 测试：通知渠道可用",
        head=Text(
            zh=f"这是一条测试消息（{now.astimezone(BEIJING):%Y-%m-%d %H:%M}）。夜间复核的结果将发到这里。",
            en="This is a test. What each night comes to will be told here.",
        ),
        link=link,
        tone="good",
    )


def clean(text: str, longest: int = LONGEST) -> str:
    """One line of others' text as it may leave: no password, no personal data, nothing that is obeyed."""
    said = printable(masked(redacted(text)))
    return said if len(said) <= longest else said[: longest - 1] + "…"


# ------------------------------------------------------------------------------------------------------------- words


def _of_unfinished(kept: KeptNight, day: str, link: str) -> Digest:
    since = f"{kept.started_at.astimezone(BEIJING):%m-%d %H:%M}"
    if kept.alive:
        head = Text(
            zh=f"夜间复核于 {since} 开始，仍在运行。", en=f"The nightly run began at {since} (Beijing) and still runs."
        )
        return of_alarm(f"running:{kept.id}", f" {day} 夜间复核仍在运行", head, (), link=link)
    head = Text(
        zh=f"夜间复核于 {since} 开始，没有完成。已存的一切仍在，可重新运行。",
        en=f"The nightly run that began at {since} (Beijing) did not finish. What was kept is kept; run it again.",
    )
    return of_alarm(f"night:{kept.id}", f" {day} 夜间复核没有完成", head, (why_unfinished(kept),), link=link)


def why_unfinished(kept: KeptNight) -> Text:
    """What is known of a run that has not come to its end."""
    where = clean(f"{kept.host}, pid {kept.pid}", 100)
    if kept.problem:
        said = clean(kept.problem)
        return Text(zh=f"原因：{said}（{where}）", en=f"It ended with this sentence ({where}).")
    if kept.alive:
        return Text(zh=f"它可能仍在运行（{where}）。", en=f"It may still be at work ({where}).")
    return Text(
        zh=f"它的进程已不在：被中止、断电或内存不足（{where}）。请重新运行 yanzhang reconcile，并看 yanzhang doctor。",
        en=f"Its process is gone: killed, out of memory or power ({where}). Run yanzhang reconcile again.",
    )


def _changes(night: Night) -> Text:
    if not (night.new_count or night.resolved_count):
        if not night.changed:
            return Text(zh="今夜无变化", en="nothing changed")
        return Text(
            zh=f"{night.changed} 封有变化，问题无增减", en=f"{night.changed} envelopes changed, no finding came or went"
        )
    return Text(
        zh=f"新增问题 {night.new_count} 项，已解决 {night.resolved_count} 项",
        en=f"{night.new_count} findings new, {night.resolved_count} resolved",
    )


def _facts(night: Night) -> tuple[Fact, ...]:
    told = (
        ("申报", "applications", night.applications, False),
        ("已收信封", "envelopes received", night.envelopes, False),
        ("未收到", "not received", night.not_received, False),
        ("无误", "clean", night.clean, False),
        ("有问题", "with findings", night.with_findings, False),
        ("无法读取", "unreadable", night.failed, True),
        ("无网上记录", "without a record", night.without_record, True),
        ("有变化", "changed", night.changed, False),
        ("无变化", "unchanged", night.unchanged, False),
    )
    return tuple(Fact(Text(zh=zh, en=en), f"{n:,}", bad=bad and n > 0) for zh, en, n, bad in told)


def _sections(night: Night) -> Iterable[Section]:
    if night.alarms:
        yield _said(Text(zh="告警", en="Alarms"), night.alarms, "bad")
    if night.stuck:
        yield _said(Text(zh="待人处理", en="Waiting for somebody"), night.stuck, "bad")
    if night.new_count:
        yield from _findings(Text(zh="新增问题", en="New findings"), night.new, night.new_count, "plain")
    if night.resolved_count:
        yield from _findings(Text(zh="已解决", en="Resolved"), night.resolved, night.resolved_count, "good")


def _said(title: Text, sentences: Sequence[str], tone: Tone) -> Section:
    lines = tuple(Line(clean(one)) for one in sentences[:LISTED])
    return Section(_counted(title, len(sentences)), lines, more=max(0, len(sentences) - LISTED), tone=tone)


def _findings(title: Text, findings: Sequence[NightFinding], count: int, tone: Tone) -> Iterable[Section]:
    """How many of each code, then one line a finding; of one application and code, one line."""
    some = "" if len(findings) >= count else f"（按所列 {len(findings)} 项 of the {len(findings)} listed）"
    codes = Counter(one.code for one in findings).most_common()
    yield Section(
        Text(zh=f"{title.zh} {count:,} 项：按类别{some}", en=f"{title.en} {count:,}: by kind"),
        tuple(Line(f"{n:,} ×", CODE_NAMES[code]) for code, n in codes),
        tone=tone,
    )
    departments = Counter(clean(one.department, 60) for one in findings if one.department).most_common()
    if departments:
        yield Section(
            Text(zh=f"{title.zh}：按商务主管部门", en=f"{title.en}: by commerce department"),
            tuple(Line(f"{n:,} × {department}") for department, n in departments[:LISTED]),
            more=sum(n for _, n in departments[LISTED:]),
            tone=tone,
        )
    same = Counter((_whose(one), one.code, one.severity) for one in findings)
    lines = tuple(Line(whose, _what(code, severity, n)) for (whose, code, severity), n in same.items())
    shown = sum(list(same.values())[:LISTED])
    yield Section(Text(zh=f"{title.zh}：逐项", en=f"{title.en}: each"), lines[:LISTED], more=count - shown, tone=tone)


def _whose(one: NightFinding) -> str:
    number = masked_number(one.application_no) if one.application_no else "（无申报编号 no number）"
    return f"{number} {clean(one.envelope, 60)}".strip()


def _what(code: FindingCode, severity: Severity, count: int) -> Text:
    name, grade = CODE_NAMES[code], _SEVERITY[severity]
    times = f" ×{count}" if count > 1 else ""
    return Text(zh=f"{name.zh}（{grade.zh}）{times}", en=f"{name.en} ({grade.en}){times}")


def _counted(title: Text, count: int) -> Text:
    return Text(zh=f"{title.zh} {count:,} 项", en=f"{title.en} {count:,}")


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%m-%d}"


def _took(seconds: float) -> Text:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    if not minutes:
        return Text(zh=f" {rest} 秒", en=f"{rest} s")
    return Text(zh=f" {minutes:,} 分 {rest} 秒", en=f"{minutes:,} min {rest} s")
