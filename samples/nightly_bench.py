"""How long the nightly job takes on a store of a season (``make bench``): 1 % of the records changed, and all of it.

The store is made of readings of the demo set's envelopes, really processed, each with names, numbers, codes, telephone
numbers and dates of its own, and scans (the demo's, under hashes of their own) where any are opened. Envelopes whose
records will change were shown in full on an earlier night, as a season's are when they come. What is not cloned are the
imprints of seals (a hundred thousand copies of one ink would each be a suspect): comparing seals is a matter of
taking in, not of the night. Figures are those of the command as its users run it, start of the program included.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.book import bring_up
from pipeline.keeping import received_of, said, sayings_in
from pipeline.model import EnvelopeReport
from pipeline.model.slips import Slip
from pipeline.planning import plan
from pipeline.programmes import load
from pipeline.reconciling import MOST_PICTURED, chunks_of
from pipeline.records.matching import edition
from pipeline.rejudging import Job, judged_again
from pipeline.settings import Settings
from pipeline.store import Store, verdicts
from pipeline.values.identifiers import uscc_check_char
from samples.bench import Watch

DEMO = Path(__file__).parent / "demo"
PROGRAMME, RECEIVED = "cciip-2023", "2023-09-20"
SIZE = 5_000  # some minutes; a season's is asked for with --size 100000
NOT_RECEIVED = 0.05  # records more than envelopes
SIGNS = "安博昌达恩丰光海和恒鸿华辉佳建金景凯康科朗利联龙隆茂明宁鹏启荣瑞盛泰天同万祥欣兴雅扬耀宜益银英永"
AT_ONCE = 250


@dataclass(frozen=True)
class Template:
    """One envelope of the demo set: its reading, and its record. ``files``: hashes of its scans."""

    data: str
    record: Mapping[str, Any]
    pages: int
    envelope: str
    judged: str
    said: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class _Filled:
    """A store as it was filled; ``out``: where reports of it lie."""

    home: Path
    records: Path
    templates: Sequence[Template]
    size: int
    demo_home: Path
    out: Path
    quick: bool


@dataclass(frozen=True)
class Run:
    """One run of the command: wall seconds, processor seconds of all its processes, and their peak of memory."""

    name: str
    seconds: float
    cpu: float
    peak_mb: float
    changed: int
    unchanged: int
    size_mb: tuple[float, float, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the store, run the job on it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=SIZE, help="applications")
    parser.add_argument("--demo-home", type=Path, help="a store that holds the demo set, read by this version")
    parser.add_argument("--keep", type=Path, help="where store and reports lie, and stay")
    parser.add_argument("--table", help="PostgreSQL address for the records (…#table): they are read from there, too")
    parser.add_argument("--quick", action="store_true", help="leave out what takes judging everything")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="nightly-") as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        runs = benched(folder, given.size, given.demo_home, given.table, quick=given.quick)
    print(table(runs))
    return 0


def benched(folder: Path, size: int, demo_home: Path | None, address: str | None, *, quick: bool) -> list[Run]:
    """All runs, in order."""
    home, records = folder / "home", folder / "records.jsonl"
    templates = _templates(demo_home or _processed(folder / "demo-home"))
    began = time.monotonic()
    pages = filled(home, records, templates, size, demo_home or folder / "demo-home", quick=quick)
    _said(f"{size} envelopes, {pages / size:.1f} pages each, in the store after {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    if quick:
        as_if_judged(home, records, templates)
        _said(f"said to have been judged before in {time.monotonic() - began:.0f} s")
    else:
        count = first_judged(home, records, folder / "first")
        _said(f"{count} envelopes judged for the first time in {time.monotonic() - began:.0f} s")
    runs = [_run("nothing changed", home, str(records), folder / "out")]
    store = _Filled(home, records, templates, size, demo_home or folder / "demo-home", folder / "out", quick)
    _change(store, str(records), seed=1)
    runs.append(_run("1 % of the records changed (JSONL)", home, str(records), folder / "out"))
    if address:
        _into_database(records, address)
        runs.append(_run("the same records from PostgreSQL", home, address, folder / "out"))
        _change(store, address, seed=2)
        _into_database(records, address)
        runs.append(_run("1 % of the records changed (PostgreSQL)", home, address, folder / "out"))
    if quick:
        return runs
    _with_scans(store, range(1, min(size, MOST_PICTURED + AT_ONCE) + 1))
    _every_cause_void(home)
    runs.append(_run("the rules changed: all judged again", home, address or str(records), folder / "out"))
    return runs


def table(runs: Sequence[Run]) -> str:
    """The figures as Markdown."""
    lines = [
        "| night | seconds | CPU seconds | peak MB | changed | unchanged | json, html, xlsx MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for run in runs:
        sizes = ", ".join(f"{size:.1f}" for size in run.size_mb)
        figures = f"{run.seconds:.1f} | {run.cpu:.1f} | {run.peak_mb:.0f} | {run.changed} | {run.unchanged}"
        lines.append(f"| {run.name} | {figures} | {sizes} |")
    return "\n".join(lines)


# ------------------------------------------------------------------------------------------------------------- store


def filled(home: Path, records: Path, templates: Sequence[Template], size: int, demo_home: Path, *, quick: bool) -> int:
    """A store with an envelope of each of so many applications, and their records; how many pages there are.

    :param quick: what was read is there only as far as it says whose each envelope is
    """
    store = Store(home)
    shutil.copytree(demo_home / "originals", home / "originals", dirs_exist_ok=True)
    numbers = range(1, size + 1)
    more = range(size + 1, size + 1 + int(NOT_RECEIVED * size))
    with records.open("w", encoding="utf-8") as lines:
        for number in (*numbers, *more):
            lines.write(json.dumps(_record(templates, number), ensure_ascii=False) + "\n")
    pages = 0
    parts = [numbers[start : start + AT_ONCE] for start in range(0, size, AT_ONCE)]
    with ProcessPoolExecutor(os.cpu_count(), initializer=_ready, initargs=(templates,)) as pool:
        for rows, told in pool.map(_said_only if quick else _cloned, parts):
            store.keep_sayings(edition(), told)
            with store.writing() as db:
                db.exec_driver_sql(
                    "INSERT INTO arrivals (name, sha256, split, files, received_on, problem, reading_key) "
                    "VALUES (?, ?, 'auto', ?, ?, '', ?)",
                    [(name, sha256, json.dumps([[name, sha256]]), RECEIVED, key) for name, sha256, key, _ in rows],
                )
                db.exec_driver_sql(
                    "INSERT INTO readings (key, data) VALUES (?, ?)", [(key, data) for _, _, key, data in rows]
                )
                db.exec_driver_sql(
                    "INSERT INTO imprints (reading, seal, name, hash, data) VALUES (?, '', '', '', X'')",
                    [(key,) for _, _, key, _ in rows],
                )
    pages = sum(templates[number % len(templates)].pages for number in numbers)
    store.close()
    return pages


def first_judged(home: Path, records: Path, out: Path) -> int:
    """Judge everything, as ``process`` does batch by batch, and count it as told."""
    settings = Settings(home=home)
    store = Store(home)
    bring_up(store, str(records))
    out.mkdir(exist_ok=True)
    job = Job(settings, PROGRAMME, out, said(store))
    todo = plan(job, store, load(PROGRAMME))
    marks = []
    for done in judged_again(job, store, chunks_of(todo, pictured=lambda: False), many=True):
        marks += [verdicts.Mark(*one.place, one.digest, one.envelope) for one in done]
    verdicts.shown(store, marks, _noon())
    store.close()
    return len(marks)


def as_if_judged(home: Path, records: Path, templates: Sequence[Template]) -> int:
    """As :func:`first_judged` leaves the store, in minutes: each envelope is said to have been judged as its template.

    Enough to measure nights of which little changed; what all judging costs it cannot tell.
    """
    settings = Settings(home=home)
    store = Store(home)
    bring_up(store, str(records))
    todo = plan(Job(settings, PROGRAMME, home, said(store)), store, load(PROGRAMME))
    slips = [_slip(template) for template in templates]
    causes = {(arrival, part): (g.cause, g.application_no) for g in todo.groups for arrival, part, *_ in g.members}
    rows: list[verdicts.Verdict] = []
    packed: dict[tuple[str, int], tuple[str, bytes]] = {}
    for arrival in store.arrivals():
        number = int(arrival.name[4:10])
        template = templates[number % len(templates)]
        told = _as(template.judged, template, number).replace(template.envelope, arrival.name)
        slip = _as(slips[number % len(templates)], template, number)
        slip = slip.replace(template.envelope, arrival.name).replace("\ue000", arrival.sha256)
        cause, application = causes[arrival.id, 1]
        digest = hashlib.sha256(told.encode()).hexdigest()
        rows.append(
            verdicts.Verdict(arrival.id, 1, cause, digest, True, arrival.name, arrival.sha256, application, slip)
        )
        packed[arrival.name, arrival.id] = (digest, zlib.compress(told.encode(), 1))
        if len(rows) == 2_000:
            verdicts.keep_verdicts(store, rows, packed)
            rows, packed = [], {}
    verdicts.keep_verdicts(store, rows, packed)
    verdicts.shown(store, (), _noon())
    store.close()
    return len(causes)


_templates_here: Sequence[Template] = ()


def _ready(templates: Sequence[Template]) -> None:
    global _templates_here
    _templates_here = templates


def _slip(template: Template) -> str:
    report = EnvelopeReport.model_validate_json(template.judged).model_copy(update={"sha256": "\ue000"})
    return Slip.of(report)._replace(pages=template.pages).to_json()


Rows = list[tuple[str, str, str, bytes]]


def _cloned(numbers: Sequence[int]) -> tuple[Rows, dict[str, bytes]]:
    """Arrivals (name, sha256, key of the reading, the reading)."""
    rows: Rows = []
    for number in numbers:
        template = _templates_here[number % len(_templates_here)]
        name, sha256, key = _called(number)
        data = _as(template.data.replace("\ue000", sha256), template, number)
        rows.append((name, sha256, key, zlib.compress(data.encode(), 1)))
    return rows, {}


def _said_only(numbers: Sequence[int]) -> tuple[Rows, dict[str, bytes]]:
    """The same with no more of the readings than what they tell of whose they are."""
    rows: Rows = []
    told: dict[str, bytes] = {}
    for number in numbers:
        template = _templates_here[number % len(_templates_here)]
        name, sha256, key = _called(number)
        rows.append((name, sha256, key, b""))
        told[key] = _as(template.said, template, number).encode()
    return rows, told


def _called(number: int) -> tuple[str, str, str]:
    name = f"env-{number:06d}.pdf"
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    return name, sha256, hashlib.sha256(sha256.encode()).hexdigest()


def _as(text: str, template: Template, number: int) -> str:
    for old, new in _renamed(template, number):
        text = text.replace(old, new)
    return text


def _read(filled: _Filled, numbers: Sequence[int]) -> None:
    """Readings of the envelopes that will be judged, where only what they say was there."""
    if filled.quick:
        store = Store(filled.home)
        _ready(filled.templates)
        rows, _ = _cloned(numbers)
        with store.writing() as db:
            db.exec_driver_sql("UPDATE readings SET data = ? WHERE key = ?", [(data, key) for _, _, key, data in rows])
        store.close()


def _with_scans(filled: _Filled, numbers: Sequence[int]) -> None:
    """Scans of the envelopes that will be shown, each under a hash of its own: no two share what is opened."""
    from_, to = filled.demo_home / "originals", filled.home / "originals"
    for number in numbers:
        for file in filled.templates[number % len(filled.templates)].files:
            own = _own_file(file, number)
            (to / own[:2]).mkdir(mode=0o700, exist_ok=True)
            if not (to / own[:2] / own).exists():
                (to / own[:2] / own).hardlink_to(from_ / file[:2] / file)


def _own_file(file: str, number: int) -> str:
    return hashlib.sha256(f"{file} {number}".encode()).hexdigest()


def _shown_before(filled: _Filled, source: str, numbers: Sequence[int]) -> None:
    """A night on which these were news, with the records as they still are: it drew what is found in them by now."""
    store = Store(filled.home)
    names = [(_called(number)[0],) for number in numbers]
    with store.writing() as db:
        db.exec_driver_sql("UPDATE verdicts SET told = 0 WHERE envelope = ?", names)
        db.exec_driver_sql("UPDATE judgements SET digest = '' WHERE envelope = ?", names)
    store.close()
    _run("these shown in full before", filled.home, source, filled.out)


def _record(templates: Sequence[Template], number: int) -> dict[str, Any]:
    template = templates[number % len(templates)]
    record: dict[str, Any] = json.loads(_as(json.dumps(template.record, ensure_ascii=False), template, number))
    return record


def _renamed(template: Template, number: int) -> Iterator[tuple[str, str]]:
    """What stands for what in the envelope of that number: signs of its own name, wherever they stand, seals too."""
    record = template.record
    for file in template.files:
        yield file, _own_file(file, number)
    yield record["application_no"], f"{record['application_no'][:-5]}{number:07d}"
    if record.get("uscc"):
        first = record["uscc"][:8] + f"{number:09d}"
        yield record["uscc"], first + uscc_check_char(first)
    if record.get("mobile"):
        yield record["mobile"], f"139{number:08d}"
    signs = _own_signs(template)
    for place, sign in enumerate(signs):
        yield sign, chr(0xE100 + place)  # in two steps: a new sign may be another's old one
    for place in range(len(signs)):
        yield chr(0xE100 + place), SIGNS[number // len(SIGNS) ** place % len(SIGNS)]


def _own_signs(template: Template) -> list[str]:
    """Three signs of the applicant's name that stand elsewhere least."""
    name = str(template.record["name"])
    return sorted({sign for sign in name if "\u4e00" <= sign <= "\u9fff"}, key=lambda s: (template.data.count(s), s))[
        :3
    ]


