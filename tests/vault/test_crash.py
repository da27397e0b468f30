"""The crash harness itself: it sees every call that changes the folder, kills before the call is made, and finds a
writer that is not safe. Then the writer that must be: `put_new`, killed at each of its calls.
"""

from __future__ import annotations

import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outcross.vault.objects import TEMPORARY, objects
from tests.vault import crash

DATA = b"a cat sleeps " * 20_000
PUT = "from outcross.vault.objects import objects\nfrom pathlib import Path"
SAFE = f"assert objects(folder).put_new('records/a', {DATA!r})"
SMALL = "assert objects(folder).put_new('records/a', b'cats')"
SAFE_FILE = "objects(folder).put_file('records/a', Path(folder).parent / 'source')"
IN_PLACE = f"""
Path(folder, 'records').mkdir(parents=True)
with Path(folder, 'records/a').open('wb', buffering=0) as file:
    file.write({DATA[:1000]!r})
    file.write({DATA[1000:]!r})
"""
HASTY = f"Path(folder).parent.joinpath('acknowledged').touch()\n{SAFE}"


@pytest.fixture(scope="module")
def process() -> Iterator[crash.Warm]:
    crash.require()
    with crash.Warm(PUT) as warm:
        yield warm


def _killed_everywhere(process: crash.Warm, code: str, fresh: Callable[[], Path]) -> list[str]:
    """What goes wrong when a writer of `DATA` is killed at each of its calls: nothing, one hopes."""
    code = f"{code}\nPath(folder).parent.joinpath('acknowledged').touch()"
    whole = fresh()
    count = len(process.calls(_on(whole, code), whole))
    wrong = []
    for n in range(1, count + 1):
        folder = fresh()
        assert process.kill_at(_on(folder, code), n, folder) == -signal.SIGKILL
        store = objects(folder)
        there = dict(name for name in store.names() if TEMPORARY not in name[0])
        if there and store.read("records/a") != DATA:
            wrong.append(f"half a file after call {n}")
        if not there and (folder.parent / "acknowledged").exists():
            wrong.append(f"what was acknowledged is not there after call {n}")
        if store.put_new("records/a", DATA) == bool(there):
            wrong.append(f"no going on after call {n}")
    return wrong


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[[], Path]:
    def make() -> Path:
        run = tmp_path / f"run{len(list(tmp_path.iterdir())):03d}"
        (run / "vault").mkdir(parents=True)
        (run / "source").write_bytes(DATA)
        return run / "vault"

    return make


def _on(folder: Path, code: str) -> str:
    return f"folder = {str(folder)!r}\n{code}"


@pytest.mark.parametrize("code", [SAFE, SAFE_FILE])
def test_a_file_is_whole_or_absent_wherever_its_writer_dies(
    code: str, process: crash.Warm, fresh: Callable[[], Path]
) -> None:
    assert _killed_everywhere(process, code, fresh) == []


def test_a_writer_in_place_is_found_out(process: crash.Warm, fresh: Callable[[], Path]) -> None:
    wrong = _killed_everywhere(process, IN_PLACE, fresh)
    assert [line for line in wrong if "half a file" in line]


def test_a_writer_that_says_too_early_that_it_has_written_is_found_out(
    process: crash.Warm, fresh: Callable[[], Path]
) -> None:
    wrong = _killed_everywhere(process, HASTY, fresh)
    assert [line for line in wrong if "acknowledged" in line]


def test_every_call_of_a_writer_is_seen_in_order(process: crash.Warm, fresh: Callable[[], Path]) -> None:
    folder = fresh()
    calls = process.calls(_on(folder, SAFE), folder)
    kinds = [call.split()[0].removesuffix("at") for call in calls]
    first = kinds.index("open")
    assert kinds[first:] == ["open", "write", "fsync", "link", "unlink", "fsync"]
    assert calls[first:][3].endswith(" records/a")
    assert calls[-1] == "fsync records"
    assert "mkdir records" in [call.replace("mkdirat", "mkdir") for call in calls[:first]]


@pytest.mark.parametrize("code", [SAFE, SMALL, SAFE_FILE])
def test_a_power_cut_after_a_writer_has_returned_loses_nothing(
    code: str, process: crash.Warm, fresh: Callable[[], Path]
) -> None:
    folder = fresh()
    assert crash.unsynced(process.calls(_on(folder, code), folder), commit="records/") == []


def test_what_a_power_cut_could_lose_is_found_out(process: crash.Warm, fresh: Callable[[], Path]) -> None:
    folder = fresh()
    assert crash.unsynced(process.calls(_on(folder, IN_PLACE), folder)) == [".", "records", "records/a"]
    folder = fresh()
    careless = f"import os; os.fsync = lambda _: None\n{SAFE}"
    lost = crash.unsynced(process.calls(_on(folder, careless), folder), commit="records/")
    assert [line for line in lost if line.startswith("records/.tmp") and line.endswith("before records/a")]
    assert lost[-3:] == [".", "records", "records/a"]


