"""How deep records are that come in together with their parents, and which of them come from nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Ints


@final
@dataclass(frozen=True)
class Links:
    """Who of some rows is a parent of whom. All is done a generation at a time, each link once.

    Parameters
    ----------
    rows
        n, the number of rows.
    child, parent
        Places of rows, shape (m,) each.

    Examples
    --------
    >>> links = Links(4, np.array([1, 2, 3]), np.array([0, 1, 3]))
    >>> links.below(np.array([1])).tolist()
    [False, True, True, False]
    >>> links.depths(np.zeros(4, np.int32), np.zeros(4, np.bool_))[0].tolist()
    [0, 1, 2, 0]
    """

    rows: int
    child: Ints
    parent: Ints

    @cached_property
    def _by_parent(self) -> tuple[Ints, Ints]:
        """The children, in order of their parents, and where those of each parent begin."""
        order = np.argsort(self.parent, kind="stable")
        return self.child[order], np.searchsorted(self.parent[order], np.arange(self.rows + 1))

    def _of(self, rows: Ints) -> tuple[Ints, Ints]:
        """The links from some rows to their children: parents and children."""
        children, starts = self._by_parent
        count = starts[rows + 1] - starts[rows]
        before = np.cumsum(count) - count
        return np.repeat(rows, count), children[np.arange(count.sum()) + np.repeat(starts[rows] - before, count)]

    def below(self, rows: Ints) -> NDArray[np.bool_]:
        """Return which rows are these, or come from them, shape (n,)."""
        found = np.zeros(self.rows, dtype=np.bool_)
        while len(rows):
            found[rows] = True
            _, children = self._of(rows)
            rows = np.unique(children[~found[children]])
        return found

    def depths(self, depth: NDArray[np.int32], human: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Return the generation of each row, 1 more than that of its deepest parent, and which can have none.

        Parameters
        ----------
        depth
            The least that it can be, shape (n,).
        human
            Rows that stay as they are, shape (n,).

        Returns
        -------
        depth
            Shape (n,).
        circular
            Which rows are among their own ancestors, or come from such a row, shape (n,).
        """
        depth = depth.copy()
        waiting = np.bincount(self.child, minlength=self.rows)
        ready = np.flatnonzero(waiting == 0)
        while len(ready):
            parents, children = self._of(ready)
            grows = ~human[children]
            np.maximum.at(depth, children[grows], depth[parents[grows]] + 1)
            np.subtract.at(waiting, children, 1)
            ready = np.unique(children[waiting[children] == 0])
        return depth, waiting > 0
