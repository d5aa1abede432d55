"""What the rest of the machinery costs beside reading: for docs/SCALE.md, measured where it is run.

    python -m samples.scale_costs --home HOME [--postgres postgresql://…] [--s3 s3://bucket/prefix]

``--home``: a store that has read something (its bytes a page). A database and a bucket of S3 are measured if named.
Reading itself is measured by ``make bench``, the night by ``samples/nightly_bench.py``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sqlite3
import statistics
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from pipeline.store import Store, StoredFile

TRIES = 200
READING = 40_000  # bytes of a packed reading: about what an envelope of the demo set leaves


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--postgres")
    parser.add_argument("--s3")
    asked = parser.parse_args(arguments)
    for name, value in measured(asked.home, asked.postgres, asked.s3):
        print(f"{name}: {value:.4g}", flush=True)
    return 0


def measured(home: Path | None, postgres: str | None, s3: str | None) -> Iterator[tuple[str, float]]:
    """(what, how much), one after the other."""
    block = os.urandom(50_000_000)
    yield "hash, MB/s", len(block) / 1e6 / _timed(lambda: hashlib.sha256(block).digest(), 3)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "home")
        numbers = iter(range(1_000_000))
        yield "SQLite, s a transaction (an arrival)", _timed(lambda: _arrive(store, next(numbers)), TRIES)
        yield "SQLite, s a transaction (a reading)", _timed(lambda: _keep(store, next(numbers)), TRIES)
        store.close()
    if home is not None:
        yield from _of_store(home)
    if postgres is not None:
        yield "PostgreSQL, s a transaction (a reading)", _postgres(postgres)
    if s3 is not None:
        yield from _s3(s3)


def _timed(work: Callable[[], object], tries: int) -> float:
    """Median seconds."""
    took = []
    for _ in range(tries):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return statistics.median(took)


def _arrive(store: Store, number: int) -> None:
    sha256 = hashlib.sha256(str(number).encode()).hexdigest()
    store.arrive(f"{number}.pdf", [StoredFile("a.pdf", sha256)], sha256=sha256, split="auto", received_on=None)


def _keep(store: Store, number: int) -> None:
    store.keep_reading(hashlib.sha256(str(number).encode()).hexdigest(), os.urandom(READING))


def _of_store(home: Path) -> Iterator[tuple[str, float]]:
    """Bytes a page of a store on SQLite and a local folder."""
    with sqlite3.connect(next(home.glob("*.sqlite3"))) as db:
        pages = 0
        packed = plain = 0
        for (data,) in db.execute("SELECT data FROM readings"):
            unpacked = zlib.decompress(data)
            pages += sum(len(one.get("pages", ())) for one in json.loads(unpacked))
            packed, plain = packed + len(data), plain + len(unpacked)
        yield "pages", pages
        yield "readings, packed bytes a page", packed / pages
        yield "readings, plain bytes a page", plain / pages
        for table in ("imprints", "judgements", "sayings"):
            (size,) = db.execute(f"SELECT coalesce(sum(length(data)), 0) FROM {table}").fetchone()
            yield f"{table}, bytes a page", size / pages
    files = [path for path in (home / "originals").rglob("*") if path.is_file()]
    yield "originals, bytes a page", sum(path.stat().st_size for path in files) / pages
    yield "database's file, bytes a page", sum(path.stat().st_size for path in home.glob("*.sqlite3")) / pages


def _postgres(address: str) -> float:
    import psycopg

    with psycopg.connect(address, autocommit=True) as db:
        db.execute("CREATE TABLE IF NOT EXISTS scale_costs_kept (key text PRIMARY KEY, data bytea)")
        numbers = iter(range(1_000_000))

        def one() -> None:
            row = (f"{os.getpid()}-{next(numbers)}", os.urandom(READING))
            db.execute("INSERT INTO scale_costs_kept VALUES (%s, %s)", row)

        took = _timed(one, TRIES)
        db.execute("DROP TABLE scale_costs_kept")
    return took


def _s3(address: str) -> Iterator[tuple[str, float]]:
    import fsspec

    files, path = fsspec.core.url_to_fs(address)
    for size in (1_000_000, 40_000_000):
        data, name = os.urandom(size), f"{path}/scale-{size}"
        tries = 20 if size < 10_000_000 else 5
        yield f"S3, s a put of {size / 1e6:g} MB", _timed(partial(files.pipe_file, name, data), tries)
        yield f"S3, s a get of {size / 1e6:g} MB", _timed(partial(files.cat_file, name), tries)
        files.rm(name)


if __name__ == "__main__":
    raise SystemExit(main())
