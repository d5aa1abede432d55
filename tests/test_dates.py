"""Dates and years in every notation of paper."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.values.dates import find_dates, is_long_term, parse_date, parse_year

APRIL_20 = date(2023, 4, 20)


@pytest.mark.parametrize(
    "text",
    [
        "2023年4月20日",
        "2023年04月20日",
        "2023 年 4 月 20 日",
        "2 0 2 3 年 4 月 2 0 日",
        "２０２３年４月２０日",
        "2O23年4月2O日",
        "2023.4.20",
        "2023.04.20.",
        "2023. 4. 20",
        "2023/4/20",
        "2023-04-20",
        "2023－4－20",
        "20230420",
        "2023年4月20",
        "二〇二三年四月二十日",
        "二○二三年四月二十日",
        "二零二三年四月二十日",
        "二O二三年四月二十日",
        "二0二三年四月二十日",
        "二。二三年四月二十日",
        "贰零贰叁年肆月贰拾日",
        "二〇二三年四月廿日",
        "签发日期：2023年4月20日",
        "2023-04-20T12:00:00+08:00",
        "April 20, 2023",
        "20-Apr-2023",
        "20th April 2023",
        "Apr. 20, 2023",
    ],
)
def test_notations_of_one_day(text: str) -> None:
    assert parse_date(text) == APRIL_20


@pytest.mark.parametrize(
    "text",
    [
        "",
        "长期",
        "2023年4月",
        "2023年2月30日",
        "2023年13月1日",
        "1.2023.4.20",
        "110108201001011234",
        "12345678",
        "2023.4",
        "0000-00-00",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert parse_date(text) is None


def test_periods_give_both_ends_with_spans() -> None:
    text = "有效期：2020-05-06 至 二〇二三年五月五日"
    (first, span), (last, _) = find_dates(text)
    assert (first, last) == (date(2020, 5, 6), date(2023, 5, 5))
    assert text[slice(*span)] == "2020-05-06"
    assert [d for d, _ in find_dates("20200506-20230505")] == [date(2020, 5, 6), date(2023, 5, 5)]
    assert is_long_term("2018年3月5日至长 期") and not is_long_term("三年")


def test_years() -> None:
    for text in ("2022年度", "二〇二二年度", "贰零贰贰年度", "FY2022", "2022", "2022-12-31", "二〇二二"):
        assert parse_year(text) == 2022, text
    for text in ("", "20221", "2,022.00", "911101085513850820", "年度"):
        assert parse_year(text) is None, text


DAYS = st.dates(min_value=date(1950, 1, 1), max_value=date(2099, 12, 31))


def _small(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = ("" if tens == 0 else "十" if tens == 1 else "一二三"[tens - 1] + "十") if tens else ""
    return head + ("一二三四五六七八九"[ones - 1] if ones else "")


@given(DAYS, st.sampled_from("〇○零0O"))
def test_any_day_comes_back(day: date, zero: str) -> None:
    year = "".join(zero if d == "0" else "零一二三四五六七八九"[int(d)] for d in str(day.year))
    for text in (
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y.%m.%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y%m%d}",
        f"{year}年{_small(day.month)}月{_small(day.day)}日",
        f"{day:%B} {day.day}, {day.year}",
    ):
        assert parse_date(text) == day, text


@given(st.text(max_size=60) | st.text(alphabet="0123456789年月日〇○一二三十廿./-O l至Apr,", max_size=30))
def test_no_text_breaks_the_parsers(text: str) -> None:
    for day, (start, end) in find_dates(text):
        assert 1900 <= day.year <= 2100 and 0 <= start < end <= len(text)
    parse_year(text)
