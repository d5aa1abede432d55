"""Parcels (包裹): what a commerce department sent together, held against its own list (推荐名单)."""

from __future__ import annotations

from pipeline.model.frozen import Frozen
from pipeline.model.geometry import Box

__all__ = ["Parcel", "ParcelEntry", "ParcelRow"]


class ParcelRow(Frozen):
    """A row of the list as read; ``application_no``: as the list says it, empty where it has no such column."""

    name: str
    application_no: str = ""
    page: int
    box: Box
    confidence: float


class ParcelEntry(Frozen):
    """One of those listed, received, missing, …; ``envelope``: the one it was found in; ``why``: of what is unclear."""

    name: str
    application_no: str = ""
    envelope: str = ""
    why: str = ""


class Parcel(Frozen):
    """A parcel. ``list_envelope``, ``list_pages``: where its list lies; empty: none was found.

    ``seal``: what the seal on the list says. ``received``: listed and there. ``missing``: listed, and surely not there.
    ``unlisted``: there, and surely not listed. ``unclear``: what nobody can tell from here.
    """

    department: str
    list_envelope: str = ""
    list_pages: tuple[int, ...] = ()
    seal: str = ""
    listed: tuple[ParcelRow, ...] = ()
    received: tuple[ParcelEntry, ...] = ()
    missing: tuple[ParcelEntry, ...] = ()
    unlisted: tuple[ParcelEntry, ...] = ()
    unclear: tuple[ParcelEntry, ...] = ()
