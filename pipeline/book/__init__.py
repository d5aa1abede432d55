"""The record book (申报数据簿): the online records as they are, as they were, and what changed between two looks.

A source is read from end to end, each row compared by a digest of its raw values with the row it was yesterday; only
rows that are new or changed are converted (:func:`bring_up`). A source that is down, or lacks much of what it held,
changes nothing: yesterday's copy stays in use, and an alarm says so.

Who judges again what has changed asks :func:`changes_since` with the mark of the last run that judged *to its end*, not
``Brought.changed``, which tells of this look only: a batch may have brought changes at noon, and a run that was killed
after it brought the book up would otherwise never be made good.
"""

from pipeline.book.bringing_up import MIN_SHARE, Brought, add, bring_up, load, named
from pipeline.book.versions import (
    Change,
    Version,
    as_of,
    changes_since,
    count,
    every,
    histories,
    history,
    mark,
    record,
    record_key,
    records,
)
from pipeline.records.changes import changes_between

__all__ = [
    "MIN_SHARE",
    "Brought",
    "Change",
    "Version",
    "add",
    "as_of",
    "bring_up",
    "changes_between",
    "changes_since",
    "count",
    "every",
    "histories",
    "history",
    "load",
    "mark",
    "named",
    "record",
    "record_key",
    "records",
]
