"""Who does the work: one method. The unit of work is a pure function of one task."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from outcross.core.part import Part

T = TypeVar("T")
U = TypeVar("U")


class Engine(Part):
    """Where do the tasks run? The result does not depend on it.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> dict(build("engine", "serial").map(abs, [-1, -2]))
    {0: 1, 1: 2}
    """

    kind = "engine"

    @abstractmethod
    def map(self, work: Callable[[T], U], tasks: Sequence[T]) -> Iterator[tuple[int, U]]:
        """Yield ``(index of task, work(task))`` as results come in, in any order.

        ``work`` and the tasks are pickled where the engine uses other processes.
        """
