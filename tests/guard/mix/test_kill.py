"""A mix that is killed is not there, or is there whole; the same call again finishes it, with the same bytes."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from outcross.core.inventory import Inventory
from outcross.core.part import build
from outcross.core.provenance import Origin, Stratum
from outcross.guard.mix.assembled import Assembled, Material, Product
from outcross.guard.mix.mix import mix
from outcross.guard.mix.mixed import Mixed
from outcross.guard.mix.papers import papers
from outcross.guard.mix.planning import plan_mix
from tests.conftest import ROOT
from tests.guard.mix.corpora import content, lines, rows
from tests.vault import crash

ENV = {"PYTHONPATH": str(ROOT), "OUTCROSS_HOME": "/nonexistent", "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
SETUP = """
import numpy.ma, polars
from tests.guard.mix.test_kill import *
warm()
"""
KILLS = 200
"""At least so many kills there are."""


def made(room: Path | str, place: Path | str | None = None, engine: str = "serial") -> Mixed:
    sources = [Path(room, name) for name in ("cats.jsonl", "dogs.jsonl")]
    return mix(sources, budget=30, out=Path(place or room, "out"), engine=engine)


def warm() -> None:
    """What takes most of the time of a small mix, and starts no thread: the parts are found, the templates compiled."""
    build("engine", "serial")
    plan, digest = plan_mix(Inventory({Stratum(Origin.HUMAN): 9}), "accumulate", 3), "0" * 64
    given, out = (Material("a", digest, 9),), (Product("b", digest, 9, 3),)
    papers(Assembled(plan, given, out, plan.inventory.counts, 0, "c", (("text", "text"),), {}, {}))


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mix")
    lines(folder / "cats.jsonl", rows(20, 40))
    lines(folder / "dogs.jsonl", rows(20, 40, ids=False) + rows(2, 0, ids=False))  # two copies are among them
    return folder


@pytest.fixture(scope="module")
def process() -> Iterator[crash.Warm]:
    crash.require()
    with crash.Warm(SETUP, ENV) as warm:
        yield warm


def emptied(room: Path) -> None:
    shutil.rmtree(room / "out", ignore_errors=True)
    for left in room.glob(".*"):
        shutil.rmtree(left)


def test_killed_at_every_call_as_it_goes_on_and_finished_by_the_same_call(process: crash.Warm, room: Path) -> None:
    emptied(room)
    calls = process.calls(f"made({str(room)!r})", room)
    whole = content(room / "out")
    assert not list(room.glob(".*"))
    outcomes = set()
    kills = 0
    for n in range(1, len(calls) + 1):
        emptied(room)
        # As it begins from nothing, and often once more, soon after it goes on with what is left.
        for place in (n, 1 + n % 19) if n % 3 else (n,):
            kills += process.kill_at(f"made({str(room)!r})", place, room) == -9
            there = (room / "out").exists()
            outcomes.add(there)
            if there:
                assert content(room / "out") == whole, (n, calls[n - 1])
        if n % 7 == 3:
            assert made(room).records == 30
            assert content(room / "out") == whole, (n, calls[n - 1])
            assert not list(room.glob(".*")), (n, calls[n - 1])
    assert kills >= KILLS
    assert outcomes == {False, True}


def test_what_has_a_name_is_on_the_disk(process: crash.Warm, room: Path) -> None:
    emptied(room)
    calls = process.calls(f"made({str(room)!r})", room)
    named = next(n for n, call in enumerate(calls) if call.startswith("rename") and call.endswith(" out"))
    written = {call.split()[-1] for call in calls[:named] if call.startswith("open") and "whole/" in call}
    synced = {call.split()[-1] for call in calls[:named] if call.startswith("fsync")}
    assert written <= synced
    assert any(call.startswith("fsync") and call.split()[-1] == "." for call in calls[named:])


def test_killed_at_random_with_workers(room: Path, tmp_path: Path) -> None:
    chance = random.Random(7)
    code = f"from tests.guard.mix.test_kill import *; made({str(room)!r}, {str(tmp_path)!r}, 'processes(workers=2)')"
    emptied(room)
    made(room)
    for _ in range(2):
        crash.kill_at_random([sys.executable, "-c", code], 2.0, chance, ENV)
        if (tmp_path / "out").exists():
            assert content(tmp_path / "out") == content(room / "out")
    made(room, tmp_path)
    assert content(tmp_path / "out") == content(room / "out")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are set as POSIX does")
def test_a_disk_that_is_full_is_told_and_can_be_gone_on_with(room: Path, tmp_path: Path) -> None:
    emptied(room)
    made(room)
    for name in ("cats", "dogs"):
        shutil.copy2(room / f"{name}.jsonl", tmp_path)
    code = (
        "import resource, signal; from pathlib import Path; from outcross.core.errors import OutputRefused\n"
        "from tests.guard.mix.test_kill import made\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))\n"
        f"try: made({str(tmp_path)!r})\n"
        "except OutputRefused as error: print(error)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **ENV})
    assert "cannot write" in told.stdout, told.stderr
    assert not (tmp_path / "out").exists()
    assert made(tmp_path).records == 30
