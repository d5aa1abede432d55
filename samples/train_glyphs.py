"""Trains the second opinion on a seal's single characters and writes its model.

``python -m samples.train_glyphs [--steps 4000] [--seed 1]`` makes ``pipeline/seals/glyphs.onnx``. It needs torch and
onnx, which the program does not. What it learns from are cells of :mod:`samples.glyph_cells`, drawn from the fonts of
this machine; the same numbers on the same fonts give the same file. ``--kept FILE`` keeps the weights on the way and
``--first FILE`` goes on from such a file. The model kept here is of a million cells in three legs, between which the
drawing was mended: a new run gives another one, whose weight beside the recogniser ``samples.fit_glyphs`` must fit
again.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import nn

from pipeline.seals.glyphs import CELL_SIDE, FILE, INK_LEVEL
from samples.glyph_cells import atlas_of, cells
from samples.glyph_signs import shares_of, signs_to_learn

BATCH = 256
RATE = 3e-3
DECAY = 0.02
KEPT = 24  # batches that are kept to be seen a second time: drawing costs half as much as learning
EASY, HARD = 0.3, 0.95  # most damage at the beginning, and from the middle of the training on


class _Residual(nn.Module):  # type: ignore[misc]
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Any) -> Any:
        return torch.relu(x + self.body(x))


def _step(inner: int, outer: int, side: int, stride: int, pad: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inner, outer, side, stride, pad, bias=False), nn.BatchNorm2d(outer), nn.ReLU())


def network(signs: int) -> nn.Sequential:
    """A small convolutional network with an embedding of 128 before its classes."""
    return nn.Sequential(
        _step(1, 24, 5, 2, 2),
        _step(24, 48, 3, 2, 1),
        _Residual(48),
        _step(48, 96, 3, 2, 1),
        _Residual(96),
        _Residual(96),
        _step(96, 192, 3, 1, 0),
        nn.Flatten(),
        nn.Linear(192 * 9, 128),
        nn.BatchNorm1d(128),
        nn.Linear(128, signs),
    )


def train(steps: int, seed: int, *, rate: float = RATE, first: Path | None = None, kept: Path | None = None) -> Any:
    """The trained network; ``first``: weights to go on from, ``kept``: where they are kept on the way."""
    torch.manual_seed(seed)
    dice = torch.Generator().manual_seed(seed)
    signs = signs_to_learn()
    atlas = atlas_of(signs)
    shares = torch.tensor(shares_of(signs))
    net = network(len(signs)).to(memory_format=torch.channels_last)
    if first:
        net.load_state_dict(torch.load(first))
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=DECAY)
    plan = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rate, total_steps=steps + 1, pct_start=0.08, final_div_factor=1000
    )
    seen: list[tuple[Any, Any]] = []
    begun, right, loss_sum = time.time(), 0.0, 0.0
    for step in range(steps):
        reach = HARD if first else EASY + (HARD - EASY) * min(1.0, 2 * step / steps)
        hardness = float(torch.rand(1, generator=dice)) * reach
        if step % 2 == 0 or len(seen) < 2:
            wanted = torch.multinomial(shares, BATCH, replacement=True, generator=dice)
            pictures = cells(atlas, wanted, hardness, dice)
            seen.append((pictures.half(), wanted))
            seen = seen[-KEPT:]
        else:
            pictures, wanted = _mixed(seen, dice)
        x = (pictures[:, None] - INK_LEVEL).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            guess = net(x)
        loss = nn.functional.cross_entropy(guess.float(), wanted)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        plan.step()
        right += float((guess.argmax(1) == wanted).float().mean())
        loss_sum += float(loss.detach())
        if step % 100 == 99:
            sys.stderr.write(f"{step + 1} {right:.1f} % loss {loss_sum / 100:.3f} {time.time() - begun:.0f} s\n")
            right = loss_sum = 0.0
            if kept:
                torch.save(net.state_dict(), kept)
    return net


def _mixed(seen: list[tuple[Any, Any]], dice: Any) -> tuple[Any, Any]:
    """A batch out of those seen before, a pixel off and in another contrast."""
    which = torch.randint(0, len(seen), (BATCH,), generator=dice)
    place = torch.randint(0, BATCH, (BATCH,), generator=dice)
    pictures = torch.stack([seen[w][0][p] for w, p in zip(which.tolist(), place.tolist(), strict=True)]).float()
    wanted = torch.stack([seen[w][1][p] for w, p in zip(which.tolist(), place.tolist(), strict=True)])
    shift = torch.randint(-2, 3, (2,), generator=dice).tolist()
    pictures = torch.roll(pictures, shift, dims=(1, 2))
    return pictures ** (torch.rand(BATCH, 1, 1, generator=dice) * 0.5 + 0.75), wanted


def write(net: Any, signs: str, file: Path) -> None:
    """The network as ONNX with probabilities for its output, weights in half precision, the signs in its metadata."""
    whole = nn.Sequential(net, nn.Softmax(1)).eval()
    torch.onnx.export(
        whole, (torch.zeros(8, 1, CELL_SIDE, CELL_SIDE),), str(file), dynamo=False, opset_version=17,
        input_names=["ink"], output_names=["probabilities"], dynamic_axes={"ink": {0: "n"}, "probabilities": {0: "n"}},
    )  # fmt: skip
    model = onnx.load(str(file))
    halved(model.graph)
    entry = model.metadata_props.add()
    entry.key, entry.value = "character", "\n".join(signs)
    model.doc_string = ""
    onnx.save(model, str(file))


def halved(graph: Any) -> None:
    """Large weights in half precision, each with a cast behind it."""
    for weight in [w for w in graph.initializer if len(w.raw_data) > 4096]:
        name = weight.name
        values = onnx.numpy_helper.to_array(weight).astype(np.float16)
        graph.initializer.remove(weight)
        graph.initializer.append(onnx.numpy_helper.from_array(values, name + "_half"))
        graph.node.insert(0, onnx.helper.make_node("Cast", [name + "_half"], [name], to=onnx.TensorProto.FLOAT))


def main() -> None:
    """Draw, train, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--first", type=Path, help="weights to go on from")
    parser.add_argument("--kept", type=Path, help="where weights are kept on the way")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    net = train(chosen.steps, chosen.seed, rate=chosen.rate, first=chosen.first, kept=chosen.kept)
    write(net, signs_to_learn(), FILE)


if __name__ == "__main__":
    main()
