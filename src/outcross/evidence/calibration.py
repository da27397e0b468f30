"""From a score to a probability: logistic calibration of scores that were found without the document (Platt 1999)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.documents import Flags
from outcross.core.errors import BadInput

STEPS = 100
"""Newton steps at most; a handful are taken."""


@final
@dataclass(frozen=True, slots=True)
class Calibration:
    """How probable is it that a document with this score is synthetic, where half of all documents are?

    ``log odds = intercept + slope (score - centre) / scale``. Both classes weigh the same, whatever their numbers, so
    the probability is that of an even mixture.

    Parameters
    ----------
    intercept, slope
        The logistic curve, slope >= 0: a larger score never makes a document less synthetic.
    centre, scale
        Median and spread of the scores it was fitted to.
    n
        How many documents it rests on.

    Notes
    -----
    Platt (1999): the targets are ``(N+ + 1)/(N+ + 2)`` and ``1/(N- + 2)``, so that scores which separate the classes
    completely do not give certainty.

    Examples
    --------
    >>> scores = np.array([0.0, 1.0, 2.0, 3.0])
    >>> calibration = Calibration.fit(scores, np.array([False, True, False, True]))
    >>> calibration.probability(np.array([1.5])).round(3).tolist()
    [0.5]
    """

    intercept: float
    slope: float
    centre: float
    scale: float
    n: int

    @classmethod
    def fit(cls, scores: Floats, synthetic: Flags) -> Calibration:
        """Return the curve through these scores; those that are missing are left out.

        Raises
        ------
        BadInput
            If there are not two documents with a score in each class.
        """
        known = np.isfinite(scores)
        values, flags = scores[known], synthetic[known]
        counts = np.array([(~flags).sum(), flags.sum()])
        if counts.min() < 2:
            raise BadInput(
                f"{counts[0]} human and {counts[1]} synthetic documents have a score; two of each are needed at least"
            )
        centre = float(np.median(values))
        scale = float(np.std(values)) or 1.0
        x = (values - centre) / scale
        target = np.where(flags, (counts[1] + 1) / (counts[1] + 2), 1 / (counts[0] + 2))
        weight = np.where(flags, 0.5 / counts[1], 0.5 / counts[0])
        intercept, slope = _newton(x, target, weight)
        if slope < 0:  # the score says nothing, or the contrary, on documents it was not fitted to
            intercept, slope = 0.0, 0.0
        return cls(intercept, slope, centre, scale, int(counts.sum()))

    def log_odds(self, scores: Floats) -> Floats:
        """Return the natural-log odds of being synthetic; NaN where there is no score."""
        odds: Floats = self.intercept + self.slope * (scores - self.centre) / self.scale
        return odds

    def probability(self, scores: Floats) -> Floats:
        """Return the probability of being synthetic in an even mixture; NaN where there is no score."""
        return 1 / (1 + np.exp(-np.clip(self.log_odds(scores), -500, 500)))


def _newton(x: Floats, target: Floats, weight: Floats) -> tuple[float, float]:
    """Least weighted log loss of a logistic curve, by Newton's method with step halving."""
    design = np.stack([np.ones_like(x), x], axis=1)
    at = np.zeros(2)

    def loss(beta: Floats) -> float:
        z = design @ beta
        return float(weight @ (np.logaddexp(0, z) - target * z))

    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(design @ at, -500, 500)))
        gradient = design.T @ (weight * (p - target))
        hessian = (design * (weight * p * (1 - p))[:, None]).T @ design + 1e-12 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while loss(at - size * step) > loss(at) and size > 1e-10:
            size /= 2
        at = at - size * step
        if np.abs(size * step).max() < 1e-10:
            break
    return float(at[0]), float(at[1])
