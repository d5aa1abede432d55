"""What is wrong with an envelope: one change each to a sound case, with the findings that must follow (CONTRACT).

``SCENARIOS`` maps a name to its tracks and the change. A change takes a sound case and a source of chance and gives the
case as it should be found. Sound envelopes are about a third of a batch.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from samples import wrong_papers, wrong_seals, wrong_values
from samples.cases import Case, clean_case

__all__ = ["SCENARIOS", "Scenario", "case_of", "plan"]

TRACKS = ("supplier", "supplier", "park", "supplier", "training", "supplier")
CLEAN_SHARE = 0.3


@dataclass(frozen=True)
class Scenario:
    """One way to be wrong. ``tracks``: where it can happen. ``twin``: sends a second envelope after the first."""

    change: Callable[[Case, random.Random], Case]
    tracks: tuple[str, ...] = ("supplier", "park", "training")


def _all() -> dict[str, Scenario]:
    found: dict[str, Scenario] = {}
    for module in (wrong_values, wrong_seals, wrong_papers):
        table: Mapping[str, tuple[Callable[[Case, random.Random], Case], tuple[str, ...]]] = module.CHANGES
        found |= {name: Scenario(change, tracks) for name, (change, tracks) in table.items()}
    return found


SCENARIOS = _all()
TWINS = ("duplicate_envelope", "restamped_later")


def case_of(scenario: str, track: str, number: int, seed: int) -> Case:
    """A case of that scenario ("clean" for a sound one); its seed decides everything else."""
    case = clean_case(track, number, seed)
    if scenario == "clean":
        return _dressed(case, random.Random(seed + 1))
    return SCENARIOS[scenario].change(case, random.Random(seed + 1)).named(scenario)


def plan(envelopes: int, seed: int) -> list[Case]:
    """The cases of a batch: every scenario in turn, in an order of the seed's, sound ones between them."""
    rng = random.Random(seed)
    names = sorted(SCENARIOS) + list(TWINS)
    rng.shuffle(names)
    cases: list[Case] = []
    while len(cases) < envelopes:
        name = "clean" if rng.random() < CLEAN_SHARE or not names else names.pop()
        if not names:
            names = sorted(SCENARIOS)
            rng.shuffle(names)
        number, own_seed = len(cases) + 1, rng.getrandbits(40)
        if name in TWINS:
            cases += _twins(name, number, own_seed) if len(cases) + 2 <= envelopes else []
            continue
        tracks = SCENARIOS[name].tracks if name in SCENARIOS else TRACKS
        cases.append(case_of(name, rng.choice([t for t in TRACKS if t in tracks]), number, own_seed))
    return cases


def _twins(name: str, number: int, seed: int) -> list[Case]:
    """Two envelopes of one application: the same pages scanned twice, or one restamped form sent later."""
    rng = random.Random(seed + 2)
    first = clean_case(rng.choice(("park", "training")), number, seed)
    if name == "duplicate_envelope":
        first = first.named("duplicate_envelope_first").tolerating("DUPLICATE_ENVELOPE", None, None)
        again = replace(first, expected=(), tolerated=(), scan_seed=1)
        return [first, again.named(name).finding("DUPLICATE_ENVELOPE")]
    lacking = first.with_stamp("commerce_department", None).named("restamped_later_first")
    lacking = lacking.tolerating("MISSING_SEAL", "information_form", "commerce_department")
    form_only = replace(
        first, audit=None, certificates=(), proof=None, statement=None, others=(), before=(), seed=seed + 5
    )
    return [lacking, form_only.named(name)]


def _dressed(case: Case, rng: random.Random) -> Case:
    """A sound envelope in unusual clothes: born digital, shuffled, a folder of pictures, a photograph."""
    dress = rng.choice(("plain", "plain", "plain", "digital", "junk", "shuffled", "folder", "photo", "tiff"))
    scan = case.scan
    changes = {
        "digital": replace(scan, digital="text"),
        "junk": replace(scan, digital="junk"),
        "shuffled": replace(scan, shuffled=True, turned=0.2, blanks=2),
        "folder": replace(scan, container=rng.choice(("jpg", "png", "tif"))),
        "photo": replace(scan, photo=True, container="jpg", blanks=0, quality=85, dpi=200),
        "tiff": replace(scan, container="tiff-file"),
    }
    return replace(case, scan=changes.get(dress, scan))
