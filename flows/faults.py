"""Kinds of fault: what may be gone in a minute is tried again, what somebody must mend first never is."""

from __future__ import annotations

import httpx

from pipeline.errors import ClusterDown, SourceDown, StoreTrouble, YanzhangError
from pipeline.store.leases import Held

__all__ = ["may_pass"]

_PASSING = (SourceDown, StoreTrouble, ClusterDown)
_NETWORK = (httpx.TransportError, ConnectionError)  # TimeoutError is none: a limit that was reached is reached again


def may_pass(error: BaseException) -> bool:
    """Whether the same thing may go well a little later.

    A record source that is down, a store that is locked or full, a network that is away may come back; a bad batch, a
    bad setting, a program that is missing stay as they are however often one asks.
    """
    if isinstance(error, Held):
        return False  # another has begun the same: it brings it to its end
    if isinstance(error, YanzhangError):
        return isinstance(error, _PASSING)
    return isinstance(error, _NETWORK)
