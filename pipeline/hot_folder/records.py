"""The online records while a folder is watched: loaded again when they changed, as they were while they are down."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from pipeline.errors import BadInput, BadRecords, SourceDown
from pipeline.keeping import kept_records
from pipeline.records import Loaded, load_records
from pipeline.records.address import address_of
from pipeline.store import Store
from pipeline.values.secrets import redacted

__all__ = ["WatchedRecords"]

EVERY = 600.0  # s between two looks at records that have no time of change
FILE_EVERY = 5.0  # s … at a file of them


class WatchedRecords:
    """The online records: loaded again when they changed; what they were last is used while they cannot be had."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._sign: object = None  # of what was loaded last
        self._failed: object = None  # of what could not be loaded
        self._trouble = ""
        self._looked = 0.0
        self._due = False

    def first(self, store: Store) -> tuple[Loaded, str]:
        """The records at the start, and what is wrong with them."""
        self._looked, sign = monotonic(), self._signed()
        try:
            loaded = load_records(self._source)
        except SourceDown as error:
            try:
                loaded = kept_records(store)
            except BadInput:
                raise error from None
            self._failed, self._trouble = sign, _kept_from_before(error)
        else:
            self._sign = sign
        return loaded, self._trouble

    def looks_changed(self, now: float) -> bool:
        """Whether they should be loaded again."""
        sign = self._signed()
        if now - self._looked >= (EVERY if sign is None else FILE_EVERY):
            self._looked = now
            self._due = self._due or sign is None or sign != (self._failed or self._sign)
        return self._due

    def now(self, before: Loaded) -> tuple[Loaded, str]:
        """The records as they are now, else as they were, with a sentence on why."""
        if not self._due:
            return before, self._trouble
        self._due, sign = False, self._signed()
        if sign is not None and sign == self._sign:
            self._failed, self._trouble = None, ""
            return before, ""
        try:
            loaded = load_records(self._source)
        except BadRecords as error:
            self._failed, self._trouble = sign, _kept_from_before(error)
            return before, self._trouble
        self._sign, self._failed, self._trouble = sign, None, ""
        return loaded, ""

    def _signed(self) -> object:
        """What the file looks like from outside; None: it is no file."""
        try:
            address = address_of(self._source)
            now = None if "://" in address else Path(address).stat()
        except (BadRecords, OSError, ValueError):
            return "gone"
        return now and (now.st_size, now.st_mtime_ns, now.st_ino)


def _kept_from_before(error: BadRecords) -> str:
    return f"{redacted(error.message)} Until then the records as they were last are used"
