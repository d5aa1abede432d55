"""Pages to learn and test finding seals on: print of all kinds, seals on it, and all that is mistaken for seals.

Unlike the envelopes of :mod:`samples.make` nothing on them makes sense; what counts is that ink lies as it does on
paper: text, tables, titles, emblems, logos, codes, postmarks, fingerprints, circles drawn by hand, borders, photos.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from samples.seal_art import SealSpec, draw_seal, press_seal
from samples.seal_fonts import faces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["SealPage", "TrueSeal", "draw_page", "random_spec"]

DPI = 200
SIGNS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "服务外包企业申报信息软件技术审核盖章负责人签字日期金额万元资产负债合计营业收入名称地址统一社会信用代码证书编号有效期"
)
DARKS = ((20, 20, 22), (40, 40, 44), (70, 66, 64), (12, 12, 30))
REDS = ((205, 24, 30), (190, 20, 40), (220, 60, 40), (200, 0, 0))
COLOURS = ((20, 60, 150), (10, 110, 80), (150, 100, 30), (120, 30, 120), (90, 60, 20), (20, 120, 170))
FIRMS = ("华信", "启明", "云帆", "瑞丰", "博远", "天衡", "中讯", "海川", "新智", "联创", "鼎盛", "安泰")
PLACES = ("北京", "上海市", "江苏省", "成都市", "济南市历下区", "大连", "西安高新区", "苏州工业园区", "哈尔滨", "厦门")
TRADES = ("信息技术", "软件", "数据服务", "网络科技", "生物医药", "人力资源", "供应链管理", "检测", "文化传播", "咨询")
ENDS = ("有限公司", "股份有限公司", "有限责任公司", "集团有限公司", "会计师事务所（普通合伙）")
BUREAUS = ("商务局", "市场监督管理局", "人民政府", "科学技术局", "商务委员会", "行政审批局", "人力资源和社会保障局")
USES = ("合同专用章", "财务专用章", "发票专用章", "业务专用章", "年检专用章", "档案专用章", "人事部", "办公室")
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙", "伟芳敏静强磊军洋勇艳杰涛明超霞平刚桂英华"


@dataclass(frozen=True, slots=True)
class TrueSeal:
    """A seal on a drawn page: its ink's box in px, its shape and the colour that a reader should report."""

    box: tuple[float, float, float, float]
    shape: Literal["round", "oval", "square", "rectangle"]
    colour: Literal["red", "grey", "blue"]
    spec: SealSpec


@dataclass(frozen=True, slots=True)
class SealPage:
    """A picture (BGR), its resolution and the seals on it."""

    image: Image
    dpi: int
    seals: tuple[TrueSeal, ...]


def draw_page(seed: int, *, grey: bool | None = None, seals: int | None = None, decoys: int | None = None) -> SealPage:
    """A page with ``seals`` seals and ``decoys`` things that are none; the same seed gives the same page.

    :param grey: whether the page was photocopied; None: one in three
    """
    r = random.Random(seed)
    rng = np.random.default_rng(seed)
    grey = r.random() < 0.34 if grey is None else grey
    width, height = r.choice(((1654, 2339), (1240, 1754), (1754, 1240), (1100, 1100), (1100, 1100)))
    canvas = Pillow.new("RGB", (width, height), _paper(r))
    _print_body(canvas, r)
    for _ in range(r.choice((0, 1, 2, 3)) if decoys is None else decoys):
        r.choice(DECOYS)(canvas, r)
    page = np.asarray(canvas, dtype=np.uint8)
    placed: list[TrueSeal] = []
    for _ in range(r.choice((0, 1, 2, 2, 3, 4)) if seals is None else seals):
        page = _stamped(page, placed, r, grey)
    if r.random() < 0.35:
        canvas = Pillow.fromarray(page)
        _scribbled(canvas, r, placed)
        page = np.asarray(canvas, dtype=np.uint8)
    return _scanned(page, placed, grey, r, rng)


