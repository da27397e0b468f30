"""What a sample has not shown: the probability of types it missed, and Good and Turing's estimate of it.

Source: Good, *Biometrika* 40 (1953), 237-264. `p` holds the probability of every type, shape (K,).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from outcross.core.errors import BadSetting
from outcross.lab.theory._arguments import Array, one_size, shares


def _law(p: ArrayLike) -> Array:
    law = shares(p)
    if law.ndim != 1 or not abs(law.sum() - 1) < 1e-6:
        raise BadSetting(f"the probabilities of all types are needed, with the sum 1, not {law.sum():g}")
    return law


def missing_mass(n: int, p: ArrayLike) -> float:
    """Return the expected probability of all types that `n` samples do not contain.

    Parameters
    ----------
    n
        Samples.
    p
        Probability of each type, shape (K,).

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``E M_0 = sum p (1 - p)^n``. Derivation: each type is missed with probability ``(1 - p)^n``.

    Examples
    --------
    >>> missing_mass(1, [0.5, 0.5])
    0.5
    """
    law = _law(p)
    return float(np.sum(law * (1 - law) ** one_size(n, 0)))


def good_turing(n: int, p: ArrayLike) -> float:
    """Return the expectation of Good and Turing's estimate, the share of types seen once, ``E[N_1 / n]``.

    Parameters
    ----------
    n, p
        As in `missing_mass`; at least one sample.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``sum p (1 - p)^(n-1)``: Good (1953). It is the missing mass of one sample less.

    Examples
    --------
    >>> good_turing(2, [0.5, 0.5])
    0.5
    """
    return missing_mass(int(one_size(n, 1)) - 1, p)


def good_turing_bias(n: int, p: ArrayLike) -> float:
    """Return by how much Good and Turing's estimate exceeds the missing mass on average; from 0 to 1/n.

    Parameters
    ----------
    n, p
        As in `good_turing`.

    Raises
    ------
    BadSetting
        If an argument is out of range.

    Notes
    -----
    ``sum p^2 (1 - p)^(n-1)``: Good (1953); the bound 1/n: McAllester and Schapire (2000).

    Examples
    --------
    >>> good_turing_bias(2, [0.5, 0.5])
    0.25
    """
    law = _law(p)
    return float(np.sum(law**2 * (1 - law) ** (one_size(n, 1) - 1)))
