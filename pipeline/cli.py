"""The command line: parse, call, print. Results go to stdout or files, everything else to stderr."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from typer.exceptions import TyperException

from pipeline.errors import BadSetting, YanzhangError
from pipeline.printing import (
    error_line,
    install_log,
    json_line,
    problem_line,
    result_line,
    say,
    show_table,
    terminal,
    text_lines,
)

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from pipeline.street import Outcome

__all__ = ["app", "main"]

DONE, BAD_INPUT, WRONG_USAGE, SOME_FAILED, INTERRUPTED = 0, 1, 2, 3, 130

app = typer.Typer(
    name="yanzhang",
    help="验章: checks mailed, sealed paper submissions against what was declared online.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Split(StrEnum):
    """How files are cut into envelopes."""

    AUTO = "auto"
    FILE = "file"
    NONE = "none"


Files = Annotated[list[Path], typer.Argument(help="PDF, TIFF, JPEG, PNG, WebP, GIF or BMP files.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON each on stdout.")]
Out = Annotated[Path, typer.Option("--out", help="Folder for report.json, report.html, report.xlsx and evidence/.")]
Records = Annotated[
    str, typer.Option("--records", help="Online records: .json, .jsonl, .csv or .xlsx; env:NAME: where NAME says.")
]
Programme = Annotated[str, typer.Option("--programme", help="The call whose rules apply.")]


@app.command()
def process(
    batch: Annotated[Path, typer.Argument(help="A folder of envelopes (files and sub-folders), or one file.")],
    records: Records,
    out: Out,
    programme: Programme = "cciip-2023",
    received_on: Annotated[str | None, typer.Option(help="Date of receipt, YYYY-MM-DD.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes that read; default: the cores.")
    ] = None,
    prefect: Annotated[bool, typer.Option("--prefect", help="Run as the Prefect flow ingest-batch.")] = False,
    split: Annotated[Split, typer.Option(help="Cut files at cover sheets and second forms, or not.")] = Split.AUTO,
) -> None:
    """Take a batch of scans in, check it against the online records and write the report."""
    from pipeline.street import process_batch

    settings = _settings(workers)
    day = _date(received_on)
    run: Callable[..., Outcome] = process_batch
    if prefect or os.environ.get("PREFECT_API_URL"):
        from flows.ingest import run_ingest

        run = run_ingest
    with _progress("读取 reading") as progress:
        outcome = run(
            batch,
            records,
            out,
            programme_name=programme,
            received_on=day,
            split=split.value,
            settings=settings,
            progress=progress,
        )
    _finish(outcome)


@app.command()
def reconcile(
    out: Out,
    records: Annotated[str | None, typer.Option("--records", help="Online records as they are now.")] = None,
    programme: Programme = "cciip-2023",
    prefect: Annotated[bool, typer.Option("--prefect", help="Run as the Prefect flow nightly-reconcile.")] = False,
) -> None:
    """Check everything already received again, against the records as they are now, without reading a page."""
    from pipeline.street import reconcile_store

    run: Callable[..., Outcome] = reconcile_store
    if prefect or os.environ.get("PREFECT_API_URL"):
        from flows.nightly import run_nightly

        run = run_nightly
    _finish(run(records, out, programme_name=programme, settings=_settings(None)))


class Word(StrEnum):
    """What a person says of a finding."""

    CONFIRMED = "confirmed"
    OVERRULED = "overruled"
    REOPENED = "reopened"


By = Annotated[str, typer.Option("--by", help="Who says so.", show_default=False)]
Note = Annotated[str, typer.Option("--note", help="Why.", show_default=False)]


@app.command()
def decide(
    finding: Annotated[str, typer.Argument(help="The finding's id, from the report.", show_default=False)],
    word: Annotated[Word, typer.Option("--as", help="It is so; it is not so; it is open again.", show_default=False)],
    by: By,
    note: Note = "",
) -> None:
    """Record what a person decided about a finding: confirmed, overruled (it counts no longer) or reopened."""
    from pipeline.reviewing import decide_finding
    from pipeline.store import Store

    kept = decide_finding(Store(_settings(None).home), finding, word.value, by, note)
    say(
        f"裁定 decision {kept.id}: {kept.finding} {kept.code.value} ({kept.envelope}) {kept.kind}; "
        "it shows in the next report (yanzhang reconcile)",
    )


@app.command(context_settings={"ignore_unknown_options": True})  # a value may begin with a minus
def correct(
    envelope: Annotated[str, typer.Argument(help="The envelope's name in the report, or the start of its sha256.")],
    field: Annotated[str, typer.Argument(help="The field's name, for instance operating_revenue.")],
    document: Annotated[str, typer.Option("--document", help="The document's type, for instance audit_report.")],
    by: By,
    value: Annotated[str | None, typer.Argument(help="What stands on the paper; money with its unit.")] = None,
    page: Annotated[int | None, typer.Option(min=1, help="Page as scanned, where several documents are meant.")] = None,
    index: Annotated[int | None, typer.Option(min=0, help="The document's index in the report, likewise.")] = None,
    note: Note = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take back what was corrected there.")] = False,
) -> None:
    """Record what a person read on the paper: it takes the place of what was read, whenever this is judged again."""
    from pipeline.reviewing import correct_value
    from pipeline.store import Store

    if withdraw == (value is not None):
        raise BadSetting(
            "give the value that stands on the paper, or --withdraw to take a correction back, and not both"
        )
    store = Store(_settings(None).home)
    kept = correct_value(store, envelope, field, value, document=document, by=by, note=note, page=page, index=index)
    said = "withdrawn" if kept.withdrawn else str(kept.value)
    say(
        f"更正 correction {kept.id}: {kept.envelope}, {kept.document.value}, page {kept.page}, {kept.field}: {said}; "
        "it shows in the next report (yanzhang reconcile)",
    )


@app.command()
def decisions(as_json: AsJson = False) -> None:
    """All decisions and corrections ever made, for audits."""
    from pipeline.reviewing import everything_said
    from pipeline.store import Store

    said = list(everything_said(Store(_settings(None).home)))
    if as_json:
        for one in said:
            json_line(one)
        return
    columns = ("id", "at", "by", "envelope", "on", "says", "note")
    show_table("裁定 decisions", columns, [_decision_row(one) for one in said if one["what"] == "decision"])
    show_table("更正 corrections", columns, [_correction_row(one) for one in said if one["what"] == "correction"])


@app.command()
def retry(
    envelopes: Annotated[
        list[str] | None, typer.Argument(help="Envelopes by name; none: all that could not be read to their end.")
    ] = None,
    programme: Programme = "cciip-2023",
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Processes that read.")] = None,
) -> None:
    """Read again by hand what could not be read to its end: pages in quarantine, too. Then run reconcile."""
    from pipeline.street import retry as read_again

    settings = _settings(workers)
    with _progress("读取 reading") as progress:
        done = read_again(envelopes or (), programme_name=programme, settings=settings, progress=progress)
    _say(done.problems)
    say(
        f"{done.envelopes} 封重读 envelopes read again, {len(done.problems)} 处仍读不出 still unread; "
        "报告请再核 for the report: yanzhang reconcile --out OUT"
    )
    raise typer.Exit(SOME_FAILED if done.problems else DONE)


@app.command()
def seals(
    files: Files,
    as_json: AsJson = False,
    draw: Annotated[
        Path | None, typer.Option("--draw", help="Folder for a PNG of each page with its seals drawn on it.")
    ] = None,
) -> None:
    """Seals found in any page image or PDF."""
    from pipeline.loose import seals_of
    from pipeline.report.drawn import write_drawn

    names = _names_apart(files)

    def drawn(file: Path, settings: Settings) -> Iterator[tuple[dict[str, Any], str]]:
        for shape, problem in seals_of(file, settings):
            if draw is not None and shape:
                path = draw / f"{names[file]}-p{shape['page']}.png"
                write_drawn(file, shape, path, settings)
                say(str(path))
            yield shape, problem

    _each_page(files, as_json, drawn, ("seals", "shape", "colour", "kind", "text", "confidence"))


@app.command()
def read(files: Files, as_json: AsJson = False) -> None:
    """Text lines in any page image or PDF."""
    from pipeline.loose import lines_of

    _each_page(files, as_json, lines_of, ("lines", "text", "confidence"))


@app.command()
def extract(files: Files, as_json: AsJson = False, programme: Programme = "cciip-2023") -> None:
    """Documents with fields, statements and seals of loose files, without records."""
    from pipeline.loose import documents_in

    failed = False
    for file in files:
        shape, problem = documents_in(file, _settings(None), programme)
        failed = failed or bool(problem)
        if problem:
            problem_line(problem)
        if as_json:
            json_line(shape)
            continue
        for document in shape["documents"]:
            rows = [
                (f["name"], str(f["value"]), str(f["raw"]), f"{f['confidence']:.2f}", str(f["page"]))
                for f in document["fields"]
            ]
            title = f"{file.name}: {document['type']} (pages {', '.join(map(str, document['pages']))})"
            show_table(title, ("field", "value", "raw", "confidence", "page"), rows)
    raise typer.Exit(SOME_FAILED if failed else DONE)


@app.command()
def covers(
    records: Annotated[str, typer.Argument(help="Online records.")], out: Annotated[Path, typer.Option("--out")]
) -> None:
    """Cover sheets with QR codes for the envelopes expected."""
    from pipeline.records import load_records
    from pipeline.report.covers import write_covers

    loaded = load_records(records)
    left_out = write_covers(loaded.records, out)
    problems = (*loaded.problems, *left_out)
    _say(problems)
    say(f"{len(loaded.records) - len(left_out)} cover sheets: {out}")
    raise typer.Exit(SOME_FAILED if problems else DONE)


@app.command()
def samples(
    out: Annotated[Path, typer.Argument(help="Folder to write to.")],
    envelopes: Annotated[int, typer.Option(min=1, max=100_000)] = 8,
    seed: Annotated[int, typer.Option()] = 1,
) -> None:
    """Made-up envelopes with their online records and the truth."""
    from samples.make import make

    with _progress("样本 samples") as progress:
        make(out, envelopes=envelopes, seed=seed, progress=progress)
    say(f"{out / 'batch'}, {out / 'records.json'}, {out / 'truth.json'}")


@app.command()
def evaluate(
    truth: Annotated[Path, typer.Argument(help="truth.json")],
    report: Annotated[Path, typer.Argument(help="report.json")],
    as_json: AsJson = False,
    diagram: Annotated[Path | None, typer.Option(help="draw the reliability diagram there, as SVG")] = None,
) -> None:
    """How right a report is, against a truth of that form, and what its confidences are worth."""
    from pipeline.evaluating import evaluate as evaluated

    score = evaluated(truth, report)
    if diagram is not None:
        from pipeline.reliability import diagram as drawn

        _written(diagram, drawn(score.told))
    if as_json:
        json_line(score.model_dump(mode="json"))
    else:
        text_lines(score.text())


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Write the whole store into one file; other runs may go on meanwhile."""
    from pipeline.store import Store
    from pipeline.store.backup import back_up

    with _progress("备份 backup") as progress:
        done = back_up(Store(_settings(None).home), file, force=force, progress=progress)
    _say(done.problems)
    _say_kept("备份 backup", done.manifest.arrivals, len(done.manifest.members) - 1, done.manifest.size, file)
    raise typer.Exit(SOME_FAILED if done.problems else DONE)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that yanzhang backup wrote.", show_default=False)],
) -> None:
    """Fill an empty store from a backup: all of it, or nothing."""
    from pipeline.store.backup import restore as restored

    home = _settings(None).home
    with _progress("恢复 restore") as progress:
        manifest = restored(file, home, progress=progress)
    _say_kept("恢复 restored", manifest.arrivals, len(manifest.members) - 1, manifest.size, home)


