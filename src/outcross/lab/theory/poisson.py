"""A Poisson model refitted to `n` of its own samples, nothing else kept.

The rate after a refit is a Poisson count of mean ``n rate``, over n, so the chain of total counts is a branching
process and survival has an exact formula. `t` counts refits, generation 0 is the real distribution.
"""

from __future__ import annotations

import numpy as np

from outcross.lab.theory._arguments import Times, Values, one_size, positive, times, values
from outcross.lab.theory.categorical import suresh_g


def survival(t: Times, n: int, rate: float) -> Values:
    """Return the probability that the fitted rate is not yet zero.

    Parameters
    ----------
    t
        Number of refits.
    n
        Samples in each refit.
    rate
        Rate of the real distribution, events per sample.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``1 - exp(-n rate g_t)`` with ``g_1 = 1, g_{k+1} = 1 - exp(-g_k)``, exact: Suresh et al., arXiv 2412.17646.

    Examples
    --------
    >>> survival([0, 1, 100], 10, 1.0).round(4).tolist()
    [1.0, 1.0, 0.1775]
    """
    return values(np.asarray(-np.expm1(-one_size(n, 1) * positive("rate", rate) * np.asarray(suresh_g(t)))))


def mean_variance(t: Times, n: int, rate: float) -> Values:
    """Return the variance of the fitted rate over chains; its expectation stays `rate`.

    Parameters
    ----------
    t, n, rate
        As in `survival`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``t rate / n``. Derivation: each refit adds the variance of a mean of n Poisson counts; the rate is a martingale.

    Examples
    --------
    >>> round(mean_variance(10, 100, 2.0), 6)
    0.2
    """
    return values(np.asarray(times(t) * positive("rate", rate) / one_size(n, 1)))
