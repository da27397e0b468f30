"""One rare type against the rest: the smallest tail that can be lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.population import Population
from outcross.core.records import Symbols
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.statistics import Probabilities


@final
@dataclass(frozen=True)
class Bernoulli(Population):
    """Two types, of which type 1 has probability p.

    Parameters
    ----------
    p
        Probability of type 1. Suresh et al. (2024) run 0.001 with 10,000 samples and 0.01 with 100.

    Examples
    --------
    >>> Bernoulli(p=0.25).law().values.tolist()
    [[0.75, 0.25]]
    """

    p: Annotated[float, Between(0, 1)] = 0.01

    def draw(self, n: int, replicates: int, seed: Seed) -> Symbols:
        """Return n symbols in each replicate."""
        return Symbols((seed.generator().random((replicates, n)) < self.p).astype(np.int64), 2)

    def law(self) -> Probabilities:
        """Return the law."""
        return Probabilities(np.array([[1 - self.p, self.p]]))
