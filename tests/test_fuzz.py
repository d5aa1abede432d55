"""A few of the hostile inputs of ``make fuzz``, the same ones each time; and the fuzzer sees what it shall see."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from samples.fuzz import KINDS, case
from samples.fuzz.batches import run_batch
from samples.fuzz.prober import Prober
from samples.fuzz.run import run

SEED, COUNT = 1, 150


def test_a_case_follows_from_seed_and_number_alone() -> None:
    for kind in KINDS:
        assert case(7, 3, kind) == case(7, 3, kind)
        assert case(7, 3, kind).data != case(7, 4, kind).data


def test_hostile_inputs_are_taken_or_refused_in_one_sentence() -> None:
    verdicts = run(SEED, range(COUNT), workers=2)
    assert [v.number for v in verdicts] == list(range(COUNT))
    assert not [v for v in verdicts if v.bad or v.told.verdict == "costly"]
    assert {v.kind for v in verdicts} == set(KINDS)
    # As many get through as are refused, or the faults would be of one kind.
    assert sum(v.told.verdict == "ok" for v in verdicts) > COUNT / 4


@pytest.mark.slow
def test_a_whole_batch_of_them() -> None:
    assert run_batch(SEED, 0, files=("pdf", "tiff", "jpeg", "code")).problem == ""


def test_what_kills_its_process_is_told_and_the_next_is_asked(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("application_no,track,name\nA2023001,supplier,x\n")
    prober = Prober(bare=True)
    try:
        assert prober.asked(tmp_path / "a.csv", "records").verdict == "ok"
        os.kill(prober.pid, signal.SIGSEGV)
        died = prober.asked(tmp_path / "a.csv", "records")
        assert (died.verdict, died.says) == ("CRASH", "the process ended with -11")
        assert prober.asked(tmp_path / "a.csv", "records").verdict == "ok"
        assert prober.asked(tmp_path / "none.csv", "records").verdict == "refused"
    finally:
        prober.end()


def test_an_error_nobody_is_prepared_for_is_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import pipeline.records as r\ndef fail(source): raise KeyError(source)\nr.load_records = fail\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    prober = Prober(bare=True)
    try:
        told = prober.asked(tmp_path / "a.csv", "records")
    finally:
        prober.end()
    assert told.verdict == "CRASH"
    assert "KeyError" in told.says
