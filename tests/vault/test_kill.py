"""A vault whose writers die, race or run out of room: what was acknowledged is there, a commit is there whole or not at
all, and going on needs no repair. Writers are killed at every call that they make to the file system.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outcross.core.errors import BadInput, MissingInput, OutputRefused
from outcross.core.provenance import Origin, Provenance
from outcross.core.text import Texts
from outcross.vault.adding import Request
from outcross.vault.keys import Key
from outcross.vault.vault import Vault
from tests.conftest import ROOT
from tests.vault import crash

KEY = Key.of_seed(b"cats" * 8)
HUMAN = Provenance(Origin.HUMAN, source="diary")
FIRST = [f"An old cat, number {n}." for n in range(6)]
NEW = [f"A new cat, number {n}." for n in range(4)]
LINES = [f"Line {n}" for n in range(8)]
ENV = {"PYTHONPATH": str(ROOT), "OUTCROSS_HOME": "/nonexistent", "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
SETUP = """
import numpy.ma, polars, cryptography.hazmat.primitives.serialization
from outcross.core.part import build
from tests.vault.test_kill import *
build("engine", "serial")
"""


def opened(folder: Path | str) -> Vault:
    return Vault(folder, key=KEY, memory=False)


def add(folder: str) -> None:
    opened(folder).add(Texts.of(NEW), HUMAN)


def ingest(folder: str, engine: str = "serial") -> None:
    source = Path(folder).parent / "in.jsonl"
    opened(folder).ingest(Request((source,), HUMAN, most=0.5), engine=engine)


def withdraw(folder: str) -> None:
    opened(folder).withdraw(["line-1", "line-5"], "asked for")


def compact(folder: str) -> None:
    opened(folder).compact()


def erase(folder: str) -> None:
    opened(folder).compact(erase=True)


WRITERS: dict[str, Callable[[str], None]] = {one.__name__: one for one in (add, ingest, withdraw, compact, erase)}
KILLS = {"add": 23, "ingest": 80, "withdraw": 23, "compact": 26, "erase": 26}
"""At least so many calls does each of them make."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What each of the writers begins with."""
    base = tmp_path_factory.mktemp("made")
    lines = [f'{{"id":"line-{n}","text":"{text}"}}\n' for n, text in enumerate(LINES)]
    for name in ("old", "full"):
        (base / name).mkdir()
        (base / name / "in.jsonl").write_text("".join([*lines[:4], '{"text": "cut\n', *lines[4:]]))
        vault = Vault.create(base / name / "cats", key=KEY, memory=False)
        vault.add(Texts.of(FIRST[:4]), HUMAN)
        vault.add(Texts.of(FIRST[4:]), HUMAN)
    ingest(str(base / "full" / "cats"))
    shutil.copytree(base / "full", base / "gone")
    withdraw(str(base / "gone" / "cats"))
    old, full, gone = base / "old", base / "full", base / "gone"
    return {"add": old, "ingest": old, "withdraw": full, "compact": full, "erase": gone}


@pytest.fixture(scope="module")
def process() -> Iterator[crash.Warm]:
    crash.require()
    with crash.Warm(SETUP, ENV) as warm:
        yield warm


def fresh(made: Path, place: Path) -> str:
    shutil.copytree(made, place)  # with the times of the files, which tell whether an input is the same
    return str(place / "cats")


def state(folder: Path | str, records: bool = True) -> tuple[int, list[str]]:
    """How many commits there are, and the live texts; both must be in accord with all else."""
    vault = opened(folder)
    found = vault.verify(records=records)
    assert found.sound, found.faults
    return len(vault.log.commits), texts(folder)


def texts(folder: Path | str) -> list[str]:
    """The live texts, of which there are as many as the inventory says."""
    vault = opened(folder)
    places = vault.catalog.positions(vault.inventory().counts)
    found = sorted(vault.texts(places)) if len(places) else []
    assert len(found) == vault.inventory().total()
    return found