def random_spec(r: random.Random) -> SealSpec:
    """A seal of any make, inked as in a busy office."""
    colour: Literal["red", "grey", "blue", "pink"] = r.choices(("red", "pink", "blue", "grey"), (78, 10, 6, 6))[0]
    wear = r.random() ** 2 * 0.7
    faint = r.random() ** 3 * 0.8
    turn = r.gauss(0, 12) if r.random() < 0.7 else r.uniform(-180, 180)
    kind = r.choices(("round", "oval", "square", "rectangle"), (42, 14, 25, 19))[0]
    code = "".join(r.choices("0123456789", k=13)) if r.random() < 0.6 else ""
    if kind in ("round", "oval"):
        return _ring_spec(kind, r, colour=colour, wear=wear, faint=faint, rotation=turn, code=code)
    turn = r.gauss(0, 4) if r.random() < 0.94 else r.gauss(0, 20)
    person = r.choice(SURNAMES) + "".join(r.choices(GIVEN, k=r.choice((1, 2, 2))))
    name, size, high = person + ("印" if len(person) == 3 else "之印"), r.uniform(14, 26), None
    if kind == "rectangle":
        name, size, high = _rectangle_text(person, r), r.uniform(28, 50), r.uniform(12, 24)
        if r.random() < 0.25:
            name, size, high = person, r.uniform(18, 26), r.uniform(8, 11)
    return SealSpec(
        name,
        shape="square" if kind == "square" else "rectangle",
        diameter_mm=size,
        height_mm=high,
        colour=colour,
        wear=wear,
        faint=faint,
        rotation=turn,
        double_ring=r.random() < 0.15,
    )


def _ring_spec(
    kind: str, r: random.Random, *, colour: Literal["red", "grey", "blue", "pink"], wear: float, faint: float,
    rotation: float, code: str,
) -> SealSpec:  # fmt: skip
    name = r.choice(PLACES) + (r.choice(BUREAUS) if r.random() < 0.35 else _firm(r))
    use = r.choice(USES) if r.random() < 0.4 else ""
    if kind == "oval":
        size = r.choice(((40.0, 30.0), (45.0, 30.0), (42.0, 32.0), (38.0, 26.0)))
        tax = "91" + "".join(r.choices("0123456789ABCDEFGH", k=16))
        return SealSpec(
            name, shape="oval", diameter_mm=size[0], height_mm=size[1], star=r.random() < 0.2, colour=colour,
            centre_text="发票专用章" if r.random() < 0.5 else use, code=tax if r.random() < 0.5 else "",
            wear=wear, faint=faint, rotation=rotation,
        )  # fmt: skip
    size_mm = r.choice((38.0, 40.0, 40.0, 42.0, 42.0, 45.0, 50.0, 58.0, 30.0, 25.0, 34.0))
    emblem = r.random() < 0.08
    return SealSpec(
        name, diameter_mm=size_mm, star=r.random() < 0.75 and not emblem, emblem=emblem, centre_text=use, code=code,
        double_ring=r.random() < 0.1, colour=colour, wear=wear, faint=faint, rotation=rotation,
    )  # fmt: skip


def _firm(r: random.Random) -> str:
    return r.choice(FIRMS) + r.choice(TRADES) + r.choice(ENDS)


def _rectangle_text(person: str, r: random.Random) -> str:
    digits = "".join(r.choices("0123456789", k=12))
    return r.choice(
        (
            f"中国注册会计师\n{person}\n{digits}",
            f"注册会计师\n{person}",
            f"与原件一致\n{person}",
            "复印件与原件相符\n再次复印无效",
            "已审核",
            f"{r.choice(FIRMS)}收讫\n2023.0{r.randint(1, 9)}.1{r.randint(0, 9)}",
        )
    )


# ---------------------------------------------------------------------------------------------------------- the print


def _paper(r: random.Random) -> tuple[int, int, int]:
    if r.random() < 0.2:
        return r.choice(((252, 240, 240), (240, 246, 252), (250, 246, 228), (238, 236, 230), (244, 250, 240)))
    shade = r.randint(244, 255)
    return shade, shade, shade


