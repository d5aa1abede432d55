"""Originals on S3 and on other addresses: the same as in a folder, with copies here for as long as there is room."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import httpx
import pytest
import s3fs
from servers import Bucket, free_port, waiting_for
from store_places import ROOT, drawn

from pipeline.errors import BadSetting, StoreTrouble, UnreadableScan
from pipeline.model import Page
from pipeline.report.pictures import page_pictures
from pipeline.settings import Settings
from pipeline.store import Originals, Store, store_of
from pipeline.store import far as far_module
from pipeline.store.cache import Cache
from pipeline.store.far import FarOriginals


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def names(originals: Originals) -> list[str]:
    return [name for name, _ in originals.listed()]


@pytest.fixture(params=["s3", "memory"])
def far(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FarOriginals]:
    if request.param == "s3":
        address = f"{request.getfixturevalue('s3').address}/season/one"
    else:
        address = f"memory://{tmp_path.name}/season"
    yield FarOriginals(address, tmp_path / "cache", 1_000_000)


def elsewhere(far: FarOriginals, tmp_path: Path) -> FarOriginals:
    """The same, as another machine sees it."""
    return FarOriginals(far.place, tmp_path / "other" / "cache", 1_000_000)


def test_what_is_put_here_is_read_there(far: FarOriginals, tmp_path: Path) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(b"scan" * 1000)
    kept = far.put(source)
    assert kept == sha256(b"scan" * 1000)
    assert far.put(source) == kept
    other = elsewhere(far, tmp_path)
    assert list(other.listed()) == [(kept, 4000)]
    assert (other.size(kept), other.size("0" * 64)) == (4000, 0)
    with other.local(kept) as path:
        assert path.read_bytes() == b"scan" * 1000
        assert path.stat().st_mode & 0o777 == 0o600
    with other.opened(kept) as stream:
        assert b"".join(iter(lambda: stream.read(1000), b"")) == b"scan" * 1000
    with other.local("0" * 64) as path:
        assert not path.exists()
    other.remove(kept)
    assert (names(far), names(other)) == ([], [])
    assert not other.path(kept).exists()
    other.remove(kept)


def test_an_empty_file_and_a_large_one(far: FarOriginals, tmp_path: Path) -> None:
    other = elsewhere(far, tmp_path)
    for data in (b"", os.urandom(20_000_000)):  # S3: in parts
        (tmp_path / "a.pdf").write_bytes(data)
        kept = far.put(tmp_path / "a.pdf")
        assert far.put(tmp_path / "a.pdf") == kept
        with other.local(kept) as path:
            assert path.read_bytes() == data


def test_a_source_that_cannot_be_taken_leaves_nothing(far: FarOriginals, tmp_path: Path) -> None:
    with pytest.raises(UnreadableScan):
        far.put(tmp_path / "gone.pdf")
    (tmp_path / "a.pdf").write_bytes(b"12345")
    with pytest.raises(UnreadableScan):
        far.put(tmp_path / "a.pdf", max_bytes=4)
    assert names(far) == []


def test_damage_is_found_and_the_file_is_taken_when_it_comes_again(far: FarOriginals, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"scan")
    kept = far.put(tmp_path / "a.pdf")
    fs, root = far._connected()
    fs.pipe_file(f"{root}/{kept[:2]}/{kept}", b"rots")
    other = elsewhere(far, tmp_path)
    with other.local(kept) as path:
        assert not path.exists()
    far.put(tmp_path / "a.pdf")
    with other.local(kept) as path:
        assert path.read_bytes() == b"scan"
    far.sweep_strays()
    assert [one.rpartition("/")[2] for one in fs.ls(f"{root}/{kept[:2]}", detail=False)] == [kept]


def test_a_cut_off_object_is_written_anew(far: FarOriginals, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"scan")
    kept = far.put(tmp_path / "a.pdf")
    fs, root = far._connected()
    fs.pipe_file(f"{root}/{kept[:2]}/{kept}", b"sc")
    far.put(tmp_path / "a.pdf")
    assert far.size(kept) == 4


def test_decoders_open_a_copy_within_their_walls(far: FarOriginals, tmp_path: Path) -> None:
    kept = far.put(drawn(tmp_path / "a.pdf", "one"))
    other = elsewhere(far, tmp_path)
    lost = Page(number=2, file="b.pdf", index=0, sha256="0" * 64, width=1, height=1)
    page = Page(number=1, file="a.pdf", index=0, sha256=kept, width=827, height=1169)
    ((shown, picture),) = page_pictures([page, lost], other)
    assert (shown, picture.ndim) == (page, 3)


# ------------------------------------------------------------------------------------------------------- copies here


def bring(data: bytes, asked: list[str] | None = None) -> object:
    def fetch(path: Path) -> bool:
        if asked is not None:
            asked.append(path.name)
        path.write_bytes(data)
        return True

    return fetch


def test_copies_take_no_more_than_they_may_and_the_least_used_go(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 2500)
    data = {n: bytes([n]) * 1000 for n in range(4)}
    keys = {n: sha256(d) for n, d in data.items()}
    asked: list[str] = []
    for step, n in enumerate((0, 1, 0, 2)):
        with cache.held(keys[n], bring(data[n], asked)) as path:  # type: ignore[arg-type]
            assert path.read_bytes() == data[n]
            os.utime(path, (step + 2_000_000_000,) * 2)
    assert sorted(cache.listed()) == sorted([keys[0], keys[2]])  # 1 was not used for longest
    assert len(asked) == 3


def test_a_copy_in_use_stays_and_a_damaged_one_is_fetched_again(tmp_path: Path) -> None:
    cache, other = Cache(tmp_path / "cache", 100), Cache(tmp_path / "cache", 100)
    one, two = b"1" * 90, b"2" * 90
    first = cache.held(sha256(one), bring(one))  # type: ignore[arg-type]
    with first as path, other.held(sha256(two), bring(two)) as second:  # type: ignore[arg-type]
        assert (path.read_bytes(), second.read_bytes()) == (one, two)
    (tmp_path / "cache" / sha256(one)).write_bytes(b"rotten")
    with cache.held(sha256(one), bring(one)) as path:  # type: ignore[arg-type]
        assert path.read_bytes() == one


def test_a_copy_unused_for_a_month_goes_when_the_store_is_opened(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 1000)
    with cache.held(sha256(b"1"), bring(b"1")) as path:  # type: ignore[arg-type]
        os.utime(path, (1_000_000_000,) * 2)
    assert list(Cache(tmp_path / "cache", 1000).listed()) == []


def test_many_threads_ask_for_more_than_there_is_room_for(tmp_path: Path) -> None:
    data = [bytes([n]) * 400 for n in range(8)]

    def run(start: int) -> list[int]:
        cache, wrong = Cache(tmp_path / "cache", 1000), []
        for step in range(40):
            n = (start * 3 + step) % 8
            with cache.held(sha256(data[n]), bring(data[n])) as path:  # type: ignore[arg-type]
                time.sleep(0.001)
                if path.read_bytes() != data[n]:
                    wrong.append(n)
        return wrong

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(run, range(6))) == [[]] * 6
    Cache(tmp_path / "cache", 1000)
    assert sum((tmp_path / "cache" / one).stat().st_size for one in Cache(tmp_path / "cache", 1000).listed()) <= 1000


def test_a_run_killed_while_it_puts_leaves_nothing_half(tmp_path: Path, s3: Bucket) -> None:
    code = """
