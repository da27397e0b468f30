"""A mixture of Gaussians fitted by expectation-maximisation: the model that forgets that there were two modes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.batch import Batch, Floats, Ints
from outcross.core.errors import BadInput
from outcross.core.laws import Mixture as MixtureLaw
from outcross.core.model import Fitted, Model, Scored
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.setting import Between
from outcross.core.statistics import LogProbs
from outcross.models._em import Effort, fit_mixture
from outcross.models._normal import factor, log_density


@final
@dataclass(frozen=True)
class Mixture(Model):
    """A mixture of k Gaussians with full covariances, fitted by expectation-maximisation (EM).

    It begins at k-means, which begins at a deterministic partition (Su and Dy 2007); a fit is therefore not random.

    Parameters
    ----------
    components
        k, the number of Gaussians.
    iterations
        Stop after so many iterations; few of them are EM stopped early.
    tolerance
        Stop when an iteration adds less than this to the mean log-likelihood of a record, in nats.
    regularisation
        Added to every variance, in squared units of the data, so that no component shrinks to a point.
    carry_on
        Begin at the mixture of the generation before, not at k-means.

    Examples
    --------
    >>> rows = Rows(np.array([[[-1.1], [-0.9], [0.9], [1.1]]]))
    >>> Mixture().fit(rows, Seed(0)).law().means.round(3).tolist()
    [[[-1.0], [1.0]]]
    """

    components: Annotated[int, Between(1)] = 2
    iterations: Annotated[int, Between(1)] = 100
    tolerance: Annotated[float, Between(0)] = 1e-3
    regularisation: Annotated[float, Between(0)] = 1e-6
    carry_on: bool = False

    reads = (Rows,)
    batched = True

    def fit(self, data: Batch, seed: Seed, previous: Fitted | None = None) -> FittedMixture:
        """Return the mixture that EM finds.

        Raises
        ------
        BadInput
            If there are fewer records than components.
        """
        if not isinstance(data, Rows):
            raise BadInput(f"a mixture is fitted to rows of numbers, not to {type(data).__name__.lower()}")
        if data.size < self.components:
            raise BadInput(f"a mixture of {self.components} Gaussians needs as many records, not {data.size}")
        effort = Effort(self.iterations, self.tolerance, self.regularisation)
        start = previous.distribution if self.carry_on and isinstance(previous, FittedMixture) else None
        return FittedMixture(fit_mixture(data.values, data.weight, self.components, effort, start))


@final
@dataclass(frozen=True)
class FittedMixture(Scored):
    """A mixture of Gaussians with known weights, means and covariances.

    Parameters
    ----------
    distribution
        The mixture.

    Examples
    --------
    >>> modes = MixtureLaw(np.array([[0.5, 0.5]]), np.array([[[-2.0], [2.0]]]), np.ones((1, 2, 1, 1)))
    >>> FittedMixture(modes).sample(5, Seed(0)).values.shape
    (1, 5, 1)
    """

    distribution: MixtureLaw

    def law(self) -> MixtureLaw:
        """Return the law."""
        return self.distribution

    def sample(self, n: int, seed: Seed) -> Rows:
        """Return n draws in each replicate, each from a component chosen at random."""
        rng = seed.generator()
        law = self.distribution
        chosen = _choose(law.weights, n, rng)
        noise = rng.standard_normal((law.replicates, n, law.dim))
        roots = factor(law.covariances)
        if law.dim == 1:
            noise *= np.take_along_axis(roots[..., 0], chosen, axis=1)
            noise += np.take_along_axis(law.means, chosen, axis=1)
            return Rows(noise)
        values = np.empty_like(noise)
        for part in range(law.components):
            drawn = noise @ roots[:, part].transpose(0, 2, 1) + law.means[:, part, None]
            np.copyto(values, drawn, where=chosen == part)
        return Rows(values)

    def log_prob(self, data: Batch) -> LogProbs:
        """Return log densities."""
        if not isinstance(data, Rows):
            raise BadInput(f"a mixture scores rows of numbers, not {type(data).__name__.lower()}")
        law = self.distribution
        with np.errstate(divide="ignore"):
            logs = np.log(law.weights)
        total: Floats = np.full((law.replicates, data.size), -np.inf)
        for part in range(law.components):
            density = log_density(data.values, law.means[:, part], law.covariances[:, part])
            np.logaddexp(total, density + logs[:, part, None], out=total)
        return LogProbs(total, np.ones((1, data.size)))


def _choose(weights: Floats, n: int, rng: np.random.Generator) -> Ints:
    """Which component writes each record, shape (R, n, 1)."""
    points = rng.random((len(weights), n))
    chosen = np.zeros(points.shape, dtype=np.int64)
    for edge in np.cumsum(weights, axis=1).T[:-1]:
        chosen += points >= edge[:, None]
    return chosen[:, :, None]
