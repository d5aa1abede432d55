"""Taking turns at a record source (限流): whoever runs the flows may say how many ask an online system at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

__all__ = ["my_turn", "taking_turns"]

Turn = Callable[[], AbstractContextManager[None]]

_turn: ContextVar[Turn] = ContextVar("turn", default=nullcontext)


@contextmanager
def taking_turns(turn: Turn) -> Iterator[None]:
    """Within this, who asks an online system does so within ``turn()``."""
    token = _turn.set(turn)
    try:
        yield
    finally:
        _turn.reset(token)


def my_turn(address: str) -> AbstractContextManager[None]:
    """Wait until that source may be asked, and have it until this ends; a file of this machine is anybody's."""
    return _turn.get()() if "://" in address else nullcontext()
