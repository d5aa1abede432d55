"""The project's benchmark (``make bench``): accuracy and speed on made-up envelopes, beside its peers, in one run.

The main job runs as its users run it, on a fresh store. Then ``RapidOCR()`` with its defaults and tesseract read a
sample of the same pages (text only: neither sorts, extracts, finds seals or checks). The figures replace the part of
``docs/BENCHMARKS.md`` between its two marks.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.evaluating import evaluate
from pipeline.intake.open import open_scan
from pipeline.settings import Bounds
from samples.long_report import compared, draw_long_report
from samples.make import make

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
ENVELOPES, SEED = 40, 20231  # about 400 pages
PEER_PAGES = 24  # of the same pages, evenly spread: a peer takes seconds a page
TESSERACT_PAGES = 12
RECEIVED = "2023-09-20"
POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Timed:
    """One reader's figures: pages read and wall seconds; ``peak_mb`` of the whole process tree (PSS), if measured."""

    name: str
    pages: int
    seconds: float
    peak_mb: float | None = None

    @property
    def rate(self) -> float:
        """Pages a second."""
        return self.pages / self.seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--envelopes", type=int, default=ENVELOPES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--doc", type=Path, default=Path("docs/BENCHMARKS.md"))
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="yanzhang-bench-") as folder:
        work = Path(folder)
        say(f"making {asked.envelopes} envelopes (seed {asked.seed})")
        make(work / "s", envelopes=asked.envelopes, seed=asked.seed)
        pages = _pages(work / "s" / "batch")
        say(f"yanzhang process: {len(pages)} pages")
        ours = _main_job(work, len(pages))
        score = evaluate(work / "s" / "truth.json", work / "out" / "report.json")
        again = _main_job(work, len(pages), name="the same batch again")
        sample = pages[:: max(1, len(pages) // PEER_PAGES)][:PEER_PAGES]
        say(f"RapidOCR(): {len(sample)} of these pages")
        rapid = _peer("RapidOCR() defaults (text only)", sample, _rapidocr())
        say(f"tesseract: {TESSERACT_PAGES} of these pages")
        say("an audit report of 100 pages, read twice")
        long = compared(draw_long_report(work), work)
        tess = _peer("tesseract chi_sim (text only)", sample[:: max(1, len(sample) // TESSERACT_PAGES)], _tesseract())
    figures = _figures(asked, (ours, again, rapid, tess), score.text(), long.text)
    replace(asked.doc, figures)
    print(figures)
    return 0


def say(sentence: str) -> None:
    """Progress, on stderr."""
    print(sentence, file=sys.stderr, flush=True)


def _main_job(work: Path, pages: int, *, name: str = "yanzhang process (all of the main job)") -> Timed:
    command = [str(Path(sys.executable).with_name("yanzhang")), "process", str(work / "s" / "batch"), "--records"]
    command += [str(work / "s" / "records.json"), "--out", str(work / "out"), "--received-on", RECEIVED]
    environment = {**os.environ, "YANZHANG_HOME": str(work / "home")}
    started = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        watch = Watch(process.pid)
        status = process.wait()
        watch.stop()
    if status not in (0, 3):
        raise SystemExit(f"yanzhang process ended with {status}")
    return Timed(name, pages, time.perf_counter() - started, watch.peak_mb)


class Watch(threading.Thread):
    """The peak of a process tree's memory, shared pages counted once (PSS)."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.peak_mb = 0.0
        self._root = root
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._over.wait(POLL_SECONDS):
            self.peak_mb = max(self.peak_mb, sum(map(_pss_mb, _tree(self._root))))

    def stop(self) -> None:
        """End the watch."""
        self._over.set()
        self.join()


def _tree(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    tree, fresh = [root], [root]
    while fresh:
        fresh = [child for parent in fresh for child in parents.get(parent, [])]
        tree += fresh
    return tree


def _pss_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _pages(batch: Path) -> list[tuple[Path, int]]:
    """Every page of the batch: its file and its index there."""
    pages = []
    for path in sorted(p for p in batch.rglob("*") if p.is_file()):
        with open_scan(path, bounds=Bounds()) as scan:
            pages += [(path, index) for index in range(scan.page_count)]
    return pages


def _peer(name: str, sample: Sequence[tuple[Path, int]], read: Callable[[Image], object]) -> Timed:
    images = []
    for path, index in sample:
        with open_scan(path, bounds=Bounds()) as scan:
            images.append(scan.image(index))
    read(images[0])  # models load outside the clock
    started = time.perf_counter()
    for image in images:
        read(image)
    return Timed(name, len(images), time.perf_counter() - started)


def _rapidocr() -> Callable[[Image], object]:
    from rapidocr import RapidOCR

    engine: Callable[[Image], object] = RapidOCR()
    return engine


def _tesseract() -> Callable[[Image], object]:
    import pytesseract

    def read(image: Image) -> object:
        return pytesseract.image_to_data(image[:, :, ::-1], lang="chi_sim")

    return read


def _figures(asked: argparse.Namespace, rows: Sequence[Timed], score: str, long: str) -> str:
    ours, _, rapid, _ = rows
    lines = [
        f"{date.today().isoformat()}, {os.cpu_count()} cores ({processor()}), Python {platform.python_version()}; "
        f"`make bench` with {asked.envelopes} made-up envelopes, seed {asked.seed}.",
        "",
        "| reader | pages | seconds | pages/s | of `RapidOCR()` | peak memory |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        memory = f"{row.peak_mb:,.0f} MB" if row.peak_mb else ""
        lines.append(
            f"| {row.name} | {row.pages} | {row.seconds:.1f} | {row.rate:.2f} | {row.rate / rapid.rate:.2f} × "
            f"| {memory} |"
        )
    peer = f"The main job's speed is {ours.rate / rapid.rate:.2f} × its peer's."
    return "\n".join([*lines, "", peer, "", long, "", "```", score, "```"])


def processor() -> str:
    """What the processor calls itself."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def replace(doc: Path, figures: str, begin: str = BEGIN, end: str = END) -> None:
    """Put figures into a document between its two marks; at its end where it has none."""
    text = doc.read_text() if doc.exists() else "# Benchmarks\n"
    if begin not in text:
        text += f"\n{begin}\n{end}\n"
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    doc.parent.mkdir(exist_ok=True)
    doc.write_text(f"{head}{begin}\n{figures}\n{end}{tail}")


if __name__ == "__main__":
    raise SystemExit(main())
