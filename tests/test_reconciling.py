"""The nightly job judges only what changed, and comes to what judging everything anew comes to."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from store_places import form_of, record

from pipeline import causes
from pipeline.book import bring_up, every
from pipeline.forgetting import forget
from pipeline.intake.batch import TakenIn
from pipeline.judging import judge_all
from pipeline.keeping import received, said
from pipeline.model import Correction, Decision, DocumentType, FindingCode, Record, Submission
from pipeline.observing import submissions_json
from pipeline.programmes import load
from pipeline.reconciling import Reconciled, reconcile
from pipeline.records import Loaded
from pipeline.settings import Settings
from pipeline.store import Store, StoredFile, add_correction, add_decision, store_of
from pipeline.street import judge_batch

PROGRAMME = "cciip-2023"


class World:
    """A store, the records as their source has them now, and what may happen to both."""

    def __init__(self, folder: Path, seed: int, *, database: str = "", workers: int = 1) -> None:
        self.folder, self.any = folder, random.Random(seed)
        self.settings = Settings(home=folder / "home", workers=workers, database=SecretStr(database))
        self.store = store_of(self.settings)
        self.rows: dict[int, dict[str, object]] = {n: dict(record(n)) for n in range(1, 9)}
        self.count = 0

    def source(self) -> str:
        path = self.folder / "records.json"
        path.write_text(json.dumps(list(self.rows.values()), ensure_ascii=False))
        return str(path)

    def night(self, home: Path | None = None, out: str = "out") -> Reconciled:
        store = self.store if home is None else Store(home)
        settings = self.settings if home is None else Settings(home=home, workers=1)
        brought = bring_up(store, self.source(), accept_shrunk=True)
        return reconcile(store, brought, self.folder / out, programme_name=PROGRAMME, settings=settings)

    # ---------------------------------------------------------------------------------------------- what may happen

    def arrive(self, numbers: Sequence[int] | None = None, *, day: date | None = None, noise: bool = False) -> str:
        self.count += 1
        name = f"env-{self.count:03d}.pdf"
        sha256 = hashlib.sha256(name.encode()).hexdigest()
        arrival = self.store.arrive(name, [StoredFile(name, sha256)], sha256=sha256, split="auto", received_on=day)
        if numbers is None:
            numbers = [self.any.randint(1, 12) for _ in range(self.any.choice([1, 1, 1, 2, 0]))]
        if numbers:
            parts = [self._noisy(form_of(n, name, sha256, name), noise) for n in numbers]
            self.store.keep_reading(f"key-{name}", submissions_json(tuple(parts)))
            self.store.was_read(arrival, f"key-{name}")
        return name

    def _noisy(self, one: Submission, noise: bool) -> Submission:
        """With a sign of its number or code misread."""
        if not noise:
            return one
        form = one.documents[0]
        at = self.any.randint(0, 2)
        value = str(form.fields[at].value)
        cut = self.any.randrange(len(value))
        wrong = form.fields[at].model_copy(update={"value": value[:cut] + "7" + value[cut + 1 :]})
        fields = (*form.fields[:at], wrong, *form.fields[at + 1 :])
        return one.model_copy(update={"documents": (form.model_copy(update={"fields": fields}),)})

    def misread(self) -> None:
        self.arrive([self.any.randint(1, 9)], noise=True)

    def dated(self) -> None:
        known = self.store.arrivals()
        if known:
            one = self.any.choice(known)
            day = date(2023, 9, self.any.randint(1, 30))
            self.store.arrive(one.name, one.files, sha256=one.sha256, split=one.split, received_on=day)

    def read_again(self) -> None:
        read = [a for a in self.store.arrivals() if a.reading_key]
        if read:
            one = self.any.choice(read)
            parts = tuple(
                form_of(self.any.randint(1, 9), one.name, one.sha256, one.name)
                for _ in range(self.any.choice([1, 1, 2]))
            )
            self.store.keep_reading(one.reading_key, submissions_json(parts), anew=True)

    def change_record(self) -> None:
        number = self.any.choice(list(self.rows))
        field, value = self.any.choice(
            [
                ("mobile", f"138{self.any.randint(0, 99999999):08d}"),
                ("name", f"北京第{self.any.randint(1, 12)}软件有限公司"),
                ("name", f"上海第{number}信息有限公司"),
                ("uscc", f"91110108MA{self.any.randint(1, 12):08d}"),
                ("uscc", f"91110108MA{10 * number:08d}"),
                ("previous_names", [f"北京第{number}软件有限公司"]),
            ]
        )
        self.rows[number] = {**self.rows[number], field: value}

    def restore_record(self) -> None:
        number = self.any.randint(1, 10)
        self.rows[number] = dict(record(number))

    def drop_record(self) -> None:
        if len(self.rows) > 2:
            del self.rows[self.any.choice(list(self.rows))]

    def decide(self) -> None:
        found = [
            (j.report, f)
            for j in judge_all(received(self.store), tuple(every(self.store)), load(PROGRAMME), said=said(self.store))
            for f in j.report.findings
        ]
        if not found:
            return
        report, one = self.any.choice(found)
        add_decision(
            self.store,
            Decision(
                finding=one.id,
                kind=self.any.choice(["confirmed", "overruled", "reopened"]),
                by="w",
                at=datetime(2023, 10, 1, tzinfo=UTC),
                envelope=report.envelope,
                sha256=report.sha256,
                part=report.part,
                application_no=report.application_no or "",
                sheet=one.sheet,
                code=FindingCode(one.code),
                rule=one.rule,
                document=one.document,
                field=one.field,
                expected=one.expected,
                found=one.found,
            ),
        )

    def correct(self) -> None:
        known = self.store.arrivals()
        if not known:
            return
        one, other = self.any.choice(known), record(self.any.randint(1, 9))
        for field in self.any.sample(("application_no", "name", "uscc", "mobile"), self.any.randint(1, 4)):
            add_correction(
                self.store,
                Correction(
                    by="w",
                    at=datetime(2023, 10, 1, tzinfo=UTC),
                    envelope=one.name,
                    sha256=one.sha256,
                    sheet=f"{one.sha256}#{self.any.choice([0, 0, 0, 5])}",
                    page=1,
                    document=DocumentType.INFORMATION_FORM,
                    field=field,
                    value=str(other[field]),
                    withdrawn=self.any.random() < 0.2,
                ),
            )

    def judge_a_batch(self) -> None:
        """As ``process`` does: some envelopes, against records that may lack some of the others."""
        self.arrive()
        known = self.store.arrivals()
        batch = tuple(self.any.sample(known, min(2, len(known))))
        rows = self.any.sample(list(self.rows.values()), max(1, len(self.rows) - 1))
        loaded = Loaded(tuple(Record.model_validate(row) for row in rows), ())
        judge_batch(self.store, loaded, TakenIn(batch, ()), self.folder / "batch-out", programme_name=PROGRAMME)

    def forget_one(self) -> None:
        if self.store.on_server:
            return
        known = {r.application_no for r in every(self.store)}
        if known:
            forget(self.store, [self.any.choice(sorted(known))])

    def new_edition(self) -> None:
        """As after an update of the program."""
        with self.store.writing() as db:
            db.exec_driver_sql("UPDATE matches SET own = 'older'")
            db.exec_driver_sql("UPDATE verdicts SET cause = 'older'")

    def happens(self) -> None:
        often: Sequence[Callable[[], object]] = (
            self.arrive,
            self.arrive,
            self.misread,
            self.change_record,
            self.change_record,
            self.restore_record,
            self.drop_record,
            self.dated,
            self.read_again,
            self.decide,
            self.correct,
            self.judge_a_batch,
            self.forget_one,
            self.new_edition,
        )
        self.any.choice(often)()


def told(path: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((path / "report.json").read_text())
    report.pop("generated_at")
    return report


def without_caches(home: Path, copy: Path) -> Path:
    """The same store of which nothing is known but what was told."""
    shutil.copytree(home, copy)
    store = Store(copy)
    with store.writing() as db:
        for statement in (
            "DELETE FROM matches",
            "DELETE FROM match_mark",
            "DELETE FROM sayings",
            "UPDATE verdicts SET cause = ''",
        ):
            db.exec_driver_sql(statement)
    store.close()
    return copy


def plainly(store: Store) -> Mapping[tuple[str, str], tuple[object, ...]]:
    """Every envelope as judging everything at once has it."""
    judged = judge_all(received(store), tuple(every(store)), load(PROGRAMME), said=said(store))
    return {
        (j.report.envelope, j.report.sha256): (
            j.report.application_no,
            j.report.matched_by,
            j.report.part_of,
            j.report.verdict,
            tuple(f.id for f in j.report.findings),
        )
        for j in judged
    }


def by_envelope(report: Mapping[str, Any]) -> Mapping[tuple[str, str], tuple[object, ...]]:
    """Every envelope as a report has it."""
    return {
        (e["envelope"], e["sha256"]): (
            e["application_no"],
            tuple(e["matched_by"]),
            e["part_of"],
            e["verdict"],
            tuple(f["id"] for f in e["findings"]),
        )
        for e in report["envelopes"]
    }


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_it_comes_to_what_judging_all_anew_comes_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    if seed % 2:  # as where very many are to be matched, and very many records changed
        monkeypatch.setattr("pipeline.planning.FEW", 0)
        monkeypatch.setattr("pipeline.planning.AT_ONCE", 3)
        monkeypatch.setattr("pipeline.planning.MANY", 1)
    world = World(tmp_path, seed)
    for _ in range(4):
        world.arrive()
    for night in range(7):
        for _ in range(world.any.randint(0, 4)):
            world.happens()
        bring_up(world.store, world.source(), accept_shrunk=True)  # once: both know when a record changed
        world.store.disconnect()
        copy = without_caches(world.settings.home, tmp_path / f"copy-{night}")
        anew = world.night(copy, f"anew-{night}")
        done = world.night(out=f"night-{night}")
        report = told(tmp_path / f"night-{night}")
        assert report == told(tmp_path / f"anew-{night}")
        assert anew.judged >= done.judged
        assert by_envelope(report) == plainly(world.store)
        assert world.night(out="again").judged == 0
        assert all(e.get("unchanged") for e in told(tmp_path / "again")["envelopes"])


@pytest.mark.slow
def test_a_store_on_a_server_comes_to_the_same(tmp_path: Path, postgres: str) -> None:
    world = World(tmp_path, 11, database=postgres)
    for _ in range(4):
        world.arrive()
    for night in range(4):
        for _ in range(world.any.randint(2, 5)):
            world.happens()
        world.night(out=f"night-{night}")
        assert by_envelope(told(tmp_path / f"night-{night}")) == plainly(world.store)
        assert world.night(out="again").judged == 0


def in_processes(monkeypatch: pytest.MonkeyPatch, folder: Path, *workers: int) -> list[World]:
    """One world in folders 1, 2 …, each judged by so many processes, two applications at a time."""
    monkeypatch.setattr("pipeline.reconciling.FEW", 0)
    monkeypatch.setattr("pipeline.rejudging.TOGETHER", 2)
    worlds = [World(folder / f"{place}", 5, workers=count) for place, count in enumerate(workers, start=1)]
    for world in worlds:
        for _ in range(12):
            world.arrive()
    return worlds


def test_several_processes_come_to_what_one_comes_to_even_if_one_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, together, killed = in_processes(monkeypatch, tmp_path, 1, 2, 2)
    victims: list[int] = []
    pool = ProcessPoolExecutor.submit

    def submit(self: ProcessPoolExecutor, *task: Any) -> Any:
        waiting = pool(self, *task)
        if not victims:
            victims.extend(self._processes)
            os.kill(victims[0], signal.SIGKILL)
        return waiting

    alone.night()
    together.night()
    with monkeypatch.context() as patch:
        patch.setattr(ProcessPoolExecutor, "submit", submit)
        killed.night()
    assert victims
    expected = told(tmp_path / "1" / "out")
    assert told(tmp_path / "2" / "out") == expected
    assert told(tmp_path / "3" / "out") == expected


@pytest.mark.parametrize("told_of_it", [OSError("handle is closed"), ValueError("bad value(s) in fds_to_keep")])
def test_a_process_that_ends_while_another_is_started_costs_time_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told_of_it: Exception
) -> None:
    alone, broken = in_processes(monkeypatch, tmp_path, 1, 2)
    asked: list[object] = []
    pool = ProcessPoolExecutor.submit

    def submit(self: ProcessPoolExecutor, *task: Any) -> Any:
        asked.append(task)
        if len(asked) == 2:
            raise told_of_it  # as seen where a process was killed at that moment
        return pool(self, *task)

    alone.night()
    monkeypatch.setattr(ProcessPoolExecutor, "submit", submit)
    broken.night()
    assert len(asked) == 2
    assert told(tmp_path / "2" / "out") == told(tmp_path / "1" / "out")


def test_a_task_that_a_broken_pool_forgot_is_done_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone, broken = in_processes(monkeypatch, tmp_path, 1, 2)
    handed: list[Future[Any]] = []
    pool = ProcessPoolExecutor.submit

    def submit(self: ProcessPoolExecutor, *task: Any) -> Any:
        if len(handed) == 5:  # the last one: the list of tasks is cleared, and then this one is put on it
            wait(handed)
            for process in self._processes.values():
                process.kill()
            handed.append(Future())
        else:
            handed.append(pool(self, *task))
        return handed[-1]

    alone.night()
    monkeypatch.setattr(ProcessPoolExecutor, "submit", submit)
    broken.night()
    assert not handed[5].done()
    assert told(tmp_path / "2" / "out") == told(tmp_path / "1" / "out")


def test_the_edition_is_of_all_code_that_judges() -> None:
    code = (
        "import sys, pipeline.judging; "
        "print(*sorted(m.__file__ for m in sys.modules.values() if m.__name__.startswith('pipeline')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    used = {Path(name).relative_to(Path(causes.__file__).parent).as_posix() for name in done.stdout.split()}
    # What brings records and keeps rows decides nothing: what it hands over is in the cause itself.
    beside = ("store/", "records/", "errors.py", "walls.py", "__init__.py", "intake/__init__.py", "settings.py")
    deciding = {name for name in used if not name.startswith(beside)} | {"records/matching.py"}
    assert deciding <= {path.relative_to(Path(causes.__file__).parent).as_posix() for path in causes.judging_code()}


def test_a_change_costs_its_own_application_only(tmp_path: Path) -> None:
    world = World(tmp_path, 1)
    for number in range(1, 9):
        world.arrive([number])
    assert world.night().judged == 8
    assert world.night().judged == 0
    world.rows[3]["mobile"] = "13811111111"
    done = world.night()
    assert done.judged == 1
    report = told(tmp_path / "out")
    changed = [e for e in report["envelopes"] if not e.get("unchanged")]
    assert [e["application_no"] for e in changed] == ["CCIIP2023S00003"]
    assert [(n["code"], n["application_no"]) for n in report["since"]["new"]] == [("TEXT_MISMATCH", "CCIIP2023S00003")]
    assert report["since"]["unchanged"] == 7
    world.rows[3]["mobile"] = record(3)["mobile"]
    night = world.night().night
    assert night.new_count == 0
    assert [(f.code.value, f.application_no) for f in night.resolved] == [("TEXT_MISMATCH", "CCIIP2023S00003")]
    assert "13811111111" in night.resolved[0].message.zh


def test_a_run_that_ends_before_its_report_is_written_leaves_the_news_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, 1)
    world.arrive([1])
    world.night()
    world.rows[1]["mobile"] = "13811111111"

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.report.night_report._write_json", full)
        with pytest.raises(Exception, match="No space left"):
            world.night()
    done = world.night()
    assert [f.code.value for f in done.night.new] == ["TEXT_MISMATCH"]
    assert done.night.changed == 1
    assert world.night().night.changed == 0


def test_what_a_batch_judged_is_known_to_the_night(tmp_path: Path) -> None:
    world = World(tmp_path, 1)
    for number in range(1, 9):
        world.arrive([number])
    loaded = Loaded(tuple(Record.model_validate(row) for row in world.rows.values()), ())
    arrivals = world.store.arrivals()
    for batch in (arrivals[:4], arrivals[4:]):
        judge_batch(world.store, loaded, TakenIn(batch, ()), tmp_path / "batch-out", programme_name=PROGRAMME)
    done = world.night()
    assert done.judged == 0
    assert done.night.unchanged == 8
    assert done.night.new_count == 0


def test_another_programme_judges_all_again_and_tells_what_is_news_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, 1)
    for number in range(1, 5):
        world.arrive([number])
    world.night()
    other = load(PROGRAMME).model_copy(update={"rules_version": "another"})
    for module in ("pipeline.reconciling", "pipeline.rejudging"):
        monkeypatch.setattr(f"{module}.load", lambda _: other)
    done = world.night()
    assert done.judged == 4
    assert done.night.unchanged == 4
    assert done.night.rules_version == "another"
    assert world.night().judged == 0
