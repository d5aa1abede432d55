"""pdfplumber and pdfminer, kept from running for ever or filling the memory over a stranger's file.

They follow a reference that leads to itself, spell out a range of four thousand million characters, and unpack whatever
is packed. Both make their parts themselves and take none made by others: the parts are put in their place here, once.
"""

from __future__ import annotations

import logging
import zlib
from pathlib import Path
from typing import Any

import pdfminer.pdffont
import pdfminer.pdftypes
import pdfplumber
import pdfplumber.pdf
from pdfminer.cmapdb import FileUnicodeMap
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdftypes import PDFObjRef
from pdfminer.psparser import PSLiteral

__all__ = ["opened"]

MAX_FONT_CHARS = 300_000  # that a font's table may name; all of Unicode has 160 000
MAX_STREAM = 64_000_000  # bytes of a stream, unpacked; a Chinese font has 20 million
logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns about every odd font


def opened(path: Path, password: str) -> Any:
    """The file as pdfplumber's ``PDF``.

    :raises Exception: whatever a stranger's bytes lead pdfminer to
    """
    return pdfplumber.open(path, password=password)


class TooMuch(ValueError):
    """More than any honest file has."""


class _Document(PDFDocument):
    """A reference that leads to itself leads to nothing."""

    def getobj(self, objid: int) -> object:
        found, passed = super().getobj(objid), {objid}
        while isinstance(found, PDFObjRef):
            if found.objid in passed:
                return None
            passed.add(found.objid)
            found = super().getobj(found.objid)
        return found


class _Characters(FileUnicodeMap):
    """A font's table of characters with an end."""

    def __init__(self) -> None:
        super().__init__()
        self._told = 0

    def add_cid2unichr(self, cid: int, code: PSLiteral | bytes | int) -> None:
        self._told += 1
        if self._told > MAX_FONT_CHARS:
            raise TooMuch("a font that names more characters than there are")
        super().add_cid2unichr(cid, code)


class _Zlib:
    """What pdfminer uses of zlib, with a bound."""

    error = zlib.error

    @staticmethod
    def decompress(data: bytes) -> bytes:
        unpacker = zlib.decompressobj()
        done = _bounded(unpacker, data)
        if not unpacker.eof:
            raise zlib.error("incomplete or truncated stream")
        return done


def _as_far_as_it_goes(data: bytes) -> bytes:
    """What is there of a stream that breaks off or whose checksum is wrong (pdfminer's own takes hours for it)."""
    unpacker = zlib.decompressobj()
    done = _bounded(unpacker, data[:-3])
    for at in range(max(0, len(data) - 3), len(data)):
        try:
            done += unpacker.decompress(data[at : at + 1])
        except zlib.error:
            break
    return done


def _bounded(unpacker: Any, data: bytes) -> bytes:
    done: bytes = unpacker.decompress(data, MAX_STREAM + 1)
    if len(done) > MAX_STREAM:
        raise TooMuch("a stream that unpacks to more than any page needs")
    return done


for module, name, part in (
    (pdfplumber.pdf, "PDFDocument", _Document),
    (pdfminer.pdffont, "FileUnicodeMap", _Characters),
    (pdfminer.pdftypes, "zlib", _Zlib),
    (pdfminer.pdftypes, "decompress_corrupted", _as_far_as_it_goes),
):
    assert hasattr(module, name), f"{module.__name__} has no {name} any more"
    setattr(module, name, part)
