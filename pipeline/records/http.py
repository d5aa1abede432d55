"""Records over HTTP: an array, lines or a table in one answer, or pages of JSON; with a token, retries and bounds.

Nothing is taken from another host than the one named, and nothing said to it: no redirect and no next page leads there.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import BadRecords, SourceDown
from pipeline.records.json_file import array_in, as_row, parse
from pipeline.records.source_file import Paging
from pipeline.records.table import MAX_BYTES, MAX_STREAMED, MAX_STREAMED_ROWS, RawRow, Table, too_many
from pipeline.values.secrets import redacted

if TYPE_CHECKING:
    import httpx
    from tenacity import RetryCallState

__all__ = ["SCHEMES", "TOKEN", "Answer", "opened"]

SCHEMES = ("http", "https")
TOKEN = "YANZHANG_RECORDS_TOKEN"  # of an address without a source file
CONNECT_SECONDS, READ_SECONDS, ANSWER_SECONDS = 10.0, 60.0, 900.0  # the last: of one answer from first to last byte
ATTEMPTS, FIRST_WAIT, LONGEST_WAIT = 5, 1.0, 60.0  # s
REDIRECTS = 5
MAX_PAGE = 20_000_000  # bytes of one page of JSON, which is in memory as a whole
MAX_PAGES = 20_000
PIECE = 1 << 16
_AGAIN = (408, 425, 429, 500, 502, 503, 504)
_SUFFIXES = {
    "application/json": ".json",
    "text/json": ".json",
    "application/jsonl": ".jsonl",
    "application/x-jsonl": ".jsonl",
    "application/jsonlines": ".jsonl",
    "application/x-jsonlines": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/ndjson": ".jsonl",
    "text/csv": ".csv",
    "application/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}


@dataclass(slots=True)
class Answer:
    """What a source answered: rows of its pages, or the file that it sent; or that it is as it was (``unchanged``).

    ``state``: what to ask with the next time, so that it can say so.
    """

    table: Table | None = None
    file: Path | None = None
    state: str = ""
    unchanged: bool = False


class _Again(Exception):
    """An answer that may be another one in a moment; ``after``: s that the source asks to wait."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.after = reason, after


@dataclass(slots=True)
class _Source:
    """One host that is asked, and what has come of it so far."""

    client: httpx.Client
    address: str
    name: str
    token_env: str
    received: int = 0
    headers: dict[str, str] = field(default_factory=dict)


@contextmanager
def opened(address: str, *, paging: Paging | None = None, token_env: str = "", state: str = "") -> Iterator[Answer]:
    """What is at an address now.

    :param state: of the last answer that was used as a whole
    :raises BadRecords: what is there are no records
    :raises SourceDown: (also while rows are taken) it does not answer, or not as it should
    """
    import httpx

    name = redacted(address)
    try:
        url = httpx.URL(address.partition("#")[0])
    except (httpx.InvalidURL, ValueError) as error:
        raise BadRecords(f"{name} is no address: write it as https://host/path.") from error
    if url.scheme not in SCHEMES or not url.host:
        raise BadRecords(f"{name} is no address: write it as https://host/path.")
    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    # No password file of this user is looked into: a token goes where it was named for, and nowhere else.
    with httpx.Client(timeout=timeout, follow_redirects=False, auth=_token(token_env, url)) as client:
        source = _Source(client, str(url), name, token_env or TOKEN)
        with tempfile.TemporaryDirectory(prefix="yanzhang-") as folder:
            yield _paged(source, paging) if paging and paging.style != "none" else _single(source, Path(folder), state)


def _token(token_env: str, url: httpx.URL) -> Callable[[httpx.Request], httpx.Request] | None:
    token = os.environ.get(token_env or TOKEN, "").strip()
    if token_env and not token:
        raise BadRecords(
            f"The source's token is said to be in the variable {token_env}, and it is not set: export it first."
        )
    if not token:
        return None
    if not token.isascii() or not token.isprintable():
        raise BadRecords(f"The variable {token_env or TOKEN} holds no token: it has signs that no token has.")

    def signed(request: httpx.Request) -> httpx.Request:
        if _same_host(request.url, url):
            request.headers["Authorization"] = f"Bearer {token}"
        return request

    return signed


