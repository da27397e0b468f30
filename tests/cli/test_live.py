"""How far a run is, on a terminal and in a log."""

import io
import json
import os
import pty
import re
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from rich.console import Console

from outcross.cli import live
from outcross.cli.live import LINES, Board
from outcross.lab.heartbeat import Heartbeat
from tests.cli.test_cli import outcross


def say(folder: Path, policy: str = "replace", replicate: int = 0, **more: object) -> None:
    """Let a worker have said how far it is."""
    kept = Heartbeat.of_run(folder).folder
    kept.mkdir(parents=True, exist_ok=True)
    beat = {"policy": policy, "replicate": replicate, "at": time.time(), **more}
    (kept / f"{abs(hash(policy))}-{replicate}.json").write_text(json.dumps(beat))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def drawn(board: Board, width: int = 120) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(board)
    return out.getvalue()


def test_workers_count_before_their_trials_are_done(tmp_path: Path) -> None:
    clock = Clock()
    board = Board("generations", tmp_path, clock)
    board.advance(0, 40)
    say(tmp_path, "replace", generation=4)
    say(tmp_path, "accumulate", generation=3)
    clock.now = 50.0
    board.look()
    assert board.done == 5
    assert board.left == pytest.approx(350)
    clock.now = 60.0
    board.look()
    assert board.left == pytest.approx(340)


def test_the_count_never_falls_and_never_runs_over(tmp_path: Path) -> None:
    board = Board("generations", tmp_path)
    board.advance(0, 10)
    say(tmp_path, generation=9)
    board.look()
    for file in Heartbeat.of_run(tmp_path).folder.iterdir():
        file.unlink()
    board.look()
    assert board.done == 8
    say(tmp_path, generation=9)
    board.advance(10, 10)
    board.look()
    assert board.done == 10
    assert board.left == 0


def test_what_was_there_before_does_not_count_as_speed(tmp_path: Path) -> None:
    clock = Clock()
    board = Board("generations", tmp_path, clock)
    board.advance(20, 100)
    say(tmp_path, generation=11, resumed=10)
    board.look()
    assert (board.done, board.left) == (30, None)
    say(tmp_path, generation=13, resumed=10)
    clock.now = 20.0
    board.look()
    assert (board.done, board.left) == (32, pytest.approx(680))


def test_a_board_shows_every_worker_up_to_a_dozen(tmp_path: Path) -> None:
    board = Board("generations", tmp_path)
    assert "generations" in drawn(board)
    board.advance(0, 100)
    say(tmp_path, "[red]x[/red]", 3, generation=2, what="train", done=10, total=40, speed=2.5, unit="tokens")
    text = drawn(board)
    for piece in (
        "1/100",
        "[red]x[/red]",
        "replicate 3",
        "generation 2",
        "train",
        "10/40",
        "2.5 tokens/s",
        "12 s left",
    ):
        assert piece in text
    for replicate in range(20):
        say(tmp_path, "replace", replicate)
    text = drawn(board)
    assert text.count("replicate") == LINES
    assert f"and {21 - LINES} more" in text
    assert all(len(line) <= 60 for line in drawn(board, width=60).splitlines())


def test_a_log_gets_a_line_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PATIENCE", 0.2)
    monkeypatch.setattr(live, "SILENCE", 0.5)
    board, out, over = Board("generations", tmp_path), io.StringIO(), threading.Event()
    herald = threading.Thread(target=live._herald, args=(board, Console(file=out, width=40), over))
    herald.start()
    board.advance(3, 10)
    time.sleep(0.4)
    said = out.getvalue().splitlines()
    assert len(said) == 1  # nothing more is finished, nobody is at work
    assert re.fullmatch(r"generations: 3 of 10 in \d s", said[0])
    say(tmp_path, what="train", done=1, total=2)
    time.sleep(0.9)
    over.set()
    herald.join()
    lines = out.getvalue().splitlines()
    assert 2 <= len(lines) <= 4
    assert lines[1].endswith("; replace replicate 0 generation 1 train 1/2")


def test_a_log_that_is_closed_stops_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(live, "PATIENCE", 0.1)
    out = io.StringIO()
    out.close()
    board, over = Board("generations", tmp_path), threading.Event()
    board.advance(1, 2)
    herald = threading.Thread(target=live._herald, args=(board, Console(file=out), over))
    herald.start()
    time.sleep(0.3)
    assert herald.is_alive()
    over.set()
    herald.join()


def test_a_short_run_is_silent(tmp_path: Path) -> None:
    words = ["run", "--data", "normal", "--model", "gaussian", "--generations", "2", "--replicates", "2"]
    result = outcross(*words, "--out", tmp_path / "run", "--json")
    assert result.returncode == 0, result.stderr
    assert "generations:" not in result.stderr
    assert not Heartbeat.of_run(tmp_path / "run").folder.exists()


SLOW = """
import time
from pathlib import Path
from outcross.cli import talk
from outcross.lab.heartbeat import Heartbeat
from outcross.core.progress import tell
out = Path({out!r})
with talk.progress_bar("generations", out) as progress:
    progress(0, 2)
    with Heartbeat.of_run(out).beat("trial", "anchor(real=0.1)", 0, unit="tokens") as pulse:
        for generation in (1, 2):
            for done in range(0, 60, 10):
                tell("train", done, 60)
                time.sleep(0.15)
            pulse.generation(generation + 1)
    progress(2, 2)
"""


def test_a_terminal_shows_workers_while_they_work(tmp_path: Path) -> None:
    above, below = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "30"}
    command = [sys.executable, "-c", SLOW.format(out=str(tmp_path))]
    with subprocess.Popen(command, stderr=below, stdout=subprocess.DEVNULL, env=environment) as process:
        os.close(below)
        shown = b""
        while select.select([above], [], [], 20)[0]:
            try:
                piece = os.read(above, 1 << 16)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            shown += piece
    os.close(above)
    assert process.returncode == 0
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    for piece in ("0/2", "1/2", "anchor(real=0.1)", "replicate 0", "generation 2", "train", "/60", "tokens/s"):
        assert piece in text
