"""Scenes to learn finding seals from: pages, certificates, invoices, photographs and cuttings, seals pressed on them in
every state of ink, and what is mistaken for seals.

Drawn at 100 dpi, which is all that the finder sees: ten times quicker than the pages of :mod:`samples.seal_pages`,
which stay what finding is measured on. Seals come from a bank of impressions, pressed anew each time: turned, sized,
coloured, half inked, doubled, cut by the edge.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from samples.seal_art import SealSpec, draw_seal
from samples.seal_decoys import DARKS, REDS, any_place, font_of, words
from samples.seal_emblems import SCENE_DECOYS, Decoy, print_emblem
from samples.seal_pages import paper_colour, print_body, random_spec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]

__all__ = ["Scene", "SceneSeal", "draw_scene", "ink_state"]

DPI = 100
BANK = 220  # impressions: what differs between two pressings of one stamp is drawn each time
EMBLEMS = 24  # more of them, with the national emblem
BANK_DPI = 150
SEEN = 0.2  # share of its ink that a seal must keep on the page for anybody to be asked to find it
FIRM = 0.38  # of full ink: what a copy in black and white keeps
MARKED = 0.13  # of full ink: paler than this nobody is asked either
TINTS: tuple[tuple[tuple[int, int, int], int], ...] = (  # RGB at full ink, and how often
    ((214, 26, 32), 8), ((200, 30, 44), 6), ((226, 48, 40), 6), ((190, 22, 52), 4), ((232, 90, 60), 3),
    ((236, 104, 128), 3), ((220, 60, 150), 2), ((196, 60, 120), 2), ((120, 40, 130), 1), ((36, 52, 168), 3),
    ((28, 90, 190), 3), ((20, 110, 180), 1), ((60, 60, 64), 3), ((100, 100, 100), 2), ((24, 24, 28), 1),
)  # fmt: skip
LIMITS = (
    "此件仅供", "单位（个人）", "办理", "使用，复印无效", "有效期", "与原件核对无误",
    "仅用于投标", "再次复印无效", "再复印无效", "本件与原件相符", "经办人：", "年 月 日",
    "附件", "现金收讫", "已付讫", "核对章", "业务受理", "作废",
    "转账", "密级",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SceneSeal:
    """A seal's box in px; ``ring`` or frame; ``asked``: whether a reader should find it, or may."""

    box: tuple[float, float, float, float]
    ring: bool
    asked: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture (BGR) and what is on it; ``dpi`` None where nobody could know it."""

    image: Image
    dpi: int | None
    seals: tuple[SceneSeal, ...]


@dataclass(frozen=True, slots=True)
class _Pressed:
    """A seal's outline (N, 2) in px of the canvas, and how much of it is there."""

    outline: Floats
    ring: bool
    asked: bool
    pale: float


def draw_scene(seed: int, *, emblems: bool = False, more: tuple[Decoy, ...] = ()) -> Scene:
    """The scene of a seed.

    :param emblems: whether all seals on it bear the national emblem, as those of ministries and governments do
    :param more: what else may lie on it that is no seal; boxed seals may then have their signs cut in
    """
    r = _Chance(seed, emblems=emblems, more=more)
    make = r.choices((_office, _certificate, _invoice, _cutting), (60, 16, 10, 14))[0]
    return make(r, np.random.default_rng(seed))


class _Chance(random.Random):
    """The chance of a scene, which impressions of the bank it draws from, and what it has beside seals."""

    def __init__(self, seed: int, *, emblems: bool, more: tuple[Decoy, ...]) -> None:
        super().__init__(seed)
        self.emblems = emblems
        self.more = bool(more)
        self.decoys = (*SCENE_DECOYS["any"], *more)

    def impression(self) -> int:
        return BANK + self.randrange(EMBLEMS) if self.emblems else self.randrange(BANK)


# ------------------------------------------------------------------------------------------------------------- makes


def _office(r: _Chance, rng: Any) -> Scene:
    size = r.choice(((1654, 2339), (1654, 2339), (2339, 1654), (1240, 1754), (1100, 1100)))
    canvas = Pillow.new("RGB", size, paper_colour(r))
    print_body(canvas, r)
    return _finished(canvas, r, rng, seals=r.choice((0, 1, 1, 2, 2, 3, 4, 5)), decoys=r.choice((0, 0, 1, 2, 3)))


