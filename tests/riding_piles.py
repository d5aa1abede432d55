"""Piles of pages over whose edges a seal rides, drawn for tests: every kind of series, with its truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from samples.seal_art import SealSpec, draw_seal, press_seal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["FAULTS", "WAYS", "Fault", "Pile", "Way", "pile"]

Way = Literal["right", "left", "fronts", "both", "groups", "top"]
Fault = Literal["none", "missing", "added", "swapped"]
WAYS: tuple[Way, ...] = ("right", "left", "fronts", "both", "groups", "top")
FAULTS: tuple[Fault, ...] = ("none", "missing", "added", "swapped")
DPI = 120
MM = DPI / 25.4
NAMES = ("济南云海会计师事务所（普通合伙）", "无锡市远帆软件技术有限公司", "泰州恒信会计师事务所有限公司")


@dataclass(frozen=True, slots=True)
class Pile:
    """``pages``: as scanned, numbered from 1. ``breaks``: where a reader may name the break; nothing if sound."""

    pages: tuple[tuple[int, Image], ...]
    breaks: tuple[int, ...]
    seals: int
    sliced: tuple[int, ...]


def pile(
    seed: int, way: Way = "right", fault: Fault = "none", *, count: int = 0, grey: bool = False, faint: bool = False
) -> Pile:
    """A pile of pages of ``seed``, stamped in one way and then tampered with."""
    rng = np.random.default_rng(seed)
    count = count or int(rng.integers(6, 13))
    if way in ("fronts", "both"):
        count = 2 * max(4, count // 2 + 1)
    if way == "groups":
        count = max(count, 12)
    slices = _stamped(rng, way, count, seed)
    order: list[int | None] = list(range(count))
    breaks: list[int] = []
    sheet = 2 if way in ("fronts", "both") else 1
    half = count // 2 if way == "groups" else None  # whole groups only: ends are no breaks
    if fault == "added":
        at = sheet * int(rng.integers(1, count // sheet))
        at = at + sheet if at == half else at
        order[at:at] = [None] * sheet
        breaks = list(range(at + 1, at + 1 + sheet))
    elif fault == "missing":
        at = sheet * int(rng.integers(1, count // sheet - 1))
        at = at - 2 * sheet if half in (at, at + 1) else at
        del order[at : at + sheet]
        breaks = list(range(at + 1, at + 1 + sheet))
    elif fault == "swapped":
        one, other = sorted(rng.choice(count // sheet - 1, 2, replace=False) * sheet)
        a, b = order[one : one + sheet], order[other : other + sheet]
        order[one : one + sheet], order[other : other + sheet] = b, a
        breaks = [int(p) + 1 + k for p in (one, other) for k in range(sheet + 1)]
    pages = []
    for number, source in enumerate(order, start=1):
        page = _page(rng)
        for edge, cut, y in slices.get(source, ()) if source is not None else ():
            page = _pressed(page, cut, edge, y + rng.normal(0, 0.5), faint=faint)
        pages.append((number, _scanned(page, rng, grey=grey)))
    sliced = tuple(n for n, s in enumerate(order, start=1) if s is not None and slices.get(s))
    seals = {"both": 2, "groups": 2}.get(way, 1)
    return Pile(tuple(pages), tuple(breaks), seals, sliced)


def _stamped(
    rng: np.random.Generator, way: Way, count: int, seed: int
) -> dict[int | None, list[tuple[str, Image, float]]]:
    found: dict[int | None, list[tuple[str, Image, float]]] = {}
    name = NAMES[seed % len(NAMES)]

    def lay(pages: list[int], edge: str) -> None:
        spec = SealSpec(name, rotation=float(rng.normal(0, 15)))
        art = draw_seal(spec, dpi=DPI, seed=int(rng.integers(1 << 16)))
        widths = rng.uniform(0.8, 1.2, len(pages))
        ends = np.concatenate([[0], np.cumsum(widths / widths.sum() * art.shape[1])]).astype(int)
        y = float(rng.uniform(0.3, 0.7))
        # The pile lies with its first page on top: fanned to the right, that shows the seal's left end
        way_on = pages[::-1] if edge == "left" and way != "both" else pages
        for k, page in enumerate(way_on):
            found.setdefault(page, []).append((edge, np.ascontiguousarray(art[:, ends[k] : ends[k + 1]]), y * 297))

    if way == "groups":
        lay(list(range(count // 2)), "right")
        lay(list(range(count // 2, count)), "right")
    elif way == "both":
        lay(list(range(0, count, 2)), "right")
        lay(list(range(1, count, 2)), "left")
    else:
        lay(list(range(0, count, 2)) if way == "fronts" else list(range(count)), "right" if way == "fronts" else way)
    return found


def _page(rng: np.random.Generator) -> Image:
    """A page of grey lines as print leaves them."""
    page = np.full((round(297 * MM), round(210 * MM), 3), 250, np.uint8)
    for y in range(120, page.shape[0] - 120, 32):
        for x in range(96, int(rng.integers(400, 880)), 21):
            cv2.rectangle(page, (x, y), (x + int(rng.integers(5, 16)), y + 14), (30, 30, 30), int(rng.integers(1, 3)))
    return page


def _pressed(page: Image, cut: Image, edge: str, y: float, *, faint: bool) -> Image:
    if edge == "top":
        turned = np.ascontiguousarray(np.rot90(page, -1))
        return np.ascontiguousarray(np.rot90(_pressed(turned, cut, "right", y * 210 / 297, faint=faint)))
    x = page.shape[1] - cut.shape[1] / 2 if edge == "right" else cut.shape[1] / 2
    pressed = press_seal(page, cut, (x, y * MM))
    return cv2.addWeighted(page, 0.55, pressed, 0.45, 0).astype(np.uint8) if faint else pressed


def _scanned(page: Image, rng: np.random.Generator, *, grey: bool) -> Image:
    """As a scanner sees it, BGR: a little askew, shifted, unsharp and noisy."""
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.normal(0, 0.15)), 1)
    turn[:, 2] += [float(rng.uniform(-0.3, 0.3)) * MM, float(rng.uniform(-1, 1)) * MM]
    laid = cv2.warpAffine(page, turn, (width, height), borderMode=cv2.BORDER_CONSTANT, borderValue=(248, 248, 248))
    seen = cv2.GaussianBlur(laid, (0, 0), 0.6) + rng.normal(0, 2.5, laid.shape)
    found = np.clip(seen, 0, 255).astype(np.uint8)[:, :, ::-1].copy()
    if grey:
        found = np.repeat(cv2.cvtColor(found, cv2.COLOR_BGR2GRAY)[:, :, None], 3, axis=2)
    return found
