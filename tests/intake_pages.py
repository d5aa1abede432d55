"""Pages for the tests of intake and reading: drawn by MuPDF with its own fonts, as files or pictures."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pymupdf

Image = np.ndarray
A4 = (595, 842)  # points
LABELS = [
    "企业名称",
    "统一社会信用代码",
    "法定代表人",
    "注册资本（万元）",
    "营业收入（万元）",
    "员工总数（人）",
    "注册地址",
    "联系电话",
]
VALUES = [
    "江苏云启数字科技股份有限公司",
    "91320594MA1MX7QK3T",
    "欧阳明远",
    "12,000.00",
    "34,999.97",
    "1286",
    "苏州工业园区星湖街328号",
    "13912345678",
]


def draw_form(page: pymupdf.Page, size: float = 11) -> None:
    """A ruled form of two columns under a title, and some prose."""
    page.insert_text((190, 80), "服务外包企业信息表", fontname="china-s", fontsize=20)
    for i, (label, value) in enumerate(zip(LABELS, VALUES, strict=True)):
        y = 120 + 34 * i
        page.draw_rect(pymupdf.Rect(60, y, 220, y + 34), width=0.8)
        page.draw_rect(pymupdf.Rect(220, y, 535, y + 34), width=0.8)
        _write(page, 68, y + 21, label, size)
        _write(page, 228, y + 21, value, size)
    for i in range(8):
        page.insert_text(
            (60, 440 + 22 * i),
            "本企业承诺以上填报内容真实、准确、完整，如有不实愿承担责任。",
            fontname="china-s",
            fontsize=size,
        )


def _write(page: pymupdf.Page, x: float, y: float, text: str, size: float) -> None:
    """MuPDF's Chinese font sets digits as wide as ideographs: runs of Latin signs come from Helvetica."""
    for run in re.findall(r"[!-~ ]+|[^!-~ ]+", text):
        font = "helv" if run.isascii() else "china-s"
        page.insert_text((x, y), run, fontname=font, fontsize=size)
        x += pymupdf.get_text_length(run, fontname=font, fontsize=size)


def form_pdf(path: Path, *, pages: int = 1, rotation: int = 0, size: float = 11) -> Path:
    """A born-digital PDF."""
    file = pymupdf.open()
    for _ in range(pages):
        page = file.new_page(width=A4[0], height=A4[1])
        draw_form(page, size)
        page.set_rotation(rotation)
    file.save(path)
    file.close()
    return path


def form_picture(dpi: int = 200, size: float = 11) -> Image:
    """The form as a scanner would see it: colour, a tint, a little noise."""
    file = pymupdf.open()
    page = file.new_page(width=A4[0], height=A4[1])
    draw_form(page, size)
    pixels = page.get_pixmap(dpi=dpi)
    rgb = np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, 3)
    noise = np.random.default_rng(7).normal(0, 2.5, rgb.shape)
    scanned = np.clip(rgb[:, :, ::-1] * (0.95, 0.97, 0.98) + noise, 0, 255)
    return np.ascontiguousarray(scanned.astype(np.uint8))


def scanned_pdf(path: Path, picture: Image, *, points: tuple[float, float] = A4, quality: int = 90) -> Path:
    """A PDF whose page is one JPEG, as scanners make them."""
    file = pymupdf.open()
    page = file.new_page(width=points[0], height=points[1])
    page.insert_image(page.rect, stream=cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())
    file.save(path)
    file.close()
    return path
