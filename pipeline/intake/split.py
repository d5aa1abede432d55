"""Cover sheets: what their QR codes say, and where they cut a file into envelopes.

A payload is one line, ``YANZHANG1|cciip-2023|CCIIP2023S00001|envelope|1||5f1c0a``: mark, programme, application number,
kind of sheet, ordinal (the n-th sheet printed for the application), date received (ISO, may be empty), checksum.

| kind | sheet | cuts |
|---|---|---|
| ``envelope`` | cover of an envelope (信封封面) | yes |
| ``parcel`` | cover of a department's parcel (包裹封面); the department stands in place of the number | yes |
| ``document:TYPE`` | separator (隔页): a document of that type begins behind it | never |
| ``checklist``, ``parcel-list`` | what did not fit on a cover (续页) | never |
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

from pipeline.model import Page

__all__ = [
    "CHECKLIST",
    "DOCUMENT",
    "ENVELOPE",
    "PARCEL",
    "PARCEL_LIST",
    "CoverPayload",
    "cover_application_no",
    "cover_payload",
    "make_cover_payload",
    "parcel_department",
    "parse_cover_payload",
    "separated_type",
    "split_at_covers",
]

MARK = "YANZHANG1"
ENVELOPE, PARCEL, CHECKLIST, PARCEL_LIST = "envelope", "parcel", "checklist", "parcel-list"
DOCUMENT = "document:"  # before the type of the document that begins
OF_PARCELS = (PARCEL, PARCEL_LIST)
CHECK_DIGITS = 6
APPLICATION_NO = re.compile(r"[A-Z]{2,10}[-_]?(?:19|20)\d{2}[-_A-Z]{0,6}\d{3,10}")  # letters, a year, a serial
LONGEST_NO = 64  # characters of an application number; records of no call have more than 20
ORDINAL = re.compile(r"[0-9]{1,6}")
APPLICATION_KEYS = ("application_no", "applicationno", "app_no", "申报编号", "编号", "no", "id")


@dataclass(frozen=True, slots=True)
class CoverPayload:
    """What a cover sheet says. ``programme`` is empty where the code held a bare application number."""

    application_no: str
    programme: str = ""
    sheet: str = ENVELOPE
    ordinal: int = 1
    received_on: date | None = None


def make_cover_payload(
    programme: str, application_no: str, *, sheet: str = ENVELOPE, ordinal: int = 1, received_on: date | None = None
) -> str:
    """The text for a cover sheet's QR code.

    :raises ValueError: a part holds the separator ``|``
    """
    parts = [MARK, programme, application_no, sheet, str(ordinal), received_on.isoformat() if received_on else ""]
    if any("|" in part for part in parts):
        raise ValueError("no part of a cover payload may hold '|'")
    return "|".join([*parts, _checksum(parts)])


def parse_cover_payload(text: str) -> CoverPayload | None:
    """What a code says if it is a cover's; None for anything else, and for a payload whose checksum fails.

    Codes of other systems count where they hold one application number: bare, in JSON, or in a web address.
    """
    text = text.strip()
    if text.startswith(MARK + "|"):
        return _own(text)
    number = _foreign(text)
    return CoverPayload(application_no=number) if number else None


def cover_payload(page: Page) -> CoverPayload | None:
    """The payload of a page that is a cover sheet."""
    if page.kind != "cover":
        return None
    found = [p for p in (parse_cover_payload(c.text) for c in page.codes) if p is not None]
    return max(found, key=lambda p: bool(p.programme), default=None)


def cover_application_no(page: Page) -> str | None:
    """The application number a sheet of covers names; None for a parcel's, and for any other page."""
    payload = cover_payload(page)
    return payload.application_no if payload and payload.sheet not in OF_PARCELS else None


def parcel_department(page: Page) -> str | None:
    """The department for commerce whose parcel begins with this page; None for any other page."""
    payload = cover_payload(page)
    return payload.application_no if payload and payload.sheet == PARCEL else None


def separated_type(page: Page) -> str | None:
    """The type of document that begins behind a separator sheet; None for any other page."""
    payload = cover_payload(page)
    named = payload.sheet.removeprefix(DOCUMENT) if payload and payload.sheet.startswith(DOCUMENT) else ""
    return named or None


def is_own_cover(text: str) -> bool:
    """Whether a code's text is a payload of this project's cover sheets, of whatever kind."""
    return text.strip().startswith(MARK + "|") and _own(text.strip()) is not None


def split_at_covers(pages: Sequence[Page]) -> tuple[tuple[int, int], ...]:
    """Segments ``(start, end)`` of indexes that cover all pages, each beginning at a cover sheet, but the first.

    Both sides of a cover, or the same cover again, do not cut. What holds no paper of an applicant's (blank pages and
    separators before the first cover, a parcel's own cover) goes with the cover behind it; a cover with nothing behind
    it stays a segment of its own, so that the envelope it was printed for is missed.
    """
    starts: list[int] = [0]
    current: CoverPayload | None = None
    for index, page in enumerate(pages):
        payload = cover_payload(page)
        if payload is None or payload.sheet not in (ENVELOPE, PARCEL) or payload == current:
            continue
        current = payload
        if not _leads_to(pages[starts[-1] : index], payload):
            starts.append(index)
    edges = [*starts, len(pages)]
    return tuple((a, b) for a, b in pairwise(edges) if b > a)


def _leads_to(before: Sequence[Page], payload: CoverPayload) -> bool:
    """Whether pages are nothing by themselves, so that they go with the cover behind them."""
    if any(page.kind not in ("blank", "cover") for page in before):
        return False
    kinds = [told.sheet for told in map(cover_payload, before) if told is not None]
    return ENVELOPE not in kinds and not (payload.sheet == PARCEL and PARCEL in kinds)


def _own(text: str) -> CoverPayload | None:
    parts = text.split("|")
    if len(parts) != 7 or _checksum(parts[:6]) != parts[6].lower():
        return None
    _, programme, number, sheet, ordinal, received, _ = parts
    if not _plain(number) or not ORDINAL.fullmatch(ordinal):
        return None
    try:
        day = date.fromisoformat(received) if received else None
    except ValueError:
        return None
    return CoverPayload(number, programme, sheet, int(ordinal), day)


def _plain(number: str) -> bool:
    """Whether it can be a number of an application: a checksum is no secret, anybody may print a code of ours."""
    return 0 < len(number) <= LONGEST_NO and number.isprintable()


def _checksum(parts: Sequence[str]) -> str:
    return hashlib.sha256("|".join(parts).encode(errors="replace")).hexdigest()[:CHECK_DIGITS]


def _foreign(text: str) -> str | None:
    candidates = [text]
    if text.startswith("{"):
        try:
            held = json.loads(text)
        except (ValueError, RecursionError):  # the second: brackets by the thousand
            return None
        candidates = (
            [str(v) for k, v in held.items() if k.lower() in APPLICATION_KEYS] if isinstance(held, dict) else []
        )
    elif "://" in text:
        try:
            query = urlsplit(text).query
        except ValueError:  # "http://[": what looks like an address is none
            return None
        candidates = [v for k, v in parse_qsl(query) if k.lower() in APPLICATION_KEYS]
    elif re.search(r"[|;,\s]", text):
        candidates = re.split(r"[|;,\s]+", text)
    found = {c.strip() for c in candidates if APPLICATION_NO.fullmatch(c.strip().upper())}
    return found.pop() if len(found) == 1 else None
