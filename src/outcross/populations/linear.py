"""Labels that depend on inputs linearly: the truth of the regression chains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.population import Population
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.statistics import Linear as LinearLaw


@final
@dataclass(frozen=True)
class Linear(Population):
    """Inputs that are standard normal, and a label (the last column) that is their weighted sum plus noise.

    Parameters
    ----------
    dim
        Number of inputs.
    coefficient
        Weight of every input.
    noise
        Standard deviation of the label given the inputs.

    Examples
    --------
    >>> Linear(dim=2).draw(5, 3, Seed(0)).values.shape
    (3, 5, 3)
    """

    dim: Annotated[int, Between(1)] = 10
    coefficient: float = 1.0
    noise: Annotated[float, Between(0)] = 1.0

    def draw(self, n: int, replicates: int, seed: Seed) -> Rows:
        """Return n rows in each replicate: the inputs, then the label."""
        values = seed.generator().standard_normal((replicates, n, self.dim + 1))
        values[:, :, -1] = self.coefficient * values[:, :, :-1].sum(axis=2) + self.noise * values[:, :, -1]
        return Rows(values)

    def law(self) -> LinearLaw:
        """Return the law."""
        return LinearLaw(np.full((1, self.dim), self.coefficient), self.noise)
