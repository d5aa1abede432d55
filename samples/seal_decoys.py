"""What lies on paper and is no seal: circles drawn by hand, badges, emblems, codes, postmarks, fingerprints, frames.

Each decoy draws itself somewhere on a page; :mod:`samples.seal_pages` strews them about to teach and test finding.
"""

from __future__ import annotations

import math
import random

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from samples.seal_fonts import faces

__all__ = ["COLOURS", "DARKS", "DECOYS", "REDS", "any_place", "font_of", "words"]

SIGNS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "服务外包企业申报信息软件技术审核盖章负责人签字日期金额万元资产负债合计营业收入名称地址统一社会信用代码证书编号有效期"
)
DARKS = ((20, 20, 22), (40, 40, 44), (70, 66, 64), (12, 12, 30))
REDS = ((205, 24, 30), (190, 20, 40), (220, 60, 40), (200, 0, 0))
COLOURS = ((20, 60, 150), (10, 110, 80), (150, 100, 30), (120, 30, 120), (90, 60, 20), (20, 120, 170))


def font_of(r: random.Random, size: int) -> ImageFont.FreeTypeFont:
    """Any Chinese face installed."""
    face = r.choice(faces())
    return ImageFont.truetype(face.file, size, index=face.index)


def words(r: random.Random, count: int) -> str:
    """Print that means nothing."""
    if r.random() < 0.2:
        return "".join(r.choices("0123456789,.-", k=count))
    return "".join(r.choices(SIGNS, k=count))


def any_place(canvas: Pillow.Image, r: random.Random, half: float) -> tuple[float, float]:
    """A place for something that reaches ``half`` px about its centre."""
    width, height = canvas.size
    return r.uniform(half, max(half + 1, width - half)), r.uniform(half, max(half + 1, height - half))


def _any_ink(r: random.Random) -> tuple[int, int, int]:
    return r.choice((*REDS, *REDS, *DARKS, *COLOURS))


def _hand_circle(canvas: Pillow.Image, r: random.Random) -> None:
    """A circle round something, by hand: it wobbles and does not close."""
    a = r.uniform(45, 200)
    b = a * r.uniform(0.5, 1.0)
    x, y = any_place(canvas, r, a)
    drift, phases = r.uniform(0.02, 0.16), [r.uniform(0, 6.3) for _ in range(3)]
    turns = r.uniform(0.93, 1.15) * (2 if r.random() < 0.15 else 1)
    start = r.uniform(0, 6.3)
    points = []
    for step in range(121):
        t = start + step / 120 * turns * 2 * math.pi
        k = 1 + drift * (step / 120 - 0.5) + 0.035 * sum(math.sin((i + 2) * t + p) for i, p in enumerate(phases)) / 1.5
        points.append((x + a * k * math.cos(t), y + b * k * math.sin(t)))
    ImageDraw.Draw(canvas).line(points, fill=_any_ink(r), width=r.randint(2, 8), joint="curve")


def _drawn_circle(canvas: Pillow.Image, r: random.Random) -> None:
    """A printed ring, disc or badge, with a word or a picture in it at most."""
    a = r.uniform(40, 200)
    x, y = any_place(canvas, r, a)
    pen, ink = ImageDraw.Draw(canvas), _any_ink(r)
    box = (x - a, y - a, x + a, y + a)
    style = r.randrange(6)
    if style in (0, 4):
        pen.ellipse(box, fill=ink)
        ink = (250, 250, 250)
    else:
        pen.ellipse(box, outline=ink, width=r.randint(2, max(3, int(a * 0.3))))
    if style in (2, 4):
        inner = a * r.uniform(0.5, 0.8)
        pen.ellipse((x - inner, y - inner, x + inner, y + inner), outline=ink, width=r.randint(2, 10))
    if style == 3:
        for k in range(r.randint(3, 8)):
            t = k * math.pi / r.randint(3, 8)
            dx, dy = a * math.cos(t), a * math.sin(t)
            pen.line((x - dx, y - dy, x + dx, y + dy), fill=ink, width=r.randint(2, 8))
    if style in (1, 4, 5):
        text = r.choice(("CNAS", "ISO", "MA", "福", "优", "9001", "A", "合格", words(r, 2)))
        font = font_of(r, max(12, int(a * r.uniform(0.4, 1.2) / max(1, len(text) * 0.6))))
        pen.text((x, y), text, fill=ink, font=font, anchor="mm")


