"""Which record an envelope belongs to (匹配): by application number, code or name, and one more of these must agree.

CONTRACT "Matching": two records that fit are none. What the cover and the information form say counts first; other
documents (a licence, the audited company's name, a certificate's holder) only if those meet no record, so that a
stranger's page in the envelope makes no rival. An audit firm's own licence never counts.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar

from pipeline.model import Document, DocumentType, Field, Record, Submission
from pipeline.values.identifiers import edit_distance
from pipeline.values.names import NameMatch, compare

__all__ = [
    "Bearing",
    "Identity",
    "Known",
    "Match",
    "Sayings",
    "codes_said",
    "edition",
    "match",
    "match_said",
    "pieces_of",
    "sayings",
    "sayings_from",
    "sayings_json",
    "whose",
]

SURE = 0.85  # confidence of a field from which only an equal or confusable name counts
NEAR_LENGTH = 10  # signs of a number or code from which one misread sign still lets it be recognised
LONGEST = 200  # signs: a longer text is no number

KEYS = ("application_no", "uscc", "name")
_NAME_FIELDS = ("name", "company_name", "holder")


class Bearing(Protocol):
    """Of a record, all that an envelope is matched by."""

    @property
    def application_no(self) -> str: ...
    @property
    def uscc(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def previous_names(self) -> tuple[str, ...]: ...


class Identity(NamedTuple):
    """A record without what no envelope is matched by: a hundred thousand of them take little room."""

    application_no: str
    uscc: str = ""
    name: str = ""
    previous_names: tuple[str, ...] = ()

    @classmethod
    def of(cls, record: Bearing) -> Identity:
        return cls(record.application_no, record.uscc, record.name, record.previous_names)

    @property
    def codes(self) -> tuple[str, ...]:
        """Number and code, plain."""
        return tuple(filter(None, (_plain(self.application_no), _plain(self.uscc))))


R = TypeVar("R", bound=Bearing)


@dataclass(frozen=True, slots=True)
class Match:
    """``record``: the one that fits, or None. ``by``: what agreed, of "application_no", "uscc", "name".

    ``rivals``: application numbers of the records that fit where more than one does.
    """

    record: Record | None = None
    by: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()


class _Said(NamedTuple):
    """What the paper says: a number, code or name.

    ``sure``: a reading to trust; ``exact``: not a rival reading; ``known``: a record bears just this number or code,
    so that it is no misreading of its neighbour's.
    """

    key: str
    text: str
    sure: bool = True
    exact: bool = True
    known: bool = False


class Sayings(NamedTuple):
    """All of an envelope that tells whose it is: what cover and form say, and what its other documents say."""

    first: tuple[_Said, ...]
    others: tuple[_Said, ...]


@dataclass(frozen=True, slots=True)
class _Fit(Generic[R]):
    record: R
    exact: tuple[str, ...]
    near: tuple[str, ...]

    @property
    def by(self) -> tuple[str, ...]:
        agreed = self.exact if len(self.exact) >= 2 else (*self.exact, *self.near)
        return tuple(key for key in KEYS if key in agreed)


@lru_cache(maxsize=1)
def edition() -> str:
    """Of this module: sayings that another edition took from an envelope may not be what this one would take."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]


def sayings_json(said: Sequence[Sayings]) -> bytes:
    """What the envelopes of one file say, as kept."""
    return json.dumps([[[thing[:4] for thing in part] for part in one] for one in said]).encode()


def sayings_from(data: bytes) -> tuple[Sayings, ...]:
    """The inverse of :func:`sayings_json`."""
    return tuple(Sayings(*(tuple(_Said(*thing) for thing in part) for part in one)) for one in json.loads(data))