def _processed(home: Path) -> Path:
    command = ["process", str(DEMO / "batch"), "--records", str(DEMO / "records.json"), "--received-on", RECEIVED]
    _yanzhang(home, *command, "--out", str(home.parent / "demo-out"))
    return home


def _templates(home: Path) -> list[Template]:
    """The demo's envelopes that are one application's each and whose record is known."""
    store = Store(home)
    records = {one["application_no"]: one for one in json.loads((DEMO / "records.json").read_text(encoding="utf-8"))}
    found = []
    for (envelope, arrival), (_, data) in sorted(store.judgements().items(), key=lambda one: one[0][1]):
        number = json.loads(data)["application_no"]
        (came,) = store.arrivals_of([arrival])
        read = (store.reading(came.reading_key) or b"").decode()
        submissions = json.loads(read)
        if number in records and len(submissions) == 1:
            read = re.sub(r'"fingerprint":"[^"]{100,}"', '"fingerprint":""', read)
            read = re.sub(rf'^(\[\{{"envelope":"[^"]*","sha256":)"{came.sha256}"', '\\1"\ue000"', read)
            pages = len(submissions[0]["pages"])
            said_ = json.dumps(json.loads(sayings_in(received_of(store, [came], {})[arrival])), ensure_ascii=False)
            files = tuple(sorted({page["sha256"] for page in submissions[0]["pages"]}))
            found.append(Template(read, records[number], pages, envelope, data.decode(), said_, files))
    store.close()
    return found


