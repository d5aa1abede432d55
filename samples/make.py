"""The generator: envelopes, their online records, and the truth about both."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from samples.cases import Case, clean_case, papers_of
from samples.envelope import sheets_of, write_envelope
from samples.press import print_papers
from samples.scenarios import plan

__all__ = ["make", "write_batch"]

Progress = Callable[[int, int], None]
ENVELOPES_A_PRINT = 10  # bounds the PDF of one Chromium call to about 150 pages


def make(out: Path, *, envelopes: int, seed: int, progress: Progress | None = None) -> None:
    """Writes ``OUT/batch/``, ``OUT/records.json`` and ``OUT/truth.json``; the same arguments give the same files.

    :param progress: called with (done, all) after each envelope
    :raises pipeline.errors.MissingTool: Chromium or fonts are missing
    """
    write_batch(out, plan(envelopes, seed), seed=seed, progress=progress)


def write_batch(out: Path, cases: Sequence[Case], *, seed: int, progress: Progress | None = None) -> None:
    """The given cases as a batch; records that no envelope came for are those of :func:`plan`'s absentees."""
    batch = out / "batch"
    batch.mkdir(parents=True, exist_ok=True)
    truths: list[dict[str, Any]] = []
    for start in range(0, len(cases), ENVELOPES_A_PRINT):
        part = cases[start : start + ENVELOPES_A_PRINT]
        truths += _print_and_scan(batch, part, start, len(cases), progress)
    absent = _absentees(seed, len(cases))
    records = _records(cases) + absent
    _write(out / "records.json", records)
    truth = {"seed": seed, "envelopes": truths, "not_received": [r["application_no"] for r in absent]}
    _write(out / "truth.json", truth)


def _print_and_scan(
    batch: Path, cases: Sequence[Case], start: int, total: int, progress: Progress | None
) -> list[dict[str, Any]]:
    papers = [papers_of(case) for case in cases]
    prints = print_papers([p for group in papers for p in group])
    truths, first = [], 0
    for offset, (case, group) in enumerate(zip(cases, papers, strict=True)):
        printed = prints.pages[first : first + len(group)]
        first += len(group)
        name = f"env-{start + offset + 1:04d}"
        sheets = sheets_of(group, printed, prints, case.seed)
        seen = write_envelope(batch, name, group, sheets, case.scan, prints, case.seed + case.scan_seed)
        truths.append(_envelope_truth(case, seen))
        if progress is not None:
            progress(start + offset + 1, total)
    prints.close()
    return truths


def _envelope_truth(case: Case, seen: dict[str, Any]) -> dict[str, Any]:
    number = case.record["application_no"] if case.record else None
    verdict = "findings" if any(e.code != "UNKNOWN_DOCUMENT" for e in case.expected) else "clean"
    return {
        "envelope": seen["envelope"], "application_no": number, "track": case.track, "verdict": verdict,
        "scenario": case.scenario, "expected_findings": [e.plain() for e in case.expected],
        "tolerated_findings": [e.plain() for e in case.tolerated],
        "pages": seen["pages"], "documents": seen["documents"],
    }  # fmt: skip


def _records(cases: Sequence[Case]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for case in cases:
        if case.record is not None:
            found[str(case.record["application_no"])] = dict(case.record)
    return [found[number] for number in sorted(found)]


def _absentees(seed: int, cases: int) -> list[dict[str, Any]]:
    """Declared online, never mailed: one in twenty, at least one."""
    rng = random.Random(seed * 7 + 3)
    return [dict(clean_case("supplier", 90_001 + i, rng.getrandbits(40)).record or {}) for i in range(1 + cases // 20)]


def _write(file: Path, data: object) -> None:
    file.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
