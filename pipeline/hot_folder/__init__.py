"""A hot folder (yanzhang watch): :mod:`.run` looks, stores, has read and judged; :mod:`.records` keeps the online
records at hand; :mod:`.results` says what became of each arrival.
"""

from __future__ import annotations

from pipeline.hot_folder.run import Told, Wanted, watch

__all__ = ["Told", "Wanted", "watch"]
