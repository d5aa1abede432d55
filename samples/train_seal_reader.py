"""Trains the reader of seals' lines and writes its model.

``python -m samples.train_seal_reader FOLDER [--seals 6750] [--seeds 1 2] [--steps 1300] [--workers 2]`` draws lessons
(:mod:`samples.seal_lines`) into FOLDER, those of them that are not there yet, goes on from the recogniser of print in
RapidOCR's wheel (PP-OCRv6 small, Apache-2.0), and writes ``pipeline/seals/reader.onnx``. It needs torch and onnx, which
the program does not.

Only the signs that seals may bear are kept of its 18 709, and the weights that tell signs apart stay as they are: what
is learnt is to see a worn, narrow or crossed sign as the print of it. Signs that no lesson shows are read all the same.
Gradients of several workers are averaged: as many workers, the same seeds and the same fonts give the same file. The
one kept here was made in two legs: the first 200 steps of 1300, then ``--first`` its weights with ``--rate 3e-4 --steps
700``.
"""

from __future__ import annotations

import argparse
import math
import pickle
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import onnx
import torch
import torch.distributed as together
from torch.nn import functional as F

from pipeline.reading.openvino import print_model
from pipeline.seals.prepare import STRIP_HEIGHT
from pipeline.seals.reader import FILE
from samples.bench import say
from samples.glyph_signs import signs_to_learn
from samples.onnx_graph import Graph
from samples.seal_lines import lessons

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Lines = list[tuple[Image, str]]

HEAD = ("linear_8.w_0", "linear_8.b_0")  # of 120 features the logits of signs
PART = 250  # seals a file of lessons
SEED_ROOM = 1_000_000  # seals that one seed may give
HELD = 9_000_000  # seeds of the seals that training never sees
OTHERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789（）()·.-—、,，:：&/%#*+〇"
BATCH = 16  # lines a worker and step
SIMILAR = 8  # batches' lines that are sorted by width for one batch: padding costs as reading does
POOL = 120  # batches' lines that are shuffled together
RATE, LAST_RATE, DECAY = 4e-4, 1e-6, 0.01
WARMING = 100  # steps
TOLD = 350  # steps between two measures
NARROWED = (0.58, 1.02)  # times as wide a strip is read as it was cut: narrower ones cost less
CLIPPED = 2.0  # norm of the gradient
HOPELESS = 6.0  # loss a sign from which a line is too far gone to learn more from it
STEP_PX = 8
PORT = 29_533


@dataclass(frozen=True, slots=True)
class _Plan:
    """``files``: of lessons, the first of them held back; ``kept``: where weights are kept on the way."""

    files: tuple[Path, ...]
    steps: int
    workers: int
    rate: float
    first: Path | None
    kept: Path


