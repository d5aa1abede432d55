"""Names of files as text: what a file system holds are bytes, and not all of them are UTF-8."""

from __future__ import annotations

import os

__all__ = ["readable_name"]


def readable_name(name: str) -> str:
    """The name as it can be kept and written: one of GB18030 bytes (archives packed under Chinese Windows) as what it
    says, any other that is no UTF-8 with its bytes by their numbers.
    """
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raw = os.fsencode(name)
        try:
            return raw.decode("gb18030")
        except UnicodeDecodeError:
            return raw.decode("utf-8", "backslashreplace")
    return name
