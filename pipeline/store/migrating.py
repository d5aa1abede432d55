"""A store's database brought up to the form of this version (:mod:`pipeline.store.migrations`), by one at a time."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from sqlalchemy import Connection, inspect

from pipeline.errors import StoreTrouble

__all__ = ["brought_up", "form", "newest_form", "refuse_newer"]

_STEP = re.compile(r"r(\d{4})_\w+\.py")
_TABLE = "alembic_version"


@cache
def newest_form() -> int:
    """The number of the last step there is."""
    steps = files("pipeline.store.migrations.versions").iterdir()
    return max(int(found[1]) for step in steps if (found := _STEP.fullmatch(step.name)))


def form(db: Connection, place: object) -> int:
    """The number of the last step that this database has seen; 0 where it has seen none.

    This is all that opening a store costs most days: alembic is imported where there is something to do.

    :raises StoreTrouble: the store is of a newer version
    """
    if not inspect(db).has_table(_TABLE):
        return 0
    told = db.exec_driver_sql(f"SELECT version_num FROM {_TABLE}").scalar_one_or_none() or "0"
    now = int(told) if told.isdecimal() else newest_form() + 1  # no step of ours is called so
    refuse_newer(now, place)
    return now


def refuse_newer(form: int, place: object) -> None:
    """:raises StoreTrouble: a store of that form is a newer version's"""
    if form > newest_form():
        raise StoreTrouble(
            f"the store {place} was written by a newer yanzhang (form {form}, this one knows {newest_form()}): "
            "update yanzhang, then run the same command again"
        )


def brought_up(db: Connection) -> None:
    """Walk the steps that the database lacks, in the transaction of this connection, which has it alone."""
    import logging

    from alembic import command
    from alembic.config import Config

    logging.getLogger("alembic").setLevel(logging.WARNING)  # what it does is ours to say
    config = Config()
    config.set_main_option("script_location", str(files("pipeline.store.migrations")).replace("%", "%%"))
    config.attributes["connection"] = db
    command.upgrade(config, "head")
