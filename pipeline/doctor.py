"""What this machine has and lacks, in plain words (``yanzhang doctor``)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from typing import Literal

from pipeline.errors import YanzhangError
from pipeline.settings import Settings
from pipeline.values.secrets import redacted
from pipeline.weaknesses import weaknesses

__all__ = ["Item", "examine"]

FREE_GB_WANTED = 5  # originals of a season of 400 envelopes take about 2 GB


@dataclass(frozen=True, slots=True)
class Item:
    """One thing examined: its name, whether it is good, weak (it works, and more could go wrong) or bad; a sentence."""

    name: str
    state: Literal["good", "weak", "bad"]
    says: str

    @property
    def ok(self) -> bool:
        """Whether a run can be done with it."""
        return self.state != "bad"


def examine(settings: Settings) -> Iterator[Item]:
    """Look at everything a run needs and at what is weak; each look that fails is an item, never an exception."""
    looks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("store", _store),
        ("originals", _originals),
        ("disk", _disk),
        ("reader", _reader),
        ("second reader", _tesseract),
        ("telling", _telling),
        ("codes", lambda _: f"zxing-cpp {metadata.version('zxing-cpp')}"),
        ("cores", lambda s: f"{os.cpu_count()} cores, {s.workers} workers"),
    )
    for name, look in looks:
        try:
            yield Item(name, "good", look(settings))
        except (YanzhangError, OSError, ImportError, RuntimeError, subprocess.SubprocessError) as error:
            yield Item(name, "bad", redacted((str(error).splitlines() or [type(error).__name__])[0]))
    for name, sentence in weaknesses(settings, os.environ):
        yield Item(name, "weak", redacted(sentence))


def _store(settings: Settings) -> str:
    from pipeline.store import store_of

    store = store_of(settings)
    with store.writing("doctor"):
        pass
    count = store.counts()["arrivals"]
    return f"{store.place} can be written, {count} arrivals in it ({store.database_version()}, form {store.form()})"


def _originals(settings: Settings) -> str:
    from pipeline.store import store_of

    originals = store_of(settings).originals
    return f"{originals.look()} can be written"


def _disk(settings: Settings) -> str:
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free / 1e9
    if free < FREE_GB_WANTED:
        raise OSError(f"only {free:.1f} GB free: make room, a season needs about {FREE_GB_WANTED} GB")
    return f"{free:.0f} GB free"


def _reader(settings: Settings) -> str:
    """A self-test: a drawn line must be read as it stands."""
    import cv2
    import numpy as np

    from pipeline.reading.openvino import shared_engine

    engine = shared_engine(settings.reading.detection_side, 1)
    picture = np.full((64, 520, 3), 255, np.uint8)
    cv2.putText(picture, "91350100M000100Y43", (10, 45), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (0, 0, 0), 2)
    read = engine.recognise([picture])[0]
    if "350100M000100" not in read.text.replace(" ", ""):
        raise RuntimeError(f"{engine.name} misreads a plain line as {read.text!r}: install the project again")
    return engine.name


def _telling(settings: Settings) -> str:
    from pipeline.telling.tell import channels

    names = [channel.name for channel in channels(settings.tell)]
    return f"nights are told by {', '.join(names)} (try: yanzhang tell --test)" if names else "nobody is told of nights"


def _tesseract(_: Settings) -> str:
    fix = "apt install tesseract-ocr tesseract-ocr-chi-sim"
    if shutil.which("tesseract") is None:
        raise RuntimeError(f"tesseract is missing, which the second reading needs: {fix}")
    done = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, timeout=30, check=False)
    languages = done.stdout.split()
    if "chi_sim" not in languages:
        raise RuntimeError(f"tesseract lacks Chinese (chi_sim): {fix}")
    version = subprocess.run(["tesseract", "--version"], capture_output=True, text=True, timeout=30, check=False)
    return f"{version.stdout.splitlines()[0]} with chi_sim"