def _same_host(one: httpx.URL, other: httpx.URL) -> bool:
    """The same host and port; https may take over from http, never the other way round."""
    ports = {"http": 80, "https": 443}
    if one.host.casefold() != other.host.casefold():
        return False
    if one.scheme == other.scheme:
        return (one.port or ports.get(one.scheme)) == (other.port or ports.get(other.scheme))
    return one.scheme == "https" and one.port is None and other.port is None


# ------------------------------------------------------------------------------------------------------ one answer


def _single(source: _Source, folder: Path, state: str) -> Answer:
    """The whole of it in one answer, kept in a file while it is read."""
    held = _held(state)
    source.headers.update(held)
    path = folder / "records"
    response = _asked(source, source.address, path, MAX_STREAMED)
    source.headers.clear()
    if response.status_code == 304:
        if not held:
            raise SourceDown(f"{source.name} says that nothing changed, and was not asked that: try again later.")
        return Answer(unchanged=True, state=state)
    if not path.stat().st_size:
        raise SourceDown(f"{source.name} sends nothing at all: try again later.")
    suffix = _suffix(source, response, path)
    told = {name: value for name in ("ETag", "Last-Modified") if (value := response.headers.get(name))}
    kept = json.dumps(told, sort_keys=True) if told else ""
    if suffix == ".json":
        following = _following(source, path)
        if following is not None:
            return Answer(table=following)
        if path.stat().st_size > MAX_BYTES:
            raise BadRecords(f"{source.name} sends more than {MAX_BYTES // 1_000_000} MB at once: let it send pages.")
    named = path.rename(path.with_suffix(suffix))
    return Answer(file=named, state=kept)


def _held(state: str) -> dict[str, str]:
    """What to ask with, so that an answer that would be the same need not be sent."""
    try:
        told = json.loads(state) if state else {}
    except ValueError:
        return {}
    asked = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
    return {asked[name]: str(value) for name, value in told.items() if name in asked} if isinstance(told, dict) else {}


def _suffix(source: _Source, response: httpx.Response, path: Path) -> str:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    ending = Path(response.url.path).suffix.lower()
    with path.open("rb") as stream:
        head = stream.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
    if kind in ("text/html", "application/xhtml+xml") or head[:1] == b"<":
        raise SourceDown(f"{source.name} answers with a web page, not with records: see whether it asks to log in.")
    if kind in _SUFFIXES:
        return _SUFFIXES[kind]
    if ending in _SUFFIXES.values() or ending == ".ndjson":
        return ending
    if head[:1] in b"[{" and head:
        return ".json"
    raise BadRecords(f"{source.name} sends {kind or 'something without a name'}, and no JSON, JSONL, CSV or XLSX.")


def _following(source: _Source, path: Path) -> Table | None:
    """Pages that follow of themselves, where the first one names the next; None: it is all there is."""
    if path.stat().st_size > MAX_PAGE:
        return None
    body = _body(source, path.read_bytes())
    paging = Paging(style="next")
    if not isinstance(body, dict) or _next_address(source, body, paging, None) is None:
        return None
    return _table_of(source, _pages_after(source, body, paging))


# ----------------------------------------------------------------------------------------------------------- pages


def _paged(source: _Source, paging: Paging) -> Answer:
    return Answer(table=_table_of(source, _pages(source, paging), paging))


def _table_of(source: _Source, pages: Iterator[object], paging: Paging | None = None) -> Table:
    columns: dict[str, None] = {}

    def rows() -> Iterator[RawRow]:
        number, total = 0, None
        for body in pages:
            total = _at(body, paging.total) if paging is not None and paging.total else None
            for item in _items(source, body, paging):
                number += 1
                if number > MAX_STREAMED_ROWS:
                    raise too_many(source.name, MAX_STREAMED_ROWS)
                row = as_row(f"record {number}", item)
                columns.update(dict.fromkeys(row.values))
                yield row
        if isinstance(total, int) and total != number:
            raise SourceDown(f"{source.name} says that it has {total} records and sent {number}: try again later.")

    return Table(columns.keys(), rows())


