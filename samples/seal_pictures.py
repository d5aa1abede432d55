"""The pictures of ``docs/SEALS.md``: ``python -m samples.seal_pictures [FOLDER]``.

Drawn and found by the program itself. Nobody's paper is on them: pages, seals and names are made up.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.assembling import seal_of
from pipeline.model import Document, DocumentType
from pipeline.reading.crops import faded
from pipeline.report.drawn import draw_seals
from pipeline.report.json_report import seal_json
from pipeline.seals.candidates import candidates_of
from pipeline.seals.find import find_seals
from pipeline.seals.ink import inks_of
from pipeline.seals.owner import ExpectedNames, attribute
from pipeline.seals.read import read_seals
from pipeline.seals.reader import seal_readers
from pipeline.seals.riding import find_riding
from pipeline.seals.slices import cut_out, side_by_side, slices_of
from pipeline.seals.unmix import seal_ink
from pipeline.seals.unwrap import Ring, find_arcs, find_band, fit_ring, unroll
from samples.envelope import riding_cuts
from samples.seal_art import SealSpec, draw_seal, press_seal
from samples.seal_pages import SealPage, draw_page
from samples.under_seals import draw_lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

PAGE_SEED = 90_104  # a page with several kinds of seals and of what is none
WIDTH = 1000  # px of a picture in the document
GAP = 16


def main() -> int:
    """Draw all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs/pictures"))
    parser.add_argument("--page", type=int, default=PAGE_SEED)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    page = draw_page(asked.page, grey=False, seals=4, decoys=3)
    made = {
        "page": page_with_seals(page),
        "ink": ink_maps(page),
        "strip": strip(),
        "riding": riding(),
        "under": under(),
    }
    for name, picture in made.items():
        path = asked.folder / f"seals-{name}.png"
        cv2.imwrite(str(path), _wide(picture), [cv2.IMWRITE_PNG_COMPRESSION, 9])
        print(path, file=sys.stderr)
    return 0


def page_with_seals(drawn: SealPage) -> Image:
    """What ``yanzhang seals --draw`` makes of a page."""
    page = drawn.image
    readings = read_seals(page, find_seals(page, dpi=drawn.dpi), seal_readers(), page=1)
    loose = Document(type=DocumentType.OTHER, pages=(1,), confidence=0.0)
    loose = loose.model_copy(update={"seals": tuple(seal_of(r) for r in readings)})
    seals = [seal_json(seal) for seal in attribute(loose, expected=ExpectedNames()).seals]
    return np.asarray(cv2.imdecode(np.frombuffer(draw_seals(page, seals), np.uint8), cv2.IMREAD_COLOR), np.uint8)


def ink_maps(drawn: SealPage) -> Image:
    """The page; its red ink; ink without colour with all candidates (grey), those found to be seals green."""
    page = drawn.image
    inks = inks_of(page, drawn.dpi)
    small = cv2.resize(page, inks.red.shape[1::-1], interpolation=cv2.INTER_AREA)
    red, dark = (_map(m) for m in (inks.red, inks.dark))
    for candidate in candidates_of(inks):
        ring = candidate.ring
        if candidate.kind == "ring":
            _ellipse(
                red if candidate.hue == "red" else dark, (ring.x, ring.y), (ring.a, ring.b), ring.angle, (150,) * 3
            )
    for seal in find_seals(page, dpi=drawn.dpi):
        centre, axes = ((v[0] / inks.scale, v[1] / inks.scale) for v in (seal.centre, seal.axes))
        on = dark if seal.colour == "grey" else red
        if seal.shape in ("round", "oval"):
            _ellipse(on, centre, axes, np.radians(seal.angle), (40, 140, 40), 2)
        else:
            corners = cv2.boxPoints((centre, (2 * axes[0], 2 * axes[1]), seal.angle))
            cv2.polylines(on, [corners.astype(np.int32)], True, (40, 140, 40), 2, cv2.LINE_AA)
    return _beside([np.asarray(small, np.uint8), red, dark])


