"""Seals (印章) as read without any record, as attributed, over page edges, and the places where they belong."""

from __future__ import annotations

from typing import Literal

from pipeline.model.frozen import Frozen
from pipeline.model.geometry import Box

__all__ = [
    "Colour",
    "RidingSeal",
    "Seal",
    "SealCandidate",
    "SealKind",
    "SealPlace",
    "SealReading",
    "SealRole",
    "Shape",
    "TextCandidate",
]

Shape = Literal["round", "oval", "square", "rectangle"]
Colour = Literal["red", "grey", "blue", "other"]
SealKind = Literal["official", "contract", "finance", "invoice", "personal", "registration", "other"]
SealRole = Literal["applicant", "commerce_department", "audit_firm", "cpa", "issuer", "unknown"]


class SealCandidate(Frozen):
    """What was looked at as a seal and not taken for one: where a seal is missing, it is what a person should look at.

    ``found``: probability that it is a seal, under the finder's threshold.
    """

    page: int
    box: Box
    shape: Shape = "round"
    colour: Colour = "red"
    found: float = 0.0


class TextCandidate(Frozen):
    """One reading of a seal's name with its score, 0 to 1 (mean probability a character)."""

    text: str
    score: float


class SealReading(Frozen):
    """A seal as seen and read without any record (observation).

    ``box`` as its page's other boxes. ``candidates``: readings of the name, best first. ``straight``: the straight text
    inside (e.g. 合同专用章, a date, a tax number). ``code``: the 13-digit code on the lower arc.
    ``lattice``: per time step of the best unwrapping the few likeliest characters with probabilities ("" is the CTC
    blank), kept so that names can be matched later without pixels. ``legible``: 0 (ink only) to 1 (every character
    sure). ``found``: probability that this is a seal at all.
    """

    page: int
    box: Box
    shape: Shape = "round"
    colour: Colour = "red"
    found: float = 1.0
    legible: float = 0.0
    faint: bool = False
    cut: bool = False  # cut by the page's edge
    rotation: float = 0.0  # degrees clockwise that put the seal upright
    diameter_mm: float | None = None
    candidates: tuple[TextCandidate, ...] = ()
    straight: tuple[str, ...] = ()
    code: str | None = None
    lattice: tuple[tuple[tuple[str, float], ...], ...] = ()
    fingerprint: str = ""
    remarks: tuple[str, ...] = ()  # reasons that make it suspect or odd: "flat_ink", "zero_rotation" …


class Seal(Frozen):
    """A seal with what it is and whose it is; ``reading`` is the observation it rests on."""

    page: int
    box: Box
    shape: Shape
    colour: Colour
    kind: SealKind = "other"
    text: str = ""
    role: SealRole = "unknown"
    owner: str | None = None
    confidence: float = 0.0
    rests_on: Literal["free", "constrained", "none"] = "none"
    reading: SealReading | None = None


class RidingSeal(Frozen):
    """骑缝章: slices of one seal on consecutive page edges."""

    pages: tuple[int, ...]
    text: str = ""
    complete: bool = False
    breaks: tuple[int, ...] = ()
    evidence: str | None = None


class SealPlace(Frozen):
    """The place of a document where a seal (or signature) of a role belongs: the 盖章 cell or line."""

    role: SealRole
    page: int
    box: Box
    label: str = ""
    signature: bool = False  # a place to sign (签字), not to stamp
    signed: bool | None = None  # whether ink that is no printed text stands there; None: cannot tell
    bare: bool = False  # no pen's stroke stands there, under a seal neither: red ink hides none on a colour scan
    ink: float | None = None  # share of the place that coloured ink covers, 0 to 1; None: not measured
    trace: bool = False  # pale strokes such as a seal leaves that was pressed with hardly any ink
    imprint: str = ""  # text read there that only a seal prints (a CPA's number), seen or not as a seal