class Known(Generic[R]):
    """Records laid out so that the few an envelope may belong to are found without looking at each.

    One that fits agrees in two of number, code and name, so in number or code at least nearly: with one sign misread.
    Two texts differ in one sign at most where they, or what is left of them without one of their signs, are the same.
    """

    def __init__(self, records: Iterable[R]) -> None:
        self.records = tuple(records)
        self._bearing: dict[str, tuple[int, ...]] = {}
        for place, record in enumerate(self.records):
            for text in {_plain(record.application_no), _plain(record.uscc)}:
                self._bearing[text] = (*self._bearing.get(text, ()), place) if text else ()

    def bears(self, text: str) -> bool:
        """Whether a record bears just this plain number or code: then it is no misreading of another's."""
        return text in self._bearing

    def near(self, texts: Iterable[str]) -> list[R]:
        """Records whose number or code one of these plain texts is, or may be a misreading of, in their order."""
        found: set[int] = set()
        for text in texts:
            if self.bears(text):
                found.update(self._bearing[text])
            else:
                found.update(place for other in self._alike(text) for place in self._bearing[other])
        return [self.records[place] for place in sorted(found)]

    def _alike(self, text: str) -> Iterator[str]:
        """Numbers and codes that have a piece in common with a text, and some that have not."""
        marks, of = self._pieces
        for piece in pieces_of(text):
            mark = hash(piece)
            start = bisect_left(marks, mark)
            while start < len(marks) and marks[start] == mark:
                yield self._texts[of[start]]
                start += 1

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        return tuple(filter(None, self._bearing))

    @cached_property
    def _pieces(self) -> tuple[array[int], array[int]]:
        """Marks of all pieces in order, and whose each is: millions of them, so none of them is kept as text.

        Made when a text is met that no record bears: most envelopes bear their own.
        """
        import numpy as np

        marks, of = array("q"), array("l")
        for place, text in enumerate(self._texts):
            pieces = [hash(piece) for piece in pieces_of(text)]
            marks.extend(pieces)
            of.extend([place] * len(pieces))
        order = np.argsort(np.frombuffer(marks, np.int64), kind="stable") if marks else np.zeros(0, np.int64)
        in_order = array("q", np.frombuffer(marks, np.int64)[order].tobytes() if marks else b"")
        whose = array("l", np.frombuffer(of, np.dtype("l"))[order].tobytes() if of else b"")
        return in_order, whose


def match(submission: Submission, records: Sequence[Record] | Known[Record]) -> Match:
    """The record that an envelope belongs to."""
    return match_said(sayings(submission), records)


def sayings(submission: Submission) -> Sayings:
    """What of an envelope its matching rests on: enough to match it against other records without reading it again."""
    return Sayings(_dedupe(_said_by_form(submission)), _dedupe(_said_by_others(submission)))


def match_said(said: Sayings, records: Sequence[Record] | Known[Record]) -> Match:
    """The record that what was said belongs to."""
    return Match(*whose(said, records if isinstance(records, Known) else Known(records)))


def whose(said: Sayings, known: Known[R]) -> tuple[R | None, tuple[str, ...], tuple[str, ...]]:
    """The record that what was said belongs to, what agreed, and the numbers of rivals: as in a :class:`Match`."""
    found = _fits(said.first, known) or _fits(_dedupe((*said.first, *said.others)), known)
    surest = [fit for fit in found if len(fit.exact) >= 2] or found
    if len(surest) == 1:
        return surest[0].record, surest[0].by, ()
    return None, (), tuple(sorted(fit.record.application_no for fit in surest))


def codes_said(said: Sayings) -> frozenset[str]:
    """All numbers and codes that were said, plain.

    Whose an envelope is can only change when a record comes, goes or changes of which :meth:`Known.near` finds one by
    these: no other can fit, nor bear a code so that it is no misreading of another's.
    """
    return frozenset(_plain(thing.text) for part in said for thing in part if thing.key != "name") - {""}


def _fits(said: Sequence[_Said], known: Known[R]) -> list[_Fit[R]]:
    """Records of which one of number, code and name agrees exactly, and one more at least nearly."""
    if len({thing.key for thing in said}) < 2:
        return []
    codes = {_plain(thing.text) for thing in said if thing.key != "name"}
    said = [thing._replace(known=thing.key != "name" and known.bears(_plain(thing.text))) for thing in said]
    fits = (_fit(said, record) for record in known.near(codes))
    return [fit for fit in fits if fit.exact and len(fit.exact) + len(fit.near) >= 2]


