"""Curves of a Poisson chain. Its variance is its rate, a martingale, so only the mean drifts in expectation."""

from __future__ import annotations

import numpy as np

from outcross.core.errors import BadSetting
from outcross.lab.theory import accumulate, fresh, gaussian, poisson, subsample, weighted
from outcross.lab.theory._adapters._reading import dimensions, new_share, refit_sizes, truth_is, weighted_split
from outcross.lab.theory._arguments import Array, Values
from outcross.lab.theory.curves import HE, KAZDAN, SURESH, Setting, describes

KNOWN = 1.0
"""The expected variance of new samples is the real one for ever, as if it were known."""


def _rate(s: Setting) -> float:
    if not truth_is(s, "poisson"):
        raise BadSetting("the closed form holds for a Poisson truth")
    return s.ask("population", "rate")


def _constant(s: Setting) -> Array:
    return np.full(np.shape(s.generations), _rate(s))


def _drift(s: Setting, relative: Values) -> Values:
    return np.asarray(_rate(s) * dimensions(s) * np.asarray(relative))


@describes(model="poisson", policy="replace", metric="variance", source=SURESH)
@describes(model="poisson", policy="accumulate", metric="variance", source=SURESH)
@describes(model="poisson", policy="subsample", metric="variance", source=SURESH)
@describes(model="poisson", policy="fresh", metric="variance", source=SURESH)
@describes(model="poisson", policy="weighted", metric="variance", source=SURESH)
def variance(s: Setting) -> Values:
    """Expected variance: the rate, a martingale, though almost every chain ends at 0."""
    return _constant(s)


@describes(model="poisson", policy="replace", metric="mean_drift")
def replace_drift(s: Setting) -> Values:
    """Expected squared distance of the rates: each refit adds the rate over n."""
    return _drift(s, gaussian.mean_variance(s.generations, refit_sizes(s), known_variance=KNOWN))


@describes(model="poisson", policy="accumulate", metric="mean_drift", source=KAZDAN)
def accumulate_drift(s: Setting) -> Values:
    """Expected squared distance of the rates: refit i adds the rate over n i^2, which stays bounded."""
    return _drift(s, accumulate.mean_variance(s.generations, s.sample_size, known_variance=KNOWN))


@describes(model="poisson", policy="subsample", metric="mean_drift", source=KAZDAN)
def subsample_drift(s: Setting) -> Values:
    """Expected squared distance of the rates from a random part of the growing pool, exact recursion."""
    return _drift(s, subsample.mean_variance(s.generations, s.sample_size, known_variance=KNOWN))


@describes(model="poisson", policy="fresh", metric="mean_drift")
def fresh_drift(s: Setting) -> Values:
    """Expected squared distance of the rates with new real data in every refit, which stays bounded."""
    return _drift(s, fresh.mean_variance(s.generations, s.sample_size, new_share(s), known_variance=KNOWN))


@describes(model="poisson", policy="weighted", metric="mean_drift", source=HE)
def weighted_drift(s: Setting) -> Values:
    """Expected squared distance of the rates with weighted new real data in every refit."""
    return _drift(s, weighted.mean_variance(s.generations, *weighted_split(s), known_variance=KNOWN))


@describes(model="poisson", policy="replace", metric="survival", source=SURESH)
def replace_survival(s: Setting) -> Values:
    """Share of chains whose rate is not yet zero: 1 - exp(-n rate g_t)."""
    if s.policy.get("multiple"):
        raise BadSetting("the closed form holds for one sample size")
    return poisson.survival(s.generations, s.sample_size, _rate(s))
