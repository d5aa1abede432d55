"""Truths and reports as envelopes: a list of objects, whatever holds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline.errors import BadInput

__all__ = ["envelopes_in", "listed", "matching", "name_of"]


def envelopes_in(path: Path, name: str) -> list[dict[str, Any]]:
    """The list of envelopes, whatever holds it."""
    file = path / name if path.is_dir() else path
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadInput(f"{file} does not exist") from error
    except (OSError, ValueError, RecursionError) as error:  # ValueError: no UTF-8, no JSON, a number of 5,000 digits
        raise BadInput(f"{file} cannot be read as JSON: {error}") from error
    held = data.get("envelopes") if isinstance(data, dict) else data
    if isinstance(held, dict):
        held = [{"envelope": key, **body} if isinstance(body, dict) else body for key, body in held.items()]
    if not isinstance(held, list) or not all(isinstance(e, dict) for e in held):
        raise BadInput(f"{file} holds no list of envelopes")
    if not all(name_of(e) for e in held):
        raise BadInput(f"{file} holds an envelope without a name (“envelope”)")
    return held


def name_of(envelope: Mapping[str, Any]) -> str:
    """An envelope's name."""
    return str(envelope.get("envelope") or envelope.get("file") or "")


def matching(name: str, reports: Mapping[str, dict[str, Any]]) -> dict[str, Any] | None:
    """By the full name, else by the last part of a path, else without its extension."""
    if name in reports:
        return reports[name]
    last = PurePosixPath(name).name
    for other, body in reports.items():
        if PurePosixPath(other).name == last or PurePosixPath(other).stem == PurePosixPath(last).stem:
            return body
    return None


def listed(envelope: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The list under a key; empty where there is none."""
    held = envelope.get(key) or []
    if not isinstance(held, list) or not all(isinstance(x, dict) for x in held):
        raise BadInput(f"{name_of(envelope) or 'an envelope'}: “{key}” is no list of objects")
    return held