def _certificate(r: _Chance, rng: Any) -> Scene:
    """A tinted, patterned sheet with a border, an emblem and a title, as licences and awards are."""
    size = r.choice(((1654, 2339), (2339, 1654), (1754, 1240)))
    canvas = Pillow.fromarray(_pattern(size, r, rng))
    for decoy in r.sample(SCENE_DECOYS["certificate"], r.choice((1, 2, 3))):
        decoy(canvas, r)
    pen, (width, height) = ImageDraw.Draw(canvas), size
    ink = r.choice((*DARKS, *REDS, (150, 110, 40)))
    title = r.choice(("营业执照", "荣誉证书", "证书", "登记证书", "奖状", "聘书", "中标通知书"))
    big = r.randint(70, 170)
    pen.text((width / 2, height * r.uniform(0.2, 0.32)), title, fill=ink, font=font_of(r, big), anchor="mm")
    small = r.choice((28, 34, 44))
    for row in range(r.randint(4, 12)):
        y = height * 0.38 + row * small * 2
        pen.text((width * 0.14, y), words(r, r.randint(8, 22)), fill=r.choice(DARKS), font=font_of(r, small))
    return _finished(canvas, r, rng, seals=r.choice((0, 1, 1, 2, 3)), decoys=r.choice((0, 1)))


def _invoice(r: _Chance, rng: Any) -> Scene:
    """Rules and labels in one colour, figures in another."""
    size = r.choice(((2000, 1200), (1760, 1100), (1654, 2339)))
    canvas = Pillow.new("RGB", size, paper_colour(r))
    pen, (width, height) = ImageDraw.Draw(canvas), size
    ink = r.choice(((150, 80, 40), (170, 60, 50), (60, 110, 80), (40, 70, 150), (130, 60, 110), (190, 40, 40)))
    left, right, y = width * 0.06, width * 0.94, height * 0.22
    font, rule = font_of(r, r.choice((22, 26, 30))), r.choice((2, 2, 3))
    pen.text((width / 2, height * 0.08), words(r, 10), fill=ink, font=font_of(r, 60), anchor="mm")
    pen.line((width * 0.3, height * 0.13, width * 0.7, height * 0.13), fill=ink, width=4)
    while y < height * 0.88:
        tall = r.uniform(0.05, 0.22) * height
        cuts = sorted(r.uniform(left, right) for _ in range(r.randint(0, 7)))
        pen.rectangle((left, y, right, y + tall), outline=ink, width=rule)
        for a, b in zip([left, *cuts], [*cuts, right], strict=True):
            pen.line((a, y, a, y + tall), fill=ink, width=rule)
            room = int((b - a) / 34)
            if room > 0:
                pen.text((a + 8, y + 8), words(r, min(room, 8)), fill=r.choice((ink, *DARKS)), font=font)
        y += tall
    return _finished(canvas, r, rng, seals=r.choice((0, 1, 1, 2)), decoys=r.choice((0, 1, 2)))


def _cutting(r: _Chance, rng: Any) -> Scene:
    """A piece cut out of a page around a seal: nobody knows its resolution."""
    side = r.uniform(48, 120) / 25.4 * DPI
    size = (int(side * r.uniform(0.8, 1.5)) * 2, int(side) * 2)
    canvas = Pillow.new("RGB", size, r.choice((paper_colour(r), (205, 215, 220), (230, 222, 205), (190, 195, 196))))
    pen = ImageDraw.Draw(canvas)
    if r.random() < 0.6:
        font, ink = font_of(r, r.choice((26, 34, 46, 70))), r.choice(DARKS)
        for _ in range(r.randint(1, 6)):
            pen.text((r.uniform(-60, size[0] * 0.6), r.uniform(0, size[1])), words(r, 9), fill=ink, font=font)
    empty = r.random() < 0.2
    seals = 0 if empty else r.choice((1, 1, 1, 2))
    return _finished(canvas, r, rng, seals=seals, decoys=1 if empty else r.choice((0, 0, 0, 1)), centred=True)


