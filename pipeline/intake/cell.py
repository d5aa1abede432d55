"""The cell: strangers' files are decoded in a process of their own, within walls, which may die without harm.

This process asks, the walled one answers (:mod:`pipeline.intake.wire`). One that takes too long is killed, one that
died is replaced: what it was asked for is refused, other pages are not. A file that does so again and again is refused
as a whole.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import socket
import subprocess
import threading
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from pipeline.errors import CostlyScan, EncryptedScan, ScanTooLarge, UnreadableScan
from pipeline.intake.text import TextChar, TextPage
from pipeline.intake.wire import Gone, Late, receive, receive_bytes, send
from pipeline.model import Box
from pipeline.walls import apart

if TYPE_CHECKING:
    from types import TracebackType

    from numpy.typing import NDArray

    from pipeline.intake.decoders import Kind
    from pipeline.settings import Bounds

    Image = NDArray[np.uint8]

__all__ = ["WalledScan", "warm_up"]

START_SECONDS = 120  # for the decoders to load, on a machine that has other things to do
DEATHS = 3  # of a file's processes after which the rest of the file is refused
CHANNELS = 3
AT_ONCE = 4 << 20  # bytes on their way: a page has 11 MB
_REFUSALS = {kind.__name__: kind for kind in (UnreadableScan, EncryptedScan, ScanTooLarge, CostlyScan)}


class WalledScan:
    """A scan that another process decodes (:class:`pipeline.intake.decoders.OpenScan`)."""

    def __init__(self, path: Path, kind: Kind, *, bounds: Bounds, dpi: int) -> None:
        self._name, self._bounds = path.name, bounds
        self._ask = {"path": str(path.absolute()), "kind": kind, "dpi": dpi, "bounds": bounds.model_dump()}
        self._wire: socket.socket | None = None
        self._pid = 0
        self._deaths = 0
        self._textless = False
        opened = self._opened()
        self._pages = int(opened["pages"])
        self.walls = frozenset(opened["walls"])

    @property
    def page_count(self) -> int:
        return self._pages

    def image(self, index: int) -> Image:
        what = f"page {index + 1} of {self._name}"
        self._opened()
        assert self._wire is not None  # _opened has seen to it
        until = monotonic() + self._bounds.page_seconds
        with self._blamed(what):
            send(self._wire, {"do": "image", "index": index})
            told, behind = receive(self._wire, until=until)
            self._refuse(told, what)
            height, width = int(told["height"]), int(told["width"])
            if behind != height * width * CHANNELS or min(height, width) < 1:
                raise Gone
            image = np.empty((height, width, CHANNELS), np.uint8)
            receive_bytes(self._wire, image.data.cast("B"), until=until)
            return image

    def text_page(self, index: int) -> TextPage | None:
        # A help, never a need: recognition reads the page. Text that breaks its reader is not asked for again, for the
        # deaths that a file has are its pictures'.
        if self._textless:
            return None
        try:
            told = self._asked({"do": "text", "index": index}, f"page {index + 1} of {self._name}")
            if told.get("chars") is None:
                return None
            return TextPage(
                chars=tuple(TextChar(str(text), Box(*map(float, box))) for text, *box in told["chars"]),
                invisible=float(told["invisible"]),
                pictured=float(told["pictured"]),
            )
        except CostlyScan:
            self._textless = True
        except (UnreadableScan, TypeError, ValueError, KeyError):
            pass
        return None

    def dpi(self, index: int) -> int | None:
        return self._resolution(index)[0]

    def native_dpi(self, index: int) -> int | None:
        return self._resolution(index)[1]

    def close(self) -> None:
        self._leave(kill=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _resolution(self, index: int) -> tuple[int | None, int | None]:
        try:
            told = self._asked({"do": "dpi", "index": index}, f"page {index + 1} of {self._name}")
        except UnreadableScan:
            return None, None
        known = (told.get("dpi"), told.get("native"))
        return (known[0] if isinstance(known[0], int) else None, known[1] if isinstance(known[1], int) else None)

    def _asked(self, ask: dict[str, Any], what: str) -> dict[str, Any]:
        self._opened()
        assert self._wire is not None  # _opened has seen to it
        with self._blamed(what):
            send(self._wire, ask)
            told, _ = receive(self._wire, until=monotonic() + self._bounds.page_seconds)
            self._refuse(told, what)
            return dict(told)

    def _opened(self) -> dict[str, Any]:
        """The file, open within walls: as before, or anew where the last process died."""
        if self._wire is not None:
            return {}
        if self._deaths >= DEATHS:
            raise CostlyScan(f"{self._name} breaks whatever opens it, the rest of it is left out: scan the paper again")
        self._wire, self._pid = _keeper.child(self._ask)
        with self._blamed(self._name):
            send(self._wire, {"do": "open"})
            told, _ = receive(self._wire, until=monotonic() + max(START_SECONDS, self._bounds.page_seconds))
            self._refuse(told, self._name)
            return dict(told)

    @contextlib.contextmanager
    def _blamed(self, what: str) -> Any:
        """What the walled process does wrong, as a refusal of the page or file."""
        try:
            yield
        except Late as error:
            self._leave(kill=True)
            raise CostlyScan(
                f"{what} takes longer than {self._bounds.page_seconds} s to show: print it anew, or scan the paper"
            ) from error
        except (Gone, KeyError, TypeError, ValueError, OverflowError) as error:
            self._leave(kill=True)
            raise CostlyScan(f"{what} breaks what shall show it: print it anew, or scan the paper") from error

    def _refuse(self, told: object, what: str) -> None:
        if not isinstance(told, dict):
            raise Gone
        if "refused" not in told:
            return
        kind = _REFUSALS.get(told["refused"], CostlyScan)
        says = str(told.get("says") or "")
        raise kind(
            says
            or f"{what} needs more than {self._bounds.page_memory // 1_000_000} MB to show: scan it at 300 dpi or less"
        )

    def _leave(self, *, kill: bool) -> None:
        if self._wire is None:
            return
        self._wire.close()
        self._wire = None
        if kill:
            self._deaths += 1
            _keeper.kill(self._pid)


class _Keeper:
    """The process that makes walled ones, one for each of ours that opens scans; made when first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._door: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def start(self) -> None:
        """Start it, without waiting until it has loaded."""
        with self._lock:
            self._started()

    def child(self, ask: dict[str, Any]) -> tuple[socket.socket, int]:
        """A wire to a new walled process, and its id.

        :raises CostlyScan: the machine makes no process any more
        """
        with self._lock:
            for _ in range(2):  # the keeper itself may have been killed since the last file
                door = self._started()
                ours, theirs = socket.socketpair()
                theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, AT_ONCE)
                try:
                    with theirs:
                        socket.send_fds(door, [json.dumps(ask).encode()], [theirs.fileno()])
                    told = door.recv(1 << 12)
                    return ours, int(json.loads(told)["pid"])
                except (OSError, ValueError, KeyError):
                    ours.close()
                    self.stop()
        raise CostlyScan("no process can be started to open the file: run yanzhang doctor, then the same command again")

    def kill(self, pid: int) -> None:
        """End a walled process at once. Its keeper does it: a number of its own children is never another's."""
        with self._lock, contextlib.suppress(OSError):
            if self._door is not None:
                self._door.send(json.dumps({"kill": pid}).encode())

    def stop(self) -> None:
        """End it with all its children."""
        if self._door is not None:
            self._door.close()
        if self._process is not None and self._owner == os.getpid():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
            self._process.kill()
            self._process.wait()
        self._door = self._process = None

    def _started(self) -> socket.socket:
        if self._owner != os.getpid():  # after a fork the keeper is the parent's
            self._door = self._process = None
        if self._door is not None:
            return self._door
        self._owner = os.getpid()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                **apart("pipeline.intake.inside"),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for who asked, and he says what follows
            )
        self._door = ours
        return ours


_keeper = _Keeper()
atexit.register(_keeper.stop)


def warm_up() -> None:
    """Have the decoders load while something else does: the first file then need not wait for them."""
    _keeper.start()
