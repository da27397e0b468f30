"""The serial engine: in order, in this process, one at a time."""

from __future__ import annotations

import os

from outcross.engines.serial import Serial
from tests.engines import work


def test_results_come_in_order() -> None:
    assert [index for index, _ in Serial().map(work.square, range(50))] == list(range(50))


def test_it_works_here() -> None:
    assert dict(Serial().map(work.who, [0])) == {0: os.getpid()}


def test_it_is_lazy() -> None:
    tasks = work.Counted(10)
    next(Serial().map(work.square, tasks))
    assert tasks.taken == 1


def test_what_cannot_be_pickled_will_do() -> None:
    assert dict(Serial().map(lambda task: -task, [1])) == {0: -1}