def _pages(source: _Source, paging: Paging) -> Iterator[object]:
    import httpx

    first = httpx.URL(source.address)
    if paging.size_parameter:
        first = first.copy_set_param(paging.size_parameter, str(paging.size))
    if paging.style == "next":
        yield from _pages_after(source, None, paging, str(first))
        return
    asked, so_far, before = _first_of(first, paging), 0, None
    for number in range(MAX_PAGES):
        body, _ = _page(source, str(asked))
        items = _items(source, body, paging)
        if items and items == before:
            raise SourceDown(f"{source.name} sends the same page again and again: see whether [paging] is right.")
        before, so_far = items, so_far + len(items)
        yield body
        if paging.style == "page":
            asked = asked.copy_set_param(paging.page_parameter, str(paging.first_page + number + 1))
        elif paging.style == "offset":
            asked = asked.copy_set_param(paging.offset_parameter, str(so_far))
        else:
            cursor = _at(body, paging.cursor)
            if cursor in (None, "", False):
                return
            asked = asked.copy_set_param(paging.cursor_parameter, str(cursor))
            continue
        if not items:
            return
    raise SourceDown(f"{source.name} has more than {MAX_PAGES} pages: see whether [paging] is right.")


def _first_of(first: httpx.URL, paging: Paging) -> httpx.URL:
    if paging.style == "page":
        return first.copy_set_param(paging.page_parameter, str(paging.first_page))
    return first.copy_set_param(paging.offset_parameter, "0") if paging.style == "offset" else first


def _pages_after(source: _Source, body: object, paging: Paging, asked: str | None = None) -> Iterator[object]:
    """A page and those that each names as the next."""
    seen: set[str] = set()
    if body is not None:
        yield body
        asked = _next_address(source, body, paging, None)
    while asked is not None:
        if asked in seen or len(seen) >= MAX_PAGES:
            raise SourceDown(
                f"{source.name} sends the same page again and again: see whether its next links are right."
            )
        seen.add(asked)
        body, response = _page(source, asked)
        yield body
        asked = _next_address(source, body, paging, response)


def _next_address(source: _Source, body: object, paging: Paging, response: httpx.Response | None) -> str | None:
    import httpx

    linked = response.links.get("next", {}).get("url") if response is not None else None
    named = _at(body, paging.next) or _at(body, "links.next") or linked
    if isinstance(named, dict):
        named = named.get("href")
    if not isinstance(named, str) or not named:
        return None
    here = httpx.URL(source.address)
    try:
        there = here.join(named)
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceDown(f"{source.name} names a next page that is no address.") from error
    if not _same_host(there, here):
        raise SourceDown(f"{source.name} names a next page on another host ({there.host}): nothing is asked there.")
    return str(there)


def _page(source: _Source, asked: str) -> tuple[object, httpx.Response]:
    with tempfile.TemporaryDirectory(prefix="yanzhang-") as folder:
        path = Path(folder) / "page"
        response = _asked(source, asked, path, MAX_PAGE)
        return _body(source, path.read_bytes()), response


