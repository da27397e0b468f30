"""The work is done by a Ray cluster, or by Ray on this machine."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, final

from outcross.core.engine import Engine
from outcross.core.errors import BadSetting, MissingLibrary, WorkerLost
from outcross.engines._errand import outcome, pack, perform, unpack

T = TypeVar("T")
U = TypeVar("U")

AHEAD = 2
"""Tasks handed out for each core of the cluster: one at work and one waiting."""


@final
@dataclass(frozen=True)
class Ray(Engine):
    """Ray tasks of one core each; the work is put into the object store once.

    A session of Ray that is open already is used and left open; otherwise one is opened and closed again. If that takes
    a cluster of this machine alone, it has no dashboard, and Ray reports no usage of it. What the work needs must be
    installed on every node. Tasks of a node that is lost are done again elsewhere, as Ray does by itself.

    Parameters
    ----------
    address
        Address of the cluster, as ``ray.init`` takes it; none for the one that the machine belongs to, or for a new
        one of this machine alone.

    Raises
    ------
    MissingLibrary
        If Ray is not installed.
    BadSetting
        If no cluster answers at the address (Ray tries for minutes).
    BadInput
        If the work or a task cannot be pickled, or not be loaded by a worker.
    WorkerLost
        If Ray gives a task up.

    Examples
    --------
    >>> print(Ray(address="auto"))
    ray(address=auto)
    """

    address: str | None = None

    def map(self, work: Callable[[T], U], tasks: Sequence[T]) -> Iterator[tuple[int, U]]:
        """Yield ``(index of task, work(task))`` as results come in; an exception in the work is raised here."""
        if not len(tasks):
            return
        payload = pack(work, "the work").data
        packed = ((index, pack(task, "a task").data) for index, task in enumerate(tasks))
        ray = _ray()
        opened = not ray.is_initialized()
        if opened:
            self._open(ray)
        waiting: dict[Any, int] = {}
        try:
            yield from _results(ray, ray.put(payload), packed, waiting)
        except ray.exceptions.RayError as lost:
            raise WorkerLost(f"Ray gave a task up: {str(lost).strip().splitlines()[0]}") from lost
        finally:
            for reference in waiting:
                ray.cancel(reference, force=True)
            if opened:
                ray.shutdown()

    def _open(self, ray: Any) -> None:
        try:
            ray.init(address=self.address, include_dashboard=False, log_to_driver=False, logging_level="error")
        except (ConnectionError, ValueError, SystemExit) as error:  # it leaves the program when nobody answers
            raise BadSetting(f"ray: no session could be opened at address={self.address}: {error}") from error


def _ray() -> Any:
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise MissingLibrary("the engine 'ray' needs Ray: pip install 'outcross[ray]'") from error


def _results(
    ray: Any, payload: Any, packed: Iterator[tuple[int, bytes]], waiting: dict[Any, int]
) -> Iterator[tuple[int, Any]]:
    """Results as they come in; ``waiting`` holds the tasks that are handed out."""
    run = ray.remote(_run)
    box = [payload]  # Ray would copy the work to every task if it were an argument itself
    while True:
        room = AHEAD * int(ray.cluster_resources().get("CPU", 1)) - len(waiting)  # a cluster may grow
        for index, task in itertools.islice(packed, max(room, 0)):
            waiting[run.remote(box, task)] = index
        if not waiting:
            return
        done, _ = ray.wait(list(waiting), num_returns=1)
        for reference in done:
            data = ray.get(reference)
            yield waiting.pop(reference), outcome(data)


def _run(box: list[Any], task: bytes) -> bytes:
    return perform(lambda: _work(box[0]), task)


@lru_cache(maxsize=1)
def _work(payload: Any) -> Callable[[Any], Any]:
    found: Callable[[Any], Any] = unpack(_ray().get(payload))
    return found
