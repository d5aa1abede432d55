"""Measures what the extractors' confidences are worth and writes ``pipeline/calibration.json``.

``python -m samples.calibrate --set HOME:TRUTH [--set …] [--check HOME:TRUTH …] [--diagram FILE.svg]``: each HOME is
a store (``YANZHANG_HOME``) into which a batch was read by ``yanzhang process``, TRUTH that batch's ``truth.json``.
Nothing is read again: the stored observations hold the extractors' own estimates. ``--check`` sets are not fitted to;
their table shows what the curves are worth on paper they never saw.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pipeline.calibration import FILE, calibrated, curve_key
from pipeline.evaluating import evaluate
from pipeline.keeping import received
from pipeline.model import Document
from pipeline.reliability import Told, bins_of, diagram, table
from pipeline.report.json_report import document_json
from pipeline.store import Store

LEAST = 40  # values of a kind: fewer give no curve, the extractor's own estimate stays
OWN = 20  # values that the extractor's own estimate weighs: a bin of a few right ones promises little more
MOST = 0.9995  # nothing is told as certain
DIGITS = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, write, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", action="append", default=[], help="HOME:TRUTH to fit to")
    parser.add_argument("--check", action="append", default=[], help="HOME:TRUTH to check on")
    parser.add_argument("--diagram", type=Path, help="SVG of the checked values, else of the fitted ones")
    asked = parser.parse_args(arguments)
    told = [t for one in asked.set for t in told_in(one, lambda d: d)]
    if told:
        curves = {key: fitted(group) for key, group in _grouped(told) if len(group) >= LEAST}
        FILE.write_text(json.dumps({"values": len(told), "curves": curves}, indent=1) + "\n", encoding="utf-8")
        print(f"told by the extractors themselves ({len(told)} values)\n{table(told)}\n")
    checked = [t for one in asked.check or asked.set for t in told_in(one, calibrated)]
    print(f"calibrated, {'on sets not fitted to' if asked.check else 'on the same sets'}\n{table(checked)}")
    if asked.diagram:
        asked.diagram.write_text(diagram(checked, title="What a confidence is worth"), encoding="utf-8")
    return 0


def told_in(pair: str, seen: Callable[[Document], Document]) -> tuple[Told, ...]:
    """Every value of a stored batch that the truth knows, with the confidence that ``seen`` gives it."""
    home, _, truth = pair.partition(":")
    envelopes = [
        {
            "envelope": one.submission.envelope,
            "documents": [document_json(seen(document)) for document in one.submission.documents],
        }
        for one in received(Store(Path(home)))
    ]
    with tempfile.TemporaryDirectory(prefix="yanzhang-calibrate-") as folder:
        report = Path(folder) / "report.json"
        report.write_text(json.dumps({"envelopes": envelopes}, ensure_ascii=False), encoding="utf-8")
        return evaluate(Path(truth), report).told


def _grouped(told: Iterable[Told]) -> list[tuple[str, list[Told]]]:
    groups: dict[str, list[Told]] = {}
    for one in told:
        groups.setdefault(curve_key(one.name, one.reasons), []).append(one)
    return sorted(groups.items())


def fitted(told: Sequence[Told]) -> dict[str, list[float]]:
    """Points of the curve, confidence told and share right, one a bin; isotonic over the bins (adjacent violators are
    pooled), and held near the extractor's own estimate where a bin has few values.
    """
    blocks: list[list[float]] = []  # [weighted right, weight, bins' means weighted]
    for one in bins_of(told):
        weight = one.count + OWN
        blocks.append([one.right + OWN * one.mean, float(weight), weight * one.mean])
        while len(blocks) > 1 and _share(blocks[-2]) >= _share(blocks[-1]):
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    points = {0.0: 0.0} | {round(block[2] / block[1], DIGITS): round(_share(block), DIGITS) for block in blocks}
    told_at = sorted(points)
    return {"told": told_at, "right": [min(points[x], MOST) for x in told_at]}


def _share(block: Sequence[float]) -> float:
    return block[0] / block[1]


if __name__ == "__main__":
    raise SystemExit(main())
