"""Threads of this process: how many, what they return, and what becomes of the rest when one fails."""

from __future__ import annotations

import os
import threading
import time

import pytest

from outcross.core.part import build
from outcross.engines.threads import Threads


def test_every_task_is_done_once_in_this_process() -> None:
    found = list(build("engine", "threads(workers=3)").map(lambda task: (task * task, os.getpid()), range(50)))
    assert sorted(found) == [(n, (n * n, os.getpid())) for n in range(50)]


def test_as_many_are_at_work_as_asked_for() -> None:
    meet = threading.Barrier(2, timeout=10)  # nobody passes alone
    assert len(list(Threads(workers=2).map(lambda task: meet.wait(), range(6)))) == 6
    busy, most, lock = 0, 0, threading.Lock()

    def work(task: int) -> None:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(0.005)
        with lock:
            busy -= 1

    list(Threads(workers=2).map(work, range(10)))
    assert most == 2


def test_tasks_are_not_handed_out_before_there_is_somebody_for_them() -> None:
    begun: list[int] = []
    results = Threads(workers=2).map(lambda task: begun.append(task) or task, range(100))  # type: ignore[func-returns-value]
    next(results)
    assert len(begun) <= 4
    results.close()  # type: ignore[attr-defined]
    assert len(begun) <= 4


def test_an_error_is_raised_here_and_ends_the_work() -> None:
    begun: list[int] = []

    def work(task: int) -> int:
        begun.append(task)
        return 1 // task

    with pytest.raises(ZeroDivisionError):
        list(Threads(workers=2).map(work, range(100)))
    assert len(begun) < 10


def test_no_task_is_no_work() -> None:
    assert list(Threads().map(abs, [])) == []
