"""Between street and store: models in, bytes kept; bytes out, models back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from pydantic import TypeAdapter, ValidationError

from pipeline import book
from pipeline.deciding import Said
from pipeline.errors import BadInput
from pipeline.judging import Judged, Received, group_key, groups_of
from pipeline.model import Record, Submission
from pipeline.records import Known, Loaded
from pipeline.records.matching import Sayings, edition, match_said, sayings, sayings_from, sayings_json
from pipeline.store import Arrival, Store, all_corrections, all_decisions
from pipeline.store.packing import if_whole
from pipeline.store.quarantine import why_barred
from pipeline.store.verdicts import readings_of
from pipeline.twins import SealTwin, twins_of
from pipeline.weighing import weighed

__all__ = [
    "keep_records",
    "kept_records",
    "problems_of",
    "received",
    "received_as",
    "received_for",
    "received_of",
    "remember",
    "said",
    "sayings_in",
]

TOGETHER = 200  # judgements kept in one transaction

_submissions = TypeAdapter(tuple[Submission, ...])


def received(store: Store) -> tuple[Received, ...]:
    """Every envelope in the store, in order of arrival, with what seals of others tell of its own."""
    told = twins_of(store)
    return tuple(
        envelope
        for arrival in store.arrivals()
        for envelope in _of_arrival(store, arrival, told.get(arrival.reading_key, ()))
    )


def received_for(
    store: Store, batch: Collection[int], records: Known[Record], said: Said
) -> tuple[tuple[Received, ...], Mapping[int, str]]:
    """Envelopes of a batch (arrival ids) and all that may be judged together with them, in order of arrival.

    Of the others only what tells whose they are is looked at, so that a small batch does not load a season.

    :return: and the name of every arrival in the store
    """
    told, arrivals = twins_of(store), store.arrivals()
    loaded = {a.id: _of_arrival(store, a, told.get(a.reading_key, ())) for a in arrivals if a.id in batch}
    wanted = groups_of([one for some in loaded.values() for one in some], records, said)
    others = [a for a in arrivals if a.id not in batch]
    spoken = {one.sheet.partition("#")[0] for one in said.corrections} | {one.sha256 for one in said.corrections}
    keys = _groups_told(store, others, records)
    # The nightly job meets what is read today for the first time: it need not load it to know whose it is.
    store.keep_sayings(
        edition(),
        {a.reading_key: sayings_in(loaded[a.id]) for a in arrivals if a.id in loaded and a.reading_key and a.files},
    )
    for arrival in others:
        # What people corrected may change whose it is.
        corrected = not spoken.isdisjoint((arrival.sha256, *(file.sha256 for file in arrival.files)))
        if corrected or not wanted.isdisjoint(keys[arrival.id]):
            loaded[arrival.id] = _of_arrival(store, arrival, told.get(arrival.reading_key, ()))
    names = {a.id: a.name for a in arrivals}
    return tuple(one for a in arrivals for one in loaded.get(a.id, ())), names


def _groups_told(store: Store, arrivals: Sequence[Arrival], records: Known[Record]) -> dict[int, frozenset[str]]:
    """The keys under which envelopes of each arrival are judged, from what their readings say; nothing else is loaded.

    What a reading says is taken from it once, and again where another edition of the program took it.
    """
    kept, new = store.sayings(edition()), dict[str, bytes]()
    found: dict[int, frozenset[str]] = {}
    for arrival in arrivals:
        key = arrival.reading_key if arrival.files else ""
        if key and key not in kept and key not in new:
            new[key] = sayings_in(_of_arrival(store, arrival, ()))
        data = kept.get(key) or new.get(key)
        # Of what could not be read nobody knows whose it is.
        parts = sayings_from(data) if data else (Sayings((), ()),)
        found[arrival.id] = frozenset(
            group_key(match_said(part, records), arrival.sha256, number) for number, part in enumerate(parts, start=1)
        )
    store.keep_sayings(edition(), new)
    return found


def sayings_in(envelopes: Sequence[Received]) -> bytes:
    """What the envelopes of one arrival tell of whose they are, as kept."""
    return sayings_json([sayings(one.submission) for one in envelopes])


def received_as(store: Store, envelope: str, *, by_content: bool) -> tuple[Received, ...]:
    """Envelopes of that name or, if asked for, whose content's sha256 begins so (then ``…#2`` says which of its file's
    envelopes); no other is loaded.
    """
    sha256, _, part = envelope.partition("#")

    def called(arrival: Arrival) -> bool:
        return envelope.startswith(arrival.name) or (by_content and arrival.sha256.startswith(sha256))

    found = [one for arrival in filter(called, store.arrivals()) for one in _of_arrival(store, arrival, ())]
    named = tuple(one for one in found if one.submission.envelope == envelope)
    return named or tuple(
        one for one in found if by_content and one.submission.sha256.startswith(sha256) and _is_part(one, part)
    )


def _is_part(one: Received, part: str) -> bool:
    return str(one.submission.part) == (part or "1")


def said(store: Store) -> Said:
    """All that people said."""
    return Said(decisions=all_decisions(store), corrections=all_corrections(store))


def problems_of(store: Store, arrival: Arrival) -> tuple[str, ...]:
    """Sentences on what of an arrival could not be read; none where all of it was."""
    submissions = [one.submission for one in _of_arrival(store, arrival, ())]
    whole = [s.problem for s in submissions if s.problem]
    pages = [p.problem for s in submissions for p in s.pages if p.problem and not p.width]
    return tuple(dict.fromkeys(whole or pages))


def keep_records(store: Store, records: Sequence[Record]) -> None:
    """Enter these into the record book; what it knows of others stays."""
    book.add(store, records)


def kept_records(store: Store) -> Loaded:
    """All records of the book as they are now.

    :raises BadInput: there is none yet
    """
    records = tuple(book.every(store))
    if not records:
        raise BadInput("no online records are known yet: name them with --records")
    return Loaded(records=records, problems=())


def remember(
    store: Store,
    judged: Sequence[Judged],
    *,
    shown: frozenset[int] | None = None,
    causes: Mapping[str, str] | None = None,
) -> tuple[Judged, ...]:
    """Keep the judgements; each comes back marked ``unchanged`` if it says what the last one said.

    :param shown: arrivals that a report tells of now (None: all). Of others what is judged is kept too, so that people
        can decide about it, but it stays news for the next report of the whole store.
    :param causes: of each group that was judged (:func:`causes_of`): where nothing changes, the nightly job leaves it
    """
    arrivals = {one.arrival for one in judged}
    told = arrivals if shown is None else shown
    kept = [
        one
        for some in _in_parts(judged)
        for one in weighed(store, some, causes or {}, told=told, whole=arrivals & told)
    ]
    return tuple(one.judged.marked_unchanged() if one.same else one.judged for one in kept)


def _in_parts(judged: Sequence[Judged]) -> Iterator[Sequence[Judged]]:
    """Some hundred at a time, never an arrival in two of them."""
    start = 0
    while start < len(judged):
        end = min(start + TOGETHER, len(judged))
        while end < len(judged) and judged[end].arrival == judged[end - 1].arrival:
            end += 1
        yield judged[start:end]
        start = end


def received_of(
    store: Store, arrivals: Sequence[Arrival], told: Mapping[str, Sequence[SealTwin]]
) -> dict[int, tuple[Received, ...]]:
    """Envelopes of some arrivals, read at once: as :func:`received` has them."""
    kept = readings_of(store, {a.reading_key for a in arrivals if a.reading_key and a.files})
    return {
        a.id: _understood(store, a, told.get(a.reading_key, ()), if_whole(kept.get(a.reading_key))) for a in arrivals
    }


def _of_arrival(store: Store, arrival: Arrival, told: Sequence[SealTwin]) -> tuple[Received, ...]:
    data = store.reading(arrival.reading_key) if arrival.reading_key and arrival.files else None
    return _understood(store, arrival, told, data)


def _understood(store: Store, arrival: Arrival, told: Sequence[SealTwin], data: bytes | None) -> tuple[Received, ...]:
    # A reading of no file is nobody's: what came of it is said at the arrival.
    data = data if arrival.files else None
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
            part=i,
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


def _received(
    submission: Submission, arrival: Arrival, name: str, twins: tuple[SealTwin, ...], *, part: int = 1
) -> Received:
    # A date on the envelope's own cover sheet is nearer to it than the batch's.
    day = submission.received_on or arrival.received_on
    named = submission.model_copy(update={"envelope": name, "received_on": day, "order": arrival.id, "part": part})
    return Received(submission=named, arrival=arrival.id, twins=twins, problem=arrival.problem)
