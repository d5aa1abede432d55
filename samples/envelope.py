"""From printed pages to the scan of one envelope, with the truth of where everything came to lie."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pymupdf
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from samples.damage import PRINT_DPI, boxed, copied, rescan, smudged, stained
from samples.paper import Autograph, Paper, Scan, Stamp
from samples.press import POINTS_PER_INCH, PrintedPage, Prints
from samples.seal_art import SealSpec, draw_seal, press_seal
from samples.seal_fonts import faces

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

__all__ = ["Sheet", "inked_anew", "riding_cuts", "sheets_of", "write_envelope"]

SCALE = PRINT_DPI / POINTS_PER_INCH
MM = PRINT_DPI / 25.4
INK_THRESHOLD = 40  # of 255: fainter ink is no part of a seal's box
SIGNATURE_HEIGHT_MM = 9.0
SMUDGE_MM = {"count": 6.0, "amount": 13.0}  # half the width that hides such a value wholly
SMUDGE_HEIGHT_MM = 2.6
SMEAR_MM = 1.6  # how far apart the strikes lie: about a third of a character
SMEAR_BLUR_MM = 0.42  # a stroke is hardly wider
A4 = (1654, 2339)


@dataclass(frozen=True)
class Pressed:
    """A seal on a page: the stamp and its ink's box in printed pixels."""

    stamp: Stamp
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Sheet:
    """One page before scanning: picture, seals, which paper (index) it belongs to (None: blank)."""

    image: Image
    pressed: tuple[Pressed, ...]
    paper: int | None
    source: PrintedPage | None = None
    cover: bool = False


def sheets_of(
    papers: Sequence[Paper], printed: Sequence[Sequence[PrintedPage]], prints: Prints, seed: int
) -> list[Sheet]:
    """Every page of the papers, sealed and signed, in order."""
    out: list[Sheet] = []
    for number, (paper, pages) in enumerate(zip(papers, printed, strict=True)):
        cuts = _riding_cuts(paper, len(pages))
        for position, page in enumerate(pages):
            rng = np.random.default_rng([seed, number, position])
            out.append(_sheet(paper, number, page, prints, rng, cuts[position] if cuts else None))
    return out


def _sheet(
    paper: Paper, number: int, page: PrintedPage, prints: Prints, rng: np.random.Generator, cut: Image | None
) -> Sheet:
    image = prints.image(page.index, PRINT_DPI)
    pressed: list[Pressed] = []
    for printed_first in (True, False):
        for stamp in paper.stamps:
            if stamp.printed is not printed_first or stamp.mark not in page.marks:
                continue
            at = _place(page, stamp)
            art = draw_seal(stamp.spec, dpi=PRINT_DPI, seed=stamp.seed)
            if not (stamp.printed or stamp.pasted):
                art = inked_anew(art, np.random.default_rng([stamp.seed, number, page.index, 31]))
            art = _smeared(art, rng) if stamp.smeared else art
            image = _pasted(image, art, at) if stamp.pasted else press_seal(image, art, at)
            pressed.append(Pressed(stamp, _ink_box(art, at)))
        if printed_first and paper.look == "grey_copy":
            image = copied(image, rng)
            pressed = [replace(p, stamp=p.stamp.worn(colour="grey")) for p in pressed]
    for autograph in paper.autographs:
        if autograph.mark in page.marks:
            x, y = page.marks[autograph.mark]
            image = press_seal(image, signature(autograph), (x * SCALE + 14 * MM, y * SCALE))
    for mark in paper.smudges:
        if mark in page.marks:
            x, y = page.marks[mark]
            half = SMUDGE_MM["count" if mark.endswith("staff") else "amount"]
            centre = (x * SCALE - 0.7 * half * MM, y * SCALE)
            image = smudged(image, centre, (half * MM, SMUDGE_HEIGHT_MM * MM), rng)
    if cut is not None:
        top = int(image.shape[0] * 0.42)
        image = press_seal(image, cut, (image.shape[1] - cut.shape[1] / 2, top + cut.shape[0] / 2))
    return Sheet(image, tuple(pressed), number, page, paper.type == "cover")