def _pattern(size: tuple[int, int], r: random.Random, rng: Any) -> Image:
    """Paper with guilloches: fine waves in pale colours."""
    width, height = size
    base = np.array(r.choice(((252, 248, 240), (250, 240, 230), (244, 250, 246), (250, 238, 240), (255, 255, 255))))
    if r.random() < 0.3:
        return np.broadcast_to(base, (height, width, 3)).astype(np.uint8).copy()
    y, x = np.mgrid[0:height:2, 0:width:2].astype(np.float32)
    waves = np.sin(y * r.uniform(0.05, 0.5) + r.uniform(2, 9) * np.sin(x * r.uniform(0.01, 0.06)))
    waves += np.sin(x * r.uniform(0.05, 0.5) + r.uniform(2, 9) * np.sin(y * r.uniform(0.01, 0.06)))
    ink = np.array(r.choice(((30, 10, 40), (10, 40, 40), (20, 20, 60), (0, 40, 10), (10, 30, 90))), np.float32)
    page = base - (waves > r.uniform(0.6, 1.5))[:, :, None] * ink * r.uniform(0.3, 1.2)
    return np.asarray(cv2.resize(np.clip(page, 0, 255).astype(np.uint8), size), dtype=np.uint8)


def _finished(canvas: Pillow.Image, r: _Chance, rng: Any, *, seals: int, decoys: int, centred: bool = False) -> Scene:
    for _ in range(decoys):
        r.choice(r.decoys)(canvas, r)
    width, height = canvas.size[0] // 2, canvas.size[1] // 2
    page = np.asarray(canvas.resize((width, height), Pillow.Resampling.BOX), dtype=np.uint8).copy()
    pressed: list[_Pressed] = []
    copied = r.random() < 0.36
    for _ in range(seals):
        page = _pressed(page, pressed, r, rng, centred=centred, copied=copied)
    if r.random() < 0.35:
        page = _scribbled(page, pressed, r)
    return _scanned(page, pressed, r, rng, copied=copied, cutting=centred)


# ------------------------------------------------------------------------------------------------------------ pressing


@lru_cache(maxsize=BANK + EMBLEMS)
def _impression(number: int) -> tuple[Any, SealSpec]:
    """One impression of the bank: alpha (0 to 1) at :data:`BANK_DPI`, and what it is."""
    r = random.Random(77_000_000 + number)
    if number >= BANK:
        return _with_emblem(r, number)
    spec = replace(_scene_spec(r), rotation=0.0, faint=0.0, colour="grey", wear=r.random() ** 1.7)
    alpha = draw_seal(spec, dpi=BANK_DPI, seed=number)[:, :, 3].astype(np.float32) / 255
    if spec.shape == "rectangle" and "\n" in spec.name and r.random() < 0.5:
        rows = spec.name.count("\n") + 1
        for row in range(1, rows):  # a form within the stamp: ruled rows, to be filled in
            y = round(alpha.shape[0] * row / rows)
            alpha[y - 1 : y + 1] = np.maximum(alpha[y - 1 : y + 1], 0.8)
    return alpha, spec


def _with_emblem(r: random.Random, number: int) -> tuple[Any, SealSpec]:
    """A round seal with the national emblem in the middle, a third to two thirds as wide as it."""
    place = r.choice(("", "北京市", "江苏省", "某某县", "中华人民共和国"))
    name = place + r.choice(
        ("国家知识产权局", "人民政府", "商务局", "市场监督管理局", "教育部", "版权局", "行政审批局")
    )
    spec = SealSpec(name, diameter_mm=r.choice((40.0, 42.0, 45.0, 50.0)), star=False, wear=r.random() ** 2 * 0.6)
    alpha = draw_seal(replace(spec, colour="grey"), dpi=BANK_DPI, seed=number)[:, :, 3].astype(np.float32) / 255
    rows, columns = alpha.shape
    art = Pillow.new("RGB", (columns * 2, rows * 2), (255, 255, 255))
    a = columns * r.uniform(0.34, 0.56)
    at = (columns, rows - a * 0.1, a)
    print_emblem(ImageDraw.Draw(art), r, at, red=(0, 0, 0), light=(255, 255, 255), rim=(0, 0, 0))
    emblem = 1 - np.asarray(art.resize((columns, rows), Pillow.Resampling.BOX), np.float32)[:, :, 0] / 255
    return np.maximum(alpha, emblem * r.uniform(0.7, 1.0)), spec


