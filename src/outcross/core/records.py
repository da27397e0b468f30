"""Records that are vectors of numbers, or symbols of a finite alphabet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats, HasCounts, HasMoments, Ints, Records
from outcross.core.errors import BadInput
from outcross.core.statistics import Counts, Moments


def join_weights(batches: Sequence[Records]) -> Floats | None:
    """Return the training weights of several batches, one after another; None where all are 1.

    Examples
    --------
    >>> join_weights([Rows(np.zeros((1, 2, 1))), Rows(np.zeros((1, 1, 1)), weight=np.array([2.0]))])
    array([1., 1., 2.])
    """
    if all(batch.weight is None for batch in batches):
        return None
    return np.concatenate([np.ones(b.size) if b.weight is None else b.weight for b in batches])


@final
@dataclass(frozen=True)
class Rows(Records, HasMoments):
    """Records that are vectors of numbers.

    Parameters
    ----------
    values
        Shape (R, n, d).
    weight
        Training weights, shape (n,), or None for 1 each.
    group
        Group of each record as a code, shape (R, n), or None.
    names
        Names of the group codes.
    shape
        Where the numbers of a record are the pixels of a picture: (height, width) or (height, width, 3), row by row,
        0 for black and 1 for white. Empty where they are not.

    Raises
    ------
    BadInput
        If the values are not a three-dimensional array, or the shape is not that of a record.

    Examples
    --------
    >>> rows = Rows(np.arange(6.0).reshape(1, 3, 2))
    >>> rows.size, rows.dim, rows.moments().mean.tolist()
    (3, 2, [[2.0, 3.0]])
    """

    values: Floats
    weight: Floats | None = None
    group: Ints | None = None
    names: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.values.ndim != 3:
            raise BadInput(f"rows need an array of shape (replicates, records, dimensions), not {self.values.shape}")
        if self.shape and math.prod(self.shape) != self.dim:
            raise BadInput(f"a picture of {' x '.join(map(str, self.shape))} pixels does not have {self.dim} numbers")

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.values)

    @property
    def size(self) -> int:
        """n, the number of records in each replicate."""
        return int(self.values.shape[1])

    @property
    def dim(self) -> int:
        """d, the number of columns."""
        return int(self.values.shape[2])

    def take(self, index: Ints) -> Self:
        """Return the records at ``index``, shape (R, k) or (1, k)."""
        rows = np.arange(self.replicates)[:, None]
        if self.replicates == 1 and index.shape[0] > 1:
            rows = np.zeros((1, 1), dtype=np.int64)
        group = None if self.group is None else self.group[rows, index]
        weight = None if self.weight is None else self.weight[index[0]]
        return replace(self, values=self.values[rows, index], weight=weight, group=group)

    def take_across(self, others: Sequence[Self], index: Ints) -> Self:
        """Return the records at ``index``, shape (R, k), of these and others, without joining all of them."""
        batches: list[Self] = [self, *others]
        if any(batch.weight is not None or batch.group is not None for batch in batches):
            return self.join(others).take(index)
        values, start = np.empty((*index.shape, self.dim)), 0
        for batch in batches:
            replicate, place = np.nonzero((start <= index) & (index < start + batch.size))
            values[replicate, place] = batch.values[replicate, index[replicate, place] - start]
            start += batch.size
        return replace(self, values=values)

    def join(self, others: Sequence[Self]) -> Self:
        """Return these records followed by those of others."""
        batches: list[Self] = [self, *others]
        values = np.concatenate([batch.values for batch in batches], axis=1)
        groups = [batch.group for batch in batches if batch.group is not None]
        group = np.concatenate(groups, axis=1) if len(groups) == len(batches) else None
        return replace(self, values=values, weight=join_weights(batches), group=group)

    def weighted(self, weight: float) -> Self:
        """Return the same records, each with this weight in training."""
        return replace(self, weight=np.full(self.size, weight))

    def membership(self) -> tuple[Ints, tuple[str, ...]] | None:
        """Return the group codes and names, where groups are known."""
        return None if self.group is None else (self.group, self.names)

    def moments(self) -> Moments:
        """Return count, mean and scatter, weighted where the records are."""
        return Moments.of(self.values, self.weight)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays it is made of."""
        groups: dict[str, NDArray[np.generic]] = {} if self.group is None else {"group": self.group}
        return {"values": self.values, **groups}


@final
@dataclass(frozen=True)
class Symbols(Records, HasCounts):
    """Records that are one of K types each.

    Parameters
    ----------
    values
        Codes in 0..K-1, shape (R, n).
    types
        K, the number of types of the alphabet.
    labels
        Names of the types. Named types are groups to a policy that looks at groups.
    weight
        Training weights, shape (n,), or None.

    Examples
    --------
    >>> cats = Symbols(np.array([[0, 0, 1]]), 2, ("yellow", "blue"))
    >>> cats.counts().values.tolist(), list(cats.split())
    ([[2.0, 1.0]], ['yellow', 'blue'])
    """

    values: Ints
    types: int
    labels: tuple[str, ...] = ()
    weight: Floats | None = None

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.values)

    @property
    def size(self) -> int:
        """n, the number of records in each replicate."""
        return int(self.values.shape[1])

    def take(self, index: Ints) -> Self:
        """Return the records at ``index``, shape (R, k) or (1, k)."""
        source = np.broadcast_to(self.values, (max(self.replicates, index.shape[0]), self.size))
        weight = None if self.weight is None else self.weight[index[0]]
        chosen = np.take_along_axis(source, np.broadcast_to(index, (source.shape[0], index.shape[1])), axis=1)
        return replace(self, values=chosen, weight=weight)

    def join(self, others: Sequence[Self]) -> Self:
        """Return these records followed by those of others."""
        batches: list[Self] = [self, *others]
        return replace(self, values=np.concatenate([b.values for b in batches], axis=1), weight=join_weights(batches))

    def weighted(self, weight: float) -> Self:
        """Return the same records, each with this weight in training."""
        return replace(self, weight=np.full(self.size, weight))

    def membership(self) -> tuple[Ints, tuple[str, ...]] | None:
        """Return the types as groups, where they have names."""
        return (self.values, self.labels) if self.labels else None

    def counts(self) -> Counts:
        """Return how often each type occurred, weighted where the records are."""
        offset = self.values + self.types * np.arange(self.replicates)[:, None]
        weight = None if self.weight is None else np.broadcast_to(self.weight, self.values.shape).ravel()
        flat = np.bincount(offset.ravel(), weights=weight, minlength=self.replicates * self.types)
        return Counts(flat.reshape(self.replicates, self.types).astype(np.float64), self.labels)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays it is made of."""
        return {"values": self.values}
