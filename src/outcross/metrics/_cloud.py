"""Records as points in space, each in a ball that reaches to its k-th nearest neighbour: the support of a sample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.metrics._distances import squared_distances, squared_radii
from outcross.metrics._sorted import Sorted


@final
@dataclass(frozen=True, eq=False)
class Cloud:
    """Points, and how many neighbours the ball around each reaches over.

    Parameters
    ----------
    values
        Shape (R, n, d).
    neighbours
        k; there must be more points than that.

    Examples
    --------
    >>> cloud = Cloud(np.array([[[0.0], [1.0], [5.0]]]), 1)
    >>> cloud.holds(np.array([[[-1.0], [-1.1], [9.0]]])).tolist()
    [[True, False, True]]
    """

    values: Floats
    neighbours: int

    def merge(self, other: Self) -> Self:
        """Return the points of both."""
        return replace(self, values=np.concatenate([self.values, other.values], axis=1))

    def holds(self, points: Floats) -> NDArray[np.bool_]:
        """Return whether each point of shape (R, m, d) lies in the ball of at least one of ours, shape (R, m)."""
        if self.values.shape[2] == 1:
            return self._intervals_hold(points[:, :, 0])
        replicates = max(len(self.values), len(points))
        every = [np.broadcast_to(a, (replicates, *a.shape[1:])) for a in (points, self.values, self.squared_radii)]
        return np.array([_in_balls(wanted, centres, radii) for wanted, centres, radii in zip(*every, strict=True)])

    @cached_property
    def squared_radii(self) -> Floats:
        """Squared distance of each point to its k-th nearest neighbour, shape (R, n)."""
        return np.array([squared_radii(points, self.neighbours) for points in self.values])

    @cached_property
    def _intervals(self) -> tuple[Sorted, Floats]:
        """The balls on a line by their lower ends, and the highest upper end of those so far, shape (R, n)."""
        k = self.neighbours
        place = np.sort(self.values[:, :, 0], axis=1)
        edge = np.full((len(place), k), np.inf)
        padded = np.concatenate([-edge, place, edge], axis=1)
        n = place.shape[1]
        shifted = [padded[:, start : start + n] for start in range(2 * k + 1)]  # shifted[k] is in place
        # the k nearest are a run of neighbours, i of them below and k - i above
        reach = np.min([np.maximum(place - shifted[k - i], shifted[2 * k - i] - place) for i in range(k + 1)], axis=0)
        order = np.argsort(place - reach, axis=1, kind="stable")
        lower = np.take_along_axis(place - reach, order, axis=1)
        upper = np.maximum.accumulate(np.take_along_axis(place + reach, order, axis=1), axis=1)
        return Sorted(lower[:, None]), upper

    def _intervals_hold(self, points: Floats) -> NDArray[np.bool_]:
        lower, upper = self._intervals
        begun = lower.rank(points[:, None])[:, 0]
        held: NDArray[np.bool_] = np.take_along_axis(upper, np.maximum(begun - 1, 0), axis=1) >= points
        return held & (begun > 0)


def _in_balls(points: Floats, centres: Floats, squared_radii: Floats) -> NDArray[np.bool_]:
    blocks = [(block <= squared_radii).any(axis=1) for block in squared_distances(points, centres)]
    return np.concatenate(blocks)
