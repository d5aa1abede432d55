"""Names under which the applicant may appear, and how a name read from paper agrees with them (DOMAIN §6.5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.checks.sureness import SURE
from pipeline.values.identifiers import edit_distance
from pipeline.values.names import NameMatch, compare, core

__all__ = ["Accepted", "Agreement", "agreement", "looks_like_organisation", "names_organisation", "split_names"]

CLEAR = 0.9  # from here on a differing sign is the paper's, not the engine's, unless the two are look-alikes
GARBLED = 0.25  # share of signs that may be misread in a name of middling confidence

Source = Literal["record", "former", "form", "legal_person"]
Degree = Literal["same", "former", "variant", "unsure", "different"]

_ORGANISATION = re.compile(
    r"(公司|集团|企业|事务所|学院|大学|学校|中心|研究院|研究所|委员会|协会|基地|园区?|合作社|厂|院|合伙\)?)$"
)
_ORGANISATION_WORD = re.compile(
    r"公司|集团|企业|事务所|学院|大学|学校|中心|研究|委员会|委|协会|学会|商会|基地|园|合作社|厂|院|局|厅|政府|银行|[所会社店部处馆站]$"
)
_FORMS = frozenset({"有限公司", "有限责任公司", "股份有限公司", "限公司", "公司", "司"})
SHORTEST, LONGEST = 4, 40  # characters of a name on a seal
_SEPARATORS = re.compile(r"[;；、/\n]|[,，]")


@dataclass(frozen=True)
class Accepted:
    """A name the applicant may bear: the record's, a former one, its form's, or that on a park's legal-person proof."""

    name: str
    source: Source


@dataclass(frozen=True)
class Agreement:
    """``accepted``: the name that fits best, if any does."""

    degree: Degree
    accepted: Accepted | None = None


_RANK: dict[Degree, int] = {"same": 0, "former": 1, "variant": 2, "unsure": 3, "different": 4}


def agreement(read: str, accepted: Sequence[Accepted], *, confidence: float) -> Agreement:
    """How a name as read agrees with the names accepted: the best degree of all.

    A reading within what OCR confuses of a declared name is that name. ``unsure``: too weak a reading to tell, or one
    that cannot be compared at all (an English name). ``different`` is only said of a sure reading.
    """
    if not core(read) or not accepted:
        return Agreement("unsure")
    graded = [Agreement(_degree(read, one, confidence), one) for one in accepted if core(one.name)]
    if not graded:
        return Agreement("unsure")
    best = min(graded, key=lambda one: _RANK[one.degree])
    return best if best.degree != "different" else Agreement("different")


def _degree(read: str, one: Accepted, confidence: float) -> Degree:
    match = compare(read, one.name, confident=confidence >= CLEAR)
    if match.same:
        return "former" if one.source == "former" else "same"
    if match is NameMatch.FORM_VARIANT and one.source != "former":
        return "variant" if confidence >= SURE else "unsure"
    if _scripts_differ(read, one.name) or _cut_short(read, one.name) or confidence < SURE:
        return "unsure"
    return "unsure" if confidence < CLEAR and _garbled(read, one.name) else "different"


def _cut_short(read: str, name: str) -> bool:
    """A name that lacks but its form of company, at a line's end or under a seal: nobody is registered without one."""
    start, whole = core(read), core(name)
    return bool(start) and whole.startswith(start) and whole.removeprefix(start) in _FORMS


def _garbled(read: str, name: str) -> bool:
    left, right = core(read), core(name)
    limit = int(GARBLED * max(len(left), len(right)))
    return edit_distance(left, right, limit=limit) <= limit


def _han(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def _scripts_differ(read: str, name: str) -> bool:
    """An English name says nothing about a Chinese one (CMMI certificates)."""
    return _han(read) != _han(name)


def looks_like_organisation(text: str) -> bool:
    """Whether it ends as names of organisations do."""
    return bool(_ORGANISATION.search(core(text)))


def names_organisation(text: str) -> bool:
    """Whether a seal's text can be an organisation's name: a word for one, no figures, neither short nor endless."""
    plain = core(text)
    return (
        SHORTEST <= len(plain) <= LONGEST and not re.search(r"\d{3}", plain) and bool(_ORGANISATION_WORD.search(plain))
    )


def split_names(text: str) -> tuple[str, ...]:
    """The holders of a certificate that names several (专利权人：甲公司;乙大学)."""
    return tuple(part.strip() for part in _SEPARATORS.split(text) if part.strip())
