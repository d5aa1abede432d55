"""Between street and store: models in, bytes kept; bytes out, models back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError

from pipeline.errors import BadInput
from pipeline.judging import Judged, Received
from pipeline.model import Record, Submission
from pipeline.records import Loaded
from pipeline.store import Arrival, Store
from pipeline.store.quarantine import why_barred
from pipeline.twins import SealTwin, twins_of

__all__ = ["keep_records", "kept_records", "problems_of", "received", "remember"]

_records = TypeAdapter(tuple[Record, ...])
_submissions = TypeAdapter(tuple[Submission, ...])


def received(store: Store) -> tuple[Received, ...]:
    """Every envelope in the store, in order of arrival, with what seals of others tell of its own."""
    told = twins_of(store)
    return tuple(
        envelope
        for arrival in store.arrivals()
        for envelope in _of_arrival(store, arrival, told.get(arrival.reading_key, ()))
    )


def problems_of(store: Store, arrival: Arrival) -> tuple[str, ...]:
    """Sentences on what of an arrival could not be read; none where all of it was."""
    submissions = [one.submission for one in _of_arrival(store, arrival, ())]
    whole = [s.problem for s in submissions if s.problem]
    pages = [p.problem for s in submissions for p in s.pages if p.problem and not p.width]
    return tuple(dict.fromkeys(whole or pages))


def keep_records(store: Store, records: Sequence[Record]) -> None:
    """A snapshot of the online records."""
    store.keep_records(_records.dump_json(tuple(records)))


def kept_records(store: Store) -> Loaded:
    """The newest snapshot.

    :raises BadInput: there is none yet
    """
    data = store.records()
    if data is None:
        raise BadInput("no online records are known yet: name them with --records")
    try:
        return Loaded(records=_records.validate_json(data), problems=())
    except ValidationError as error:
        raise BadInput("the online records kept are another version's: name them anew with --records") from error


def remember(store: Store, judged: Sequence[Judged]) -> tuple[Judged, ...]:
    """Keep the judgements; each comes back marked ``unchanged`` if it says what the last one said."""
    before = store.judgements()
    rows, marked = [], []
    for one in judged:
        data = one.report.model_dump_json(exclude={"pages", "documents"}).encode()
        digest = hashlib.sha256(one.report.model_dump_json().encode()).hexdigest()
        last = before.get((one.report.envelope, one.arrival))
        rows.append((one.report.envelope, one.arrival, digest, data))
        same = last is not None and last[0] == digest
        marked.append(one.marked_unchanged() if same else one)
    store.keep_judgements(rows)
    return tuple(marked)


def _of_arrival(store: Store, arrival: Arrival, told: Sequence[SealTwin]) -> tuple[Received, ...]:
    # A reading of no file is nobody's: what came of it is said at the arrival.
    data = store.reading(arrival.reading_key) if arrival.reading_key and arrival.files else None
    if data is None:
        return (_lost(arrival, _why_unread(store, arrival)),)
    try:
        submissions = _submissions.validate_json(data)
    except ValidationError:
        return (_lost(arrival, "it was read by another version of yanzhang: run the same batch again"),)
    # A reading is kept by content: the same bytes under another name bear that name.
    return tuple(
        _received(
            s,
            arrival,
            arrival.name if i == 1 else f"{arrival.name}#{i}",
            tuple(t for t in told if t.seal[0] == i - 1),
        )
        for i, s in enumerate(submissions, start=1)
    )


def _why_unread(store: Store, arrival: Arrival) -> str:
    if arrival.problem or not arrival.reading_key or not store.has_reading(arrival.reading_key):
        said = arrival.problem or why_barred(store, arrival.sha256)
        return said or "it could not be read to its end: run the same batch again"
    return f"what was read of it is damaged: read it again (yanzhang retry {arrival.name})"


def _lost(arrival: Arrival, problem: str) -> Received:
    lost = Submission(envelope=arrival.name, sha256=arrival.sha256, problem=problem)
    return _received(lost, arrival, lost.envelope, ())


def _received(submission: Submission, arrival: Arrival, name: str, twins: tuple[SealTwin, ...]) -> Received:
    # A date on the envelope's own cover sheet is nearer to it than the batch's.
    day = submission.received_on or arrival.received_on
    named = submission.model_copy(update={"envelope": name, "received_on": day, "order": arrival.id})
    return Received(submission=named, arrival=arrival.id, twins=twins, problem=arrival.problem)
