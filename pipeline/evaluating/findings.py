"""Findings: planted ones found or missed, others false unless tolerated; envelopes kept clean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.evaluating.alike import part_fits
from pipeline.evaluating.envelopes import listed
from pipeline.evaluating.events import Counts, Event, miss

__all__ = ["score_findings"]


def score_findings(envelope: str, truth: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[Event]:
    """Each finding of the report is taken for one of the truth's, in the truth's order."""
    if "expected_findings" not in truth:
        return
    expected, tolerated = listed(truth, "expected_findings"), listed(truth, "tolerated_findings")
    left = listed(report, "findings")
    for wanted in expected:
        hit = next((f for f in left if _fits(wanted, f)), None)
        code = str(wanted.get("code"))
        if hit is None:
            yield Counts("missed", {code: 1})
            yield miss(envelope, "missed", _label(wanted), "")
            continue
        yield Counts("found", {code: 1})
        left = [f for f in left if f is not hit]
    false = [f for f in left if f.get("severity") != "info" and not any(_fits(t, f) for t in tolerated)]
    for finding in false:
        code, error = str(finding.get("code")), finding.get("severity") == "error"
        yield Counts("false", {code: 1})
        yield Counts("false_errors", {code: int(error)})
        values = f"{_label(finding)} ({finding.get('expected')} / {finding.get('found')})"
        yield miss(envelope, "false error" if error else "false warning", "", values)
    if _is_clean(truth, expected):
        errors = sum(f.get("severity") == "error" for f in false)
        kept = bool(report) and not false
        yield Counts("clean", {"all": 1, "kept": int(kept), "errors": int(errors > 0), "warnings": len(false) - errors})


def _is_clean(truth: Mapping[str, Any], expected: Sequence[Mapping[str, Any]]) -> bool:
    """By its verdict; without one, if nothing serious was planted."""
    serious = [w for w in expected if w.get("severity") != "info" and w.get("code") != "UNKNOWN_DOCUMENT"]
    return bool(truth.get("verdict", "clean" if not serious else "findings") == "clean")


def _fits(wanted: Mapping[str, Any], finding: Mapping[str, Any]) -> bool:
    """Same code, document and field; ``*`` or a part the truth leaves out of a tolerated finding fits all."""
    if wanted.get("code") != finding.get("code"):
        return False
    return part_fits(wanted.get("document"), finding.get("document")) and part_fits(
        wanted.get("field"), finding.get("field")
    )


def _label(finding: Mapping[str, Any]) -> str:
    return " ".join(str(finding[k]) for k in ("code", "document", "field") if finding.get(k))
