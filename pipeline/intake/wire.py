"""What goes between a process and the walled one that decodes for it: a line of JSON, then bytes.

Nothing that comes out of the walls is trusted: it is JSON and pixels of a bounded size, never a pickle.
"""

from __future__ import annotations

import json
import socket
import struct
from time import monotonic
from typing import Any

__all__ = ["Gone", "Late", "receive", "receive_bytes", "send"]

_HEAD = struct.Struct("!II")  # bytes of JSON, bytes behind it
MAX_JSON = 64_000_000  # the text layer of a page with as many characters as are taken has 8 MB
MAX_BYTES = 1_000_000_000


class Gone(Exception):
    """The other side has ended, or says what nobody can understand."""


class Late(Exception):
    """The other side has not answered in time."""


def send(wire: socket.socket, message: object, pixels: memoryview | None = None) -> None:
    """Send a message and what belongs to it.

    :raises Gone: nobody listens
    """
    line = json.dumps(message).encode()
    try:
        wire.settimeout(None)
        wire.sendall(_HEAD.pack(len(line), 0 if pixels is None else len(pixels)) + line)
        if pixels is not None:
            wire.sendall(pixels)
    except OSError as error:
        raise Gone from error


def receive(wire: socket.socket, *, until: float | None = None) -> tuple[Any, int]:
    """The next message, and how many bytes follow it (:func:`receive_bytes`).

    :param until: on the monotonic clock
    :raises Gone: the other side ended or sent nonsense
    :raises Late: there was no whole message until then
    """
    head = bytearray(_HEAD.size)
    receive_bytes(wire, memoryview(head), until=until)
    length, behind = _HEAD.unpack(head)
    if length > MAX_JSON or behind > MAX_BYTES:
        raise Gone
    line = bytearray(length)
    receive_bytes(wire, memoryview(line), until=until)
    try:
        return json.loads(line), behind
    except (ValueError, RecursionError) as error:
        raise Gone from error


def receive_bytes(wire: socket.socket, into: memoryview, *, until: float | None = None) -> None:
    """Fill ``into``; raises as :func:`receive`."""
    while len(into):
        left = None if until is None else until - monotonic()
        if left is not None and left <= 0:
            raise Late
        try:
            wire.settimeout(left)
            got = wire.recv_into(into)
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            raise Gone from error
        if not got:
            raise Gone
        into = into[got:]
