"""Chinese numerals (数字): the signs that amounts and dates share."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["BIG", "DIGITS", "SMALL", "positional", "small_number"]

DIGITS: Mapping[str, int] = {
    sign: value
    for value, signs in enumerate(
        ("零〇○◯", "一壹弌", "二贰两弍", "三叁弎", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for sign in signs
}
SMALL: Mapping[str, int] = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
BIG: Mapping[str, int] = {"万": 10**4, "亿": 10**8}


def positional(text: str) -> str | None:
    """Signs read one by one as Arabic digits: 二〇二三 → 2023. None if one of them is no digit."""
    digits = [c if c.isascii() and c.isdigit() else str(DIGITS[c]) if c in DIGITS else None for c in text]
    return "".join(d for d in digits if d is not None) if digits and None not in digits else None


def small_number(text: str) -> int | None:
    """A number below 100 as dates write it: 4, 04, 十, 十二, 二十三, 贰拾叁, 廿三, 卅一, 零肆. None otherwise."""
    text = text.replace("廿", "二十").replace("卅", "三十").replace("拾", "十")
    if "十" not in text:
        digits = positional(text)
        return int(digits) if digits is not None and len(digits) <= 2 else None
    tens, _, ones = text.partition("十")
    tens = tens.lstrip("零〇○0") if len(tens) > 1 else tens
    high = 1 if tens in ("", "零", "〇") else int(positional(tens) or 0)
    low = 0 if not ones else int(positional(ones) or 0)
    if not 1 <= high <= 9 or len(ones) > 1 or (ones and positional(ones) is None):
        return None
    return 10 * high + low
