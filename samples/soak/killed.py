"""The same small batch again and again, killed at any moment, and what is left each time."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from samples.soak.left import leftovers, problems_of, report_of
from samples.soak.pages import small_batch
from samples.soak.running import Place, Running, adopt_orphans, descendants, orphans_gone

__all__ = ["Killing", "killed_often"]

ENVELOPES = 3
RUN_SECONDS = 300.0
AGAIN = 12  # kills of a run over a store where all was read


LOOK_EVERY = 0.01  # s
LATE, SHARE_LATE = 0.8, 0.35  # most of a short run is getting ready: so many moments fall into its end


@dataclass
class Killing:
    """How often the run was killed; what did not hold, and when.

    ``work``: seconds of processor that an undisturbed run takes on a new store, and ``again`` where all was read.
    """

    kills: int = 0
    fresh: int = 0
    ended: int = 0
    work: float = 0.0
    again: float = 0.0
    problems: list[str] = field(default_factory=list)


def killed_often(
    folder: Path, *, kills: int, seed: int, printed: bool, progress: Callable[[Killing], None] | None = None
) -> Killing:
    """Kill a run ``kills`` times at moments that follow from ``seed``, then let it finish and compare.

    Moments are seconds of processor, so that they mean the same on a busy machine. A store is gone on with until a run
    comes to its end before its moment; then it is killed :data:`AGAIN` times more, with all read, and begun anew.
    """
    adopt_orphans()
    told, rng, before = Killing(), Random(seed), frozenset(descendants(os.getpid()))
    batch = small_batch(folder, printed=printed)
    first = Place(batch, folder / "records.json", folder / "home-0", folder / "out-0")
    told.work, reference = _undisturbed(first, told)
    told.again, _ = _undisturbed(first, told, reference)
    here = Place(batch, first.records, folder / "home", folder / "out")
    again = 0
    while told.kills < kills:
        whole = told.again if again else told.work
        moment = rng.uniform(whole * LATE if rng.random() < SHARE_LATE else 0.0, whole * 1.02)
        if _killed(here, moment):
            told.kills += 1
        else:
            told.ended += 1
            again = again or 1
        at = f"kill {told.kills} after {moment:.2f} s of work: "
        told.problems += [at + p for p in problems_of(here.home, here.out, ENVELOPES)]
        told.problems += [f"{at}process {pid} lives on" for pid in orphans_gone(before)]
        again += bool(again)
        if again > AGAIN:
            _undisturbed(here, told, reference)
            shutil.rmtree(here.home)
            shutil.rmtree(here.out)
            told.fresh, again = told.fresh + 1, 0
        if progress:
            progress(told)
    _undisturbed(here, told, reference)
    return told


def _killed(place: Place, moment: float) -> bool:
    """Whether the run was killed, and had not ended before."""
    with Running(place) as run:
        while run.worked() < moment:
            if run.ended(LOOK_EVERY) is not None:
                return False
        run.kill_all()
        return run.ended(RUN_SECONDS) != 0


def _undisturbed(place: Place, told: Killing, reference: object = None) -> tuple[float, object]:
    """The work it takes, and the report it gives."""
    work, status = 0.0, None
    until = time.monotonic() + RUN_SECONDS
    with Running(place) as run:
        while status is None and time.monotonic() < until:
            work = max(work, run.worked())
            status = run.ended(LOOK_EVERY)
    if status != 0:
        told.problems.append(f"after kill {told.kills} the undisturbed run ended with {status}: {run.said}")
        return work, reference
    report = report_of(place.out)
    if reference is not None and report != reference:
        told.problems.append(f"after kill {told.kills} the undisturbed run gave another report")
    told.problems += [f"after kill {told.kills} the undisturbed run left {p}" for p in leftovers(place.home, place.out)]
    return work, report
