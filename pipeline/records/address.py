"""Where records are, by reference: an address that holds a password stands in a variable, never on a command line,
in a flow's parameters or in a report.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from pipeline.errors import BadRecords

__all__ = ["BY_REFERENCE", "absolute", "address_of"]

BY_REFERENCE = "env:"
_LITE = re.compile(r"sqlite:///(?!/)(?P<path>.+?)(?P<table>#[^#/]*)?")  # a file named from where one stands
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


def address_of(source: str) -> str:
    """What ``env:NAME`` refers to; any other source as it is.

    :raises BadRecords: there is no such variable
    """
    if not source.startswith(BY_REFERENCE):
        return source
    name = source.removeprefix(BY_REFERENCE)
    address = os.environ.get(name, "") if _NAME.fullmatch(name) else ""
    if not address:
        raise BadRecords(
            f"The records are said to be where the variable {name[:100]} says, and it is not set: "
            f"export {name[:100]}=… first."
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
