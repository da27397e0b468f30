"""Types that are all equally likely: where drift alone, not rarity, decides which are lost."""

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
class Uniform(Population):
    """Equally likely types.

    Parameters
    ----------
    types
        Number of types.

    Examples
    --------
    >>> Uniform(types=4).law().values.tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """

    types: Annotated[int, Between(1)] = 100

    def draw(self, n: int, replicates: int, seed: Seed) -> Symbols:
        """Return n symbols in each replicate."""
        return Symbols(seed.generator().integers(self.types, size=(replicates, n)), self.types)

    def law(self) -> Probabilities:
        """Return the law."""
        return Probabilities(np.full((1, self.types), 1 / self.types))
