"""What is kept: originals by their sha256, readings by what made them, envelopes and judgements in a database."""

from __future__ import annotations

from pipeline.store.database import Arrival, Store, StoredFile
from pipeline.store.originals import Originals, write_atomically

__all__ = ["Arrival", "Originals", "Store", "StoredFile", "write_atomically"]
