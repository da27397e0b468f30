"""Curves of a chain of linear regressions on the design of the first: the error of the coefficients."""

from __future__ import annotations

import numpy as np

from outcross.core.errors import BadSetting
from outcross.lab.theory import regression
from outcross.lab.theory._adapters._reading import truth_is
from outcross.lab.theory._arguments import Array, Values
from outcross.lab.theory.curves import DOHMATOB, GERSTGRASSER, Setting, describes


def _error(s: Setting, fits: Values) -> Values:
    """The error, given how many times that of a first fit it would be if all labels had the same noise.

    Real labels have the population's noise, all others the model's; the first fit is made on real ones.
    """
    if not truth_is(s, "linear"):
        raise BadSetting("the closed form holds for a linear truth")
    real, own = s.ask("population", "noise"), s.ask("model", "noise")
    unit = regression.first_error(s.sample_size, int(s.ask("population", "dim", 0)))
    first: Array = np.minimum(s.generations, 1).astype(np.float64)
    return np.asarray(unit * (real**2 * first + own**2 * (np.asarray(fits) - first)))


@describes(model="regression", policy="replace", metric="excess_risk", source=f"{DOHMATOB}; {GERSTGRASSER}")
def replace(s: Setting) -> Values:
    """Expected squared error of the coefficients: each refit adds that of a first fit, or its i-th part."""
    fits = regression.smoother_replace_multiple if s.policy.get("multiple") else regression.smoother_replace
    return _error(s, fits(s.generations, 1.0))


@describes(model="regression", policy="accumulate", metric="excess_risk", source=GERSTGRASSER)
def accumulate(s: Setting) -> Values:
    """Expected squared error of the coefficients: the sum of 1/i^2 times that of a first fit, bounded."""
    return _error(s, regression.smoother_accumulate(s.generations, 1.0))
