"""What is kept: originals by their sha256, readings by what made them, envelopes, judgements and people's word."""

from __future__ import annotations

from pipeline.store import book, leases, nights, quarantine, verdicts  # whoever opens a store knows all its tables
from pipeline.store.database import Arrival, Store, StoredFile
from pipeline.store.decisions import (
    add_correction,
    add_decision,
    all_corrections,
    all_decisions,
)
from pipeline.store.door import store_of
from pipeline.store.durable import write_atomically
from pipeline.store.imprints import Imprint, Twin
from pipeline.store.originals import Originals

__all__ = [
    "Arrival",
    "Imprint",
    "Originals",
    "Store",
    "StoredFile",
    "Twin",
    "add_correction",
    "add_decision",
    "all_corrections",
    "all_decisions",
    "book",
    "leases",
    "nights",
    "quarantine",
    "store_of",
    "verdicts",
    "write_atomically",
]
