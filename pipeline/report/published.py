"""Reports copied to where all may read them (报告发布): a folder or any address that fsspec knows, S3 first.

A report is written to a folder of this machine and then copied whole: evidence first, ``report.json`` last, so that
whoever finds a new one finds all that it names.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pipeline.errors import StoreTrouble
from pipeline.report.pictures import EVIDENCE
from pipeline.store.far_place import FarPlace

__all__ = ["place_of_reports", "published"]

REPORTS = ("report.html", "report.xlsx", "report.json")


def place_of_reports(address: str) -> FarPlace | None:
    """Where reports are copied to; "": nowhere.

    :raises BadSetting: the address is none
    """
    if not address:
        return None
    if "://" not in address:
        address = Path(address).expanduser().absolute().as_uri()
    return FarPlace(address, setting="YANZHANG_REPORTS", what="the place of reports")


def published(out: Path, place: FarPlace | None, *, since: datetime) -> tuple[str, ...]:
    """Copy the report in ``out`` into a folder of the same name; a sentence where that cannot be done now.

    :param since: when the run began: pictures that are older lie there from an earlier one, if they have their size
    """
    if place is None:
        return ()
    folder = out.resolve().name
    try:
        there = dict(place.listed(f"{folder}/{EVIDENCE}"))
        for path in sorted((out / EVIDENCE).glob("*.png")):
            here = path.stat()
            if there.get(path.name) != here.st_size or here.st_mtime >= since.timestamp():
                place.send(path, f"{folder}/{EVIDENCE}/{path.name}")
        for name in REPORTS:
            place.send(out / name, f"{folder}/{name}")
    except StoreTrouble as trouble:
        return (f"the report in {out} was not copied: {trouble.message}; the report itself is whole",)
    return ()
