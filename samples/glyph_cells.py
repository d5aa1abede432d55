"""Cells of seals' unrolled rings to learn single characters from: engraved, stretched, worn, crossed, blurred.

Drawn in batches with torch, which only training needs. A cell is what :mod:`pipeline.seals.glyphs` cuts: one character
in the middle of a strip as high as the name's band, with a bit of its neighbours at both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from pipeline.seals.glyphs import CELL_SIDE, CELL_WIDTH
from samples.seal_fonts import FAMILIES, Face, faces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Tensor = Any

__all__ = ["Atlas", "atlas_of", "cells"]

TILE, EM, BORDER = 48, 42, 3  # px: a glyph's tile, the font's size in it, the clear margin


@dataclass(frozen=True, slots=True)
class Atlas:
    """Glyphs by face and sign: tiles (N, TILE, TILE) of ink, their ink's boxes as fractions, a tile's number or -1."""

    tiles: Tensor
    boxes: Tensor
    where: Tensor  # (faces, signs)
    weights: Tensor  # of faces


def atlas_of(signs: str) -> Atlas:
    """All signs in all faces that engravers' letters resemble."""
    chosen = [f for f in faces() if f.family in FAMILIES or f.family == "WenQuanYi Micro Hei"]
    tiles: list[NDArray[np.uint8]] = []
    boxes: list[tuple[float, float, float, float]] = []
    where = np.full((len(chosen), len(signs)), -1, np.int64)
    for row, face in enumerate(chosen):
        font = ImageFont.truetype(face.file, EM, index=face.index)
        middle = font.getbbox("国")
        shift = (TILE / 2 - (middle[0] + middle[2]) / 2, TILE / 2 - (middle[1] + middle[3]) / 2)
        for column, sign in enumerate(signs):
            if not face.writes(sign):
                continue
            canvas = Pillow.new("L", (TILE, TILE))
            ImageDraw.Draw(canvas).text(shift, sign, fill=255, font=font)
            box = canvas.getbbox()
            if box is None:
                continue
            where[row, column] = len(tiles)
            tiles.append(np.asarray(canvas, np.uint8))
            boxes.append(tuple(v / TILE for v in box))  # type: ignore[arg-type]
    weights = [_weight(face) for face in chosen]
    return Atlas(
        torch.from_numpy(np.stack(tiles)),
        torch.tensor(boxes, dtype=torch.float32),
        torch.from_numpy(where),
        torch.tensor(weights, dtype=torch.float32),
    )


def _weight(face: Face) -> float:
    """Seals are cut in 宋 and 仿宋 before all; hands and sans serifs are rarer."""
    return {"Noto Serif CJK SC": 2.0, "AR PL SungtiL GB": 3.0, "AR PL UMing CN": 2.0, "cwTeXFangSong": 3.0}.get(
        face.family, 1.0
    )


# --------------------------------------------------------------------------------------------------------- drawing


class _Dice:
    """Random numbers of one generator, shaped to be multiplied with pictures (B, H, W)."""

    def __init__(self, count: int, generator: Any) -> None:
        self.count, self.generator = count, generator

    def between(self, low: float, high: float) -> Tensor:
        return torch.rand(self.count, 1, 1, generator=self.generator) * (high - low) + low

    def normal(self, spread: float) -> Tensor:
        return torch.randn(self.count, 1, 1, generator=self.generator) * spread

    def share(self, of: float) -> Tensor:
        """1 for about that share of the batch, else 0."""
        return (torch.rand(self.count, 1, 1, generator=self.generator) < of).float()

    def noise(self, rows: int, columns: int) -> Tensor:
        """Smooth noise, standard normal at its knots."""
        knots = torch.randn(self.count, rows, columns, generator=self.generator)
        return _spread(rows) @ knots @ _spread(columns).T


@lru_cache(maxsize=32)
def _spread(knots: int) -> Tensor:
    """The matrix (CELL_SIDE, knots) that interpolates between knots: cheaper than the library's own way."""
    at = (torch.arange(CELL_SIDE) + 0.5) / CELL_SIDE * (knots - 1)
    return (1 - (at[:, None] - torch.arange(knots)[None]).abs()).clamp(min=0)


def cells(atlas: Atlas, classes: Tensor, hardness: float, generator: Any) -> Tensor:
    """A picture (B, CELL_SIDE, CELL_SIDE) of ink, 0 to 1, for each class; ``hardness`` 0 to 1 scales the damage."""
    dice = _Dice(len(classes), generator)
    ink = _engraved(atlas, classes, dice)
    ink = _weighted(ink, dice)
    ink = _crossed(ink, dice, hardness)
    ink = _worn(ink, dice, hardness)
    return _scanned(ink, dice, hardness)


