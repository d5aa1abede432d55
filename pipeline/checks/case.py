"""What the rules judge: one application with everything received for it.

Several envelopes of one application (补件) are judged together. Rules ask :meth:`Case.own` for the documents of a type,
newest envelope first; a document counts as the applicant's unless it is sure to be somebody else's
(:mod:`pipeline.checks.ownership`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from pipeline.checks.held import Held
from pipeline.checks.naming import Accepted
from pipeline.checks.ownership import accepted_names, foreign_documents
from pipeline.model import DocumentType, Record, Submission, Track
from pipeline.programmes import Programme, TrackRules

__all__ = ["Case", "Duplicate", "Told"]


@dataclass(frozen=True)
class Duplicate:
    """An earlier envelope whose pages are the same as the newest one's.

    ``pages``: numbers of the newest envelope's pages that are repeated.
    """

    envelope: str
    pages: tuple[int, ...] = ()


@dataclass(frozen=True)
class Told:
    """What another seal tells of one: ``copied`` (it shows the same ink) or ``code`` (it bears another).

    ``page``: where the other is in the same envelope; else ``envelope``: which one it is in.
    """

    what: str
    envelope: str = ""
    page: int | None = None


@dataclass(frozen=True)
class Case:
    """One application as the rules see it.

    ``submissions``: all its envelopes, oldest first; findings stand at the last. ``track``: the record's, else what the
    form shows, else None (then only rules that hold for any track run). ``rivals``: application numbers that fit
    equally, if that is why there is no record. ``received_on``: the newest envelope's date of receipt;
    ``postmarked_on``: a legible postmark. ``duplicates``: earlier envelopes with the same pages as the newest.
    ``told``: of seals, by arrival, part, document's index and place among its seals, what other envelopes tell.
    ``ranks``: of each envelope, when its pages first came: the same pages scanned again bring nothing newer than they
    did the first time. Empty: the envelopes' own order.
    """

    programme: Programme
    submissions: tuple[Submission, ...]
    track: Track | None = None
    record: Record | None = None
    rivals: tuple[str, ...] = ()
    matched_by: tuple[str, ...] = ()
    received_on: date | None = None
    postmarked_on: date | None = None
    duplicates: tuple[Duplicate, ...] = ()
    told: Mapping[tuple[int, int, int, int], tuple[Told, ...]] = field(default_factory=dict)
    ranks: tuple[int, ...] = ()

    @property
    def newest(self) -> Submission:
        """The envelope at which findings stand."""
        return self.submissions[-1]

    @property
    def rules(self) -> TrackRules | None:
        """What the programme asks of this track."""
        return self.programme.tracks.get(self.track) if self.track else None

    @property
    def scope(self) -> str:
        """First part of the rule ids: the track, or ``any``."""
        return self.track or "any"

    @property
    def reference_day(self) -> date:
        """The day on which certificates must be valid: receipt, else the deadline. Never today."""
        return self.received_on or self.programme.deadline

    @cached_property
    def held(self) -> tuple[Held, ...]:
        """All documents, those that came last first, in the envelope's own order."""
        ranks = self.ranks or range(len(self.submissions))
        latest_first = sorted(zip(ranks, self.submissions, strict=True), key=lambda one: one[0], reverse=True)
        return tuple(
            Held(document, submission, submission is self.newest)
            for _, submission in latest_first
            for document in submission.documents
        )

    def told_of(self, held: Held, place: int) -> tuple[Told, ...]:
        """What other envelopes tell of the seal at that place of a document."""
        return self.told.get((held.submission.order, held.submission.part, held.document.index, place), ())

    @cached_property
    def foreign(self) -> tuple[Held, ...]:
        """Documents that are sure to be somebody else's."""
        return foreign_documents(self.held, self.record, self._brand)

    @cached_property
    def _strangers(self) -> frozenset[int]:
        return frozenset(id(held) for held in self.foreign)

    @cached_property
    def names(self) -> tuple[Accepted, ...]:
        """Names under which the applicant may appear: the record's, former, its form's, a park's legal person's."""
        return accepted_names(self.held, self.record, self._brand)

    @property
    def _brand(self) -> bool:
        return self.rules is not None and self.rules.name_may_be_brand

    @property
    def brand_unproven(self) -> bool:
        """Whether the declared name may be a brand and no legal-person proof with an agreeing code says whose."""
        return self._brand and not any(one.source == "legal_person" for one in self.names)

    def own(self, *types: DocumentType) -> tuple[Held, ...]:
        """The applicant's documents of these types, newest first."""
        return tuple([held for held in self.held if held.type in types and id(held) not in self._strangers])

    @property
    def form(self) -> Held | None:
        """The newest information form that is the applicant's."""
        return next(iter(self.own(DocumentType.INFORMATION_FORM)), None)

    @property
    def unread(self) -> bool:
        """Whether some page or file could not be read, so that what is missing may stand there."""
        return any(sub.problem or any(page.kind == "unreadable" for page in sub.pages) for sub in self.submissions)
