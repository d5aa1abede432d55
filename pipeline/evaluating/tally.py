"""All that was said of the envelopes, added up to a score."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pipeline.evaluating.events import Counts, Event
from pipeline.evaluating.parts import Discrepancies, Fields, Miss, Pages, Seals
from pipeline.evaluating.score import Score
from pipeline.reliability import Told

__all__ = ["score_of"]


def score_of(envelopes: int, lost: Sequence[str], events: Iterable[Event]) -> Score:
    """The score of that many envelopes."""
    said = tuple(events)
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in said:
        if isinstance(one, Counts):
            counts[one.group].update(one.by)
    codes = {key: {code: n for code, n in counts[key].items() if n} for key in Discrepancies.model_fields}
    return Score(
        envelopes=envelopes,
        lost=tuple(lost),
        discrepancies=Discrepancies(**codes),
        seals=Seals(**{key: counts["seals"][key] for key in Seals.model_fields}),
        form_fields=_fields(counts, "form"),
        other_fields=_fields(counts, "other"),
        statement_figures=_fields(counts, "figures"),
        told=tuple(one for one in said if isinstance(one, Told)),
        pages=Pages(**{key: counts["pages"][key] for key in Pages.model_fields}),
        clean=counts["clean"]["all"],
        kept_clean=counts["clean"]["kept"],
        clean_with_errors=counts["clean"]["errors"],
        clean_warnings=counts["clean"]["warnings"],
        misses=tuple(one for one in said if isinstance(one, Miss)),
    )


def _fields(counts: Mapping[str, Counter[str]], group: str) -> Fields:
    by = counts[group]
    return Fields(
        right=by["right"],
        wrong=by["wrong"],
        missing=by["missing"],
        silently_wrong=by["silently_wrong"],
        wrong_by_name=dict(counts[f"{group} wrong"]),
    )
