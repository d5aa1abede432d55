"""How a season goes through mail room, store, readers and database: a simulation with measured costs (docs/SCALE.md).

    python -m samples.scale_sim [--doc docs/SCALE.md] [--only province] [--seed 1]

Discrete events on one heap: envelopes arrive by mail, people feed them to scanners in working hours, files go to the
originals' store, reading processes take them, first come first served, and lose one now and then; the database notes
each step. Deterministic by its seed.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from pathlib import Path

__all__ = [
    "COSTS", "PLANS", "Clock", "Costs", "Line", "Measures", "Plan", "Pool", "Season",
    "percentile", "planned", "season", "simulate", "times_table",
]  # fmt: skip

HOUR, DAY = 3600.0, 86400.0
OPENS, HOURS = 9 * HOUR, 8.0  # of the mail room, on five days a week


@dataclass(frozen=True, slots=True)
class Costs:
    """What things cost. Measured on this project's machine (2 virtual cores of an AMD EPYC) unless it says assumed."""

    # Reading. make bench: 201 pages in 238.7 s with 2 processes on 2 cores, all of the main job.
    page: float = 2 * 238.7 / 201  # s of a process a page of forms, certificates and statements, both cores busy
    # samples.long_report: 97 pages of an audit report in 71.8 s on a core that is alone; busy cores give 1.4 for 2.
    report_page: float = 71.8 / 97 * 2 / 1.4
    judge: float = 0.075  # s an envelope, of the demo set; the nightly job's own figure stands in BENCHMARKS
    process_mb: float = 1004  # make bench: peak of both, halved
    # samples.scale_costs
    transaction: float = 0.0057  # s of PostgreSQL with fsync, 40 kB
    transactions: tuple[int, int] = (3, 6)  # an envelope: when it is stored; when it has been read
    put: float = 0.026  # s of a request to S3 (moto's server here), and
    put_rate: float = 56e6  # bytes/s of one connection to it
    get: float = 0.042
    get_rate: float = 183e6
    hash_rate: float = 693e6  # bytes/s
    row_bytes: float = 8_100  # of database a page, all in
    # samples.nightly_bench, 2 cores: s an envelope of a night of which 1 % changed, and of one that judges all again
    night_few: float = 54.3 / 100_000
    night_all: float = 179 / 20_000
    # Assumed, not measured: paper and people.
    page_bytes: float = 500_000  # a page of A4 in colour as JPEG within a PDF: 0.3 to 0.5 MB at 200 dpi, 1 MB at 300
    open_envelope: float = 150.0  # s of a person: open, take out staples, lay the cover sheet on, put back, file
    scanner_rate: float = 40 / 60  # pages/s fed, both sides at once; a good desk scanner's own pace is 60 a minute
    lifetime: float = 30 * DAY  # of a reading process between two deaths that nobody asked for
    restart: float = 90.0  # s until it is seen to be dead and another stands ready


@dataclass(frozen=True, slots=True)
class Plan:
    """A season, and what there is to master it. ``stations``: a person with a scanner; ``processes`` read."""

    name: str
    envelopes: int
    stations: int = 1
    processes: int = 2
    connections: int = 2  # to the originals' store, at once
    database: int = 4  # transactions at once
    days: int = 15  # working days in which it arrives: three weeks
    late_days: int = 3  # after the deadline mail still comes in
    pages: tuple[float, float] = (88, 0.35)  # median and spread (lognormal): 60 to 150 pages, mostly
    giants: float = 0.02  # share of envelopes with a long tail (Pareto) instead
    form_pages: int = 15  # of an envelope; the rest is its audit report
    failures: bool = True


@dataclass(frozen=True, slots=True)
class Season:
    """Envelopes in their order: when each comes to the mail room (s from a Monday's midnight), and its pages."""

    arrivals: Sequence[float]
    pages: Sequence[int]


