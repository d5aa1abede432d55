"""Paper and record disagree about a value, or nobody can tell: the two checks that follow, worded once."""

from __future__ import annotations

from pipeline.checks.case import Case
from pipeline.checks.making import failed, finding, unclear
from pipeline.checks.picking import Picked, basis_of, where
from pipeline.checks.wording import document_name, field_name, shown
from pipeline.model import Check, FieldValue, FindingCode, Severity, Text

__all__ = ["differs", "doubt"]

NOTHING = Text(zh="", en="")


def differs(
    case: Case,
    code: FindingCode,
    rule_id: str,
    picked: Picked,
    name: str,
    expected: FieldValue,
    *,
    found: FieldValue = None,
    unit: Text = NOTHING,
    besides: Text = NOTHING,
    severity: Severity | None = None,
) -> Check:
    """A sure difference.

    :param found: the paper's value where the field's own is not the one to show
    :param besides: a sentence more (what the difference looks like)
    """
    what, paper = field_name(name), document_name(picked.held.type)
    seen = picked.field.value if found is None else found
    zh_seen, zh_wanted = f"{shown(seen)}{unit.zh}", f"{shown(expected)}{unit.zh}"
    en_seen, en_wanted = f"{shown(seen)}{unit.en}", f"{shown(expected)}{unit.en}"
    message = Text(
        zh=f"{paper.zh}上的{what.zh}为“{zh_seen}”，网上申报为“{zh_wanted}”。{besides.zh}"
        "请核对，更正网上申报或寄来更正后的材料。",
        en=f"On the {paper.en}, {what.en} is {en_seen}; the online record has {en_wanted}. {besides.en}"
        "Please correct the online record or send corrected paper.",
    )
    made = finding(
        case,
        code,
        rule_id,
        basis=basis_of(case, picked.held.type),
        message=message,
        where=where(picked),
        severity=severity,
        field=name,
        expected=expected,
        found=seen,
    )
    return failed(rule_id, made)


def doubt(
    case: Case, rule_id: str, picked: Picked, name: str, expected: FieldValue = None, *, found: FieldValue = None
) -> Check:
    """A value that a rule needs and nobody should trust unseen: LOW_CONFIDENCE."""
    what, paper = field_name(name), document_name(picked.held.type)
    seen = picked.field.value if found is None else found
    rivals = "、".join(picked.field.alternatives)
    zh_rivals = f"（另一读数：{rivals}）" if rivals else ""
    en_rivals = f" (another reading: {rivals})" if rivals else ""
    zh_wanted = f"，网上申报为“{shown(expected)}”" if expected is not None else ""
    en_wanted = f"; the online record has {shown(expected)}" if expected is not None else ""
    message = Text(
        zh=f"{paper.zh}上的{what.zh}看不准：读作“{shown(seen)}”{zh_rivals}{zh_wanted}。请对照原件确认。",
        en=f"On the {paper.en}, {what.en} cannot be read for sure: {shown(seen)}{en_rivals}{en_wanted}. "
        "Please look at the paper.",
    )
    made = finding(
        case,
        FindingCode.LOW_CONFIDENCE,
        rule_id,
        basis=basis_of(case, picked.held.type),
        message=message,
        where=where(picked),
        field=name,
        expected=expected,
        found=seen,
    )
    return unclear(rule_id, made)
