"""What runs inside the walls: a process that makes one walled child a file (``python -m pipeline.intake.inside``).

It loads the decoders once; each file gets a fork of it, which walls itself in (:mod:`pipeline.walls`) before it
looks at the file, and ends with it. Started and spoken to by :mod:`pipeline.intake.cell` alone.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image as Pillow

from pipeline.errors import CostlyScan, UnreadableScan
from pipeline.intake.decoders import Kind, OpenScan, decode
from pipeline.intake.wire import Gone, receive, send
from pipeline.settings import Bounds
from pipeline.walls import die_with_parent, wall_in, walls_here

__all__ = ["main"]

ASK_BYTES = 1 << 16


def main() -> None:
    """Fork a walled child for each file asked for on standard input (a socket), until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks decides when this ends
    die_with_parent()
    door = socket.socket(fileno=os.dup(0))
    _load()
    children: set[int] = set()
    for ask, wire in _asked(door):
        children -= set(_ended())
        if "kill" in ask:
            if ask["kill"] in children:
                os.kill(ask["kill"], signal.SIGKILL)
            continue
        if wire is None:
            continue
        child = os.fork()
        if child == 0:
            door.close()
            _live(ask, wire)
        wire.close()
        children.add(child)
        door.sendall(json.dumps({"pid": child}).encode())
    for child in children - set(_ended()):
        os.kill(child, signal.SIGKILL)


def _asked(door: socket.socket) -> Iterator[tuple[dict[str, Any], socket.socket | None]]:
    while True:
        line, handles, _, _ = socket.recv_fds(door, ASK_BYTES, 1)
        if not line:
            return
        yield json.loads(line), socket.socket(fileno=handles[0]) if handles else None


def _ended() -> Iterator[int]:
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        yield pid


def _load() -> None:
    """Everything that decoding may need, loaded before there are walls."""
    from pipeline.intake import pdf, picture  # noqa: F401

    cv2.setNumThreads(1)
    Pillow.init()
    walls_here()
    gc.freeze()  # what is shared with the children stays shared


def _live(ask: dict[str, Any], wire: socket.socket) -> None:
    """The life of a child: never returns."""
    status = 1
    try:
        die_with_parent()
        bounds = Bounds.model_validate(ask["bounds"])
        path = Path(ask["path"])
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        walls = wall_in(path, memory=bounds.page_memory)
        _serve(wire, path, ask["kind"], bounds, ask["dpi"], walls)
        status = 0
    except Gone:
        status = 0
    except BaseException:
        status = 1
    finally:
        os._exit(status)


def _serve(wire: socket.socket, path: Path, kind: Kind, bounds: Bounds, dpi: int, walls: frozenset[str]) -> None:
    scan: OpenScan | None = None
    while True:
        ask, _ = receive(wire)
        pixels: memoryview | None = None
        try:
            if scan is None:
                scan = decode(path, kind, bounds=bounds, dpi=dpi)
            reply, pixels = _answer(scan, ask, walls)
        except (UnreadableScan, MemoryError) as error:
            reply = _refusal(error)
        send(wire, reply, pixels)


def _answer(scan: OpenScan, ask: dict[str, Any], walls: frozenset[str]) -> tuple[dict[str, Any], memoryview | None]:
    what, index = ask["do"], ask.get("index", 0)
    if what == "open":
        return {"pages": scan.page_count, "walls": sorted(walls)}, None
    if what == "image":
        image = np.ascontiguousarray(scan.image(index))
        return {"height": image.shape[0], "width": image.shape[1]}, image.data.cast("B")
    if what == "text":
        text = scan.text_page(index)
        if text is None:
            return {"chars": None}, None
        chars = [[c.text, *c.box] for c in text.chars]
        return {"chars": chars, "invisible": text.invisible, "pictured": text.pictured}, None
    return {"dpi": scan.dpi(index), "native": scan.native_dpi(index)}, None


def _refusal(error: BaseException) -> dict[str, Any]:
    """Which refusal it is; decoders hide that they lacked memory behind complaints of their own."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError) or "malloc" in str(cause) or "memory" in str(cause).lower():
            return {"refused": CostlyScan.__name__, "says": ""}
        cause = cause.__cause__
    return {"refused": type(error).__name__, "says": str(error)}


if __name__ == "__main__":
    main()
