"""Groups and programs (群机器人): a message posted to WeCom (企业微信), DingTalk (钉钉) or an address of one's own.

The address holds the robot's key, so it stands in no sentence and no log: a channel is told by its name and host.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Mapping
from typing import Any

import httpx

from pipeline.errors import BadSetting, TellTrouble
from pipeline.settings import TellSettings
from pipeline.telling.digest import Digest, clean
from pipeline.telling.mail import LOOPBACK, trusted
from pipeline.telling.shapes import as_json, dingtalk_markdown, wecom_markdown, wecom_text

__all__ = ["check_address", "dingtalk_signed", "post_dingtalk", "post_json", "post_wecom"]

MAX_ANSWER = 65_536  # bytes; a robot answers in a line
_PASSING = frozenset({-1, 45033})  # errcode in an answer with status 200: busy
# Robots let 20 messages a minute through and shut out for minutes whoever sends more: trying on makes it longer.
_TOO_MANY = "too many messages came for this robot: run yanzhang tell in ten minutes"
_TODO = {
    45009: _TOO_MANY,
    130101: _TOO_MANY,
    410100: _TOO_MANY,
    93000: "the key in the address is not a robot's: look at YANZHANG_TELL__WECOM_URL",
    40008: "the message's form is not taken",
    40035: "the message's form is not taken",
    300001: "the token in the address is no robot's: look at YANZHANG_TELL__DINGTALK_URL",
    310000: "look at the robot's security page: YANZHANG_TELL__DINGTALK_SECRET, or its keyword must be 验章, or this "
    "machine's address must be allowed",
}

# Both write the address that they ask, key and all, where somebody looks closer.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def check_address(name: str, address: str) -> None:
    """Whether an address may be posted to.

    :raises BadSetting: it is none, or would send all in the clear
    """
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    safe = url.scheme == "https" or (url.scheme == "http" and url.host in LOOPBACK)
    if not (url.host and safe):
        raise BadSetting(f"YANZHANG_TELL__{name} is no address that begins with https://: give the whole address")


def post_wecom(digest: Digest, settings: TellSettings) -> tuple[str, ...]:
    """:raises TellTrouble: it was not taken"""
    form = settings.wecom_form
    content = wecom_markdown(digest) if form == "markdown" else wecom_text(digest)
    message = {"msgtype": form, form: {"content": content}}
    _check_errcode("wecom", _posted("wecom", settings.wecom_url.get_secret_value(), message, settings))
    return ()


def post_dingtalk(digest: Digest, settings: TellSettings) -> tuple[str, ...]:
    """:raises TellTrouble: it was not taken"""
    message = {
        "msgtype": "markdown",
        "markdown": {"title": digest.subject[:100], "text": dingtalk_markdown(digest)},
        "at": {"isAtAll": False},
    }
    signed = dingtalk_signed(
        settings.dingtalk_url.get_secret_value(), settings.dingtalk_secret.get_secret_value(), time.time()
    )
    _check_errcode("dingtalk", _posted("dingtalk", signed, message, settings))
    return ()


def post_json(digest: Digest, settings: TellSettings) -> tuple[str, ...]:
    """:raises TellTrouble: it was not taken (any answer but 2xx)"""
    _posted("webhook", settings.webhook_url.get_secret_value(), as_json(digest), settings)
    return ()


def dingtalk_signed(address: str, secret: str, now: float) -> str:
    """The address with the time and its signature under the robot's secret (加签)."""
    if not secret:
        return address
    stamp = str(round(now * 1000))
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return str(httpx.URL(address).copy_merge_params({"timestamp": stamp, "sign": base64.b64encode(digest).decode()}))


def _posted(channel: str, address: str, message: Mapping[str, Any], settings: TellSettings) -> bytes:
    """What was answered, with a status of success."""
    url = httpx.URL(address)
    here = url.host in LOOPBACK
    body = json.dumps(message, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "yanzhang"}
    where = f"{channel} ({clean(url.host, 80)})"
    try:
        with (
            httpx.Client(
                timeout=settings.seconds, verify=trusted(settings), follow_redirects=False, trust_env=not here
            ) as client,
            client.stream("POST", url, content=body, headers=headers) as answer,
        ):
            said = b""
            for part in answer.iter_bytes(4096):
                said += part
                if len(said) > MAX_ANSWER:
                    break
            status = answer.status_code
    except httpx.TimeoutException as error:
        raise TellTrouble(f"{where} did not answer within {settings.seconds:g} s", passing=True) from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as error:
        # A library's sentence may hold the address; what kind of fault it is holds none.
        why = "its certificate cannot be believed" if "CERTIFICATE" in str(error) else type(error).__name__
        raise TellTrouble(f"{where} cannot be reached ({why})", passing="CERTIFICATE" not in str(error)) from error
    if not 200 <= status < 300:
        raise TellTrouble(f"{where} answered with status {status}", passing=status == 429 or status >= 500)
    return said


def _check_errcode(channel: str, said: bytes) -> None:
    """Robots answer 200 whatever happened; what happened stands in ``errcode``."""
    try:
        answer = json.loads(said)
        code = int(answer["errcode"])
        words = clean(str(answer.get("errmsg", "")), 160)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise TellTrouble(f"{channel} did not answer as a robot does: is the address a robot's?") from error
    if code:
        todo = _TODO.get(code, "look at the robot's page")
        raise TellTrouble(f"{channel} did not take it (errcode {code}, {words}): {todo}", passing=code in _PASSING)
