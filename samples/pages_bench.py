"""What each single damage costs, without the remedies and with them: ``python -m samples.pages_bench``.

A few clean pages (a form, an opinion with its seals, statements, certificates) are printed once; every damage of
:mod:`samples.wear` is then done to all of them alone, in strengths, and they are read as ``yanzhang extract`` reads.
*Before* is with all that mends pages as they come (turn, sheet, light, bend, halves …) switched off.

* **characters**: share of the printed lines' characters that are read (best match of each line anywhere on its page);
* **fields**: share of the values read from the clean pages that are still read the same;
* **silent**: values that are wrong at a confidence of 0.9 or more;
* **seals**: share of the seals whose place is found;
* **boxes**: share of the right values whose box, carried back to the printed page, lies where the clean page's does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import cv2
import numpy as np
from PIL import Image as Pillow

from pipeline.assembling import documents_of
from pipeline.intake.turn import Turn
from pipeline.intake.upright import to_scan_box
from pipeline.model import Box, Document
from pipeline.programmes import load
from pipeline.seeing import Seen, see_file
from pipeline.settings import ReadingSettings, Settings
from samples.cases import clean_case, papers_of
from samples.envelope import Sheet, sheets_of
from samples.press import Prints, print_papers
from samples.wear import (
    Worn,
    blurred,
    faxed,
    folded,
    photographed,
    pressed_jpeg,
    punched,
    rolled,
    shadowed,
    shining_through,
    side_by_side,
    spilled,
    turned_page,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Field = NDArray[np.float64]

SEED = 3  # a ruled form of four columns
PROGRAMME = "cciip-2023"
PAPERS = 3  # of the envelope: form, audit report, one certificate
PARTS = ("part-opinion", "part-income_statement")
LEAST_CHARS = 4  # of a printed line that is looked for: shorter ones are found anywhere
SPREAD = "two pages on A3"
NEAR = 0.01  # of the page: a box this near is right
SILENT = 0.9

Wear = Callable[["Image", "np.random.Generator"], Worn]


@dataclass(frozen=True, slots=True)
class Printed:
    """A clean page: its picture, its lines of text, the boxes of its seals in fractions."""

    image: Image
    lines: tuple[str, ...]
    seals: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A field as read, with its place on the printed page."""

    value: Any
    confidence: float
    page: int
    at: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was read of all pages under one damage."""

    characters: float
    seals: float
    values: dict[tuple[str, str], Value]
    seconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="damages whose name holds one of these (comma between)")
    parser.add_argument("--after-only", action="store_true", help="leave out the runs without remedies")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--second", action="store_true", help="with second readings by tesseract (slower)")
    parser.add_argument("--misses", action="store_true", help="name values that differ, on stderr")
    asked = parser.parse_args(arguments)
    settings = Settings(reading=ReadingSettings(second_reading=asked.second))
    cv2.setNumThreads(1)
    pages = printed_pages(asked.seed)
    clean = outcome(pages, [Worn(p.image, lambda spots: spots) for p in pages], settings)
    print(f"{len(pages)} clean pages: characters {clean.characters:.1%}, seals {clean.seals:.0%}, "
          f"{len(clean.values)} values, {clean.seconds / len(pages):.2f} s a page\n")  # fmt: skip
    print(
        "| damage | characters before | after | fields before | after | silent "
        "| seals before | after | boxes | s a page |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    wanted = asked.only.split(",")
    sheets, lying = paired(pages, settings) if any(part in SPREAD for part in wanted) else ([], clean)
    for name, worn in chain(damages(pages), spreads(sheets)):
        if not any(part in name for part in wanted):
            continue
        if name.startswith(SPREAD):
            pages, clean = sheets, lying
        after = outcome(pages, worn, settings)
        if asked.misses:
            _name_misses(name, clean, after)
        before = None
        if not asked.after_only:
            with without_remedies():
                before = outcome(pages, worn, settings)
        print(_row(name, clean, before, after, len(pages)), flush=True)
    return 0


def without_remedies() -> ExitStack:
    """All that mends a page as it comes, switched off."""
    stack = ExitStack()
    for target, instead in (
        ("pipeline.intake.look.find_sheet", lambda *_: None),
        ("pipeline.intake.look.is_shaded", lambda *_: False),
        ("pipeline.intake.look.find_turn", lambda *_: Turn()),
        ("pipeline.intake.logical.gutter_of", lambda *_: None),
        ("pipeline.intake.logical.find_through", lambda *_: None),
        ("pipeline.intake.logical.find_bend", lambda *_: None),
        ("pipeline.intake.picture._square_size", lambda picture: picture.size),
    ):
        stack.enter_context(patch(target, instead))
    return stack


# ---------------------------------------------------------------------------------------------------- clean pages


def printed_pages(seed: int) -> list[Printed]:
    """One page or two of each kind, sealed."""
    case = clean_case("supplier", 1, seed)
    papers = papers_of(case)[:PAPERS]
    prints = print_papers(papers)
    sheets = sheets_of(papers, prints.pages, prints, case.seed)
    pages = [_printed(s, prints) for i, s in enumerate(sheets) if _is_kept(s, sheets[i - 1] if i else None)]
    prints.close()
    return pages


def _is_kept(sheet: Sheet, before: Sheet | None) -> bool:
    """Of an audit report its opinion to the page that is signed, and the first page of two statements."""
    marks = set(sheet.source.marks) if sheet.source else set()
    if sheet.paper != 1:
        return True
    ahead = set(before.source.marks) if before and before.source else set()
    starts = [part for part in PARTS if part in marks and part not in ahead]
    return bool(starts) or any(mark.startswith("seal-cpa") for mark in marks)


def _printed(sheet: Sheet, prints: Prints) -> Printed:
    assert sheet.source is not None
    height, width = sheet.image.shape[:2]
    spans = [
        "".join(span["text"] for span in line["spans"])
        for block in prints.document[sheet.source.index].get_text("dict")["blocks"]
        for line in block.get("lines", [])
    ]
    lines = tuple(text for text in map(plain, spans) if len(text) >= LEAST_CHARS)
    seals = tuple(Box(p.box[0] / width, p.box[1] / height, p.box[2] / width, p.box[3] / height) for p in sheet.pressed)
    return Printed(sheet.image, lines, seals)


def plain(text: str) -> str:
    """Without spaces, width and the shapes of dashes."""
    folded_ = unicodedata.normalize("NFKC", text).replace("—", "-").replace("–", "-").replace("·", "")
    return "".join(c for c in folded_ if not c.isspace() and unicodedata.category(c) != "Cf")


# -------------------------------------------------------------------------------------------------------- damages


def damages(pages: Sequence[Printed]) -> Iterator[tuple[str, list[Worn]]]:
    """Every damage in its strengths, done to all pages."""
    backs = [pages[(i + 1) % len(pages)].image for i in range(len(pages))]
    for name, wear in _wears().items():
        rng = np.random.default_rng(5)
        yield name, [wear(p.image, rng) for p in pages]
    for share in (0.15, 0.35):
        worn = [shining_through(p.image, back, share) for p, back in zip(pages, backs, strict=True)]
        yield f"show-through {share:.0%}", worn


def paired(pages: Sequence[Printed], settings: Settings) -> tuple[list[Printed], Outcome]:
    """Pages that stand, two on a sheet of A3; and what these pages hold when clean, where it lies on the sheets."""
    standing = [p for p in pages if p.image.shape[0] > p.image.shape[1]]
    standing = standing[: len(standing) // 2 * 2]
    sheets = []
    for left, right in zip(standing[::2], standing[1::2], strict=True):
        seals = [Box(s.x0 / 2 + x, s.y0, s.x1 / 2 + x, s.y1) for p, x in ((left, 0.0), (right, 0.5)) for s in p.seals]
        image = side_by_side(left.image, right.image).image
        sheets.append(Printed(image, (*left.lines, *right.lines), tuple(seals)))
    clean = outcome(standing, [Worn(p.image, lambda spots: spots) for p in standing], settings)
    values = {
        key: replace(v, page=(v.page + 1) // 2, at=(v.at[0] / 2 + (v.page + 1) % 2 / 2, v.at[1]))
        for key, v in clean.values.items()
    }
    return sheets, replace(clean, values=values)


def spreads(sheets: Sequence[Printed]) -> Iterator[tuple[str, list[Worn]]]:
    """Two pages on one sheet, copied and photographed."""
    yield f"{SPREAD}, copied", [Worn(s.image, lambda spots: spots) for s in sheets]
    yield f"{SPREAD}, photographed at 10°", [photographed(s.image, 10, sideways=4) for s in sheets]


def _wears() -> dict[str, Wear]:
    wears: dict[str, Wear] = {}
    for turn in (90, 180):
        wears[f"turned {turn}°"] = _plain(turned_page, degrees=turn)
    for skew in (3, -8):
        wears[f"skewed {skew}°"] = _plain(turned_page, degrees=skew)
    for tilt in (10, 20, 30):
        wears[f"perspective {tilt}°"] = _plain(photographed, degrees=tilt, sideways=tilt / 2)
    for lift in (10, 20):
        wears[f"rolled {lift} mm"] = _plain(rolled, lift_mm=lift)
    for lift in (10, 18):
        wears[f"curled at the spine {lift} mm"] = _plain(rolled, lift_mm=lift, spine=True)
    for kink in (10, 25):
        wears[f"folded across {kink}°"] = _plain(folded, kink=kink, across=True)
        wears[f"folded down {kink}°"] = _plain(folded, kink=kink, across=False)
    wears["folded twice 16°"] = _plain(folded, kink=16, across=True, creases=2)
    for depth in (0.5, 0.7):
        wears[f"slope of light {depth:.0%}"] = _plain(shadowed, depth=depth, hand=False)
        wears[f"shadow of a hand {depth:.0%}"] = _plain(shadowed, depth=depth, hand=True)
    for depth in (0.35, 0.6):
        wears[f"coffee {depth:.0%}"] = _drawn(spilled, depth=depth)
    wears["punched and stapled"] = _drawn(punched)
    wears["corner torn off, black lid"] = _drawn(punched, torn=True)
    for across, down in ((204, 196), (150, 150), (204, 98)):
        wears[f"fax {across} × {down}"] = _drawn(faxed, across=across, down=down)
    for quality in (12, 6):
        wears[f"JPEG {quality}"] = _plain(pressed_jpeg, quality=quality)
    for sigma in (1.5, 2.5):
        wears[f"blurred {sigma} px"] = _plain(blurred, sigma=sigma)
    return wears


def _plain(damage: Callable[..., Worn], **how: Any) -> Wear:
    """A damage that leaves nothing to chance."""
    return lambda page, _: damage(page, **how)


def _drawn(damage: Callable[..., Worn], **how: Any) -> Wear:
    return lambda page, rng: damage(page, rng=rng, **how)


# -------------------------------------------------------------------------------------------------------- reading


def outcome(pages: Sequence[Printed], worn: Sequence[Worn], settings: Settings) -> Outcome:
    """All pages under one damage, read as one loose file each and extracted together."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="yanzhang-pages-") as folder:
        seen: list[Seen] = []
        for number, page in enumerate(worn, start=1):
            path = Path(folder) / f"{number:02d}.tif"
            told: dict[str, Any] = {"dpi": page.dpi} if page.dpi else {}
            Pillow.fromarray(page.image).save(path, **told)
            seen.extend(see_file(path, "", path.name, number, settings, []))
        documents = documents_of(seen, settings, load(PROGRAMME))
    seconds = time.perf_counter() - started
    read = [[s for s in seen if s.read.page.number == number] for number in range(1, len(pages) + 1)]
    missed = sum(_missed(p, parts) for p, parts in zip(pages, read, strict=True))
    every = sum(len(line) for p in pages for line in p.lines)
    found = sum(_found_seals(p, parts, w) for p, parts, w in zip(pages, read, worn, strict=True))
    values = dict(_values(documents, worn))
    return Outcome(1 - missed / every, found / max(1, sum(len(p.seals) for p in pages)), values, seconds)