def _emblem(canvas: Pillow.Image, r: random.Random) -> None:
    """国徽 as a licence prints it: a red disc of gold stars in a gold wreath over a red knot."""
    a = r.uniform(60, 170)
    x, y = any_place(canvas, r, a * 1.2)
    pen = ImageDraw.Draw(canvas)
    red = r.choice((*REDS, *REDS, (230, 110, 110), (60, 60, 60)))
    gold = r.choice(((250, 214, 90), (230, 180, 60), (245, 225, 140), (255, 250, 240), (250, 225, 225)))
    if red == (60, 60, 60):
        gold = r.choice(((235, 235, 235), (170, 170, 170)))
    rim = r.choice((red, gold, red))
    pen.ellipse((x - a, y - a, x + a, y + a * 1.05), fill=rim)
    for k in range(40):
        t = math.pi * (0.62 + 1.76 * k / 39) - math.pi / 2 + math.pi * 0.5
        d = a * 0.88
        cx, cy, s = x + d * math.cos(t), y + d * math.sin(t), a * 0.09
        pen.ellipse((cx - s, cy - s * 0.6, cx + s, cy + s * 0.6), outline=gold if rim == red else red, width=2)
    inner = a * 0.78
    pen.ellipse((x - inner, y - inner, x + inner, y + inner), fill=red, outline=gold, width=3)
    for dx, dy, s in ((0, -0.4, 0.24), (-0.38, -0.12, 0.1), (-0.15, 0.0, 0.1), (0.15, 0.0, 0.1), (0.38, -0.12, 0.1)):
        pen.polygon(_star(x + dx * a, y + dy * a, s * a), fill=gold)
    gate = ((-0.4, 0.45), (0.4, 0.45), (0.25, 0.2), (-0.25, 0.2))
    pen.polygon([(x + dx * a, y + dy * a) for dx, dy in gate], fill=gold)
    pen.rectangle((x - a * 0.5, y + a * 0.48, x + a * 0.5, y + a * 0.6), fill=gold)
    pen.pieslice((x - a * 0.3, y + a * 0.7, x + a * 0.3, y + a * 1.25), 0, 360, fill=red, outline=gold, width=3)
    for side in (-1, 1) if r.random() < 0.7 else ():
        ribbon = ((0.0, 0.9), (0.7, 0.85), (0.5, 1.3))
        pen.polygon([(x + side * dx * a, y + dy * a) for dx, dy in ribbon], fill=red, outline=gold)


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    return [
        (x + radius * k * math.sin(i * math.pi / 5), y - radius * k * math.cos(i * math.pi / 5))
        for i in range(10)
        for k in ((1.0 if i % 2 == 0 else 0.382),)
    ]


def _rosette(canvas: Pillow.Image, r: random.Random) -> None:
    """A badge with a scalloped edge, of gold foil or print."""
    a = r.uniform(50, 160)
    x, y = any_place(canvas, r, a)
    pen = ImageDraw.Draw(canvas)
    teeth, depth = r.randint(12, 40), r.uniform(0.04, 0.12)
    ring = [
        (x + a * k * math.cos(t), y + a * k * math.sin(t))
        for i in range(teeth * 4)
        for t, k in ((i * math.pi / teeth / 2, 1 - depth * (i % 4 > 1)),)
    ]
    pen.polygon(ring, fill=r.choice(((222, 190, 90), (200, 160, 40), (210, 40, 40), (230, 210, 150))))
    inner = a * 0.75
    pen.ellipse((x - inner, y - inner, x + inner, y + inner), outline=(160, 120, 30), width=r.randint(2, 6))
    if r.random() < 0.5:
        pen.polygon(_star(x, y, a * 0.4), fill=(250, 235, 180))


def _code(canvas: Pillow.Image, r: random.Random) -> None:
    """A QR code: modules in a square with three eyes."""
    modules, size = r.choice((21, 25, 29, 33, 41)), r.randint(3, 8)
    grid = np.random.default_rng(r.randrange(1 << 30)).random((modules, modules)) < 0.5
    for top, left in ((0, 0), (0, modules - 7), (modules - 7, 0)):
        grid[top : top + 7, left : left + 7] = True
        grid[top + 1 : top + 6, left + 1 : left + 6] = False
        grid[top + 2 : top + 5, left + 2 : left + 5] = True
    ink = r.choice(DARKS) if r.random() < 0.9 else r.choice(REDS)
    tile = np.where(grid[:, :, None], np.array(ink), 252).astype(np.uint8)
    art = Pillow.fromarray(np.kron(tile, np.ones((size, size, 1), np.uint8)))
    x, y = any_place(canvas, r, modules * size / 2)
    canvas.paste(art, (int(x - modules * size / 2), int(y - modules * size / 2)))


