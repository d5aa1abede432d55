"""Tests that draw seals need a Chinese font: they are passed over where none is installed."""

from __future__ import annotations

import pytest

from pipeline.errors import MissingTool
from samples.seal_fonts import faces

__all__ = ["needs_fonts"]


def _installed() -> bool:
    try:
        return bool(faces())
    except MissingTool:
        return False


needs_fonts = pytest.mark.skipif(not _installed(), reason="no Chinese font installed")
