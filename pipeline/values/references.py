"""Addresses by reference (``env:NAME``): one that holds a password stands in a variable, never where it is shown."""

from __future__ import annotations

import os
import re

__all__ = ["BY_REFERENCE", "referred"]

BY_REFERENCE = "env:"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


def referred(address: str) -> tuple[str, str]:
    """The address that ``env:NAME`` refers to, and NAME as it can be shown; any other address as it is, and "".

    The address is "" where there is no such variable, or nothing in it.
    """
    if not address.startswith(BY_REFERENCE):
        return address, ""
    name = address.removeprefix(BY_REFERENCE)
    return (os.environ.get(name, "") if _NAME.fullmatch(name) else ""), name[:100]