def main() -> None:
    """Draw, train, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where lessons are kept")
    parser.add_argument("--seals", type=int, default=6_750, help="of each seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--steps", type=int, default=1300)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rate", type=float, default=RATE, help="at which learning begins")
    parser.add_argument("--first", type=Path, help="weights to go on from")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    firsts = [seed * SEED_ROOM for seed in asked.seeds]
    starts = [HELD, *(first + at for first in firsts for at in range(0, asked.seals, PART))]
    with ProcessPoolExecutor(asked.workers) as pool:
        list(pool.map(partial(draw_part, asked.folder), starts))
    files = tuple(asked.folder / f"lines-{start}.pkl" for start in starts)
    plan = _Plan(files, asked.steps, asked.workers, asked.rate, asked.first, asked.folder / "weights.pt")
    torch.multiprocessing.spawn(_train, (plan,), asked.workers)
    write(plan.kept, FILE)


def draw_part(folder: Path, start: int) -> None:
    """Draws the lessons of :data:`PART` seals into a file, unless it is there."""
    file = folder / f"lines-{start}.pkl"
    if file.exists():
        return
    cv2.setNumThreads(1)
    lines = [(lesson.strip, lesson.text) for seed in range(start, start + PART) for lesson in lessons(seed)]
    unready = file.with_suffix(".part")
    unready.write_bytes(pickle.dumps(lines))
    unready.rename(file)


# ------------------------------------------------------------------------------------------------------ the network


def begun() -> tuple[Any, list[str]]:
    """The recogniser of print, cut to the signs of seals, and those signs, the blank first."""
    model = onnx.load(print_model())
    all_signs = ["", *next(p.value for p in model.metadata_props if p.key == "character").splitlines()]
    places = {sign: place for place, sign in enumerate(all_signs)}
    gb2312 = (bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    wanted = signs_to_learn() + "".join(pair.decode("gb2312", "ignore") for pair in gb2312) + OTHERS
    kept = [0, *(places[sign] for sign in dict.fromkeys(wanted) if sign in places)]
    for weight in model.graph.initializer:
        if weight.name in HEAD:
            value = onnx.numpy_helper.to_array(weight)[..., kept]
            weight.CopyFrom(onnx.numpy_helper.from_array(np.ascontiguousarray(value), weight.name))
    return model, [all_signs[place] for place in kept]


def write(weights: Path, file: Path) -> None:
    """The trained network as ONNX, weights in half precision, the signs in its metadata."""
    from samples.train_glyphs import halved

    model, signs = begun()
    net = Graph(model)
    net.load_state_dict(torch.load(weights))
    model = net.written(model)
    halved(model.graph)
    del model.metadata_props[:]
    entry = model.metadata_props.add()
    entry.key, entry.value = "character", "\n".join(signs[1:])
    model.doc_string = ""
    onnx.save(model, str(file))


# --------------------------------------------------------------------------------------------------------- learning


def _train(worker: int, plan: _Plan) -> None:
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    together.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{PORT}", rank=worker, world_size=plan.workers)
    model, signs = begun()
    net = Graph(model, frozen=HEAD)
    if plan.first:
        net.load_state_dict(torch.load(plan.first))
    index = {sign: place for place, sign in enumerate(signs)}
    weights = [p for p in net.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=plan.rate, weight_decay=DECAY, betas=(0.9, 0.98))
    rng = np.random.default_rng(worker)
    batches = _batches(plan, worker, index, rng)
    held = _lines(plan.files[0])
    started, losses = time.time(), [0.0]
    for step in range(plan.steps):
        if worker == 0 and step % TOLD == 0:
            torch.save(net.state_dict(), plan.kept)
            told = measure(net, signs, held[:240])
            say(f"step {step}, {time.time() - started:.0f} s, loss {np.mean(losses):.3f}; {told}")
            losses = []
        warm = min(1.0, (step + 1) / WARMING)
        rate = plan.rate * warm * 0.5 * (1 + math.cos(math.pi * step / plan.steps)) + LAST_RATE
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss = _loss(net, next(batches), index)
        optimiser.zero_grad()
        loss.backward()
        _average(weights, plan.workers)
        torch.nn.utils.clip_grad_norm_(weights, CLIPPED)
        optimiser.step()
        losses.append(float(loss.detach()))
    if worker == 0:
        torch.save(net.state_dict(), plan.kept)
        say(f"{plan.steps} steps, {time.time() - started:.0f} s; {measure(net, signs, held)}")


def _average(weights: Sequence[Any], workers: int) -> None:
    """The mean of all workers' gradients, in one message."""
    flat = torch.cat([w.grad.view(-1) for w in weights])
    together.all_reduce(flat)
    flat /= workers
    for weight, part in zip(weights, flat.split([w.numel() for w in weights]), strict=True):
        weight.grad.copy_(part.view_as(weight))


def _batches(plan: _Plan, worker: int, index: dict[str, int], rng: Any) -> Iterator[Lines]:
    """Batches of lines of like width, without end; each worker has its own files."""
    files = plan.files[1 + worker :: plan.workers]
    pool: Lines = []
    waiting: list[Path] = []
    wide = np.random.default_rng(0)  # the same of every worker: none waits for another's wider lines
    while True:
        while len(pool) < POOL * BATCH:
            if not waiting:
                waiting = [files[i] for i in rng.permutation(len(files))]
            pool += [line for line in _lines(waiting.pop()) if all(sign in index for sign in line[1])]
        pool = [pool[i] for i in rng.permutation(len(pool))]
        while len(pool) > POOL * BATCH // 2:
            near = sorted(pool[-SIMILAR * BATCH :], key=lambda line: line[0].shape[1])
            at = int(wide.integers(SIMILAR)) * BATCH
            pool = [*near[:at], *near[at + BATCH :], *pool[: -SIMILAR * BATCH]]
            yield [(damaged(strip, rng), text) for strip, text in near[at : at + BATCH]]  # type: ignore[misc]


def _lines(file: Path) -> Lines:
    lines: Lines = pickle.loads(file.read_bytes())
    return lines


