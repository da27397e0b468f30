"""A finite alphabet fitted by counting: refitted on its own output it is the Wright-Fisher model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.batch import Batch, Floats, HasCounts, HasFrequencies, Ints
from outcross.core.errors import BadInput
from outcross.core.model import Exact, ExactModel, Fitted, Scored
from outcross.core.records import Symbols
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.statistics import Counts, LogProbs, Probabilities


@final
@dataclass(frozen=True)
class Categorical(ExactModel):
    """Relative frequencies of K types.

    Parameters
    ----------
    temperature
        Probabilities are raised to the power 1 / temperature before sampling; below 1 the tail is cut at every step.

    Examples
    --------
    >>> fitted = Categorical().fit(Symbols(np.array([[0, 0, 1, 2]]), 3), Seed(0))
    >>> fitted.law().values.tolist()
    [[0.5, 0.25, 0.25]]
    """

    temperature: Annotated[float, Between(0, above=True)] = 1.0

    reads = (Symbols, HasFrequencies)

    def statistic(self, data: Batch) -> Batch:
        """Return the counts (of a law: the law)."""
        if isinstance(data, HasCounts):
            return data.counts()
        if isinstance(data, HasFrequencies):
            return data
        raise BadInput(f"a categorical is fitted to symbols, not to {type(data).__name__.lower()}")

    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> FittedCategorical:
        """Return the relative frequencies, at this temperature."""
        statistic = self.statistic(data)
        if not isinstance(statistic, HasFrequencies):
            raise BadInput("a categorical needs counts")
        shares = statistic.frequencies()
        if np.isnan(shares).any():
            raise BadInput("a categorical cannot be fitted to no record at all")
        if self.temperature != 1:
            with np.errstate(divide="ignore"):
                logits = np.log(shares) / self.temperature
            shares = np.exp(logits - logits.max(axis=1, keepdims=True))
            shares /= shares.sum(axis=1, keepdims=True)
        labels = statistic.labels if isinstance(statistic, Counts | Probabilities) else ()
        return FittedCategorical(shares, labels)


@final
@dataclass(frozen=True)
class FittedCategorical(Exact, Scored):
    """A categorical distribution.

    Parameters
    ----------
    shares
        Probability of each type, shape (R, K).
    labels
        Names of the types.

    Examples
    --------
    >>> FittedCategorical(np.array([[0.5, 0.5]])).sample_statistic(10, Seed(0)).size
    10
    """

    shares: Floats
    labels: tuple[str, ...] = ()

    def law(self) -> Probabilities:
        """Return the law."""
        return Probabilities(self.shares, self.labels)

    def sample(self, n: int, seed: Seed) -> Symbols:
        """Return n symbols in each replicate: counts put into a random order; by inversion where n is small."""
        rng = seed.generator()
        replicates, types = self.shares.shape
        codes: Ints = np.empty((replicates, n), dtype=np.int64)
        for row, shares in zip(codes, self.shares, strict=True):
            if n >= types:
                row[:] = np.repeat(np.arange(types), rng.multinomial(n, shares))
                rng.shuffle(row)
            else:
                edges = np.cumsum(shares)
                row[:] = np.searchsorted(edges / edges[-1], rng.random(n), side="right")
        return Symbols(codes, types, self.labels)

    def sample_statistic(self, n: int, seed: Seed) -> Counts:
        """Return the counts of n symbols: multinomial."""
        return Counts(seed.generator().multinomial(n, self.shares).astype(np.float64), self.labels)

    def log_prob(self, data: Batch) -> LogProbs:
        """Return log probabilities; minus infinity for a type that has died out."""
        if not isinstance(data, Symbols):
            raise BadInput(f"a categorical scores symbols, not {type(data).__name__.lower()}")
        with np.errstate(divide="ignore"):
            logs = np.log(self.shares)
        rows = np.arange(len(logs))[:, None]
        log = logs[rows, np.broadcast_to(data.values, (len(logs), data.size))]
        return LogProbs(log, np.ones((1, log.shape[1])))
