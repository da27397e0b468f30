"""What is known of many records without holding them: sufficient statistics, and laws (infinitely many records).

These are batches too, so the same pool, the same policies and the same metrics carry a chain of statistics (the exact
path) and a chain of records. A law is the statistic of infinitely many records.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Batch, Floats, HasCounts, HasFrequencies, HasMoments, Law
from outcross.core.errors import BadInput


@final
@dataclass(frozen=True)
class Moments(HasMoments):
    """Count, mean and scatter of vectors: sufficient for a Gaussian, and mergeable.

    Parameters
    ----------
    count
        Number of records; a sum of weights where they are weighted; infinite for a law.
    mean
        Shape (R, d).
    scatter
        Sum of outer products of the deviations from the mean, shape (R, d, d); divided by the count (that is, the
        covariance) where the count is infinite.
    root
        F with F F' = scatter, shape (R, d, r), where it is known; a chain then needs no decomposition.

    Examples
    --------
    >>> a, b = Moments.of(np.array([[[0.0], [2.0]]])), Moments.of(np.array([[[4.0]]]))
    >>> a.join([b]).mean.tolist(), a.join([b]).scatter.tolist()
    ([[2.0]], [[[8.0]]])
    """

    count: float
    mean: Floats
    scatter: Floats
    root: Floats | None = None

    @classmethod
    def of(cls, values: Floats, weight: Floats | None = None) -> Moments:
        """Return the moments of rows of shape (R, n, d) with weights of shape (n,)."""
        if weight is None:
            count = float(values.shape[1])
            mean = np.einsum("rnd->rd", values) / count  # several times faster than to reduce the middle axis
            centred = values - mean[:, None]
            if values.shape[2] == 1:  # a dot product is several times faster than a batched 1 x 1 matrix product
                flat = centred[:, :, 0]
                return cls(count, mean, np.einsum("rn,rn->r", flat, flat)[:, None, None])
            return cls(count, mean, centred.transpose(0, 2, 1) @ centred)
        count = float(weight.sum())
        mean = np.einsum("n,rnd->rd", weight, values) / count
        centred = values - mean[:, None]
        return cls(count, mean, (centred * weight[:, None]).transpose(0, 2, 1) @ centred)

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.mean)

    @property
    def size(self) -> int:
        """n, the number of records in each replicate."""
        return round(self.count)

    @property
    def dim(self) -> int:
        """d, the number of dimensions."""
        return int(self.mean.shape[1])

    def covariance(self, ddof: float = 0) -> Floats:
        """Return the covariance, shape (R, d, d), dividing by ``count - ddof``."""
        if math.isinf(self.count):
            return self.scatter
        return self.scatter * (1 / (self.count - ddof))

    def join(self, others: Sequence[Self]) -> Self:
        """Return the moments of these records and those of others together (Chan, Golub and LeVeque 1979)."""
        total = self
        for other in others:
            if math.isinf(total.count) or math.isinf(other.count):
                raise BadInput("the law of infinitely many records cannot be pooled with finite samples")
            count = total.count + other.count
            if count == 0:
                continue
            gap = other.mean - total.mean
            between = gap[:, :, None] * gap[:, None, :] * (total.count * other.count / count)
            mean = total.mean + gap * (other.count / count)
            total = replace(total, count=count, mean=mean, scatter=total.scatter + other.scatter + between, root=None)
        return total

    def merge(self, other: Self) -> Self:
        """Return the moments of both: moments are their own summary."""
        return self.join([other])

    def weighted(self, weight: float) -> Self:
        """Return the moments of the same records, each counted ``weight`` times."""
        root = None if self.root is None else self.root * np.sqrt(weight)
        return replace(self, count=self.count * weight, scatter=self.scatter * weight, root=root)

    def moments(self) -> Moments:
        """Return itself."""
        return self

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays it is made of."""
        return {"count": np.array(self.count), "mean": self.mean, "scatter": self.scatter}


