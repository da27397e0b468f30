"""The same laws for a folder and for object stores: a free name goes to one writer, whole or not at all, and no failure
leaves anything behind or takes anything away.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from outcross.core.errors import BadInput, BadSetting, MissingInput, MissingLibrary, OutputRefused
from outcross.vault import _local
from outcross.vault._local import TEMPORARY, LocalObjects
from outcross.vault._remote import RemoteObjects
from outcross.vault.objects import Objects, objects

KINDS = ("folder", "no hard links", "memory", "files of obstore")
ESCAPES = ("../x", "a/../../x", "/etc/passwd", "", "a//b", "./a", "a/.", "a\0b", "..")


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Objects:
    root = tmp_path / "vault"
    if request.param == "no hard links":
        if sys.platform not in ("linux", "darwin"):
            pytest.skip("a rename that replaces nothing is asked for by another call here")
        _without_links(monkeypatch, errno.EPERM)
    if request.param in ("folder", "no hard links"):
        return LocalObjects(root)
    stores = pytest.importorskip("obstore.store")
    made = stores.MemoryStore() if request.param == "memory" else stores.LocalStore(root, mkdir=True)
    return RemoteObjects(made, "test://vault")


def _without_links(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def link(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", link)


def test_a_taken_name_stays_as_it_is(store: Objects) -> None:
    assert store.put_new("records/a.txt", b"one")
    assert not store.put_new("records/a.txt", b"another")
    assert store.read("records/a.txt") == b"one"
    assert list(store.names()) == [("records/a.txt", 3)]


def test_empty_bytes_are_bytes(store: Objects) -> None:
    assert store.put_new("a", b"")
    assert not store.put_new("a", b"x")
    assert store.read("a") == b""
    assert list(store.chunks("a")) == []


def test_each_race_has_one_winner(store: Objects) -> None:
    writers, races = 8, 50
    gate = threading.Barrier(writers)

    def write(writer: int) -> list[bool]:
        wins = []
        for race in range(races):
            gate.wait()
            wins.append(store.put_new(f"log/{race:03d}", bytes([writer]) * 1000))
        return wins

    with ThreadPoolExecutor(writers) as pool:
        wins = list(pool.map(write, range(writers)))
    for race in range(races):
        (winner,) = [writer for writer in range(writers) if wins[writer][race]]
        assert store.read(f"log/{race:03d}") == bytes([winner]) * 1000
    assert len(list(store.names())) == races


def test_half_a_file_is_never_seen(store: Objects) -> None:
    size, count, done = 2**21, 12, threading.Event()
    partial: list[tuple[str, int]] = []
    looks = 0

    def look() -> None:
        nonlocal looks
        last = False
        while not last:
            last = done.is_set()
            for name, listed in store.names("big/"):
                if TEMPORARY not in name:
                    looks += 1
                    found = len(store.read(name))
                    partial.extend([(name, found)] * ((listed, found) != (size, size)))

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(count):
        assert store.put_new(f"big/{number}", bytes([number]) * size)
    done.set()
    reader.join()
    assert looks
    assert not partial


def test_pieces_are_the_whole_and_none_is_longer(store: Objects) -> None:
    data = os.urandom(100_001)
    store.put_new("a/b", data)
    pieces = list(store.chunks("a/b", size=1000))
    assert b"".join(pieces) == data
    assert max(map(len, pieces)) <= 1000


def test_what_is_missing_says_so(store: Objects) -> None:
    store.put_new("a/b", b"x")
    for name in ("a/c", "nowhere/a"):
        with pytest.raises(MissingInput, match=name):
            store.read(name)
        with pytest.raises(MissingInput, match=name):
            next(store.chunks(name))


def test_names_are_sorted_and_none_is_skipped(store: Objects) -> None:
    names = ["a", "a.b/c", "a/b", "a/.hidden", ".x/.y/z", "log/0001", "log/0002", "log/01", "ü/€", "a b/c%20d"]
    for name in ["a/b", "log/0002", *(set(names) - {"a", "a/b", "log/0002"})]:
        assert store.put_new(name, name.encode())
    there = sorted(set(names) - {"a"})
    assert list(store.names()) == [(name, len(name.encode())) for name in there]
    assert [name for name, _ in store.names("log/000")] == ["log/0001", "log/0002"]
    assert [name for name, _ in store.names("a/")] == ["a/.hidden", "a/b"]
    assert [name for name, _ in store.names("a")] == [name for name in there if name.startswith("a")]
    assert list(store.names("nothing/here")) == []
    for name in there:
        assert store.read(name) == name.encode()


def test_a_vault_that_is_not_there_is_empty(store: Objects) -> None:
    assert list(store.names()) == []
    store.delete("a/b")


def test_what_is_deleted_is_gone_and_its_name_free(store: Objects) -> None:
    store.put_new("a/b", b"x")
    store.delete("a/b")
    store.delete("a/b")
    assert list(store.names()) == []
    assert store.put_new("a/b", b"y")


@pytest.mark.parametrize("name", ESCAPES)
def test_no_name_leaves_the_root(store: Objects, name: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")
    for attempt in (
        lambda: store.read(name),
        lambda: next(store.chunks(name)),
        lambda: store.put_new(name, b"x"),
        lambda: store.put_file(name, source),
        lambda: store.delete(name),
    ):
        with pytest.raises(BadInput, match="no name in a vault"):
            attempt()
    assert sorted(tmp_path.iterdir()) in ([source], [source, tmp_path / "vault"])


def test_a_file_is_put_once_and_stays(store: Objects, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(os.urandom(300_000))
    for _ in range(2):
        store.put_file("records/a", source)
    assert store.read("records/a") == source.read_bytes()
    assert list(store.names()) == [("records/a", 300_000)]


def test_the_same_bytes_from_elsewhere_are_fine_and_others_are_not(store: Objects, tmp_path: Path) -> None:
    store.put_new("records/a", b"one cat")
    source = tmp_path / "source"
    source.write_bytes(b"one cat")
    store.put_file("records/a", source)
    source.write_bytes(b"two cat")
    with pytest.raises(OutputRefused, match=r"'records/a'.*other bytes"):
        store.put_file("records/a", source)
    assert store.read("records/a") == b"one cat"
    with pytest.raises(MissingInput, match="nothing"):
        store.put_file("records/a", tmp_path / "nothing")


def test_a_local_file_is_linked_where_that_can_be(tmp_path: Path) -> None:
    store = LocalObjects(tmp_path / "vault")
    source = tmp_path / "source"
    source.write_bytes(b"cats")
    store.put_file("records/a", source)
    assert (store.local / "records/a").samefile(source)


def test_a_file_of_another_file_system_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, link = LocalObjects(tmp_path / "vault"), os.link
    source = tmp_path / "source"
    source.write_bytes(b"cats")

    def within(old: str, new: str, **options: bool) -> None:
        if Path(old).parent != Path(new).parent:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        link(old, new, **options)

    monkeypatch.setattr(os, "link", within)
    for _ in range(2):
        store.put_file("records/a", source)
    assert not (store.local / "records/a").samefile(source)
    assert list(store.names()) == [("records/a", 4)]
    assert store.read("records/a") == b"cats"


def test_neither_links_nor_such_renames_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _without_links(monkeypatch, errno.EOPNOTSUPP)
    monkeypatch.setattr(_local.ctypes, "CDLL", lambda *_, **__: object())
    store = LocalObjects(tmp_path / "vault")
    with pytest.raises(OutputRefused, match="neither hard links nor"):
        store.put_new("a", b"x")
    assert list(store.names()) == []


def test_links_out_of_the_root_are_neither_read_nor_written(tmp_path: Path) -> None:
    store = LocalObjects(tmp_path / "vault")
    store.put_new("a/b", b"x")
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "outside").mkdir()
    (store.local / "file").symlink_to(tmp_path / "secret")
    (store.local / "folder").symlink_to(tmp_path / "outside")
    (store.local / "dangling").symlink_to(tmp_path / "nothing")
    with pytest.raises(BadInput, match="leaves the vault"):
        store.read("file")
    with pytest.raises(BadInput, match="leaves the vault"):
        store.put_new("folder/x", b"x")
    (tmp_path / "outside/ours").write_bytes(b"x")
    assert list(store.names("folder/")) == []
    assert not store.put_new("dangling", b"x")  # a dangling link takes its name, and is not written through
    assert [path.name for path in (tmp_path / "outside").iterdir()] == ["ours"]
    assert not (tmp_path / "nothing").exists()
    assert [name for name, _ in store.names()] == ["a/b", "dangling", "file", "folder"]


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    store = LocalObjects(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(MissingInput, match="pipe/below"):
        store.read("pipe/below")
    for name in ("pipe", "folder", "loop"):
        with pytest.raises(BadInput, match="no plain file"):
            store.read(name)
    assert [name for name, _ in store.names()] == ["loop", "pipe"]
    with pytest.raises(OutputRefused, match="cannot write"):
        store.delete("folder")


def test_the_root_may_be_reached_by_a_link_and_has_one_uri(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    given: list[str | Path] = [
        tmp_path / "link",
        f"{tmp_path}/link/",
        f"{tmp_path}/real/../link",
        f"file://{tmp_path}/link",
    ]
    assert {objects(uri).uri for uri in given} == {str((tmp_path / "real").resolve())}
    assert objects(tmp_path / "link").put_new("a", b"x")


def test_a_root_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(OutputRefused, match="cannot write"):
        objects(tmp_path / "file").put_new("a", b"x")
    assert (tmp_path / "file").read_bytes() == b"x"


@pytest.mark.parametrize("call", ["fsync", "link"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES])
def test_a_failure_at_any_step_leaves_nothing(
    call: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalObjects(tmp_path / "vault")
    store.put_new("a/first", b"x")

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OutputRefused) as caught:
        store.put_new("a/second", b"y")
    assert str(caught.value) == f"cannot write '{store.local}/a/second': {os.strerror(code)}"
    assert list(store.names()) == [("a/first", 1)]


LIMITED = """
import resource, sys
from pathlib import Path
from outcross.core.errors import OutputRefused
from outcross.vault._local import LocalObjects
store = LocalObjects(Path(sys.argv[1]))
assert store.put_new("a/small", b"x" * 1000)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
(store.local.parent / "source").write_bytes(b"")
for attempt in range(3):
    try:
        store.put_new("a/large", b"x" * 100_000)
    except OutputRefused as error:
        print(error)
