"""What Prefect logs of a run that failed: the sentence that says what to do, not where in the program it was said."""

from __future__ import annotations

import logging

from flows.walk import by_hand
from pipeline.errors import YanzhangError

__all__ = ["log_sentences"]

_LOGGERS = ("prefect.flow_runs", "prefect.task_runs")


class _Sentences(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        ours = record.exc_info is None or isinstance(record.exc_info[1], YanzhangError)
        if ours and by_hand() and record.levelno >= logging.ERROR:
            return False  # who started the run here is told at its end
        if ours:
            record.exc_info = record.exc_text = None
        return True


_sentences = _Sentences()


def log_sentences() -> None:
    """Log so from now on."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_sentences)
