"""How right a report is, measured against a truth.

The truth is a JSON object with ``envelopes`` (a list, or a mapping by envelope name), each holding what is known of it:
``expected_findings``, ``tolerated_findings``, ``pages``, ``documents`` with ``fields`` and ``seals``. Parts that a
truth does not know may be missing: nothing is scored there. The report is CONTRACT's ``report.json``.

What counts:

* a **discrepancy** is found if the report holds a finding of that code, document and field at that envelope; findings
  of severity ``info`` are never false, tolerated ones neither;
* a **seal** is found if a seal of the report lies on the same page with an IoU of at least 0.5; its text is read
  exactly if it is the same but for brackets, width and spaces; it is attributed if its role is the truth's;
* a **field** is right if its value is the truth's; wrong at a confidence of 0.9 or more is *silently* wrong;
* a **figure of a statement** is right if it stands in a row of the truth's item (the same one of several), in the
  column of the truth's period, with the truth's value in yuan;
* a **page** is sorted right if one of the documents it stands in is of the truth's type, or, of a page without a
  document, if its kind is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.evaluating.documents import score_documents
from pipeline.evaluating.envelopes import envelopes_in, matching, name_of
from pipeline.evaluating.events import Event
from pipeline.evaluating.findings import score_findings
from pipeline.evaluating.pages import score_pages
from pipeline.evaluating.score import Score
from pipeline.evaluating.seals import score_seals
from pipeline.evaluating.tally import score_of

__all__ = ["Score", "evaluate"]


def evaluate(truth: Path, report: Path) -> Score:
    """Scores a report.

    :param truth: a truth file, or a folder that holds ``truth.json``
    :param report: a ``report.json``, or the folder that holds it
    :raises BadInput: a file that is missing, no JSON, or of another form
    """
    truths = envelopes_in(truth, "truth.json")
    reports = {name_of(one): one for one in envelopes_in(report, "report.json")}
    met = [(known, matching(name_of(known), reports)) for known in truths]
    lost = [name_of(known) for known, seen in met if seen is None]
    return score_of(len(met), lost, (event for known, seen in met for event in _scored(known, seen or {})))


def _scored(truth: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[Event]:
    """All that can be said of one envelope; of a lost one, that all is missing."""
    envelope = name_of(truth)
    yield from score_findings(envelope, truth, report)
    yield from score_pages(envelope, truth, report)
    yield from score_seals(envelope, truth, report)
    yield from score_documents(envelope, truth, report)
