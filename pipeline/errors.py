"""The errors a user can cause, each with an exit status and the next thing to do.

::

    YanzhangError
    ├── BadInput            exit 1: a batch, a record source or a setting that cannot be used
    │   ├── NoScans             nothing in the batch that could be a scan
    │   ├── BadRecords          a record source without one usable row
    │   │   └── SourceDown          a record source that does not answer now, or not as it used to
    │   └── BadSetting          a setting or an option with a value that has no meaning
    ├── StoreTrouble        exit 1: the store is locked, full, read-only or damaged; what it held it still holds
    ├── TellTrouble         exit 1: a channel (mail, WeCom, DingTalk, webhook) does not take what is to be told
    ├── ClusterDown         exit 1: the machines that read do not answer; what was read is kept
    ├── ReportTrouble       exit 1: the report cannot be written where it should; what was read is kept
    ├── UnreadableScan      one file or page that cannot be opened; costs itself only
    │   ├── EncryptedScan       a PDF that asks for a password
    │   ├── ScanTooLarge        past the bounds on pixels, pages or bytes
    │   └── CostlyScan          took too long or too much memory, or broke the process that opened it
    └── MissingTool         exit 1: a program this machine lacks, with the command that installs it

``UnreadableScan`` never ends a run: the street turns it into a finding of its envelope.
"""

from __future__ import annotations

__all__ = [
    "BadInput",
    "BadRecords",
    "BadSetting",
    "ClusterDown",
    "CostlyScan",
    "EncryptedScan",
    "MissingTool",
    "NoScans",
    "ReportTrouble",
    "ScanTooLarge",
    "SourceDown",
    "StoreTrouble",
    "TellTrouble",
    "UnreadableScan",
    "YanzhangError",
]


class YanzhangError(Exception):
    """One clear sentence that says what is wrong and what to do.

    :param message: the sentence, in English, without a trailing newline
    """

    exit_status = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadInput(YanzhangError):
    """The input as a whole cannot be used."""


class NoScans(BadInput):
    """The batch holds nothing that could be a scan."""


class BadRecords(BadInput):
    """The record source cannot be read, or has not one usable row."""


class SourceDown(BadRecords):
    """The record source does not answer now, or lacks much of what it held: the records kept from before are used."""


class BadSetting(BadInput):
    """A setting or option has a value that has no meaning."""


class StoreTrouble(YanzhangError):
    """The store cannot be used now. Nothing was half-written: the same command again goes on where this one ended."""


class ClusterDown(YanzhangError):
    """The cluster cannot be used now. All that was read is in the store."""


class ReportTrouble(YanzhangError):
    """The report cannot be written where it should be. All that it tells is in the store."""


class TellTrouble(YanzhangError):
    """Somebody could not be told. What was to be told is kept: ``yanzhang tell`` tries again.

    :param passing: whether the next minute may bring what this one did not
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class UnreadableScan(YanzhangError):
    """One file or page cannot be opened or decoded; it becomes a finding of its envelope."""


class EncryptedScan(UnreadableScan):
    """A PDF that asks for a password."""


class ScanTooLarge(UnreadableScan):
    """Past the bounds on pixels, pages or bytes of :class:`pipeline.settings.Bounds`."""


class CostlyScan(UnreadableScan):
    """Took more time or memory than a page may, or broke the process that opened it."""


class MissingTool(YanzhangError):
    """A program that this machine lacks.

    :param tool: its name
    :param needed_by: what cannot be done without it
    :param fix: the command that installs it
    """

    def __init__(self, tool: str, *, needed_by: str, fix: str) -> None:
        super().__init__(f"{tool} is missing, which {needed_by} needs: {fix}")
        self.tool, self.needed_by, self.fix = tool, needed_by, fix

    def __reduce__(self) -> tuple[object, ...]:
        return _missing_tool, (self.tool, self.needed_by, self.fix)


def _missing_tool(tool: str, needed_by: str, fix: str) -> MissingTool:
    """Made again in another process."""
    return MissingTool(tool, needed_by=needed_by, fix=fix)