@pytest.mark.parametrize("name", WRITERS)
def test_killed_at_every_call(process: crash.Warm, made: dict[str, Path], tmp_path: Path, name: str) -> None:
    write = WRITERS[name]
    before = state(made[name] / "cats")
    folder = fresh(made[name], tmp_path / "whole")
    calls = process.calls(f"{name}({folder!r})", Path(folder))
    after = state(folder)
    assert after[0] == before[0] + 1 and len(calls) >= KILLS[name]
    outcomes = set()
    for n in range(1, len(calls) + 1):
        folder = fresh(made[name], tmp_path / str(n))
        assert process.kill_at(f"{name}({folder!r})", n, Path(folder)) == -9
        found = state(folder, records=False)
        assert found in (before, after), (n, calls[n - 1])
        outcomes.add(found[0])
        write(folder)  # no repair
        commits, live = state(folder)
        twice = name == "add" and found == after  # the same texts again are others
        assert live == (sorted([*after[1], *NEW]) if twice else after[1]), (n, calls[n - 1])
        assert commits == after[0] + twice
        shutil.rmtree(tmp_path / str(n))
    assert outcomes == {before[0], after[0]}


def test_killed_at_every_call_as_it_is_made(process: crash.Warm, tmp_path: Path) -> None:
    code = "Vault.create({!r}, key=KEY, memory=False)"
    calls = process.calls(code.format(str(tmp_path / "whole/cats")), tmp_path)
    for n in range(1, len(calls) + 1):
        folder = tmp_path / str(n) / "cats"
        assert process.kill_at(code.format(str(folder)), n, tmp_path) == -9
        try:
            opened(folder)
        except MissingInput:
            Vault.create(folder, key=KEY, memory=False)
        assert state(folder) == (1, [])


def test_killed_with_its_workers(process: crash.Warm, made: dict[str, Path], tmp_path: Path) -> None:
    chance = random.Random(5)
    before, after = state(made["ingest"] / "cats"), None
    for n in range(4):
        folder = fresh(made["ingest"], tmp_path / str(n))
        process.kill_at(f"ingest({folder!r}, 'processes')", chance.randint(10, 80), Path(folder))
        found = state(folder)
        ingest(folder)
        after = after or state(folder)
        assert found in (before, after) and state(folder) == after
    assert after is not None and len(after[1]) == len(FIRST) + len(LINES)


@pytest.mark.parametrize("name", WRITERS)
def test_a_power_cut_loses_nothing_that_is_committed(
    process: crash.Warm, made: dict[str, Path], tmp_path: Path, name: str
) -> None:
    folder = fresh(made[name], tmp_path / "whole")
    calls = process.calls(f"{name}({folder!r})", Path(folder))
    folders = {call.split()[-1] for call in calls if call.startswith("mkdir")}
    folders |= {call.split()[2] for call in calls if call.startswith("rename") and call.split()[1] in folders}
    lost = [one.split()[0] for one in crash.unsynced(calls, "_delta_log/")]
    # folders of unfinished work may be lost with all that is in them, never the content of a file that is still there
    assert [one for one in lost if not (one.startswith("_pending") and one in folders)] == []
    commit = next(n for n, call in enumerate(calls) if call.startswith("link") and "_delta_log/0" in call)
    removed = [n for n, call in enumerate(calls) if call.startswith("unlink records/")]
    assert all(n > calls.index("fsync _delta_log", commit) for n in removed)


