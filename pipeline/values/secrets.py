"""Addresses without what they hold in confidence: a password before the host, a token after the question mark."""

from __future__ import annotations

import re

__all__ = ["holds_secret", "redacted"]

HIDDEN = "***"

# Everything up to the last @ belongs to whoever logs in: passwords hold / # ? : and @ more often than paths hold @.
_LOGIN = re.compile(r"(?P<scheme>\b[a-zA-Z][a-zA-Z0-9+.\-]*:/{1,3})(?P<login>[^\s@]*(?:@[^\s@]*)*)@")
# An @ within a query (a token may begin with one): nobody can say whether it ends a login, so both sides are hidden.
_AT_IN_QUERY = re.compile(
    r"(?P<scheme>\b[a-zA-Z][a-zA-Z0-9+.\-]*:/{1,3})[^\s:@?]*\?[^\s@=]*=[^\s]*@(?P<value>[^&\s#]*)"
)
_ASKED = re.compile(r"(?P<name>[?&;][^=&;\s#?]*)=(?P<value>[^&\s#]*)")
_BARE = re.compile(r"(?P<before>://[^\s?]*\?)(?P<value>[^\s=&#*]+)(?=$|[\s#])")
_AFTER = re.compile(r"(?P<name>#[^=&\s#]*)=(?P<value>[^\s]*)")
_NAMED = re.compile(
    r"(?i)(?P<name>\b(?:[a-z_\-]*(?:password|passwd|secret|token)|pwd|api[_-]?key|authorization)[\"']?\s*[=:]\s*[\"']?)"
    r"(?P<value>(?:(?:bearer|basic)\s+)?[^\s\"',;&]+)"
)


def redacted(text: str) -> str:
    """The text, in which every address has lost its password and the values of its query.

    ``postgresql://u:pw@h/db#t`` becomes ``postgresql://u:***@h/db#t``. Where it cannot be told what is a password, it
    is hidden: a name of a host too many that is not shown costs a look, a password that is shown costs the store.
    """
    return _NAMED.sub(_hidden_value, "\n".join(map(_of_line, text.split("\n"))))


def holds_secret(address: str) -> bool:
    """Whether an address may be shown, kept and handed on as it is, or not."""
    return redacted(address) != address


def _of_line(line: str) -> str:
    if "/" not in line or ":" not in line:
        return line
    line = _AT_IN_QUERY.sub(lambda m: f"{m['scheme']}{HIDDEN}@{HIDDEN}", line)
    line = _LOGIN.sub(_hidden_login, line)
    line = _ASKED.sub(lambda m: f"{m['name']}={HIDDEN}", line) if "://" in line else line
    line = _BARE.sub(lambda m: m["before"] + HIDDEN, line)
    return _AFTER.sub(lambda m: f"{m['name']}={HIDDEN}", line) if "://" in line else line


def _hidden_login(found: re.Match[str]) -> str:
    user, colon, _ = found["login"].partition(":")
    return f"{found['scheme']}{user}:{HIDDEN}@" if colon else f"{found['scheme']}{HIDDEN}@"


def _hidden_value(found: re.Match[str]) -> str:
    return found["name"] + HIDDEN