# --------------------------------------------------------------------------------------------------------------- runs


def _change(filled: _Filled, source: str, seed: int) -> None:
    """A hundredth of the records: telephone numbers, figures and names; their envelopes were shown in full before."""
    any_ = random.Random(seed)
    rows = [json.loads(line) for line in filled.records.open(encoding="utf-8")]
    places = any_.sample(range(len(rows)), len(rows) // 100)
    numbers = [place + 1 for place in places if place < filled.size]
    _read(filled, numbers)
    _with_scans(filled, numbers)
    _shown_before(filled, source, numbers)
    for place in places:
        row = rows[place]
        match any_.randrange(4):
            case 0:
                row["mobile"] = f"138{any_.randrange(10**8):08d}"
            case 1:
                row["staff"] = (row.get("staff") or 0) + any_.randint(1, 9)
            case 2:
                row["operating_revenue"] = str(any_.randint(1_000, 9_000))
            case _:
                row["name"] = f"{row['name'][:2]}新{row['name'][2:]}"
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    filled.records.write_text(text, encoding="utf-8")


def _into_database(records: Path, address: str) -> None:
    """The records as a table, each field as text."""
    import psycopg
    from psycopg import sql

    url, _, name = address.partition("#")
    rows = [json.loads(line) for line in records.open(encoding="utf-8")]
    columns = sorted({field for row in rows for field in row})
    called, listed = sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
    with psycopg.connect(url) as db:
        db.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(called))
        typed = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(column)) for column in columns)
        db.execute(sql.SQL("CREATE TABLE {} ({})").format(called, typed))
        with db.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(called, listed)) as copy:
            for row in rows:
                copy.write_row([_as_text(row.get(column)) for column in columns])