def started(code: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", f"{SETUP}\n{code}"]
    return subprocess.Popen(command, env={**os.environ, **ENV}, stderr=subprocess.PIPE, text=True)


def adds(folder: str, who: str, number: int) -> None:
    vault = opened(folder)
    for n in range(number):
        vault.add(Texts.of([f"{who} {n} a", f"{who} {n} b"]), HUMAN)


def compacts(folder: str, number: int) -> None:
    vault = opened(folder)
    for _ in range(number):
        vault.compact()


def added(who: str, number: int) -> list[str]:
    return [f"{who} {n} {part}" for n in range(number) for part in "ab"]


def ended(*processes: subprocess.Popen[str]) -> None:
    said = [process.communicate(timeout=100)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), said


def test_two_writers_at_once_lose_nothing(made: dict[str, Path], tmp_path: Path) -> None:
    folder = fresh(made["add"], tmp_path / "two")
    commits, live = state(folder)
    ended(*[started(f"adds({folder!r}, {who!r}, 15)") for who in ("Ann", "Ben")])
    assert state(folder) == (commits + 30, sorted([*live, *added("Ann", 15), *added("Ben", 15)]))
    assert opened(folder).verify().remarks == () and not Path(folder, "_pending").exists()


def test_a_writer_a_compaction_and_a_reader_at_once(made: dict[str, Path], tmp_path: Path) -> None:
    folder = fresh(made["add"], tmp_path / "two")
    live = state(folder)[1]
    processes = [started(f"adds({folder!r}, 'Ann', 15)"), started(f"compacts({folder!r}, 10)")]
    reader, looks = opened(folder), 0
    while any(process.poll() is None for process in processes):
        reader.refresh()
        found = reader.texts(reader.catalog.positions(reader.inventory().counts))
        assert set(live) <= set(found) and len(found) == len(set(found))
        assert reader.verify().sound
        looks += 1
    ended(*processes)
    compact(folder)
    assert state(folder)[1] == sorted([*live, *added("Ann", 15)]) and looks > 1
    assert len(opened(folder).log.files) == 1


def test_two_ingests_of_the_same_file_at_once_bring_it_once(made: dict[str, Path], tmp_path: Path) -> None:
    folder = fresh(made["ingest"], tmp_path / "two")
    live = state(folder)[1]
    ended(*[started(f"ingest({folder!r})") for _ in range(2)])
    assert state(folder)[1] == sorted([*live, *LINES])


REFUSED = 3


def squeezed(name: str, folder: str, size: int) -> None:
    """Write where no file may be longer than so many bytes: the exit status says how it went."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        WRITERS[name](folder)
    except OutputRefused as error:
        sys.exit(REFUSED if str(error).startswith("cannot write") and "large" in str(error) else 4)


@pytest.mark.parametrize("name", WRITERS)
def test_a_disk_that_takes_no_more(process: crash.Warm, made: dict[str, Path], tmp_path: Path, name: str) -> None:
    before, after = state(made[name] / "cats"), None
    refused = 0
    for size in (0, 1, 100, 200, 800, 2000, 3000, 5000, 6500, 20_000):
        folder = fresh(made[name], tmp_path / str(size))
        status = process.kill_at(f"squeezed({name!r}, {folder!r}, {size})", 10**9, Path(folder))
        assert status in (0, REFUSED), size
        refused += status == REFUSED
        if status == REFUSED:
            assert state(folder) == before
            WRITERS[name](folder)
        after = after or state(folder)
        assert state(folder) == after
    assert 4 <= refused < 10


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() or mount is None:
        pytest.skip("only root can mount a small disk")
    made = subprocess.run([mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)  # something may be mapped into memory still


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk(made: dict[str, Path], small: Path, name: str) -> None:
    folder = fresh(made[name], small / "disk")
    before, refused = state(folder), 0
    ballast = small / "ballast"
    for room in (0, 4096, 8192, 16384, 24576, 40960):
        with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
            while True:
                file.write(bytes(4096))
        os.truncate(ballast, ballast.stat().st_size - room)
        try:
            WRITERS[name](folder)
        except OutputRefused as error:
            assert "No space" in str(error)
            assert state(folder) == before
            refused += 1
        ballast.unlink()
        if state(folder) != before:
            break
    WRITERS[name](folder)
    assert refused and opened(folder).verify(records=True).sound


def staged(process: crash.Warm, made: Path, place: Path) -> tuple[str, list[Path]]:
    """A vault with an `ingest` that was killed just before its commit, and the files of its work."""
    folder = fresh(made, place / "whole")
    calls = process.calls(f"ingest({folder!r})", Path(folder))
    last = next(n for n, call in enumerate(calls, 1) if call.startswith("link") and "_delta_log/0" in call)
    folder = fresh(made, place / "killed")
    assert process.kill_at(f"ingest({folder!r})", last, Path(folder)) == -9
    return folder, sorted(path for path in Path(folder, "_pending").rglob("*") if path.is_file())


def test_work_that_was_damaged_meanwhile_is_never_committed(
    process: crash.Warm, made: dict[str, Path], tmp_path: Path
) -> None:
    folder, files = staged(process, made["ingest"], tmp_path)
    before, after = state(folder)[1], state(tmp_path / "whole" / "cats")[1]
    kept = shutil.copytree(folder, tmp_path / "kept")
    chance = random.Random(6)
    for number in range(len(files)):
        spoilt = files[number % len(files)]
        data = bytearray(spoilt.read_bytes())
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        spoilt.unlink()  # it may be the same file as one that has its name in the vault
        spoilt.write_bytes(bytes(data))
        assert texts(folder) == before
        try:
            ingest(folder)
        except BadInput as error:
            assert spoilt.name == "job.json" and "remove the folder to begin again" in str(error)
            assert texts(folder) == before
        else:
            assert state(folder)[1] == after, spoilt
        shutil.rmtree(folder)
        shutil.copytree(kept, folder)
    ingest(folder)
    assert state(folder)[1] == after
