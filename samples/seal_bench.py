"""The benchmark of seals: found, false, read, and how long it takes, on drawn pages and on labelled real scans.

``python -m samples.seal_bench [--pages 150] [--seed 90000] [--real LABELS.jsonl[:FOLDER] ...] [--doc FILE]``. Drawn
pages are :func:`samples.seal_pages.draw_page` of seeds that no training uses. Peers look at the same pages in the same
run: a red mask with closing and roundness, OpenCV's Hough circles, a plain polar unwrap of the true boxes before
PP-OCRv6's recogniser, and ``RapidOCR()`` on the whole page. Of real scans no name is printed, only file and number.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pipeline.assembling import seal_of
from pipeline.loose import seals_of
from pipeline.model import Document, DocumentType
from pipeline.reading.openvino import shared_engine
from pipeline.report.json_report import whole_text
from pipeline.seals.find import find_seals
from pipeline.seals.ornaments import is_ornament
from pipeline.seals.owner import ExpectedNames, attribute
from pipeline.seals.read import read_seals
from pipeline.seals.reader import seal_readers
from pipeline.settings import Settings
from samples.bench import processor, replace, say
from samples.seal_pages import SealPage, TrueSeal, draw_page
from samples.seal_peers import circles, polar_strip, red_blobs
from samples.seal_truth import matched, overlap, same_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pipeline.model import SealReading

    Image = NDArray[np.uint8]
    Box = tuple[float, float, float, float]

BEGIN, END = "<!-- seals: begin -->", "<!-- seals: end -->"
PAGES, SEED = 150, 90_000  # seeds that samples.train_seals never draws
PEER_PAGES = 12  # RapidOCR() takes seconds a page
WORN, FAINT = 0.25, 0.3  # of a drawn seal from which it counts as such
UNCOUNTED = ("pre-printed", "riding slice")  # labels that are neither missed nor false
CROSSED = 0.02  # of its box shared with another seal's (IoU)


@dataclass(frozen=True, slots=True)
class Row:
    """One true seal: the classes it is of, whether it was found and how it was read; None: not read at all."""

    classes: tuple[str, ...]
    found: bool
    free: bool | None = None
    named: bool | None = None


@dataclass(slots=True)
class Tally:
    """What one set of pages gave."""

    rows: list[Row] = field(default_factory=list)
    false: int = 0
    pages: int = 0
    finding: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # seconds a page, by kind
    reading: list[float] = field(default_factory=list)  # seconds a seal
    misses: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--real", action="append", default=[], metavar="LABELS[:FOLDER]")
    parser.add_argument("--doc", type=Path, help="file whose part between the marks is replaced")
    asked = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    say(f"{asked.pages} drawn pages from seed {asked.seed}")
    pages = [draw_page(seed) for seed in range(asked.seed, asked.seed + asked.pages)]
    lines = [
        f"{date_and_machine()}; `python -m samples.seal_bench --pages {asked.pages} --seed {asked.seed}`.",
        "",
        *drawn_table(drawn(pages)),
        "",
        *peers(pages),
    ]
    if asked.real:
        lines += ["", *real_table(real([_source(text) for text in asked.real]))]
    if asked.doc:
        replace(asked.doc, "\n".join(lines), BEGIN, END)
    print("\n".join(lines))
    return 0


def date_and_machine() -> str:
    """Today, the cores and the processor."""
    return f"{time.strftime('%Y-%m-%d')}, one of {os.cpu_count()} cores ({processor()})"


def _source(text: str) -> tuple[Path, Path]:
    labels, _, folder = text.partition(":")
    return Path(labels), Path(folder) if folder else Path(labels).parent


# -------------------------------------------------------------------------------------------------------- drawn pages


def drawn(pages: Sequence[SealPage]) -> Tally:
    """Find and read the seals of drawn pages, without and with the names on them."""
    tally = Tally(pages=len(pages))
    readers = seal_readers()
    find_seals(pages[0].image, dpi=pages[0].dpi)  # models load outside the clock
    for page in pages:
        started = time.perf_counter()
        found = find_seals(page.image, dpi=page.dpi)
        tally.finding["grey page" if _grey(page.image) else "colour page"].append(time.perf_counter() - started)
        started = time.perf_counter()
        readings = read_seals(page.image, found, readers, page=1)
        tally.reading += [(time.perf_counter() - started) / max(1, len(found))] * len(found)
        kept = [reading for reading in readings if not is_ornament(reading)]
        _held(page, kept, tally)
    return tally


def _held(page: SealPage, readings: Sequence[SealReading], tally: Tally) -> None:
    height, width = page.image.shape[:2]
    boxes = [_pixels(r.box, width, height) for r in readings]
    match = matched([s.box for s in page.seals], boxes)
    tally.false += len(match.false)
    free = _texts(readings, ExpectedNames())
    named = _texts(readings, ExpectedNames(applicant=tuple(_likely(page.seals))))
    pairs = dict(match.pairs)
    for i, seal in enumerate(page.seals):
        classes = tuple(classes_of(seal, page))
        if i not in pairs:
            tally.rows.append(Row(classes, found=False))
            continue
        wanted = _wanted(seal)
        right = [any(same_text(texts[pairs[i]], w) for w in wanted) for texts in (free, named)]
        tally.rows.append(Row(classes, True, *right))


def _texts(readings: Sequence[SealReading], names: ExpectedNames) -> list[str]:
    loose = Document(type=DocumentType.OTHER, pages=(1,), confidence=0.0)
    loose = loose.model_copy(update={"seals": tuple(seal_of(r) for r in readings)})
    return [whole_text(seal) for seal in attribute(loose, expected=names).seals]


def _wanted(seal: TrueSeal) -> tuple[str, ...]:
    """What its text may be: rows in their order, what stands straight under the star after the name."""
    name = seal.spec.name.replace("\n", "")
    return (name + seal.spec.centre_text.replace("\n", ""),)


def _likely(seals: Iterable[TrueSeal]) -> Iterator[str]:
    """The names on the page, and of each one that differs in a character: the nearest wrong answer."""
    for seal in seals:
        name = seal.spec.name.replace("\n", "")
        yield name
        if len(name) > 4:
            middle = len(name) // 2
            yield name[:middle] + ("元" if name[middle] != "元" else "亨") + name[middle + 1 :]


def classes_of(seal: TrueSeal, page: SealPage) -> Iterator[str]:
    """The groups that a drawn seal is counted in: colour, shape, what lies over it, resolution, wear."""
    yield f"colour: {seal.colour}"
    yield f"shape: {seal.shape}"
    others = [s for s in page.seals if s is not seal]
    height, width = page.image.shape[:2]
    x0, y0, x1, y1 = seal.box
    cut = x0 <= 1 or y0 <= 1 or x1 >= width - 1 or y1 >= height - 1
    crossed = any(overlap(seal.box, s.box) > CROSSED for s in others)
    yield "overlap: " + ("cut by the edge" if cut else "crosses another seal" if crossed else "print only")
    yield f"dpi: {'100-130' if page.dpi < 150 else '150-200' if page.dpi <= 200 else '300'}"
    worn, faint = seal.spec.wear > WORN, seal.spec.faint > FAINT
    yield "wear: " + ("faint" if faint else "worn" if worn else "fresh")


def _grey(image: Image) -> bool:
    blue, green, red = cv2.split(image[::4, ::4])
    return float(np.mean(cv2.max(cv2.max(blue, green), red) - cv2.min(cv2.min(blue, green), red))) < 3


def _pixels(box: Iterable[float], width: float, height: float) -> Box:
    x0, y0, x1, y1 = box
    return x0 * width, y0 * height, x1 * width, y1 * height


def drawn_table(tally: Tally) -> list[str]:
    """Figures of the drawn pages as lines of Markdown."""
    groups: dict[str, list[Row]] = {"all": tally.rows}
    for row in tally.rows:
        for name in row.classes:
            groups.setdefault(name, []).append(row)
    lines = ["| drawn seals | seals | found | text exact, free | text exact, with the record's names |"]
    lines += ["|---|---:|---:|---:|---:|"]
    for name in ("all", *sorted(n for n in groups if n != "all")):
        rows = groups[name]
        got = [r for r in rows if r.found]
        cells = (
            str(len(rows)),
            _share(len(got), len(rows)),
            _share(sum(bool(r.free) for r in got), len(got)),
            _share(sum(bool(r.named) for r in got), len(got)),
        )
        lines.append(f"| {name} | {' | '.join(cells)} |")
    found = sum(r.found for r in tally.rows)
    lines += ["", f"False seals: {tally.false} on {tally.pages} pages; precision {_share(found, found + tally.false)}."]
    for kind, seconds in sorted(tally.finding.items()):
        lines.append(f"Finding, {kind}: {_spread(seconds)}.")
    lines.append(f"Reading, a seal: {_spread(tally.reading)}.")
    return lines


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def _spread(seconds: Sequence[float]) -> str:
    if not seconds:
        return "nothing measured"
    median, high = np.percentile(seconds, (50, 95)) * 1000
    return f"median {median:.0f} ms, 95th percentile {high:.0f} ms ({len(seconds)})"


# -------------------------------------------------------------------------------------------------------------- peers


def peers(pages: Sequence[SealPage]) -> list[str]:
    """What other ways find and read on the same pages, as lines of Markdown."""
    lines = ["| other ways, same pages | found | false | ms a page |", "|---|---:|---:|---:|"]
    finders: tuple[tuple[str, Callable[[Image], list[Box]]], ...] = (
        ("red mask, closing, roundness", red_blobs),
        ("Hough circles (OpenCV)", circles),
    )
    for name, find in finders:
        started = time.perf_counter()
        matches = [matched([s.box for s in p.seals], find(p.image)) for p in pages]
        spent = (time.perf_counter() - started) / len(pages) * 1000
        pairs, all_ = sum(len(m.pairs) for m in matches), sum(len(p.seals) for p in pages)
        lines.append(f"| {name} | {_share(pairs, all_)} | {sum(len(m.false) for m in matches)} | {spent:.0f} |")
    return [*lines, "", *_other_readers(pages)]


def _other_readers(pages: Sequence[SealPage]) -> list[str]:
    from rapidocr import RapidOCR

    engine = shared_engine(threads=1)
    rings = [(p, s) for p in pages for s in p.seals if s.shape in ("round", "oval")]
    read = engine.recognise([polar_strip(p.image, s.box) for p, s in rings])
    plain = sum(_bare_name(s) in r.text for (_, s), r in zip(rings, read, strict=True))
    rapid: Any = RapidOCR()
    some = pages[:: max(1, len(pages) // PEER_PAGES)][:PEER_PAGES]
    rapid(some[0].image)
    started = time.perf_counter()
    texts = ["".join(rapid(p.image).txts or ()) for p in some]
    spent = (time.perf_counter() - started) / len(some)
    mine = [_seconds(p.image, p.dpi) for p in some]
    names = [(s, text) for p, text in zip(some, texts, strict=True) for s in p.seals]
    held = sum(_bare_name(s) in text for s, text in names)
    return [
        f"A plain polar unwrap of the true boxes before PP-OCRv6's recogniser holds the whole name of "
        f"{_share(plain, len(rings))} of {len(rings)} round and oval seals.",
        f"`RapidOCR()` on whole pages ({len(some)}): {spent * 1000:.0f} ms a page; its text holds the name of "
        f"{held} of {len(names)} seals. Finding and reading seals on the same pages took us "
        f"{np.mean(mine) * 1000:.0f} ms a page, {np.mean(mine) / spent:.2f} of that.",
    ]


def _seconds(image: Image, dpi: int) -> float:
    started = time.perf_counter()
    read_seals(image, find_seals(image, dpi=dpi), seal_readers(), page=1)
    return time.perf_counter() - started


def _bare_name(seal: TrueSeal) -> str:
    return seal.spec.name.replace("\n", "")


# --------------------------------------------------------------------------------------------------------- real scans


def real(sources: Sequence[tuple[Path, Path]]) -> Tally:
    """Find and read the seals of labelled real scans as ``yanzhang seals`` does; pre-printed marks count neither way.

    A label is a line of JSON: ``file``, ``seals`` with ``text``, ``colour``, ``shape``, ``bbox`` (px), ``kind``,
    ``conf`` and ``page``. Files that are absent are passed over.
    """
    tally = Tally()
    for labels, folder in sources:
        for line in labels.read_text(encoding="utf-8").splitlines():
            label = json.loads(line)
            path = folder / label["file"]
            if not path.is_file():
                say(f"{path.name} is not there: passed over")
                continue
            tally.pages += 1
            _real_file(path, label["seals"], tally)
    return tally


def _real_file(path: Path, seals: Sequence[dict[str, Any]], tally: Tally) -> None:
    pages = {shape["page"]: shape for shape, _ in seals_of(path, Settings()) if shape}
    for number in sorted({*pages, *(s.get("page") or 1 for s in seals)}):
        page = pages.get(number, {"width": 1, "height": 1, "seals": ()})
        size = float(page["width"]), float(page["height"])
        true = [s for s in seals if (s.get("page") or 1) == number]
        boxes = [tuple(s["bbox"] or (0.0, 0.0, *size)) for s in true]  # none: the picture is a seal cut out
        found = [_pixels(s["box"], *size) for s in page["seals"]]
        match = matched(boxes, found)
        tally.false += len(match.false)
        tally.misses += [f"{path.name}: a false seal" for _ in match.false]
        pairs = dict(match.pairs)
        for i, seal in enumerate(true):
            if seal["kind"] not in UNCOUNTED:
                text = page["seals"][pairs[i]]["text"] if i in pairs else None
                tally.rows.append(_real_row(path, i, seal, text, tally))


def _real_row(path: Path, number: int, seal: dict[str, Any], text: str | None, tally: Tally) -> Row:
    grey = "grey" in seal["colour"] or seal["colour"] == "black"
    classes = (
        f"colour: {'grey or black' if grey else 'coloured'}",
        f"shape: {seal['shape'].split()[0]}",
        f"label: {seal['conf']}",
    )
    right = bool(seal["text"]) and text is not None and same_text(text, seal["text"])
    if text is None:
        tally.misses.append(f"{path.name}, seal {number + 1} ({seal['colour']} {seal['shape']}): not found")
    elif not right and seal["conf"] == "high":
        tally.misses.append(f"{path.name}, seal {number + 1} ({seal['colour']} {seal['shape']}): read otherwise")
    return Row(classes, found=text is not None, free=right)


def real_table(tally: Tally) -> list[str]:
    """Figures of the real scans as lines of Markdown, each miss a line."""
    groups: dict[str, list[Row]] = {"all": tally.rows}
    for row in tally.rows:
        for name in row.classes:
            groups.setdefault(name, []).append(row)
    lines = [f"| real scans ({tally.pages} files) | seals | found | text exact, of all |", "|---|---:|---:|---:|"]
    for name in ("all", *sorted(n for n in groups if n != "all")):
        rows = groups[name]
        lines.append(
            f"| {name} | {len(rows)} | {_share(sum(r.found for r in rows), len(rows))} "
            f"| {_share(sum(bool(r.free) for r in rows), len(rows))} |"
        )
    return [*lines, "", f"False seals: {tally.false}.", "", *(f"- {miss}" for miss in tally.misses)]


if __name__ == "__main__":
    sys.exit(main())
