"""What every engine promises: the result does not depend on it."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import numpy as np
import pytest

from outcross.core.engine import Engine
from outcross.core.part import build, parts, words
from tests.engines import work

NEEDS = {"ray": "ray"}
"""Engines and the package that they need."""


@pytest.fixture(scope="module")
def session() -> Iterator[None]:
    """One session of Ray for all tests: to open one takes seconds."""
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


@pytest.fixture(params=parts("engine"))
def engine(request: pytest.FixtureRequest) -> Engine:
    package = NEEDS.get(request.param)
    if package and importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    if package == "ray":
        request.getfixturevalue("session")
    built = build("engine", request.param)
    assert isinstance(built, Engine)
    return built


def test_every_task_is_done_once(engine: Engine) -> None:
    assert sorted(engine.map(work.square, range(20))) == [(task, task * task) for task in range(20)]


def test_the_result_is_that_of_a_plain_loop(engine: Engine) -> None:
    found = dict(engine.map(work.draw, [5, 3, 5]))
    assert [found[place].tolist() for place in range(3)] == [work.draw(seed).tolist() for seed in (5, 3, 5)]
    assert found[0].dtype == np.float64


def test_work_may_carry_something(engine: Engine) -> None:
    assert sorted(engine.map(work.Offset(10), [1, 2])) == [(0, 11), (1, 12)]


def test_no_task_is_no_result(engine: Engine) -> None:
    assert list(engine.map(work.square, [])) == []


def test_an_exception_keeps_type_and_message(engine: Engine) -> None:
    with pytest.raises(work.Told) as caught:
        list(engine.map(work.fail_at_three, range(6)))
    assert str(caught.value) == "no threes"


def test_leaving_the_program_is_leaving_the_program(engine: Engine) -> None:
    with pytest.raises(SystemExit) as left:
        list(engine.map(work.leave_at_three, range(6)))
    assert left.value.code == 7


def test_nothing_happens_before_it_is_asked_for(engine: Engine) -> None:
    tasks = work.Counted(10)
    results = engine.map(work.square, tasks)
    assert tasks.taken == 0
    assert len(list(results)) == tasks.taken == 10


def test_a_million_tasks_do_not_sit_in_memory(engine: Engine) -> None:
    tasks = work.Counted(1_000_000)
    results = engine.map(work.square, tasks)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert tasks.taken < 1_000


def test_it_can_be_used_again(engine: Engine) -> None:
    assert list(engine.map(work.square, [3])) == list(engine.map(work.square, [3])) == [(0, 9)]


def test_its_words_build_it(engine: Engine) -> None:
    assert build("engine", words(engine)) == engine
