"""Two normals side by side: the truth that a mixture forgets, mode by mode, and a single Gaussian cannot say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.laws import Mixture
from outcross.core.population import Population
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.setting import Between


@final
@dataclass(frozen=True)
class TwoNormals(Population):
    """Two modes at plus and minus half the separation on the first axis; the other coordinates are noise.

    Parameters
    ----------
    separation
        Distance between the modes.
    sd
        Standard deviation of every coordinate within a mode.
    share
        Share of the records that belong to the mode on the right.
    dim
        Number of dimensions.

    Examples
    --------
    >>> TwoNormals(separation=6.0, share=0.25).law().moments().mean.tolist()
    [[-1.5]]
    """

    separation: Annotated[float, Between(0)] = 4.0
    sd: Annotated[float, Between(0, above=True)] = 1.0
    share: Annotated[float, Between(0, 1)] = 0.5
    dim: Annotated[int, Between(1)] = 1

    def draw(self, n: int, replicates: int, seed: Seed) -> Rows:
        """Return n draws in each replicate."""
        rng = seed.generator()
        right = rng.random((replicates, n)) < self.share
        values = self.sd * rng.standard_normal((replicates, n, self.dim))
        values[:, :, 0] += np.where(right, self.separation / 2, -self.separation / 2)
        return Rows(values)

    def law(self) -> Mixture:
        """Return the law."""
        means = np.zeros((1, 2, self.dim))
        means[0, :, 0] = -self.separation / 2, self.separation / 2
        covariances = np.broadcast_to(self.sd**2 * np.eye(self.dim), (1, 2, self.dim, self.dim))
        return Mixture(np.array([[1 - self.share, self.share]]), means, covariances)
