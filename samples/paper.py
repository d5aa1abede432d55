"""What is put into an envelope before it is scanned: documents to print, seals to press on them, names to sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from samples.seal_art import SealSpec

__all__ = ["Autograph", "Expect", "Look", "Paper", "Scan", "Stamp"]

Value = str | int | bool | tuple[str, ...] | None
Look = Literal["original", "colour_copy", "grey_copy"]


@dataclass(frozen=True)
class Stamp:
    """One seal: where (the name of a mark in the template, and mm away from it), what it says, whose it is.

    ``printed``: part of what was copied (an issuer's seal on a copied certificate), so a grey copy makes it grey.
    ``pasted``: laid over the text as a flat picture, as no wet seal looks.
    ``smeared``: struck several times and wiped, so that nobody can read it (its text is then no truth).
    """

    mark: str
    spec: SealSpec
    role: str
    kind: str
    text: str = ""
    printed: bool = False
    pasted: bool = False
    smeared: bool = False
    dx: float = 0.0
    dy: float = 0.0
    seed: int = 0

    def worn(self, **changes: Any) -> Stamp:
        """The same stamp with another :class:`SealSpec`."""
        return replace(self, spec=replace(self.spec, **changes))


@dataclass(frozen=True)
class Autograph:
    """A name written by hand at a mark."""

    mark: str
    name: str
    seed: int = 0


@dataclass(frozen=True)
class Paper:
    """One document: template and what fills it, seals, signatures, and the truth about its fields.

    ``fields``: as a report should give them (CONTRACT "Values"). ``riding``: a seal over the edges of all pages.
    """

    type: str
    template: str
    context: Mapping[str, Any]
    fields: Mapping[str, Value] = field(default_factory=dict)
    stamps: tuple[Stamp, ...] = ()
    autographs: tuple[Autograph, ...] = ()
    statements: tuple[Mapping[str, Any], ...] = ()  # of an audit report, as CONTRACT has them
    look: Look = "original"
    riding: SealSpec | None = None
    riding_break: bool = False  # the slice of one page is missing
    smudges: tuple[str, ...] = ()  # marks that a stain hides


@dataclass(frozen=True)
class Scan:
    """How an envelope went through the scanner. Every page draws its own values within these.

    ``turned``: share of pages upside down or sideways. ``container``: one PDF, or a folder of pictures of that kind.
    """

    dpi: int = 200
    colour: Literal["colour", "grey", "bilevel"] = "colour"
    skew: float = 0.6  # degrees, either way
    noise: float = 3.0  # standard deviation of grey levels
    blur: float = 0.5  # px at 200 dpi
    quality: int = 80  # JPEG
    turned: float = 0.0
    shuffled: bool = False
    blanks: int = 0
    photo: bool = False
    stains: float = 0.0
    digital: Literal["none", "text", "junk"] = "none"
    container: Literal["pdf", "jpg", "png", "tif", "tiff-file"] = "pdf"
    ruined: bool = False  # one page's file cannot be decoded (pictures only)
    blurred_page: bool = False


@dataclass(frozen=True)
class Expect:
    """A finding that a report should hold; ``field`` "*" stands for any."""

    code: str
    document: str | None = None
    field: str | None = None

    def plain(self) -> dict[str, str | None]:
        """As the truth file has it."""
        return {"code": self.code, "document": self.document, "field": self.field}
