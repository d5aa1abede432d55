"""The board of a hot folder: strangers' names are shown and not obeyed, and what was known is known again."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.report.board import MAX_ROWS, Board, remembered, write_board
from pipeline.watching import Item, Kind, Remembered, Result, Seen, State

NOW = datetime(2023, 9, 20, 8, 30, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)>\n\x1b[2J\u202e\udcff'\"]}.pdf"
RESULT = Result(
    "findings", 5, 1, 1, 2, ("a.pdf",), ("<b>某公司</b>",), ("第 3 页 page 3: </td><script>",), ("b.pdf",), ""
)


def board(out: Path, *items: Item, **other: object) -> Board:
    told = {"folder": "/in/\x1b<i>", "out": out, "at": NOW, "every": 2.0, "ended": False, "notices": ("<u>full</u>",)}
    return Board(**{**told, **other}, items=items)  # type: ignore[arg-type]


def done(name: str, number: int = 1, result: Result | None = RESULT) -> Item:
    seen = Seen(name, Kind.FILE, f"print {number}", 2_000_000, 1, number)
    return Item(seen, 0, 1, State.DONE if result else State.STORED, arrival=number, sha256="aa", result=result)


def test_names_of_strangers_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    write_board(board(tmp_path, done(HOSTILE)))
    page = (tmp_path / "watch.html").read_text()
    assert "<img" not in page
    assert "<b>某公司" not in page
    assert "</td><script>" not in page
    assert "<u>" not in page
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy[1]


def test_what_was_known_is_known_again(tmp_path: Path) -> None:
    write_board(
        board(tmp_path, done(HOSTILE), done("b.pdf", 2, None), Item(Seen("c.pdf", Kind.FILE, "x"), 0, 1), folder="/in")
    )
    first, second = remembered(tmp_path, Path("/in"))
    seen = [Seen(name, Kind.FILE, f"print {n}", 2_000_000, 1) for n, name in enumerate((HOSTILE, "b.pdf"), start=1)]
    assert first == Remembered(seen[0], 1, "aa", whole=True, replaced=False, result=RESULT)
    assert second == Remembered(seen[1], 2, "aa", whole=True, replaced=False, result=None)
    assert remembered(tmp_path, Path("/elsewhere")) == []
    assert remembered(tmp_path / "none", Path("/in")) == []


def test_a_folder_whose_name_is_no_text_is_known_again(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(b"/in/\xff\xfe"))
    write_board(board(tmp_path, done("a.pdf"), folder=str(folder)))
    assert [one.seen.name for one in remembered(tmp_path, folder)] == ["a.pdf"]


def test_a_page_shows_what_a_browser_can_lay_out_and_tells_of_the_rest(tmp_path: Path) -> None:
    write_board(board(tmp_path, *(done(f"{n}.pdf", n) for n in range(1, MAX_ROWS + 8))))
    page = (tmp_path / "watch.html").read_text()
    assert page.count('<td class="name">') == MAX_ROWS
    assert "还有 7 项没有列出" in page
    assert len(json.loads((tmp_path / "watch.json").read_text())["envelopes"]) == MAX_ROWS + 7


def test_an_empty_folder_has_a_board_too(tmp_path: Path) -> None:
    write_board(board(tmp_path))
    assert json.loads((tmp_path / "watch.json").read_text())["envelopes"] == []
    assert "文件夹里还没有扫描件" in (tmp_path / "watch.html").read_text()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    where=st.lists(
        st.sampled_from(["envelopes", 0, "result", "print", "arrival", "name_bytes", "schema", "unread", "faces"]),
        max_size=4,
    ),
    what=JSON,
)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_that_is_not_ours_is_not_believed(where: list[str | int], what: object, tmp_path: Path) -> None:
    write_board(board(tmp_path, done("a.pdf"), folder="/in"))
    told = json.loads((tmp_path / "watch.json").read_text())
    place = told
    for step in where[:-1]:
        try:
            place = place[step]
        except (LookupError, TypeError):
            break
    try:
        place[where[-1] if where else "envelopes"] = what
    except (LookupError, TypeError):
        place = what
    (tmp_path / "watch.json").write_text(json.dumps(told))
    for known in remembered(tmp_path, Path("/in")):
        assert isinstance(known.seen.name, str)
        assert isinstance(known.arrival, int)


@pytest.mark.parametrize("data", [b"", b"[", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"schema": 1}'])
def test_neither_are_bytes_of_any_kind(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "watch.json").write_bytes(data)
    assert remembered(tmp_path, Path("/in")) == []
