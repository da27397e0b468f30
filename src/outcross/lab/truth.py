"""The human side of a chain: each replicate's own human records, the reserve of new ones, the held-out reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

from outcross.core.batch import Batch, Ints, Law, Records
from outcross.core.errors import BadInput
from outcross.core.memory import Fresh, MemoryPool
from outcross.core.model import Exact, ExactModel, Model
from outcross.core.part import words
from outcross.core.policy import Policy
from outcross.core.pool import RatedPool
from outcross.core.population import Population
from outcross.core.records import Symbols
from outcross.core.seed import Seed
from outcross.corpus import Corpus

if TYPE_CHECKING:
    from outcross.vault.pool import Run

HELDOUT = 0.1
REFERENCE_SIZE = 10_000
"""Records drawn of a known population to stand for it where a metric needs records; shared by all replicates."""


@final
@dataclass(frozen=True)
class Truth:
    """Human records of a finite corpus, or a known population that gives as many as are asked for.

    Parameters
    ----------
    heldout
        Human records that no model is trained on.
    train
        The corpus to train on, one replicate; None where the population is known.
    population
        The population, or None.
    run
        Where the records to train on lie, if that is a vault; then what models write joins it, too.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> truth = Truth.of_population(build("population", "normal"), Seed(0))
    >>> truth.human(5, 3, Seed(1)).values.shape
    (3, 5, 1)
    """

    heldout: Records
    train: Records | None = None
    population: Population | None = None
    run: Run | None = None

    @classmethod
    def of_population(cls, population: Population, seed: Seed) -> Truth:
        """Return the truth of a known population."""
        return cls(population.draw(REFERENCE_SIZE, 1, seed.child("reference")), population=population)

    @classmethod
    def of_corpus(cls, corpus: Corpus, seed: Seed, heldout: float | None = None) -> Truth:
        """Return the truth of human data that were read.

        Parameters
        ----------
        corpus
            The data.
        seed
            For dividing them.
        heldout
            Share that no model is trained on. None holds out a tenth, or nothing of symbols, whose frequencies are
            compared with those of all of them. Nothing is held out of data that came with held-out data of their own.
        """
        if corpus.population is not None:
            return cls.of_population(corpus.population, seed)
        if corpus.test is not None and corpus.records is not None:
            return cls(corpus.test, corpus.records)
        if heldout is None and isinstance(corpus.records, Symbols):
            return cls(corpus.records, corpus.records)
        train, kept = corpus.divide(HELDOUT if heldout is None else heldout, seed)
        return cls(kept, train)

    @property
    def law(self) -> Batch | None:
        """The true distribution, where it is known and can be said."""
        return None if self.population is None else self.population.law()

    def human(self, n: int, replicates: int, seed: Seed) -> Records:
        """Return n human records for each replicate: its own, drawn at random."""
        if self.population is not None:
            return self.population.draw(n, replicates, seed.child("human"))
        order = self._order(replicates, seed)
        return self._corpus().take(order[:, :n])

    def pool(
        self, model: Model, policy: Policy, n: int, replicates: int, seed: Seed, level: str = "records", start: int = 0
    ) -> tuple[RatedPool, Batch]:
        """Return a fresh pool, and the human records (or their statistic) that it starts with.

        Parameters
        ----------
        level
            ``records``: everything is records. ``mixed``: models hand on statistics, human records stay records.
            ``statistics``: human records are reduced to their statistic too.
        start
            Number of the first replicate.
        """
        human: Batch
        if self.run is not None:
            order = self._order(replicates, seed)
            kept = self.run.human.take(order[:, :n])
            within = self._filed(policy, n, kept, _Reserve(self.run.human, order[:, n:]))
            return self.run.pool(within, words(policy), start, seed.key), self.human(n, replicates, seed)
        if level == "records" or not isinstance(model, ExactModel):
            human = self.human(n, replicates, seed)
            return self._filed(policy, n, human, self._fresh(n, replicates, seed)), human
        source = self._source(model, replicates, seed) if level == "statistics" else None
        if source is not None:
            human = source.sample_statistic(n, seed.child("human"))
        else:
            human = self.human(n, replicates, seed)
            human = model.statistic(human) if level == "statistics" else human
        fresh = source.sample_statistic if source is not None else self._fresh(n, replicates, seed)
        return self._filed(policy, n, human, fresh, model.statistic), human

    def _filed(
        self,
        policy: Policy,
        n: int,
        human: Batch,
        fresh: Fresh,
        convert: Callable[[Batch], Batch] = lambda batch: batch,
    ) -> MemoryPool:
        """A pool that files its records as the policy needs them."""
        return MemoryPool(
            human,
            fresh=fresh,
            reserve=self.reserve(n),
            grouped=policy.grouped,
            blend=policy.blends,
            reach=policy.reach,
            convert=convert,
        )

    def reserve(self, n: int) -> float:
        """Return how many human records are left for each replicate beyond its first n."""
        return np.inf if self.population is not None else max(0, self._corpus().size - n)

    def _source(self, model: ExactModel, replicates: int, seed: Seed) -> Exact | None:
        """The population as a fitted model, where the model's class contains it: its fit to the law is the law."""
        law = self.law
        if not isinstance(law, Law) or not isinstance(law, model.reads):
            return None
        fitted = model.fit(law.spread(replicates), seed.child("source"))
        return fitted if _same(fitted.law(), law) else None

    def _fresh(self, n: int, replicates: int, seed: Seed) -> Fresh:
        if self.population is not None:
            return _Endless(self.population, replicates)
        return _Reserve(self._corpus(), self._order(replicates, seed)[:, n:])

    def _order(self, replicates: int, seed: Seed) -> Ints:
        """The order in which each replicate is given the corpus, shape (R, N)."""
        size = self._corpus().size
        rng = seed.child("human").generator()
        return np.array([rng.permutation(size) for _ in range(replicates)], dtype=np.int64)

    def _corpus(self) -> Records:
        if self.train is None:
            raise BadInput("there are no human records")
        return self.train


def _same(one: Batch | None, other: Law) -> bool:
    """Whether two laws are one, in every replicate."""
    if type(one) is not type(other) or one is None:
        return False
    mine, theirs = one.arrays(), other.arrays()
    return all(np.allclose(mine[name], theirs[name], atol=0) for name in theirs)


@final
class _Endless:
    """New human records from a population."""

    def __init__(self, population: Population, replicates: int) -> None:
        self._population, self._replicates = population, replicates

    def __call__(self, k: int, seed: Seed) -> Records:
        return self._population.draw(k, self._replicates, seed)


@final
class _Reserve:
    """New human records from the rest of a corpus, each used once."""

    def __init__(self, corpus: Records, order: Ints) -> None:
        self._corpus, self._order, self._used = corpus, order, 0

    def __call__(self, k: int, seed: Seed) -> Records:
        index = self._order[:, self._used : self._used + k]
        self._used += k
        return self._corpus.take(index)
