"""Text from strangers made fit to be shown: on a terminal, in a log line, as JSON that a terminal prints.

What a terminal, a browser or an editor obeys instead of showing (escape sequences, turns of the writing direction,
signs of no width, breaks of line) stands there by its number instead; signs of any script stay as they are.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["json_printable", "printable"]

# Cc: controls of C0 and C1. Cf: signs of no width, turns of direction, tags. Cs: halves of a sign (names of files that
# are no UTF-8). Zl, Zp: breaks of line. Co, Cn: nobody can say what a terminal does with them.
_OBEYED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})
_UNSEEN = frozenset("\u034f\u115f\u1160\u3164\uffa0")  # letters and marks that show nothing at all
_RARE = range(0x20000, 0x3FFFE)  # planes of Chinese signs: new ones come with each Unicode, before Python knows them
_SUSPECT = re.compile(r"[^\x20-\x7e\u4e00-\u9fff\u3000-\u303e\uff01-\uff5e]")
_IN_JSON = re.compile(r"[^\x20-\x7e\u4e00-\u9fff\u3000-\u303e\uff01-\uff5e\n]")


def printable(text: str, *, lines: bool = False) -> str:
    r"""The text with what would be obeyed shown as ``\x1b``, ``\u202e`` …: one line, whatever it held.

    :param lines: breaks of line stay (for our own texts of several lines)
    """
    return _SUSPECT.sub(lambda sign: sign[0] if lines and sign[0] == "\n" else _shown(sign[0]), text)


def json_printable(text: str) -> str:
    r"""JSON, in which the same signs stand as ``\u…``: it means what it meant, and can be printed."""
    return _IN_JSON.sub(lambda sign: _escaped(sign[0]), text)


def _shown(sign: str) -> str:
    return sign.encode("unicode_escape").decode() if _is_obeyed(sign) else sign


def _is_obeyed(sign: str) -> bool:
    return sign in _UNSEEN or (unicodedata.category(sign) in _OBEYED and ord(sign) not in _RARE)


def _escaped(sign: str) -> str:
    if not _is_obeyed(sign):
        return sign
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
