"""Measures how names are held against seals (:mod:`pipeline.seals.names`): false rejects and false accepts.

``python -m samples.seal_names draw FILE --count N --seed S`` draws worn seals of made-up companies, finds and reads
them as the product does, and keeps each reading with its true name (a line of JSON each). ``… measure FILE…`` holds
every reading against its own name and against names that differ from it in one character: any other character of
names, one that looks alike, one lost, one more. No pixels are needed to measure: a threshold is set in seconds.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from pipeline.model import SealReading
from pipeline.seals.find import find_seals
from pipeline.seals.names import fit_name
from pipeline.seals.owner import MATCH_SCORE
from pipeline.seals.read import read_seals
from pipeline.seals.reader import seal_readers
from pipeline.seals.slots import CONFUSABLE
from pipeline.values.names import core
from samples.fake import CITIES, company_name, seal_code
from samples.seal_art import SealSpec, draw_seal, press_seal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["Kept", "drawn", "held", "neighbours", "outcomes", "table"]

DPI = 200
SIDE = 520  # px of a picture: a seal of 42 mm is 330 wide
SIGNS = (
    "东南西北中华国天海云龙江河山川石金木水火星月日光明亮高大广远长久安宁和平永恒泰康健福禄祥瑞吉庆丰盛隆昌兴旺发达"
    "信诚义仁德智慧学文科技数据软硬件网络通讯信息电子系统工程环境生物医药能源材料机械汽车航空教育文化传媒广告设计"
    "装饰建筑房地产物业管理咨询投资贸易商务服务人力资源供应链流程外包同方正新创联众博润景朗澜岳鼎嘉禾图宏锋凌捷锐"
)
KINDS = ("another", "alike", "lost", "more")
Kind = Literal["another", "alike", "lost", "more"]

Kept = tuple[str, SealReading]


def drawn(count: int, seed: int) -> Iterator[Kept]:
    """Seals as scanned, found and read; those not found are left out: no name is held against them."""
    for number in range(count):
        r = random.Random(f"{seed}-{number}")
        spec = _spec(r)
        picture = _scanned(spec, r)
        found = [s for s in find_seals(picture, dpi=DPI) if s.shape in ("round", "oval")]
        if found:
            yield spec.name, read_seals(picture, found[:1], seal_readers(), page=1)[0]


def _spec(r: random.Random) -> SealSpec:
    city = r.choice(CITIES)
    name = r.choice(city.departments) if r.random() < 0.15 else company_name(r, city)
    return SealSpec(
        name,
        diameter_mm=r.choice((38, 40, 40, 42)),
        code=seal_code(r, city.code) if r.random() < 0.6 else "",
        star=r.random() < 0.9,
        colour="grey" if r.random() < 0.2 else "red",
        wear=r.uniform(0.0, 0.9),
        faint=r.random() ** 2 * 0.7,
        rotation=r.gauss(0, 25),
    )


def _scanned(spec: SealSpec, r: random.Random) -> Image:
    """The seal on a piece of a form, as a scanner leaves it."""
    page = np.full((SIDE, SIDE, 3), r.randint(238, 255), np.uint8)
    for y in range(r.randint(20, 60), SIDE, r.choice((60, 90, 140))):
        cv2.line(page, (0, y), (SIDE, y), (40, 40, 40), r.choice((1, 2)))
        for x in range(r.randint(0, 200), SIDE - 40, 26):
            if r.random() < 0.35:  # print under the seal: its strokes, not its sense
                for _ in range(4):
                    a, b = (x + r.randint(0, 20), y - 26 + r.randint(0, 20)), (x + r.randint(0, 20), y - 26)
                    cv2.line(page, a, b, (50, 50, 50), 2)
    art = draw_seal(spec, dpi=DPI, seed=r.randrange(1 << 30))
    page = press_seal(page, art, (SIDE / 2 + r.uniform(-20, 20), SIDE / 2 + r.uniform(-20, 20)))
    picture = cv2.GaussianBlur(page[:, :, ::-1], (0, 0), r.uniform(0.3, 1.3)).astype(np.float32)
    noise = np.random.default_rng(r.randrange(1 << 30)).normal(0, r.uniform(1, 6), picture.shape)
    done, packed = cv2.imencode(
        ".jpg", np.clip(picture + noise, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, r.randint(55, 92)]
    )
    assert done
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)


def neighbours(name: str, r: random.Random) -> tuple[tuple[Kind, str], ...]:
    """Names of other organisations at one character's distance; ends of names (有限公司) stay."""
    whole = core(name)
    end = min((i for i in (whole.find(e) for e in ("有限", "股份", "商务")) if i > 1), default=len(whole) - 2)
    at = r.randrange(end)
    alike = [(i, s) for i in range(end) for group in CONFUSABLE if whole[i] in group for s in group if s != whole[i]]
    out: list[tuple[Kind, str]] = [
        ("another", whole[:at] + r.choice([s for s in SIGNS if s != whole[at]]) + whole[at + 1 :]),
        ("lost", whole[:at] + whole[at + 1 :]),
        ("more", whole[:at] + r.choice(SIGNS) + whole[at:]),
    ]
    if alike:
        i, sign = r.choice(alike)
        out.append(("alike", whole[:i] + sign + whole[i + 1 :]))
    return tuple(out)


def held(reading: SealReading, name: str) -> bool:
    """Whether the reading may be said to be this name's."""
    fit = fit_name(reading, name)
    return fit.holds and fit.score >= MATCH_SCORE


def outcomes(kept: Sequence[Kept], *, seed: int = 0) -> Counter[str]:
    """How often the own name is held ("own", "own.held"; "free" where it was read without help) and other ones."""
    count: Counter[str] = Counter()
    for number, (name, reading) in enumerate(kept):
        r = random.Random(f"{seed}-{number}")
        free = bool(reading.candidates) and core(reading.candidates[0].text) == core(name)
        count.update({"own": 1, "own.held": int(held(reading, name)), "free": int(free)})
        for kind, other in neighbours(name, r):
            count.update({kind: 1, f"{kind}.held": int(held(reading, other))})
    return count


BANDS = ((0.9, 1.01, "legible"), (0.5, 0.9, "worn"), (0.0, 0.5, "ruined"))


def table(kept: Sequence[Kept]) -> str:
    """The measure by how legible the seals are."""
    rows = [f"{'':>8} {'seals':>6} {'read':>6} {'own not held':>13} " + " ".join(f"{kind:>12}" for kind in KINDS)]
    for low, high, band in BANDS:
        c = outcomes([one for one in kept if low <= one[1].legible < high])
        wrong = " ".join(f"{c[f'{kind}.held']:5d} / {c[kind]:4d}" for kind in KINDS)
        rows.append(f"{band:>8} {c['own']:6d} {c['free']:6d} {c['own'] - c['own.held']:13d} {wrong}")
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw readings, or print the measure of kept ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("draw", "measure"))
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    if asked.what == "draw":
        with asked.files[0].open("w", encoding="utf-8") as file:
            for name, reading in drawn(asked.count, asked.seed):
                file.write(json.dumps([name, reading.model_dump(mode="json")], ensure_ascii=False) + "\n")
        return 0
    lines = [line for path in asked.files for line in path.read_text(encoding="utf-8").splitlines()]
    kept = [(name, SealReading.model_validate(body)) for name, body in map(json.loads, lines)]
    print(table(kept))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
