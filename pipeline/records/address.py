"""Where records are, by reference: an address that holds a password stands in a variable, never on a command line,
in a flow's parameters or in a report.
"""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.errors import BadRecords
from pipeline.values.references import BY_REFERENCE, referred

__all__ = ["absolute", "address_of"]

_LITE = re.compile(r"sqlite:///(?!/)(?P<path>.+?)(?P<table>#[^#/]*)?")  # a file named from where one stands


def address_of(source: str) -> str:
    """What ``env:NAME`` refers to; any other source as it is.

    :raises BadRecords: there is no such variable
    """
    address, name = referred(source)
    if not address:
        raise BadRecords(
            f"The records are said to be where the variable {name} says, and it is not set: export {name}=… first."
        )
    return address


def absolute(source: str) -> str:
    """The same source for a process that runs elsewhere: a file or SQLite database with its folder, else as it is."""
    lite = _LITE.fullmatch(source)
    if ("://" in source and lite is None) or source.startswith(BY_REFERENCE):
        return source
    try:
        return f"sqlite:///{Path(lite['path']).resolve()}{lite['table'] or ''}" if lite else str(Path(source).resolve())
    except (OSError, ValueError, RuntimeError):
        return source
