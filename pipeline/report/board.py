"""The board of a hot folder: ``watch.html`` for whoever scans, ``watch.json`` for programs and for the next watch.

All text passes the same gates as the report's: autoescape, and :func:`pipeline.values.printable.printable`; a policy
lets our own style and script run and nothing else. The page loads itself again, and says so when nobody writes it any
more.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup
from pydantic import TypeAdapter

from pipeline.model import Text
from pipeline.store.durable import write_atomically
from pipeline.values.file_names import readable_name
from pipeline.values.printable import json_printable, printable
from pipeline.watching import PAPER_NAMES, STATE_NAMES, Item, Paper, Remembered, Result, Row, paper, rows_of

__all__ = ["Board", "remembered", "write_board"]

SCHEMA = "yanzhang.watch/1"
MAX_ROWS = 500  # of the page: a browser lays out no more in a moment; watch.json has all
MAX_BYTES = 500_000_000  # of a watch.json that is read again
_KNOWN = TypeAdapter(Remembered)


@dataclass(frozen=True, slots=True)
class Board:
    """Where everything in a folder stands. ``every``: seconds between two looks; ``stale``: seconds after which a page
    that is as it was says that nobody writes it.
    """

    folder: str
    out: Path
    at: datetime
    every: float
    ended: bool
    notices: tuple[str, ...]
    items: tuple[Item, ...]
    stale: float = 45

    def counts(self) -> Counter[Paper]:
        """How many entries there are of each word on paper."""
        return Counter(paper(item)[0] for item in self.items)

    def rows(self) -> list[Row]:
        return rows_of(self.items)


def write_board(board: Board) -> None:
    """Write both files, each whole or as it was.

    :raises OSError: they cannot be written
    """
    rows = board.rows()
    counts = Counter(row.paper for row in rows)
    write_atomically(board.out / "watch.json", _json(board, rows, counts).encode())
    write_atomically(board.out / "watch.html", _html(board, rows, counts).encode())


def remembered(out: Path, folder: Path) -> list[Remembered]:
    """What the last watch of this folder knew of entries whose bytes are in the store; nothing where it cannot be read:
    then their bytes tell.
    """
    path = out / "watch.json"
    try:
        if path.stat().st_size > MAX_BYTES:
            return []
        told = json.loads(path.read_bytes())
        if told["schema"] != SCHEMA or told["folder"] != printable(readable_name(str(folder))):
            return []
        return [_remembered(entry) for entry in told["envelopes"] if entry["arrival"] is not None]
    except (OSError, ValueError, LookupError, TypeError, RecursionError, AttributeError):
        return []


def _remembered(told: Mapping[str, Any]) -> Remembered:
    known = {name: told[name] for name in ("arrival", "sha256", "whole", "replaced", "result")}
    seen = {name: told[name] for name in ("kind", "print", "size", "files")}
    # A name may hold what is no text: it is added past the check that all else is what it should be.
    checked = _KNOWN.validate_python({**known, "seen": {**seen, "name": ""}})
    name = os.fsdecode(bytes.fromhex(told["name_bytes"]))
    return replace(checked, seen=replace(checked.seen, name=name))


def _json(board: Board, rows: Sequence[Row], counts: Mapping[Paper, int]) -> str:
    told = {
        "schema": SCHEMA,
        "folder": printable(readable_name(board.folder)),
        "at": board.at.isoformat(timespec="seconds"),
        "ended": board.ended,
        "notices": list(board.notices),
        "totals": {word.value: counts.get(word, 0) for word in Paper},
        "envelopes": [],
    }
    # A line each, so that a program, or grep, can take them one by one.
    lines = ",\n".join(json.dumps(_row(row), ensure_ascii=False) for row in rows)
    return json_printable(json.dumps(told, indent=1, ensure_ascii=False).replace("[]\n}", f"[\n{lines}\n]\n}}"))


def _row(row: Row) -> dict[str, Any]:
    item = row.item
    return {
        "envelope": row.name,
        "name_bytes": os.fsencode(item.name).hex(),
        "state": item.state.value,
        "paper": row.paper.value,
        "why": [{"zh": why.zh, "en": why.en} for why in row.reasons],
        "kind": item.seen.kind.value,
        "size": item.seen.size,
        "files": item.seen.files,
        "print": item.seen.print,
        "present": item.present,
        "replaced": item.replaced,
        "whole": item.whole,
        "arrival": item.arrival,
        "sha256": item.sha256,
        "result": asdict(item.result) if item.result else None,
    }


def _html(board: Board, rows: Sequence[Row], counts: Mapping[Paper, int]) -> str:
    style, script = _asset("page.css") + _asset("board.css"), _asset("board.js")
    return _template().render(
        board=board,
        rows=rows[:MAX_ROWS],
        more=max(0, len(rows) - MAX_ROWS),
        total=len(rows),
        counts={word.value: counts.get(word, 0) for word in Paper},
        seconds=max(2, round(board.every)),
        stale=round(board.stale),
        style=Markup(style),
        script=Markup(script),
        allowed={"style": _hash(style), "script": _hash(script)},
        report=(board.out / "report.html").exists(),
    )


def _pages(result: Result) -> Text:
    """What she counts by hand: sides of paper, and which of them are blank or covers."""
    zh = [f"空白 {result.blank}"] * bool(result.blank) + [f"封面 {result.covers}"] * bool(result.covers)
    en = [f"{result.blank} blank"] * bool(result.blank) + [f"{result.covers} cover"] * bool(result.covers)
    return Text(
        zh=f"{result.faces} 面" + (f"（{'，'.join(zh)}）" if zh else ""),
        en=f"{result.faces} sides" + (f" ({', '.join(en)})" if en else ""),
    )


def _size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size / 1e3:,.1f} kB"


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, finalize=_text
    )
    environment.filters.update(
        both=_both, pages=_pages, bytes=_size, state_name=lambda s: STATE_NAMES[s], paper_name=lambda p: PAPER_NAMES[p]
    )
    return environment.from_string(_asset("board.html"))


def _both(told: Text) -> Markup:
    """Both languages; the page's switch shows one."""
    return Markup('<span lang="zh">{}</span><span lang="en">{}</span>').format(_text(told.zh), _text(told.en))


def _text(value: object) -> object:
    """What a page would obey instead of showing, by its number."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _hash(name: str) -> Markup:
    """How a Content-Security-Policy names what may run."""
    return Markup(f"'sha256-{base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()}'")


def _asset(name: str) -> str:
    return resources.files("pipeline.report").joinpath(name).read_text(encoding="utf-8")