class Clock:
    """Working time of the mail room: seconds in which it is open, and back."""

    WEEK = 5 * HOURS * HOUR

    def worked(self, now: float) -> float:
        """Working seconds until now."""
        weeks, rest = divmod(now, 7 * DAY)
        day, second = divmod(rest, DAY)
        today = min(max(second - OPENS, 0.0), HOURS * HOUR) if day < 5 else 0.0
        return weeks * self.WEEK + min(day, 5.0) * HOURS * HOUR + today

    def when(self, worked: float) -> float:
        """The moment at which that much has been worked."""
        weeks, rest = divmod(worked, self.WEEK)
        day, second = divmod(rest, HOURS * HOUR)
        if not second and worked:  # an evening, not the next morning
            weeks, day, second = (weeks, day - 1, HOURS * HOUR) if day else (weeks - 1, 4.0, HOURS * HOUR)
        return weeks * 7 * DAY + day * DAY + OPENS + second

    def after(self, now: float, work: float) -> float:
        """When work that begins now is done, if it rests while the mail room is closed."""
        return self.when(self.worked(now) + work)


class Line:
    """The heap of what will happen."""

    def __init__(self) -> None:
        self.now = 0.0
        self._heap: list[tuple[float, int, Callable[[int], None], int]] = []
        self._count = 0

    def at(self, moment: float, what: Callable[[int], None], whom: int) -> None:
        """Do ``what(whom)`` then; of two at one moment, the one asked for first."""
        self._count += 1
        heappush(self._heap, (moment, self._count, what, whom))

    def run(self) -> None:
        """Until nothing is left to happen."""
        heap = self._heap
        while heap:
            self.now, _, what, whom = heappop(heap)
            what(whom)


class Pool:
    """Servers that take what waits, first come first served.

    :param service: seconds that one takes; :param done: called with whom it has served
    """

    def __init__(
        self,
        line: Line,
        servers: int,
        service: Callable[[int], float],
        done: Callable[[int], None],
        *,
        clock: Clock | None = None,
        dies: Callable[[int], float] | None = None,
        restart: float = 0.0,
    ) -> None:
        self._line, self.servers, self._free = line, servers, servers
        self._service, self._done, self._clock = service, done, clock
        self._dies, self._restart = dies, restart
        self._waiting: deque[int] = deque()
        self.busy = 0.0
        self.longest = 0
        self.deaths = 0

    def take(self, whom: int) -> None:
        """One comes and waits its turn."""
        self._waiting.append(whom)
        self._begin()
        self.longest = max(self.longest, len(self._waiting))

    def _begin(self) -> None:
        while self._free and self._waiting:
            self._free -= 1
            whom = self._waiting.popleft()
            takes = self._service(whom)
            dies = self._dies(whom) if self._dies is not None else math.inf
            now = self._line.now
            if dies < takes:
                self.busy += dies
                self._line.at(now + dies, self._died, whom)
            else:
                self.busy += takes
                end = self._clock.after(now, takes) if self._clock is not None else now + takes
                self._line.at(end, self._served, whom)

    def _served(self, whom: int) -> None:
        self._free += 1
        self._done(whom)
        self._begin()

    def _died(self, whom: int) -> None:
        """The envelope is given to another at once; the server is back later."""
        self.deaths += 1
        self._waiting.appendleft(whom)
        self._line.at(self._line.now + self._restart, self._back, whom)
        self._begin()

    def _back(self, _: int) -> None:
        self._free += 1
        self._begin()


@dataclass(slots=True)
class Measures:
    """What a season came to. Times of each envelope in s; utilisation in shares of the time that there was."""

    plan: Plan
    envelopes: int
    pages: int
    done: int
    scan_wait: array[float] = field(default_factory=lambda: array("d"))  # from the mail to the end of its scan
    to_stored: array[float] = field(default_factory=lambda: array("d"))  # from the scan
    to_done: array[float] = field(default_factory=lambda: array("d"))  # from the scan
    span: float = 0.0  # from the first arrival to the last done
    mean_inside: float = 0.0  # envelopes between scan and done, over time
    used: dict[str, float] = field(default_factory=dict)
    queues: dict[str, int] = field(default_factory=dict)
    deaths: int = 0
    seconds: float = 0.0  # that the simulation took

    @property
    def pages_a_second(self) -> float:
        """Over the whole span."""
        return self.pages / self.span if self.span else 0.0

    @property
    def bottleneck(self) -> str:
        """What is busiest."""
        return max(self.used, key=lambda name: self.used[name])


