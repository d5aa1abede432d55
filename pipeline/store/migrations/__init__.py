"""How a store's tables came to be, one file a step (alembic). Opening a store walks the steps it lacks, all or none.

To add or change a table:

1. Change it in its module under ``pipeline/store`` on the shared ``metadata`` (see :mod:`pipeline.store.tables` on
   names of columns), and import that module in ``pipeline/store/__init__.py``.
2. Add ``versions/rNNNN_what.py``, NNNN one more than the last::

       \"\"\"Nights: what each nightly run came to.\"\"\"

       import sqlalchemy as sa
       from alembic import op

       revision, down_revision = "0003", "0002"

       def upgrade() -> None:
           op.create_table("nights", sa.Column("id", sa.Integer, primary_key=True), ...)

   It says in full what it makes and imports nothing of ours: the step of today must do the same when the tables of
   tomorrow are others. Columns are changed within ``with op.batch_alter_table("nights") as table:``, which both
   databases understand. There is no way back: a store of a newer program is refused by an older one.
3. ``tests/test_migrations.py`` compares what the steps make with ``metadata`` on both databases.

Nothing else is to be done: the number of the last file is the form of the store (``PRAGMA user_version`` too, where an
older program looks). Rows are ordered by a number that is given under :func:`pipeline.store.sql.alone_with`, text is
sorted in Python (the databases' alphabets differ), ``String(n)`` is a bound on PostgreSQL.
"""
