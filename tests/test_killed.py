"""Killed at any moment: nothing lost, nothing twice, nothing left running, and the next run finishes the rest."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from samples.soak.killed import killed_often
from samples.soak.left import leftovers, problems_of, report_of
from samples.soak.pages import small_batch
from samples.soak.running import Place, Running, adopt_orphans, descendants, orphans_gone

pytestmark = pytest.mark.slow

KILLS, SEED = 50, 1
ENVELOPES = 3
RUN_SECONDS = 300


@pytest.fixture
def before() -> Iterator[frozenset[int]]:
    """Processes that were there before the run."""
    adopt_orphans()
    yield frozenset(descendants(os.getpid()))


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("killed")
    return Place(small_batch(folder, printed=True), folder / "records.json", folder / "home-0", folder / "out-0")


@pytest.fixture(scope="module")
def reference(given: Place) -> dict[str, Any]:
    finish(given)
    return report_of(given.out)


def place_for(given: Place, folder: Path) -> Place:
    return Place(given.batch, given.records, folder / "home", folder / "out")


def finish(place: Place, *more: str) -> None:
    with Running(place, *more) as run:
        assert run.ended(RUN_SECONDS) == 0, run.said


def reading_processes(pid: int) -> list[int]:
    """Children of the run that read (not what Python starts to count its own, and not what decodes)."""
    found = []
    for child in descendants(pid):
        try:
            command = Path(f"/proc/{child}/cmdline").read_bytes()
        except OSError:
            continue
        if b"spawn_main" in command:
            found.append(child)
    return found


def wait_for_reader(run: Running, *, work: float = 1.5) -> int:
    """The reading process, once it has done some work."""
    until = time.monotonic() + RUN_SECONDS
    while time.monotonic() < until:
        for pid in reading_processes(run.pid):
            ticks = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
            if sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK") > work:
                return pid
        time.sleep(0.02)
    raise AssertionError("no reading process came to work")


def test_killed_at_fifty_moments(tmp_path: Path) -> None:
    told = killed_often(tmp_path, kills=KILLS, seed=SEED, printed=False)
    assert told.kills == KILLS
    assert told.problems == []


def test_the_run_alone_is_killed_and_what_it_made_ends_by_itself(
    given: Place, reference: dict[str, Any], before: frozenset[int], tmp_path: Path
) -> None:
    place = place_for(given, tmp_path)
    with Running(place) as run:
        wait_for_reader(run)
        assert len(descendants(run.pid)) >= 2  # who reads and who decodes
        run.signal(signal.SIGKILL)
        assert run.ended(30) == -signal.SIGKILL
        assert orphans_gone(before) == []
    assert problems_of(place.home, place.out, ENVELOPES) == []
    finish(place)
    assert report_of(place.out) == reference
    assert leftovers(place.home, place.out) == []


def test_a_reading_process_alone_is_killed_and_its_envelope_is_read_again(
    given: Place, reference: dict[str, Any], before: frozenset[int], tmp_path: Path
) -> None:
    """As the kernel does when memory runs out."""
    place = place_for(given, tmp_path)
    with Running(place) as run:
        os.kill(wait_for_reader(run), signal.SIGKILL)
        assert run.ended(RUN_SECONDS) == 0, run.said
    assert "Traceback" not in run.said
    assert orphans_gone(before) == []
    assert report_of(place.out) == reference


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_asked_to_stop_says_so_in_one_sentence(
    number: signal.Signals, given: Place, reference: dict[str, Any], before: frozenset[int], tmp_path: Path
) -> None:
    place = place_for(given, tmp_path)
    with Running(place) as run:
        wait_for_reader(run)
        run.signal(number)
        assert run.ended(60) == 130, run.said
        assert orphans_gone(before) == []
    assert [line for line in run.said.splitlines() if line.strip()] == [
        "yanzhang: stopped; what was read is kept, run the same command again to go on"
    ]
    assert problems_of(place.home, place.out, ENVELOPES) == []
    finish(place)
    assert report_of(place.out) == reference


def test_a_flow_that_is_killed_is_gone_on_with(
    given: Place, reference: dict[str, Any], before: frozenset[int], tmp_path: Path
) -> None:
    place = place_for(given, tmp_path)
    with Running(place, "--prefect") as run:
        wait_for_reader(run)
        run.kill_all()
        run.ended(30)
        assert orphans_gone(before) == []
    assert problems_of(place.home, place.out, ENVELOPES) == []
    finish(place)
    assert report_of(place.out) == reference
