"""Poisson counts: the truth of the chains in which rare events die out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.laws import Poisson as PoissonLaw
from outcross.core.population import Population
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.setting import Between


@final
@dataclass(frozen=True)
class Poisson(Population):
    """Independent Poisson counts of equal rate.

    Parameters
    ----------
    rate
        Expected count. Suresh et al. (2024) run 1 and 10.
    dim
        Number of columns.

    Examples
    --------
    >>> Poisson(rate=10.0).law().rates.tolist()
    [[10.0]]
    """

    rate: Annotated[float, Between(0)] = 1.0
    dim: Annotated[int, Between(1)] = 1

    def draw(self, n: int, replicates: int, seed: Seed) -> Rows:
        """Return n draws in each replicate."""
        return Rows(seed.generator().poisson(self.rate, (replicates, n, self.dim)).astype(np.float64))

    def law(self) -> PoissonLaw:
        """Return the law."""
        return PoissonLaw(np.full((1, self.dim), self.rate))
