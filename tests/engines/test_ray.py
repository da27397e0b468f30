"""Ray: what is said where it is missing; where it is there, that sessions and workers are left as they were."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from outcross.core.errors import BadInput, MissingLibrary
from outcross.engines.ray import Ray
from tests.engines import work

NEEDS_RAY = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed")


def test_where_it_is_missing_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingLibrary, match=r"pip install 'outcross\[ray\]'"):
        list(Ray().map(work.square, [1]))


def test_work_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(BadInput, match="the work cannot be sent"):
        list(Ray().map(lambda task: task, [0]))


@NEEDS_RAY
def test_a_session_of_its_own_is_closed() -> None:
    import ray

    assert len(list(Ray().map(work.square, range(30)))) == 30
    assert not ray.is_initialized()


@NEEDS_RAY
def test_without_tasks_none_is_opened() -> None:
    import ray

    assert list(Ray().map(work.square, [])) == []
    assert not ray.is_initialized()


@NEEDS_RAY
def test_a_session_that_was_open_stays_open() -> None:
    import ray

    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    try:
        results = Ray().map(work.square, range(1000))
        next(results)
        results.close()  # type: ignore[attr-defined]
        assert ray.is_initialized()
        assert sorted(Ray().map(work.square, range(3))) == [(0, 0), (1, 1), (2, 4)]
    finally:
        ray.shutdown()
