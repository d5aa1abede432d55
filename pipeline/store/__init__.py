"""What is kept: originals by their sha256, readings by what made them, envelopes and judgements in a database."""

from __future__ import annotations

from pipeline.store import quarantine  # whoever opens a store knows all its tables
from pipeline.store.database import Arrival, Imprint, Store, StoredFile, Twin
from pipeline.store.durable import write_atomically
from pipeline.store.originals import Originals

__all__ = ["Arrival", "Imprint", "Originals", "Store", "StoredFile", "Twin", "quarantine", "write_atomically"]