def _body(source: _Source, data: bytes) -> object:
    try:
        return parse(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SourceDown(f"{source.name} sends broken JSON: it may have been cut off; try again later.") from error


def _items(source: _Source, body: object, paging: Paging | None) -> list[object]:
    found = array_in(_at(body, paging.items) if paging is not None and paging.items else body)
    if found is not None:
        return found
    where = f" at {paging.items}" if paging is not None and paging.items else ""
    raise SourceDown(f"{source.name} sends JSON without a list of records{where}: see what it answers.")


def _at(body: object, path: str) -> object:
    """What is at data.list of an answer."""
    for part in path.split("."):
        body = body.get(part) if isinstance(body, dict) else None
    return body


# --------------------------------------------------------------------------------------------------------- asking


def _asked(source: _Source, asked: str, path: Path, most: int) -> httpx.Response:
    """Ask until there is an answer: its body is in the file then."""
    from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

    retrying = Retrying(
        retry=retry_if_exception_type(_Again),
        stop=stop_after_attempt(ATTEMPTS),
        wait=_wait,
        sleep=time.sleep,
        reraise=True,
    )
    try:
        return retrying(_followed, source, asked, path, most)
    except _Again as error:
        raise SourceDown(f"{source.name} {error.reason}, {ATTEMPTS} times: see whether it runs.") from error


def _wait(state: RetryCallState) -> float:
    """As long as the source asks for (within bounds), else longer each time."""
    error = state.outcome.exception() if state.outcome is not None else None
    after = error.after if isinstance(error, _Again) else None
    return min(LONGEST_WAIT, after if after is not None else FIRST_WAIT * 2.0 ** (state.attempt_number - 1))


def _followed(source: _Source, asked: str, path: Path, most: int) -> httpx.Response:
    import httpx

    url, first = httpx.URL(asked), httpx.URL(source.address)
    for _ in range(REDIRECTS):
        response = _sent(source, url, path, most)
        if response.status_code not in (301, 302, 303, 307, 308):
            return response
        try:
            url = url.join(response.headers.get("Location", ""))
        except (httpx.InvalidURL, ValueError) as error:
            raise SourceDown(f"{source.name} leads to something that is no address.") from error
        if url.scheme not in SCHEMES or not _same_host(url, first):
            raise SourceDown(
                f"{source.name} leads to another host ({url.host or url.scheme}): name that address if it is meant."
            )
    raise SourceDown(f"{source.name} leads on and on: see whether the address is right.")


def _sent(source: _Source, url: httpx.URL, path: Path, most: int) -> httpx.Response:
    import httpx

    until = time.monotonic() + ANSWER_SECONDS
    try:
        with source.client.stream("GET", url, headers=source.headers) as response:
            _look_at(source, response)
            with path.open("wb") as stream:
                for piece in response.iter_bytes(PIECE):
                    stream.write(piece)
                    source.received += len(piece)
                    if stream.tell() > most or source.received > MAX_STREAMED:
                        raise BadRecords(
                            f"{source.name} sends more than {min(most, MAX_STREAMED) // 1_000_000} MB at once: "
                            "let it send smaller pages."
                        )
                    if time.monotonic() > until:
                        raise SourceDown(f"{source.name} takes more than {ANSWER_SECONDS:.0f} s to answer.")
            return response
    except httpx.TimeoutException as error:
        raise _Again("does not answer in time") from error
    except httpx.TransportError as error:
        raise _Again(f"cannot be reached ({_words(error)})") from error
    except httpx.HTTPError as error:
        raise SourceDown(f"{source.name} sends what cannot be read ({_words(error)}).") from error


def _look_at(source: _Source, response: httpx.Response) -> None:
    status = response.status_code
    if status in _AGAIN:
        raise _Again(f"answers {status}", _asked_to_wait(response.headers.get("Retry-After", "")))
    if status in (401, 403):
        raise SourceDown(f"{source.name} refuses the token ({status}): see the variable {source.token_env}.")
    if status in (404, 410):
        raise SourceDown(f"{source.name} is not there ({status}): see whether the address is right.")
    if status >= 400 or (status >= 300 and status not in (301, 302, 303, 304, 307, 308)) or status == 204:
        raise SourceDown(f"{source.name} answers {status}: see what it wants.")


def _asked_to_wait(said: str) -> float | None:
    if said.strip().isdigit():
        return float(said.strip()[:9])
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()) if said else None
    except (ValueError, TypeError):
        return None


def _words(error: Exception) -> str:
    return redacted(" ".join(str(error).split()))[:150] or type(error).__name__
