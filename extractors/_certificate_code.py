"""统一社会信用代码 on certificates and licences: behind its label or by its shape, with its check digits."""

from __future__ import annotations

from collections.abc import Sequence

from extractors._certificate import best
from extractors._fields import field_of
from extractors._layout import Layout
from pipeline.model import Field, Line
from pipeline.values.identifiers import find_uscc, repair_uscc, uscc_org_valid

__all__ = ["uscc_field"]

REPAIRED = 0.85  # most that a repaired code is worth


def uscc_field(layouts: Sequence[Layout], *, key: str = "uscc", name: str = "uscc") -> Field | None:
    """统一社会信用代码 wherever it stands on these pages: behind its label first, else any code-shaped text.

    A repaired code never reaches 0.9; one whose check digit fails is kept as read, unsure.
    """
    for layout in layouts:
        for found in layout.found(key):
            made = _code(layout, name, found.lines, found.text, labelled=True)
            if made is not None:
                return made
    made_all = [
        _code(layout, name, (line,), line.text, labelled=False) for layout in layouts for line in layout.page.lines
    ]
    return best(made_all)


def _code(layout: Layout, name: str, lines: Sequence[Line], text: str, *, labelled: bool) -> Field | None:
    near = "代码" in text or labelled
    found = list(find_uscc(text))
    if near and not any(code.valid for code in found):
        repaired = repair_uscc(text)
        found = [repaired] if repaired else found
    if not found:
        return None
    code = found[0]
    if code.repaired:
        trust = REPAIRED
        reasons: tuple[str, ...] = (f"repaired:{code.from_}", "check_digit")
    elif code.valid:
        trust, reasons = 0.99, ("check_digit",)
        if not uscc_org_valid(code.value):
            reasons = ("check_digit", "org_check_fails")
    else:
        trust, reasons = 0.5, ("check_digit_fails",)
    if not near and not code.repaired and code.valid:
        trust = 0.95
    field = field_of(name, code.value, lines, layout.page, raw=text.strip(), trust=trust, reasons=reasons)
    if code.valid and not code.repaired and "org_check_fails" not in reasons:
        # Two check digits that hold say more about the reading than the reader's own score does.
        return field.model_copy(update={"confidence": max(field.confidence, 0.98 if near else 0.94)})
    return field
