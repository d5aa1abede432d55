"""All settings, read once at the door and handed down (environment prefix ``YANZHANG_``)."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["Bounds", "ReadingSettings", "Settings"]


class Bounds(BaseModel):
    """What one stranger's file may cost. Past these a page or file is refused, never half-read."""

    model_config = ConfigDict(frozen=True)

    max_pixels: int = 120_000_000  # an A2 sheet at 400 dpi; Pillow warns at 89 million
    max_pages: int = 2_000  # of one file; the longest audit reports have 300
    max_bytes: int = 2_000_000_000
    page_seconds: int = Field(default=120, ge=1)  # to decode or to read one page; a slow machine needs 10
    page_memory: int = Field(
        default=3_000_000_000, ge=200_000_000
    )  # bytes to decode one: max_pixels in RGB eight times
    reader_memory: int = Field(default=6_000_000_000, ge=1_000_000_000)  # bytes of a process that reads; usual: 1.5 GB

    def that_change_readings(self) -> str:
        """The bounds by which a page is read or refused, as JSON; time and memory make no reading another one."""
        return self.model_dump_json(include={"max_pixels", "max_pages", "max_bytes"})


class ReadingSettings(BaseModel):
    """How pages are read. Part of the key under which readings are kept: another value reads again."""

    model_config = ConfigDict(frozen=True)

    render_dpi: int = 200  # CONTRACT: a PDF page is measured at 200 dpi
    detection_side: int = 960  # px of the longer side for text detection, DOMAIN-free: HOUSE "Materials"
    second_reading: bool = True  # tesseract on money, count and identifier fields
    skim: bool = True  # long notes of audit reports get a glance a page; off: every page is read in full


class Settings(BaseSettings):
    """Everything that can be set, frozen.

    ``home`` is where originals, readings and results live (``YANZHANG_HOME``). Several machines share a ``database``
    (``YANZHANG_DATABASE``, ``postgresql://…``; empty: SQLite in ``home``) and ``originals`` (``YANZHANG_ORIGINALS``,
    any fsspec address such as ``s3://bucket/prefix``; empty: a folder in ``home``); each keeps a ``home`` for what
    is its own. ``cluster`` (``YANZHANG_CLUSTER``, ``tcp://…:8786`` or ``tls://…:8786``) is the Dask scheduler whose
    workers read; empty: processes of this machine.
    """

    model_config = SettingsConfigDict(env_prefix="YANZHANG_", env_nested_delimiter="__", frozen=True)

    home: Path = Field(default_factory=lambda: user_data_path("yanzhang", appauthor=False))
    workers: int = Field(default_factory=lambda: max(1, os.cpu_count() or 1), ge=1, le=256)
    database: SecretStr = SecretStr("")
    originals: str = Field(default="", max_length=4096)
    cluster: str = Field(default="", max_length=300, pattern=r"^((tcp|tls)://[^\s/@]+:[0-9]{1,5})?$")
    bounds: Bounds = Bounds()
    reading: ReadingSettings = ReadingSettings()
