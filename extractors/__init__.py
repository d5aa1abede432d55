"""Document types, one file each: ``TYPES``, ``score(page)`` and ``extract(pages, programme, type)``.

A module is found by being here; names that begin with "_" are helpers. To add a document type, add a file.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from pipeline.sorting import Extractor

__all__ = ["all_extractors"]


@cache
def all_extractors() -> tuple[Extractor, ...]:
    """Every extractor there is, in order of its name."""
    names = sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(cast(Extractor, import_module(f"{__name__}.{name}")) for name in names)
