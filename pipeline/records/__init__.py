"""Online records (网上申报数据): read from a source, checked row by row, and met by what an envelope says."""

from __future__ import annotations

from pipeline.model import Record
from pipeline.records.matching import Known, Match, match
from pipeline.records.rows import Loaded, to_records
from pipeline.records.sources import open_source

__all__ = ["Known", "Loaded", "Match", "Record", "load_records", "match"]


def load_records(source: str) -> Loaded:
    """All usable records of a source (docs/RECORDS.md), and a sentence for each row left out.

    :param source: a file, an address, or ``env:NAME`` where a variable holds it
    :raises BadRecords: the source cannot be read, lacks a mandatory column, or has not one usable row
    """
    with open_source(source) as opened:
        return opened.loaded or to_records(opened.table, source=opened.name)
