"""The store as a whole: backup, restore, forget, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.common import BAD_INPUT, DONE, SOME_FAILED, day_of, progress_of, say_problems, settings_of
from pipeline.printing import result_line, say, text_lines

__all__ = ["backup", "doctor", "forget", "restore"]


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Write the whole store into one file; other runs may go on meanwhile."""
    from pipeline.store import store_of
    from pipeline.store.backup import back_up

    with progress_of("备份 backup") as progress:
        done = back_up(store_of(settings_of(None)), file, force=force, progress=progress)
    say_problems(done.problems)
    _say_kept("备份 backup", done.manifest.arrivals, len(done.manifest.members) - 1, done.manifest.size, file)
    raise typer.Exit(SOME_FAILED if done.problems else DONE)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that yanzhang backup wrote.", show_default=False)],
) -> None:
    """Fill an empty store from a backup: all of it, or nothing."""
    from pipeline.store import store_of
    from pipeline.store.backup import restore as restored

    settings = settings_of(None)
    with progress_of("恢复 restore") as progress:
        manifest = restored(file, lambda: store_of(settings), progress=progress)
    _say_kept("恢复 restored", manifest.arrivals, len(manifest.members) - 1, manifest.size, settings.home)


def forget(
    applications: Annotated[
        list[str] | None, typer.Argument(help="Applications by number.", show_default=False)
    ] = None,
    before: Annotated[str | None, typer.Option(help="All that was received before this day, YYYY-MM-DD.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
) -> None:
    """Remove personal data after the season: envelopes, originals, and all that was read, judged and declared."""
    from pipeline.forgetting import forget as forgotten
    from pipeline.store import store_of

    if bool(applications) == bool(before):
        raise typer.BadParameter("name applications, or a day with --before")
    day = day_of(before, "--before")
    told = forgotten(store_of(settings_of(None)), applications or (), before=day, dry_run=dry_run)
    for line in told.lines(dry_run=dry_run):
        text_lines(line)
    say_problems((*told.kept, *told.notes))
    raise typer.Exit(SOME_FAILED if told.kept else DONE)


def doctor() -> None:
    """What this machine has and lacks, in plain words: ✓ good, ! works but is weak, ✗ does not work."""
    from pipeline.doctor import examine

    good = True
    for item in examine(settings_of(None)):
        good = good and item.ok
        mark, style = {"good": ("✓", "green"), "weak": ("!", "yellow"), "bad": ("✗", "red")}[item.state]
        result_line(mark, style, f"{item.name}: {item.says}")
    raise typer.Exit(DONE if good else BAD_INPUT)


def _say_kept(what: str, arrivals: int, files: int, size: int, place: Path) -> None:
    say(f"{what}: {arrivals} 封 arrivals, {files} 份 originals, {size / 1e6:,.1f} MB: {place}")
