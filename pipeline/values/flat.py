"""Text for comparison: signs of full width folded, no white space. How a text was set tells nothing of what it says."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["flat"]


def flat(text: str) -> str:
    """Folded by NFKC, without white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