import os, sys
from pathlib import Path
from pipeline.store.far import FarOriginals
far = FarOriginals(sys.argv[1], Path(sys.argv[2]), 1_000_000_000)
(Path(sys.argv[3])).write_bytes(b"x" * 40_000_000)
print("begins", flush=True)
far.put(Path(sys.argv[3]))
"""
    command = [sys.executable, "-c", code, s3.address, str(tmp_path / "cache"), str(tmp_path / "a.pdf")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.send_signal(signal.SIGKILL)
    far = FarOriginals(s3.address, tmp_path / "cache", 1_000_000_000)
    whole = [(sha256(b"x" * 40_000_000), 40_000_000)]
    assert list(far.listed()) in ([], whole)
    far.put(tmp_path / "a.pdf")
    assert list(far.listed()) == whole
    assert [p.name for p in (tmp_path / "cache").iterdir()] == [whole[0][0]]


# --------------------------------------------------------------------------------------------------- what goes wrong


def test_s3_is_down_or_lacks_the_bucket_or_the_keys(
    tmp_path: Path, s3: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.pdf").write_bytes(b"scan")
    with pytest.raises(StoreTrouble) as told:
        FarOriginals("s3://nowhere-at-all/x", tmp_path / "cache", 1000).put(tmp_path / "a.pdf")
    assert "make the bucket, or look at YANZHANG_ORIGINALS" in told.value.message
    with pytest.raises(StoreTrouble, match="make the bucket"):
        FarOriginals("s3://nowhere-at-all/x", tmp_path / "cache", 1000).look()
    s3fs.S3FileSystem.clear_instance_cache()  # this process knew another address
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StoreTrouble) as told:
        FarOriginals(s3.address, tmp_path / "cache", 1000).put(tmp_path / "a.pdf")
    assert "start it, or look at its address (AWS_ENDPOINT_URL)" in told.value.message
    assert len(told.value.message.splitlines()) == 1
    s3fs.S3FileSystem.clear_instance_cache()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(StoreTrouble, match="AWS_ACCESS_KEY_ID"):
        FarOriginals(s3.address + "/other", tmp_path / "cache", 1000).look()


class _Stumbling(BaseHTTPRequestHandler):
    """S3 as it is on a bad day: each request is refused or cut off before it is answered."""

    protocol_version = "HTTP/1.1"  # or nobody says that a body may come (100 Continue)
    timeout = 20
    endpoint = ""
    seen: ClassVar[dict[str, int]] = {}

    def _any(self) -> None:
        self.close_connection = True
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        what = f"{self.command} {self.path}"
        self.seen[what] = self.seen.get(what, 0) + 1
        if self.seen[what] == 1:
            self.send_error(503, "Slow Down")
            return
        if self.seen[what] == 2:
            self.connection.close()
            return
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "transfer-encoding")}
        answer = httpx.request(self.command, self.endpoint + self.path, headers=headers, content=body)
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in ("connection", "transfer-encoding", "content-encoding", "date", "server"):
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _any

    def log_message(self, *_: object) -> None:
        pass


def test_faults_that_pass_are_waited_out(tmp_path: Path, s3: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Stumbling, "endpoint", s3.endpoint)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Stumbling) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        s3fs.S3FileSystem.clear_instance_cache()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        (tmp_path / "a.pdf").write_bytes(b"scan")
        far = FarOriginals(s3.address, tmp_path / "cache", 1000)
        kept = far.put(tmp_path / "a.pdf")
        with elsewhere(far, tmp_path).local(kept) as path:
            assert path.read_bytes() == b"scan"
        assert all(times >= 3 for times in _Stumbling.seen.values())
        server.shutdown()
    s3fs.S3FileSystem.clear_instance_cache()


def test_who_waits_for_a_slow_fetch_says_so(far: FarOriginals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading process that says nothing for long is ended, and its page is blamed: not while it fetches."""
    (tmp_path / "a.pdf").write_bytes(b"scan")
    kept = far.put(tmp_path / "a.pdf")
    other = elsewhere(far, tmp_path)
    said = threading.Event()
    fetched = FarOriginals._fetched

    def slow(self: FarOriginals, sha256: str, target: Path) -> bool:
        assert said.wait(60)
        return fetched(self, sha256, target)

    monkeypatch.setattr(FarOriginals, "_fetched", slow)
    monkeypatch.setattr(far_module, "SIGN_OF_LIFE_SECONDS", 0.01)
    with other.local(kept, said.set) as path:
        assert path.read_bytes() == b"scan"


