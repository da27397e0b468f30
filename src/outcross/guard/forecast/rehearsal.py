"""The n-gram chain itself, on a sample of the corpus: what becomes of words there, by how often they occur."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.errors import BadInput
from outcross.core.inventory import Inventory
from outcross.core.memory import MemoryPool
from outcross.core.model import Model
from outcross.core.policy import Policy
from outcross.core.provenance import Origin, Stratum
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.lab.steps import head, steps

FEWEST = 20
"""Documents of a sample, at least, where there are so many."""


@final
@dataclass(frozen=True, eq=False)
class Rehearsal:
    """How often each word of a sample occurs in what each generation's model writes.

    Parameters
    ----------
    counts
        Shape (T + 1, K); the first row is the sample itself, ``<unk>`` is left out.
    unevenness
        Standard deviation of the length of a text that a model writes, divided by its mean.

    Examples
    --------
    See `rehearse`.
    """

    counts: Floats
    unevenness: float

    @property
    def tokens(self) -> Floats:
        """Words written, as a share of those of the sample, shape (T + 1,)."""
        totals = self.counts.sum(axis=1)
        return np.asarray(totals / totals[0])

    @property
    def alive(self) -> Floats:
        """Which words of the sample occur, shape (T + 1, words of the sample)."""
        return (self._own > 0).astype(np.float64)

    @property
    def kept(self) -> Floats:
        """Share of each word's mass that is left, shape (T + 1, words of the sample)."""
        own, first = self._own, self._own[0]
        return np.asarray(np.minimum(own / np.maximum(self.tokens, 1e-12)[:, None], first) / first)

    @property
    def first(self) -> Floats:
        """How often each word of the sample occurs in it."""
        return np.asarray(self._own[0])

    @property
    def _own(self) -> Floats:
        own: Floats = self.counts[:, self.counts[0] > 0]
        return own


def rehearse(texts: Texts, model: Model, policy: Policy, generations: int, seed: Seed) -> Rehearsal:
    """Run a chain on texts, and count.

    New human texts, where the policy asks for them, are drawn from the texts themselves, with replacement.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> texts = Texts.of(["the cat sat", "the dog sat"] * 5)
    >>> found = rehearse(texts, build("model", "ngram(order=2)"), build("policy", "replace"), 2, Seed(0))
    >>> found.counts.shape, found.counts[0].tolist()
    ((3, 4), [10.0, 5.0, 10.0, 5.0])
    """

    def new(quota: int, at: Seed) -> Texts:
        return texts.choose(quota, at.generator(), replacement=True)

    pool = MemoryPool(texts, fresh=new, reserve=np.inf, grouped=policy.grouped, blend=policy.blends, reach=policy.reach)
    found, uneven = [_counts(texts)], 1.0
    for step in steps(model, policy, pool, texts.size, seed):
        output = step.output if step.output.size == texts.size else head(step.output, texts.size)
        if not isinstance(output, Texts):
            raise BadInput(f"a forecast needs a model that writes texts, and {model} writes {type(output).__name__}")
        found.append(_counts(output))
        if step.generation == 1:
            uneven = float(output.lengths.std() / max(output.lengths.mean(), 1e-12))
        if step.generation == generations:
            break
    return Rehearsal(np.array(found), uneven)


def _counts(texts: Texts) -> Floats:
    return texts.counts().values[0, 1:]


def cost(policy: Policy, documents: int, generations: int) -> float:
    """Return how many times the corpus is read and written in a chain: what it costs, relative to its size.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> cost(build("policy", "replace"), 100, 10), cost(build("policy", "accumulate"), 100, 10)
    (20.0, 65.0)
    """
    counts, total = {Stratum(Origin.HUMAN): documents}, 0
    for generation in range(1, generations + 1):
        recipe = policy.plan(Inventory(dict(counts), np.inf), documents)
        counts[Stratum(Origin.SYNTHETIC, generation)] = recipe.ask
        total += recipe.size + max(recipe.ask * recipe.best_of, documents)
    return total / documents