def _font(r: random.Random, size: int) -> ImageFont.FreeTypeFont:
    face = r.choice(faces())
    return ImageFont.truetype(face.file, size, index=face.index)


def _words(r: random.Random, count: int) -> str:
    if r.random() < 0.2:
        return "".join(r.choices("0123456789,.-", k=count))
    return "".join(r.choices(SIGNS, k=count))


def _print_body(canvas: Pillow.Image, r: random.Random) -> None:
    pen = ImageDraw.Draw(canvas)
    width, height = canvas.size
    margin = r.randint(60, 180)
    y = margin
    if r.random() < 0.6:
        size = r.randint(40, 130)
        colour = r.choice(REDS) if r.random() < 0.35 else r.choice((*DARKS, *COLOURS))
        pen.text((r.randint(margin, width // 3), y), _words(r, r.randint(3, 9)), fill=colour, font=_font(r, size))
        y += int(size * 1.6)
        if r.random() < 0.4:
            pen.line((margin, y, width - margin, y), fill=colour, width=r.randint(2, 8))
            y += 30
    while y < height - margin:
        block = r.choices((_paragraph, _table, _blank), (5, 4, 2))[0]
        y = block(canvas, pen, r, margin, y) + r.randint(10, 60)


def _paragraph(canvas: Pillow.Image, pen: ImageDraw.ImageDraw, r: random.Random, margin: int, y: int) -> int:
    width, height = canvas.size
    size = r.choice((22, 26, 30, 30, 34, 44))
    font = _font(r, size)
    ink = r.choice(REDS) if r.random() < 0.08 else r.choice(DARKS)
    for _ in range(r.randint(1, 9)):
        if y > height - margin:
            break
        count = max(1, int((width - 2 * margin) / size * r.uniform(0.2, 1)))
        pen.text((margin + r.choice((0, 0, 60, 300)), y), _words(r, count), fill=ink, font=font)
        y += int(size * r.uniform(1.3, 1.9))
    return y


def _table(canvas: Pillow.Image, pen: ImageDraw.ImageDraw, r: random.Random, margin: int, y: int) -> int:
    width, height = canvas.size
    rows, columns = r.randint(2, 12), r.randint(2, 7)
    tall = r.choice((46, 56, 80, 160, 260))
    edges = sorted({margin, width - margin, *(r.randint(margin, width - margin) for _ in range(columns - 1))})
    size = r.choice((20, 24, 28))
    font = _font(r, size)
    ink, rule = r.choice(REDS) if r.random() < 0.12 else r.choice(DARKS), r.choice((1, 2, 2, 3))
    for row in range(rows):
        if y + tall > height - margin:
            break
        for left, right in pairwise(edges):
            pen.rectangle((left, y, right, y + tall), outline=ink, width=rule)
            room = (right - left - 12) // size
            if room > 0 and r.random() < 0.75:
                words = _words(r, r.randint(1, max(1, min(room, 14))))
                pen.text(
                    (left + 6, y + r.choice((6, max(6, tall // 2 - size)))), words, fill=r.choice(DARKS), font=font
                )
        y += tall
        if r.random() < 0.1 and row:
            break
    return y


def _blank(canvas: Pillow.Image, pen: ImageDraw.ImageDraw, r: random.Random, margin: int, y: int) -> int:
    font = _font(r, 30)
    pen.text((canvas.size[0] * r.uniform(0.3, 0.7), y), _words(r, 6), fill=r.choice(DARKS), font=font)
    return y + r.randint(100, 500)


# ------------------------------------------------------------------------------------------------- what is not a seal


def _place(canvas: Pillow.Image, r: random.Random, half: float) -> tuple[float, float]:
    width, height = canvas.size
    return r.uniform(half, max(half + 1, width - half)), r.uniform(half, max(half + 1, height - half))


def _any_ink(r: random.Random) -> tuple[int, int, int]:
    return r.choice((*REDS, *REDS, *DARKS, *COLOURS))


def _hand_circle(canvas: Pillow.Image, r: random.Random) -> None:
    """A circle round something, by hand: it wobbles and does not close."""
    a = r.uniform(45, 200)
    b = a * r.uniform(0.5, 1.0)
    x, y = _place(canvas, r, a)
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
    x, y = _place(canvas, r, a)
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
        text = r.choice(("CNAS", "ISO", "MA", "福", "优", "9001", "A", "合格", _words(r, 2)))
        font = _font(r, max(12, int(a * r.uniform(0.4, 1.2) / max(1, len(text) * 0.6))))
        pen.text((x, y), text, fill=ink, font=font, anchor="mm")


def _emblem(canvas: Pillow.Image, r: random.Random) -> None:
    """国徽 as a licence prints it: a red disc of gold stars in a gold wreath over a red knot."""
    a = r.uniform(60, 170)
    x, y = _place(canvas, r, a * 1.2)
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
    x, y = _place(canvas, r, a)
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
    x, y = _place(canvas, r, modules * size / 2)
    canvas.paste(art, (int(x - modules * size / 2), int(y - modules * size / 2)))


def _postmark(canvas: Pillow.Image, r: random.Random) -> None:
    """A cancellation: two thin rings, a straight date between bars, waves beside."""
    a = r.uniform(80, 110)
    x, y = _place(canvas, r, a)
    pen, ink, width = ImageDraw.Draw(canvas), r.choice((*DARKS, (60, 60, 90))), r.randint(1, 4)
    pen.ellipse((x - a, y - a, x + a, y + a), outline=ink, width=width)
    if r.random() < 0.6:
        pen.ellipse((x - a * 0.55, y - a * 0.55, x + a * 0.55, y + a * 0.55), outline=ink, width=width)
    date = f"2023.09.{r.randint(10, 30)}"
    pen.text((x, y), date, fill=ink, font=_font(r, int(a * 0.3)), anchor="mm")
    for dy in (-0.2, 0.2):
        pen.line((x - a, y + dy * a, x + a, y + dy * a), fill=ink, width=width)
    for k in range(r.randint(0, 6)):
        wave = [(x + a + s * 6, y + (k - 3) * 22 + 8 * math.sin(s / 5)) for s in range(60)]
        pen.line(wave, fill=ink, width=width)


def _fingerprint(canvas: Pillow.Image, r: random.Random) -> None:
    a, b = r.uniform(50, 75), r.uniform(65, 95)
    x, y = _place(canvas, r, b)
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
    x, y = _place(canvas, r, h / 2)
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
    x, y = _place(canvas, r, 2 * a)
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
            (x, y), r.choice(("A", "华", "S", "云")), fill=(252, 252, 252), font=_font(r, int(a * 1.4)), anchor="mm"
        )
    else:
        for k in range(4):
            s = a * (1 - k * 0.22)
            pen.arc(
                (x - s, y - s, x + s, y + s), r.randint(0, 360), r.randint(0, 360), fill=ink, width=int(a * 0.1) + 1
            )
    if r.random() < 0.6:
        pen.text((x + a * 1.2, y), _words(r, 4), fill=ink, font=_font(r, int(a * 0.9)), anchor="lm")


def _box(canvas: Pillow.Image, r: random.Random) -> None:
    """A frame that is none of a seal: a cell by itself, a place for a photo, a framed notice, a tick box."""
    w, h = r.uniform(60, 340), r.uniform(50, 300)
    x, y = _place(canvas, r, max(w, h) / 2)
    pen, ink = ImageDraw.Draw(canvas), _any_ink(r)
    pen.rectangle((x - w / 2, y - h / 2, x + w / 2, y + h / 2), outline=ink, width=r.randint(1, 5))
    size = r.randint(18, 34)
    font = _font(r, size)
    rows = r.randint(0, max(1, int(h / size / 2)))
    for row in range(rows):
        count = max(1, int((w - 14) / size * r.uniform(0.3, 1)))
        pen.text((x - w / 2 + 6, y - h / 2 + 8 + row * size * 1.5), _words(r, count), fill=ink, font=font)


def _watermark(canvas: Pillow.Image, r: random.Random) -> None:
    layer = Pillow.new("RGB", canvas.size, (255, 255, 255))
    pen = ImageDraw.Draw(layer)
    tint = r.choice(((225, 225, 230), (248, 214, 214), (214, 226, 246), (230, 244, 226)))
    for _ in range(r.randint(1, 6)):
        x, y = _place(canvas, r, 50)
        if r.random() < 0.5:
            pen.text((x, y), _words(r, 5), fill=tint, font=_font(r, r.randint(60, 160)))
        else:
            a = r.uniform(60, 400)
            pen.ellipse((x - a, y - a, x + a, y + a), outline=tint, width=r.randint(4, 30))
    turned = layer.rotate(r.uniform(-40, 40), fillcolor=(255, 255, 255))
    mixed = np.asarray(canvas, np.float32) * (np.asarray(turned, np.float32) / 255)
    canvas.paste(Pillow.fromarray(mixed.astype(np.uint8)), (0, 0))


def _big_signs(canvas: Pillow.Image, r: random.Random) -> None:
    """Large print, upright or turned: titles, page seals of calligraphy, initials."""
    size = r.randint(90, 300)
    x, y = _place(canvas, r, size)
    pen = ImageDraw.Draw(canvas)
    text = r.choice((_words(r, r.randint(1, 4)), "O", "Q", "回", "国图固", "GO", "8", "章"))
    pen.text((x, y), text, fill=_any_ink(r), font=_font(r, size), anchor="mm")


DECOYS = (
    _hand_circle, _hand_circle, _drawn_circle, _drawn_circle, _emblem, _emblem, _rosette, _code, _postmark,
    _fingerprint, _photo, _border, _logo, _logo, _box, _box, _watermark, _big_signs, _big_signs,
)  # fmt: skip


# ----------------------------------------------------------------------------------------------------- stamp and scan


def _stamped(page: Image, placed: list[TrueSeal], r: random.Random, grey: bool) -> Image:
    spec = random_spec(r)
    art = draw_seal(spec, dpi=DPI, seed=r.randrange(1 << 30))
    if spec.faint > 0.3 and grey:
        spec = SealSpec(spec.name)  # a copier loses what hardly was there: nobody could ask for it
        art = draw_seal(spec, dpi=DPI, seed=r.randrange(1 << 30))
    high, wide = art.shape[:2]
    rows, columns = page.shape[:2]
    if placed and r.random() < 0.3:  # touching or crossing the last one
        last = placed[-1].box
        turn = r.uniform(0, 2 * math.pi)
        reach = (max(wide, high) + max(last[2] - last[0], last[3] - last[1])) / 2 * r.uniform(0.72, 1.05)
        x = (last[0] + last[2]) / 2 + reach * math.cos(turn)
        y = (last[1] + last[3]) / 2 + reach * math.sin(turn)
    else:
        out = 0.2 if r.random() < 0.1 else -0.52
        x = r.uniform(-out * wide, max(1 - out * wide, columns + out * wide))
        y = r.uniform(-out * high, max(1 - out * high, rows + out * high))
    box = (max(0.0, x - wide / 2), max(0.0, y - high / 2), min(columns, x + wide / 2), min(rows, y + high / 2))
    if (box[2] - box[0]) * (box[3] - box[1]) < 0.55 * wide * high or any(_hides(box, p.box) for p in placed):
        return page
    colour: Literal["red", "grey", "blue"] = "red" if spec.colour in ("red", "pink") else spec.colour  # type: ignore[assignment]
    placed.append(TrueSeal(box, spec.shape, "grey" if grey else colour, spec))
    return press_seal(page, art, (x, y))


def _hides(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    w = min(one[2], other[2]) - max(one[0], other[0])
    h = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((one[2] - one[0]) * (one[3] - one[1]), (other[2] - other[0]) * (other[3] - other[1]))
    return w > 0 and h > 0 and w * h > 0.35 * smaller


def _scribbled(canvas: Pillow.Image, r: random.Random, placed: list[TrueSeal]) -> None:
    """A signature, often across a seal."""
    pen = ImageDraw.Draw(canvas)
    if placed and r.random() < 0.6:
        b = r.choice(placed).box
        x, y = (b[0] + b[2]) / 2, (b[1] + b[3]) / 2
    else:
        x, y = _place(canvas, r, 100)
    points = [(x - 90, y)]
    for k in range(14):
        points.append((x - 90 + k * 14 + r.uniform(-25, 25), y + r.uniform(-45, 45)))
    pen.line(points, fill=r.choice((*DARKS, (20, 30, 110))), width=r.randint(3, 6), joint="curve")


def _scanned(page: Image, placed: list[TrueSeal], grey: bool, r: random.Random, rng: np.random.Generator) -> SealPage:
    """The scanner's doing: light, colour, blur, grain, a slight turn, a resolution, JPEG."""
    picture = page[:, :, ::-1].astype(np.float32)
    height, width = page.shape[:2]
    if grey:
        picture = np.repeat((picture @ np.array([0.114, 0.587, 0.299], np.float32))[:, :, None], 3, axis=2)
        picture = np.clip((picture - 128) * r.uniform(1.0, 1.5) + 128 + r.uniform(0, 20), 0, 255)
    light = np.linspace(r.uniform(0.75, 1), r.uniform(0.75, 1), width, dtype=np.float32)[None, :, None]
    tint = np.array([1.0, 1.0, 1.0] if grey else [r.uniform(0.9, 1), r.uniform(0.95, 1), 1.0], np.float32)
    if r.random() < 0.4:
        picture = picture * light * tint
    matrix = np.eye(3)
    if r.random() < 0.5:
        turned = cv2.getRotationMatrix2D((width / 2, height / 2), r.gauss(0, 1.2), 1.0)
        matrix = np.vstack([turned, [0, 0, 1]])
        picture = cv2.warpAffine(picture, turned, (width, height), borderValue=(250, 250, 250))
    dpi = r.choice((100, 130, 150, 200, 200, 200, 300))
    factor = dpi / DPI
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    picture = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=way)
    matrix = np.diag([factor, factor, 1.0]) @ matrix
    picture = cv2.GaussianBlur(picture, (0, 0), r.uniform(0.3, 1.0))
    picture = picture + rng.normal(0, r.uniform(0.5, 4), picture.shape[:2]).astype(np.float32)[:, :, None]
    image = np.clip(picture, 0, 255).astype(np.uint8)
    if grey and r.random() < 0.15:  # black and white: what a fax or a thrifty scanner leaves
        plain = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        image = cv2.cvtColor(((plain > r.uniform(140, 200)) * np.uint8(255)), cv2.COLOR_GRAY2BGR)
    else:
        _, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, r.randint(55, 95)])
        image = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)
    return SealPage(image, dpi, tuple(_moved(seal, matrix, image.shape[:2]) for seal in placed))


def _moved(seal: TrueSeal, matrix: NDArray[np.float64], size: tuple[int, int]) -> TrueSeal:
    """The seal's box after the scan, about its centre: a degree of turn changes no box worth naming."""
    x0, y0, x1, y1 = seal.box
    centre = matrix @ np.array([(x0 + x1) / 2, (y0 + y1) / 2, 1.0])
    scale = math.sqrt(abs(np.linalg.det(matrix[:2, :2])))
    w, h = (x1 - x0) / 2 * scale, (y1 - y0) / 2 * scale
    box = (max(0.0, centre[0] - w), max(0.0, centre[1] - h), min(size[1], centre[0] + w), min(size[0], centre[1] + h))
    return TrueSeal(tuple(float(v) for v in box), seal.shape, seal.colour, seal.spec)  # type: ignore[arg-type]
