"""Prints many documents at once with headless Chromium, and finds the marks they left on their pages.

A template marks a place by ``<a href="mark:NAME">``: an invisible link, whose rectangle the PDF keeps. Starting
Chromium costs two seconds and a page a few milliseconds, hence one call for a whole batch.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pymupdf
from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.errors import MissingTool
from samples.paper import Paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PrintedPage", "Prints", "print_papers"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PRINT_TIMEOUT_S = 300  # a batch of 400 pages takes about 20 s here
POINTS_PER_INCH = 72


@dataclass(frozen=True)
class PrintedPage:
    """One page of the print: its index in the PDF and the centres of its marks in points."""

    index: int
    marks: Mapping[str, tuple[float, float]]


class Prints:
    """An open print: which pages belong to which paper, and their pictures. Close it after use."""

    def __init__(self, pdf: bytes, papers: int) -> None:
        self.document: Any = pymupdf.open("pdf", pdf)
        self.pages: tuple[tuple[PrintedPage, ...], ...] = _pages_by_paper(self.document, papers)

    def image(self, index: int, dpi: int) -> NDArray[np.uint8]:
        """RGB picture of one page."""
        pixmap = self.document[index].get_pixmap(dpi=dpi, colorspace=pymupdf.csRGB, alpha=False, annots=False)
        flat = np.frombuffer(pixmap.samples, np.uint8)
        return flat.reshape(pixmap.height, pixmap.width, 3).copy()

    def close(self) -> None:
        """Lets go of the PDF."""
        self.document.close()


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("samples", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def print_papers(papers: Sequence[Paper]) -> Prints:
    """All papers printed, in order.

    :raises MissingTool: no Chromium on this machine
    """
    environment = _templates()
    bodies = [environment.get_template(p.template).render(**p.context, doc_number=i) for i, p in enumerate(papers)]
    html = environment.get_template("batch.html").render(bodies=bodies)
    return Prints(_chromium(html), len(papers))


def _browser() -> str:
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise MissingTool("chromium", needed_by="the sample generator", fix="apt install chromium")


def _chromium(html: str) -> bytes:
    browser = _browser()
    with tempfile.TemporaryDirectory(prefix="yanzhang-print-") as folder:
        source, target = Path(folder, "batch.html"), Path(folder, "batch.pdf")
        source.write_text(html, encoding="utf-8")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
        command += ["--disable-background-networking", "--disable-component-update", "--no-pdf-header-footer"]
        command += [f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}", source.as_uri()]
        subprocess.run(command, capture_output=True, timeout=PRINT_TIMEOUT_S, check=False)
        if not target.exists():
            raise MissingTool("a working chromium", needed_by="the sample generator", fix="apt install chromium")
        return target.read_bytes()


def _pages_by_paper(document: Any, papers: int) -> tuple[tuple[PrintedPage, ...], ...]:
    """Pages from one ``mark:doc-N`` to the next belong to paper N."""
    found: list[list[PrintedPage]] = [[] for _ in range(papers)]
    current = 0
    for index, page in enumerate(document):
        marks = {}
        for link in page.get_links():
            name = str(link.get("uri", "")).removeprefix("mark:")
            box = link["from"]
            marks[name] = ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
        started = [int(name.removeprefix("doc-")) for name in marks if name.startswith("doc-")]
        current = max([current, *started])
        if papers:
            found[current].append(PrintedPage(index, marks))
    return tuple(tuple(pages) for pages in found)
