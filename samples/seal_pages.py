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
from PIL import ImageDraw

from samples.seal_art import SealSpec, draw_seal, press_seal
from samples.seal_decoys import COLOURS, DARKS, DECOYS, REDS, any_place, font_of, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["SealPage", "TrueSeal", "draw_page", "paper_colour", "print_body", "random_spec"]

DPI = 200
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
    canvas = Pillow.new("RGB", (width, height), paper_colour(r))
    print_body(canvas, r)
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


def paper_colour(r: random.Random) -> tuple[int, int, int]:
    if r.random() < 0.2:
        return r.choice(((252, 240, 240), (240, 246, 252), (250, 246, 228), (238, 236, 230), (244, 250, 240)))
    shade = r.randint(244, 255)
    return shade, shade, shade


def print_body(canvas: Pillow.Image, r: random.Random) -> None:
    pen = ImageDraw.Draw(canvas)
    width, height = canvas.size
    margin = r.randint(60, 180)
    y = margin
    if r.random() < 0.6:
        size = r.randint(40, 130)
        colour = r.choice(REDS) if r.random() < 0.35 else r.choice((*DARKS, *COLOURS))
        pen.text((r.randint(margin, width // 3), y), words(r, r.randint(3, 9)), fill=colour, font=font_of(r, size))
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
    font = font_of(r, size)
    ink = r.choice(REDS) if r.random() < 0.08 else r.choice(DARKS)
    for _ in range(r.randint(1, 9)):
        if y > height - margin:
            break
        count = max(1, int((width - 2 * margin) / size * r.uniform(0.2, 1)))
        pen.text((margin + r.choice((0, 0, 60, 300)), y), words(r, count), fill=ink, font=font)
        y += int(size * r.uniform(1.3, 1.9))
    return y


def _table(canvas: Pillow.Image, pen: ImageDraw.ImageDraw, r: random.Random, margin: int, y: int) -> int:
    width, height = canvas.size
    rows, columns = r.randint(2, 12), r.randint(2, 7)
    tall = r.choice((46, 56, 80, 160, 260))
    edges = sorted({margin, width - margin, *(r.randint(margin, width - margin) for _ in range(columns - 1))})
    size = r.choice((20, 24, 28))
    font = font_of(r, size)
    ink, rule = r.choice(REDS) if r.random() < 0.12 else r.choice(DARKS), r.choice((1, 2, 2, 3))
    for row in range(rows):
        if y + tall > height - margin:
            break
        for left, right in pairwise(edges):
            pen.rectangle((left, y, right, y + tall), outline=ink, width=rule)
            room = (right - left - 12) // size
            if room > 0 and r.random() < 0.75:
                label = words(r, r.randint(1, max(1, min(room, 14))))
                pen.text(
                    (left + 6, y + r.choice((6, max(6, tall // 2 - size)))), label, fill=r.choice(DARKS), font=font
                )
        y += tall
        if r.random() < 0.1 and row:
            break
    return y


def _blank(canvas: Pillow.Image, pen: ImageDraw.ImageDraw, r: random.Random, margin: int, y: int) -> int:
    font = font_of(r, 30)
    pen.text((canvas.size[0] * r.uniform(0.3, 0.7), y), words(r, 6), fill=r.choice(DARKS), font=font)
    return y + r.randint(100, 500)


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
        x, y = any_place(canvas, r, 100)
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
