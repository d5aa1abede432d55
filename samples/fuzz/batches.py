"""Whole batches of hostile files through ``yanzhang process``, with a good envelope among them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from samples.fuzz.cases import case

__all__ = ["Ended", "run_batch", "run_batches"]

FILES = ("pdf", "pdf", "pdf", "tiff", "jpeg", "png", "code")
SECONDS = 600.0
RECORD = {"application_no": "CCIIP2023S00001", "track": "supplier", "name": "北京云帆软件股份有限公司"}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a batch ended; ``problem`` is "" where it did as CONTRACT says."""

    number: int
    status: int
    problem: str


def run_batches(seed: int, count: int) -> list[Ended]:
    """So many batches, one after the other."""
    return [run_batch(seed, number) for number in range(count)]


def run_batch(seed: int, number: int, *, files: Sequence[str] = FILES, seconds: float = SECONDS) -> Ended:
    """One batch: hostile files of these kinds and a good page."""
    with tempfile.TemporaryDirectory(prefix="yanzhang-fuzz-") as name:
        folder = Path(name)
        batch = folder / "batch"
        batch.mkdir()
        for n, kind in enumerate(files):
            one = case(seed, -1 - number * len(files) - n, kind)
            (batch / f"hostile-{n}{Path(one.name).suffix}").write_bytes(one.data)
        _good(batch / "good.png")
        (folder / "records.json").write_text(json.dumps([RECORD], ensure_ascii=False))
        command = [
            sys.executable,
            "-m",
            "pipeline.cli",
            "process",
            str(batch),
            "--records",
            str(folder / "records.json"),
        ]
        place = {**os.environ, "YANZHANG_HOME": str(folder / "home"), "YANZHANG_WORKERS": "1"}
        place.pop("PREFECT_API_URL", None)
        try:
            done = subprocess.run(
                [*command, "--out", str(folder / "out")], env=place, capture_output=True, text=True, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            return Ended(number, -1, f"not done after {seconds:.0f} s")
        return Ended(number, done.returncode, _problem(done, folder / "out", len(files)))


def _problem(done: subprocess.CompletedProcess[str], out: Path, files: int) -> str:
    if done.returncode not in (0, 3):
        return f"ended with {done.returncode}: {done.stderr[-2000:]}"
    if "Traceback" in done.stderr or "Traceback" in done.stdout:
        return f"a traceback: {done.stderr[-2000:]}"
    if any(ord(c) < 32 and c != "\n" for c in done.stderr):
        return f"control characters on stderr: {done.stderr[-2000:]!r}"
    report = json.loads((out / "report.json").read_text())
    if not {f"hostile-{n}" for n in range(files)} <= {e["envelope"].split(".")[0] for e in report["envelopes"]}:
        return "an envelope is missing in the report"
    good = next(e for e in report["envelopes"] if e["envelope"] == "good.png")
    return "" if good["pages"][0]["kind"] == "content" else "the good page was not read"


def _good(path: Path) -> None:
    from PIL import Image, ImageDraw

    page = Image.new("RGB", (826, 1169), "white")
    pen = ImageDraw.Draw(page)
    for row in range(12):
        pen.text((90, 120 + 60 * row), f"Certificate number {row} 12345 total 3,000.50", fill="black", font_size=24)
    page.save(path, dpi=(100, 100))
