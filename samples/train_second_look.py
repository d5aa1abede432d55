"""Trains the second look at seal candidates on drawn scenes and writes ``pipeline/seals/second_look.onnx``.

``python -m samples.train_second_look [--pages 730] [--seed 2] [--epochs 14]`` in an environment that has torch and onnx
besides the project's own packages; running it needs neither. It learns from the same candidates as the first judge
(:mod:`samples.train_seals`, whose weights it takes as they stand), of those that the first judge does not dismiss.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.seals.judge import KINDS, inputs_of, judge_of
from pipeline.seals.second_look import FILE, facts_of
from samples.train_seals import Row, rows_of, seeds_of

LEAST = 0.004  # of the first judge: what it dismisses below is not looked at again
BATCH = 64
RATE = 2e-3


def lesson(pages: Iterable[Sequence[Row]]) -> tuple[Any, Any, Any]:
    """Pictures, facts and how right each is, of the candidates worth a second look, page by page and kind by kind."""
    patches, facts, right = [], [], []
    for page in pages:
        for kind in KINDS:
            mine = [row for row in page if row.candidate.kind == kind]
            if not mine:
                continue
            firsts = judge_of(kind)(np.stack([inputs_of(r.candidate.measures, r.candidate.hue) for r in mine]))
            for row, first in zip(mine, firsts.tolist(), strict=True):
                if first >= LEAST:
                    patches.append(row.patch)
                    facts.append(facts_of(row.candidate, first))
                    right.append(row.right)
    return np.stack(patches), np.stack(facts), np.array(right, np.float32)


def network() -> Any:
    """Four convolutions over the ink, and a layer that joins the facts."""
    import torch
    from torch import nn

    def conv(a: int, b: int, stride: int) -> Any:
        return nn.Sequential(nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True))

    class SecondLook(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.see = nn.Sequential(conv(4, 16, 2), conv(16, 32, 2), conv(32, 48, 1), conv(48, 64, 2), nn.Flatten())
            self.join = nn.Sequential(nn.Linear(64 * 25 + 8, 64), nn.LeakyReLU(0.1), nn.Dropout(0.2), nn.Linear(64, 1))

        def forward(self, ink: Any, facts: Any) -> Any:
            return self.join(torch.cat([self.see(ink), facts], 1)).squeeze(1)

    return SecondLook()


def train(patches: Any, facts: Any, right: Any, *, epochs: int, seed: int) -> Any:
    """The trained network: soft cross entropy, the ink turned, mirrored, shifted and made paler or fuller."""
    import torch
    from torch.nn import functional as nf

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    net, weight = network(), torch.from_numpy(np.where(right > 0.5, 2.0, 1.0).astype(np.float32))
    guide = torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-2)
    total, step = epochs * (len(right) // BATCH), 0
    for epoch in range(epochs):
        shown = 0.0
        for some in np.array_split(rng.permutation(len(right)), max(1, len(right) // BATCH)):
            for group in guide.param_groups:
                group["lr"] = (
                    RATE * min(1, (step + 1) / 50) * max(0.02, 0.5 + 0.5 * float(np.cos(np.pi * step / total)))
                )
            ink = torch.from_numpy(_varied(patches[some], rng))
            told = facts[some].copy()
            told[:, 0] += rng.normal(0, 0.15, len(some)) * (rng.random(len(some)) < 0.5)
            told[rng.random(len(some)) < 0.15, 0] = 0  # the picture must tell by itself
            with torch.autocast("cpu", torch.bfloat16):
                guess = net(ink, torch.from_numpy(told))
            loss = (
                nf.binary_cross_entropy_with_logits(guess.float(), torch.from_numpy(right[some]), reduction="none")
                * weight[some]
            ).mean()
            guide.zero_grad()
            loss.backward()
            guide.step()
            step += 1
            shown += float(loss.detach())
        sys.stderr.write(f"epoch {epoch + 1}: {shown / max(1, len(right) // BATCH):.4f}\n")
    return net.eval()


def _varied(patches: Any, rng: Any) -> Any:
    ink = patches.astype(np.float32).transpose(0, 3, 1, 2) / 255
    if rng.random() < 0.5:
        ink = ink[:, :, ::-1]
    if rng.random() < 0.5:
        ink = ink[:, :, :, ::-1]
    if rng.random() < 0.5:
        ink = ink.transpose(0, 1, 3, 2)
    ink = np.roll(ink, (int(rng.integers(-1, 2)), int(rng.integers(-1, 2))), (2, 3))
    ink = ink * rng.uniform(0.7, 1.15, (len(ink), 1, 1, 1)) * rng.uniform(0.85, 1.1, (len(ink), 4, 1, 1))
    return np.ascontiguousarray(np.clip(ink, 0, 1), dtype=np.float32)


def write(net: Any, file: Path) -> None:
    """The network as ONNX, giving probabilities, any number of candidates at once."""
    import torch

    class Told(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, ink: Any, facts: Any) -> Any:
            return self.net(ink, facts).sigmoid()

    torch.onnx.export(
        Told().eval(), (torch.zeros(2, 4, 40, 40), torch.zeros(2, 8)), str(file), input_names=["ink", "facts"],
        output_names=["seal"], dynamo=False, opset_version=17,
        dynamic_axes={"ink": {0: "n"}, "facts": {0: "n"}, "seal": {0: "n"}},
    )  # fmt: skip


def main() -> None:
    """Draw, train, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=730)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--workers", type=int, default=1)
    chosen = parser.parse_args()
    with ProcessPoolExecutor(chosen.workers) as pool:
        patches, facts, right = lesson(pool.map(rows_of, seeds_of(chosen.seed, chosen.pages), chunksize=8))
    sys.stderr.write(f"{len(right)} candidates, {int((right > 0.5).sum())} seals\n")
    write(train(patches, facts, right, epochs=chosen.epochs, seed=chosen.seed), FILE)


if __name__ == "__main__":
    main()