def test_the_call_is_not_made(process: crash.Warm, fresh: Callable[[], Path]) -> None:
    code = "for name in 'abc': Path(folder, name).mkdir()"
    for n in (1, 2, 3):
        folder = fresh()
        assert process.kill_at(_on(folder, code), n, folder) == -signal.SIGKILL
        assert len(list(folder.iterdir())) == n - 1
    folder = fresh()
    assert process.kill_at(_on(folder, code), 4, folder) == 0
    assert len(list(folder.iterdir())) == 3


THREADS = """
import threading
threads = [threading.Thread(target=lambda name=name: Path(folder, name).mkdir()) for name in 'abcd']
for thread in threads: thread.start()
"""
PROCESSES = """
import subprocess, sys
for name in 'ab':
    subprocess.run([sys.executable, '-c', f'import os; os.chdir({folder!r}); os.mkdir({name!r}); os.mkdir("{name}/c")'])
"""
NATIVE = """
import obstore
from obstore.store import LocalStore
store = LocalStore(folder)
for name in 'abcd':
    obstore.put(store, name, b'cats', mode='create')
"""


@pytest.mark.parametrize(
    ("code", "call", "count"), [(THREADS, "mkdir", 4), (PROCESSES, "mkdir", 4), (NATIVE, "link", 4)]
)
def test_threads_children_and_native_code_are_seen(
    code: str, call: str, count: int, process: crash.Warm, fresh: Callable[[], Path]
) -> None:
    if code == NATIVE:
        pytest.importorskip("obstore")
    folder = fresh()
    calls = process.calls(_on(folder, code), folder)
    at = [n for n, line in enumerate(calls, 1) if line.startswith(call)]
    assert len(at) == count
    folder = fresh()
    assert process.kill_at(_on(folder, code), at[2], folder) == -signal.SIGKILL
    whole = [path for path in folder.rglob("*") if len(path.name) == 1]
    assert len(whole) == 2
    time.sleep(0.05)
    assert [path for path in folder.rglob("*") if len(path.name) == 1] == whole, "something of it still runs"


def test_reading_and_other_folders_do_not_count(process: crash.Warm, fresh: Callable[[], Path]) -> None:
    folder = fresh()
    code = "Path(folder).parent.joinpath('vault2').mkdir(); Path(folder).parent.joinpath('source').read_bytes()"
    assert process.calls(_on(folder, f"{code}; list(Path(folder).iterdir())"), folder) == []


def test_links_to_the_folder_lead_there(process: crash.Warm, fresh: Callable[[], Path]) -> None:
    folder = fresh()
    (folder.parent / "link").symlink_to(folder)
    code = "import os; os.chdir(Path(folder).parent); os.mkdir('link/a'); os.chdir('link'); os.rename('a', '../link/b')"
    first, second = process.calls(_on(folder, code), folder)
    assert first.startswith("mkdir") and first.endswith(" a")
    assert second.startswith("rename") and second.endswith(" a b")


def test_a_program_that_fails_says_so(process: crash.Warm, fresh: Callable[[], Path]) -> None:
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        process.calls("1 / 0", fresh())
    assert process.kill_at("raise SystemExit(3)", 1, fresh()) == 3
    with pytest.raises(OSError, match="Timeout"):
        process.calls("import time; time.sleep(60)", fresh(), seconds=1)
    assert process.calls("pass", fresh()) == []


def test_commands_are_traced_from_their_first_call(fresh: Callable[[], Path]) -> None:
    crash.require()
    code = "import os, sys; os.chdir(sys.argv[1]); os.mkdir('a'); os.environ['CATS'] and os.mkdir('b')"
    whole, killed = fresh(), fresh()
    calls = crash.count_calls([sys.executable, "-c", code, str(whole)], whole, {"CATS": "1"})
    assert [call.split()[-1] for call in calls] == ["a", "b"]
    assert crash.kill_at([sys.executable, "-c", code, str(killed)], 2, killed, {"CATS": "1"}) == -signal.SIGKILL
    assert [path.name for path in killed.iterdir()] == ["a"]


def test_random_moments_come_before_and_after_the_end() -> None:
    chance = random.Random(1)
    sleeping = [sys.executable, "-c", "import time; time.sleep(30)"]
    assert crash.kill_at_random(sleeping, 0.1, chance) == -signal.SIGKILL
    ended = {crash.kill_at_random(["/bin/sh", "-c", "exit 3"], 5, chance) for _ in range(2)}
    assert ended == {3}
