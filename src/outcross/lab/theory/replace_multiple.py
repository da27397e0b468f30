"""Nothing is kept, but refit `t` is made on ``t n`` samples of the last model (replace-multiple).

The same amount of training data as in accumulate, none of it real (Gerstgrasser et al., arXiv 2404.01413). It is
replace with growing samples: give `sizes` to any function of `outcross.lab.theory.gaussian`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from outcross.lab.theory._arguments import Times, Values, inverse_powers, one_size, times, values


def sizes(t: Times, n: int) -> NDArray[np.int64]:
    """Return how many samples each refit sees, up to the last of the generations `t`.

    Parameters
    ----------
    t
        Number of refits.
    n
        Real samples of the first refit.

    Returns
    -------
    array of int, shape (max(t),)
        n, 2 n, 3 n, ...

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Examples
    --------
    >>> from outcross.lab.theory import gaussian
    >>> sizes(3, 100).tolist()
    [100, 200, 300]
    >>> round(gaussian.variance(3, sizes(3, 100), ddof=0), 4)
    0.9818
    """
    return int(one_size(n, 1)) * np.arange(1, times(t).max(initial=0) + 1)


def mean_variance(t: Times, n: int) -> Values:
    """Return the variance of the fitted mean over chains where the variance is known and never refitted.

    Parameters
    ----------
    t, n
        As in `sizes`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``(1/n) sum_{i=1..t} 1/i``: without real data the error grows for ever, if slowly (Gerstgrasser et al., arXiv
    2404.01413, for linear regression; Kazdan et al., arXiv 2410.16713). It is also that of the unbiased estimator
    (``ddof=1``), whose expected variance stays 1.

    Examples
    --------
    >>> mean_variance([1, 2], 10).tolist()
    [0.1, 0.15]
    """
    return values(inverse_powers(t, 1) / one_size(n, 1))