def _scene_spec(r: random.Random) -> SealSpec:
    kind = r.random()
    if kind < 0.16:
        rows = [
            r.choice(LIMITS) + ("  " * r.randint(0, 3)) + r.choice(("", r.choice(LIMITS)))
            for _ in range(r.randint(1, 4))
        ]
        wide = r.uniform(30, 74)
        return SealSpec(
            "\n".join(rows),
            shape="rectangle",
            diameter_mm=wide,
            height_mm=min(wide * 0.8, 7.0 * len(rows) + r.uniform(1, 6)),
        )
    if kind < 0.28:  # marks of inspection and reception: small, a date across the middle
        name = r.choice(("工商局", "市工商局", "检验合格", "收文专用", "年检", "质检部", "财务科", "税务局分局"))
        middle = r.choice(("年检", "2023.09.12", "09年度\n年检", "合格", "(1)", "业务章", ""))
        return SealSpec(
            name, diameter_mm=r.uniform(13, 34), star=False, centre_text=middle, double_ring=r.random() < 0.2
        )
    spec = random_spec(r)
    if spec.shape in ("round", "oval") and r.random() < 0.3:
        return replace(spec, diameter_mm=spec.diameter_mm * r.uniform(0.6, 1.1), height_mm=None, star=r.random() < 0.3)
    return spec


def _pressed(page: Image, pressed: list[_Pressed], r: _Chance, rng: Any, *, centred: bool, copied: bool) -> Image:
    alpha, spec = _impression(r.impression())
    box_seal = spec.shape in ("square", "rectangle")
    if box_seal and r.more and r.random() < 0.3:
        alpha = _cut_in(alpha)
    if centred and box_seal and r.random() < 0.6:
        return page
    turn = r.gauss(0, 3.5) if box_seal else r.choice((r.gauss(0, 12), r.uniform(-180, 180)))
    size = DPI / BANK_DPI * r.uniform(0.85, 1.2)
    if centred and not pressed:
        size = min(page.shape[:2]) * r.uniform(0.6, 1.04) / max(alpha.shape)
    ink = ink_state(alpha, r, rng) * (r.uniform(0.75, 1) if r.random() < 0.6 else r.uniform(0.16, 0.75))
    tint = np.array(r.choices([t for t, _ in TINTS], [n for _, n in TINTS])[0], np.float32)
    rows, columns = page.shape[:2]
    reach = max(alpha.shape) * size / 2
    if centred and not pressed:
        x, y = columns / 2 + r.gauss(0, 0.05) * columns, rows / 2 + r.gauss(0, 0.05) * rows
    elif pressed and r.random() < 0.35:
        last, way = pressed[-1].outline, r.uniform(0, 2 * math.pi)
        apart = (reach + float(np.ptp(last, axis=0).max()) / 2) * r.uniform(0.72, 1.06)
        x, y = last[:, 0].mean() + apart * math.cos(way), last[:, 1].mean() + apart * math.sin(way)
    else:
        over = reach * (0.5 if r.random() < 0.12 else -1.05)
        x, y = r.uniform(-over, columns + over), r.uniform(-over, rows + over)
    matrix = cv2.getRotationMatrix2D((alpha.shape[1] / 2, alpha.shape[0] / 2), turn, size)
    matrix[:, 2] += (x - alpha.shape[1] / 2, y - alpha.shape[0] / 2)
    outline = _outline(alpha.shape, box_seal) @ matrix[:, :2].T.astype(np.float32) + matrix[:, 2].astype(np.float32)
    if any(_hides(outline, p.outline) for p in pressed):
        return page
    laid = cv2.warpAffine(cv2.GaussianBlur(ink, (0, 0), 0.4 / size), matrix, (columns, rows))
    there = float(laid.sum()) / max(1e-6, float(alpha.sum()) * size * size)
    inside = float(np.mean([(0 <= u < columns) and (0 <= v < rows) for u, v in outline]))
    full = float(np.quantile(laid[laid > 0.03], 0.8)) if (laid > 0.03).any() else 0.0
    pale = full * (1 - float(tint @ (0.3, 0.59, 0.11)) / 255 if copied else 1 - float(tint.min()) / 255)
    pressed.append(_Pressed(outline, not box_seal, there > SEEN and pale > MARKED and inside > 0.5, pale))
    return np.asarray(page * (1 - laid[:, :, None] * (1 - tint / 255)), dtype=np.uint8)


def _cut_in(alpha: Any) -> Any:
    """The same boxed seal with its signs cut into the stamp (白文): they stay paper, all about them is ink."""
    rows, columns = alpha.shape
    edge = max(2, round(0.07 * min(rows, columns)))
    solid = np.full_like(alpha, 0.95)
    solid[edge:-edge, edge:-edge] -= np.minimum(alpha[edge:-edge, edge:-edge], 0.95)
    return solid


