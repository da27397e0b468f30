"""Kill a program where it hurts: as it is about to make its n-th call that changes a folder, for every n; or at a
random moment. What survives must be whole, and going on must need no repair.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from tests.vault import tracer


class Warm:
    """A process that has done the slow imports, and forks a child for each run: most of a run is saved where there are
    hundreds. Threads do not survive a fork, so the setup must start none.

    Parameters
    ----------
    setup
        Python that is run once; its names are there for the code of every run.
    env
        Variables to set on top of this process's.
    """

    def __init__(self, setup: str = "", env: Mapping[str, str] | None = None) -> None:
        self._setup, self._env = setup, {**os.environ, **(env or {})}

    def __enter__(self) -> Warm:
        command = [sys.executable, str(Path(tracer.__file__)), self._setup]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self._env, text=True
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()

    def calls(self, code: str | Sequence[str], folder: Path, seconds: int = 120) -> list[str]:
        """Run to the end, which must be a good one; the calls that change the folder, in order, with the files."""
        answer, output = self._answer(code, folder, None, seconds)
        assert answer["status"] == 0, f"exit status {answer['status']}:\n{output}"
        return list(answer["calls"])

    def kill_at(self, code: str | Sequence[str], n: int, folder: Path, seconds: int = 120) -> int:
        """Kill the program and all below it as it is about to make call ``n`` (from 1): -9, or how it ended before."""
        answer, _ = self._answer(code, folder, n, seconds)
        return int(answer["status"])

    def _answer(
        self, code: str | Sequence[str], folder: Path, kill: int | None, seconds: int
    ) -> tuple[dict[str, Any], str]:
        with tempfile.TemporaryDirectory() as elsewhere:
            output = Path(elsewhere, "output")
            run = {"code": code, "argv": None} if isinstance(code, str) else {"code": None, "argv": list(code)}
            request = {**run, "folder": str(folder), "kill": kill, "seconds": seconds, "output": str(output)}
            assert self._process.stdin is not None and self._process.stdout is not None
            with suppress(BrokenPipeError):
                print(json.dumps(request), file=self._process.stdin, flush=True)
            answer = json.loads(self._process.stdout.readline() or '{"error": "the setup failed"}')
            said = output.read_text(errors="replace") if output.exists() else ""
        if answer["error"]:
            raise OSError(f"{answer['error']}\n{said}")
        return answer, said


def count_calls(argv: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> list[str]:
    """The calls of a command that change a folder, in order, each with the files it names."""
    with Warm(env=env) as process:
        return process.calls(argv, folder)


def kill_at(argv: Sequence[str], n: int, folder: Path, env: Mapping[str, str] | None = None) -> int:
    """Kill a command and all below it as it is about to make call ``n`` (from 1): -9, or how it ended before."""
    with Warm(env=env) as process:
        return process.kill_at(argv, n, folder)


def kill_at_random(
    argv: Sequence[str], seconds: float, chance: random.Random, env: Mapping[str, str] | None = None
) -> int:
    """Kill a command and its process group within so many seconds: -9, or its status if it ended before."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        argv, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True, env={**os.environ, **(env or {})}
    )
    moment = time.monotonic() + chance.uniform(0, seconds)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=max(0.0, moment - time.monotonic()))
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def unsynced(calls: Sequence[str], commit: str | None = None) -> list[str]:
    """What a power cut could lose of what these calls did, which no kill of a process shows: files and folders that
    changed and were not synced, at the end, or before a file is named that starts with ``commit``.
    """
    lost, dirty = [], set[str]()
    for call in calls:
        kind, first, last = call.split()[0], call.split()[1], call.split()[-1]
        folder = last.rpartition("/")[0] or "."
        if kind in ("fsync", "fdatasync") or kind.startswith(("unlink", "rmdir")):
            dirty.discard(last)
        elif kind.startswith(("link", "rename")):
            if commit is not None and last.startswith(commit):
                lost += [f"{name} before {last}" for name in sorted(dirty - {folder})]
            dirty |= {folder, last} if first in dirty else {folder}
        else:
            dirty |= {folder, last} if kind.startswith(("open", "creat", "mkdir", "symlink")) else {last}
    return lost + sorted(dirty)


@cache
def unable() -> str | None:
    """Why nothing can be traced on this machine; None if it can."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = count_calls(["/bin/mkdir", f"{folder}/a"], Path(folder))
    except (OSError, AssertionError) as error:
        return f"programs cannot be traced here: {error}".strip()
    return None if len(found) == 1 else f"programs are traced wrongly here: {found}"


def require() -> None:
    """Skip a test where nothing can be traced, unless ``OUTCROSS_REQUIRE_SHARED=1`` says that every test must run."""
    reason = unable()
    if reason is None:
        return
    if os.environ.get("OUTCROSS_REQUIRE_SHARED") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
