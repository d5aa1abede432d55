"""What changed between two versions of a record (申报数据的变更)."""

from __future__ import annotations

from pipeline.model import Record

__all__ = ["changes_between"]


def changes_between(before: Record | None, after: Record | None) -> tuple[tuple[str, object, object], ...]:
    """(field, before, after) for each field that differs, in the order of the record's; None stands for no record."""
    if before is None or after is None:
        return ()
    return tuple(
        (name, was, now)
        for name in Record.model_fields
        if (was := getattr(before, name)) != (now := getattr(after, name))
    )
