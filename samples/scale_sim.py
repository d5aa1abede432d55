"""How a season goes through mail room, store, readers and database: a simulation with measured costs (docs/SCALE.md).

Discrete events on one heap: envelopes arrive by mail, people feed them to scanners in working hours, files go to the
originals' store, reading processes take them, first come first served, and lose one now and then; the database notes
each step. Deterministic by its seed.
"""

from __future__ import annotations

import math
import random
import time
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush

__all__ = [
    "COSTS",
    "DAY",
    "HOUR",
    "HOURS",
    "PLANS",
    "Clock",
    "Costs",
    "Line",
    "Measures",
    "Plan",
    "Pool",
    "Season",
    "feeding_seconds",
    "peak_share",
    "percentile",
    "planned",
    "reading_seconds",
    "season",
    "simulate",
    "storing_seconds",
]

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
    night_few: float = 51.3 / 100_000
    night_all: float = 459.3 / 100_000
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
