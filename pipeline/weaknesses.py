"""Settings under which everything works and more can be read or broken than need be (``yanzhang doctor``, marked !).

Each look returns one sentence that says what is weak and what to do, or nothing.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from pipeline.settings import Bounds, Settings
from pipeline.values.references import BY_REFERENCE
from pipeline.walls import walls_here

__all__ = ["weaknesses"]

_HERE = frozenset({"localhost", "127.0.0.1", "::1", ""})
_TLS = frozenset({"require", "verify-ca", "verify-full"})
_YES = frozenset({"1", "true", "yes", "on", "t", "y"})
_WALLS = {
    "memory": "memory limits",
    "files": "Landlock (Linux 5.13 or newer, not switched off)",
    "network": "seccomp (apt install libseccomp2)",
}

Environment = Mapping[str, str]


def weaknesses(settings: Settings, environment: Environment) -> Iterator[tuple[str, str]]:
    """(what, sentence) of each weakness found."""
    for name, look in _LOOKS:
        for sentence in look(settings, environment):
            yield name, sentence


def _home_open(settings: Settings, _: Environment) -> Iterator[str]:
    mode = _mode(settings.home)
    if mode is not None and mode & 0o077:
        yield f"{settings.home} can be opened by others on this machine: chmod 700 {settings.home}"


def _home_shared(settings: Settings, _: Environment) -> Iterator[str]:
    shared = next((p for p in settings.home.absolute().parents if (_mode(p) or 0) & 0o002), None)
    if shared is not None:
        yield f"the store lies in {shared}, where everybody may write and much is cleared away: set YANZHANG_HOME"


def _database_address(settings: Settings, environment: Environment) -> Iterator[str]:
    address = settings.database.get_secret_value()
    if address.startswith(BY_REFERENCE):
        address = environment.get(address.removeprefix(BY_REFERENCE), "")
    host = _host(address) or (_query(address).get("host") or [""])[-1]
    if not address or host in _HERE or host.startswith("/"):  # a socket of this machine
        return
    mode = (_query(address).get("sslmode") or [environment.get("PGSSLMODE", "")])[-1]
    if mode not in _TLS:
        yield (
            f"the database on {host} may be spoken to in clear text: let its server offer TLS and write "
            "?sslmode=verify-full at the end of YANZHANG_DATABASE"
        )
    elif mode == "require":
        yield (
            f"nobody checks that {host} is the database server it says it is: write ?sslmode=verify-full "
            "(and sslrootcert=…) at the end of YANZHANG_DATABASE"
        )


def _originals_here(settings: Settings, _: Environment) -> Iterator[str]:
    if settings.database.get_secret_value() and not settings.originals:
        yield (
            "the database is a server's and scans lie in a folder of this machine: other machines cannot read them, "
            "set YANZHANG_ORIGINALS to what all of them reach"
        )


def _originals_address(settings: Settings, environment: Environment) -> Iterator[str]:
    endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL", "")
    host = _host(endpoint)
    if not endpoint.startswith("http://") or host in _HERE:
        return
    for what, address in (("scans", settings.originals), ("reports", settings.reports)):
        if address.startswith(("s3://", "s3a://", "env:")):
            yield f"{what} travel to {host} in clear text: put TLS before it and write https:// in AWS_ENDPOINT_URL"


def _key_files(_: Settings, environment: Environment) -> Iterator[str]:
    home = Path(environment.get("HOME", "/nonexistent"))
    named = {
        Path(environment.get("PGPASSFILE", home / ".pgpass")),
        Path(environment.get("AWS_SHARED_CREDENTIALS_FILE", home / ".aws" / "credentials")),
    }
    for path in sorted(named):
        mode = _mode(path)
        if mode is not None and mode & 0o077:
            yield f"{path} holds passwords and can be read by others on this machine: chmod 600 {path}"


def _root(_: Settings, __: Environment) -> Iterator[str]:
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        yield "this runs as root, so a fault in a decoder has the whole machine: use an account of its own"


def _mail_in_the_clear(settings: Settings, _: Environment) -> Iterator[str]:
    tell = settings.tell
    if tell.smtp_host and tell.smtp_security == "none" and tell.smtp_host not in _HERE:
        yield (
            f"what nights came to goes to {tell.smtp_host} for all to read on the way: "
            "set YANZHANG_TELL__SMTP_SECURITY to starttls or tls"
        )


def _prefect_address(_: Settings, environment: Environment) -> Iterator[str]:
    address = environment.get("PREFECT_API_URL", "")
    host = _host(address)
    if not address or host in _HERE:
        return
    if address.startswith("http://"):
        yield f"PREFECT_API_URL talks to {host} in clear text: put TLS before it and write https://"
    if not environment.get("PREFECT_API_AUTH_STRING") and not environment.get("PREFECT_API_KEY"):
        yield f"the Prefect server {host} is used without a password: set PREFECT_API_AUTH_STRING here and there"


def _prefect_server(_: Settings, environment: Environment) -> Iterator[str]:
    host = environment.get("PREFECT_SERVER_API_HOST", "")
    if host not in _HERE and not environment.get("PREFECT_SERVER_API_AUTH_STRING"):
        yield f"a Prefect server here listens on {host} and lets everybody in: set PREFECT_SERVER_API_AUTH_STRING"


def _prefect_results(_: Settings, environment: Environment) -> Iterator[str]:
    serializer = environment.get("PREFECT_RESULTS_DEFAULT_SERIALIZER", "")
    if "pickle" in serializer:
        yield (
            f"PREFECT_RESULTS_DEFAULT_SERIALIZER={serializer}: whoever can write where results lie runs programs "
            "here (our own flows keep none): set it to json"
        )
    if environment.get("PREFECT_RESULTS_PERSIST_BY_DEFAULT", "").lower() in _YES:
        yield "PREFECT_RESULTS_PERSIST_BY_DEFAULT is on (our own flows keep nothing all the same): unset it"


def _cluster(settings: Settings, environment: Environment) -> Iterator[str]:
    if not settings.cluster:
        return
    host, encrypted = _host(settings.cluster), settings.cluster.startswith("tls://")
    if not encrypted and host not in _HERE:
        yield (
            f"the Dask cluster {host} is used in clear text, and Dask runs whatever program anybody sends who reaches "
            "its ports: give scheduler, workers and this machine certificates of your own (docs/DEPLOY.md), write tls://"
        )
    required = environment.get("DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION", "").lower() in _YES
    if encrypted and not required:
        yield "Dask takes clear text besides tls://: set DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION=true everywhere"
    if host not in _HERE and not settings.database.get_secret_value():
        yield (
            "YANZHANG_CLUSTER names other machines, and the store is this one's own: their workers know nothing of its "
            "envelopes until YANZHANG_DATABASE and YANZHANG_ORIGINALS are the same everywhere"
        )


def _bounds(settings: Settings, _: Environment) -> Iterator[str]:
    usual = Bounds()
    for name in Bounds.model_fields:
        now, default = getattr(settings.bounds, name), getattr(usual, name)
        if isinstance(now, int) and now > default:
            yield (
                f"YANZHANG_BOUNDS__{name.upper()}={now} lets one stranger's file cost more than usual ({default}): "
                "unset it when the file that needs it is done"
            )


def _cores(_: Settings, __: Environment) -> Iterator[str]:
    try:
        import resource
    except ImportError:  # no such thing on this system
        return
    if resource.getrlimit(resource.RLIMIT_CORE)[0] != 0:
        yield "a process that dies leaves its memory on disk, paper and all: ulimit -c 0"


def _python(_: Settings, environment: Environment) -> Iterator[str]:
    if environment.get("PYTHONINSPECT"):
        yield "PYTHONINSPECT is set: a run that ends leaves a prompt open: unset it"
    open_to_all = next((p for p in sys.path if p and (_mode(Path(p)) or 0) & 0o002), None)
    if open_to_all is not None:
        yield f"programs are loaded from {open_to_all}, where everybody may write: chmod o-w, or out of PYTHONPATH"


def _walls(_: Settings, __: Environment) -> Iterator[str]:
    here = walls_here()
    for wall, means in _WALLS.items():
        if wall not in here:
            yield f"strangers' files are opened without a wall around {wall} on this machine: it lacks {means}"


def _mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None


def _query(address: str) -> dict[str, list[str]]:
    try:
        return parse_qs(urlsplit(address).query)
    except ValueError:
        return {}


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return "?"


_LOOKS: tuple[tuple[str, Callable[[Settings, Environment], Iterator[str]]], ...] = (
    ("store", _home_open),
    ("store", _home_shared),
    ("database", _database_address),
    ("originals", _originals_here),
    ("originals", _originals_address),
    ("passwords", _key_files),
    ("account", _root),
    ("telling", _mail_in_the_clear),
    ("Prefect", _prefect_address),
    ("Prefect", _prefect_server),
    ("Prefect", _prefect_results),
    ("Dask", _cluster),
    ("bounds", _bounds),
    ("core dumps", _cores),
    ("Python", _python),
    ("walls", _walls),
)
