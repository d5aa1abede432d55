"""Measures what the extractors' confidences are worth and writes ``pipeline/calibration.json``.

``python -m samples.calibrate --set HOME:TRUTH [--set …] [--check HOME:TRUTH …] [--diagram FILE.svg]``: each HOME is
a store (``YANZHANG_HOME``) into which a batch was read by ``yanzhang process``, TRUTH that batch's ``truth.json``.
Nothing is read again: the stored observations hold the extractors' own estimates. ``--check`` sets are not fitted to;
their table shows what the curves are worth on paper they never saw. ``--seals`` does the same for role and owner of
seals, with the ``records.json`` that stands beside each TRUTH, and leaves the other curves as they are.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from pipeline.calibration import FILE, calibrated, curve_key, worth
from pipeline.calibration import curves as known
from pipeline.evaluating import evaluate
from pipeline.judging import settled
from pipeline.keeping import received
from pipeline.model import Document
from pipeline.records import load_records
from pipeline.reliability import Told, bins_of, diagram, sort_of, table
from pipeline.report.json_report import document_json
from pipeline.store import Store

LEAST = 40  # values of a kind: fewer give no curve, the extractor's own estimate stays
OWN = 20  # values that the extractor's own estimate weighs: a bin of a few right ones promises little more
MOST = 0.9995  # nothing is told as certain
LEAST_A_BIN = 15  # seals: few are told with middling confidence
DIGITS = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, write, and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", action="append", default=[], help="HOME:TRUTH to fit to")
    parser.add_argument("--check", action="append", default=[], help="HOME:TRUTH to check on")
    parser.add_argument("--diagram", type=Path, help="SVG of the checked values, else of the fitted ones")
    parser.add_argument("--seals", action="store_true", help="the seals' curves only")
    asked = parser.parse_args(arguments)
    if asked.seals:
        return fit_seals(asked.set, asked.check)
    told = [t for one in asked.set for t in told_in(one, lambda d: d)]
    if told:
        held = json.loads(FILE.read_text(encoding="utf-8"))["curves"]
        curves = {key: fitted(group) for key, group in _grouped(told) if len(group) >= LEAST}
        curves |= {key: curve for key, curve in held.items() if key.startswith("seal.")}
        _write(len(told), curves)
        print(f"told by the extractors themselves ({len(told)} values)\n{table(told)}\n")
    checked = [t for one in asked.check or asked.set for t in told_in(one, calibrated)]
    print(f"calibrated, {'on sets not fitted to' if asked.check else 'on the same sets'}\n{table(checked)}")
    if asked.diagram:
        asked.diagram.write_text(diagram(checked, title="What a confidence is worth"), encoding="utf-8")
    return 0


def told_in(pair: str, seen: Callable[[Document], Document]) -> tuple[Told, ...]:
    """Every value of a stored batch that the truth knows, with the confidence that ``seen`` gives it."""
    home, _, truth = pair.partition(":")
    submissions = [one.submission for one in received(Store(Path(home)))]
    told = _scored(truth, [(one.envelope, [seen(document) for document in one.documents]) for one in submissions])
    return tuple(one for one in told if sort_of(one.name) != "seal")


def fit_seals(sets: Sequence[str], checks: Sequence[str]) -> int:
    """Fit the curves of role and owner of seals, write them beside the others, and print both tables."""
    told = [t for one in sets for t in seals_in(one)]
    if told:
        held = json.loads(FILE.read_text(encoding="utf-8"))
        fit = {key: fitted(group, LEAST_A_BIN) for key, group in _grouped(told) if len(group) >= LEAST}
        curves = {key: curve for key, curve in held["curves"].items() if not key.startswith("seal.")}
        _write(held["values"], curves | fit)
        known.cache_clear()
        print(f"told by the seals themselves ({len(told)} seals)\n{table(told)}\n")
    checked = [
        t.model_copy(update={"confidence": worth(t.name, t.confidence, ())})
        for one in checks or sets
        for t in seals_in(one)
    ]
    print(f"calibrated, {'on sets not fitted to' if checks else 'on the same sets'}\n{table(checked)}")
    return 0


def seals_in(pair: str) -> tuple[Told, ...]:
    """Role and owner of every seal of a stored batch that the truth knows, with the confidence before calibration."""
    home, _, truth = pair.partition(":")
    records = load_records(str(Path(truth).with_name("records.json"))).records
    submissions = [settled(one.submission, records) for one in received(Store(Path(home)))]
    told = _scored(truth, [(one.envelope, one.documents) for one in submissions])
    return tuple(one for one in told if sort_of(one.name) == "seal")


def _write(values: int, curves: Mapping[str, object]) -> None:
    FILE.write_text(json.dumps({"values": values, "curves": curves}, indent=1) + "\n", encoding="utf-8")


def _scored(truth: str, documents: Iterable[tuple[str, Sequence[Document]]]) -> tuple[Told, ...]:
    envelopes = [{"envelope": name, "documents": [document_json(d) for d in own]} for name, own in documents]
    with tempfile.TemporaryDirectory(prefix="yanzhang-calibrate-") as folder:
        report = Path(folder) / "report.json"
        report.write_text(json.dumps({"envelopes": envelopes}, ensure_ascii=False), encoding="utf-8")
        return evaluate(Path(truth), report).told


def _grouped(told: Iterable[Told]) -> list[tuple[str, list[Told]]]:
    groups: dict[str, list[Told]] = {}
    for one in told:
        groups.setdefault(curve_key(one.name, one.reasons), []).append(one)
    return sorted(groups.items())


def fitted(told: Sequence[Told], least: int = 1) -> dict[str, list[float]]:
    """Points of the curve, confidence told and share right, one a bin; isotonic over the bins (adjacent violators are
    pooled), and held near the extractor's own estimate where a bin has few values.

    :param least: values that a bin must have, else it is pooled with the one under it
    """
    blocks: list[list[float]] = []  # [weighted right, weight, bins' means weighted]
    for one in bins_of(told):
        weight = one.count + OWN
        blocks.append([one.right + OWN * one.mean, float(weight), weight * one.mean])
        while len(blocks) > 1 and (_share(blocks[-2]) >= _share(blocks[-1]) or blocks[-2][1] < least + OWN):
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    points = {0.0: 0.0} | {round(block[2] / block[1], DIGITS): round(_share(block), DIGITS) for block in blocks}
    told_at = sorted(points)
    return {"told": told_at, "right": [min(points[x], MOST) for x in told_at]}


def _share(block: Sequence[float]) -> float:
    return block[0] / block[1]


if __name__ == "__main__":
    raise SystemExit(main())
