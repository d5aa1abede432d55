"""Trains the judge of seal candidates on drawn pages and writes its weights.

``python -m samples.train_seals [--pages 730] [--seed 2]`` makes ``pipeline/seals/judge.json``. The same numbers on the
same fonts give the same file. What it learns from are scenes of :mod:`samples.seal_scenes` and pages of
:mod:`samples.seal_pages`, nobody's paper.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.seals.candidates import Candidate, candidates_of
from pipeline.seals.ink import Inks, inks_of
from pipeline.seals.judge import CLIP, FILE, KINDS, Kind, inputs_of
from pipeline.seals.patch import patch_of, pictured
from samples.seal_pages import SealPage, draw_page
from samples.seal_scenes import Scene, SceneSeal, draw_scene

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

A_MILLION = 1_000_000
EMBLEM_PAGES = 900_000  # of a seed's million pages: the first of those whose seals bear the national emblem
EMBLEMS_IN = 6  # pages to one of those: 121 to 730
HIDDEN = 28
ROUNDS = 40
BATCH = 256
RATE = 2e-3
DECAY = 2e-4  # keeps weights small: pages to come are of other makes
JITTER = 0.12  # standard deviations of noise on the inputs, for the same reason
UNASKED = 0.25  # of a box: so much in common with a seal that nobody need find, a candidate teaches nothing
GOOD, BAD = 0.80, 0.45  # shared box (IoU) at which a candidate is wholly right, or wholly wrong


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate, how right it is (0 to 1), how much it weighs, and its picture."""

    candidate: Candidate
    right: float
    weight: float
    patch: NDArray[np.uint8]


def rows_of(seed: int) -> list[Row]:
    """The candidates of one drawn scene, or of every third a page."""
    cv2.setNumThreads(1)
    if seed % A_MILLION >= EMBLEM_PAGES:
        scene = draw_scene(seed, emblems=True)
    else:
        scene = draw_scene(seed) if seed % 3 else scene_of(draw_page(seed), known=bool(seed % 4))
    inks = inks_of(scene.image, scene.dpi)
    picture = pictured(inks)
    return [row for c in candidates_of(inks) if (row := _row(c, inks, scene, picture)) is not None]


def scene_of(page: SealPage, *, known: bool) -> Scene:
    """A drawn page as a scene; ``known``: whether its resolution is."""
    seals = tuple(SceneSeal(s.box, s.shape in ("round", "oval"), asked=True) for s in page.seals)
    return Scene(page.image, page.dpi if known else None, seals)


def _row(candidate: Candidate, inks: Inks, scene: Scene, picture: NDArray[np.uint8]) -> Row | None:
    shared = [(_shared(candidate, inks, s, scene), s) for s in scene.seals]
    best = max(shared, key=lambda p: p[0], default=None)
    right = 0.0 if best is None else float(np.clip((best[0] - BAD) / (GOOD - BAD), 0, 1))
    if any(share > UNASKED and not s.asked for share, s in shared):
        return None  # nobody could say
    if best is not None and right > 0 and best[1].ring != (candidate.kind == "ring"):
        return None  # a frame drawn round a round seal is neither right nor a decoy
    weight = 3.0 if right > 0.5 else 1.0
    patch = patch_of(picture, candidate.ring)
    return Row(candidate, right, weight, patch)


def _shared(candidate: Candidate, inks: Inks, seal: SceneSeal, scene: Scene) -> float:
    """Intersection over union of the candidate's box, cut at the page's edge, and the seal's."""
    rows, columns = scene.image.shape[:2]
    x0, y0, x1, y1 = (v * inks.scale for v in candidate.ring.bounds)
    x0, y0, x1, y1 = max(0.0, x0), max(0.0, y0), min(columns, x1), min(rows, y1)
    w = min(x1, seal.box[2]) - max(x0, seal.box[0])
    h = min(y1, seal.box[3]) - max(y0, seal.box[1])
    if w <= 0 or h <= 0:
        return 0.0
    own = (x1 - x0) * (y1 - y0) + (seal.box[2] - seal.box[0]) * (seal.box[3] - seal.box[1])
    return float(w * h / (own - w * h))