@final
@dataclass(frozen=True)
class Normal(Law, HasMoments):
    """The law of a Gaussian: infinitely many records of it.

    Parameters
    ----------
    mean, covariance
        Shapes (R, d) and (R, d, d).

    Examples
    --------
    >>> Normal(np.zeros((1, 2)), np.eye(2)[None]).moments().count
    inf
    """

    mean: Floats
    covariance: Floats

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.mean)

    @property
    def dim(self) -> int:
        """d, the number of dimensions."""
        return int(self.mean.shape[1])

    def moments(self) -> Moments:
        """Return mean and covariance as moments of infinitely many records."""
        return Moments(np.inf, self.mean, self.covariance)

    def spread(self, replicates: int) -> Self:
        """Return the same law in each of so many replicates."""
        return replace(self, mean=_spread(self.mean, replicates), covariance=_spread(self.covariance, replicates))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays it is made of."""
        return {"mean": self.mean, "covariance": self.covariance}


@final
@dataclass(frozen=True)
class Linear(Law):
    """The law of a linear model: y given x is normal around ``x @ coefficients``, x is standard normal.

    Parameters
    ----------
    coefficients
        Shape (R, d).
    noise
        Standard deviation of y given x.

    Examples
    --------
    >>> Linear(np.zeros((3, 2)), 1.0).replicates
    3
    """

    coefficients: Floats
    noise: float

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.coefficients)

    def spread(self, replicates: int) -> Self:
        """Return the same law in each of so many replicates."""
        return replace(self, coefficients=_spread(self.coefficients, replicates))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays it is made of."""
        return {"coefficients": self.coefficients}


@final
@dataclass(frozen=True)
class Counts(HasCounts):
    """How often each of K types occurred: sufficient for a categorical law, and mergeable.

    Parameters
    ----------
    values
        Shape (R, K). Not whole where records are weighted.
    labels
        Names of the types; named types are groups to a policy that looks at groups.

    Examples
    --------
    >>> Counts(np.array([[1.0, 3.0]])).frequencies().tolist()
    [[0.25, 0.75]]
    """

    values: Floats
    labels: tuple[str, ...] = ()

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.values)

    @property
    def size(self) -> int:
        """n, the number of records in each replicate (of the first, where they differ)."""
        return round(float(self.values[0].sum()))

    @property
    def types(self) -> int:
        """K, the number of types of the alphabet."""
        return int(self.values.shape[1])

    def counts(self) -> Counts:
        """Return itself."""
        return self

    def frequencies(self) -> Floats:
        """Return the share of each type; a replicate without any record has none and gives NaN."""
        total = self.values.sum(axis=1, keepdims=True)
        shares: Floats = np.divide(self.values, total, out=np.full_like(self.values, np.nan), where=total > 0)
        return shares

    def join(self, others: Sequence[Self]) -> Self:
        """Return the counts of these records and those of others together."""
        return replace(self, values=sum((other.values for other in others), self.values))

    def merge(self, other: Self) -> Self:
        """Return the counts of both: counts are their own summary."""
        return self.join([other])

    def weighted(self, weight: float) -> Self:
        """Return the counts of the same records, each counted ``weight`` times."""
        return replace(self, values=self.values * weight)

    def choose(self, k: int, rng: np.random.Generator, replacement: bool = False) -> Self:
        """Return the counts of k records chosen at random: multinomial, or multivariate hypergeometric."""
        if replacement:
            return replace(self, values=rng.multinomial(k, self.frequencies()).astype(np.float64))
        whole = self.values.astype(np.int64)
        chosen = [rng.multivariate_hypergeometric(row, k, method="marginals") for row in whole]
        return replace(self, values=np.array(chosen, dtype=np.float64))

    def split(self) -> Mapping[str, Self]:
        """Return the counts of each named type on its own (one replicate only)."""
        if self.replicates != 1:
            return {}
        only = np.eye(self.types)
        return {name: replace(self, values=self.values * only[code]) for code, name in enumerate(self.labels)}

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays it is made of."""
        return {"values": self.values}


@final
@dataclass(frozen=True)
class Totals(Batch):
    """Count and sum of vectors of counts: sufficient for Poisson laws, and mergeable.

    Parameters
    ----------
    count
        Number of records; a sum of weights where they are weighted.
    total
        Sum of the records, shape (R, d).

    Examples
    --------
    >>> Totals(2, np.array([[3.0]])).join([Totals(1, np.array([[3.0]]))]).mean.tolist()
    [[2.0]]
    """

    count: float
    total: Floats

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.total)

    @property
    def size(self) -> int:
        """n, the number of records in each replicate."""
        return round(self.count)

    @property
    def mean(self) -> Floats:
        """The mean of the records, shape (R, d)."""
        return self.total / self.count

    def join(self, others: Sequence[Self]) -> Self:
        """Return the totals of these records and those of others together."""
        count = sum((other.count for other in others), self.count)
        return replace(self, count=count, total=sum((other.total for other in others), self.total))

    def merge(self, other: Self) -> Self:
        """Return the totals of both: totals are their own summary."""
        return self.join([other])

    def weighted(self, weight: float) -> Self:
        """Return the totals of the same records, each counted ``weight`` times."""
        return replace(self, count=self.count * weight, total=self.total * weight)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays it is made of."""
        return {"count": np.array(self.count), "total": self.total}


