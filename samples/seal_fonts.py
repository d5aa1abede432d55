"""Fonts to engrave seals with: those that fontconfig knows on this machine, and which of them can write a text."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from pipeline.errors import MissingTool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ink = NDArray[np.float32]

__all__ = ["Face", "face_for", "faces"]

GLYPH_PX = 160  # size at which glyphs are drawn before they are fitted to their slot
# Engravers use 宋体, 仿宋, 楷体 and 黑体; families by the likeness of their strokes to a seal's.
FAMILIES = (
    "Noto Serif CJK SC",
    "AR PL SungtiL GB",
    "AR PL UMing CN",
    "AR PL KaitiM GB",
    "LXGW WenKai",
    "Noto Sans CJK SC",
    "WenQuanYi Zen Hei",
    "AR PL UKai CN",
    "cwTeXFangSong",
)


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file."""

    family: str
    file: str
    index: int

    def tile(self, sign: str) -> Ink:
        """The character cut to its ink, 0 to 1."""
        return _tile(self.file, self.index, sign)

    def writes(self, text: str) -> bool:
        """Whether it has a glyph for every character."""
        return all(_has(self.file, self.index, sign) for sign in text if not sign.isspace())


@lru_cache(maxsize=1)
def faces() -> tuple[Face, ...]:
    """The Chinese faces installed here, in the order of :data:`FAMILIES`, others after them.

    :raises MissingTool: fontconfig knows no Chinese font
    """
    fix = "apt install fontconfig fonts-noto-cjk"
    try:
        done = subprocess.run(
            ["fc-list", ":lang=zh-cn", "--format", "%{family}\t%{file}\t%{index}\n"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingTool("fc-list", needed_by="drawing seals", fix=fix) from error
    found = [_face(row) for row in done.stdout.splitlines() if row.count("\t") == 2]
    if not found:
        raise MissingTool("a Chinese font", needed_by="drawing seals", fix=fix)
    return tuple(sorted(found, key=lambda face: (_rank(face), face.file, face.index)))


def face_for(text: str, wanted: str | None, choice: int) -> Face:
    """The face to write ``text`` with: ``wanted`` (family or file) if it can, else one picked by ``choice``.

    :raises MissingTool: no installed face has all the characters
    """
    signs = text.replace("\n", "")
    if wanted and Path(wanted).is_file():
        return Face(family=Path(wanted).stem, file=wanted, index=0)
    if wanted:
        named = [face for face in faces() if wanted.lower() in face.family.lower() and face.writes(signs)]
        if named:
            return named[0]
    usual = [face for face in faces() if _rank(face) < len(FAMILIES) and face.writes(signs)]
    able = usual or [face for face in faces() if face.writes(signs)]
    if not able:
        raise MissingTool(f"a font with all of {signs}", needed_by="drawing seals", fix="apt install fonts-noto-cjk")
    return able[choice % len(able)]


def _face(row: str) -> Face:
    family, file, index = row.split("\t")
    return Face(family=family.split(",")[0], file=file, index=int(index) & 0xFFFF)


def _rank(face: Face) -> int:
    return FAMILIES.index(face.family) if face.family in FAMILIES else len(FAMILIES)


@lru_cache(maxsize=64)
def _font(file: str, index: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, GLYPH_PX, index=index)


@lru_cache(maxsize=4096)
def _tile(file: str, index: int, sign: str) -> Ink:
    canvas = Pillow.new("L", (GLYPH_PX * 2, GLYPH_PX * 2))
    ImageDraw.Draw(canvas).text((GLYPH_PX // 2, GLYPH_PX // 3), sign, fill=255, font=_font(file, index))
    box = canvas.getbbox() or (0, 0, GLYPH_PX, GLYPH_PX)
    return np.asarray(np.asarray(canvas.crop(box)) / np.float32(255), dtype=np.float32)


@lru_cache(maxsize=65536)
def _has(file: str, index: int, sign: str) -> bool:
    """A missing character is drawn as the font's own box, the same as for a code point that no font has."""
    font = _font(file, index)
    mask, missing = font.getmask(sign), font.getmask("\U0010fffd")
    return mask.getbbox() is not None and (mask.size != missing.size or bytes(mask) != bytes(missing))
