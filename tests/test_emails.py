"""E-mail addresses whose signs look alike."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.values.emails import email_reading
from pipeline.values.numbers import email


@pytest.mark.parametrize(
    ("read", "address"),
    [
        ("lijuan@example.com", "lijuan@example.com"),
        ("zhang.wei@163.com", "zhang.wei@163.com"),
        ("info2023@yunfan-data.cn", "info2023@yunfan-data.cn"),
        ("邮箱：13912345678@qq.com", "13912345678@qq.com"),
    ],
)
def test_plain_addresses_are_sure(read: str, address: str) -> None:
    found = email_reading(read)
    assert found is not None
    assert (found.address, found.trust >= 0.95) == (address, True)


@pytest.mark.parametrize(
    ("read", "address"),
    [
        ("1ijuan@example.com", "lijuan@example.com"),
        ("wangwei@l63.com", "wangwei@163.com"),
        ("wangwei@I63.com", "wangwei@163.com"),
        ("wangwei@gmai1.com", "wangwei@gmail.com"),
        ("wangwei@qq.c0m", "wangwei@qq.com"),
        ("wangwei@qq.corn", "wangwei@qq.com"),
        ("wangwei@yunfan.corn", "wangwei@yunfan.com"),
        ("wangwei@yunfan.c0m", "wangwei@yunfan.com"),
        ("wangIi@yunfan.com", "wangli@yunfan.com"),
        ("wang2o23@yunfan.com", "wang2023@yunfan.com"),
        ("z1ang@12b.cn", "zlang@12b.cn"),
    ],
)
def test_misread_signs_are_put_right_and_said(read: str, address: str) -> None:
    found = email_reading(read)
    assert found is not None
    assert found.address == address
    assert found.trust < 0.9
    assert "c0m" in read or email(read) in found.alternatives
    assert "lookalikes" in found.reasons


@pytest.mark.parametrize("read", ["wangl988@qq.com", "admin1@yunfan.cn", "lil1@yunfan.cn", "wang@yunfan.cqm"])
def test_what_may_be_another_sign_is_no_sure_reading(read: str) -> None:
    found = email_reading(read)
    assert found is not None
    assert found.address == read
    assert found.trust < 0.9
    assert found.reasons


def test_an_l_that_may_be_a_one_has_the_other_beside_it() -> None:
    found = email_reading("wangl988@qq.com")
    assert found is not None
    assert "wang1988@qq.com" in found.alternatives


USERS = st.text(string.ascii_lowercase + string.digits + "._-", min_size=1, max_size=20)


@given(USERS, st.sampled_from(["qq.com", "163.com", "yunfan-data.cn", "l0l.c1", "a.b.cn"]))
def test_no_reading_is_its_own_rival(user: str, domain: str) -> None:
    found = email_reading(f"{user}@{domain}")
    if found is not None:
        assert found.address not in found.alternatives
        assert 0 < found.trust <= 1
        assert email(found.address) == found.address


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    email_reading(text)
