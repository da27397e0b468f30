"""A worker says how far it is: seldom, whole, and without any effect on its work."""

import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from outcross.core.progress import tell
from outcross.lab import heartbeat as module
from outcross.lab.heartbeat import EVERY, STALE, WINDOW, Beat, Heartbeat, beats


class Clock:
    """Time that passes when it is told to; it begins now."""

    def __init__(self) -> None:
        self.now = time.monotonic()

    def monotonic(self) -> float:
        return self.now

    time = monotonic


@pytest.fixture(name="clock")
def _clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture(name="heartbeat")
def _heartbeat(tmp_path: Path) -> Heartbeat:
    return Heartbeat.of_run(tmp_path)


def write_of(heartbeat: Heartbeat, name: str, text: str) -> None:
    heartbeat.folder.mkdir(parents=True, exist_ok=True)
    (heartbeat.folder / name).write_text(text)


def test_what_is_told_is_read(heartbeat: Heartbeat, clock: Clock) -> None:
    with heartbeat.beat("trial", "anchor(real=0.1)", 3, unit="tokens", resumed=1) as pulse:
        for done in range(0, 1000, 100):
            clock.now += 1
            tell("train", done, 1000)
        (beat,) = heartbeat.read()
        assert (beat.policy, beat.replicate, beat.generation, beat.unit) == ("anchor(real=0.1)", 3, 2, "tokens")
        assert (beat.what, beat.done, beat.total, beat.fitted) == ("train", 900, 1000, 1)
        assert beat.speed == pytest.approx(100)
        assert beat.left == pytest.approx(1)
        pulse.generation(3)
        clock.now += 1
        tell("write", 0, 10)
        (beat,) = heartbeat.read()
        assert (beat.generation, beat.what, beat.speed, beat.left) == (3, "write", None, None)
    assert heartbeat.read() == []
    assert not list(heartbeat.folder.iterdir())


def test_the_speed_is_that_of_the_last_seconds(heartbeat: Heartbeat, clock: Clock) -> None:
    with heartbeat.beat("trial", "replace", 0):
        done = 0
        for speed in (1000, 10):
            for _ in range(int(3 * WINDOW)):
                clock.now += 1
                done += speed
                tell("score", done, 10**6)
        assert heartbeat.read()[0].speed == pytest.approx(10)


def test_a_phase_that_begins_again_has_a_speed_of_its_own(heartbeat: Heartbeat, clock: Clock) -> None:
    with heartbeat.beat("trial", "replace", 0):
        for done in (0, 500, 1000, 0, 5):
            clock.now += 1
            tell("score", done, 1000)
        assert heartbeat.read()[0].speed == pytest.approx(5)


def test_it_writes_at_most_twice_a_second(heartbeat: Heartbeat, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    monkeypatch.setattr(module.Pulse, "write", lambda pulse: written.append(clock.now))
    with heartbeat.beat("trial", "replace", 0) as pulse:
        for done in range(1000):
            clock.now += 0.01
            tell("train", done, 1000)
            pulse.generation(done)
    assert len(written) <= 10 / EVERY
    assert all(later - earlier >= EVERY for earlier, later in itertools.pairwise(written))


def test_a_short_trial_leaves_no_trace(heartbeat: Heartbeat) -> None:
    with heartbeat.beat("trial", "replace", 0) as pulse:
        tell("train", 1, 2)
        pulse.generation(2)
    assert not heartbeat.folder.exists()


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"policy": "replace"', '{"policy": 3, "replicate": 0}', '{"nothing": 1}']
)
def test_what_is_damaged_is_left_out(heartbeat: Heartbeat, text: str) -> None:
    sound = json.dumps({"policy": "replace", "replicate": 0, "at": time.time()})
    write_of(heartbeat, "a.json", text)
    write_of(heartbeat, "b.json", sound)
    assert [beat.policy for beat in heartbeat.read()] == ["replace"]


def test_a_dead_worker_is_forgotten(heartbeat: Heartbeat) -> None:
    for name, age in (("old", STALE + 1), ("new", STALE - 10)):
        write_of(heartbeat, f"{name}.json", json.dumps({"policy": name, "replicate": 0, "at": time.time() - age}))
    assert [beat.policy for beat in heartbeat.read()] == ["new"]


def test_a_worker_that_is_killed_leaves_what_it_said(heartbeat: Heartbeat) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom outcross.lab.heartbeat import Heartbeat\n"
        "with Heartbeat(Path(sys.argv[1])).beat('trial', 'replace', 7) as pulse:\n"
        "    pulse.hear('train', 5, 10); pulse.write(); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, heartbeat.folder], check=False)
    assert done.returncode == -9
    assert [(beat.replicate, beat.done) for beat in heartbeat.read()] == [(7, 5)]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with Heartbeat(tmp_path / "new").beat("trial", "replace", 0) as pulse:
        pulse.write()


def test_a_file_in_the_way_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    heartbeat = Heartbeat(tmp_path / "file" / "folder")
    with heartbeat.beat("trial", "replace", 0) as pulse:
        pulse.write()
    assert heartbeat.read() == []


def test_an_error_in_the_block_passes_and_the_file_goes(heartbeat: Heartbeat) -> None:
    with pytest.raises(ZeroDivisionError), heartbeat.beat("trial", "replace", 0) as pulse:
        pulse.write()
        raise ZeroDivisionError
    assert heartbeat.read() == []


def test_nobody_is_told_after_the_block(heartbeat: Heartbeat) -> None:
    with heartbeat.beat("trial", "replace", 0) as pulse:
        tell("train", 1, 2)
    tell("train", 2, 2)
    assert pulse.last.done == 1


def test_the_runs_in_a_folder_are_read_together(tmp_path: Path) -> None:
    for name, policy in ((".", "replace"), ("one", "accumulate"), ("two", "anchor")):
        said = json.dumps({"policy": policy, "replicate": 0, "at": time.time()})
        write_of(Heartbeat.of_run(tmp_path / name), "trial.json", said)
    assert [beat.policy for beat in beats(tmp_path)] == ["replace", "accumulate", "anchor"]


def test_time_left_is_told_only_where_it_is_known() -> None:
    assert Beat("replace", 0, done=5, total=10, speed=0.0).left is None
    assert Beat("replace", 0, done=15, total=10, speed=1.0).left is None
    assert Beat("replace", 0, 10, generation=4).fitted == 30