def percentile(values: Sequence[float], share: float) -> float:
    """The value under which a share of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


# ------------------------------------------------------------------------------------------------------------ season


def season(plan: Plan, seed: int) -> Season:
    """A season's mail: more each day up to the deadline, the most on its day, and three days of late mail."""
    draw = random.Random(f"{seed}-{plan.name}-{plan.envelopes}")
    shares = _shares(plan)
    days = draw.choices(range(len(shares)), weights=shares, k=plan.envelopes)
    moments = sorted((d // 5) * 7 * DAY + (d % 5) * DAY + OPENS + draw.random() * 2 * HOUR for d in days)
    median, spread = plan.pages
    pages = [_pages(draw, median, spread, plan.giants) for _ in moments]
    return Season(moments, pages)


def _shares(plan: Plan) -> list[float]:
    rising = [1 + 5 * math.exp(-(plan.days - 1 - day) / 2.5) for day in range(plan.days)]
    return rising + [rising[-1] * 0.6 * 0.5**day for day in range(plan.late_days)]


def peak_share(plan: Plan) -> float:
    """How much of the season comes on its busiest day."""
    shares = _shares(plan)
    return max(shares) / sum(shares)


def _pages(draw: random.Random, median: float, spread: float, giants: float) -> int:
    if draw.random() < giants:
        return int(min(2000, 1.5 * median * draw.paretovariate(1.8)))
    return max(4, round(median * math.exp(draw.gauss(0, spread)))) if spread else round(median)


def feeding_seconds(pages: float, costs: Costs) -> float:
    """What an envelope costs a person with a scanner."""
    return costs.open_envelope + pages / costs.scanner_rate


def storing_seconds(pages: float, costs: Costs) -> float:
    """What an envelope costs a connection to the originals' store: its hash, and its way there."""
    return costs.put + pages * costs.page_bytes * (1 / costs.put_rate + 1 / costs.hash_rate)


def reading_seconds(pages: int, plan: Plan, costs: Costs) -> float:
    """What an envelope of that many pages costs a reading process."""
    forms = min(pages, plan.form_pages)
    return forms * costs.page + (pages - forms) * costs.report_page + costs.judge


def planned(plan: Plan, costs: Costs, *, mean_pages: float) -> Plan:
    """What the busiest day asks for: its scans within the mail room's hours, its reading within a day and a night."""
    daily = plan.envelopes * peak_share(plan)
    scan = daily * feeding_seconds(mean_pages, costs)
    read = daily * reading_seconds(round(mean_pages), plan, costs)
    upload = daily * storing_seconds(mean_pages, costs)
    return replace(
        plan,
        stations=max(1, math.ceil(scan / (0.85 * HOURS * HOUR))),
        processes=max(2, math.ceil(read / (0.8 * DAY))),
        connections=max(2, math.ceil(upload / (0.5 * HOURS * HOUR))),
    )


# -------------------------------------------------------------------------------------------------------- simulation


def simulate(plan: Plan, mail: Season, costs: Costs, *, seed: int = 1, scanned: bool = False) -> Measures:
    """Let a season go through.

    :param scanned: envelopes come as files; nobody feeds scanners
    """
    began = time.perf_counter()
    line, clock = Line(), Clock()
    total = len(mail.pages)
    came = array("d", mail.arrivals)
    scans, stored, done = (array("d", bytes(8 * total)) for _ in range(3))
    attempts: dict[int, int] = {}
    finished = 0
    inside, area, last = 0, 0.0, 0.0

    def moved(by: int) -> None:
        nonlocal inside, area, last
        area += inside * (line.now - last)
        inside, last = inside + by, line.now

    def size(whom: int) -> float:
        return mail.pages[whom] * costs.page_bytes

    def life(whom: int) -> float:
        attempts[whom] = tried = attempts.get(whom, 0) + 1
        return -costs.lifetime * math.log(_uniform(seed, whom, tried))

    def has_come(whom: int) -> None:
        if whom + 1 < total:  # one arrival on the heap at a time keeps it small
            line.at(came[whom + 1], has_come, whom + 1)
        if scanned:
            has_scanned(whom)
        else:
            feeding.take(whom)

    def has_scanned(whom: int) -> None:
        scans[whom] = line.now
        moved(+1)
        storing.take(whom)

    def has_stored(whom: int) -> None:
        noting.take(whom)

    def has_noted(whom: int) -> None:
        stored[whom] = line.now
        reading.take(whom)

    def has_read(whom: int) -> None:
        keeping.take(whom)

    def has_kept(whom: int) -> None:
        nonlocal finished
        done[whom] = line.now
        finished += 1
        moved(-1)

    first, then = costs.transactions
    feeding = Pool(line, plan.stations, lambda w: feeding_seconds(mail.pages[w], costs), has_scanned, clock=clock)
    storing = Pool(line, plan.connections, lambda w: storing_seconds(mail.pages[w], costs), has_stored)
    noting = Pool(line, plan.database, lambda _: first * costs.transaction, has_noted)
    keeping = Pool(line, plan.database, lambda _: then * costs.transaction, has_kept)
    reading = Pool(
        line,
        plan.processes,
        lambda w: costs.get + size(w) / costs.get_rate + reading_seconds(mail.pages[w], plan, costs),
        has_read,
        dies=life if plan.failures else None,
        restart=costs.restart,
    )
    if total:
        line.at(came[0], has_come, 0)
    line.run()

    span = max(done) - came[0] if total else 0.0
    worked = clock.worked(max(scans)) - clock.worked(came[0]) if total else 0.0
    pools = {"stores": (storing, span), "reading": (reading, span), "database": (noting, span)}
    used = {name: pool.busy / (pool.servers * over) if over else 0.0 for name, (pool, over) in pools.items()}
    used["database"] = (noting.busy + keeping.busy) / (plan.database * span) if span else 0.0
    used["scanning"] = feeding.busy / (feeding.servers * worked) if worked and not scanned else 0.0
    return Measures(
        plan=plan,
        envelopes=total,
        pages=sum(mail.pages),
        done=finished,
        scan_wait=array("d", (s - c for s, c in zip(scans, came, strict=True))),
        to_stored=array("d", (b - a for a, b in zip(scans, stored, strict=True))),
        to_done=array("d", (b - a for a, b in zip(scans, done, strict=True))),
        span=span,
        mean_inside=area / span if span else 0.0,
        used=used,
        queues={"scanning": feeding.longest, "stores": storing.longest, "reading": reading.longest},
        deaths=reading.deaths,
        seconds=time.perf_counter() - began,
    )


def _uniform(seed: int, whom: int, tried: int) -> float:
    """A number in (0, 1) that depends on these alone (splitmix64): more servers meet the same fates."""
    mask = (1 << 64) - 1
    x = (seed * 0x9E3779B97F4A7C15 + whom * 0xBF58476D1CE4E5B9 + tried * 0x94D049BB133111EB) & mask
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & mask
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & mask
    return ((x ^ (x >> 31)) + 0.5) / 2**64


COSTS = Costs()
PLANS = (Plan("season", 400), Plan("province", 50_000), Plan("nation", 2_000_000))

# ---------------------------------------------------------------------------------------------------------- document

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
    command = "python -m samples.scale_sim --doc docs/SCALE.md"
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
