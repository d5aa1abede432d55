"""Ten thousand pages through ``yanzhang process``: whether memory and time a page stay what they are."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from samples.soak.pages import thick_pdf, write_records
from samples.soak.running import Place, Running, descendants

__all__ = ["Grown", "Sample", "long_run"]

LOOK_EVERY = 2.0  # s
THICK, THIN = 500, 20  # pages of an envelope
EARLY, LATE = (0.4, 0.6), (0.8, 1.0)  # shares of the pages that are compared; thick envelopes are read before them
GROWTH = 0.10  # of the memory in the early part, that the late one may have on top
SLACK_MB = 100.0  # … and so much in any case: engines keep buffers of every shape they have seen


@dataclass(frozen=True, slots=True)
class Sample:
    """At a moment (s): pages kept as read so far, and MB that the run itself and its largest reading process hold."""

    at: float
    pages: int
    run_mb: float
    reader_mb: float
    all_mb: float


@dataclass(frozen=True, slots=True)
class Grown:
    """A long run as sampled. ``status``: how it ended."""

    pages: int
    status: int | None
    samples: tuple[Sample, ...]
    said: str = ""

    def slope(self, of: Callable[[Sample], float]) -> float:
        """MB more for each thousand pages, by least squares over what was read after the thick envelopes."""
        late = [s for s in self.samples if s.pages >= self.pages * EARLY[0]] or list(self.samples)
        xs, ys = [s.pages / 1000 for s in late], [of(s) for s in late]
        mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
        spread = sum((x - mean_x) ** 2 for x in xs)
        return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread if spread else 0.0

    def most(self, of: Callable[[Sample], float], start: float, end: float) -> float:
        """The most MB while pages from share ``start`` to share ``end`` were read."""
        return max((of(s) for s in self.samples if start * self.pages <= s.pages <= end * self.pages), default=0.0)

    def seconds_a_page(self, start: float, end: float) -> float:
        """From share to share of the pages."""
        inside = [s for s in self.samples if start * self.pages <= s.pages <= end * self.pages]
        if len(inside) < 2 or inside[-1].pages == inside[0].pages:
            return 0.0
        return (inside[-1].at - inside[0].at) / (inside[-1].pages - inside[0].pages)

    def problems(self) -> list[str]:
        """Sentences on what grew; none where all stayed as it was."""
        found = [] if self.status == 0 else [f"the run ended with {self.status}: {self.said[-500:]}"]
        for name, of in (("the run", lambda s: s.run_mb), ("a reading process", lambda s: s.reader_mb)):
            early, late = self.most(of, *EARLY), self.most(of, *LATE)
            if early and late > early * (1 + GROWTH) + SLACK_MB:
                found.append(f"{name} held {early:.0f} MB halfway and {late:.0f} MB at the end")
        return found


def long_run(folder: Path, *, pages: int, seed: int, progress: Callable[[Sample], None] | None = None) -> Grown:
    """Read ``pages`` small scans: a fifth of them in envelopes of 500 pages, the rest in envelopes of 20."""
    batch = folder / "batch"
    batch.mkdir(parents=True)
    drawn = _draw(batch, pages, Random(seed))
    write_records(folder / "records.json")
    place = Place(batch, folder / "records.json", folder / "home", folder / "out", workers=os.cpu_count() or 1)
    samples, began = list[Sample](), time.monotonic()
    with Running(place, "--split", "file") as run:
        while (status := run.ended(LOOK_EVERY)) is None:
            samples.append(_sample(run.pid, time.monotonic() - began, place))
            if progress:
                progress(samples[-1])
        return Grown(drawn, status, tuple(samples), run.said)


def _draw(batch: Path, pages: int, rng: Random) -> int:
    """Thick envelopes are spread among the thin ones by their names; read they are largest first."""
    thick = max(1, pages // 5 // THICK) if pages >= THICK else 0
    thin = max(1, (pages - thick * THICK) // THIN)
    for n in range(thick):
        thick_pdf(batch / f"thick-{n:03}.pdf", THICK, rng.randrange(1 << 30))
    for n in range(thin):
        thick_pdf(batch / f"thin-{n:04}.pdf", THIN, rng.randrange(1 << 30))
    return thick * THICK + thin * THIN


def _sample(pid: int, at: float, place: Place) -> Sample:
    held = {child: _resident_mb(child) for child in descendants(pid)}
    own = _resident_mb(pid)
    return Sample(at, _pages_read(place), own, max(held.values(), default=0.0), own + sum(held.values()))


def _pages_read(place: Place) -> int:
    """Pages of the envelopes whose reading is kept."""
    try:
        with closing(sqlite3.connect(f"file:{place.home / 'yanzhang.sqlite3'}?mode=ro", uri=True)) as db:
            names = [name for (name,) in db.execute("SELECT name FROM arrivals WHERE reading_key != ''")]
    except sqlite3.Error:
        return 0
    return sum(THICK if name.startswith("thick") else THIN for name in names)


def _resident_mb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    except (OSError, ValueError, IndexError):
        return 0.0