def _postmark(canvas: Pillow.Image, r: random.Random) -> None:
    """A cancellation: two thin rings, a straight date between bars, waves beside."""
    a = r.uniform(80, 110)
    x, y = any_place(canvas, r, a)
    pen, ink, width = ImageDraw.Draw(canvas), r.choice((*DARKS, (60, 60, 90))), r.randint(1, 4)
    pen.ellipse((x - a, y - a, x + a, y + a), outline=ink, width=width)
    if r.random() < 0.6:
        pen.ellipse((x - a * 0.55, y - a * 0.55, x + a * 0.55, y + a * 0.55), outline=ink, width=width)
    date = f"2023.09.{r.randint(10, 30)}"
    pen.text((x, y), date, fill=ink, font=font_of(r, int(a * 0.3)), anchor="mm")
    for dy in (-0.2, 0.2):
        pen.line((x - a, y + dy * a, x + a, y + dy * a), fill=ink, width=width)
    for k in range(r.randint(0, 6)):
        wave = [(x + a + s * 6, y + (k - 3) * 22 + 8 * math.sin(s / 5)) for s in range(60)]
        pen.line(wave, fill=ink, width=width)


def _fingerprint(canvas: Pillow.Image, r: random.Random) -> None:
    a, b = r.uniform(50, 75), r.uniform(65, 95)
    x, y = any_place(canvas, r, b)
    pen, ink = ImageDraw.Draw(canvas), r.choice((*REDS, *REDS, (60, 50, 120)))
    phase, turn = r.uniform(0, 6), r.uniform(-0.6, 0.6)
    for k in range(2, 16):
        ring = []
        for i in range(61):
            t = i / 60 * 2 * math.pi
            wobble = k / 15 * (1 + 0.06 * math.sin(3 * t + phase) + 0.03 * math.sin(7 * t + k))
            u, v = a * wobble * math.cos(t), b * wobble * math.sin(t)
            ring.append((x + u * math.cos(turn) - v * math.sin(turn), y + u * math.sin(turn) + v * math.cos(turn)))
        gap = r.randint(0, 50)
        pen.line(ring[gap:] if r.random() < 0.5 else ring, fill=ink, width=r.randint(2, 4))


def _photo(canvas: Pillow.Image, r: random.Random) -> None:
    w, h = r.randint(180, 300), r.randint(240, 400)
    x, y = any_place(canvas, r, h / 2)
    back = r.choice(((200, 40, 50), (60, 110, 200), (235, 235, 235)))
    art = Pillow.new("RGB", (w, h), back)
    pen = ImageDraw.Draw(art)
    pen.ellipse((w * 0.25, h * 0.15, w * 0.75, h * 0.6), fill=(220, 180, 150))
    pen.pieslice((w * 0.25, h * 0.08, w * 0.75, h * 0.5), 180, 360, fill=(30, 25, 25))
    pen.pieslice((0, h * 0.62, w, h * 1.4), 180, 360, fill=(40, 40, 60))
    canvas.paste(art, (int(x - w / 2), int(y - h / 2)))


def _border(canvas: Pillow.Image, r: random.Random) -> None:
    """A certificate's frame: lines and a chain of rings or diamonds round the page."""
    width, height = canvas.size
    pen, ink = ImageDraw.Draw(canvas), r.choice((*COLOURS, *REDS))
    inset, step = r.randint(20, 70), r.randint(14, 40)
    for k in range(r.randint(1, 3)):
        e = inset + k * r.randint(6, 40)
        pen.rectangle((e, e, width - e, height - e), outline=ink, width=r.randint(1, 6))
    around = [(x, y) for x in range(inset, width - inset, step) for y in (inset + 10, height - inset - 10)]
    around += [(x, y) for y in range(inset, height - inset, step) for x in (inset + 10, width - inset - 10)]
    for x, y in around:
        s = step * 0.6
        pen.ellipse((x - s, y - s, x + s, y + s), outline=ink, width=1)
    if r.random() < 0.5:
        for x in (inset, width - inset):
            for y in (inset, height - inset):
                for k in range(1, 5):
                    s = k * step * 0.7
                    pen.ellipse((x - s, y - s, x + s, y + s), outline=ink, width=2)