@app.command()
def forget(
    applications: Annotated[
        list[str] | None, typer.Argument(help="Applications by number.", show_default=False)
    ] = None,
    before: Annotated[str | None, typer.Option(help="All that was received before this day, YYYY-MM-DD.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
) -> None:
    """Remove personal data after the season: envelopes, originals, and all that was read, judged and declared."""
    from pipeline.forgetting import forget as forgotten
    from pipeline.store import Store

    if bool(applications) == bool(before):
        raise typer.BadParameter("name applications, or a day with --before")
    day = _date(before, "--before")
    told = forgotten(Store(_settings(None).home), applications or (), before=day, dry_run=dry_run)
    for line in told.lines(dry_run=dry_run):
        text_lines(line)
    _say((*told.kept, *told.notes))
    raise typer.Exit(SOME_FAILED if told.kept else DONE)


@app.command()
def doctor() -> None:
    """What this machine has and lacks, in plain words: ✓ good, ! works but is weak, ✗ does not work."""
    from pipeline.doctor import examine

    good = True
    for item in examine(_settings(None)):
        good = good and item.ok
        mark, style = {"good": ("✓", "green"), "weak": ("!", "yellow"), "bad": ("✗", "red")}[item.state]
        result_line(mark, style, f"{item.name}: {item.says}")
    raise typer.Exit(DONE if good else BAD_INPUT)


def main() -> None:
    """Entry point: one line for what a user can cause, and the exit status that CONTRACT names."""
    install_log()
    _stop_when_told()
    try:
        status = app(standalone_mode=False)
        if status == INTERRUPTED:
            say("yanzhang: stopped; what was read is kept, run the same command again to go on")
        sys.exit(status or DONE)
    except TyperException as error:
        _wrong_usage(error)
    except typer.Abort:
        sys.exit(BAD_INPUT)
    except YanzhangError as error:
        error_line(f"yanzhang: {error.message}")
        sys.exit(error.exit_status)
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`): that is no error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)


def _wrong_usage(error: TyperException) -> NoReturn:
    """What typer has to say of the arguments, which may be names of strangers' files (a pattern of the shell)."""
    context, sentence = getattr(error, "ctx", None), getattr(error, "format_message", lambda: str(error))
    if type(error).__name__ != "NoArgsIsHelpError":  # the help is on the terminal already
        command = context.command_path if context is not None else "yanzhang"
        error_line(f"{command}: {sentence()} (more: {command} --help)")
    sys.exit(getattr(error, "exit_code", WRONG_USAGE))


def _stop_when_told() -> None:
    """SIGTERM (a service that is stopped, a machine that shuts down) ends a run as Ctrl-C does."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)


def _settings(workers: int | None) -> Settings:
    from pydantic import ValidationError

    from pipeline.settings import Settings

    try:
        return Settings() if workers is None else Settings(workers=workers)
    except ValidationError as error:
        first = error.errors()[0]
        name = "YANZHANG_" + "__".join(str(part) for part in first["loc"]).upper()
        raise BadSetting(f"the setting {name} is not usable: {first['msg']}") from error


def _date(text: str | None, option: str = "--received-on") -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadSetting(f"{option} {text} is no date: write it as YYYY-MM-DD, for instance 2023-09-20") from error


def _each_page(
    files: list[Path],
    as_json: bool,
    pages_of: Callable[[Path, Settings], Iterator[tuple[dict[str, Any], str]]],
    columns: tuple[str, ...],
) -> None:
    settings = _settings(None)
    failed = False
    for file in files:
        for shape, problem in pages_of(file, settings):
            if problem:
                failed = True
                problem_line(problem)
                continue
            if as_json:
                json_line(shape)
                continue
            rows = [tuple(_cell(item[c]) for c in columns[1:]) for item in shape[columns[0]]]
            show_table(f"{file.name}, page {shape['page']}", columns[1:], rows)
    raise typer.Exit(SOME_FAILED if failed else DONE)


def _decision_row(one: dict[str, Any]) -> tuple[str, ...]:
    on = " ".join(part for part in (one["finding"], one["code"], one["document"], one["field"]) if part)
    return (str(one["id"]), one["at"][:16], one["by"], one["envelope"], on, one["kind"], one["note"])


def _correction_row(one: dict[str, Any]) -> tuple[str, ...]:
    on = f"{one['document']} p{one['page']} {one['field']}"
    says = "withdrawn" if one["withdrawn"] else str(one["value"])
    return (str(one["id"]), one["at"][:16], one["by"], one["envelope"], on, says, one["note"])


def _names_apart(files: Sequence[Path]) -> dict[Path, str]:
    """Each file's name, with its number before it where two files in different folders bear the same."""
    counts = Counter(file.name for file in set(files))
    return {f: f.name if counts[f.name] == 1 else f"{n}-{f.name}" for n, f in enumerate(files, start=1)}


def _written(file: Path, text: str) -> None:
    """Write a small file that the user asked for.

    :raises BadInput: the place cannot be written to
    """
    from pipeline.errors import BadInput

    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{file} cannot be written ({error.strerror}): give another place") from error


def _cell(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _say_kept(what: str, arrivals: int, files: int, size: int, place: Path) -> None:
    say(f"{what}: {arrivals} 封 arrivals, {files} 份 originals, {size / 1e6:,.1f} MB: {place}")


def _say(problems: tuple[str, ...]) -> None:
    for problem in problems:
        problem_line(problem)


def _finish(outcome: Outcome) -> None:
    _say(outcome.report.problems)
    totals = outcome.report.totals
    say(
        f"{totals.envelopes} 封 envelopes, {totals.pages} 页 pages: {totals.clean} 无误 clean, "
        f"{totals.with_findings} 有问题 with findings, {totals.failed} 失败 failed, "
        f"{totals.not_received} 未收到 not received"
    )
    say(f"报告 report: {outcome.html}")
    raise typer.Exit(SOME_FAILED if outcome.some_failed else DONE)


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on a terminal; None when piped."""
    if not terminal.is_terminal:
        yield None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=terminal, transient=True) as bar:
        task = bar.add_task(label, total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance


if __name__ == "__main__":
    main()