def test_addresses_that_are_none_or_hold_secrets(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="must be a folder or an address like s3://bucket/prefix"):
        FarOriginals("s3:///", tmp_path / "cache", 1000)
    with pytest.raises(BadSetting, match="nothing here knows addresses like"):
        FarOriginals("nosuch://u:hunter2@h/x", tmp_path / "cache", 1000).look()
    with pytest.raises(BadSetting, match="put it into AWS_ACCESS_KEY_ID") as told:
        FarOriginals("s3://key:hunter2@bucket/x", tmp_path / "cache", 1000)
    assert "hunter2" not in told.value.message
    assert "hunter2" not in FarOriginals("sftp://u:hunter2@host/x", tmp_path / "cache", 1000).place


def test_settings_say_where_originals_are(tmp_path: Path, s3: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = drawn(tmp_path / "a.pdf", "one")
    monkeypatch.setenv("PLACE", f"{s3.address}/p")
    store = store_of(Settings(home=tmp_path / "home", originals="env:PLACE"))
    kept = store.originals.put(scan)
    assert names(store_of(Settings(home=tmp_path / "two", originals=f"{s3.address}/p")).originals) == [kept]
    folder = store_of(Settings(home=tmp_path / "three", originals=str(tmp_path / "share")))
    folder.originals.put(scan)
    assert (tmp_path / "share" / kept[:2] / kept).read_bytes() == scan.read_bytes()
    assert isinstance(Store(tmp_path / "four").originals, Originals)


def test_s3_that_does_not_know_our_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    environment = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": "0"}
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    try:
        waiting_for(port, server)
        key = {
            "AWS_ACCESS_KEY_ID": "AKIASTRANGER",
            "AWS_SECRET_ACCESS_KEY": "hunter2",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        for name, value in {**key, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}.items():
            monkeypatch.setenv(name, value)
        s3fs.S3FileSystem.clear_instance_cache()
        (tmp_path / "a.pdf").write_bytes(b"scan")
        with pytest.raises(StoreTrouble) as told:
            FarOriginals("s3://bucket/x", tmp_path / "cache", 1000).put(tmp_path / "a.pdf")
        assert "look at the keys (AWS_ACCESS_KEY_ID) and at what they are allowed" in told.value.message
        assert "hunter2" not in told.value.message
    finally:
        server.kill()
        server.wait()
        s3fs.S3FileSystem.clear_instance_cache()
