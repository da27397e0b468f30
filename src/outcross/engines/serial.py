"""The work is done here, one task after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar, final

from outcross.core.engine import Engine

T = TypeVar("T")
U = TypeVar("U")


@final
@dataclass(frozen=True)
class Serial(Engine):
    """One task after another in this process: the engine to debug with.

    Examples
    --------
    >>> list(Serial().map(abs, [-1, -2]))
    [(0, 1), (1, 2)]
    """

    def map(self, work: Callable[[T], U], tasks: Sequence[T]) -> Iterator[tuple[int, U]]:
        """Yield ``(index of task, work(task))`` in order."""
        for index, task in enumerate(tasks):
            yield index, work(task)
