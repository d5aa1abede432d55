"""What the tests of the store share: small disks, bare permissions, envelopes that were read without an engine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from pipeline.intake.batch import take_in
from pipeline.model import Box, Document, DocumentType, Field, Page, Submission
from pipeline.observing import reading_key, submissions_json
from pipeline.programmes import load
from pipeline.settings import Settings
from pipeline.store import Arrival, Store

ROOT = Path(__file__).parent.parent
# Root without the right to pass over permissions: what anybody else is.
BARE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """A disk of its own at ``place``, of ``size``; the test is skipped where the machine gives none."""
    place.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("no disk of a given size can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def larger(place: Path, size: str) -> None:
    """Make room on such a disk."""
    subprocess.run(["mount", "-o", f"remount,size={size}", str(place)], check=True)


def bare_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python for which permissions count, even if the tests are root's."""
    try:
        return subprocess.run(
            [*BARE, sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, cwd=ROOT
        )
    except FileNotFoundError:
        pytest.skip("setpriv is not here")


def yanzhang(home: Path, *arguments: str, before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own."""
    command = [*before, sys.executable, "-m", "pipeline.cli", *arguments]
    environment = {"YANZHANG_HOME": str(home), "YANZHANG_WORKERS": "1", "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)


def record(number: int, **more: str) -> dict[str, object]:
    """An online record of a made-up applicant."""
    return {
        "application_no": f"CCIIP2023S{number:05d}",
        "track": "supplier",
        "name": f"北京第{number}软件有限公司",
        "uscc": f"91110108MA{number:08d}",
        "mobile": f"139{number:08d}",
        **more,
    }


def write_records(path: Path, numbers: Sequence[int]) -> Path:
    path.write_text(json.dumps([record(n) for n in numbers], ensure_ascii=False))
    return path


def form_of(number: int, name: str, sha256: str, file: str, fingerprint: str = "") -> Submission:
    """An envelope with one page: an information form of that applicant, as the reader would have seen it."""
    page = Page(number=1, file=file, index=0, sha256=sha256, width=1654, height=2339, fingerprint=fingerprint)
    declared = record(number)
    fields = tuple(
        Field(name=key, value=str(declared[key]), page=1, box=Box(0.1, 0.1, 0.3, 0.12), confidence=0.99)
        for key in ("application_no", "name", "uscc", "mobile")
    )
    form = Document(type=DocumentType.INFORMATION_FORM, pages=(1,), confidence=0.99, fields=fields)
    return Submission(envelope=name, sha256=sha256, pages=(page,), documents=(form,))


def keep_reading_of(store: Store, arrival: Arrival, numbers: Sequence[int]) -> str:
    """What reading the arrival would have told: a form of each of the applicants ``numbers``; its key."""
    key = reading_key(arrival, Settings(home=store.home), load("cciip-2023"))
    parts = tuple(form_of(n, arrival.name, arrival.sha256, arrival.name) for n in numbers)
    store.keep_reading(key, submissions_json(parts))
    return key


def read_without_engine(store: Store, arrival: Arrival, numbers: Sequence[int]) -> None:
    """As if it had been read."""
    store.was_read(arrival, keep_reading_of(store, arrival, numbers))


def drawn(path: Path, text: str) -> Path:
    """A scan of one page that can be opened."""
    page = Image.new("RGB", (827, 1169), "white")
    ImageDraw.Draw(page).text((90, 120), text, fill="black")
    path.parent.mkdir(parents=True, exist_ok=True)
    page.save(path, "PDF", resolution=100, creationDate=None, modDate=None)
    return path


def scans(folder: Path, **content: str) -> Path:
    """Files that claim to be scans; what they hold is not asked here."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in content.items():
        (folder / f"{name}.pdf").write_bytes(b"%PDF-1.4\n" + text.encode())
    return folder


def filled(store: Store, batch: Path, numbers: Sequence[int]) -> tuple[Arrival, ...]:
    """A store into which an envelope of each applicant came and was read."""
    for number in numbers:
        drawn(batch / f"env-{number:04d}.pdf", f"paper of {number}")
    arrivals = take_in(batch, store).arrivals
    for arrival, number in zip(arrivals, numbers, strict=True):
        read_without_engine(store, arrival, [number])
    return store.arrivals()
