"""Round marks that are no seals and look most like them: postmarks as offices strike them, badges that certifiers
have printed, rings that cups leave. More various than those of :mod:`samples.seal_decoys`, which stay as they are
measured with.
"""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from samples.seal_decoys import COLOURS, DARKS, any_place, font_of, words

if TYPE_CHECKING:
    from collections.abc import Callable

    Decoy = Callable[[Pillow.Image, random.Random], None]

__all__ = ["MARKS"]

STAINS = ((150, 100, 50), (170, 120, 70), (120, 90, 60), (140, 130, 120))
GREYS = (*DARKS, (60, 60, 90), (90, 40, 120), (40, 60, 150), (90, 90, 94), (120, 120, 122), (40, 40, 90))
PLACES = (
    "北京", "上海", "大连", "成都", "南京", "西安", "武汉", "济南", "广州", "苏州", "沈阳", "长沙",
    "BEIJING", "CHENGDU",
)  # fmt: skip
OFFICES = ("中关村", "软件园", "高新", "人民路", "营业1", "(信)", "投递", "新街口", "揽投部", "国际")
BADGES = (
    "CNAS", "IAF", "ISO9001", "CMA", "UKAS", "CQC", "TUV", "ILAC-MRA", "CMMI", "3A", "AAA", "27001",
    "质量认证", "诚信企业",
)  # fmt: skip
AROUND = (
    "MANAGEMENT SYSTEM",
    "CERTIFIED COMPANY",
    "ACCREDITED",
    "QUALITY ASSURED ",
    "中国认可 管理体系 ",
    "国家高新技术企业 ",
)


def _sheet(side: float) -> tuple[Pillow.Image, float]:
    """A square without ink, and its middle."""
    return Pillow.new("L", (int(side), int(side)), 0), int(side) / 2


def _ring_of_text(
    pen: Any,
    r: random.Random,
    text: str,
    *,
    middle: float,
    radius: float,
    size: int,
    start: float,
    span: float,
    ink: int,
) -> None:
    """Signs along an arc, their feet to the centre, or to the outside below it; angles from the top, clockwise."""
    font, low = font_of(r, size), math.cos(start + span / 2) < 0
    for k, sign in enumerate(text):
        part = (k + 0.5) / len(text)
        t = start + span * (1 - part if low else part)
        tile = Pillow.new("L", (size * 2, size * 2), 0)
        ImageDraw.Draw(tile).text((size, size), sign, fill=255, font=font, anchor="mm")
        turned = tile.rotate(-math.degrees(t) + (180 if low else 0))
        at = int(middle + radius * math.sin(t) - size), int(middle - radius * math.cos(t) - size)
        pen.bitmap(at, turned, fill=ink)


def _struck(
    canvas: Pillow.Image, r: random.Random, layer: Pillow.Image, at: tuple[float, float], colour: tuple[int, ...]
) -> None:
    """The layer laid on the paper as ink that lets it show, unevenly."""
    size = layer.size
    blots = np.random.default_rng(r.randrange(1 << 30)).random((r.randint(2, 7), r.randint(2, 7)))
    uneven = (
        np.asarray(Pillow.fromarray((blots * 255).astype(np.uint8)).resize(size, Pillow.Resampling.BICUBIC), np.float32)
        / 255
    )
    ink = np.asarray(layer, np.float32) / 255 * np.clip(r.uniform(0.5, 1.1) + (uneven - 0.5) * r.uniform(0, 1.4), 0, 1)
    box = (int(at[0] - size[0] / 2), int(at[1] - size[1] / 2))
    under = np.asarray(canvas.crop((*box, box[0] + size[0], box[1] + size[1])), np.float32)
    inked = under * (1 - ink[:, :, None] * (1 - np.array(colour, np.float32) / 255))
    canvas.paste(Pillow.fromarray(inked.astype(np.uint8)), box)


def _date(r: random.Random) -> str:
    year, month, day = r.randint(2019, 2026), r.randint(1, 12), r.randint(1, 28)
    form = r.choice(("{}.{:02}.{:02}", "{} {:02} {:02}", "{}-{:02}-{:02}", "{}.{}.{}."))
    return form.format(year, month, day) + r.choice(("", "", f" {r.randint(6, 20)}", f".{r.randint(6, 20):02}"))


