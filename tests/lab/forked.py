"""The command line in processes that may be killed, or run out of something, at a moment that a test chooses.

One process loads what takes seconds to load, and forks a child for every command: so a test can afford many of them.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import resource
import signal
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "shutil.rmtree"}
"""What is done to files and folders, by the names that Python's audit hooks have for it."""


@final
@dataclass(frozen=True)
class Done:
    """How a command ended (a negative code is the signal that ended it), and its seconds of processor time."""

    returncode: int
    stdout: str
    stderr: str
    seconds: float


@final
class Forked:
    """Runs commands, one after another.

    Parameters
    ----------
    folder
        Where what they say is kept for a while.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        )

    def __call__(self, *words: str | Path, **how: Any) -> Done:
        """Run ``outcross`` with these words.

        Parameters
        ----------
        kill_after
            Seconds of processor time after which the process is killed.
        kill_in_training
            Number of the training step after which it is killed, counted over all generations.
        kill_at
            What is done, and part of the path that it is done to, as in ``open:00002.npz``: the first time, in the run
            folder, it is killed instead.
        no_space_after, space
            When a file of that name is opened for the first time, no file may become larger than ``space`` bytes.
        memory
            Megabytes that it may take beyond what it has when it starts.
        """
        out, err = self._folder / "stdout", self._folder / "stderr"
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        task = {"words": [str(word) for word in words], "out": str(out), "err": str(err), **how}
        self._server.stdin.write(json.dumps(task) + "\n")
        self._server.stdin.flush()
        code, seconds = json.loads(self._server.stdout.readline())
        return Done(code, out.read_text(), err.read_text(), seconds)

    def close(self) -> None:
        """End the process."""
        with self._server:
            self._server.kill()


def serve() -> None:
    """Load everything, then fork a child for each line of standard input."""
    import torch

    import outcross

    for module in pkgutil.walk_packages(outcross.__path__, "outcross."):
        with suppress(ImportError):
            importlib.import_module(module.name)
    for name in ("polars", "jinja2", "torch._dynamo", "transformers.models.gpt2.modeling_gpt2"):
        importlib.import_module(name)
    torch.set_num_threads(1)
    for line in sys.stdin:
        task = json.loads(line)
        child = os.fork()
        if child == 0:
            _perform(task)
        ended, status, used = os.wait4(child, os.WNOHANG if "kill_after" in task else 0)
        while not ended:
            if _seconds(child) >= task["kill_after"]:
                os.kill(child, signal.SIGKILL)
            time.sleep(0.002)
            ended, status, used = os.wait4(child, os.WNOHANG)
        print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime]), flush=True)


def _seconds(process: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _perform(task: dict[str, Any]) -> None:
    code: Any = 1
    try:
        for place, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(task[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), place)
        _limit(task)
        code = _run(task["words"])
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


def _run(words: list[str]) -> Any:
    from outcross.cli import main

    sys.argv = ["outcross", *words]
    try:
        main()
    except SystemExit as end:
        return end.code or 0
    return 0


def _limit(task: dict[str, Any]) -> None:
    if "memory" in task:
        own = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (own + task["memory"] * 2**20,) * 2)
    if "kill_in_training" in task:
        _die_in_training(task["kill_in_training"])
    if "kill_at" in task or "no_space_after" in task:
        folder = task["words"][task["words"].index("--out") + 1]
        _watch(folder, task.get("kill_at"), task.get("no_space_after"), task.get("space", 0))


def _die_in_training(number: int) -> None:
    from outcross.trainings._torch import loop

    tell, told = loop.tell, 0  # type: ignore[attr-defined]

    def counted(what: str, done: int, total: int) -> None:
        nonlocal told
        told += 1
        if told == number:
            os.kill(os.getpid(), signal.SIGKILL)
        tell(what, done, total)

    loop.tell = counted  # type: ignore[attr-defined]


def _watch(folder: str, kill_at: str | None, name: str | None, space: int) -> None:
    deed, _, piece = (kill_at or "").partition(":")

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in EVENTS or not str(arguments[0]).startswith(folder):
            return
        if event == deed and piece in str(arguments[0]):
            os.kill(os.getpid(), signal.SIGKILL)
        if name is not None and name in str(arguments[0]):
            resource.setrlimit(resource.RLIMIT_FSIZE, (space, resource.RLIM_INFINITY))

    sys.addaudithook(hook)


if __name__ == "__main__":
    serve()
