"""The judge: how probably a candidate is a seal, from the measures taken of it.

A small network (one hidden layer) whose weights stand in ``judge.json`` beside this file; ``samples.train_seals`` makes
that file from drawn scenes, and the thresholds in :mod:`pipeline.seals.find` are set with it. Its input are the
measures of :mod:`pipeline.seals.evidence` or :mod:`pipeline.seals.frames` and the colour of the ink.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from pipeline.seals.ink import Hue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

__all__ = ["FILE", "HUES", "KINDS", "Judge", "Kind", "inputs_of", "judge_of"]

Kind = Literal["ring", "frame"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FILE = Path(__file__).with_name("judge.json")
HUES: tuple[Hue, ...] = get_args(Hue)
CLIP = 4.0  # standard deviations: a measure never seen in training weighs no more than a rare one


@dataclass(frozen=True, slots=True)
class Judge:
    """One hidden layer of tanh units over standardised inputs."""

    mean: Array
    spread: Array
    hidden: Array
    bias: Array
    out: Array
    level: float

    def __call__(self, rows: Array) -> Array:
        """Probabilities (N,) of inputs (N, features)."""
        x = np.clip((rows - self.mean) / self.spread, -CLIP, CLIP)
        z = np.tanh(x @ self.hidden + self.bias) @ self.out + self.level
        return np.asarray(1 / (1 + np.exp(-z)), dtype=np.float32)


def inputs_of(measures: Array, hue: Hue) -> Array:
    """A candidate's measures with its hue, one of three set."""
    return np.concatenate([measures, np.array([hue == h for h in HUES], np.float32)])


@lru_cache(maxsize=2)
def judge_of(kind: Kind) -> Judge:
    """The trained judge of rings or frames."""
    weights: dict[str, Sequence[object]] = json.loads(FILE.read_text(encoding="utf-8"))[kind]
    arrays = {name: np.asarray(value, dtype=np.float32) for name, value in weights.items()}
    level = float(arrays.pop("level"))
    return Judge(level=level, **arrays)
