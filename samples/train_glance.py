"""Trains the glance at whole pages on drawn scenes and writes ``pipeline/seals/glance.onnx``.

``python -m samples.train_glance [--seed 5]`` in an environment that has torch and onnx besides the project's own
packages; running it needs neither. What it learns from are scenes of :mod:`samples.seal_scenes` and pages of
:mod:`samples.seal_pages`, on most of them the marks of :mod:`samples.seal_marks` among what is no seal: nobody's paper.
A heat for each kind and place, and the size of what stands there (Zhou, Wang and Krähenbühl, Objects as Points, 2019).

The file in the tree was made by two processes that shared their gradients, in 51 minutes of two cores. One process
learns from as many cuttings of such pages, by another chance: a file as good, not the same.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pipeline.seals.glance import FILE, HALF, LARGEST, STRIDE, USUAL, halved
from pipeline.seals.ink import inks_of
from pipeline.seals.patch import pictured
from samples.seal_marks import MARKS
from samples.seal_pages import draw_page
from samples.seal_scenes import Scene, draw_scene
from samples.train_seals import A_MILLION, scene_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Floats = NDArray[np.floating[Any]]

SIDE = 320  # px of a cutting that is learnt from
PLACES = SIDE // STRIDE
SEEN = 0.55  # of a seal's box within the cutting, for it to be asked for
BATCH = 32
PLAIN, MARKED, RICH = 3800, 2400, 1800  # pages without further marks, with some, with many and more emblems
FIRST, THEN = (5200, 3e-3), (2500, 1.6e-3)  # steps and greatest rate: on the first two, then half on the last
STAGES = ((80, 2), (112, 2))  # channels and blocks at a sixteenth and a thirty-second of the picture


@dataclass(frozen=True, slots=True)
class Lesson:
    """A page as the network sees it, and the seals on it: boxes (N, 4) in its px, ring or frame, asked for or not."""

    ink: Bytes
    boxes: Floats
    ring: tuple[bool, ...]
    asked: tuple[bool, ...]


def lesson_of(task: tuple[int, str]) -> Lesson:
    """The page of a seed, of one of the three sorts."""
    seed, sort = task
    cv2.setNumThreads(1)
    scene = _scene(seed, sort)
    inks = inks_of(scene.image, scene.dpi)
    boxes = np.array([s.box for s in scene.seals], np.float64).reshape(-1, 4) / inks.scale / HALF
    rings, asked = (tuple(getattr(s, name) for s in scene.seals) for name in ("ring", "asked"))
    return Lesson(halved(pictured(inks)), boxes, rings, asked)


def _scene(seed: int, sort: str) -> Scene:
    more = {"plain": (), "marked": MARKS, "rich": MARKS * 2}[sort]
    emblems_in, pages_in = (4, 7) if sort == "rich" else (13, 3)
    if seed % emblems_in == 0:
        return draw_scene(seed, emblems=True, more=more)
    if seed % pages_in == 0:
        return scene_of(draw_page(seed), known=bool(seed % 4))
    return draw_scene(seed, more=more)


def tasks_of(seed: int) -> list[tuple[int, str]]:
    """Seeds of the pages, and of what sort each is."""
    sorts = ["plain"] * PLAIN + ["marked"] * MARKED + ["rich"] * RICH
    return [(seed * A_MILLION + k, sort) for k, sort in enumerate(sorts)]


# ------------------------------------------------------------------------------------------------------- what is shown


def cutting(lesson: Lesson, rng: np.random.Generator) -> tuple[Any, ...]:
    """A piece of a page, mirrored, turned, sized and inked otherwise, with what the network should say of it.

    Inks (SIDE, SIDE, 4); heat and where it counts (2, PLACES, PLACES); sizes and offsets (4, …) and where those count.
    """
    zoom = 1.0 if rng.random() < 0.3 else math.exp(rng.uniform(math.log(0.8), math.log(1.25)))
    ink, boxes = _cut(lesson, rng, zoom)
    heat, counts = np.zeros((2, PLACES, PLACES), np.float32), np.ones((2, PLACES, PLACES), np.float32)
    sizes, weight = np.zeros((4, PLACES, PLACES), np.float32), np.zeros((PLACES, PLACES), np.float32)
    gy, gx = np.mgrid[0:PLACES, 0:PLACES]
    for box, ring, asked in zip(boxes, lesson.ring, lesson.asked, strict=True):
        seen = np.clip(box, 0, SIDE)
        part = np.prod(seen[2:] - seen[:2]) / max(np.prod(box[2:] - box[:2]), 1e-6)
        if part <= 0.02:
            continue
        x0, y0, x1, y1 = seen / STRIDE
        if not asked or part < SEEN or max(box[2:] - box[:2]) > LARGEST / HALF:
            counts[:, (gy + 0.5 >= y0) & (gy + 0.5 <= y1) & (gx + 0.5 >= x0) & (gx + 0.5 <= x1)] = 0
            continue
        x, y, w, h = (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0
        i, j, kind = min(PLACES - 1, int(y)), min(PLACES - 1, int(x)), 0 if ring else 1
        bell = np.exp(-(((gx - j) / max(0.55, w / 7)) ** 2 + ((gy - i) / max(0.55, h / 7)) ** 2) / 2)
        heat[kind] = np.maximum(heat[kind], bell)
        near = (np.abs(gx - j) <= 1) & (np.abs(gy - i) <= 1) & (bell > weight)
        told = (math.log(max(w, 0.3) / USUAL), math.log(max(h, 0.3) / USUAL), x - gx - 0.5, y - gy - 0.5)
        for level, value in zip(sizes, told, strict=True):
            level[near] = np.broadcast_to(value, near.shape)[near]
        weight = np.where(near, bell, weight).astype(np.float32)
    return ink, heat, counts, sizes, weight


def _cut(lesson: Lesson, rng: np.random.Generator, zoom: float) -> tuple[Floats, Floats]:
    rows, columns = lesson.ink.shape[:2]
    side, boxes = SIDE / zoom, lesson.boxes
    if len(boxes) and rng.random() < 0.75:
        box = boxes[rng.integers(len(boxes))]
        x = np.clip((box[0] + box[2]) / 2 - rng.uniform(0.1, 0.9) * side, -0.15 * side, columns - 0.85 * side)
        y = np.clip((box[1] + box[3]) / 2 - rng.uniform(0.1, 0.9) * side, -0.15 * side, rows - 0.85 * side)
    else:
        x, y = (rng.uniform(-0.1 * side, max(0.0, n - 0.9 * side)) for n in (columns, rows))
    matrix = np.array([[zoom, 0, -x * zoom], [0, zoom, -y * zoom]], np.float32)
    ink = cv2.warpAffine(lesson.ink, matrix, (SIDE, SIDE), flags=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR)
    boxes = (boxes - (x, y, x, y)) * zoom
    if rng.random() < 0.5:
        ink, boxes = ink[:, ::-1], boxes[:, [2, 1, 0, 3]] * (-1, 1, -1, 1) + (SIDE, 0, SIDE, 0)
    if rng.random() < 0.5:
        ink, boxes = ink[::-1], boxes[:, [0, 3, 2, 1]] * (1, -1, 1, -1) + (0, SIDE, 0, SIDE)
    if rng.random() < 0.3:
        ink, boxes = ink.transpose(1, 0, 2), boxes[:, [1, 0, 3, 2]]
    shown = ink.astype(np.float32) / 255
    if rng.random() < 0.1:
        shown = shown[:, :, [1, 0, 2, 3]]  # a seal in blue ink is as good as one in red
    return np.clip(shown * rng.uniform(0.75, 1.15) * rng.uniform(0.85, 1.12, 4), 0, 1), boxes


# --------------------------------------------------------------------------------------------------------- the network


def network() -> Any:
    """Strided convolutions down to a thirty-second, joined again up to an eighth: two heats, sizes, offsets."""
    import torch
    from torch import nn
    from torch.nn import functional as nf

    def conv(a: int, b: int, stride: int = 1) -> Any:
        return nn.Sequential(nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True))

    class Block(nn.Module):  # type: ignore[misc]
        def __init__(self, width: int) -> None:
            super().__init__()
            self.a = conv(width, width)
            self.b = nn.Sequential(nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))

        def forward(self, x: Any) -> Any:
            return torch.relu(x + self.b(self.a(x)))

    class Glance(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            (w16, n16), (w32, n32) = STAGES
            self.s2, self.s4 = conv(4, 16, 2), nn.Sequential(conv(16, 24, 2), conv(24, 24))
            self.s8 = nn.Sequential(conv(24, 48, 2), Block(48))
            self.s16 = nn.Sequential(conv(48, w16, 2), *(Block(w16) for _ in range(n16)))
            self.s32 = nn.Sequential(conv(w16, w32, 2), *(Block(w32) for _ in range(n32)))
            self.u32, self.u16 = nn.Conv2d(w32, w16, 1), nn.Conv2d(w16, 48, 1)
            self.f16, self.f8 = conv(w16, w16), conv(48, 64)
            self.head, self.out = conv(64, 64), nn.Conv2d(64, 6, 1)
            with torch.no_grad():
                self.out.bias[:2] = -4.0  # nearly everywhere is no seal

        def forward(self, x: Any) -> Any:
            eighth = self.s8(self.s4(self.s2(x)))
            sixteenth = self.s16(eighth)
            wide = self.u32(self.s32(sixteenth))
            sixteenth = self.f16(sixteenth + nf.interpolate(wide, scale_factor=2.0, mode="nearest"))
            eighth = self.f8(eighth + nf.interpolate(self.u16(sixteenth), scale_factor=2.0, mode="nearest"))
            return self.out(self.head(eighth))

    return Glance()


def train(lessons: Sequence[Lesson], *, seed: int) -> Any:
    """The trained network: focal loss of the heats, least absolute error of sizes, weights averaged over the last."""
    import torch

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = network().to(memory_format=torch.channels_last)
    usual, rich = lessons[: PLAIN + MARKED], lessons[PLAIN + MARKED :]
    _run(net, *FIRST, lambda: usual[int(rng.integers(len(usual)))], rng)
    _run(net, *THEN, lambda: (some := rich if rng.random() < 0.5 else usual)[int(rng.integers(len(some)))], rng)
    return net.eval()


def _run(net: Any, steps: int, rate: float, drawn: Callable[[], Lesson], rng: np.random.Generator) -> None:
    import torch

    guide = torch.optim.AdamW(net.parameters(), rate, weight_decay=2e-2, fused=True)
    mean: dict[str, Any] = {}
    for step in range(steps):
        for group in guide.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 100) * max(0.01, 0.5 + 0.5 * math.cos(math.pi * step / steps))
        shown = [cutting(drawn(), rng) for _ in range(BATCH)]
        ink, *told = (torch.from_numpy(np.stack(part).astype(np.float32)) for part in zip(*shown, strict=True))
        with torch.autocast("cpu", torch.bfloat16):
            guess = net(ink.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last))
        loss = _loss(guess.float(), *told)
        guide.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        guide.step()
        if step % 5 == 0:
            kept = min(0.99, (step + 1) / (step + 60))
            now = {name: value.detach().clone().float() for name, value in net.state_dict().items()}
            mean = {name: mean[name] * kept + now[name] * (1 - kept) for name in now} if mean else now
        if step % 100 == 0:
            sys.stderr.write(f"step {step}: {float(loss.detach()):.3f}\n")
    net.load_state_dict(mean)


def _loss(guess: Any, heat: Any, counts: Any, sizes: Any, weight: Any) -> Any:
    import torch

    p = torch.sigmoid(guess[:, :2]).clamp(1e-5, 1 - 1e-5)
    centres = (heat == 1).float() * counts
    right = centres * (1 - p) ** 2 * torch.log(p)
    wrong = (1 - centres) * (1 - heat) ** 4 * p**2 * torch.log(1 - p) * counts
    focal = -(right + wrong).sum() / centres.sum().clamp(min=1)
    return focal + (weight[:, None] * (guess[:, 2:] - sizes).abs()).sum() / weight.sum().clamp(min=1)


def write(net: Any, file: Path) -> None:
    """The network as ONNX: inks of one page in, heats (1, 2, H, W) and sizes with offsets (1, 4, H, W) out."""
    import torch

    class Told(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, ink: Any) -> Any:
            told = self.net(ink)
            return told[:, :2].sigmoid(), told[:, 2:]

    free = {2: "rows", 3: "columns"}
    torch.onnx.export(
        Told().eval(), (torch.zeros(1, 4, SIDE, SIDE),), str(file), input_names=["ink"], output_names=["heat", "size"],
        dynamo=False, opset_version=17, dynamic_axes={"ink": free, "heat": free, "size": free},
    )  # fmt: skip


def main() -> None:
    """Draw, train, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    with ProcessPoolExecutor(chosen.workers) as pool:
        lessons = list(pool.map(lesson_of, tasks_of(chosen.seed), chunksize=8))
    write(train(lessons, seed=chosen.seed), FILE)


if __name__ == "__main__":
    main()