def ink_state(alpha: Any, r: random.Random, rng: Any) -> Any:
    """How the stamp was pressed: evenly, on one side, in blots, twice, or dragged."""
    rows, columns = alpha.shape
    state = r.random()
    if state < 0.2:
        y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
        way = r.uniform(0, 2 * math.pi)
        return (alpha * np.clip(r.uniform(0.3, 0.9) + x * math.cos(way) + y * math.sin(way), 0.05, 1)).astype(
            np.float32
        )
    if state < 0.38:
        blots = cv2.resize(
            rng.random((r.randint(2, 9), r.randint(2, 9)), dtype=np.float32),
            (columns, rows),
            interpolation=cv2.INTER_CUBIC,
        )
        return alpha * np.clip(blots * 2 - r.uniform(0, 0.6), 0.05, 1)
    if state < 0.46:
        moved = np.array([[1, 0, r.uniform(-5, 5)], [0, 1, r.uniform(-5, 5)]], np.float32)
        return np.maximum(alpha * 0.8, cv2.warpAffine(alpha, moved, (columns, rows)) * r.uniform(0.3, 0.8))
    if state < 0.54:
        return cv2.blur(alpha, (r.randint(1, 7), r.randint(1, 7)))
    return alpha


def _outline(shape: tuple[int, ...], box_seal: bool) -> Floats:
    rows, columns = shape
    t = np.linspace(0, 2 * math.pi, 64, endpoint=False, dtype=np.float32)
    u, v = np.cos(t), np.sin(t)
    if box_seal:
        longest = np.maximum(np.abs(u), np.abs(v))
        u, v = u / longest, v / longest
    return np.stack([columns / 2 * (1 + u), rows / 2 * (1 + v)], axis=1)


def _hides(one: Floats, other: Floats) -> bool:
    (ax, ay), (bx, by) = (a.min(axis=0) for a in (one, other))
    (cx, cy), (dx, dy) = (a.max(axis=0) for a in (one, other))
    w, h = min(cx, dx) - max(ax, bx), min(cy, dy) - max(ay, by)
    smaller = min((cx - ax) * (cy - ay), (dx - bx) * (dy - by))
    return bool(w > 0 and h > 0 and w * h > 0.35 * smaller)


def _scribbled(page: Image, pressed: list[_Pressed], r: random.Random) -> Image:
    canvas = Pillow.fromarray(page)
    pen = ImageDraw.Draw(canvas)
    x, y = any_place(canvas, r, 60)
    if pressed and r.random() < 0.7:
        x, y = (float(v) for v in r.choice(pressed).outline.mean(axis=0))
    points = [(x - 50 + k * 8 + r.uniform(-12, 12), y + r.uniform(-24, 24)) for k in range(14)]
    pen.line(points, fill=r.choice((*DARKS, (20, 30, 110))), width=r.randint(1, 3), joint="curve")
    return np.asarray(canvas, dtype=np.uint8)


# ------------------------------------------------------------------------------------------------------------ scanning


def _scanned(page: Image, pressed: list[_Pressed], r: random.Random, rng: Any, *, copied: bool, cutting: bool) -> Scene:
    picture = page[:, :, ::-1]
    photo = r.random() < (0.5 if cutting else 0.2)
    rows, columns = picture.shape[:2]
    matrix = np.eye(3)
    if photo:
        picture, matrix = _photographed(picture, r, rng, desk=not cutting)
    elif r.random() < 0.5:
        turned = cv2.getRotationMatrix2D((columns / 2, rows / 2), r.gauss(0, 1.2), 1.0)
        matrix = np.vstack([turned, [0, 0, 1]])
        picture = cv2.warpAffine(picture, turned, (columns, rows), borderValue=(250, 250, 250))
    if r.random() < 0.25:
        turns = r.randint(1, 3)
        picture, matrix = np.ascontiguousarray(np.rot90(picture, turns)), _rot90(turns, picture.shape) @ matrix
    factor = r.choice((0.6, 0.8, 1.0, 1.0, 1.0, 1.25))
    if factor != 1:
        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        picture, matrix = (
            cv2.resize(picture, None, fx=factor, fy=factor, interpolation=way),
            np.diag([factor, factor, 1]) @ matrix,
        )
    firm = all(p.pale > FIRM for p in pressed)
    image = _developed(picture, r, rng, copied=copied, plain=firm and r.random() < 0.3)
    seals = tuple(s for p in pressed if (s := _seen(p, matrix, image.shape)) is not None)
    return Scene(image, None if cutting else round(DPI * factor), seals)


