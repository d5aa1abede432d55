"""Names of runs, as Prefect's pages list them: a stranger's name of a folder is letters there and nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import PurePath
from zoneinfo import ZoneInfo

from pipeline.values.printable import printable
from pipeline.values.secrets import redacted

__all__ = ["ZONE", "batch_name", "envelope_name", "night_name"]

ZONE = "Asia/Shanghai"
MAX_NAME = 80  # characters
_OTHER = re.compile(r"[^\w.\-]+")  # \w: letters and figures of any script


def night_name(start: datetime) -> str:
    """夜间复核的名称: the day on which it begins, where the office is."""
    moment = start if start.tzinfo else start.replace(tzinfo=UTC)
    return f"night-{moment.astimezone(ZoneInfo(ZONE)).date().isoformat()}"


def batch_name(batch: str) -> str:
    """批次的名称: the folder's own name."""
    name = _OTHER.sub("_", printable(redacted(PurePath(batch).name))).strip("._")
    return f"batch-{name[:MAX_NAME] or 'unnamed'}"


def envelope_name(name: str) -> str:
    """A task's name: the envelope's as it is shown elsewhere, cut."""
    return printable(redacted(name))[:200]
