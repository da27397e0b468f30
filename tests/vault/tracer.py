"""A program that runs others under ptrace, and kills one as it is about to make its n-th call that changes a folder.
Run as a script: it executes the setup given as its argument, then for each request (a line of JSON) forks a child.

Linux on x86-64 and AArch64, 5.3 or later. Calls are stopped at in every thread and process below the child, so what
native code does is seen too; what is written through a mapping or io_uring is not. See ptrace(2).
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import signal
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

CALLS: dict[str, tuple[int, int, str]] = {
    # name: number on x86-64, on AArch64 (-1 where it has none), and where the file stands among the arguments:
    # f a descriptor, p a path, d the descriptor of a folder with a path after it
    "write": (1, 64, "f0"),
    "pwrite64": (18, 68, "f0"),
    "writev": (20, 66, "f0"),
    "pwritev": (296, 70, "f0"),
    "pwritev2": (328, 287, "f0"),
    "sendfile": (40, 71, "f0"),
    "splice": (275, 76, "f2"),
    "copy_file_range": (326, 285, "f2"),
    "fallocate": (285, 47, "f0"),
    "ftruncate": (77, 46, "f0"),
    "truncate": (76, 45, "p0"),
    "fsync": (74, 82, "f0"),
    "fdatasync": (75, 83, "f0"),
    "sync_file_range": (277, 84, "f0"),
    "fchmod": (91, 52, "f0"),
    "chmod": (90, -1, "p0"),
    "fchmodat": (268, 53, "d0"),
    "creat": (85, -1, "p0"),
    "open": (2, -1, "p0"),
    "openat": (257, 56, "d0"),
    "openat2": (437, 437, "d0"),
    "mkdir": (83, -1, "p0"),
    "mkdirat": (258, 34, "d0"),
    "rmdir": (84, -1, "p0"),
    "unlink": (87, -1, "p0"),
    "unlinkat": (263, 35, "d0"),
    "rename": (82, -1, "p0 p1"),
    "renameat": (264, 38, "d0 d2"),
    "renameat2": (316, 276, "d0 d2"),
    "link": (86, -1, "p0 p1"),
    "linkat": (265, 37, "d0 d2"),
    "symlink": (88, -1, "p1"),
    "symlinkat": (266, 36, "d1"),
}
MACHINES = {"x86_64": 0, "aarch64": 1}
FLAGS = {"open": 1, "openat": 2}
"""Which argument says how a file is opened."""
CHANGING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
AT_FDCWD = -100
WALL = 0x40000000

CONT, SEIZE, INTERRUPT, INFO = 7, 0x4206, 0x4207, 0x420E
FOLLOW = 0x2 | 0x4 | 0x8 | 0x10 | 0x80 | 0x100000
"""FORK, VFORK, CLONE, EXEC, SECCOMP, EXITKILL."""
ABOUT = 7
"""The event of a task that is about to make a call that the filter names: no other call is stopped at."""
FILTERED = 3
"""What is told of the call at such a stop: its number and arguments."""


class Tracer:
    """One child, from its first call to its end."""

    def __init__(self, folder: str, kill: int | None) -> None:
        self.calls: list[str] = []
        self._folder = os.path.realpath(folder)
        self._kill = kill
        self._tasks: set[int] = set()
        machine = MACHINES[platform.machine()]
        numbers = {name: (first, second)[machine] for name, (first, second, _) in CALLS.items()}
        self._names = {number: name for name, number in numbers.items() if number >= 0}
        self._ptrace = ctypes.CDLL(None, use_errno=True).ptrace
        self._ptrace.restype = ctypes.c_long
        self._ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        self._info = ctypes.create_string_buffer(88)

    def run(self, child: Callable[[], None], seconds: int) -> int:
        """Fork, trace and kill; the exit status, or minus the signal."""
        gate, opened = os.pipe()
        main = os.fork()
        if main == 0:
            os.close(opened)
            os.read(gate, 1)  # until it is traced
            os.close(gate)
            _stop_at(list(self._names))
            child()
            os._exit(70)
        os.close(gate)
        self._tasks.add(main)
        signal.signal(signal.SIGALRM, _late)
        signal.alarm(seconds)
        try:
            self._ask(SEIZE, main, FOLLOW)
            self._ask(INTERRUPT, main)
            os.waitpid(main, WALL)
            self._ask(CONT, main)
            os.write(opened, b"x")
            return self._follow(main)
        finally:
            signal.alarm(0)
            os.close(opened)
            self._end()

    def _follow(self, main: int) -> int:
        while True:
            task, status = os.waitpid(-1, WALL)
            self._tasks.add(task)
            if os.WIFEXITED(status) or os.WIFSIGNALED(status):
                self._tasks.discard(task)
                if task == main:
                    return os.waitstatus_to_exitcode(status)
                continue
            stop, event = os.WSTOPSIG(status), status >> 16
            if event == ABOUT and self._counts(task) and len(self.calls) == self._kill:
                os.kill(main, signal.SIGKILL)
                return -signal.SIGKILL
            passed = 0 if event or stop == signal.SIGTRAP else stop
            with suppress(ProcessLookupError):
                self._ask(CONT, task, passed)

    def _end(self) -> None:
        """Kill what is left, all at once as a power cut does, and wait until nothing of it runs."""
        for task in self._tasks:
            with suppress(ProcessLookupError):
                os.kill(task, signal.SIGKILL)
        with suppress(ChildProcessError):
            while True:
                task, status = os.waitpid(-1, WALL)
                if os.WIFSTOPPED(status):  # a child that was born as its parent died
                    os.kill(task, signal.SIGKILL)

    def _counts(self, task: int) -> bool:
        """Whether a task is about to make a call that changes the folder; if so, it is noted."""
        try:
            self._ask(INFO, task, ctypes.addressof(self._info), len(self._info))
            kind, _, _, _, number, *given = struct.unpack_from("=BxxxIQQ7Q", self._info)
            name = self._names.get(number) if kind == FILTERED else None
            if name is None or not self._changes(task, name, given):
                return False
            paths = [self._path(task, where, given) for where in CALLS[name][2].split()]
        except (ProcessLookupError, FileNotFoundError):
            return False
        inside = [os.path.relpath(path, self._folder) for path in paths if self._inside(path)]
        if inside:
            self.calls.append(" ".join([name, *inside]))
        return bool(inside)

    def _changes(self, task: int, name: str, given: list[int]) -> bool:
        if name == "openat2":
            return bool(int.from_bytes(_memory(task, given[2], 8), "little") & CHANGING)
        return name not in FLAGS or bool(given[FLAGS[name]] & CHANGING)

    def _inside(self, path: str) -> bool:
        return path == self._folder or path.startswith(f"{self._folder}/")

    def _path(self, task: int, where: str, given: list[int]) -> str:
        kind, at = where[0], int(where[1])
        number = ctypes.c_int(given[at]).value
        if kind == "f":
            return _link(f"/proc/{task}/fd/{number}")
        said = os.fsdecode(_memory(task, given[at + (kind == "d")], 4096).split(b"\0")[0])
        base = f"/proc/{task}/cwd" if kind == "p" or number == AT_FDCWD else f"/proc/{task}/fd/{number}"
        path = said if said.startswith("/") else f"{_link(base)}/{said}"
        head, _, tail = path.rstrip("/").rpartition("/")
        return f"{os.path.realpath(head or '/')}/{tail}"

    def _ask(self, request: int, task: int, data: int = 0, address: int = 0) -> None:
        if self._ptrace(request, task, address, data) < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))


def _stop_at(numbers: list[int]) -> None:
    """Have the kernel stop this process, and all below it, at these calls alone: see seccomp(2)."""
    tests = [struct.pack("=HBBI", 0x15, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    load = struct.pack("=HBBI", 0x20, 0, 0, 0)
    allow, trace = (struct.pack("=HBBI", 0x06, 0, 0, answer) for answer in (0x7FFF0000, 0x7FF00000))
    program = b"".join([load, *tests, allow, trace])
    held = ctypes.create_string_buffer(program, len(program))
    told = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(held)))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    if prctl(38, 1, 0, 0, 0) or prctl(22, 2, ctypes.addressof(told), 0, 0):  # no new privileges; the filter
        os._exit(71)


def _late(*_: object) -> None:
    raise TimeoutError


def _link(path: str) -> str:
    return str(Path(path).readlink()).removesuffix(" (deleted)")


def _memory(task: int, address: int, size: int) -> bytes:
    """What lies at an address of a task; fewer bytes where its memory ends before."""
    memory = os.open(f"/proc/{task}/mem", os.O_RDONLY)
    try:
        page = 4096 - address % 4096  # a name may end where the memory does
        found = os.pread(memory, min(size, page), address)
        if size > page and b"\0" not in found:
            with suppress(OSError):
                found += os.pread(memory, size - page, address + page)
        return found
    finally:
        os.close(memory)


def _child(request: dict[str, Any], prepared: dict[str, Any]) -> Callable[[], None]:
    def run() -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for number in (1, 2):
            os.dup2(output, number)
        if request["argv"]:
            os.execvp(request["argv"][0], request["argv"])
        status = 1
        try:
            exec(request["code"], prepared)
            threading._shutdown()  # type: ignore[attr-defined]  # waits for its threads, as an interpreter's end does
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    return run


def main() -> None:
    """Answer requests until there are no more."""
    requests, answers = os.fdopen(os.dup(0), "r"), os.fdopen(os.dup(1), "w")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    prepared: dict[str, Any] = {"__name__": "__main__"}
    exec(sys.argv[1], prepared)
    for line in requests:
        request = json.loads(line)
        answer: dict[str, Any] = {"status": None, "error": None}
        tracer = Tracer(request["folder"], request["kill"])
        try:
            answer["status"] = tracer.run(_child(request, prepared), request["seconds"])
        except (OSError, KeyError) as error:
            answer["error"] = f"{type(error).__name__}: {error}"
        print(json.dumps({**answer, "calls": tracer.calls}), file=answers, flush=True)


if __name__ == "__main__":
    main()
