"""All settings, read once at the door and handed down (environment prefix ``YANZHANG_``)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

__all__ = ["Bounds", "ReadingSettings", "Settings", "TellSettings"]

# One plain address: no sign that begins another line, another header or another address.
MailAddress = Annotated[str, Field(max_length=254, pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$")]


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


class TellSettings(BaseModel):
    """Who is told of each night, and how (``YANZHANG_TELL__…``); what is empty is not used.

    The address of a robot (WeCom 企业微信, DingTalk 钉钉) holds its key: it is kept like a password.
    """

    model_config = ConfigDict(frozen=True)

    smtp_host: str = Field(default="", max_length=255, pattern=r"^[A-Za-z0-9.:_-]*$")
    smtp_port: int | None = Field(default=None, ge=1, le=65535)  # None: 465 with tls, 587 with starttls, 25 with none
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = Field(default="", max_length=255)
    smtp_password: SecretStr = SecretStr("")
    mail_from: MailAddress | Literal[""] = ""  # empty: smtp_user
    mail_to: Annotated[tuple[MailAddress, ...], NoDecode, Field(max_length=50)] = ()  # with commas between them
    wecom_url: SecretStr = SecretStr("")
    wecom_form: Literal["markdown", "text"] = "markdown"  # text: for groups that are read in WeChat (微信插件)
    dingtalk_url: SecretStr = SecretStr("")
    dingtalk_secret: SecretStr = SecretStr("")  # SEC…; empty: the robot asks for a keyword instead: 验章
    webhook_url: SecretStr = SecretStr("")
    report_url: str = Field(default="", max_length=1000)  # where readers of the digest find the report
    ca_file: Path | None = None  # certificates of an authority of one's own, for mail and webhooks
    seconds: float = Field(default=30, gt=0, le=600)  # for one try at one channel, all in all

    @field_validator("mail_to", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """Addresses as people write them: commas, semicolons or spaces between."""
        return tuple(filter(None, re.split(r"[\s,;，；\"\[\]]+", value))) if isinstance(value, str) else value


class Settings(BaseSettings):
    """Everything that can be set, frozen.

    ``home`` is where originals, readings and results live (``YANZHANG_HOME``). Several machines share a ``database``
    (``YANZHANG_DATABASE``, ``postgresql://…``; empty: SQLite in ``home``) and ``originals`` (``YANZHANG_ORIGINALS``,
    any fsspec address such as ``s3://bucket/prefix``; empty: a folder in ``home``); each keeps a ``home`` for what
    is its own. Every report is copied to ``reports`` (``YANZHANG_REPORTS``, a folder or such an address; empty: it lies
    where it was written). ``cluster`` (``YANZHANG_CLUSTER``, ``tcp://…:8786`` or ``tls://…:8786``) is the Dask
    scheduler whose workers read; empty: processes of this machine.
    """

    model_config = SettingsConfigDict(env_prefix="YANZHANG_", env_nested_delimiter="__", frozen=True)

    home: Path = Field(default_factory=lambda: user_data_path("yanzhang", appauthor=False))
    workers: int = Field(default_factory=lambda: max(1, os.cpu_count() or 1), ge=1, le=256)
    database: SecretStr = SecretStr("")
    originals: str = Field(default="", max_length=4096)
    reports: str = Field(default="", max_length=4096)
    cluster: str = Field(default="", max_length=300, pattern=r"^((tcp|tls)://[^\s/@]+:[0-9]{1,5})?$")
    cache_bytes: int = Field(default=10_000_000_000, ge=0)  # of copies of originals that lie elsewhere
    bounds: Bounds = Bounds()
    reading: ReadingSettings = ReadingSettings()
    tell: TellSettings = TellSettings()
