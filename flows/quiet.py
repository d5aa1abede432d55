"""Prefect's surroundings: quiet, offline, in a home of our own. Imported before prefect is."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pipeline.errors import BadSetting

__all__ = ["be_quiet"]

PRIVATE = 0o700

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
    # What somebody may have kept one day is JSON: a pickle is a program that whoever reads it runs.
    "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
}


def be_quiet(home: Path) -> None:
    """Set what the user has not set, and keep Prefect's own folder and server ours alone: they know of envelopes."""
    own = home.resolve() / "prefect"
    for name, value in {**_DEFAULTS, "PREFECT_HOME": str(own)}.items():
        os.environ.setdefault(name, value)
    if not os.environ.get("PREFECT_API_URL"):
        # The server that a run starts for itself listens to every account of this machine: it asks for this password.
        password = os.environ.setdefault("PREFECT_SERVER_API_AUTH_STRING", f"yanzhang:{secrets.token_urlsafe(24)}")
        os.environ.setdefault("PREFECT_API_AUTH_STRING", password)
    if os.environ["PREFECT_HOME"] == str(own):
        try:
            own.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
            own.chmod(PRIVATE)
        except OSError as error:
            raise BadSetting(
                f"{own} cannot be made ({error.strerror}): set YANZHANG_HOME to a folder of yours"
            ) from error