def _engraved(atlas: Atlas, classes: Tensor, dice: _Dice) -> Tensor:
    """The character with its neighbours, stretched into its slot, as the unrolling leaves it: fanned and bent."""
    count, g = len(classes), dice.generator
    trio = torch.randint(0, atlas.where.shape[1], (count, 3), generator=g)
    trio[:, 1] = classes
    tiles, boxes = _drawn(atlas, trio, g)
    away = torch.rand(count, 3, generator=g) < 0.08  # a name's end has no neighbour
    away[:, 1] = False
    tiles = tiles * (~away)[:, :, None, None]
    canvas = tiles.permute(0, 2, 1, 3).reshape(count, 1, TILE, 3 * TILE)
    axis = torch.linspace(-1, 1, CELL_SIDE)
    y, x = axis[None, :, None], axis[None, None, :]
    across = x * (CELL_WIDTH / 2) * torch.exp(dice.normal(0.07)) + dice.normal(0.06)  # in pitches
    across = across + y * (dice.normal(0.05) + dice.share(0.2) * dice.normal(0.2)) + dice.noise(4, 4) * 0.02
    down = y / 2 + x * dice.normal(0.03) + dice.noise(4, 4) * 0.02  # in heights of the strip
    slot = across.round().clamp(-1, 1)
    local = across - slot
    local = local * (1 - dice.between(0, 0.8) * down) / dice.between(0.48, 1.0)
    tall = dice.between(0.7, 1.12)
    down = (down + dice.normal(0.035) + dice.between(0, 0.5) * local * local) / tall
    sides = _sides(boxes, slot.long() + 1)
    u = sides[0] + (local + 0.5) * (sides[2] - sides[0])
    v = sides[1] + (down + 0.5) * (sides[3] - sides[1])
    u, v = u.clamp(0.01, 0.99), v.clamp(0.01, 0.99)
    grid = torch.stack([(slot + 1 + u) / 3 * 2 - 1, v * 2 - 1], dim=-1)
    return F.grid_sample(canvas, grid, mode="bilinear", align_corners=False)[:, 0]


def _drawn(atlas: Atlas, trio: Tensor, g: Any) -> tuple[Tensor, Tensor]:
    """Tiles (B, 3, TILE, TILE) of one face a row, and the boxes that fill their slots: of the ink, or of the em."""
    count = len(trio)
    face = torch.multinomial(atlas.weights, count, replacement=True, generator=g)
    numbers = atlas.where[face[:, None], trio]
    lacking = numbers[:, 1] < 0
    while bool(lacking.any()):
        face[lacking] = torch.multinomial(atlas.weights, int(lacking.sum()), replacement=True, generator=g)
        numbers = atlas.where[face[:, None], trio]
        lacking = numbers[:, 1] < 0
    numbers = torch.where(numbers < 0, numbers[:, 1:2], numbers)
    tiles = atlas.tiles[numbers].float() / 255
    em = torch.tensor([BORDER / TILE, BORDER / TILE, 1 - BORDER / TILE, 1 - BORDER / TILE])
    ink = atlas.boxes[numbers]
    size = torch.stack([ink[..., 2] - ink[..., 0], ink[..., 3] - ink[..., 1]], dim=-1)
    slim = (size < 0.45).any(dim=-1)  # one, brackets: they fill their box by design
    share = torch.rand(count, 1, 1, generator=g) * (torch.rand(count, 1, 1, generator=g) < 0.7)
    share = share * (~slim)[..., None] + 0.15 * slim[..., None] * torch.rand(count, 1, 1, generator=g)
    return tiles, em + share * (ink - em)


def _sides(boxes: Tensor, slot: Tensor) -> list[Tensor]:
    """The four sides of the box that belongs to each place's slot, (B, H, W) each."""
    flat = slot.reshape(len(slot), -1)
    return [boxes[:, :, k].gather(1, flat).reshape(slot.shape) for k in range(4)]


def _weighted(ink: Tensor, dice: _Dice) -> Tensor:
    """Strokes made bolder or thinner."""
    half = dice.count // 3
    way = dice.between(0, 1)
    thin, bold = -_grown(-ink[:half]), _grown(ink[half:])
    grown = torch.cat([thin, bold])
    return (
        ink
        + way * dice.share(0.8) * (grown - ink) * torch.where(torch.arange(dice.count) < half, 0.5, 1.0)[:, None, None]
    )


def _grown(ink: Tensor) -> Tensor:
    """Each place as dark as the darkest of three in a row, then in a column."""
    wide = ink.clone()
    wide[:, :, 1:] = torch.maximum(wide[:, :, 1:], ink[:, :, :-1])
    wide[:, :, :-1] = torch.maximum(wide[:, :, :-1], ink[:, :, 1:])
    out = wide.clone()
    out[:, 1:] = torch.maximum(out[:, 1:], wide[:, :-1])
    out[:, :-1] = torch.maximum(out[:, :-1], wide[:, 1:])
    return out


