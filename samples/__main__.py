"""``python -m samples OUT --envelopes N --seed S``: the same as ``yanzhang samples``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipeline.errors import YanzhangError
from samples.make import make


def main() -> int:
    """Exit status as CONTRACT's."""
    parser = argparse.ArgumentParser(prog="python -m samples", description="Made-up envelopes, records and truth.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--envelopes", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    try:
        make(given.out, envelopes=given.envelopes, seed=given.seed, progress=_progress if sys.stderr.isatty() else None)
    except YanzhangError as error:
        print(error.message, file=sys.stderr)
        return error.exit_status
    return 0


def _progress(done: int, total: int) -> None:
    print(f"\r{done}/{total}", end="" if done < total else "\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