def _logo(canvas: Pillow.Image, r: random.Random) -> None:
    a = r.uniform(30, 110)
    x, y = any_place(canvas, r, 2 * a)
    pen, ink, other = ImageDraw.Draw(canvas), _any_ink(r), _any_ink(r)
    style = r.randrange(4)
    if style == 0:
        pen.polygon([(x - a, y + a), (x, y - a), (x + a, y + a)], fill=ink)
        pen.ellipse((x - a * 0.4, y - a * 0.1, x + a * 0.4, y + a * 0.7), fill=other)
    elif style == 1:
        pen.pieslice((x - a, y - a, x + a, y + a), r.randint(0, 90), r.randint(200, 340), fill=ink)
        pen.pieslice((x - a * 0.6, y - a * 0.6, x + a * 0.6, y + a * 0.6), 0, 360, fill=(252, 252, 252))
    elif style == 2:
        pen.rounded_rectangle((x - a, y - a, x + a, y + a), radius=a * 0.2, fill=ink)
        pen.text(
            (x, y), r.choice(("A", "华", "S", "云")), fill=(252, 252, 252), font=font_of(r, int(a * 1.4)), anchor="mm"
        )
    else:
        for k in range(4):
            s = a * (1 - k * 0.22)
            pen.arc(
                (x - s, y - s, x + s, y + s), r.randint(0, 360), r.randint(0, 360), fill=ink, width=int(a * 0.1) + 1
            )
    if r.random() < 0.6:
        pen.text((x + a * 1.2, y), words(r, 4), fill=ink, font=font_of(r, int(a * 0.9)), anchor="lm")


def _box(canvas: Pillow.Image, r: random.Random) -> None:
    """A frame that is none of a seal: a cell by itself, a place for a photo, a framed notice, a tick box."""
    w, h = r.uniform(60, 340), r.uniform(50, 300)
    x, y = any_place(canvas, r, max(w, h) / 2)
    pen, ink = ImageDraw.Draw(canvas), _any_ink(r)
    pen.rectangle((x - w / 2, y - h / 2, x + w / 2, y + h / 2), outline=ink, width=r.randint(1, 5))
    size = r.randint(18, 34)
    font = font_of(r, size)
    rows = r.randint(0, max(1, int(h / size / 2)))
    for row in range(rows):
        count = max(1, int((w - 14) / size * r.uniform(0.3, 1)))
        pen.text((x - w / 2 + 6, y - h / 2 + 8 + row * size * 1.5), words(r, count), fill=ink, font=font)


def _watermark(canvas: Pillow.Image, r: random.Random) -> None:
    layer = Pillow.new("RGB", canvas.size, (255, 255, 255))
    pen = ImageDraw.Draw(layer)
    tint = r.choice(((225, 225, 230), (248, 214, 214), (214, 226, 246), (230, 244, 226)))
    for _ in range(r.randint(1, 6)):
        x, y = any_place(canvas, r, 50)
        if r.random() < 0.5:
            pen.text((x, y), words(r, 5), fill=tint, font=font_of(r, r.randint(60, 160)))
        else:
            a = r.uniform(60, 400)
            pen.ellipse((x - a, y - a, x + a, y + a), outline=tint, width=r.randint(4, 30))
    turned = layer.rotate(r.uniform(-40, 40), fillcolor=(255, 255, 255))
    mixed = np.asarray(canvas, np.float32) * (np.asarray(turned, np.float32) / 255)
    canvas.paste(Pillow.fromarray(mixed.astype(np.uint8)), (0, 0))


def _big_signs(canvas: Pillow.Image, r: random.Random) -> None:
    """Large print, upright or turned: titles, page seals of calligraphy, initials."""
    size = r.randint(90, 300)
    x, y = any_place(canvas, r, size)
    pen = ImageDraw.Draw(canvas)
    text = r.choice((words(r, r.randint(1, 4)), "O", "Q", "回", "国图固", "GO", "8", "章"))
    pen.text((x, y), text, fill=_any_ink(r), font=font_of(r, size), anchor="mm")


DECOYS = (
    _hand_circle, _hand_circle, _drawn_circle, _drawn_circle, _emblem, _emblem, _rosette, _code, _postmark,
    _fingerprint, _photo, _border, _logo, _logo, _box, _box, _watermark, _big_signs, _big_signs,
)  # fmt: skip
