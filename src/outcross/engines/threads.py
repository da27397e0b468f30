"""The work is done by threads of this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, TypeVar, final

from outcross.core.engine import Engine
from outcross.core.setting import Between
from outcross.engines._cores import cores

T = TypeVar("T")
U = TypeVar("U")


@final
@dataclass(frozen=True)
class Threads(Engine):
    """Threads of this process, one a core unless a number is given: for work that Polars and NumPy do.

    They let go of the interpreter's lock while they work, so that threads share out the cores, and nothing has to be
    started or sent. Work in Python itself takes as long as it does in one thread.

    Parameters
    ----------
    workers
        Number of threads; none for one a core that this process may use.

    Examples
    --------
    >>> sorted(Threads(workers=2).map(abs, [-1, -2]))
    [(0, 1), (1, 2)]
    """

    workers: Annotated[int | None, Between(1)] = None

    def map(self, work: Callable[[T], U], tasks: Sequence[T]) -> Iterator[tuple[int, U]]:
        """Yield ``(index of task, work(task))`` as results come in; an exception in the work is raised here."""
        waiting: dict[Future[U], int] = {}
        numbered = iter(enumerate(tasks))
        count = self.workers or cores()
        pool = ThreadPoolExecutor(count)
        try:
            while True:
                for index, task in islice(numbered, count - len(waiting)):
                    waiting[pool.submit(work, task)] = index
                if not waiting:
                    return
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield waiting.pop(future), future.result()
        finally:
            pool.shutdown(cancel_futures=True)