def _as_text(value: object) -> str | None:
    if not value:
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _every_cause_void(home: Path) -> None:
    store = Store(home)
    with store.writing() as db:
        db.exec_driver_sql("UPDATE verdicts SET cause = 'before the rules changed'")
    store.close()


def _run(name: str, home: Path, records: str, out: Path) -> Run:
    began, used = time.monotonic(), _cpu()
    with _yanzhang_begun(home, "reconcile", "--records", records, "--out", str(out)) as process:
        watch = Watch(process.pid)
        _, told = process.communicate()
        watch.stop()
    seconds, cpu = time.monotonic() - began, _cpu() - used
    if process.returncode not in (0, 3):
        raise SystemExit(told)
    head = "".join(islice((out / "report.json").open(encoding="utf-8"), 20_000))
    found = re.search(r'"changed": (\d+), "unchanged": (\d+)\}', head)
    changed, unchanged = (int(n) for n in found.groups()) if found else (-1, -1)
    sizes = tuple((out / f"report.{kind}").stat().st_size / 1e6 for kind in ("json", "html", "xlsx"))
    run = Run(name, seconds, cpu, watch.peak_mb, changed, unchanged, sizes)  # type: ignore[arg-type]
    _said(f"{name}: {seconds:.1f} s, {cpu:.1f} s of processors, {watch.peak_mb:.0f} MB, {changed} changed")
    return run


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _yanzhang_begun(home: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "YANZHANG_HOME": str(home)}
    command = [sys.executable, "-m", "pipeline.cli", *arguments]
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _yanzhang(home: Path, *arguments: str) -> None:
    with _yanzhang_begun(home, *arguments) as process:
        _, told = process.communicate()
    if process.returncode not in (0, 3):
        raise SystemExit(told)


def _noon() -> Any:
    from datetime import UTC, datetime

    return datetime.combine(date.fromisoformat(RECEIVED), datetime.min.time(), UTC)


def _said(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
