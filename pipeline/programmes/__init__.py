"""Programmes: one TOML file a call, beside this module. ``load("cciip-2023")`` reads ``cciip_2023.toml``."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from pydantic import ValidationError

from pipeline.errors import BadSetting
from pipeline.programmes.model import (
    CertificateKind,
    Criteria,
    DocumentRule,
    FunctionClass,
    FunctionGroup,
    Industry,
    Policies,
    Programme,
    SealRule,
    SignatureRule,
    Slot,
    TrackRules,
)

__all__ = [
    "CertificateKind",
    "Criteria",
    "DocumentRule",
    "FunctionClass",
    "FunctionGroup",
    "Industry",
    "Policies",
    "Programme",
    "SealRule",
    "SignatureRule",
    "Slot",
    "TrackRules",
    "digest",
    "known",
    "load",
]

DIGEST_LENGTH = 12  # hex digits: enough that no two rule sets of a programme ever share one


def known() -> tuple[str, ...]:
    """Ids of all programmes there are, sorted."""
    names = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".toml").replace("_", "-") for name in names if name.endswith(".toml")))


@cache
def load(name: str) -> Programme:
    """The programme of that id.

    :raises BadSetting: no such programme, or its file does not hold what a programme needs
    """
    if name not in known():
        raise BadSetting(f"there is no programme {name!r}; known: {', '.join(known())}")
    file_name = f"{name.replace('-', '_')}.toml"
    content = files(__name__).joinpath(file_name).read_bytes()
    try:
        return _programme(tomllib.loads(content.decode("utf-8")), content)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError, KeyError) as error:
        raise BadSetting(f"the programme file {file_name} is wrong: {error}") from error


def _programme(data: dict[str, Any], content: bytes) -> Programme:
    """From the file's tables to the model: three tables have shorter names in the file than in the model."""
    fields = dict(data)
    version = fields.pop("version")
    return Programme(
        rules_version=f"{version}+{digest(content, files('pipeline'))}",
        industry_definitions=fields.pop("industries"),
        categories=fields.pop("table2")["categories"],
        function_groups=fields.pop("functions"),
        **fields,
    )


def digest(content: bytes, pipeline: Traversable) -> str:
    """Hash of a programme file, the rules' code and the measured confidences: one changed, all is judged again."""
    made = hashlib.sha256(content)
    made.update(pipeline.joinpath("calibration.json").read_bytes())
    for source in _rule_sources(pipeline):
        made.update(source.name.encode())
        made.update(source.read_bytes())
    return made.hexdigest()[:DIGEST_LENGTH]


def _rule_sources(pipeline: Traversable) -> tuple[Traversable, ...]:
    """What a judgement follows from besides readings and records, by path: programmes never import the rules.

    The rules, what they know of values (amounts, names, regions, sums), and what puts both together.
    """
    rooms = (pipeline.joinpath(room) for room in ("checks", "values"))
    of_seals = ("authorities.py", "names.py", "owner.py", "radicals.py", "wording.py")
    sources = [entry for room in rooms for entry in room.iterdir() if entry.name.endswith(".py")]
    return (
        *sorted(sources, key=lambda entry: entry.name),
        pipeline.joinpath("judging.py"),
        *(pipeline.joinpath("seals").joinpath(name) for name in of_seals),
    )