def damaged(strip: Image, rng: Any) -> Floats:
    """A strip's ink, 0 to 1 (48, W), stretched, paler, blurred, grained, crossed: of each some, of most none."""
    wide = max(16, int(strip.shape[1] * rng.uniform(*NARROWED)))
    ink = 1 - cv2.resize(strip, (wide, STRIP_HEIGHT), interpolation=cv2.INTER_LINEAR).astype(np.float32) / 255
    if rng.random() < 0.3:
        scale, shear, off = rng.uniform(0.9, 1.1), rng.uniform(-0.06, 0.06), rng.integers(-3, 4)
        matrix = np.array([[1, shear, 0], [0, scale, STRIP_HEIGHT / 2 * (1 - scale) + off]], np.float32)
        ink = cv2.warpAffine(ink, matrix, (wide, STRIP_HEIGHT))
    if rng.random() < 0.4:
        ink = ink ** rng.uniform(0.6, 1.7)
    if rng.random() < 0.3:
        ink = ink * rng.uniform(0.45, 1)
    if rng.random() < 0.15:
        ink = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.4, 1.3))
    if rng.random() < 0.2:
        ink = ink + rng.normal(0, rng.uniform(0.02, 0.12), ink.shape).astype(np.float32)
    if rng.random() < 0.12:
        (x0, x1), (y0, y1) = rng.integers(0, wide, 2).tolist(), rng.integers(0, STRIP_HEIGHT, 2).tolist()
        cv2.line(ink, (x0, y0), (x1, y1), rng.uniform(0.4, 1), int(rng.integers(1, 4)))
    if rng.random() < 0.1:
        at = int(rng.integers(wide))
        ink[:, at : at + int(rng.integers(2, 14))] *= rng.uniform(0, 0.5)
    if rng.random() < 0.25:
        ink = np.pad(ink, ((0, 0), tuple(rng.integers(0, 40, 2).tolist())))
    return np.asarray(np.clip(ink, 0, 1), np.float32)


def _tensor(inks: Sequence[Floats]) -> Any:
    """As the program's reader makes it: dark on white from 1 to -1, zeros behind the shorter lines."""
    wide = math.ceil(max(ink.shape[1] for ink in inks) / 32) * 32
    rows = np.zeros((len(inks), 1, STRIP_HEIGHT, wide), np.float32)
    for row, ink in zip(rows, inks, strict=True):
        row[0, :, : ink.shape[1]] = 1 - 2 * ink
    return torch.from_numpy(rows).expand(-1, 3, -1, -1).contiguous()


def _loss(net: Any, batch: Any, index: dict[str, int]) -> Any:
    inks, texts = [ink for ink, _ in batch], [text for _, text in batch]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = net(_tensor(inks))
    chances = logits.float().log_softmax(-1).transpose(0, 1)
    wanted = torch.tensor([index[sign] for text in texts for sign in text])
    lengths = torch.tensor([len(text) for text in texts])
    steps = torch.tensor([min(len(chances), math.ceil(ink.shape[1] / STEP_PX) + 1) for ink in inks])
    loss = F.ctc_loss(chances, wanted, steps, lengths, zero_infinity=True, reduction="none")
    return (loss / lengths).clamp(max=HOPELESS).mean()


def measure(net: Any, signs: Sequence[str], lines: Lines) -> str:
    """Share of lines read exactly, of names (7 signs and more), of shorter ones and of digits."""
    right: dict[str, list[bool]] = {"names": [], "short": [], "digits": []}
    ordered = sorted(lines, key=lambda line: line[0].shape[1])
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for at in range(0, len(ordered), BATCH):
            part = ordered[at : at + BATCH]
            x = _tensor([np.asarray(1 - strip / np.float32(255), np.float32) for strip, _ in part])
            for (strip, text), row in zip(part, net(x).argmax(-1).tolist(), strict=True):
                kind = "digits" if text.isascii() else "names" if len(text) >= 7 else "short"
                right[kind].append(_text(row, signs, strip.shape[1] / x.shape[3]) == text)
    return ", ".join(f"{kind} {sum(ones)} of {len(ones)}" for kind, ones in right.items())


def _text(row: Sequence[int], signs: Sequence[str], share: float) -> str:
    steps = row[: max(1, round(len(row) * share))]
    read = (signs[b] for a, b in zip([0, *steps], steps, strict=False) if b and a != b)
    return "".join(read).translate(str.maketrans("()", "（）"))


if __name__ == "__main__":
    main()
