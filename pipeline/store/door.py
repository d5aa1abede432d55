"""The one door to a store: whoever has settings opens it here, in this process or in another that got them."""

from __future__ import annotations

from pipeline.settings import Settings
from pipeline.store.address import looked_up
from pipeline.store.database import Store

__all__ = ["store_of"]


def store_of(settings: Settings, *, lock_seconds: float | None = None) -> Store:
    """The store that the settings name: SQLite in ``home`` or a PostgreSQL server, originals there or elsewhere.

    :param lock_seconds: how long to wait for another run's short transactions
    :raises BadSetting: a setting has no meaning
    :raises StoreTrouble: the store cannot be used now
    """
    return Store(
        settings.home,
        database=looked_up(settings.database.get_secret_value(), "YANZHANG_DATABASE"),
        originals=looked_up(settings.originals, "YANZHANG_ORIGINALS"),
        cache_bytes=settings.cache_bytes,
        lock_seconds=lock_seconds,
    )