def train(rows: Array, right: Array, weight: Array, *, seed: int) -> dict[str, list[object] | float]:
    """Weights of :class:`pipeline.seals.judge.Judge` by Adam on weighted cross entropy."""
    rng = np.random.default_rng(seed)
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    x = np.clip((rows - mean) / spread, -CLIP, CLIP)
    parts = [
        rng.normal(0, x.shape[1] ** -0.5, (x.shape[1], HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(0, 0.1, HIDDEN),
        np.zeros(1),
    ]
    first, second = [np.zeros_like(p) for p in parts], [np.zeros_like(p) for p in parts]
    step = 0
    for turn in range(ROUNDS):
        rate = RATE * (1 - turn / ROUNDS)
        for some in np.array_split(rng.permutation(len(x)), max(1, len(x) // BATCH)):
            step += 1
            grads = _gradient(
                parts, x[some] + rng.normal(0, JITTER, (len(some), x.shape[1])), right[some], weight[some]
            )
            for k, grad in enumerate(grads):
                grad = grad + DECAY * parts[k] * (k != 3)
                first[k] = 0.9 * first[k] + 0.1 * grad
                second[k] = 0.999 * second[k] + 0.001 * grad * grad
                size = np.sqrt(second[k] / (1 - 0.999**step)) + 1e-8
                parts[k] = parts[k] - rate * first[k] / (1 - 0.9**step) / size
    names = ("hidden", "bias", "out")
    weights = {name: np.round(p, 4).tolist() for name, p in zip(names, parts, strict=False)}
    return {
        "mean": np.round(mean, 4).tolist(),
        "spread": np.round(spread, 4).tolist(),
        **weights,
        "level": round(float(parts[3][0]), 4),
    }


def _gradient(
    parts: list[NDArray[np.float64]], x: NDArray[np.float64], right: Array, weight: Array
) -> list[NDArray[np.float64]]:
    hidden = np.tanh(x @ parts[0] + parts[1])
    guess = 1 / (1 + np.exp(-(hidden @ parts[2] + parts[3][0])))
    off = (guess - right) * weight / len(x)
    back = np.outer(off, parts[2]) * (1 - hidden**2)
    return [x.T @ back, back.sum(axis=0), hidden.T @ off, np.array([off.sum()])]


def seeds_of(seed: int, pages: int) -> list[int]:
    """The seeds of the pages that are drawn for a training's seed, and of some more whose seals bear the emblem."""
    first, emblems = seed * A_MILLION, seed * A_MILLION + EMBLEM_PAGES
    return [*range(first, first + pages), *range(emblems, emblems + pages // EMBLEMS_IN)]


def judges_of(rows: Sequence[Row], seed: int) -> dict[Kind, dict[str, list[object] | float]]:
    """Weights of both judges."""
    judges: dict[Kind, dict[str, list[object] | float]] = {}
    for kind in KINDS:
        mine = [row for row in rows if row.candidate.kind == kind]
        inputs = np.stack([inputs_of(row.candidate.measures, row.candidate.hue) for row in mine])
        right, weight = (np.array([getattr(row, k) for row in mine], np.float32) for k in ("right", "weight"))
        sys.stderr.write(f"{kind}: {len(mine)} candidates, {int((right > 0.5).sum())} seals\n")
        judges[kind] = train(inputs, right, weight, seed=seed)
    return judges


def main() -> None:
    """Draw, train, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=730)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1)
    chosen = parser.parse_args()
    with ProcessPoolExecutor(chosen.workers) as pool:
        rows = [row for page in pool.map(rows_of, seeds_of(chosen.seed, chosen.pages), chunksize=8) for row in page]
    FILE.write_text(json.dumps(judges_of(rows, chosen.seed), separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
