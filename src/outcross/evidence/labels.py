"""The share of these very documents from a random sample of labels, alone or with predictions for the rest."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import numpy as np

from outcross.core.batch import Floats
from outcross.core.documents import Documents, Flags
from outcross.core.errors import BadInput
from outcross.core.measure import Measure
from outcross.core.special import lgamma, student_quantile

FEW = 15
"""With fewer labels of an origin than this the interval is exact: a variance is not seen in so few."""


def unlabelled(target: Documents, labelled: Documents) -> Flags:
    """Return which documents of a target are not among the labelled ones, shape (N,).

    A text that is labelled once and occurs twice in the target is left out once.

    Examples
    --------
    >>> unlabelled(Documents.of(["a", "b", "a"]), Documents.of(["a"])).tolist()
    [False, True, True]
    """
    left = Counter(labelled.texts)
    rest = np.ones(target.size, dtype=np.bool_)
    for place, text in enumerate(target.texts):
        if left[text] > 0:
            left[text] -= 1
            rest[place] = False
    return rest


def share_of_sample(positives: int, n: int, size: int, level: float) -> Measure:
    """Estimate how many of ``size`` documents are synthetic from n of them, drawn without replacement.

    Parameters
    ----------
    positives, n
        How many of the labelled are synthetic, and how many there are.
    size
        How many documents there are in all, the labelled included.
    level
        Confidence level.

    Notes
    -----
    The interval holds every number K of synthetic documents for which neither tail of the hypergeometric law, what was
    found counted half (mid-P; Lancaster, JASA 1961), is less likely than ``(1 - level) / 2``. Without the half the
    interval is longer than its level asks for.

    Raises
    ------
    BadInput
        If these numbers do not go together.

    Examples
    --------
    >>> print(share_of_sample(0, 50, 1000, 0.95))
    0 [0, 0.056]
    >>> print(share_of_sample(5, 10, 10, 0.95))
    0.5 [0.5, 0.5]
    """
    if not 0 <= positives <= n <= size or n < 1:
        raise BadInput(f"{positives} synthetic ones among {n} labelled of {size} documents cannot be")
    tail = (1 - level) / 2
    most = size - (n - positives)

    def under(total: int) -> float:
        """The chance to find fewer than this, and half that of this many, where so many are synthetic."""
        found = np.arange(max(0, n - (size - total)), positives + 1, dtype=np.float64)
        chance = np.exp(
            _log_choose(float(total), found) + _log_choose(float(size - total), n - found) - _log_choose(float(size), n)
        )
        return float(chance.sum() - chance[-1:].sum() / 2)

    low = _first(positives, most, lambda total: 1 - under(total) >= tail)
    high = _first(low, most + 1, lambda total: total > most or under(total) < tail) - 1
    return Measure(positives / n, low / size, max(low, high) / size, n, level)


def share_with_predictions(
    value: float, prediction: Floats, truth: Floats, size: int, inside: bool, level: float
) -> Measure:
    """Return the normal interval of prediction-powered inference for these very documents.

    Parameters
    ----------
    value
        The estimate.
    prediction, truth
        Score and origin (1 synthetic, 0 human) of the n labelled documents.
    size
        How many documents there are in all, the labelled included where they are among them.
    inside
        Whether the labelled are among them. Then what is not known is only the rest, and the interval shrinks to
        nothing as all are labelled.
    level
        Confidence level.

    Notes
    -----
    Angelopoulos, Duchi and Zrnic (arXiv 2311.01453, 2023) with the variance of a difference estimator of a finite
    population (Cochran, Sampling Techniques, 1977, equation 7.9): ``S^2 (1/n - 1/N)``, with ``S^2`` the variance of
    ``truth - slope * prediction``. A few large residuals among many small ones show their variance badly, so Student's
    law has the degrees of freedom that their kurtosis leaves.

    Raises
    ------
    BadInput
        If there are fewer than three labels.

    Examples
    --------
    >>> prediction, truth = np.array([0.1, 0.2, 0.6, 0.8, 0.7]), np.array([0.0, 0.0, 0.0, 1.0, 1.0])
    >>> print(share_with_predictions(0.4, prediction, truth, 5, True, 0.95))
    0.4 [0.4, 0.4]
    """
    n = len(truth)
    if n < 3:
        raise BadInput(f"{n} labels are too few for an interval; three are needed at least")
    centred = prediction - prediction.mean()
    spread = float(centred @ centred)
    slope = min(1.0, max(0.0, float(centred @ truth) / spread)) if spread > 0 else 0.0
    residual = truth - truth.mean() - slope * centred
    variance = float(residual @ residual) / (n - 2) * (1 / n - 1 / size if inside else 1 / n + 1 / size)
    half = float(student_quantile(0.5 + level / 2, _freedom(residual))) * math.sqrt(max(0.0, variance))
    return Measure(value, max(0.0, value - half), min(1.0, value + half), n, level)


def _freedom(residual: Floats) -> float:
    """Degrees of freedom of a variance: of n - 2 normal numbers n - 2, fewer the heavier the tails."""
    n, square = len(residual), float(np.mean(residual**2))
    if square <= 0:
        return n - 2.0
    excess = float(np.mean(residual**4)) / square**2 - 1  # 2 for normal numbers
    return max(2.0, (n - 2) * min(1.0, 2 / excess if excess > 0 else 1.0))


def _first(low: int, high: int, good: Callable[[int], bool]) -> int:
    """The first number for which it is so; from there on it is so for all."""
    while low < high:
        middle = (low + high) // 2
        if good(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _log_choose(n: float, k: Floats | float) -> Floats:
    k = np.asarray(k, dtype=np.float64)
    return np.asarray(lgamma(np.asarray(n + 1)) - lgamma(k + 1) - lgamma(np.asarray(n - k + 1)))
