"""The house's one-way rule (docs/ARCHITECTURE.md): who may import whom, and who alone imports each outside engine."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("pipeline", "extractors", "flows", "samples")

# A floor may import only floors of a smaller number (and its own).
FLOORS = {
    "pipeline.model": 0,
    "pipeline.errors": 0,
    "pipeline.settings": 0,
    "pipeline.values": 1,
    "pipeline.store": 1,
    "pipeline.programmes": 1,
    "pipeline.walls": 1,
    "pipeline.pauses": 1,
    "pipeline.printing": 2,
    "pipeline.intake": 3,
    "pipeline.reading": 3,
    "pipeline.tables": 3,
    "pipeline.seals": 4,
    "pipeline.records": 4,
    "pipeline.sorting": 4,
    "pipeline.several": 4,
    "pipeline.sheets": 4,
    "pipeline.twins": 5,
    "extractors": 5,
    "pipeline.checks": 5,
    "pipeline.report": 5,
    "pipeline.reliability": 1,
    "pipeline.calibration": 5,
    "pipeline.deciding": 5,
    "pipeline.departments": 3,
    "pipeline.lists": 1,
    "pipeline.parcels": 7,
    "pipeline.chasing": 5,
    "pipeline.covering": 7,
    "pipeline.typed": 5,
    "pipeline.evaluating": 5,
    "pipeline.glance": 5,
    "pipeline.skimming": 6,
    "pipeline.seeing": 6,
    "pipeline.assembling": 6,
    "pipeline.observing": 6,
    "pipeline.supplements": 6,
    "pipeline.judging": 6,
    "pipeline.loose": 7,
    "pipeline.reader": 7,
    "pipeline.readers": 7,
    "pipeline.book": 6,
    "pipeline.causes": 6,
    "pipeline.weighing": 7,
    "pipeline.as_printed": 7,
    "pipeline.keeping": 7,
    "pipeline.rejudging": 7,
    "pipeline.planning": 7,
    "pipeline.reconciling": 7,
    "pipeline.reviewing": 7,
    "pipeline.weaknesses": 7,
    "pipeline.doctor": 7,
    "pipeline.forgetting": 7,
    "pipeline.telling": 7,
    "pipeline.street": 8,
    "pipeline.watching": 2,
    "pipeline.hot_folder": 9,
    "flows": 9,
    "samples": 9,
    "pipeline.commands": 10,
    "pipeline.cli": 10,
}

ENGINES = {
    "pytesseract": {"pipeline/reading/tesseract.py", "samples/bench.py"},
    "openvino": {"pipeline/reading/openvino.py"},
    "pdfplumber": {"pipeline/intake/miner.py"},
    "opencc": {"pipeline/values/script.py"},
    "zxingcpp": {"pipeline/intake/codes.py", "pipeline/report/covers.py", "samples"},
    "prefect": {"flows/steps.py", "flows/registering.py"},
    "prefect_dask": {"flows/steps.py"},
    "distributed": {"flows/cluster.py", "flows/orders.py"},
    "sqlalchemy": {"pipeline/store", "pipeline/records/sql.py"},
    "smtplib": {"pipeline/telling/mail.py"},
    "xlsxwriter": {"pipeline/report/xlsx_report.py"},
    "openpyxl": {"pipeline/records/xlsx_file.py", "samples/fuzz"},
}


def modules() -> list[Path]:
    return sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py"))


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def floor(module: str) -> int | None:
    for length in (2, 1):
        name = ".".join(module.split(".")[:length])
        if name in FLOORS:
            return FLOORS[name]
    return None


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_run_one_way(path: Path) -> None:
    name = name_of(path)
    if name == "pipeline":
        return
    own = floor(name)
    assert own is not None, f"{name} has no floor: give it one here and in docs/ARCHITECTURE.md"
    for wanted in imports(path):
        if wanted.split(".")[0] in PACKAGES and wanted != "pipeline":
            other = floor(wanted)
            assert other is not None and other <= own, f"{name} (floor {own}) imports {wanted} (floor {other})"


def test_no_circles() -> None:
    """Not even within a room: of what a module imports when it is imported itself, nothing leads back to it."""
    of = {name_of(path): path for path in modules()}
    TopologicalSorter({name: imported(path, of) - {name} for name, path in of.items()}).prepare()


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path, of: Mapping[str, Path]) -> set[str]:
    nodes = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ImportFrom) and node.module]
    wanted = [(node.module, f"{node.module}.{alias.name}") for node in nodes for alias in node.names]
    return {inner if inner in of else outer or "" for outer, inner in wanted} & of.keys()


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_each_engine_has_one_door(path: Path) -> None:
    here = path.relative_to(ROOT).as_posix()
    for wanted in imports(path):
        doors = ENGINES.get(wanted.split(".")[0])
        inside = doors is None or any(here == door or here.startswith(f"{door}/") for door in doors)
        assert inside, f"{here} imports {wanted}"


def test_help_pays_for_no_engine() -> None:
    code = (
        "import sys; sys.argv = ['yanzhang', '--help']\n"
        "from pipeline.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'cv2', 'openvino', 'pymupdf', 'prefect', 'sqlalchemy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "process" in done.stdout
