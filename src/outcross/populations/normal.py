"""A normal distribution: the truth of the Gaussian chains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.population import Population
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.statistics import Normal as NormalLaw


@final
@dataclass(frozen=True)
class Normal(Population):
    """A normal distribution with independent coordinates of equal spread around zero.

    Parameters
    ----------
    dim
        Number of dimensions.
    sd
        Standard deviation of every coordinate.

    Examples
    --------
    >>> Normal(dim=2, sd=3.0).law().covariance.tolist()
    [[[9.0, 0.0], [0.0, 9.0]]]
    """

    dim: Annotated[int, Between(1)] = 1
    sd: Annotated[float, Between(0, above=True)] = 1.0

    def draw(self, n: int, replicates: int, seed: Seed) -> Rows:
        """Return n draws in each replicate."""
        return Rows(self.sd * seed.generator().standard_normal((replicates, n, self.dim)))

    def law(self) -> NormalLaw:
        """Return the law."""
        return NormalLaw(np.zeros((1, self.dim)), self.sd**2 * np.eye(self.dim)[None])