def _seen(pressed: _Pressed, matrix: NDArray[np.float64], shape: tuple[int, ...]) -> SceneSeal | None:
    points = np.concatenate([pressed.outline, np.ones((64, 1))], axis=1) @ matrix.T
    points = points[:, :2] / points[:, 2:]
    x0, y0 = np.maximum(points.min(axis=0), 0)
    x1, y1 = np.minimum(points.max(axis=0), (shape[1], shape[0]))
    if x1 - x0 < 4 or y1 - y0 < 4:
        return None
    return SceneSeal((float(x0), float(y0), float(x1), float(y1)), pressed.ring, pressed.asked)


def _rot90(turns: int, shape: tuple[int, ...]) -> NDArray[np.float64]:
    matrix, (rows, columns) = np.eye(3), shape[:2]
    for _ in range(turns):  # anticlockwise: x' = y, y' = width - x
        matrix = np.array([[0, 1, 0], [-1, 0, columns - 1], [0, 0, 1]], float) @ matrix
        rows, columns = columns, rows
    return matrix


def _photographed(picture: Any, r: random.Random, rng: Any, *, desk: bool) -> tuple[Any, NDArray[np.float64]]:
    """By phone: in perspective, on a desk, in uneven light."""
    rows, columns = picture.shape[:2]
    grow = 0.1 if desk else -0.02
    corners = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    moves = [[r.uniform(0.2, 1) * grow * columns, r.uniform(0.2, 1) * grow * rows] for _ in range(4)]
    shift = np.array(moves, np.float32)
    inward = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, corners + shift * inward)
    colour = tuple(float(r.randint(20, 200)) for _ in range(3))
    out = cv2.warpPerspective(picture, matrix, (columns, rows), borderValue=colour)
    grid = rng.uniform(r.uniform(0.45, 0.9), 1.0, (3, 3)).astype(np.float32)
    light = cv2.resize(grid, (columns, rows), interpolation=cv2.INTER_CUBIC)
    cast = np.array([r.uniform(0.8, 1), r.uniform(0.9, 1), r.uniform(0.9, 1)], np.float32)
    lit = np.clip(out * light[:, :, None] * cast, 0, 255)
    if r.random() < 0.3:  # the hand's or the phone's shadow
        edge = r.uniform(0.2, 0.8) * columns
        shade = 1 - r.uniform(0.2, 0.45) / (
            1 + np.exp(-(np.arange(columns, dtype=np.float32) - edge) / r.uniform(3, 40))
        )
        lit = lit * shade[None, :, None]
    return lit.astype(np.uint8), matrix


def _developed(picture: Any, r: random.Random, rng: Any, *, copied: bool, plain: bool) -> Image:
    """Copied or not, blurred, grainy, packed."""
    image = np.asarray(picture, np.float32)
    if copied:
        weights = np.array(r.choice(((0.114, 0.587, 0.299), (0.2, 0.7, 0.1), (0.3, 0.3, 0.4))), np.float32)
        image = np.repeat((image @ weights)[:, :, None], 3, axis=2)
        gain = r.uniform(0.9, 1.7)
        image = np.clip((image - 200) * gain + 200 + r.uniform(-10, 40), 0, 255)
    elif r.random() < 0.25:
        image = np.clip((image - 128) * r.uniform(0.5, 1.3) + 128 + r.uniform(0, 50), 0, 255)
    image = cv2.GaussianBlur(image, (0, 0), r.uniform(0.25, 0.9))
    image += rng.normal(0, r.uniform(0.5, 5), image.shape[:2]).astype(np.float32)[:, :, None]
    if not copied:
        image += rng.normal(0, r.uniform(0.2, 3), image.shape).astype(np.float32)
    out = np.clip(image, 0, 255).astype(np.uint8)
    if copied and plain:
        grey = cv2.cvtColor(out, cv2.COLOR_BGR2GRAY)
        bilevel = (grey > r.uniform(150, 215)) * np.uint8(255)
        return np.asarray(cv2.cvtColor(bilevel, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    if copied and r.random() < 0.4:
        out = np.clip(out * np.array([r.uniform(0.93, 1), r.uniform(0.95, 1), 1]), 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, r.randint(35, 95)])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)
