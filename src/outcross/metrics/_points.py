"""Records as points in space, with nothing forgotten: what a metric keeps that looks at pairs of records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, final

import numpy as np

from outcross.core.batch import Floats


@final
@dataclass(frozen=True, eq=False)
class Points:
    """The numbers of records, shape (R, n, d).

    Examples
    --------
    >>> one = Points(np.zeros((1, 2, 3)))
    >>> one.merge(one).size
    4
    """

    values: Floats

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.values)

    @property
    def size(self) -> int:
        """n, the number of records in each replicate."""
        return int(self.values.shape[1])

    def merge(self, other: Self) -> Self:
        """Return the points of both."""
        return type(self)(np.concatenate([self.values, other.values], axis=1))


def directions(values: Floats) -> Floats:
    """Return records of shape (..., d) at length 1, shape (..., d + 1): their products are cosines.

    A record of zeros has no direction. It is given one of its own, at right angles to all others: the last coordinate.

    Examples
    --------
    >>> directions(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8, 0.0], [0.0, 0.0, 1.0]]
    """
    largest = np.abs(values).max(axis=-1, keepdims=True, initial=0.0)  # so that squares neither vanish nor overflow
    scaled = np.divide(values, largest, out=np.zeros_like(values), where=largest > 0)
    length = np.linalg.norm(scaled, axis=-1, keepdims=True)
    units = np.divide(scaled, length, out=np.zeros_like(scaled), where=length > 0)
    return np.concatenate([units, np.where(length == 0, 1.0, 0.0)], axis=-1)
