"""Logistic regression with a ridge penalty on standardised features, missing ones marked: small, exact, NumPy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.documents import Flags
from outcross.core.errors import BadInput

FARTHEST = 5.0
"""Standardised features are cut off here: one absurd pause must not decide."""

STEPS = 100
"""Newton steps at most."""


@final
@dataclass(frozen=True, eq=False)
class Logistic:
    """A fitted regression.

    Parameters
    ----------
    centre, scale
        Mean and standard deviation of each feature where it is known, shape (p,).
    missing
        Places of the features that some text lacks: each has a flag of its own, shape (q,).
    weights
        Of the intercept, the p features and the q flags, shape (1 + p + q,).

    Examples
    --------
    >>> values = np.array([[0.0], [1.0], [np.nan], [3.0]])
    >>> model = Logistic.fit(values, np.array([False, False, True, True]))
    >>> model.probability(np.array([[3.0]]))[0] > 0.5
    np.True_
    """

    centre: Floats
    scale: Floats
    missing: NDArray[np.int64]
    weights: Floats

    @classmethod
    def fit(cls, values: Floats, flags: Flags, penalty: float = 1.0) -> Logistic:
        """Fit by Newton's method; ``penalty`` is half the weight of the squared coefficients (1/C of scikit-learn).

        Raises
        ------
        BadInput
            If there is one class only.
        """
        if flags.all() or not flags.any():
            raise BadInput(f"all {len(flags):,} texts are of one class; some of both are needed")
        lacking = np.isnan(values)
        counts = np.maximum(1, (~lacking).sum(axis=0))
        centre = np.where(lacking, 0, values).sum(axis=0) / counts
        spread = np.sqrt((np.where(lacking, 0, values - centre) ** 2).sum(axis=0) / counts)
        scale = np.where(spread > 0, spread, 1.0)
        missing = np.flatnonzero(lacking.any(axis=0))
        blank = cls(centre, scale, missing, np.zeros(1 + values.shape[1] + len(missing)))
        return cls(centre, scale, missing, _newton(blank._with_intercept(values), flags, penalty))

    def design(self, values: Floats) -> Floats:
        """Return the standardised features, 0 where one is missing, and the flags of missing ones, shape (n, p + q)."""
        lacking = np.isnan(values)
        z = np.clip((np.where(lacking, self.centre, values) - self.centre) / self.scale, -FARTHEST, FARTHEST)
        return np.concatenate([z, lacking[:, self.missing].astype(np.float64)], axis=1)

    def probability(self, values: Floats) -> Floats:
        """Return the probability of the second class, shape (n,)."""
        odds: Floats = self._with_intercept(values) @ self.weights
        return 1 / (1 + np.exp(-np.clip(odds, -500, 500)))

    def _with_intercept(self, values: Floats) -> Floats:
        return np.concatenate([np.ones((len(values), 1)), self.design(values)], axis=1)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return plain arrays that `restore` makes the regression of again."""
        return {"centre": self.centre, "scale": self.scale, "missing": self.missing, "weights": self.weights}

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]]) -> Logistic:
        """Return the regression of these arrays."""
        return cls(arrays["centre"], arrays["scale"], arrays["missing"], arrays["weights"])


def _newton(design: Floats, flags: Flags, penalty: float) -> Floats:
    """Least penalised log loss, the intercept free."""
    ridge = np.full(design.shape[1], penalty)
    ridge[0] = 0.0
    y = flags.astype(np.float64)
    at = np.zeros(design.shape[1])

    def loss(beta: Floats) -> float:
        z = design @ beta
        return float(np.sum(np.logaddexp(0, z) - y * z) + 0.5 * ridge @ beta**2)

    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(design @ at, -500, 500)))
        gradient = design.T @ (p - y) + ridge * at
        hessian = (design * (p * (1 - p))[:, None]).T @ design + np.diag(ridge + 1e-9)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while loss(at - size * step) > loss(at) and size > 1e-10:
            size /= 2
        at = at - size * step
        if np.abs(size * step).max() < 1e-9:
            break
    return at
