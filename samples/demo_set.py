"""The committed demo batch ``samples/demo/``, eight envelopes; ``python -m samples.demo_set`` makes it again.

Chosen so that the report has something of everything: two sound envelopes, seals missing, unfit and unreadable, figures
that disagree, a certificate that ran out, pages of somebody else, a late arrival.
"""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from pathlib import Path

from samples.cases import Case, clean_case
from samples.make import write_batch
from samples.paper import Scan
from samples.scenarios import SCENARIOS

__all__ = ["demo_cases"]

SEED = 2023
FOLDER = Path(__file__).parent / "demo"
# Track and changes of each envelope; none: sound.
CONTENTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("supplier", ()),
    ("supplier", ("figure_outsourcing_revenue", "seal_missing_commerce")),
    ("park", ()),
    ("supplier", ("audit_revenue", "certificate_expired", "seal_missing_cpa")),
    ("training", ("seal_contract", "text_mobile")),
    ("park", ("seal_missing_proof", "late", "unknown_paper")),
    ("training", ("identity_legal_proof", "seal_unreadable_commerce")),
    ("supplier", ("not_consolidated", "certificate_number", "foreign_paper")),
)
# Small files and ordinary scans: little noise, JPEG at 70.
SCANS = (
    Scan(noise=0.4, quality=68, skew=0.5),
    Scan(noise=0.5, quality=68, skew=1.0, turned=0.1),
    Scan(noise=0.4, quality=68, skew=0.3, container="jpg"),
    Scan(noise=0.4, quality=68, skew=0.6, blanks=1),
    Scan(noise=2.0, quality=72, photo=True, container="jpg", blur=0.6),
    Scan(noise=0.4, quality=68, skew=0.8, blanks=1),
    Scan(noise=0.4, quality=68, skew=0.4, turned=0.5),
    Scan(noise=0.4, quality=68, skew=0.7, shuffled=True),
)


def demo_cases() -> list[Case]:
    """The eight cases, in order."""
    cases = []
    for i, ((track, changes), scan) in enumerate(zip(CONTENTS, SCANS, strict=True)):
        case = clean_case(track, 101 + i, SEED + i)
        if case.audit is not None:
            case = replace(case, audit=replace(case.audit, riding=None))
        case = replace(case, scan=scan)
        for change in changes:
            case = SCENARIOS[change].change(case, random.Random(SEED + i))
        cases.append(replace(case, scan=scan).named("+".join(changes) or "clean"))
    return cases


def main() -> int:
    """Writes the demo batch anew."""
    write_batch(FOLDER, demo_cases(), seed=SEED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