def strip() -> Image:
    """A ring over print; its ink apart from the print; the name unrolled."""
    spec = SealSpec("沧浪数字服务股份有限公司", code="3205080012345", wear=0.2, rotation=25)
    page = np.full((620, 620, 3), 250, np.uint8)
    for row in range(14):
        cv2.putText(page, "20230918 1,234,567.89 100%", (20, 50 + 42 * row), 0, 0.9, (60, 60, 60), 2, cv2.LINE_AA)
    image = np.ascontiguousarray(press_seal(page, draw_seal(spec, dpi=300, seed=4), (310, 310))[:, :, ::-1])
    seal = find_seals(image, dpi=300)[0]
    ink = seal_ink(image, seal.colour)
    ring = fit_ring(ink, Ring(*seal.centre, *seal.axes, np.radians(seal.angle)))
    arc = find_arcs(ink, ring)[0]
    name = unroll(ink, ring, find_band(ink, ring, arc), arc, height=96, stretch=1.0)
    long = cv2.cvtColor(name, cv2.COLOR_GRAY2BGR)
    return _under([_beside([image, _map(ink)]), np.asarray(long, np.uint8)])


def riding() -> Image:
    """Six fanned pages with a slice each, the fifth without: their edges as scanned, and the slices put together."""
    cuts = riding_cuts(SealSpec("沧浪会计师事务所（普通合伙）", rotation=8), 6)
    rng = np.random.default_rng(2)
    pages: list[tuple[int, Image]] = []
    for number, cut in enumerate(cuts, start=1):
        page = np.full((2339, 1654, 3), 250, np.uint8)
        for row in range(40):
            cv2.putText(page, "12,345.67   " * 4, (160, 200 + 50 * row), 0, 1.0, (70, 70, 70), 2, cv2.LINE_AA)
        if number != 5:
            page = press_seal(page, cut, (1654 - cut.shape[1] / 2, 1150 + int(rng.integers(-8, 9))))
        pages.append((number, np.ascontiguousarray(page[:, :, ::-1])))
    ridden = find_riding(pages)[0]
    by_number = dict(pages)
    parts = [cut_out(by_number[s.page], s.box, s.turn) for s in slices_of(ridden)]
    edges = [_boxed(image[980:1330, -130:]) for _, image in pages]
    return _beside([_beside(edges), side_by_side(parts)])


def under() -> Image:
    """Print under seals, as scanned and with the colour faded."""
    rows = [_beside([_high(line.image, 48), _high(faded(line.image), 48)]) for line in draw_lines(6, 3)]
    return _under(rows)


def _boxed(picture: Image) -> Image:
    return np.asarray(cv2.copyMakeBorder(picture, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(170, 170, 170)), np.uint8)


def _map(ink: NDArray[np.float32]) -> Image:
    grey = np.clip(255 - 255 * np.clip(ink, 0, 1), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)


def _ellipse(
    on: Image, centre: Sequence[float], axes: Sequence[float], turn: float,
    colour: tuple[int, ...], thickness: int = 1,
) -> None:  # fmt: skip
    box = (tuple(centre), (2 * axes[0], 2 * axes[1]), float(np.degrees(turn)))
    cv2.ellipse(on, box, colour, thickness, cv2.LINE_AA)


def _beside(pictures: Sequence[Image]) -> Image:
    high = max(p.shape[0] for p in pictures)
    return np.hstack([_padded(p, (high, p.shape[1] + GAP)) for p in pictures])


def _under(pictures: Sequence[Image]) -> Image:
    wide = max(p.shape[1] for p in pictures)
    return np.vstack([_padded(p, (p.shape[0] + GAP, wide)) for p in pictures])


def _padded(picture: Image, size: tuple[int, int]) -> Image:
    out = np.full((*size, 3), 255, np.uint8)
    out[: picture.shape[0], : picture.shape[1]] = picture
    return out


def _high(picture: Image, height: int) -> Image:
    scale = height / picture.shape[0]
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _wide(picture: Image) -> Image:
    scale = min(1.0, WIDTH / picture.shape[1])
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


if __name__ == "__main__":
    sys.exit(main())
