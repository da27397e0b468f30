"""The work is done by worker processes of this machine."""

from __future__ import annotations

import ctypes
import importlib
import itertools
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from multiprocessing import connection
from multiprocessing.context import BaseContext
from typing import Annotated, Any, TypeVar, final

from outcross.core.engine import Engine
from outcross.core.errors import WorkerLost
from outcross.core.setting import Between
from outcross.engines._cores import cores
from outcross.engines._errand import Packed, outcome, pack, perform, unpack

T = TypeVar("T")
U = TypeVar("U")

AHEAD = 2
"""Tasks handed out for each worker: one at work and one waiting, so that no worker waits and no memory is filled."""

KILLED, TERMINATED = -9, -15
"""Exit codes of processes that a signal ended (SIGKILL, SIGTERM)."""


@final
@dataclass(frozen=True)
class Processes(Engine):
    """Worker processes, one a core unless a number is given.

    The work is sent to each worker once, the tasks one by one as workers come free. Every worker has one thread for
    linear algebra, since there is a worker for every core. Workers are never forked from this process, which may have
    threads: a fork server does that on Linux, elsewhere they are new interpreters. They end when the iterator is
    exhausted or closed, on any error, and when this process is killed.

    Parameters
    ----------
    workers
        Number of processes; none for one a core that this process may use.

    Raises
    ------
    BadInput
        If the work or a task cannot be pickled, or not be loaded by a worker.
    WorkerLost
        If a worker ends before its task is done.

    Examples
    --------
    >>> sorted(Processes(workers=2).map(abs, [-1, -2]))
    [(0, 1), (1, 2)]
    """

    workers: Annotated[int | None, Between(1)] = None

    def map(self, work: Callable[[T], U], tasks: Sequence[T]) -> Iterator[tuple[int, U]]:
        """Yield ``(index of task, work(task))`` as results come in; an exception in the work is raised here."""
        if not len(tasks):
            return
        _refuse_in_main_file()
        payload = pack(work, "the work")
        count = min(self.workers or cores(), len(tasks))
        packed = ((index, pack(task, "a task")) for index, task in enumerate(tasks))
        pool = ProcessPoolExecutor(count, _context(), _begin, (payload.data,))
        crew = pool._processes  # the public way to stop workers at once comes with Python 3.14
        try:
            yield from _results(pool, packed, AHEAD * count, payload.own)
        except BrokenProcessPool as broken:
            pool.shutdown()
            raise WorkerLost(_why_lost([process.exitcode for process in crew.values()])) from broken
        except BaseException:
            for process in list(crew.values()):
                process.kill()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _results(
    pool: ProcessPoolExecutor, packed: Iterator[tuple[int, Packed]], ahead: int, own: bool
) -> Iterator[tuple[int, Any]]:
    """Results as they come in; ``own`` says that the work takes the program's main file to load."""
    waiting: dict[Future[bytes], int] = {}

    def hand_out(number: int) -> None:
        for index, task in itertools.islice(packed, number):
            with _main_file(own or task.own):
                waiting[pool.submit(_run, task.data)] = index

    hand_out(ahead)
    while waiting:
        done, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            index = waiting.pop(future)
            data = future.result()
            hand_out(1)
            yield index, outcome(data)


def _context() -> BaseContext:
    """How workers are started. A fork of this process could inherit a lock that one of its threads holds, for ever."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([name for name in sys.modules if name.partition(".")[0] == "outcross"])
    return context


_LAUNCH = threading.Lock()


@contextmanager
def _main_file(needed: bool) -> Iterator[None]:
    """Keep workers from running the program's main file again where they do not need it.

    They would do so when they start, to find what it defines: a script that is not guarded by
    ``if __name__ == "__main__"`` would start its experiment again in each of them.
    """
    main = sys.modules["__main__"]
    if needed:
        yield
        return
    with _LAUNCH:
        known = vars(main)
        hidden: dict[str, Any] = {name: known.pop(name) for name in ("__file__", "__spec__") if name in known}
        main.__spec__ = None
        try:
            yield
        finally:
            del main.__spec__
            known.update(hidden)


GUARD = "a script that defines parts of its own must run them under if __name__ == '__main__':"


def _refuse_in_main_file() -> None:
    """Refuse to start workers from a main file that a worker is only loading, to find what it defines."""
    loading = sys.modules.get("__mp_main__")
    if loading is not None and loading is not sys.modules["__main__"]:
        raise WorkerLost(f"workers are started while one of them loads the script; {GUARD}")


_payload: ContextVar[bytes] = ContextVar("payload")


def _begin(payload: bytes) -> None:
    """Make a new worker ready."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the parent, which then ends its workers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _one_thread()
    _payload.set(payload)


def _run(task: bytes) -> bytes:
    payload = _payload.get()
    return perform(lambda: _work(payload), task)


@cache
def _work(payload: bytes) -> Callable[[Any], Any]:
    found: Callable[[Any], Any] = unpack(payload)
    return found


def _end_with_parent() -> None:
    """A worker of a parent that was killed would wait for a task for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


_SET_THREADS = (
    "scipy_openblas_set_num_threads64_",
    "scipy_openblas_set_num_threads",
    "openblas_set_num_threads64_",
    "openblas_set_num_threads",
    "MKL_Set_Num_Threads",
)


def _one_thread() -> None:
    """Give NumPy's linear algebra one thread. Its library is found through the extension module linked with it."""
    library = ctypes.CDLL(importlib.import_module("numpy.linalg._umath_linalg").__file__)
    for name in _SET_THREADS:
        setter = getattr(library, name, None)
        if setter is not None:
            setter(1)
            return


def _why_lost(codes: list[int | None]) -> str:
    """What to say of workers with these exit codes; the pool has terminated those that were not lost."""
    if KILLED in codes:
        return "a worker process was killed, most often for lack of memory; try fewer: processes(workers=1)"
    known = sorted({code for code in codes if code not in (None, 0, TERMINATED)})
    code = ", ".join(map(str, known)) or "unknown"
    return f"a worker process ended before its task was done (exit code {code}); what it said is above; {GUARD}"