def _place(page: PrintedPage, stamp: Stamp) -> tuple[float, float]:
    x, y = page.marks[stamp.mark]
    return x * SCALE + stamp.dx * MM, y * SCALE + stamp.dy * MM


def _pasted(page: Image, art: Image, at: tuple[float, float]) -> Image:
    """A flat picture of a seal laid over the print: pure colour, opaque, hard edged."""
    flat = art.copy()
    solid = flat[:, :, 3] > 90
    flat[solid] = (255, 0, 0, 255)
    flat[~solid] = 0
    out = page.copy()
    height, width = flat.shape[:2]
    x0, y0 = max(0, round(at[0] - width / 2)), max(0, round(at[1] - height / 2))
    region = out[y0 : y0 + height, x0 : x0 + width]
    part = flat[: region.shape[0], : region.shape[1]]
    region[part[:, :, 3] > 0] = part[part[:, :, 3] > 0][:, :3]
    return out


def inked_anew(art: Image, rng: np.random.Generator) -> Image:
    """The same stamp pressed another time: the shape stays, the ink lies elsewhere thicker or thinner."""
    size = (art.shape[1], art.shape[0])
    ink = art[:, :, 3].astype(np.float32)
    for bumps, depth, least in ((7, 0.3, 0.0), (24, 0.5, 0.55), (60, 0.6, 0.7)):
        grid = cv2.resize(rng.random((bumps, bumps), dtype=np.float32), size, interpolation=cv2.INTER_CUBIC)
        ink *= 1 - depth * np.clip((grid - least) / (1 - least), 0, 1)
    out = art.copy()
    out[:, :, 3] = np.clip(ink, 0, 255).astype(np.uint8)
    return out


def _smeared(art: Image, rng: np.random.Generator) -> Image:
    """Struck three times a little apart and wiped: the ring shows, the characters run together."""
    colour = np.median(art[art[:, :, 3] > INK_THRESHOLD][:, :3], axis=0)
    art = np.pad(art, ((round(3 * MM),) * 2, (round(3 * MM),) * 2, (0, 0)))
    height, width = art.shape[:2]
    ink = np.zeros((height, width), np.float32)
    for _ in range(3):
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-9, 9)), 1.0)
        turn[:, 2] += rng.uniform(-SMEAR_MM, SMEAR_MM, 2) * MM
        struck = cv2.warpAffine(art[:, :, 3].astype(np.float32), turn, (width, height))
        ink = np.maximum(ink, struck * float(rng.uniform(0.35, 0.6)))
    ink = cv2.GaussianBlur(ink, (0, 0), SMEAR_BLUR_MM * MM)
    out = art.copy()
    out[:, :, :3] = colour
    out[:, :, 3] = np.clip(ink, 0, 255).astype(np.uint8)
    return out


def _ink_box(art: Image, at: tuple[float, float]) -> tuple[float, float, float, float]:
    ys, xs = np.nonzero(art[:, :, 3] > INK_THRESHOLD)
    left, top = at[0] - art.shape[1] / 2, at[1] - art.shape[0] / 2
    if not len(xs):
        return (left, top, left + art.shape[1], top + art.shape[0])
    return (left + float(xs.min()), top + float(ys.min()), left + float(xs.max() + 1), top + float(ys.max() + 1))


