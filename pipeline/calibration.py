"""What a confidence is really worth: the extractors' own estimates set right by what was measured.

An extractor says how sure it is from reasons (the reader's scores, a check digit, a second engine, an identity that
holds). How often values told so were right was counted on pages whose truth is known; ``calibration.json`` holds the
curve for each sort of value and kind of evidence, made by ``python -m samples.calibrate`` (isotonic regression: never
does a surer value get less than one less sure). It is the last thing done to what was read.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipeline.model import Document, Field, Row, Seal, Statement
from pipeline.reliability import evidence_of, sort_of

__all__ = ["Curve", "calibrated", "curve_key", "curves", "seals_calibrated", "worth"]

FILE = Path(__file__).with_name("calibration.json")


class Curve(BaseModel):
    """Confidence told -> probability of being right: straight lines between points, level outside them."""

    model_config = ConfigDict(frozen=True)

    told: tuple[float, ...]
    right: tuple[float, ...]

    def at(self, confidence: float) -> float:
        """The probability, 0 to 1, of a value told with this confidence."""
        after = bisect_right(self.told, confidence)
        if after == 0:
            return self.right[0]
        if after == len(self.told):
            return self.right[-1]
        x0, x1 = self.told[after - 1], self.told[after]
        y0, y1 = self.right[after - 1], self.right[after]
        return y0 + (y1 - y0) * (confidence - x0) / (x1 - x0)


@lru_cache(maxsize=4_096)
def curve_key(name: str, reasons: tuple[str, ...]) -> str:
    """Which curve a value is judged by: its sort and what its confidence rests on; a seal's name says both."""
    return name if sort_of(name) == "seal" else f"{sort_of(name)}.{evidence_of(reasons)}"


@cache
def curves() -> Mapping[str, Curve]:
    """The measured curves by key; a key that was never seen often enough has none."""
    held = json.loads(FILE.read_text(encoding="utf-8"))
    return {key: Curve.model_validate(body) for key, body in held["curves"].items()}


def worth(name: str, confidence: float, reasons: tuple[str, ...]) -> float:
    """The probability, 0 to 1, that a value told with this confidence for these reasons is right."""
    curve = curves().get(curve_key(name, reasons))
    return confidence if curve is None else round(curve.at(confidence), 4)


def calibrated(document: Document) -> Document:
    """The document with confidences that keep their word; values and reasons stay."""
    return document.model_copy(
        update={
            "fields": tuple(_field(field) for field in document.fields),
            "statements": tuple(_statement(statement) for statement in document.statements),
        }
    )


def seals_calibrated(document: Document) -> Document:
    """The document with seals whose confidence, in role and owner, keeps its word. Rules go by how sure texts are, so
    this is done when all is judged.
    """
    return document.model_copy(update={"seals": tuple(_seal(seal) for seal in document.seals)})


def _seal(seal: Seal) -> Seal:
    return seal.model_copy(update={"confidence": worth(f"seal.{seal.rests_on}", seal.confidence, ())})


def _field(field: Field) -> Field:
    if field.corrected is not None:
        return field  # a person read it: no curve was measured on people
    return field.model_copy(update={"confidence": worth(field.name, field.confidence, field.reasons)})


def _statement(statement: Statement) -> Statement:
    return statement.model_copy(update={"rows": tuple(_row(row) for row in statement.rows)})


def _row(row: Row) -> Row:
    reasons = row.reasons or ((),) * len(row.values)
    confidence = tuple(
        None if told is None else worth("statement.cell", told, tuple(why))
        for told, why in zip(row.confidence, reasons, strict=True)
    )
    return row.model_copy(update={"confidence": confidence})
