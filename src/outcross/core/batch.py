"""What travels between a pool, a model and a metric: n records in each of R replicates, or what is known of them.

Every batch has a leading replicate axis: R independent replicates of n records each, so that a thousand replicates are
one NumPy call. What a metric can read is said by capability classes (`HasMoments`, `HasFrequencies`), never by asking
for attributes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from outcross.core.errors import BadInput, OutcrossError

if TYPE_CHECKING:
    from outcross.core.statistics import Counts, Moments

MANY = 2_000
"""From so many records on, choosing some of them for one replicate at a time is faster than for all at once."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class NotDivisible(OutcrossError, TypeError):
    """A part of a sufficient statistic was asked for, which only records can give.

    Examples
    --------
    >>> issubclass(NotDivisible, TypeError)
    True
    """


class Batch(ABC):
    """n records (or what is known of n records) in each of R replicates."""

    @property
    @abstractmethod
    def replicates(self) -> int:
        """R, the number of replicates."""

    @property
    @abstractmethod
    def size(self) -> int:
        """n, the number of records in each replicate."""

    @abstractmethod
    def join(self, others: Sequence[Self]) -> Self:
        """Return these records followed by those of others, replicate by replicate."""

    @abstractmethod
    def weighted(self, weight: float) -> Self:
        """Return the same records, each with this weight in training."""

    @abstractmethod
    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays it is made of, to be saved."""

    def choose(self, k: int, rng: np.random.Generator, replacement: bool = False) -> Self:
        """Return k records chosen uniformly at random in each replicate.

        Raises
        ------
        NotDivisible
            If the batch is a statistic of its records that cannot be divided.
        """
        raise NotDivisible(f"{type(self).__name__} cannot be divided: records are needed")

    def split(self) -> Mapping[str, Self]:
        """Return the records by group; empty where no groups are known."""
        return {}


class HasMoments(Batch):
    """A batch whose mean and covariance are known."""

    @abstractmethod
    def moments(self) -> Moments:
        """Return count, mean and scatter."""


class HasFrequencies(Batch):
    """A batch whose records fall into a finite number of types."""

    @abstractmethod
    def frequencies(self) -> Floats:
        """Return the share of each type, shape (R, K), each row summing to 1."""


class HasCounts(HasFrequencies):
    """A batch of which we know how often each type occurred."""

    @abstractmethod
    def counts(self) -> Counts:
        """Return the counts of the types, shape (R, K)."""

    def frequencies(self) -> Floats:
        """Return the share of each type."""
        return self.counts().frequencies()


class HasTokens(Batch):
    """A batch of texts, of which we know how many words they have."""

    @property
    @abstractmethod
    def tokens(self) -> int:
        """Number of words in all texts together."""


class Law(Batch):
    """The distribution itself: infinitely many records of it."""

    @property
    def size(self) -> int:
        """A law is not a number of records: 0."""
        return 0

    def join(self, others: Sequence[Self]) -> Self:
        """Refuse: laws are not pooled."""
        if others:
            raise BadInput("laws of infinitely many records cannot be pooled")
        return self

    def weighted(self, weight: float) -> Self:
        """Return itself: a weight does not change a law."""
        return self

    @abstractmethod
    def spread(self, replicates: int) -> Self:
        """Return the same law in each of so many replicates."""


class Records(Batch):
    """A batch that holds the records themselves."""

    weight: Floats | None

    @abstractmethod
    def take(self, index: Ints) -> Self:
        """Return the records at ``index``, shape (R, k) or (1, k) for the same ones in every replicate."""

    def take_across(self, others: Sequence[Self], index: Ints) -> Self:
        """Return the records at ``index``, shape (R, k), of these and others, one after another."""
        return self.join(others).take(index)

    @abstractmethod
    def membership(self) -> tuple[Ints, tuple[str, ...]] | None:
        """Return the group code of each record, shape (R, n), and the groups' names; None where no groups are known."""

    def members(self) -> Mapping[str, Ints]:
        """Return the indices of each group's records, shape (1, k) each (one replicate only)."""
        known = self.membership()
        if known is None:
            return {}
        if self.replicates != 1:
            raise BadInput("groups are kept apart for one replicate at a time")
        return {name: np.flatnonzero(known[0][0] == code)[None] for code, name in enumerate(known[1])}

    def split(self) -> Mapping[str, Self]:
        """Return the records by group."""
        return {name: self.take(index) for name, index in self.members().items()}

    def choose(self, k: int, rng: np.random.Generator, replacement: bool = False) -> Self:
        """Return k records chosen uniformly at random in each replicate."""
        return self.take(random_index(self.replicates, self.size, k, rng, replacement))


def random_index(replicates: int, size: int, k: int, rng: np.random.Generator, replacement: bool = False) -> Ints:
    """Return k of ``size`` indices chosen uniformly at random in each replicate.

    Returns
    -------
    array of int, shape (replicates, k)

    Raises
    ------
    BadInput
        If more are asked for than there are, without replacement.

    Examples
    --------
    >>> sorted(random_index(1, 3, 3, np.random.default_rng(0))[0].tolist())
    [0, 1, 2]
    """
    if replacement:
        return rng.integers(size, size=(replicates, k))
    if k > size:
        raise BadInput(f"{k:,} records are asked for and only {size:,} are there")
    if replicates == 1 or size > MANY:
        return np.array([rng.choice(size, k, replace=False) for _ in range(replicates)])
    keys = rng.random((replicates, size))
    return np.argpartition(keys, k - 1, axis=1)[:, :k].astype(np.int64) if k < size else keys.argsort(axis=1)
