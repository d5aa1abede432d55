"""More of what is no seal, as certificates, invoices, screens and photographs bear it: emblems drawn finely, medals,
codes with a picture in them, charts, coins, portraits in a circle, borders of knots, printed notices."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from samples.seal_decoys import COLOURS, DARKS, DECOYS, REDS, any_place, font_of, words

__all__ = ["SCENE_DECOYS", "print_emblem"]

Decoy = Callable[[Pillow.Image, random.Random], None]
Ink = tuple[int, int, int]
GOLDS: tuple[Ink, ...] = ((250, 214, 90), (230, 180, 60), (200, 150, 50), (245, 225, 140))
PALE: tuple[Ink, ...] = ((255, 250, 240), (250, 225, 225), (255, 255, 255))


def _star(x: float, y: float, radius: float, turn: float = 0.0) -> list[tuple[float, float]]:
    return [
        (x + d * math.sin(turn + k * math.pi / 5), y - d * math.cos(turn + k * math.pi / 5))
        for k in range(10)
        for d in (radius * (1.0 if k % 2 == 0 else 0.382),)
    ]


def _disc(pen: ImageDraw.ImageDraw, x: float, y: float, r: float, **kind: object) -> None:
    pen.ellipse((x - r, y - r, x + r, y + r), **kind)  # type: ignore[arg-type]


def _fine_emblem(canvas: Pillow.Image, r: random.Random) -> None:
    """国徽 in print: a red disc with stars and gate, a wreath of ears round it, a wheel and ribbons below."""
    width = canvas.size[0]
    a = r.uniform(60, 190)
    at_head = r.random() < 0.6
    x, y = (width / 2 + r.gauss(0, 20), a * 1.2 + r.uniform(20, 140)) if at_head else any_place(canvas, r, a * 1.3)
    style = r.randrange(4)
    red: Ink = r.choice(REDS) if style < 2 else r.choice(((230, 110, 110), (90, 90, 90), (60, 60, 60), (215, 150, 140)))
    light: Ink = r.choice(GOLDS) if style in (0, 2) else r.choice(PALE)
    rim: Ink = r.choice((light, red)) if style != 1 else red
    print_emblem(ImageDraw.Draw(canvas), r, (x, y, a), red=red, light=light, rim=rim)


def print_emblem(
    pen: ImageDraw.ImageDraw, r: random.Random, at: tuple[float, float, float], *, red: Ink, light: Ink, rim: Ink
) -> None:
    """The emblem ``at`` a place (x, y) with its radius."""
    x, y, a = at
    _disc(pen, x, y, a, fill=light if rim == light else None, outline=rim, width=max(2, int(a * r.uniform(0.01, 0.05))))
    ears = r.randint(22, 60)
    for k in range(ears):  # the wreath leaves the foot open
        t = math.pi * (0.68 + 1.64 * k / (ears - 1))
        for d, long in ((0.9, 0.13), (0.8, 0.1)):
            u, v = x + a * d * math.sin(t + math.pi), y - a * d * math.cos(t + math.pi)
            e, f = u + a * long * math.cos(t * 1.0 + 0.7), v + a * long * math.sin(t + 0.7)
            pen.line(
                (u, v, e, f),
                fill=red if rim == red or light != rim else r.choice((red, (180, 130, 40))),
                width=max(1, int(a * 0.035)),
            )
    _disc(pen, x, y, a * 0.74, fill=red, outline=light, width=max(1, int(a * 0.03)))
    for dx, dy, size in (
        (0, -0.42, 0.2),
        (-0.34, -0.12, 0.09),
        (-0.13, -0.02, 0.09),
        (0.13, -0.02, 0.09),
        (0.34, -0.12, 0.09),
    ):
        pen.polygon(_star(x + dx * a, y + dy * a, size * a), fill=light)
    for dy, half in ((0.18, 0.24), (0.27, 0.34), (0.36, 0.44)):
        pen.rectangle((x - half * a, y + dy * a, x + half * a, y + (dy + 0.055) * a), fill=light)
    for k in range(-3, 4):
        pen.line(
            (x + k * a * 0.1, y + 0.25 * a, x + k * a * 0.1, y + 0.42 * a), fill=light, width=max(1, int(a * 0.03))
        )
    _disc(pen, x, y + a * 0.86, a * 0.2, fill=red, outline=light, width=max(2, int(a * 0.04)))
    _disc(pen, x, y + a * 0.86, a * 0.09, fill=light)
    for side in (-1, 1):
        sash = ((0.15, 0.8), (0.75, 0.7), (0.62, 1.0), (0.42, 0.92), (0.5, 1.2), (0.1, 1.0))
        pen.polygon([(x + side * u * a, y + v * a) for u, v in sash], fill=red, outline=light)


def _knot_border(canvas: Pillow.Image, r: random.Random) -> None:
    """A border of knots with medallions in its corners."""
    width, height = canvas.size
    pen, ink = ImageDraw.Draw(canvas), r.choice((*COLOURS, *GOLDS, (180, 120, 110), (120, 120, 120)))
    inset, deep = r.randint(20, 90), r.randint(16, 60)
    for e in (inset, inset + deep):
        pen.rectangle((e, e, width - e, height - e), outline=ink, width=r.randint(1, 5))
    step = r.randint(18, 60)
    style = r.randrange(3)
    spots: list[tuple[float, float]]
    spots = [(x, y) for x in range(inset, width - inset, step) for y in (inset + deep / 2, height - inset - deep / 2)]
    spots += [(x, y) for y in range(inset, height - inset, step) for x in (inset + deep / 2, width - inset - deep / 2)]
    for x, y in spots:
        s = deep * 0.42
        if style == 0:
            pen.polygon([(x - s, y), (x, y - s), (x + s, y), (x, y + s)], outline=ink)
        elif style == 1:
            pen.arc((x - s, y - s, x + s, y + s), r.randint(0, 180), r.randint(200, 360), fill=ink, width=2)
        else:
            pen.rectangle((x - s, y - s, x + s, y + s), outline=ink)
            pen.rectangle((x - s / 2, y - s / 2, x + s / 2, y + s / 2), outline=ink)
    if r.random() < 0.6:
        for x in (inset + deep, width - inset - deep):
            for y in (inset + deep, height - inset - deep):
                for k in range(1, r.randint(2, 5)):
                    _disc(pen, x, y, k * deep * 0.45, outline=ink, width=2)


def _framed_code(canvas: Pillow.Image, r: random.Random) -> None:
    """A QR code with a picture in the middle, or framed, beside words."""
    modules, size = r.choice((25, 29, 33, 37, 41, 45)), r.randint(3, 8)
    grid = np.random.default_rng(r.randrange(1 << 30)).random((modules, modules)) < 0.48
    for top, left in ((0, 0), (0, modules - 7), (modules - 7, 0)):
        grid[max(0, top - 1) : top + 8, max(0, left - 1) : left + 8] = False
        grid[top : top + 7, left : left + 7] = True
        grid[top + 1 : top + 6, left + 1 : left + 6] = False
        grid[top + 2 : top + 5, left + 2 : left + 5] = True
    ink = r.choice(DARKS) if r.random() < 0.85 else r.choice((*REDS, *COLOURS))
    art = Pillow.fromarray(
        np.kron(np.where(grid[:, :, None], np.array(ink), 252), np.ones((size, size, 1))).astype(np.uint8)
    )
    side = modules * size
    pen = ImageDraw.Draw(art)
    if r.random() < 0.5:
        s = side * r.uniform(0.08, 0.14)
        pen.rectangle(
            (side / 2 - s, side / 2 - s, side / 2 + s, side / 2 + s), fill=r.choice((*REDS, *COLOURS, (255, 255, 255)))
        )
    if r.random() < 0.3:
        art = art.rotate(r.gauss(0, 4), expand=True, fillcolor=(252, 252, 252))
    x, y = any_place(canvas, r, side / 2)
    canvas.paste(art, (int(x - side / 2), int(y - side / 2)))
    over = ImageDraw.Draw(canvas)
    if r.random() < 0.3:
        e = side / 2 + r.randint(4, 20)
        over.rectangle((x - e, y - e, x + e, y + e), outline=ink, width=r.randint(1, 4))
    if r.random() < 0.5:
        over.text((x - side / 2, y + side / 2 + 6), words(r, 6), fill=ink, font=font_of(r, 26))


def _medal(canvas: Pillow.Image, r: random.Random) -> None:
    """A round mark of a scheme: thick rings, letters in the middle, letters round them that nobody can read."""
    a = r.uniform(40, 170)
    x, y = any_place(canvas, r, a)
    pen, ink = ImageDraw.Draw(canvas), r.choice((*COLOURS, *GOLDS, *DARKS, (200, 40, 40)))
    filled = r.random() < 0.6
    _disc(pen, x, y, a, fill=ink if filled else None, outline=ink, width=int(a * r.uniform(0.05, 0.2)) + 2)
    inner, paper = a * r.uniform(0.45, 0.8), (252, 252, 252)
    _disc(pen, x, y, inner, fill=paper if filled else None, outline=ink, width=2)
    for k in range(r.choice((0, 12, 24, 40))):
        t = k * math.pi / 20
        d = (a + inner) / 2
        _disc(pen, x + d * math.cos(t), y + d * math.sin(t), a * 0.03, fill=paper if filled else ink)
    label = r.choice(("CNAS", "ISO", "IAF", "CMA", "MA", "CCC", "SGS", "TUV", "UKAS", "AAA", "3A", "★", "R", "100%"))
    pen.text((x, y), label, fill=ink, font=font_of(r, max(14, int(inner * 0.7))), anchor="mm")
    if r.random() < 0.3:
        pen.polygon(
            [
                (x - a * 0.5, y + a * 0.7),
                (x - a * 0.7, y + a * 1.7),
                (x, y + a * 1.2),
                (x + a * 0.7, y + a * 1.7),
                (x + a * 0.5, y + a * 0.7),
            ],
            fill=ink,
        )


def _chart(canvas: Pillow.Image, r: random.Random) -> None:
    """A pie, a ring of shares, or bars."""
    a = r.uniform(80, 240)
    x, y = any_place(canvas, r, a)
    pen, start = ImageDraw.Draw(canvas), r.uniform(0, 360)
    inks = (*COLOURS, *REDS, (230, 130, 30), (120, 180, 220))
    if r.random() < 0.3:
        for k in range(r.randint(3, 9)):
            pen.rectangle(
                (x - a + k * 34, y + a - r.uniform(20, 2 * a), x - a + k * 34 + 22, y + a), fill=r.choice(inks)
            )
        return
    while start < 720:
        wide = r.uniform(15, 150)
        pen.pieslice(
            (x - a, y - a, x + a, y + a), start, min(720, start + wide), fill=r.choice(inks), outline=(255, 255, 255)
        )
        start += wide
    if r.random() < 0.5:
        _disc(pen, x, y, a * r.uniform(0.4, 0.8), fill=(255, 255, 255))


def _portrait(canvas: Pillow.Image, r: random.Random) -> None:
    """A picture cut round, as screens show people and shops."""
    a = r.uniform(40, 150)
    x, y = any_place(canvas, r, a)
    art = np.random.default_rng(r.randrange(1 << 30)).integers(
        0, 256, (r.randint(2, 9), r.randint(2, 9), 3), dtype=np.uint8
    )
    picture = Pillow.fromarray(art).resize((int(2 * a), int(2 * a)), Pillow.Resampling.BICUBIC)
    mask = Pillow.new("L", picture.size, 0)
    ImageDraw.Draw(mask).ellipse((0, 0, 2 * a - 1, 2 * a - 1), fill=255)
    canvas.paste(picture, (int(x - a), int(y - a)), mask if r.random() < 0.6 else None)


def _notice(canvas: Pillow.Image, r: random.Random) -> None:
    """A coloured block with words, a button, a heading in a frame."""
    w, h = r.uniform(100, 700), r.uniform(40, 160)
    x, y = any_place(canvas, r, w / 2)
    pen, ink = ImageDraw.Draw(canvas), r.choice((*REDS, *COLOURS, *DARKS))
    filled = r.random() < 0.5
    pen.rounded_rectangle(
        (x - w / 2, y - h / 2, x + w / 2, y + h / 2),
        r.choice((0, 6, 20)),
        fill=ink if filled else None,
        outline=ink,
        width=r.randint(1, 5),
    )
    size = int(h * r.uniform(0.3, 0.7))
    count = max(1, int(w / size * r.uniform(0.3, 0.95)))
    pen.text((x, y), words(r, count), fill=(252, 252, 252) if filled else ink, font=font_of(r, size), anchor="mm")


def _arc_text(canvas: Pillow.Image, r: random.Random) -> None:
    """Print set round an arc, without a rim: a title, a logo's name."""
    a = r.uniform(60, 300)
    x, y = any_place(canvas, r, a)
    text, size = words(r, r.randint(4, 12)), int(a * r.uniform(0.15, 0.35))
    ink, font = r.choice((*REDS, *DARKS, *COLOURS)), font_of(r, size)
    for k, sign in enumerate(text):
        t = (k - (len(text) - 1) / 2) * size * 1.1 / a
        tile = Pillow.new("L", (size * 2, size * 2), 0)
        ImageDraw.Draw(tile).text((size, size), sign, fill=255, font=font, anchor="mm")
        turned = tile.rotate(-math.degrees(t))
        canvas.paste(ink, (int(x + a * math.sin(t) - size), int(y - a * math.cos(t) - size)), turned)


_MORE: tuple[Decoy, ...] = (
    _fine_emblem, _fine_emblem, _knot_border, _framed_code, _framed_code, _medal, _medal, _chart, _portrait, _notice,
    _notice, _arc_text,
)  # fmt: skip
SCENE_DECOYS: dict[str, tuple[Decoy, ...]] = {
    "any": (*DECOYS, *_MORE),
    "certificate": (_fine_emblem, _fine_emblem, _knot_border, _framed_code, _medal),
}
