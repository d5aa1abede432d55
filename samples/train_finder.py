"""Draws scenes, trains the finder of seals on them and writes ``pipeline/seals/finder.onnx``.

``python -m samples.train_finder [--scenes 2400] [--seed 1] [--steps 6000] [--drawn FOLDER]`` in an environment that has
torch and onnx besides the project's own packages: neither is needed to run it afterwards. Seals and print are drawn by
:mod:`samples.seal_scenes`: nobody's paper. ``--drawn`` keeps the drawn maps for another run; ``--draw`` only draws.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pipeline.seals.ink import inks_of
from pipeline.seals.spot import FILE, STRIDE, factor_of, input_of
from samples.seal_scenes import draw_scene

CUTTING_SIDES = (110, 240)  # px of the network's input that a cutting's longer side may have


def drawn(seed: int) -> tuple[Any, Any]:
    """One scene as the network sees it, and its seals: rows of (x0, y0, x1, y1, ring, asked) in px of it."""
    cv2.setNumThreads(1)
    scene = draw_scene(seed)
    image, dpi = scene.image, scene.dpi
    factor = 1.0
    if dpi is None:
        side = int(np.random.default_rng(seed).integers(*CUTTING_SIDES)) * 2
        factor = side / max(image.shape[:2])
        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        image, dpi = cv2.resize(image, None, fx=factor, fy=factor, interpolation=way), 100
    inks = inks_of(np.ascontiguousarray(image), dpi, bounded=False)
    smaller = factor_of(inks)
    scale = factor / inks.scale * smaller
    rows = [[*(v * scale for v in s.box), float(s.ring), float(s.asked)] for s in scene.seals]
    return input_of(inks, smaller), np.array(rows, np.float32).reshape(-1, 6)


def scenes(seed: int, count: int, folder: Path | None) -> list[tuple[Any, Any]]:
    """All scenes, drawn or, where a folder keeps them, read."""
    made = []
    for number in range(seed * 1_000_000, seed * 1_000_000 + count):
        file = folder / f"{number}.npz" if folder else None
        if file and file.exists():
            with np.load(file) as kept:
                made.append((kept["maps"], kept["seals"]))
            continue
        maps, seals = drawn(number)
        if file:
            np.savez_compressed(file, maps=maps, seals=seals)
        made.append((maps, seals))
    return made


# ------------------------------------------------------------------------------------------------------------- network


def network() -> Any:
    """Strides 2 to 32 down, and up again to 4: it sees 60 mm around each cell. Outputs: ring, frame, dx, dy, log w, h."""
    from torch import nn

    def conv(a: int, b: int, *, stride: int = 1, size: int = 3) -> Any:
        return nn.Sequential(nn.Conv2d(a, b, size, stride, size // 2, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True))

    class Residual(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.one, self.two = conv(width, width), nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

        def forward(self, x: Any) -> Any:
            return (x + self.two(self.one(x))).relu()

    class Finder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.at2 = conv(4, 16, stride=2)
            self.at4 = nn.Sequential(conv(16, 24, stride=2), Residual(24))
            self.at8 = nn.Sequential(conv(24, 48, stride=2), Residual(48))
            self.at16 = nn.Sequential(conv(48, 80, stride=2), Residual(80), Residual(80))
            self.at32 = nn.Sequential(conv(80, 96, stride=2), Residual(96), Residual(96))
            self.to16, self.to8, self.to4 = conv(96, 80, size=1), conv(80, 48, size=1), conv(48, 24, size=1)
            self.mix16, self.mix8, self.mix4 = conv(80, 80), conv(48, 48), conv(24, 32)
            self.up = nn.Upsample(scale_factor=2, mode="nearest")
            self.head = nn.Conv2d(32, 6, 1)
            nn.init.constant_(self.head.bias, 0)
            self.head.bias.data[:2] = -4.0

        def forward(self, x: Any) -> Any:
            x4 = self.at4(self.at2(x))
            x8 = self.at8(x4)
            x16 = self.at16(x8)
            y16 = self.mix16(x16 + self.up(self.to16(self.at32(x16))))
            y8 = self.mix8(x8 + self.up(self.to8(y16)))
            return self.head(self.mix4(x4 + self.up(self.to4(y8))))

    return Finder()


# ------------------------------------------------------------------------------------------------------------ training

CROP, BATCH = 320, 12
ZOOM = (0.62, 1.65)
SMALLEST, WIDEST = 9.0, 190.0  # px of a seal's longer side that are learnt
RATE = 3e-3


def cropped(maps: Any, seals: Any, rng: Any) -> tuple[Any, Any]:
    """A piece of a scene, zoomed, turned and mirrored, its inks changed; half of the pieces hold a seal."""
    zoom = float(np.exp(rng.uniform(*np.log(ZOOM))))
    need = int(CROP / zoom) + 1
    rows, columns = maps.shape[:2]
    x, y = rng.uniform(-need * 0.3, max(1, columns - need * 0.7)), rng.uniform(-need * 0.3, max(1, rows - need * 0.7))
    if len(seals) and rng.random() < 0.7:
        box = seals[rng.integers(len(seals))]
        x = (box[0] + box[2]) / 2 - need * rng.uniform(0.15, 0.85)
        y = (box[1] + box[3]) / 2 - need * rng.uniform(0.15, 0.85)
    matrix = np.array([[zoom, 0, -x * zoom], [0, zoom, -y * zoom]])
    out = cv2.warpAffine(maps, matrix, (CROP, CROP), flags=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR)
    boxes = seals.copy()
    boxes[:, :4] = boxes[:, :4] * zoom - np.array([x, y, x, y]) * zoom
    if rng.random() < 0.5:
        out, boxes[:, [0, 2]] = out[:, ::-1], CROP - boxes[:, [2, 0]]
    if rng.random() < 0.5:
        out, boxes = out.transpose(1, 0, 2), boxes[:, [1, 0, 3, 2, 4, 5]]
    return _inked(out, rng), boxes


def _inked(maps: Any, rng: Any) -> Any:
    out = maps.astype(np.float32) / 255
    if rng.random() < 0.12:
        out = out[:, :, [1, 0, 2, 3]]
    if rng.random() < 0.2:
        out[:, :, 3] *= rng.uniform(0, 0.6)
    out *= rng.uniform(0.75, 1.15, 4).astype(np.float32) * rng.uniform(0.7, 1.1)
    if rng.random() < 0.3:
        out += np.abs(rng.normal(0, rng.uniform(0.01, 0.07), out.shape)).astype(np.float32)
    return np.clip(out, 0, 1)


def targets(boxes: Any) -> tuple[Any, Any, Any, Any]:
    """Heat (2, h, w), how much each cell of it counts, sizes (4, h, w) and where sizes count."""
    side = CROP // STRIDE
    heat, counts = np.zeros((2, side, side), np.float32), np.ones((2, side, side), np.float32)
    sizes, where = np.zeros((4, side, side), np.float32), np.zeros((side, side), np.float32)
    grid = np.arange(side, dtype=np.float32)
    for x0, y0, x1, y1, ring, asked in boxes:
        cut = [max(0.0, x0), max(0.0, y0), min(float(CROP), x1), min(float(CROP), y1)]
        if cut[2] - cut[0] < 3 or cut[3] - cut[1] < 3:
            continue
        there = (cut[2] - cut[0]) * (cut[3] - cut[1]) / max(1.0, (x1 - x0) * (y1 - y0))
        longer = max(x1 - x0, y1 - y0)
        a, b, c, d = (int(v // STRIDE) for v in cut)
        if not asked or there < 0.6 or not SMALLEST < longer < WIDEST:
            counts[:, b : d + 1, a : c + 1] = 0
            continue
        cx, cy, w, h = (cut[0] + cut[2]) / 2, (cut[1] + cut[3]) / 2, cut[2] - cut[0], cut[3] - cut[1]
        u, v = cx / STRIDE - 0.5, cy / STRIDE - 0.5
        near = np.exp(-((grid[None, :] - u) ** 2) / (2 * max(0.7, w / STRIDE * 0.09) ** 2) - (grid[:, None] - v) ** 2 / (2 * max(0.7, h / STRIDE * 0.09) ** 2))
        at = (min(side - 1, max(0, round(v))), min(side - 1, max(0, round(u))))
        near[at] = 1.0
        k = 0 if ring else 1
        heat[k] = np.maximum(heat[k], near)
        close = (near > 0.5) & (near > where)
        where[close] = near[close]
        for index, value in enumerate((u - grid[None, :], v - grid[:, None])):
            sizes[index][close] = np.broadcast_to(value, near.shape)[close]
        sizes[2][close], sizes[3][close] = np.log(w / 40), np.log(h / 40)
    return heat, counts, sizes, where


def train(made: list[tuple[Any, Any]], *, steps: int, seed: int, seconds: float, say: Any) -> Any:
    """The trained network."""
    import time

    import torch
    from torch.nn import functional as nf

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    net = network().to(memory_format=torch.channels_last)
    mean = network().eval()  # a running mean of the weights: steadier than the last of them
    best = torch.optim.AdamW(net.parameters(), RATE, weight_decay=1e-3)
    started = time.monotonic()
    shown = 0.0
    for step in range(steps):
        part = max(step / steps, (time.monotonic() - started) / seconds)
        if part >= 1:
            break
        for group in best.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / 100) * max(0.02, 0.5 + 0.5 * float(np.cos(np.pi * part)))
        picked = [cropped(*made[rng.integers(len(made))], rng) for _ in range(BATCH)]
        x = torch.from_numpy(np.stack([p[0] for p in picked]).transpose(0, 3, 1, 2).copy()).to(memory_format=torch.channels_last)
        heat, counts, sizes, where = (torch.from_numpy(np.stack(t)) for t in zip(*(targets(p[1]) for p in picked), strict=True))
        out = net(x)
        p = out[:, :2].sigmoid().clamp(1e-4, 1 - 1e-4)
        peak = heat > 0.999
        loss_heat = -(torch.where(peak, (1 - p) ** 2 * p.log(), (1 - heat) ** 4 * p**2 * (1 - p).log()) * counts).sum()
        loss_size = (nf.l1_loss(out[:, 2:], sizes, reduction="none").mean(1) * where).sum()
        loss = (loss_heat + 1.2 * loss_size) / max(1.0, float(peak.sum()))
        best.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 20.0)
        best.step()
        keep = min(0.998, step / (step + 20))
        with torch.no_grad():
            for (_, old), (_, new) in zip(mean.state_dict().items(), net.state_dict().items(), strict=True):
                old.copy_(old * keep + new * (1 - keep) if old.is_floating_point() else new)
        shown += (float(loss.detach()) - shown) / min(100, step + 1)
        if step % 100 == 99:
            say(f"{step + 1} steps, {time.monotonic() - started:.0f} s, loss {shown:.3f}\n")
    return mean


def write(net: Any, file: Path) -> None:
    """The network as ONNX, any size of picture, probabilities and sizes."""
    import torch

    net.eval()
    example = torch.zeros(1, 4, 320, 320)
    torch.onnx.export(
        net, (example,), str(file), input_names=["inks"], output_names=["cells"], dynamo=False, opset_version=17,
        dynamic_axes={"inks": {2: "height", 3: "width"}, "cells": {2: "rows", 3: "columns"}},
    )  # fmt: skip


def main() -> None:
    """Draw, train, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=2400)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--seconds", type=float, default=1e9, help="end sooner, the rate falling with the clock")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drawn", type=Path)
    parser.add_argument("--out", type=Path, default=FILE)
    chosen = parser.parse_args()
    if chosen.drawn:
        chosen.drawn.mkdir(parents=True, exist_ok=True)
    made = scenes(chosen.seed, chosen.scenes, chosen.drawn)
    sys.stderr.write(f"{len(made)} scenes, {sum(len(s) for _, s in made)} seals\n")
    write(train(made, steps=chosen.steps, seed=chosen.seed, seconds=chosen.seconds, say=sys.stderr.write), chosen.out)


if __name__ == "__main__":
    main()
