"""What certificates, licences and proofs share: a field from the values behind a label, and its trust (DOMAIN §7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from extractors._fields import field_of, tidy
from extractors._layout import Found, Layout, Whole
from extractors._wording import squeeze
from pipeline.model import Field, FieldValue, Line, ReadPage
from pipeline.values.amounts import format_yuan, parse_amount

__all__ = ["Parsed", "amount_field", "best", "made_field", "number_under", "plain", "read_field", "text_of"]

SMALL_PRINT = 17.5  # px of a line's box under which Chinese is a guess: signs of some 11 px
SMALL_TRUST = 0.92


@dataclass(frozen=True, slots=True)
class Parsed:
    """A value made of text; ``trust``: that it is what it should be."""

    value: FieldValue
    trust: float = 0.98
    reasons: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()


Parser = Callable[[str], Parsed | None]


def read_field(
    layouts: Sequence[Layout], name: str, key: str, parse: Parser, *, wraps: bool = False, whole: Whole | None = None
) -> Field | None:
    """The field behind a label: of all places where its value may stand, the surest that makes sense."""
    made: list[Field] = []
    for layout in layouts:
        for found in layout.found(key, wraps=wraps, whole=whole):
            parsed = parse(found.text)
            if parsed is None:
                continue
            made.append(made_field(layout, name, found, parsed))
            break
    return best(made)


def made_field(layout: Layout, name: str, found: Found, parsed: Parsed) -> Field:
    small = _small_print(found.lines, layout.page)
    return field_of(
        name,
        parsed.value,
        found.lines,
        layout.page,
        raw=found.text.strip(" :："),
        trust=min(parsed.trust, 0.99) * found.trust * (SMALL_TRUST if small else 1.0),
        alternatives=parsed.alternatives,
        reasons=("label", *parsed.reasons, *(("small_print",) if small else ())),
    )


def _small_print(lines: Sequence[Line], page: ReadPage) -> bool:
    """Chinese of so few pixels that strokes melt: 顶 is read 项, 眼 跟, as surely as ever."""
    height = page.page.upright_height or page.page.height
    return any(line.box.height * height < SMALL_PRINT and re.search(r"[\u4e00-\u9fff]", line.text) for line in lines)


def best(fields: Iterable[Field | None]) -> Field | None:
    """The surest of several."""
    return max((f for f in fields if f is not None), key=lambda f: f.confidence, default=None)


def text_of(field: Field | None) -> str:
    """A field's value where it is a text, else nothing."""
    return field.value if field is not None and isinstance(field.value, str) else ""


def plain(text: str) -> Parsed | None:
    """Any text."""
    bare = tidy(text)
    return Parsed(bare, 0.95) if len(bare) >= 2 else None


def amount_field(layouts: Sequence[Layout], name: str, key: str) -> Field | None:
    """注册资本, 开办资金: in yuan (or the currency printed, which then stands in ``unit``); bare figures are 万元."""
    for layout in layouts:
        for found in layout.found(key):
            text = re.sub(r"[(（](?:人民币|RMB)[)）]|[(（](?:万元|元)[)）]$", "", found.text, flags=re.I)
            amount = parse_amount(tidy(text), default_unit="万元")
            if amount is None or amount.value <= 0:
                continue
            bare = amount.unit == "万元" and "万" not in text and "萬" not in text
            trust = (0.6 if bare else 0.985) * (1.0 if amount.currency == "CNY" else 0.9)
            parsed = Parsed(format_yuan(amount.value), trust, ("unit_assumed",) if bare else ())
            made = made_field(layout, name, found, parsed)
            return made.model_copy(update={"unit": amount.unit})
    return None


def number_under(text: str, pattern: re.Pattern[str]) -> str | None:
    """What a pattern finds in a text without spaces."""
    match = pattern.search(squeeze(text)[0])
    return match[1] if match and match.groups() else match[0] if match else None
