"""The command line: the list of commands, and how a run ends."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from pipeline.commands.batches import process, reconcile, retry
from pipeline.commands.chasing import chase
from pipeline.commands.common import BAD_INPUT, DONE, INTERRUPTED, WRONG_USAGE
from pipeline.commands.keeping import backup, doctor, forget, restore
from pipeline.commands.making import covers, evaluate, samples
from pipeline.commands.pages import extract, read, seals
from pipeline.commands.shifts import deploy
from pipeline.commands.telling import tell
from pipeline.commands.watching import watch
from pipeline.commands.words import correct, decide, decisions
from pipeline.errors import YanzhangError
from pipeline.printing import error_line, install_log, say

__all__ = ["app", "main"]

app = typer.Typer(
    name="yanzhang",
    help="验章: checks mailed, sealed paper submissions against what was declared online.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

COMMANDS: tuple[Callable[..., None], ...] = (
    process, watch, retry,
    reconcile, tell,
    decide, correct, decisions,
    seals, read, extract,
    covers, chase, samples, evaluate,
    backup, restore, forget, doctor,
    deploy,
)  # fmt: skip
for command in COMMANDS:
    # A value that is corrected may begin with a minus.
    app.command(context_settings={"ignore_unknown_options": command is correct})(command)


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


if __name__ == "__main__":
    main()