assert store.put_new("a/other", b"y" * 50_000)
assert list(store.names()) == [("a/other", 50_000), ("a/small", 1000)], list(store.names())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits")
def test_a_file_that_may_not_grow_leaves_nothing(tmp_path: Path) -> None:
    said = _python(LIMITED, tmp_path / "vault").stdout.splitlines()
    assert said == [f"cannot write '{tmp_path}/vault/a/large': {os.strerror(errno.EFBIG)}"] * 3


FULL = """
import ctypes, os, sys
from pathlib import Path
from outcross.core.errors import OutputRefused
from outcross.vault._local import LocalObjects
root = os.fsencode(sys.argv[1])
call = ctypes.CDLL(None, use_errno=True)
user, space, private, remount = 0x10000000, 0x20000, 0x4C000, 0x21
if call.unshare(space if os.geteuid() == 0 else space | user) or call.mount(None, b"/", None, private, None):
    sys.exit("no mounts")
if call.mount(b"tmpfs", root, b"tmpfs", 0, b"size=1m"):
    sys.exit("no mounts")
store = LocalObjects(Path(sys.argv[1]))
assert store.put_new("a/0", bytes(600_000))
for attempt in range(3):
    try:
        store.put_new("a/1", bytes(600_000))
    except OutputRefused as error:
        print(error)
assert list(store.names()) == [("a/0", 600_000)], list(store.names())
assert store.put_new("a/2", bytes(300_000)), "the space of what failed is free again"
assert not call.mount(b"tmpfs", root, b"tmpfs", remount, None)
for attempt in lambda: store.put_new("a/3", b"x"), lambda: store.put_new("b/3", b"x"), lambda: store.delete("a/0"):
    try:
        attempt()
    except OutputRefused as error:
        print(error)
assert list(store.names()) == [("a/0", 600_000), ("a/2", 300_000)], list(store.names())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="mounts of a process's own are Linux's")
def test_a_full_disk_and_then_a_read_only_one_leave_all_as_it_was(tmp_path: Path) -> None:
    done = _python(FULL, tmp_path, check=False)
    if "no mounts" in done.stderr:
        pytest.skip("this machine does not let a test mount a small file system")
    assert done.returncode == 0, done.stderr
    full, readonly = os.strerror(errno.ENOSPC), os.strerror(errno.EROFS)
    last = [f"cannot write '{tmp_path}/{name}': {readonly}" for name in ("a/3", "b/3", "a/0")]
    assert done.stdout.splitlines() == [f"cannot write '{tmp_path}/a/1': {full}"] * 3 + last


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_a_folder_without_permission_is_refused(tmp_path: Path) -> None:
    store = LocalObjects(tmp_path / "vault")
    store.put_new("a/b", b"x")
    (store.local / "a").chmod(0o555)
    try:
        with pytest.raises(OutputRefused, match=os.strerror(errno.EACCES)):
            store.put_new("a/c", b"x")
        (store.local / "a").chmod(0)
        for attempt in (lambda: store.read("a/b"), lambda: list(store.names())):
            with pytest.raises(BadInput, match=os.strerror(errno.EACCES)):
                attempt()
    finally:
        (store.local / "a").chmod(0o755)


def _python(script: str, folder: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 or not check, done.stderr
    return done


class _S3(BaseHTTPRequestHandler):
    """As much of S3 as a free name needs."""

    protocol_version = "HTTP/1.1"
    held: ClassVar[dict[str, bytes]] = {}

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"x"')
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "forbidden" in self.path:
            self._answer(403, b"<Error><Code>AccessDenied</Code></Error>")
        elif self.path in self.held and self.headers.get("If-None-Match") == "*":
            self._answer(412)
        else:
            self.held[self.path] = body
            self._answer(200)

    def do_GET(self) -> None:
        if self.path in self.held:
            self._answer(200, self.held[self.path])
        else:
            self._answer(404)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def s3() -> Iterator[Objects]:
    pytest.importorskip("obstore")
    _S3.held.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _S3)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    options = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SECRET_ACCESS_KEY": "not-a-real-one",
        "AWS_REGION": "eu-north-1",
        "allow_http": "true",
    }
    yield objects("s3://bucket/vault/", options)
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_object_store_is_asked_for_a_free_name(s3: Objects) -> None:
    assert s3.uri == "s3://bucket/vault"
    assert s3.local is None
    assert s3.put_new("log/1", b"one")
    assert not s3.put_new("log/1", b"two")
    assert s3.read("log/1") == b"one"
    assert _S3.held == {"/bucket/vault/log/1": b"one"}
    with pytest.raises(MissingInput, match="'log/2' in s3://bucket/vault"):
        s3.read("log/2")
    with pytest.raises(OutputRefused) as caught:
        s3.put_new("forbidden", b"x")
    assert len(str(caught.value).splitlines()) == 1
    assert "403" in str(caught.value) or "permission" in str(caught.value).lower()


@pytest.mark.parametrize(
    ("uri", "options", "said"),
    [
        ("hdfs://a/b", {}, "Unable to recognise"),
        ("s3://", {}, "Unable to recognise"),
        ("s3://bucket/a", {"AWS_COLOUR": "blue"}, "aws_colour"),
        ("s3://bucket/a", {"allow_http": "perhaps"}, "perhaps"),
        ("/tmp/a", {"AWS_REGION": "x"}, "is a folder, which has no options; given: AWS_REGION"),
        ("file://machine/a", {}, "names the machine 'machine'"),
    ],
)
def test_a_bad_place_is_said_in_one_line(uri: str, options: dict[str, str], said: str) -> None:
    pytest.importorskip("obstore")
    with pytest.raises(BadSetting, match=said) as caught:
        objects(uri, options)
    assert len(str(caught.value).splitlines()) == 1


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    pytest.importorskip("obstore")
    with pytest.raises(BadSetting, match="a password stands in the address") as caught:
        objects("s3://me:hunter2@bucket/a")
    assert "hunter2" not in str(caught.value)


def test_object_stores_say_which_extra_brings_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(MissingLibrary, match=r"pip install 'outcross\[vault\]'"):
        objects("s3://bucket/a")
