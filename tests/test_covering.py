"""A pile of envelopes with covers, as people lay it: covers lost, empty, on the wrong envelope, turned, printed twice.

Read with the real reader; two files, as few pages as show it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cover_piles import DEMO, Pile

from pipeline.cli import main

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("covering")
    batch = folder / "batch"
    batch.mkdir()
    pile = Pile(batch)
    pile.cover("CCIIP2023P00103").cover("CCIIP2023P00103").pages("env-0003", 1, 2)  # both sides of the cover
    pile.pages("env-0007", 1, 2, 3)  # its cover is lost
    pile.cover("CCIIP2023S90001").blank()  # nothing behind it
    pile.cover("CCIIP2023S00102", turned=180).blank().pages("env-0001", 1, 2)  # another's papers
    pile.cover("CCIIP2023S77777").pages("env-0006", 4)  # of no online record
    pile.save("pile.pdf")
    late = Pile(batch)
    late.pages("env-0005", 2).blank().cover("CCIIP2023S00102").pages("env-0002", 2)  # the first pages have no cover
    late.save("second.pdf")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YANZHANG_HOME", str(folder / "home"))
        patch.setenv("YANZHANG_WORKERS", "1")
        patch.delenv("PREFECT_API_URL", raising=False)
        arguments = ["process", str(batch), "--records", str(DEMO / "records.json"), "--out", str(folder / "out")]
        patch.setattr(sys, "argv", ["yanzhang", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    assert not ended.value.code  # nothing of it could not be processed
    loaded: dict[str, Any] = json.loads((folder / "out" / "report.json").read_text())
    return loaded


def by_name(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {e["envelope"]: e for e in report["envelopes"]}


def said(report: dict[str, Any], envelope: str) -> str:
    return "\n".join(p for p in report["problems"] if p.startswith(f"{envelope}: "))


def test_every_envelope_is_its_own(report: dict[str, Any]) -> None:
    parts = {name: (e["application_no"], len(e["pages"])) for name, e in by_name(report).items()}
    assert parts == {
        "pile.pdf": ("CCIIP2023P00103", 4),
        "pile.pdf#2": ("CCIIP2023T00107", 3),
        "pile.pdf#3": (None, 2),
        "pile.pdf#4": ("CCIIP2023S00101", 4),
        "pile.pdf#5": ("CCIIP2023P00106", 2),
        "second.pdf": ("CCIIP2023T00105", 2),
        "second.pdf#2": (None, 2),
    }
