"""Text of strangers made fit to be shown: nothing is obeyed, nothing forged, Chinese stays Chinese."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.values.printable import json_printable, printable

ANY = st.text(st.characters(), max_size=60)  # halves of signs (surrogates) too
CONTROLS = ("\x1b]0;pwned\x07", "\x9b31m", "\r", "\n", "\t", "\x7f")
OBEYED = (*CONTROLS, "\u202e", "\u2066", "\u200b", "\u2028", "\ufeff", "\u3164")


@pytest.mark.parametrize("sequence", OBEYED)
def test_what_a_terminal_obeys_is_shown_by_its_number(sequence: str) -> None:
    shown = printable(f"北京{sequence}公司")
    assert sequence not in shown
    assert shown.startswith("北京\\") and shown.endswith("公司")


def test_the_escape_sequence_itself_can_be_read() -> None:
    assert printable("\x1b]0;pwned\x07") == r"\x1b]0;pwned\x07"
    assert printable("a\u202egpj.exe") == r"a\u202egpj.exe"
    assert printable("坏\udcff.pdf") == r"坏\udcff.pdf"


@pytest.mark.parametrize(
    "text",
    [
        "北京云帆软件股份有限公司（本部）",
        "注册资本：3,000.50 万元",
        "㈱〇一二三 ①②③ Ⅷ ℃ ￥",
        "辻󠄀",  # a form of a sign chosen by a variation selector
        "ÄÖÜ ß é Ω Ж あア 한국 – — … “引” ✓ ● █",
        "全角　空格",
        "𠮷野家 \U0002ebf0 \U00031350",  # signs that came after this Python's tables
    ],
)
def test_text_of_any_script_stays(text: str) -> None:
    assert printable(text) == text


@given(ANY)
def test_nothing_that_is_obeyed_comes_out_and_it_can_be_written(text: str) -> None:
    shown = printable(text)
    assert not any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in shown)
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")


@given(ANY)
def test_shown_twice_is_shown_once(text: str) -> None:
    assert printable(printable(text)) == printable(text)


@given(ANY)
def test_lines_of_our_own_stay_lines(text: str) -> None:
    assert printable(text, lines=True).split("\n") == [printable(line) for line in text.split("\n")]


@given(st.recursive(ANY | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(ANY, inner)))
def test_json_means_what_it_meant_and_holds_nothing_that_is_obeyed(value: object) -> None:
    line = json_printable(json.dumps(value, ensure_ascii=False))
    assert json.loads(line) == value
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]", line)
    line.encode("utf-8")
