"""What people say (人工裁定、人工更正): the third layer, between what was observed and what is judged; rows only added.

Each is bound to content, never to a name or a place in a report: the same bytes under another name, read again by
another observer, sorted into documents in another order, are the same paper.
"""

from __future__ import annotations

from datetime import datetime

from pipeline.model.documents import DocumentType, FieldValue
from pipeline.model.frozen import Frozen
from pipeline.model.judgements import DecisionKind, FindingCode

__all__ = ["Correction", "Decision"]


class Decision(Frozen):
    """A person's word on a finding, with all by which its fact is known again.

    ``id``: rank, given by the store: the last one counts, whatever the clocks said. ``finding``: the finding's id.
    ``envelope``: its name then, for people. ``sha256``, ``part``: the envelope's content; ``sheet``: the page's.
    """

    id: int = 0
    finding: str
    kind: DecisionKind
    by: str
    note: str = ""
    at: datetime
    envelope: str
    sha256: str
    part: int = 1
    application_no: str = ""
    sheet: str = ""
    code: FindingCode
    rule: str
    document: str | None = None
    field: str | None = None
    expected: FieldValue = None
    found: FieldValue = None


class Correction(Frozen):
    """What a person read on the paper in place of the machine.

    ``id``, ``envelope``, ``sha256``, ``part``: as a decision's. ``sheet``: content of the page, ``page`` its number;
    ``place``: which of the documents of that type on that page, from 0. ``raw``, ``unit``: as typed.
    ``withdrawn``: takes the earlier ones of the same value back: the machine's reading counts again.
    """

    id: int = 0
    by: str
    note: str = ""
    at: datetime
    envelope: str
    sha256: str
    part: int = 1
    application_no: str = ""
    sheet: str
    page: int
    document: DocumentType
    place: int = 0
    field: str
    value: FieldValue = None
    raw: str = ""
    unit: str | None = None
    withdrawn: bool = False
