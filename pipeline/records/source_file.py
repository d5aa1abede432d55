"""A source file (``records.toml``): where records are, under which names, and how they are asked for.

Addresses with passwords and tokens stand in environment variables that it names; see docs/RECORDS.md.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from pipeline.errors import BadRecords
from pipeline.model import Record
from pipeline.values.secrets import holds_secret, redacted

__all__ = ["SUFFIX", "CertificateRows", "Paging", "SourceFile", "read_source_file"]

SUFFIX = ".toml"
MAX_BYTES = 1_000_000
_FIELDS = frozenset(Record.model_fields)

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Unit = Literal["", "元", "千元", "万元", "百万元", "亿元"]
Kind = Literal["sql", "http", "file"]
Style = Literal["none", "next", "page", "offset", "cursor"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CertificateRows(_Strict):
    """Certificates in a table of their own, or found by a query (``[certificates]``)."""

    table: str = ""
    query: str = ""
    key: Name = "application_no"
    columns: dict[Literal["kind", "number", "name", "issuer", "valid_until"], Name] = Field(
        default_factory=lambda: {"kind": "kind", "number": "number"}  # type: ignore[arg-type]
    )
    kinds: dict[str, str] = Field(default_factory=dict)


class Paging(_Strict):
    """How pages of JSON follow one another (``[paging]``).

    ``next``: the body (or a Link header) names the next address at ``next``; ``page``, ``offset``: a number counts
    pages or records; ``cursor``: the body names at ``cursor`` what the next page is asked for with.
    """

    style: Style = "next"
    items: str = ""  # where in the body the records are: data.list; empty: found
    total: str = ""  # where in the body it says how many there are: then fewer or more is an alarm
    next: str = "next"
    cursor: str = "next_cursor"
    page_parameter: Name = "page"
    first_page: int = Field(default=1, ge=0, le=1)
    size_parameter: str = ""
    size: int = Field(default=500, ge=1, le=100_000)
    offset_parameter: Name = "offset"
    cursor_parameter: Name = "cursor"


class SourceFile(_Strict):
    """All of a source file."""

    kind: Kind
    address: Name
    table: str = ""
    view: str = ""
    query: str = Field(default="", max_length=100_000)
    columns: dict[str, Name] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    unit: Unit = ""
    paging: Paging | None = None
    token_env: Annotated[str, StringConstraints(pattern=r"^$|^[A-Za-z_][A-Za-z0-9_]{0,99}$")] = ""
    min_share: float | None = Field(default=None, ge=0, le=1)
    certificates: CertificateRows | None = None

    @model_validator(mode="after")
    def _sound(self) -> SourceFile:
        unknown = sorted((self.columns.keys() | self.values.keys()) - _FIELDS)
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is no field of a record (docs/RECORDS.md lists them)")
        if len(set(self.columns.values())) < len(self.columns):
            raise ValueError("columns names one column for two fields")
        if self.kind == "sql" and sum(map(bool, (self.table, self.view, self.query))) > 1:
            raise ValueError("table, view and query exclude one another")
        if self.kind != "sql" and (self.table or self.view or self.query or self.certificates):
            raise ValueError('table, view, query and certificates belong to kind = "sql"')
        if self.kind != "http" and (self.paging or self.token_env):
            raise ValueError('paging and token_env belong to kind = "http"')
        if self.certificates and bool(self.certificates.table) == bool(self.certificates.query):
            raise ValueError("certificates need a table or a query")
        if holds_secret(self.address):
            raise ValueError("address holds a password: put the address into a variable and write env:ITS_NAME here")
        return self


def read_source_file(path: Path) -> SourceFile:
    """What a source file says.

    :raises BadRecords: it is none
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadRecords(f"{path} is no source file: it is larger than {MAX_BYTES // 1000} kB.")
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadRecords(f"The source file {path} cannot be read: {error.strerror or error}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRecords(f"The source file {path} is no valid TOML: {redacted(str(error).splitlines()[0])}.") from error
    try:
        return SourceFile.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "it"
        said = first["msg"].removeprefix("Value error, ")
        raise BadRecords(f"The source file {path} cannot be used: {where}: {redacted(said)}.") from error
