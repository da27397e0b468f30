"""Work for engines to do, in a module that worker processes can import."""

from __future__ import annotations

import ctypes
import importlib
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, overload

import numpy as np


class TwoReasonsError(Exception):
    """An exception that cannot be pickled and unpickled."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other}")


class Told(Exception):
    """An exception that can."""


@dataclass(frozen=True)
class Offset:
    """Work with something to carry, which notes how often it is loaded."""

    by: int
    log: str = ""

    def __call__(self, task: int) -> int:
        return task + self.by

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if self.log:
            note(self.log)


def note(log: str) -> None:
    """Add the number of this process to a file, at once."""
    with Path(log).open("a", encoding="utf-8") as file:
        file.write(f"{os.getpid()}\n")


def draw(seed: int) -> np.ndarray:
    """An array that depends on the task alone."""
    return np.random.default_rng(seed).normal(size=5)


def square(task: int) -> int:
    return task * task


def fail_at_three(task: int) -> int:
    if task == 3:
        raise Told("no threes")
    return task


def leave_at_three(task: int) -> int:
    if task == 3:
        raise SystemExit(7)
    return task


def fail_unpicklably(task: int) -> NoReturn:
    raise TwoReasonsError("this", "that")


def give_a_lambda(task: int) -> object:
    return lambda: task


def die_at_three(task: int) -> int:
    """End as a process does for which there is no memory."""
    if task == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def leave_abruptly(task: int) -> NoReturn:
    os._exit(5)


def who(_: int) -> int:
    time.sleep(0.02)
    return os.getpid()


@dataclass(frozen=True)
class Dawdle:
    """Note the process, then take long (the first task excepted)."""

    log: str

    def __call__(self, task: int) -> int:
        note(self.log)
        if task:
            time.sleep(600)
        return task


@dataclass(frozen=True)
class Fail:
    """Note the process, then fail at once (at the second task) or late."""

    log: str

    def __call__(self, task: int) -> NoReturn:
        note(self.log)
        time.sleep(0 if task == 1 else 600)
        raise Told("no")


def algebra_threads(_: int) -> int | None:
    """How many threads NumPy's linear algebra has here; None where that cannot be said."""
    library = ctypes.CDLL(importlib.import_module("numpy.linalg._umath_linalg").__file__)
    getter = getattr(library, "scipy_openblas_get_num_threads64_", None)
    return None if getter is None else getter()


def start_method(_: int) -> str:
    return type(multiprocessing.current_process()).__name__


class Counted(Sequence[int]):
    """Tasks that know how many were taken."""

    def __init__(self, size: int) -> None:
        self.size, self.taken = size, 0

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        return range(self.size)[index]

    def __iter__(self) -> Iterator[int]:
        for task in range(self.size):
            self.taken += 1
            yield task