def _values(documents: Sequence[Document], worn: Sequence[Worn]) -> Iterator[tuple[tuple[str, str], Value]]:
    for document in documents:
        for field in document.fields:
            # Under a slant the middle of a long box is not where its middle was printed: its ends are held against.
            ends = np.array([[field.box.x0, field.box.cy], [field.box.x1, field.box.cy]])
            spot = worn[field.page - 1].printed_at(ends).mean(axis=0)
            at = (float(spot[0]), float(spot[1]))
            value = (
                plain(field.value).replace("〔", "(").replace("〕", ")")
                if isinstance(field.value, str)
                else field.value
            )
            yield (document.type.value, field.name), Value(value, field.confidence, field.page, at)


def _found_seals(page: Printed, parts: Sequence[Seen], worn: Worn) -> int:
    boxes = [to_scan_box(seen.read.page, s.box, round=True) for seen in parts for s in seen.read.seals]
    centres = np.array([(b.cx, b.cy) for b in boxes], np.float64).reshape(-1, 2)
    spots = worn.printed_at(centres).tolist() if boxes else []
    return sum(
        any(abs(x - b.cx) < 0.25 * b.width and abs(y - b.cy) < 0.25 * b.height for x, y in spots) for b in page.seals
    )


def _missed(page: Printed, parts: Sequence[Seen]) -> int:
    text = plain("".join(line.text for seen in parts for line in seen.read.lines))
    codes = np.array([ord(c) for c in text], np.int64)
    return sum(_distance(line, codes) for line in page.lines)


