"""``python -m samples.soak`` (``make soak``): killed a thousand times, and ten thousand pages."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from samples.soak.killed import Killing, killed_often
from samples.soak.memory import EARLY, LATE, Grown, Sample, long_run


def main() -> int:
    """0 if all held, else 1."""
    parser = argparse.ArgumentParser(prog="python -m samples.soak", description="Long runs, on made-up pages.")
    parser.add_argument("--kills", type=int, default=1_000, help="how often a run is killed; 0: not at all")
    parser.add_argument("--pages", type=int, default=10_000, help="pages of the long run; 0: none")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    bad = False
    if given.kills:
        with tempfile.TemporaryDirectory(prefix="yanzhang-soak-") as folder:
            began = time.monotonic()
            killing = killed_often(
                Path(folder), kills=given.kills, seed=given.seed, printed=True, progress=_killing_goes_on
            )
            _tell_killing(killing, time.monotonic() - began)
            bad = bad or bool(killing.problems)
    if given.pages:
        with tempfile.TemporaryDirectory(prefix="yanzhang-soak-") as folder:
            grown = long_run(Path(folder), pages=given.pages, seed=given.seed, progress=_reading_goes_on)
            _tell_grown(grown)
            bad = bad or bool(grown.problems())
    return int(bad)


def _killing_goes_on(told: Killing) -> None:
    if sys.stderr.isatty():
        print(f"\r{told.kills} kills, {len(told.problems)} problems", end="", file=sys.stderr, flush=True)


def _reading_goes_on(sample: Sample) -> None:
    if sys.stderr.isatty():
        print(f"\r{sample.pages} pages, {sample.all_mb:.0f} MB", end="", file=sys.stderr, flush=True)


def _tell_killing(told: Killing, seconds: float) -> None:
    for problem in told.problems:
        print(problem)
    print(
        f"killed {told.kills} times, {told.ended} runs ended before their moment, {told.fresh + 2} stores: "
        f"{len(told.problems)} problems, {seconds:.0f} s; a whole run works {told.work:.1f} s, again {told.again:.1f} s"
    )


def _tell_grown(grown: Grown) -> None:
    print(f"{grown.pages} pages in {grown.samples[-1].at:.0f} s, ended with {grown.status}")
    for name, of in (
        ("the run itself", lambda s: s.run_mb),
        ("largest process of its own", lambda s: s.reader_mb),
        ("all together", lambda s: s.all_mb),
    ):
        early, late = grown.most(of, *EARLY), grown.most(of, *LATE)
        print(
            f"{name}: at most {grown.most(of, 0.0, 1.0):.0f} MB; halfway {early:.0f}, at the end {late:.0f} MB; "
            f"{grown.slope(of):+.1f} MB for each thousand pages"
        )
    print(
        f"seconds a page: halfway {grown.seconds_a_page(*EARLY):.3f}, at the end {grown.seconds_a_page(0.9, 1.0):.3f}"
    )
    for problem in grown.problems():
        print(problem)


if __name__ == "__main__":
    sys.exit(main())
