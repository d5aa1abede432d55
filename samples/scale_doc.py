"""The tables of docs/SCALE.md, from the simulation (:mod:`samples.scale_sim`) of its sizes.

python -m samples.scale_doc [--doc docs/SCALE.md] [--only province] [--seed 1]
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from samples.scale_sim import (
    COSTS,
    DAY,
    HOUR,
    HOURS,
    PLANS,
    Costs,
    Plan,
    Season,
    feeding_seconds,
    peak_share,
    percentile,
    planned,
    reading_seconds,
    season,
    simulate,
    storing_seconds,
)

__all__ = ["BEGIN", "END", "document", "main", "times_table"]

BEGIN, END = "<!-- scale: begin -->", "<!-- scale: end -->"
CORES = 16  # of a machine that reads
# Of a crowded report half of the pages may be passed over, not 84 of 97 (BENCHMARKS, "Long audit reports").
_FULL = 308.0 / 97
_GLANCE = (71.8 - 13 * _FULL) / 84
CROWDED = (_FULL + _GLANCE) / 2 * 2 / 1.4


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate the sizes of docs/SCALE.md and write its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--doc", type=Path, help="the document whose tables are replaced")
    parser.add_argument("--only", choices=[plan.name for plan in PLANS])
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    sizes = [plan for plan in PLANS if asked.only in (None, plan.name)]
    text = "\n".join(document(sizes, COSTS, asked.seed))
    print(text)
    if asked.doc is not None:
        whole = asked.doc.read_text(encoding="utf-8")
        before, _, rest = whole.partition(BEGIN)
        _, _, after = rest.partition(END)
        asked.doc.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
    return 0


def document(sizes: Sequence[Plan], costs: Costs, seed: int) -> Iterator[str]:
    """The tables, line by line."""
    mails = {plan.name: season(plan, seed) for plan in sizes}
    means = {name: sum(mail.pages) / len(mail.pages) for name, mail in mails.items()}
    command = "python -m samples.scale_doc --doc docs/SCALE.md"
    yield f"Written by `{command}` (seed {seed})."
    yield ""
    yield from _one_of_each(costs, sum(means.values()) / len(means))
    yield ""
    plans = [planned(plan, costs, mean_pages=means[plan.name]) for plan in sizes]
    yield from _needs(plans, mails, costs)
    yield ""
    yield from times_table([(f"{plan.name}, as planned", plan, costs) for plan in plans], mails, seed)
    for plan in plans:
        if plan.name == "province":
            yield ""
            yield from times_table(_variants(plan, costs), mails, seed)
    yield ""
    yield from _nights(plans, costs)


def _one_of_each(costs: Costs, pages: float) -> Iterator[str]:
    """How many envelopes a day one of each masters, the scarcest first."""
    plan = Plan("one", 1)
    first, then = costs.transactions
    masters = [
        (HOURS * HOUR / feeding_seconds(pages, costs), "a person with a scanner, 8 hours"),
        (DAY / reading_seconds(round(pages), plan, costs), "a reading process (a virtual core), day and night"),
        (DAY / storing_seconds(pages, costs), "a connection to the originals' store"),
        (DAY / (0.007 * (first + then)), "SQLite, one writer (7 ms a transaction)"),
        (4 * DAY / (costs.transaction * (first + then)), "PostgreSQL, four transactions at once"),
    ]
    yield f"| one of each, envelopes of {pages:.0f} pages | envelopes a day |"
    yield "|---|---:|"
    yield from (f"| {what} | {count:,.0f} |" for count, what in sorted(masters))


def _needs(plans: Sequence[Plan], mails: dict[str, Season], costs: Costs) -> Iterator[str]:
    yield "| what is needed | " + " | ".join(plan.name for plan in plans) + " |"
    yield "|---|" + "---:|" * len(plans)
    rows: list[tuple[str, Callable[[Plan], str]]] = [
        ("envelopes", lambda p: f"{p.envelopes:,}"),
        ("pages", lambda p: f"{sum(mails[p.name].pages):,}"),
        ("busiest day, envelopes", lambda p: f"{p.envelopes * peak_share(p):,.0f}"),
        ("people with scanners on that day", lambda p: f"{p.stations:,}"),
        ("hours of people, in all", lambda p: f"{_person_hours(mails[p.name], costs):,.0f}"),
        ("reading processes", lambda p: f"{p.processes:,}"),
        (f"… machines of {CORES} virtual cores", lambda p: f"{math.ceil(p.processes / CORES):,}"),
        ("… their memory, GB", lambda p: f"{p.processes * costs.process_mb / 1000:,.0f}"),
        ("hours of a core, in all", lambda p: f"{_core_hours(mails[p.name], p, costs):,.0f}"),
        ("connections to the originals' store", lambda p: f"{p.connections:,}"),
        ("originals, TB", lambda p: f"{sum(mails[p.name].pages) * costs.page_bytes / 1e12:,.2f}"),
        ("database, GB", lambda p: f"{sum(mails[p.name].pages) * costs.row_bytes / 1e9:,.1f}"),
        ("into the store on that day, Gbit/s in 8 hours", lambda p: f"{_gigabits(mails[p.name], p, costs):,.3f}"),
    ]
    for what, of in rows:
        yield f"| {what} | " + " | ".join(of(plan) for plan in plans) + " |"


def times_table(rows: Sequence[tuple[str, Plan, Costs]], mails: dict[str, Season], seed: int) -> Iterator[str]:
    yield (
        "| simulated | scan → stored, p50, p95, p99 | scan → done, p50, p95, p99 | mail → scanned, p95 | "
        "most waiting: for a scan, a reader | used, busiest day: people, readers | deaths |"
    )
    yield "|---|---|---|---:|---:|---:|---:|"
    for name, plan, costs in rows:
        mail = mails[plan.name]
        came_to = simulate(plan, mail, costs, seed=seed)
        if came_to.done != plan.envelopes:
            raise SystemExit(f"{plan.envelopes - came_to.done} envelopes were lost in the simulation of {name}")
        people, readers = _busiest(plan, mail, costs)
        print(f"{name}: {came_to.seconds:.1f} s", file=sys.stderr, flush=True)
        yield (
            f"| {name} | {_spread(came_to.to_stored)} | {_spread(came_to.to_done)} | "
            f"{_told(percentile(came_to.scan_wait, 0.95))} | {came_to.queues['scanning']:,}, "
            f"{came_to.queues['reading']:,} | {people:.0%}, {readers:.0%} | {came_to.deaths:,} |"
        )


def _nights(plans: Sequence[Plan], costs: Costs) -> Iterator[str]:
    yield "| the night, on 2 cores | " + " | ".join(plan.name for plan in plans) + " |"
    yield "|---|" + "---:|" * len(plans)
    for what, each in (("1 % changed", costs.night_few), ("all of them again", costs.night_all)):
        yield f"| {what} | " + " | ".join(_told(plan.envelopes * each) for plan in plans) + " |"


def _variants(plan: Plan, costs: Costs) -> list[tuple[str, Plan, Costs]]:
    half_people = replace(plan, stations=math.ceil(plan.stations / 2))
    half_readers = replace(plan, processes=math.ceil(plan.processes / 2))
    return [
        ("half the people", half_people, costs),
        ("half the readers", half_readers, costs),
        ("one machine of 2 cores", replace(plan, processes=2), costs),
        ("crowded reports: half their pages read in full", plan, replace(costs, report_page=CROWDED)),
        ("300 dpi: 1 MB a page", plan, replace(costs, page_bytes=1e6)),
        ("a reader dies every day, not every month", plan, replace(costs, lifetime=DAY)),
        ("twice the readers", replace(plan, processes=2 * plan.processes), costs),
    ]


def _busiest(plan: Plan, mail: Season, costs: Costs) -> tuple[float, float]:
    """What the busiest day asks of people within their hours, of readers within a day; over 1, it is carried over."""
    daily, pages = plan.envelopes * peak_share(plan), round(sum(mail.pages) / len(mail.pages))
    scan = daily * feeding_seconds(pages, costs) / (plan.stations * HOURS * HOUR)
    return scan, daily * reading_seconds(pages, plan, costs) / (plan.processes * DAY)


def _person_hours(mail: Season, costs: Costs) -> float:
    return sum(feeding_seconds(pages, costs) for pages in mail.pages) / HOUR


def _core_hours(mail: Season, plan: Plan, costs: Costs) -> float:
    return sum(reading_seconds(pages, plan, costs) for pages in mail.pages) / HOUR


def _gigabits(mail: Season, plan: Plan, costs: Costs) -> float:
    daily = sum(mail.pages) * peak_share(plan) * costs.page_bytes
    return daily * 8 / 1e9 / (HOURS * HOUR)


def _spread(values: Sequence[float]) -> str:
    return ", ".join(_told(percentile(values, share)) for share in (0.5, 0.95, 0.99))


def _told(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h"


if __name__ == "__main__":
    raise SystemExit(main())