def _distance(line: str, text: NDArray[np.int64]) -> int:
    """Fewest edits that turn some stretch of the text into the line."""
    row = np.zeros(len(text) + 1, np.int64)
    steps = np.arange(len(text) + 1)
    for count, sign in enumerate(line, start=1):
        best = np.minimum(row[1:] + 1, row[:-1] + (text != ord(sign)))
        grown = np.concatenate([[count], best])
        row = np.minimum.accumulate(grown - steps) + steps
    return min(len(line), int(row.min()))


# ------------------------------------------------------------------------------------------------------ the table


def _row(name: str, clean: Outcome, before: Outcome | None, after: Outcome, pages: int) -> str:
    cells = [name]
    cells += [f"{before.characters:.1%}" if before else "", f"{after.characters:.1%}"]
    cells += [
        f"{_right(clean, before):.1%}" if before else "",
        f"{_right(clean, after):.1%}",
        str(_silent(clean, after)),
    ]
    cells += [f"{before.seals:.0%}" if before else "", f"{after.seals:.0%}"]
    cells += [f"{_placed(clean, after):.0%}", f"{after.seconds / pages:.2f}"]
    return f"| {' | '.join(cells)} |"


def _name_misses(damage: str, clean: Outcome, other: Outcome) -> None:
    for key in sorted({*clean.values, *other.values}):
        was, now = clean.values.get(key), other.values.get(key)
        same = was is not None and now is not None and was.value == now.value
        if same and was is not None and now is not None and _apart(was, now) >= NEAR:
            print(f"{damage}: {key} lies {_apart(was, now):.3f} off", file=sys.stderr)
        if not same:
            told = f"{now.value!r} ({now.confidence:.2f})" if now else "nothing"
            print(f"{damage}: {key} {was.value if was else None!r} -> {told}", file=sys.stderr)


def _apart(one: Value, other: Value) -> float:
    return max(abs(a - b) for a, b in zip(one.at, other.at, strict=True)) if one.page == other.page else 1.0


def _right(clean: Outcome, other: Outcome) -> float:
    return len(_same(clean, other)) / max(1, len(clean.values))


def _same(clean: Outcome, other: Outcome) -> list[tuple[str, str]]:
    return [k for k, v in clean.values.items() if k in other.values and other.values[k].value == v.value]


def _silent(clean: Outcome, other: Outcome) -> int:
    """Values wrong at high confidence; those that the clean page does not hold count as wrong too."""
    return sum(
        v.confidence >= SILENT and (key not in clean.values or clean.values[key].value != v.value)
        for key, v in other.values.items()
        if v.value is not None
    )


def _placed(clean: Outcome, other: Outcome) -> float:
    same = _same(clean, other)
    near = [_apart(clean.values[k], other.values[k]) < NEAR for k in same]
    return sum(near) / max(1, len(near))


if __name__ == "__main__":
    sys.exit(main())