@final
@dataclass(frozen=True)
class Probabilities(Law, HasFrequencies):
    """The law of a categorical distribution: the probability of each type.

    Parameters
    ----------
    values
        Shape (R, K), rows summing to 1.
    labels
        Names of the types.

    Examples
    --------
    >>> Probabilities(np.array([[0.25, 0.75]])).frequencies().tolist()
    [[0.25, 0.75]]
    """

    values: Floats
    labels: tuple[str, ...] = ()

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.values)

    def frequencies(self) -> Floats:
        """Return the probabilities."""
        return self.values

    def spread(self, replicates: int) -> Self:
        """Return the same law in each of so many replicates."""
        return replace(self, values=_spread(self.values, replicates))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays it is made of."""
        return {"values": self.values}


@final
@dataclass(frozen=True)
class LogProbs(Batch):
    """How probable a model finds each record: what likelihood metrics read.

    Parameters
    ----------
    values
        Natural-log probability (or density) of each record, shape (R, n).
    tokens
        Number of tokens of each record, shape (R, n) or (1, n); 1 for records that are not texts.
    words
        Number of words of each record, shape (R, n) or (1, n), so that models with different tokens can be compared;
        None where records are not texts.

    Examples
    --------
    >>> LogProbs(np.zeros((1, 3)), np.ones((1, 3))).size
    3
    """

    values: Floats
    tokens: Floats
    words: Floats | None = None

    @property
    def replicates(self) -> int:
        """R, the number of replicates."""
        return len(self.values)

    @property
    def size(self) -> int:
        """n, the number of records."""
        return int(self.values.shape[1])

    def join(self, others: Sequence[Self]) -> Self:
        """Return these records followed by those of others."""
        batches: list[Self] = [self, *others]
        tokens = [np.broadcast_to(batch.tokens, batch.values.shape) for batch in batches]
        words = [np.broadcast_to(b.words, b.values.shape) for b in batches if b.words is not None]
        return replace(
            self,
            values=np.concatenate([batch.values for batch in batches], axis=1),
            tokens=np.concatenate(tokens, axis=1),
            words=np.concatenate(words, axis=1) if len(words) == len(batches) else None,
        )

    def weighted(self, weight: float) -> Self:
        """Return itself: a record's probability does not depend on its training weight."""
        return self

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays it is made of."""
        words: dict[str, NDArray[np.generic]] = {} if self.words is None else {"words": self.words}
        return {"values": self.values, "tokens": self.tokens, **words}


def _spread(array: Floats, replicates: int) -> Floats:
    return np.broadcast_to(array, (replicates, *array.shape[1:]))
