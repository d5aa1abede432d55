"""How well print is read under a seal: as scanned, thresholded, with the colour faded (the product's way), unmixed.

``python -m samples.under_seals [--lines 300] [--seed 5]`` draws amounts, codes, names and sentences, presses a seal
over each, scans them at 110 to 300 dpi as JPEG and reads them with the product's recogniser.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from pipeline.reading.crops import faded
from pipeline.reading.lines import read_stamped
from pipeline.reading.openvino import shared_engine
from samples.seal_art import SealSpec, draw_seal, press_seal
from samples.seal_fonts import Face, faces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["StampedLine", "draw_lines", "scores"]

PRINTED = ("AR PL SungtiL GB", "Noto Serif CJK SC", "AR PL UMing CN", "Noto Sans CJK SC", "LXGW WenKai")
SIGNS = "北京上海江苏杭州华信启明云帆数据科技软件信息服务有限公司股份集团审计报告负责人商务局"
SEAL_SIGNS = "华信启明云帆瑞丰博远天衡中讯海川"


@dataclass(frozen=True, slots=True)
class StampedLine:
    """A line of print with a seal over it, as scanned (BGR), and what it says."""

    image: Image
    text: str


def draw_lines(count: int, seed: int) -> list[StampedLine]:
    """Stamped lines of print; the same numbers and fonts give the same lines."""
    r, rng = random.Random(seed), np.random.default_rng(seed)
    printed = [face for face in faces() if face.family in PRINTED] or list(faces())
    return [_line(r, rng, r.choice(printed)) for _ in range(count)]


def _line(r: random.Random, rng: np.random.Generator, face: Face) -> StampedLine:
    dpi = r.choice((110, 150, 200, 200, 300))
    text = _text(r)
    font = ImageFont.truetype(face.file, round(dpi / 72 * r.choice((9, 10.5, 12))), index=face.index)
    canvas = Pillow.new("RGB", (round(dpi * 4.2), round(dpi * 2.2)), (250, 250, 248))
    pen = ImageDraw.Draw(canvas)
    start = (round(dpi * 0.4) + r.randint(0, 40), round(dpi * 1.0))
    pen.text(start, text, fill=(r.randint(10, 60),) * 3, font=font)
    x0, y0, x1, y1 = (round(v) for v in pen.textbbox(start, text, font=font))
    centre = ((x0 + x1) / 2 + r.uniform(-0.3, 0.3) * (x1 - x0), (y0 + y1) / 2 + r.uniform(-0.5, 0.5) * dpi)
    spec = SealSpec(
        "".join(r.choices(SEAL_SIGNS, k=5)) + "有限公司",
        colour=r.choice(("red", "red", "red", "pink", "blue")),
        wear=r.uniform(0, 0.4),
        rotation=r.uniform(-40, 40),
    )
    art = draw_seal(spec, dpi=dpi, seed=r.randrange(1 << 30))
    page = np.asarray(canvas, dtype=np.uint8)
    for _ in range(r.choice((1, 1, 2))):  # twice: ink so thick that hardly any light comes through
        page = press_seal(page, art, centre)
    noisy = np.clip(page.astype(np.float32) + rng.normal(0, 4, page.shape), 0, 255).astype(np.uint8)
    soft = cv2.GaussianBlur(noisy, (0, 0), 0.6)
    _, packed = cv2.imencode(".jpg", soft[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, r.choice((45, 60, 75, 90))])
    scanned = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)
    grow = round(0.18 * (y1 - y0))
    return StampedLine(scanned[y0 - grow : y1 + grow, x0 - 2 * grow : x1 + 2 * grow].copy(), text)


def _text(r: random.Random) -> str:
    kind = r.randrange(4)
    if kind == 0:
        return f"{r.randint(1, 99999):,}.{r.randint(0, 99):02d}"
    if kind == 1:
        return "9" + "".join(r.choices("0123456789ABCDEFGHJKLMNPQRTUWXY", k=17))
    if kind == 2:
        return "".join(r.choices(SIGNS, k=r.randint(6, 14)))
    return f"20{r.randint(10, 24)}年{r.randint(1, 12)}月{r.randint(1, 28)}日营业收入{r.randint(100, 99999)}万元"


# --------------------------------------------------------------------------------------------------------- ways to read


def _thresholded(crop: Image) -> Image:
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    _, plain = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(cv2.cvtColor(plain, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def _unmixed(crop: Image) -> Image:
    """The black of each pixel by least squares over two inks' densities (Beer's law)."""
    paper = np.percentile(crop.reshape(-1, 3), 90, axis=0).astype(np.float32)
    density = -np.log(np.clip(crop.astype(np.float32) / paper, 0.03, 1))
    spread = density.max(axis=2) - density.min(axis=2)
    level = np.percentile(spread, 97)
    if level < 0.08:
        return crop
    ink = density[spread >= 0.7 * level].mean(axis=0)
    mixing = np.stack([(ink - 0.5 * ink.min()) / ink.max(), np.ones(3, np.float32)], axis=1)
    black = np.maximum(density.reshape(-1, 3) @ np.linalg.pinv(mixing).T, 0)[:, 1].reshape(crop.shape[:2])
    grey = np.clip(np.exp(-black) * 255, 0, 255).astype(np.uint8)
    return np.asarray(cv2.merge([grey, grey, grey]), dtype=np.uint8)


WAYS: dict[str, Callable[[Image], Image]] = {
    "as scanned": lambda crop: crop,
    "thresholded (Otsu)": _thresholded,
    "colour faded": faded,
    "two inks unmixed": _unmixed,
}


def scores(lines: Sequence[StampedLine]) -> dict[str, tuple[float, float]]:
    """For each way: share of lines read exactly, share of characters; last the product's own choice of two."""
    engine = shared_engine(threads=1)
    read = {name: [r.text for r in engine.recognise([way(line.image) for line in lines])] for name, way in WAYS.items()}
    read["yanzhang: faded unless less sure"] = [r.text for r in read_stamped([x.image for x in lines], engine)]
    return {name: _score(texts, lines) for name, texts in read.items()}


def _score(texts: Sequence[str], lines: Sequence[StampedLine]) -> tuple[float, float]:
    pairs = [(_bare(text), _bare(line.text)) for text, line in zip(texts, lines, strict=True)]
    same = sum(sum(m.size for m in SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()) for a, b in pairs)
    return sum(a == b for a, b in pairs) / len(pairs), same / sum(len(b) for _, b in pairs)


def _bare(text: str) -> str:
    return text.replace(" ", "").replace("，", ",")


def main() -> int:
    """Draw, read in each way, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=300)
    parser.add_argument("--seed", type=int, default=5)
    asked = parser.parse_args()
    print(
        f"| print under a seal ({asked.lines} lines, seed {asked.seed}) | lines exact | characters |\n|---|---:|---:|"
    )
    for name, (exact, signs) in scores(draw_lines(asked.lines, asked.seed)).items():
        print(f"| {name} | {exact:.1%} | {signs:.2%} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
