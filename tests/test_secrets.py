"""Passwords and tokens: hidden in every form in which an address or a driver's complaint holds them."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from pipeline.settings import Settings
from pipeline.values.secrets import holds_secret, redacted


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://u:pw@h/db#t", "postgresql://u:***@h/db#t"),
        ("postgresql+psycopg://u:p@ss/w:rd#1@h:5432/db#view", "postgresql+psycopg://u:***@h:5432/db#view"),
        ("http://u:pw@host/records?token=abc&page=2", "http://u:***@host/records?token=***&page=***"),
        ("https://ghp_abcdef@host/x", "https://***@host/x"),
        ("https://host/x?ghp_abcdef", "https://host/x?***"),
        ("https://host/x#access_token=abc", "https://host/x#access_token=***"),
        ("postgresql:/u:pw@h/db", "postgresql:/u:***@h/db"),
        ("https://:pw@host/", "https://:***@host/"),
        ('(x) password="hunter2" host=h', '(x) password="***" host=h'),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
    ],
)
def test_what_is_hidden(address: str, shown: str) -> None:
    assert redacted(address) == shown
    assert redacted(redacted(address)) == shown
    assert holds_secret(address)


@pytest.mark.parametrize(
    "plain",
    ["records.json", "/data/2023/申报.xlsx", "sqlite:///store.db#records", "https://host:8080/records", "a: b/c@d", ""],
)
def test_what_holds_no_secret_stays(plain: str) -> None:
    assert redacted(plain) == plain
    assert not holds_secret(plain)


SECRET = st.text(st.characters(min_codepoint=33, max_codepoint=0x9FFF, exclude_categories=("Z", "C")), min_size=6)
NAME = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
SCHEME = st.sampled_from(["http", "https", "postgresql", "postgresql+psycopg", "mysql"])


@given(SCHEME, NAME, SECRET, NAME, st.sampled_from(["", "x ", "could not connect to "]), st.sampled_from(["", "/db#t"]))
def test_no_password_comes_out(scheme: str, user: str, secret: str, host: str, before: str, after: str) -> None:
    shown = redacted(f"{before}{scheme}://{user}:{secret}@{host}{after}")
    assert secret not in shown and shown == f"{before}{scheme}://{user}:***@{host}{after}"


@given(SCHEME, NAME, NAME, SECRET)
@example("https", "a", "a", "@00000")  # a token that begins as what follows a login does
@example("https", "a", "token", "abc@00000")
def test_no_token_comes_out(scheme: str, host: str, name: str, secret: str) -> None:
    assume(not set(secret) & set("&#?;="))
    assert secret not in redacted(f"{scheme}://{host}/x?{name}={secret}&more=1")
    assert secret not in redacted(f"{scheme}://{secret.replace('/', '').replace('@', '') or 'x'}@{host}/").replace(
        f"***@{host}", ""
    )


@given(st.text(max_size=80))
def test_hidden_twice_is_hidden_once(text: str) -> None:
    assert redacted(redacted(text)) == redacted(text)


@pytest.mark.filterwarnings("ignore:Query string")
@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:hunter2secret@h:notaport/db",
        "postgresql://u:hunter2secret@",
        "nosuchdriver://u:hunter2secret@h/db",
        "sqlite:////nowhere/at/all?password=hunter2secret",
    ],
)
def test_what_sqlalchemy_says_of_an_address_is_told_without_its_password(address: str) -> None:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    with pytest.raises((SQLAlchemyError, ValueError, ImportError, TypeError)) as refused:
        create_engine(address).connect()
    told = f"{address} cannot be opened: {refused.value} {refused.value!r}"
    assert "hunter2secret" in told
    assert "hunter2secret" not in redacted(told)


def test_a_setting_that_holds_a_secret_cannot_be_printed() -> None:
    for name, field in Settings.model_fields.items():
        if any(sign in name for sign in ("password", "secret", "token", "auth", "credential")):
            assert field.annotation in (SecretStr, SecretStr | None), f"{name} must be a SecretStr"