def pieces_of(text: str) -> set[str]:
    """A plain text, and what is left of it without one of its signs (a short one is misread for no other)."""
    if len(text) < NEAR_LENGTH - 1 or len(text) > LONGEST:
        return {text}
    return {text, *(text[:i] + text[i + 1 :] for i in range(len(text)))}


def _fit(said: Sequence[_Said], record: R) -> _Fit[R]:
    exact: list[str] = []
    near: list[str] = []
    for key in KEYS:
        degrees = {_agrees(thing, record) for thing in said if thing.key == key}
        if "exact" in degrees:
            exact.append(key)
        elif "near" in degrees:
            near.append(key)
    return _Fit(record, tuple(exact), tuple(near))


def _agrees(thing: _Said, record: Bearing) -> str:
    if thing.key == "name":
        return _name_agrees(thing, record)
    declared = _plain(record.application_no if thing.key == "application_no" else record.uscc)
    read = _plain(thing.text)
    if not declared or not read:
        return ""
    if declared == read:
        return "exact" if thing.exact else "near"
    if thing.known or len(declared) < NEAR_LENGTH:
        return ""
    return "near" if edit_distance(declared, read, limit=1) == 1 else ""


def _name_agrees(thing: _Said, record: Bearing) -> str:
    if not record.name and not record.previous_names:
        return ""
    degree = compare(
        thing.text, record.name or record.previous_names[0], confident=thing.sure, aliases=record.previous_names
    )
    if not degree.passes:
        return ""
    return "exact" if thing.exact and degree is not NameMatch.OCR_NEAR else "near"


@lru_cache(maxsize=65_536)  # the same numbers come again with every envelope
def _plain(text: str) -> str:
    return re.sub(r"[\s\-_·.:]", "", unicodedata.normalize("NFKC", text)).upper()


# ---------------------------------------------------------------------------------------------- what paper says


def _said_by_form(submission: Submission) -> Iterable[_Said]:
    if submission.cover_application_no:
        yield _Said("application_no", submission.cover_application_no)
    forms = [d for d in submission.documents if d.type is DocumentType.INFORMATION_FORM]
    printed = {number for form in forms for number in form.pages}
    for page in submission.pages:
        if page.kind == "cover" or page.number in printed:
            yield from (_Said("application_no", word) for code in page.codes for word in _words(code.text))
    for form in forms:
        yield from _said_by(form)


def _words(text: str) -> tuple[str, ...]:
    """Words of a QR or bar code that might be an application number (a verification address holds several)."""
    words = re.split(r"[^0-9A-Za-z\-_]+", text[:2000])
    return tuple(word for word in words[:50] if len(word) >= 6 and re.search(r"\d", word))


def _said_by_others(submission: Submission) -> Iterable[_Said]:
    for document in submission.documents:
        if document.type is not DocumentType.INFORMATION_FORM and not _of_audit_firm(document):
            yield from _said_by(document)


def _of_audit_firm(document: Document) -> bool:
    """A licence in which 会计师事务所 is the holder."""
    if document.type not in (DocumentType.BUSINESS_LICENCE, DocumentType.LEGAL_PERSON_PROOF, DocumentType.OTHER):
        return False
    texts = [document.subject, *(str(f.value) for f in document.fields if f.name in _NAME_FIELDS)]
    return any("会计师事务所" in text for text in texts)


def _said_by(document: Document) -> Iterable[_Said]:
    named = False
    for field in document.fields:
        key = "name" if field.name in _NAME_FIELDS else field.name
        if key not in KEYS or (key == "uscc" and document.type is DocumentType.AUDIT_REPORT):
            continue
        named = named or key == "name"
        yield from _readings(key, field)
    if document.subject and not named:
        yield _Said("name", document.subject, sure=False)


def _readings(key: str, field: Field) -> Iterable[_Said]:
    sure = field.confidence >= SURE
    if isinstance(field.value, str) and field.value:
        yield _Said(key, field.value, sure)
    for other in field.alternatives:
        yield _Said(key, other, sure, exact=False)


def _dedupe(said: Iterable[_Said]) -> tuple[_Said, ...]:
    return tuple(dict.fromkeys(said))
