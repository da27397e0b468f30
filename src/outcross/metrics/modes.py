"""Are the modes of a mixture still apart?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Self, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.errors import BadInput
from outcross.core.laws import Mixture
from outcross.core.metric import Metric, Reading
from outcross.metrics._checks import missing, reading, unreadable


@final
@dataclass(frozen=True)
class Components:
    """A mixture, of which nothing is left out; two of them do not merge.

    Examples
    --------
    >>> Components(Mixture(np.ones((1, 1)), np.zeros((1, 1, 1)), np.ones((1, 1, 1, 1)))).law.components
    1
    """

    law: Mixture

    def merge(self, other: Self) -> Self:
        """Refuse: laws are not pooled."""
        raise BadInput("laws of infinitely many records cannot be pooled")


@final
@dataclass(frozen=True)
class Modes(Metric[Components]):
    """Ashman's D of the two nearest components of a fitted mixture: above 2 two modes are clearly apart.

    In more than one dimension the spreads are taken along the line through the two means. Weights do not enter: a mode
    that has lost its weight is seen in `minority_share` or `coverage`. Missing for a mixture of one component.

    Examples
    --------
    >>> metric = Modes()
    >>> law = Mixture(np.array([[0.5, 0.5]]), np.array([[[-2.0], [2.0]]]), np.ones((1, 2, 1, 1)))
    >>> summary = metric.summarize(law)
    >>> metric.compare(summary, summary).values.tolist()
    [4.0]
    """

    definition = "Ashman's D = sqrt(2) |m_1 - m_2| / sqrt(s_1^2 + s_2^2) of the two nearest components."
    source = "Ashman, Bird and Zepf, Astron. J. 108 (1994); entangled modes: Schaeffer et al., arXiv 2503.03150 (2025)"
    unit = "pooled standard deviations"
    collapse = "moves"
    reads = (Mixture,)
    compares = "alone"

    def summarize(self, batch: Batch) -> Components:
        """Return the mixture."""
        if not isinstance(batch, Mixture):
            raise unreadable(self, batch)
        return Components(batch)

    def compare(self, sample: Components, reference: Components) -> Reading:
        """Return the separation of each replicate; the reference does not enter."""
        law = sample.law
        pairs = list(combinations(range(law.components), 2))
        if not pairs:
            return missing(law.replicates, "a mixture of one component has no two modes")
        return reading(np.min([_ashman(law, one, other) for one, other in pairs], axis=0))


def _ashman(law: Mixture, one: int, other: int) -> Floats:
    gap = law.means[:, one] - law.means[:, other]
    spread = law.covariances[:, one] + law.covariances[:, other]
    square = np.square(gap).sum(axis=1)
    along = (gap[:, None] @ spread @ gap[:, :, None])[:, 0, 0]  # |gap|^2 times the sum of the two variances
    with np.errstate(divide="ignore", invalid="ignore"):
        separation: Floats = np.sqrt(2) * square / np.sqrt(along)
    return np.where(square == 0, 0.0, separation)
