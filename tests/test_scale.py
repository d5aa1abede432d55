"""The simulation of docs/SCALE.md: nothing is lost in it, and it agrees with theory and with what was measured."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.scale_doc import BEGIN, END, times_table
from samples.scale_sim import (
    COSTS,
    DAY,
    HOUR,
    HOURS,
    OPENS,
    PLANS,
    Clock,
    Line,
    Plan,
    Pool,
    Season,
    percentile,
    planned,
    season,
    simulate,
)

SMALL = Plan("small", 3_000, stations=6, processes=2)
FRAIL = replace(COSTS, lifetime=2 * HOUR)  # a reader that dies every two hours


def mean(values: object) -> float:
    listed = list(values)  # type: ignore[call-overload]
    return math.fsum(listed) / len(listed)


@pytest.mark.parametrize("costs", [COSTS, FRAIL, replace(COSTS, lifetime=300.0)], ids=["usual", "frail", "dying"])
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_and_nothing_is_done_twice(costs: object, seed: int) -> None:
    mail = season(SMALL, seed)
    came_to = simulate(SMALL, mail, costs, seed=seed)  # type: ignore[arg-type]
    assert came_to.done == came_to.envelopes == SMALL.envelopes == len(came_to.to_done)
    assert came_to.pages == sum(mail.pages)
    assert min(came_to.scan_wait) > 0
    assert all(0 < stored < done for stored, done in zip(came_to.to_stored, came_to.to_done, strict=True))
    assert (came_to.deaths > 0) == (costs is not COSTS)


def test_the_same_seed_is_the_same_season() -> None:
    one, other, third = (simulate(SMALL, season(SMALL, seed), FRAIL, seed=seed) for seed in (1, 1, 2))
    assert list(one.to_done) == list(other.to_done)
    assert list(one.to_done) != list(third.to_done)


@pytest.mark.parametrize("costs", [COSTS, FRAIL], ids=["usual", "frail"])
def test_littles_law(costs: object) -> None:
    """L = λ W: how many are inside on average is how many come in a second times how long one stays."""
    came_to = simulate(SMALL, season(SMALL, 3), costs)  # type: ignore[arg-type]
    rate = came_to.done / came_to.span
    assert came_to.mean_inside == pytest.approx(rate * mean(came_to.to_done), rel=1e-6)


def test_more_readers_or_people_make_nobody_wait_longer() -> None:
    mail = season(SMALL, 4)
    by_readers = [simulate(replace(SMALL, processes=n), mail, COSTS) for n in (1, 2, 3, 5, 9)]
    for share in (0.5, 0.95, 0.99):
        waits = [percentile(one.to_done, share) for one in by_readers]
        assert waits == sorted(waits, reverse=True)
    assert mean(by_readers[0].to_done) > 2 * mean(by_readers[-1].to_done)
    by_people = [mean(simulate(replace(SMALL, stations=n), mail, COSTS).scan_wait) for n in (2, 4, 8, 16)]
    assert by_people == sorted(by_people, reverse=True)
    used = [one.used["reading"] for one in by_readers]
    assert used == sorted(used, reverse=True)
    assert all(0 < share <= 1 for share in used)


def test_one_machine_is_as_quick_as_the_one_that_was_measured() -> None:
    """BENCHMARKS: 0.84 pages/s with two processes, envelopes of 14 pages."""
    plan = Plan("bench", 280, processes=2, failures=False)
    came_to = simulate(plan, Season([0.0] * 280, [14] * 280), COSTS, scanned=True)
    assert came_to.pages_a_second == pytest.approx(201 / 238.7, rel=0.02)
    assert came_to.used["reading"] > 0.98


def test_a_long_report_takes_what_was_measured() -> None:
    """BENCHMARKS: 97 pages of an audit report in 71.8 s on a core that is alone; two busy cores give 1.4."""
    plan = Plan("report", 1, processes=1, failures=False, form_pages=0)
    came_to = simulate(plan, Season([0.0], [97]), COSTS, scanned=True)
    assert came_to.to_done[0] == pytest.approx(71.8 * 2 / 1.4, rel=0.02)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (1, 0.8), (4, 0.8), (16, 0.8)])
def test_a_pool_waits_as_theory_says(servers: int, load: float) -> None:
    """Arrivals and services at random (M/M/c): the mean wait of Erlang's formula."""
    draw, count, service = random.Random(7), 120_000, 10.0
    times, waits = [], []
    moment = 0.0
    for _ in range(count):
        moment += draw.expovariate(servers * load / service)
        times.append(moment)
    takes = [draw.expovariate(1 / service) for _ in range(count)]
    line = Line()
    pool = Pool(line, servers, takes.__getitem__, lambda whom: waits.append(line.now - times[whom] - takes[whom]))
    for number, at in enumerate(times):
        line.at(at, pool.take, number)
    line.run()
    offered = servers * load
    tail = offered**servers / math.factorial(servers) / (1 - load)
    busy = tail / (sum(offered**k / math.factorial(k) for k in range(servers)) + tail)
    assert mean(waits) == pytest.approx(busy * service / (servers * (1 - load)), rel=0.08)
    assert pool.busy == pytest.approx(sum(takes))


moments = st.floats(min_value=0, max_value=60 * DAY)


@given(moments, st.floats(min_value=1, max_value=40 * HOUR))
def test_work_rests_while_the_mail_room_is_closed(now: float, work: float) -> None:
    clock = Clock()
    end = clock.after(now, work)
    assert end >= now + work - 1e-3
    assert clock.worked(end) == pytest.approx(clock.worked(now) + work, abs=1e-3)
    assert end // DAY % 7 < 5
    assert OPENS - 1e-3 <= end % DAY <= OPENS + HOURS * HOUR + 1e-3


def test_what_is_planned_masters_the_busiest_day() -> None:
    plan = replace(SMALL, envelopes=5_000)
    mail = season(plan, 5)
    enough = planned(plan, COSTS, mean_pages=mean(mail.pages))
    came_to = simulate(enough, mail, COSTS)
    assert percentile(came_to.to_done, 0.99) < DAY
    assert percentile(came_to.scan_wait, 0.99) < HOURS * HOUR
    starved = simulate(replace(enough, processes=max(1, enough.processes // 2)), mail, COSTS)
    assert percentile(starved.to_done, 0.99) > percentile(came_to.to_done, 0.99)


def test_the_document_says_what_the_simulation_says() -> None:
    text = (Path(__file__).parent.parent / "docs" / "SCALE.md").read_text(encoding="utf-8")
    tables = text.partition(BEGIN)[2].partition(END)[0]
    province = next(plan for plan in PLANS if plan.name == "province")
    mail = season(province, 1)
    plan = planned(province, COSTS, mean_pages=mean(mail.pages))
    rows = [
        ("province, as planned", plan, COSTS),
        ("half the readers", replace(plan, processes=-(-plan.processes // 2)), COSTS),
    ]
    said = list(times_table(rows, {"province": mail}, 1))
    assert len(said) == 4
    assert all(row in tables for row in said)
