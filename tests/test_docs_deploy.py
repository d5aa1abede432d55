"""docs/DEPLOY.md: its commands are there, its settings have a meaning, its certificates close a cluster."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from flows import cluster as module
from flows.cluster import check_cluster
from flows.deploying import plan_of
from pipeline.cli import app
from pipeline.errors import BadSetting
from pipeline.settings import Settings
from tests.clusters import Cluster

DOCUMENT = (Path(__file__).parent.parent / "docs" / "DEPLOY.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", DOCUMENT, re.S)
COMMANDS = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines() if line]
LINES = [line for kind, block in BLOCKS if kind == "ini" for line in block.splitlines() if line]
PROGRAMS = Path(sys.executable).parent


def of(program: str) -> list[list[str]]:
    found = [shlex.split(line) for line in COMMANDS]
    return [words[1:] for words in found if words[0] == program]


def options(words: list[str]) -> list[str]:
    return [word for word in words if word.startswith("--")]


def test_every_command_of_ours_is_there() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert len(of("yanzhang")) >= 6
    for words in of("yanzhang"):
        known = {name for parameter in commands[words[0]].params for name in parameter.opts}
        assert set(options(words)) <= known, words
    inline = re.findall(r"`yanzhang ([a-z]+)", DOCUMENT)
    assert set(inline) <= commands.keys()


@pytest.mark.slow
@pytest.mark.parametrize("program", ["prefect", "dask"])
def test_every_option_of_theirs_is_there(program: str, tmp_path: Path) -> None:
    asked = of(program)
    assert len(asked) >= 2
    for words in asked:
        command = [w for w in words if not w.startswith("-")]
        depth = 2 if program == "prefect" and command[0] != "deploy" else 1
        help_of = [str(PROGRAMS / program), *command[:depth], "--help"]
        environment = {**os.environ, "PREFECT_HOME": str(tmp_path), "COLUMNS": "300", "NO_COLOR": "1"}
        said = subprocess.run(help_of, capture_output=True, text=True, check=False, env=environment).stdout
        for option in options(words):
            assert option in said or option == "--no-prompt", (option, help_of)


def test_the_deployment_that_is_shown_can_be_made() -> None:
    shown = [words for words in of("yanzhang") if words[0] == "deploy" and "--cron" in words]
    (words,) = shown
    given = dict(zip(words[1::2], words[2::2], strict=True))
    plan_of(**{name.removeprefix("--"): value for name, value in given.items()})


def test_every_setting_has_a_meaning() -> None:
    import distributed
    from dask import config

    assert distributed.__version__
    names = {name for line in LINES if (name := line.partition("=")[0]).isupper()}
    names |= set(re.findall(r"`((?:YANZHANG|DASK|PREFECT)_[A-Z_]+)", DOCUMENT))
    assert len(names) > 15
    prefects = settings_of_prefect()
    for name in names:
        if name.startswith("YANZHANG_"):
            assert name.removeprefix("YANZHANG_").split("__")[0].lower() in {*Settings.model_fields, "records"}, name
        elif name.startswith("DASK_"):
            key = name.removeprefix("DASK_").lower().replace("__", ".")
            assert config.get(key, default="none") != "none" or key == "distributed.worker.daemon", name
        elif name.startswith("PREFECT_"):
            assert name in prefects or name == "PREFECT_API_DATABASE_CONNECTION_URL", name


LEAVES = """
from prefect.settings import Settings

def leaves(model, before):
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and hasattr(inner, "model_fields"):
            yield from leaves(inner, f"{before}{name.upper()}_")
        else:
            yield f"{before}{name.upper()}"

print(*leaves(Settings, "PREFECT_"))
"""


def settings_of_prefect() -> set[str]:
    """Their names. Asked in a process of its own: Prefect reads them once, and a flow in this one has its own."""
    done = subprocess.run([sys.executable, "-c", LEAVES], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.slow
def test_the_certificates_that_are_shown_close_a_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificates = [line for line in COMMANDS if line.startswith("openssl ")]
    assert len(certificates) == 3
    for line in certificates:
        subprocess.run(shlex.split(line), cwd=tmp_path, check=True, capture_output=True)
    shown = dict(line.split("=", 1) for line in LINES if line.startswith("DASK_"))
    tls = {name: value.replace("/etc/yanzhang", str(tmp_path)) for name, value in shown.items()}
    from dask import config

    scheduler = next(words for words in of("dask") if words[0] == "scheduler")
    assert scheduler[3:5] == ["--protocol", "tls"]
    cluster = Cluster(tmp_path, {**os.environ, **tls}, protocol="tls")
    try:
        cluster.add_worker("one")
        monkeypatch.setattr(module, "PATIENCE", 5)
        plain = cluster.address.replace("tls://", "tcp://")
        for address in (plain, cluster.address):  # in clear text, and without a certificate
            with pytest.raises(BadSetting, match="no Dask scheduler"):
                check_cluster(address)
        monkeypatch.setattr(module, "PATIENCE", 60)
        inside = {name.removeprefix("DASK_").lower().replace("__", "."): value for name, value in tls.items()}
        with config.set(inside):
            assert check_cluster(cluster.address) == 1
    finally:
        cluster.end()