def _crossed(ink: Tensor, dice: _Dice, hardness: float) -> Tensor:
    """Rim and star at the band's edges, rules, and print across: added as ink, or taken away where it was unmixed."""
    axis = torch.linspace(-1, 1, CELL_SIDE)
    y, x = axis[None, :, None], axis[None, None, :]
    rim = ((dice.between(-1.25, -0.75) - y + dice.normal(0.08) * x) * 8).clamp(0, 1) * dice.share(0.15)
    feet = ((y - dice.between(0.8, 1.2) + dice.normal(0.3) * x) * 8).clamp(0, 1) * dice.share(0.12)
    ink = torch.maximum(ink, torch.maximum(rim, feet))
    for share in (0.18 * hardness, 0.12 * hardness, 0.16 * hardness):
        some = torch.rand(dice.count, generator=dice.generator) < share
        few = _Dice(int(some.sum()), dice.generator)
        if few.count:
            other = _print(ink, few) if share == 0.16 * hardness else _line(x, y, few)
            ink[some] = _laid(ink[some], other, few)
    return ink


def _line(x: Tensor, y: Tensor, dice: _Dice) -> Tensor:
    """A stroke or rule across, anywhere."""
    angle = dice.between(0, 3.1416)
    away = (x * angle.cos() + y * angle.sin() - dice.normal(0.6)).abs()
    return ((dice.between(0.03, 0.14) - away) * 14).clamp(0, 1) * dice.between(0.4, 1)


def _print(ink: Tensor, dice: _Dice) -> Tensor:
    """Print that lies across: other characters, larger or smaller, at any slant."""
    turn, size = dice.between(-3.2, 3.2)[:, 0, 0], dice.between(0.6, 2.0)[:, 0, 0]
    dx, dy = dice.normal(0.7)[:, 0, 0], dice.normal(0.7)[:, 0, 0]
    rows = torch.stack([turn.cos() * size, -turn.sin() * size, dx, turn.sin() * size, turn.cos() * size, dy], dim=1)
    grid = F.affine_grid(rows.reshape(-1, 2, 3), [dice.count, 1, CELL_SIDE, CELL_SIDE], align_corners=False)
    others = ink[torch.randint(0, len(ink), (dice.count,), generator=dice.generator)]
    other = F.grid_sample(others[:, None], grid, mode="bilinear", align_corners=False)[:, 0]
    return other * dice.between(0.3, 1)


def _laid(ink: Tensor, other: Tensor, dice: _Dice) -> Tensor:
    lighter = dice.share(0.4)
    return lighter * ink * (1 - other) + (1 - lighter) * torch.maximum(ink, other)


def _worn(ink: Tensor, dice: _Dice, hardness: float) -> Tensor:
    """Ragged edges, gaps in the ink (露白), uneven pressure."""
    wear = dice.between(0, 1) ** 2 * hardness * 0.85
    ragged = ink + dice.noise(20, 20) * (0.05 + 0.25 * wear)
    sharp = dice.between(2, 7)
    ragged = ((ragged - dice.between(0.3, 0.6)) * sharp + 0.5).clamp(0, 1)
    ink = torch.where(dice.share(0.6) > 0, ragged * (ink > 0.02), ink)
    gaps = dice.noise(9, 9) * 0.6 + dice.noise(22, 22) * 0.4
    ink = ink * ((gaps + 2.2 - 2.6 * wear) * 4).clamp(0, 1)
    pressure = (1 + dice.noise(2, 2) * 0.5 * wear).clamp(0.15, 1.5)
    return ink * pressure


def _scanned(ink: Tensor, dice: _Dice, hardness: float) -> Tensor:
    """A coarser raster, its grain, and the strip's own stretch of contrast."""
    speckles = (dice.noise(22, 22) - dice.between(1.2, 3.0)).clamp(0, 1) * dice.share(0.35 * hardness)
    ink = torch.maximum(ink, (2 * speckles).clamp(0, 1))
    parts = []
    for part in ink.chunk(8):
        least = round(CELL_SIDE - (CELL_SIDE - 9) * hardness)
        side = int(torch.randint(least, CELL_SIDE + 12, (1,), generator=dice.generator))
        wide = max(8, round(side * float(torch.rand(1, generator=dice.generator) * 0.5 + 0.65)))
        coarse = F.interpolate(part[:, None], (side, wide), mode="bilinear", antialias=True)
        grain = torch.randn(coarse.shape, generator=dice.generator)
        coarse = coarse + grain * torch.rand(len(part), 1, 1, 1, generator=dice.generator) * 0.08 * hardness
        mode = "bicubic" if torch.rand(1, generator=dice.generator) < 0.5 else "bilinear"
        parts.append(F.interpolate(coarse, (CELL_SIDE, CELL_SIDE), mode=mode, antialias=True)[:, 0])
    ink = torch.cat(parts)
    ink = ink + dice.share(0.3) * dice.between(0, 0.25) * (1 - ink)  # paper that was not white
    top = torch.quantile(ink[:, ::3, ::3].reshape(len(ink), -1), 0.95, dim=1)[:, None, None].clamp(min=0.15)
    ink = ink / (top * dice.between(0.7, 1.25))
    return (ink.clamp(0, 1) ** dice.between(0.75, 1.35)).clamp(0, 1)
