"""Weighs the three opinions on a seal candidate against each other: its measures, its picture, the glance at the page.

``python -m samples.fit_opinions [--pages 600] [--seed 7]`` prints the table ``WEIGHTS`` of :mod:`pipeline.seals.find`,
fitted on drawn pages that no training has seen, by logistic regression with a ridge.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pipeline.model import Box
from pipeline.seals.find import opinions_of
from samples.seal_marks import MARKS
from samples.seal_pages import draw_page
from samples.seal_scenes import Scene, draw_scene
from samples.train_seals import A_MILLION, BAD, GOOD, UNASKED, scene_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

RIDGE = 1.0
ROUNDS = 30

Row = tuple[tuple[str, str], tuple[float, float, float], float]


def rows_of(seed: int) -> list[Row]:
    """The class of each candidate of a drawn page, the opinions on it, and how right it is (0 to 1)."""
    cv2.setNumThreads(1)
    scene = _scene(seed)
    inks, opinions = opinions_of(scene.image, scene.dpi)
    rows, columns = scene.image.shape[:2]
    told: list[Row] = []
    for one in opinions:
        x0, y0, x1, y1 = (v * inks.scale for v in one.candidate.bounds)
        box = Box(max(0.0, x0), max(0.0, y0), min(columns, x1), min(rows, y1))
        parts = [(box.iou(Box(*s.box)), s) for s in scene.seals]
        if any(part > UNASKED and not s.asked for part, s in parts):
            continue  # nobody could say
        part, seal = max(parts, key=lambda p: p[0], default=(0.0, None))
        if seal is not None and part > BAD and seal.ring != (one.candidate.kind == "ring"):
            continue  # a frame drawn round a round seal is neither right nor a decoy
        told.append((one.kind, one.odds, float(np.clip((part - BAD) / (GOOD - BAD), 0, 1))))
    return told


def _scene(seed: int) -> Scene:
    if seed % 3 == 0:
        return scene_of(draw_page(seed), known=True)
    return draw_scene(seed, emblems=seed % 8 == 0, more=MARKS * 2 if seed % 2 else ())


def fitted(odds: Floats, right: Floats) -> Floats:
    """Level and weights (1 + 3) of the opinions' log odds, by Newton's steps on the cross entropy; none below 0."""
    used = [0, 1, 2, 3]
    every = np.column_stack([np.ones(len(odds)), odds])
    while True:
        x, weights = every[:, used], np.full(len(used), 0.3)
        for _ in range(ROUNDS):
            guess = 1 / (1 + np.exp(-x @ weights))
            slope = x.T @ (guess - right) + RIDGE * weights
            bend = (x * (guess * (1 - guess))[:, None]).T @ x + RIDGE * np.eye(len(used))
            weights = weights - np.linalg.solve(bend, slope)
        below = [k for k, w in zip(used, weights, strict=True) if k and w < 0]
        if not below:
            break
        used = [k for k in used if k not in below]
    out = np.zeros(4)
    out[used] = weights
    return out


def table(rows: Iterable[Row]) -> dict[tuple[str, str], list[float]]:
    """The weights of each class."""
    classes: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        classes[row[0]].append(row)
    return {
        kind: np.round(fitted(np.array([r[1] for r in some]), np.array([r[2] for r in some])), 2).tolist()
        for kind, some in sorted(classes.items())
    }


def main() -> None:
    """Draw, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    first = chosen.seed * A_MILLION
    with ProcessPoolExecutor(chosen.workers) as pool:
        rows = [r for page in pool.map(rows_of, range(first, first + chosen.pages), chunksize=4) for r in page]
    for kind, weights in table(rows).items():
        print(f"    {kind}: {tuple(weights)},")


if __name__ == "__main__":
    main()
