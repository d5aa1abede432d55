"""Prefect's surroundings: quiet, offline, in a home of our own. Imported before prefect is."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["be_quiet"]

_DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    # A batch's own summary counts; a task's every state change need not reach the server one by one.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "100",
    "PREFECT_CLI_PROMPT": "false",
}


def be_quiet(home: Path) -> None:
    """Set what the user has not set."""
    for name, value in {**_DEFAULTS, "PREFECT_HOME": str(home.resolve() / "prefect")}.items():
        os.environ.setdefault(name, value)
