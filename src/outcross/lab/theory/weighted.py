"""New real data and the last model's samples with a weight of their own: the golden ratio (He, Xu et al.).

In every generation `n_real` new real samples carry the weight `real` together, ``n_synthetic = ratio n_real`` samples
of the last model the rest. Source: He, Xu and Cheng, arXiv 2502.18049.
"""

from __future__ import annotations

import math

from outcross.lab.theory._arguments import Times, Values, between, positive, values
from outcross.lab.theory._mixing import mixed_moments


def mean_variance(
    t: Times, n_real: int, n_synthetic: int, real: float, ddof: int = 0, known_variance: float | None = None
) -> Values:
    """Return the variance of the fitted mean over chains, in units of the real variance.

    Parameters
    ----------
    t
        Number of refits; the first is on real data alone, ``n_real + n_synthetic`` samples with equal weights.
    n_real, n_synthetic
        New real samples and samples of the last model in each later refit.
    real
        Weight of the real samples together.
    ddof
        0 for maximum likelihood, 1 for the unbiased estimator.
    known_variance
        The variance every model is given instead of a fitted one, in units of the real variance; 1 where the truth is
        known, None where it is fitted. The paper's mean estimation has 1.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    With a known variance ``A_{t+1} = w^2 / n_real + (1 - w)^2 (A_t + 1 / n_synthetic)``. Derivation: the weighted mean
    is linear in both kinds of samples, and only the synthetic ones remember.

    Examples
    --------
    >>> round(50 * mean_variance(100, 50, 50, 0.618, known_variance=1.0), 4), round(limit(0.618), 4)
    (0.618, 0.618)
    """
    return values(mixed_moments(t, real, n_real, n_synthetic, ddof, known_variance)[0])


def variance(t: Times, n_real: int, n_synthetic: int, real: float, ddof: int = 0) -> Values:
    """Return the expected variance of the fitted model, in units of the real variance.

    Parameters
    ----------
    t, n_real, n_synthetic, real, ddof
        As in `mean_variance`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    With ``ddof=0`` it is 1 minus `mean_variance`. Derivation: the weighted second moment, as in
    `outcross.lab.theory.fresh`, which is the case of equal weights.

    Examples
    --------
    >>> round(variance(100, 50, 50, 0.618), 4)
    0.9877
    """
    return values(mixed_moments(t, real, n_real, n_synthetic, ddof, None)[1])


def limit(real: float, ratio: float = 1.0) -> float:
    """Return what `mean_variance` tends to with a known variance, times the number of real samples.

    Parameters
    ----------
    real
        Weight of the real samples together; above 0.
    ratio
        Synthetic samples for each real one.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``[w^2 + (1 - w)^2 / r] / [1 - (1 - w)^2]``: He, Xu et al., arXiv 2502.18049.

    Examples
    --------
    >>> limit(1.0), round(limit(0.5), 4)
    (1.0, 0.6667)
    """
    w = positive("real", between("real", real, 0, 1))
    return (w**2 + (1 - w) ** 2 / positive("ratio", ratio)) / (1 - (1 - w) ** 2)


def best_weight(ratio: float = 1.0) -> float:
    """Return the weight on real data that makes `limit` smallest; the smallest value equals that weight.

    Parameters
    ----------
    ratio
        Synthetic samples for each real one.

    Raises
    ------
    BadSetting
        If the ratio is not positive.

    Notes
    -----
    ``w* = 1 - (b - sqrt(b^2 - 4)) / 2`` with ``b = 2 + 1/r``: He, Xu et al., arXiv 2502.18049. With as many synthetic
    as real samples it is the golden ratio's reciprocal, 0.618.

    Examples
    --------
    >>> [round(best_weight(ratio), 4) for ratio in (1, 2, 0.5, 10)]
    [0.618, 0.5, 0.7321, 0.2702]
    """
    inverse = 1 / positive("ratio", ratio)
    # (b - sqrt(b^2 - 4)) / 2 is the smaller root of x^2 - b x + 1: the reciprocal of the larger, which loses no digits
    larger = (2 + inverse + math.sqrt(inverse * (4 + inverse))) / 2
    return 1 - 1 / larger
