"""``python -m samples.fuzz --count 5000 --seed 1`` (``make fuzz``); ``--only N`` for one case again."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from samples.fuzz.batches import Ended, run_batches
from samples.fuzz.cases import KINDS, case
from samples.fuzz.run import BAD, Verdict, run

BATCH_EVERY = 250  # cases: one whole batch of such files through ``yanzhang process``


def main() -> int:
    """0 if every case was taken well, else 1."""
    parser = argparse.ArgumentParser(prog="python -m samples.fuzz", description="Hostile inputs from a seed.")
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="this case alone; its file is written aside")
    parser.add_argument("--kind", choices=list(KINDS), help="every case of this kind")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--aside", type=Path, default=Path("out/fuzz"), help="where inputs go that were not taken well")
    parser.add_argument("--bare", action="store_true", help="decode without walls: what a decoder raises is shown")
    given = parser.parse_args()
    numbers = range(given.count) if given.only is None else (given.only,)
    if given.only is not None:
        given.aside.mkdir(parents=True, exist_ok=True)
        one = case(given.seed, given.only, given.kind)
        (given.aside / one.name).write_bytes(one.data)
        print(given.aside / one.name)
    began = time.monotonic()
    verdicts = run(
        given.seed,
        numbers,
        kind=given.kind,
        workers=given.workers,
        bare=given.bare,
        aside=given.aside,
        progress=_progress if sys.stderr.isatty() else None,
    )
    batches = [] if given.only is not None or given.kind else run_batches(given.seed, given.count // BATCH_EVERY)
    _tell(verdicts, batches, time.monotonic() - began, given.seed)
    return int(any(v.bad for v in verdicts) or any(b.problem for b in batches))


def _progress(counts: Counter[str]) -> None:
    print("\r" + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())), end="", file=sys.stderr, flush=True)


def _tell(verdicts: list[Verdict], batches: list[Ended], seconds: float, seed: int) -> None:
    for one in verdicts:
        if one.bad or one.told.verdict == "costly" or len(verdicts) == 1:
            told = one.told
            print(f"{told.verdict} seed {seed} case {one.number} ({one.kind}, {told.seconds} s, {told.mb} MB)")
            print(told.says)
    for batch in batches:
        if batch.problem:
            print(f"BATCH seed {seed} batch {batch.number}: {batch.problem}")
    _row("kind", ["cases", "ok", "refused", "costly", *BAD, "most MB", "most s"])
    for kind in (*KINDS, None):
        of = [v for v in verdicts if kind in (None, v.kind)]
        counts = Counter(v.told.verdict for v in of)
        most = (max((v.told.mb for v in of), default=0), max((v.told.seconds for v in of), default=0.0))
        _row(kind or "all", [len(of), *(counts[w] for w in ("ok", "refused", "costly", *BAD)), *most])
    ended = Counter(b.status for b in batches)
    print(
        f"{len(batches)} whole batches: " + ", ".join(f"{n} ended with {status}" for status, n in sorted(ended.items()))
    )
    print(f"{seconds:.0f} s, seed {seed}")


def _row(name: str, cells: Sequence[object]) -> None:
    print(f"{name:8}" + "".join(f"{cell!s:>9}" for cell in cells))


if __name__ == "__main__":
    sys.exit(main())
