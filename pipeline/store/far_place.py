"""An address that fsspec knows (远端地址), S3 first, asked in such a way that its faults are sentences."""

from __future__ import annotations

import os
import re
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pipeline.errors import BadSetting, StoreTrouble, YanzhangError
from pipeline.values.secrets import holds_secret, redacted

__all__ = ["PART", "FarPlace"]

CONNECT_SECONDS, READ_SECONDS = 10, 30
TRIES = 2  # of a request; s3fs asks five times more, each time after a longer while
PART = 8 << 20  # bytes of an upload in parts: each is in memory
_IN_ONE_STEP = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oci", "oss", "obs", "cos"})
_S3 = frozenset({"s3", "s3a"})
_ADDRESS = re.compile(r"[a-z][a-z0-9+.\-]*(::[a-z][a-z0-9+.\-]*)*://(?:[^/\s]|(?<=file://)/)")
T = TypeVar("T")


class FarPlace:
    """A folder elsewhere. Names in it are relative to its address.

    :ivar place: what sentences call it, without a password
    """

    def __init__(self, address: str, *, setting: str, what: str) -> None:
        """Nothing is asked yet.

        :param setting: the variable that names the address; ``what``: what lies there, as sentences call it
        :raises BadSetting: the address is none
        """
        if not _ADDRESS.match(address):
            raise BadSetting(
                f"{setting} must be a folder or an address like s3://bucket/prefix: "
                f"{redacted(address)[:100]!r} is neither"
            )
        self._address = address.rstrip("/")
        self._protocol = address.partition(":")[0]
        if self._protocol in _S3 and holds_secret(address):
            raise BadSetting(
                f"{setting} holds a key, which S3 does not take from an address: put it into AWS_ACCESS_KEY_ID "
                "and AWS_SECRET_ACCESS_KEY"
            )
        self.place = redacted(self._address)
        self._setting, self._what = setting, what
        self._lock = threading.Lock()
        self._made: tuple[int, Any, str] | None = None

    def asked(self, ask: Callable[[Any, str], T]) -> T:
        """An answer of the file system, which is given with its root. What is not there is said as a folder says it.

        :raises FileNotFoundError: there is no such object
        :raises StoreTrouble: the store is down, does not let us in, or its bucket is not there
        """
        try:
            fs, root = self.connected()
            return ask(fs, root)
        except FileNotFoundError as error:
            if "bucket does not exist" in str(error).lower() or "nosuchbucket" in repr(error.__cause__).lower():
                raise self._trouble(error, f"make the bucket, or look at {self._setting}") from error
            raise
        except YanzhangError:
            raise
        except PermissionError as error:
            raise self._trouble(error, "look at the keys (AWS_ACCESS_KEY_ID) and at what they are allowed") from error
        except Exception as error:  # each kind of store has errors of its own
            raise self._trouble(error, _todo(error)) from error

    def send(self, path: Path, name: str) -> None:
        """Put a file there, whole or not at all: an object store does so in one step, elsewhere it is renamed."""

        def put(fs: Any, root: str) -> None:
            key = f"{root}/{name}"
            if self._protocol in _S3:
                fs.put_file(str(path), key, chunksize=PART, max_concurrency=4)
            elif self._protocol in _IN_ONE_STEP:
                fs.put_file(str(path), key)
            else:
                fs.makedirs(key.rpartition("/")[0], exist_ok=True)
                beside = f"{key}.incoming-{secrets.token_hex(8)}"
                fs.put_file(str(path), beside)
                fs.mv(beside, key)

        self.asked(put)

    def listed(self, folder: str) -> list[tuple[str, int]]:
        """Names and sizes of what lies in a folder; none where there is no such folder."""
        anew = {"refresh": True} if self._protocol in _S3 else {}
        try:
            found = self.asked(lambda fs, root: fs.ls(f"{root}/{folder}".rstrip("/"), detail=True, **anew))
        except FileNotFoundError:
            return []
        return sorted((str(one["name"]).rpartition("/")[2], int(one["size"] or 0)) for one in found)

    def connected(self) -> tuple[Any, str]:
        """The file system, one for this process: a forked child has none of its parent's connections."""
        with self._lock:
            if self._made is None or self._made[0] != os.getpid():
                fs, root = self._made_for()
                self._made = (os.getpid(), fs, str(root).rstrip("/"))
            return self._made[1], self._made[2]

    def _made_for(self) -> tuple[Any, str]:
        from fsspec import get_filesystem_class
        from fsspec.core import url_to_fs

        try:
            get_filesystem_class(self._protocol)
        except (ImportError, ValueError) as error:
            raise BadSetting(
                f"nothing here knows addresses like {self.place}: use s3://, or install what fsspec needs for it"
            ) from error
        fs, root = url_to_fs(self._address, **self._options())
        return fs, str(root)

    def _options(self) -> dict[str, Any]:
        if self._protocol not in _S3:
            return {}
        return {
            "use_listings_cache": False,  # others write there, too
            "default_fill_cache": False,
            "config_kwargs": {
                "connect_timeout": CONNECT_SECONDS,
                "read_timeout": READ_SECONDS,
                "retries": {"max_attempts": TRIES, "mode": "standard"},  # with back-off
            },
        }

    def _trouble(self, error: Exception, todo: str) -> StoreTrouble:
        says = redacted((str(error).strip().splitlines() or [type(error).__name__])[0])[:300]
        return StoreTrouble(
            f"{self._what} {self.place} cannot be used now ({says}): {todo}, then run the same command again"
        )


def _todo(error: Exception) -> str:
    name = type(error).__name__
    if "Credentials" in name:
        return "give its keys (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)"
    if any(sign in name for sign in ("Connect", "Timeout", "Endpoint", "HTTPClient", "DNS")):
        return "start it, or look at its address (AWS_ENDPOINT_URL) and the network"
    return "look at it and at yanzhang doctor"
