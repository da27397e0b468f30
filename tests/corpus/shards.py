"""Work on shards for jobs to do, in a module that workers can import; and a process that does a job in children that
may be killed: it loads what takes long to load once, and forks a child for every line that it is sent.
"""

from __future__ import annotations

import json
import math
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

ROOT = Path(__file__).resolve().parents[2]
TASKS = list(range(5))
DEEDS = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.listdir", "os.scandir"}
"""What is done to files and folders, by the names that Python's audit hooks have for it."""


class Told(Exception):
    """What a task says that fails."""


def numbers(task: int, stem: Path) -> dict[str, Any]:
    """Two files, one of them longer than a buffer, written a piece at a time."""
    source = random.Random(task)
    with stem.with_suffix(".bin").open("wb") as file:
        for _ in range(3):
            file.write(source.randbytes(10_000))
            file.flush()
    stem.with_suffix(".notes.txt").write_text(f"task {task}\n", encoding="utf-8")
    return {"task": task, "sum": source.random(), "word": "é\ud800"}


def slowly(task: int, stem: Path) -> dict[str, Any]:
    time.sleep(0.03)
    return numbers(task, stem)


@final
@dataclass(frozen=True)
class Noting:
    """Work that notes which task it is given, and fails at one."""

    log: str
    fails: int = -1

    def __call__(self, task: int, stem: Path) -> Mapping[str, Any]:
        with Path(self.log).open("a", encoding="utf-8") as file:
            file.write(f"{task}\n")
        if task == self.fails:
            stem.with_suffix(".bin").write_bytes(b"half")
            raise Told(f"no task {task}")
        return numbers(task, stem)


@final
@dataclass(frozen=True)
class DyingOnce:
    """Work whose worker is killed in the middle of a task, the first time."""

    mark: str

    def __call__(self, task: int, stem: Path) -> Mapping[str, Any]:
        if task == 2 and not Path(self.mark).exists():
            Path(self.mark).touch()
            stem.with_suffix(".bin").write_bytes(b"half")
            os.kill(os.getpid(), signal.SIGKILL)
        return numbers(task, stem)


def content(folder: Path) -> dict[str, bytes]:
    """All files of a folder, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@final
class Mortal:
    """Opens and does the job in a folder, in a child that may be killed; returns how it ended."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", __spec__.name if __spec__ else "tests.corpus.shards"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip

    def __call__(self, folder: Path, engine: str = "serial", **how: float) -> int:
        """Do the job.

        Parameters
        ----------
        tasks
            How many tasks it has; all unless said.
        deed
            Number of the deed in the folder or beside it before which the child is killed.
        seconds
            How long after its workers began it is killed, with them.
        """
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps({"folder": str(folder), "engine": engine, **how}) + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def close(self) -> None:
        with self._server:
            self._server.kill()


def whole(
    folder: Path,
    engine: str,
    work: Callable[[int, Path], Mapping[str, Any]] = numbers,
    tasks: Sequence[int] = TASKS,
) -> None:
    """Open the job and do it."""
    from outcross.core.engine import Engine
    from outcross.core.part import as_part
    from outcross.corpus.jobs import Job, open_job, run_job

    found = open_job(folder, {"inputs": ["a", "b"]}, {"tasks": tasks})["tasks"]
    run_job(Job(folder, found, work), as_part(Engine, engine))


def _child(task: dict[str, Any]) -> None:
    os.setsid()
    done = 0

    def hook(deed: str, arguments: tuple[Any, ...]) -> None:
        nonlocal done
        if deed in DEEDS and str(arguments[0]).startswith(str(Path(task["folder"]).parent)):
            done += 1
            if done == task["deed"]:
                os.kill(os.getpid(), signal.SIGKILL)

    if "deed" in task:
        sys.addaudithook(hook)
    work = slowly if "seconds" in task else numbers
    whole(Path(task["folder"]), task["engine"], work, TASKS[: task.get("tasks")])


def _serve() -> None:
    import outcross.corpus.jobs
    import outcross.engines.processes  # noqa: F401

    for line in sys.stdin:
        task = json.loads(line)
        left = _attempts(task)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                _child(task)
                code = 0
            finally:
                os._exit(code)
        print(
            _wait_for(child, task, left) if "seconds" in task else os.waitstatus_to_exitcode(os.wait()[1]), flush=True
        )


def _attempts(task: dict[str, Any]) -> set[Path]:
    return set(Path(task["folder"]).glob(".attempts/*"))


def _wait_for(child: int, task: dict[str, Any], left: set[Path]) -> int:
    """Wait until the child's workers are at work, and a while longer; then kill it and them, if it is still there."""
    kill_at = math.inf
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if kill_at == math.inf and _attempts(task) - left:
            kill_at = time.monotonic() + task["seconds"]
        if time.monotonic() > kill_at:
            os.killpg(child, signal.SIGKILL)
        time.sleep(0.001)


if __name__ == "__main__":
    _serve()