def _riding_cuts(paper: Paper, pages: int) -> list[Image | None]:
    """骑缝章: the slice of each page, left to right; with ``riding_break`` one page in the middle lacks its slice."""
    if paper.riding is None or pages < 2:
        return []
    cuts: list[Image | None] = [*riding_cuts(paper.riding, pages)]
    if paper.riding_break:
        cuts[pages // 2] = None
    return cuts


def riding_cuts(spec: SealSpec, pages: int) -> list[Image]:
    """The slices of a seal that rides over the edges of that many pages, left to right."""
    art = draw_seal(replace(spec, rotation=0.0, wear=0.1), dpi=PRINT_DPI, seed=11)
    edges = np.linspace(0, art.shape[1], pages + 1).astype(int)
    return [np.ascontiguousarray(art[:, a:b]) for a, b in pairwise(edges)]


def signature(autograph: Autograph) -> Image:
    """A name as if written by pen, RGBA."""
    rng = np.random.default_rng([autograph.seed, 5])
    kai = [f for f in faces() if "Kai" in f.family or "文楷" in f.family] or list(faces())
    face = kai[int(rng.integers(len(kai)))]
    font = ImageFont.truetype(face.file, 120, index=face.index)
    canvas = Pillow.new("L", (150 * len(autograph.name) + 80, 240), 0)
    draw = ImageDraw.Draw(canvas)
    x = 30.0
    for sign in autograph.name:
        draw.text((x, 40 + rng.uniform(-14, 14)), sign, fill=255, font=font)
        x += 120 * rng.uniform(0.72, 0.95)
    ink = np.asarray(canvas, np.float32)
    shear = np.array([[1, -0.28, 50], [rng.uniform(-0.12, 0.02), 1, 12]], np.float32)
    ink = cv2.warpAffine(ink, shear, (ink.shape[1], ink.shape[0]))
    wobble = cv2.resize(
        rng.normal(0, 3.5, (8, 12)).astype(np.float32), (ink.shape[1], ink.shape[0]), interpolation=cv2.INTER_CUBIC
    )
    ys, xs = np.mgrid[0 : ink.shape[0], 0 : ink.shape[1]].astype(np.float32)
    ink = cv2.remap(ink, xs + wobble, ys + wobble, cv2.INTER_LINEAR)
    rows, columns = np.nonzero(ink > 60)
    ink = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    factor = SIGNATURE_HEIGHT_MM * MM / ink.shape[0]
    ink = cv2.resize(ink, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    art = np.zeros((*ink.shape, 4), np.uint8)
    art[:, :, :3] = ((24, 26, 40), (20, 34, 110))[int(rng.integers(2))]
    art[:, :, 3] = np.clip(ink * 0.95, 0, 255).astype(np.uint8)
    return art


# ------------------------------------------------------------------------------------------------- scanning and truth


@dataclass(frozen=True)
class Scanned:
    """One page as received, with its seals' boxes in fractions."""

    image: Image
    turn: int
    kind: str
    paper: int | None
    seals: tuple[tuple[Stamp, tuple[float, float, float, float]], ...]
    sheet: Sheet


def scan_sheets(sheets: Sequence[Sheet], scan: Scan, seed: int) -> Iterator[Scanned]:
    """Every sheet through the scanner; blank backs and disorder as ``scan`` says."""
    rng = np.random.default_rng([seed, 77])
    order = list(sheets)
    for _ in range(scan.blanks):
        order.insert(int(rng.integers(1, len(order) + 1)), _blank(rng))
    if scan.shuffled:
        order = [order[i] for i in rng.permutation(len(order))]
    blurred = int(rng.integers(len(order))) if scan.blurred_page else -1
    for position, sheet in enumerate(order):
        page_rng = np.random.default_rng([seed, 78, position])
        image = stained(sheet.image, page_rng) if page_rng.random() < scan.stains else sheet.image
        turn = int(page_rng.choice((90, 180, 180, 270))) if page_rng.random() < scan.turned else 0
        how = replace(scan, blur=9.0) if position == blurred else scan
        scanned, matrix = rescan(image, how, turn, page_rng)
        size = (scanned.shape[1], scanned.shape[0])
        seals = tuple((p.stamp, boxed(_rim(p), matrix, size)) for p in sheet.pressed)
        colour_left = scan.colour == "colour"
        seals = tuple((s if colour_left else s.worn(colour="grey"), b) for s, b in seals)
        kind = "cover" if sheet.cover else ("blank" if sheet.paper is None else "content")
        yield Scanned(scanned, turn, kind, sheet.paper, seals, sheet)


def _blank(rng: np.random.Generator) -> Sheet:
    """An empty back; some let the front shine through."""
    page = np.full((A4[1], A4[0], 3), 255, np.uint8)
    if rng.random() < 0.5:
        page[:] = 250
    return Sheet(page, (), None)


def _rim(pressed: Pressed) -> NDArray[np.float64]:
    """Points around the ink: an ellipse for ring seals, corners for square ones."""
    x0, y0, x1, y1 = pressed.box
    if pressed.stamp.spec.shape in ("round", "oval"):
        t = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        points = np.stack(
            [(x0 + x1) / 2 + (x1 - x0) / 2 * np.cos(t), (y0 + y1) / 2 + (y1 - y0) / 2 * np.sin(t)], axis=1
        )
        return np.asarray(points, np.float64)
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float64)


def write_envelope(
    target: Path, name: str, papers: Sequence[Paper], sheets: Sequence[Sheet], scan: Scan, prints: Prints, seed: int
) -> dict[str, Any]:
    """Writes ``target/NAME.pdf`` or a folder of pictures; gives the truth's envelope, pages and documents."""
    if scan.digital == "text":
        digital = replace(scan, skew=0.0, blanks=0, turned=0.0, shuffled=False, noise=0.0, blur=0.0, stains=0.0)
        scanned = [
            Scanned(
                s.image,
                0,
                "cover" if s.cover else "content",
                s.paper,
                tuple((p.stamp, boxed(_rim(p), np.eye(3), (s.image.shape[1], s.image.shape[0]))) for p in s.pressed),
                s,
            )
            for s in sheets
        ]
        file = _write_digital(target / f"{name}.pdf", scanned, prints)
        return {"envelope": file, **_truth(papers, scanned, digital)}
    scanned = list(scan_sheets(sheets, scan, seed))
    if scan.container == "pdf":
        file = _write_pdf(target / f"{name}.pdf", scanned, scan, seed)
    elif scan.container == "tiff-file":
        file = _write_tiff(target / f"{name}.tif", scanned, scan)
    else:
        file = _write_folder(target / name, scanned, scan)
    return {"envelope": file, **_truth(papers, scanned, scan)}


def _truth(papers: Sequence[Paper], scanned: Sequence[Scanned], scan: Scan) -> dict[str, Any]:
    ruined = len(scanned) - 1 if scan.ruined else -1
    pages = []
    for i, page in enumerate(scanned):
        kind = "unreadable" if i == ruined else page.kind
        document_type = papers[page.paper].type if page.paper is not None and kind == "content" else None
        pages.append({"page": i + 1, "document_type": document_type, "kind": kind, "rotation": page.turn})
    documents = []
    for number, paper in enumerate(papers):
        own = [i for i, p in enumerate(scanned) if p.paper == number and i != ruined and not p.sheet.cover]
        if not own:
            continue
        seals = [_seal(i + 1, stamp, box) for i in own for stamp, box in scanned[i].seals]
        told = {"type": paper.type, "pages": [i + 1 for i in own], "fields": dict(paper.fields), "seals": seals}
        documents.append({**told, "statements": list(paper.statements)} if paper.statements else told)
    return {"pages": pages, "documents": documents}


def _seal(page: int, stamp: Stamp, box: tuple[float, float, float, float]) -> dict[str, Any]:
    spec: SealSpec = stamp.spec
    # All that is written but the code, as a seal is named in writing: 某某公司合同专用章.
    kind = spec.centre_text if spec.centre_text.endswith("专用章") else ""
    text = "" if stamp.smeared else stamp.text or spec.name.replace("\n", "") + kind
    colour = {"pink": "red"}.get(spec.colour, spec.colour)
    return {
        "page": page,
        "box": list(box),
        "text": text,
        "role": stamp.role,
        "shape": spec.shape,
        "colour": colour,
        "kind": stamp.kind,
    }


# ------------------------------------------------------------------------------------------------- files


def _encoded(image: Image, scan: Scan, kind: str) -> bytes:
    buffer = io.BytesIO()
    picture = Pillow.fromarray(image)
    if scan.colour != "colour":
        picture = picture.convert("L")
    if scan.colour == "bilevel":
        picture = picture.convert("1", dither=Pillow.Dither.NONE)
        kind = "TIFF" if kind == "TIFF" else "PNG"
    if kind == "JPEG":
        picture.save(buffer, "JPEG", quality=scan.quality, optimize=True, dpi=(scan.dpi, scan.dpi))
    elif kind == "TIFF":
        compression = "group4" if scan.colour == "bilevel" else "jpeg"
        picture.save(buffer, "TIFF", compression=compression, dpi=(scan.dpi, scan.dpi))
    else:
        picture.save(buffer, "PNG", dpi=(scan.dpi, scan.dpi))
    return buffer.getvalue()


def _write_pdf(file: Path, scanned: Sequence[Scanned], scan: Scan, seed: int) -> str:
    document: Any = pymupdf.open()
    for position, page in enumerate(scanned):
        dpi = PRINT_DPI if scan.photo else scan.dpi
        width, height = page.image.shape[1] * POINTS_PER_INCH / dpi, page.image.shape[0] * POINTS_PER_INCH / dpi
        sheet = document.new_page(width=width, height=height)
        sheet.insert_image(sheet.rect, stream=_encoded(page.image, scan, "JPEG"))
        if scan.digital == "junk" and page.kind == "content":
            _add_junk(sheet, np.random.default_rng([seed, 99, position]))
    _save_pdf(document, file)
    return file.name


def _add_junk(sheet: Any, rng: np.random.Generator) -> None:
    """A text layer as a bad scanner program leaves it: invisible, and wrong."""
    signs = list("lI1|!;:'`~^x7Q#8&%$@?<>{}[]=+*")
    for y in range(60, int(sheet.rect.height) - 60, 22):
        text = "".join(rng.choice(signs, int(rng.integers(8, 46))))
        sheet.insert_text((60 + float(rng.uniform(0, 60)), y), text, fontsize=10, render_mode=3)


def _write_digital(file: Path, scanned: Sequence[Scanned], prints: Prints) -> str:
    """The print itself with its text layer, seals and signatures inserted as pictures."""
    document: Any = pymupdf.open()
    for page in scanned:
        assert page.sheet.source is not None
        document.insert_pdf(
            prints.document,
            from_page=page.sheet.source.index,
            to_page=page.sheet.source.index,
            links=False,
            annots=False,
        )
        sheet = document[-1]
        layer = _ink_layer(page.sheet, prints)
        if layer is not None:
            sheet.insert_image(sheet.rect, stream=layer, overlay=True)
    _save_pdf(document, file)
    return file.name


def _ink_layer(sheet: Sheet, prints: Prints) -> bytes | None:
    """Everything that was pressed or written on the print, as a transparent PNG."""
    assert sheet.source is not None
    plain = prints.image(sheet.source.index, PRINT_DPI)
    changed = np.abs(plain.astype(np.int16) - sheet.image).max(axis=2) > 6
    if not changed.any():
        return None
    layer = np.dstack([sheet.image, np.where(changed, 255, 0).astype(np.uint8)])
    buffer = io.BytesIO()
    Pillow.fromarray(layer).save(buffer, "PNG", optimize=False)
    return buffer.getvalue()


def _save_pdf(document: Any, file: Path) -> None:
    """Saved without dates and random ids, so that the same seed gives the same bytes."""
    document.set_metadata({})
    document.save(file, garbage=3, deflate=True, no_new_id=True)
    document.close()


def _write_tiff(file: Path, scanned: Sequence[Scanned], scan: Scan) -> str:
    pages = [Pillow.open(io.BytesIO(_encoded(p.image, scan, "TIFF"))) for p in scanned]
    compression = "group4" if scan.colour == "bilevel" else "jpeg"
    pages[0].save(
        file, "TIFF", save_all=True, append_images=pages[1:], compression=compression, dpi=(scan.dpi, scan.dpi)
    )
    return file.name


def _write_folder(folder: Path, scanned: Sequence[Scanned], scan: Scan) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    kind = {"jpg": "JPEG", "png": "PNG", "tif": "TIFF"}[scan.container]
    for i, page in enumerate(scanned):
        data = _encoded(page.image, scan, kind)
        if scan.ruined and i == len(scanned) - 1:
            data = data[: len(data) // 40]
        (folder / f"{i + 1}.{scan.container}").write_bytes(data)
    return folder.name
