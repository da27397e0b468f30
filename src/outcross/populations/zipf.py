"""The Zipf-Mandelbrot law: few frequent types and a long tail of rare ones, as in language."""

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
class Zipf(Population):
    """Types whose probability is proportional to ``1 / (rank + shift)^exponent`` (Mandelbrot 1953).

    Parameters
    ----------
    types
        Number of types.
    exponent
        How fast probabilities fall.
    shift
        How much the most frequent types are levelled; 0 is Zipf's law. Suresh et al. (2024) run exponent 1 with shift
        2.7, and exponent 2 with shift 5.

    Examples
    --------
    >>> Zipf(types=3, shift=0.0).law().values.round(3).tolist()
    [[0.545, 0.273, 0.182]]
    """

    types: Annotated[int, Between(1)] = 1000
    exponent: Annotated[float, Between(0)] = 1.0
    shift: Annotated[float, Between(0)] = 2.7

    def draw(self, n: int, replicates: int, seed: Seed) -> Symbols:
        """Return n symbols in each replicate."""
        shares = self.law().values[0]
        return Symbols(seed.generator().choice(self.types, (replicates, n), p=shares), self.types)

    def law(self) -> Probabilities:
        """Return the law."""
        shares = (np.arange(1, self.types + 1) + self.shift) ** -self.exponent
        return Probabilities(shares[None] / shares.sum())