def _struck_postmark(canvas: Pillow.Image, r: random.Random) -> None:
    """A postmark (邮戳): thin rings, a place above, an office below, a date across between bars or by itself, waves."""
    a = r.uniform(82, 125)  # 21 to 32 mm
    layer, m = _sheet(2.2 * a)
    pen, width = ImageDraw.Draw(layer), r.randint(2, 5)
    pen.ellipse((m - a, m - a, m + a, m + a), outline=255, width=width)
    inner = a * r.uniform(0.5, 0.68)
    bars = r.random() < 0.55
    if r.random() < 0.5:
        pen.ellipse((m - inner, m - inner, m + inner, m + inner), outline=255, width=width)
    elif r.random() < 0.5:
        pen.ellipse((m - a * 0.92, m - a * 0.92, m + a * 0.92, m + a * 0.92), outline=255, width=max(1, width // 2))
    if bars:
        high = a * r.uniform(0.16, 0.24)
        for dy in (-high, high):
            pen.line((m - a, m + dy, m + a, m + dy), fill=255, width=width)
    pen.text((m, m), _date(r), fill=255, font=font_of(r, int(a * r.uniform(0.26, 0.36))), anchor="mm")
    if r.random() < 0.3:
        pen.text((m, m + a * 0.36), f"{r.randint(6, 20)}", fill=255, font=font_of(r, int(a * 0.24)), anchor="mm")
    size, ring = int(a * r.uniform(0.2, 0.3)), (a + inner) / 2
    place = r.choice(PLACES)
    span = r.uniform(0.14, 0.24) * max(2, len(place) * (0.6 if place.isascii() else 1.2))
    _ring_of_text(pen, r, place, middle=m, radius=ring, size=size, start=-span / 2, span=span, ink=255)
    office = r.choice(OFFICES)
    span = 0.34 * len(office)
    _ring_of_text(pen, r, office, middle=m, radius=ring, size=size, start=math.pi - span / 2, span=span, ink=255)
    turned = layer.rotate(r.gauss(0, 25), resample=Pillow.Resampling.BICUBIC)
    at = any_place(canvas, r, a)
    colour = r.choice(GREYS)
    _struck(canvas, r, turned, at, colour)
    if r.random() < 0.35:
        pen = ImageDraw.Draw(canvas)
        for k in range(r.randint(3, 7)):
            wave = [(at[0] + a + s * 6, at[1] + (k - 3) * 22 + 8 * math.sin(s / 5)) for s in range(60)]
            pen.line(wave, fill=colour, width=width)


def _badge(canvas: Pillow.Image, r: random.Random) -> None:
    """A certifier's printed badge (认证标志): rings, letters around, a sign in the middle, or a solid disc."""
    a = r.uniform(45, 150)
    layer, m = _sheet(2.1 * a)
    pen = ImageDraw.Draw(layer)
    solid = r.random()
    inner = a * r.uniform(0.5, 0.72)
    pen.ellipse((m - a, m - a, m + a, m + a), outline=255, width=r.randint(2, 8), fill=255 if solid < 0.4 else None)
    if solid < 0.4:
        pen.ellipse((m - inner, m - inner, m + inner, m + inner), fill=0 if solid < 0.25 else 255)
    elif r.random() < 0.7:
        pen.ellipse(
            (m - inner, m - inner, m + inner, m + inner),
            outline=255,
            width=r.randint(1, 5),
            fill=255 if solid < 0.6 else None,
        )
    signs = 0 if solid < 0.4 else 255
    text = r.choice(AROUND) * r.choice((1, 1, 2))
    span = 2 * math.pi * r.uniform(0.6, 0.98)
    size, ring = int(a * r.uniform(0.16, 0.26)), (a + inner) / 2
    _ring_of_text(pen, r, text, middle=m, radius=ring, size=size, start=-span / 2, span=span, ink=signs)
    if r.random() < 0.3:
        pen.regular_polygon((m, m, inner * 0.6), 5, fill=0 if 0.25 <= solid < 0.6 else 255)
    word = r.choice(BADGES)
    big = int(min(inner * 1.1, 2.4 * inner / len(word)))
    filled = 0.25 <= solid < 0.6
    pen.text((m, m), word, fill=0 if filled else 255, font=font_of(r, max(8, big)), anchor="mm")
    _struck(canvas, r, layer, any_place(canvas, r, a), r.choice((*COLOURS, *DARKS, *COLOURS, (190, 30, 40))))


def _cup(canvas: Pillow.Image, r: random.Random) -> None:
    """The ring that a cup leaves: pale brown, wide, broken, empty."""
    a = r.uniform(120, 330)
    layer, m = _sheet(2.1 * a)
    pen = ImageDraw.Draw(layer)
    start = r.uniform(0, 360)
    end, pale, wide = start + r.uniform(200, 360), r.randint(60, 190), r.randint(3, 16)
    pen.arc((m - a, m - a, m + a, m + a), start, end, fill=pale, width=wide)
    _struck(canvas, r, layer, any_place(canvas, r, a), r.choice(STAINS))


def _stamped_date(canvas: Pillow.Image, r: random.Random) -> None:
    """A date or number by a stamp without a frame, and a framed word of the print: 密级, 样本, 正本."""
    ink, size = r.choice((*GREYS, *COLOURS, (200, 30, 40))), r.randint(24, 60)
    x, y = any_place(canvas, r, 100)
    pen, font = ImageDraw.Draw(canvas), font_of(r, size)
    text = r.choice((_date(r), "正本", "副本", "密级：内部", "样 本", "COPY", "急件", words(r, 3)))
    pen.text((x, y), text, fill=ink, font=font, anchor="mm")
    if ink in GREYS and r.random() < 0.6:
        half = pen.textlength(text, font=font) / 2 + size * 0.3
        pen.rectangle((x - half, y - size * 0.75, x + half, y + size * 0.75), outline=ink, width=r.randint(1, 4))


MARKS: tuple[Decoy, ...] = (
    *(_struck_postmark,) * 4, *(_badge,) * 3, _cup, _stamped_date,
)  # fmt: skip
