"""What looks like a seal and is none: a certificate's border, the national emblem, 发票监制章, a table's cells.

Told by what was read, and only where no seal can be meant: a seal that cannot be read must not vanish.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.model import SealReading

__all__ = ["is_ornament"]

UNREAD = 0.3  # legibility under which nothing was read
MARGIN = 0.08  # of the page from its edge, within which a border runs (17 mm): nobody stamps a name seal there
EMBLEM_MM = 28.0  # a national emblem on a licence is 15 to 25 mm wide; no organisation's seal is under 38 (DOMAIN 6.1)
TOP = 0.3  # of the page from its top, where the emblem stands, about its middle
MIDDLE = 0.12
LONGEST = 36  # characters: an accountant's seal, the fullest of boxed ones, has 23
PRINTED = re.compile("发票监制|一发票监|监制章")  # the tax authority's oval that is printed on every invoice
LOGO = ("CERTIFICATION", "CERTIFIED", "ACCREDITED", "ACCREDITATION", "MANAGEMENT", "QUALITYSYSTEM", "ASSURED")
ALIKE = 0.75  # of such a word's letters, in their order: round a ring they are read none too well
FIRM = re.compile("LIMITED|LTD|INC|CORP|LLC|GMBH|COMPANY")  # a company's own name, in Latin letters
BODY = re.compile("公司|集团|中心|[局厅部委会所处院校学社行厂店站章]")  # of an organisation's name, none of a motto's
DATED = re.compile(r"(19|20)\d\d\D?\d\d?\D?\d\d?")
POSTED = re.compile(
    r"收寄|投递|揽投|揽收|邮政.*支局|邮政所|营业厅?\d"
)  # of a postmark (邮戳), with its place and a date
FIGURES = 20  # digits: an accountant's number has 12, a tax number 18


def is_ornament(reading: SealReading) -> bool:
    """Whether what was found as a seal is print."""
    text = reading.candidates[0].text if reading.candidates else ""
    if any(PRINTED.search(c.text) for c in reading.candidates):
        return True
    if _is_logo(text) or any(_is_postmark(c.text) for c in reading.candidates):
        return True
    unread = reading.legible < UNREAD or len(text) < 2
    if reading.shape in ("square", "rectangle"):
        if unread and not reading.cut and _in_margin(reading):
            return True
        return len(text) > LONGEST or len(re.sub(r"\D", "", text)) > FIGURES
    return unread and _is_emblem(reading)


def _is_logo(text: str) -> bool:
    """A certification body's: a seal of a company of two languages names the company."""
    letters = re.sub("[^A-Z]", "", text.upper())
    if BODY.search(text) or FIRM.search(letters):
        return False
    return any(_holds(letters, word) for word in LOGO)


def _holds(letters: str, word: str) -> bool:
    """Whether the word stands somewhere in the letters, but for a few of its own."""
    return any(
        SequenceMatcher(None, word, letters[k : k + len(word)], autojunk=False).ratio() >= ALIKE
        for k in range(max(1, len(letters) - len(word) + 1))
    )


def _is_postmark(text: str) -> bool:
    """A place, what was done with the letter, the day: no organisation is named by its 公司 or 章."""
    return bool(DATED.search(text) and POSTED.search(text)) and "公司" not in text and "章" not in text


def _in_margin(reading: SealReading) -> bool:
    box = reading.box
    return min(box.cx, box.cy, 1 - box.cx, 1 - box.cy) < MARGIN


def _is_emblem(reading: SealReading) -> bool:
    box, size = reading.box, reading.diameter_mm
    at_head = box.cy < TOP and abs(box.cx - 0.5) < MIDDLE
    return at_head and size is not None and size < EMBLEM_MM
