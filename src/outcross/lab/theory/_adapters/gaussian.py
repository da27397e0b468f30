"""Curves of a Gaussian chain: what is expected of variance, mean, distance and volume under each policy."""

from __future__ import annotations

import math

import numpy as np

from outcross.core.errors import BadSetting
from outcross.lab.theory import accumulate, fresh, gaussian, subsample, weighted
from outcross.lab.theory._adapters._reading import (
    dimensions,
    new_share,
    one_size,
    real_variance,
    refit_sizes,
    truth_is,
    weighted_split,
)
from outcross.lab.theory._arguments import Values
from outcross.lab.theory.curves import HE, KAZDAN, SHUMAILOV, Setting, describes


def _ddof(s: Setting) -> int:
    return int(s.ask("model", "ddof", 0))


def _known(s: Setting) -> float | None:
    """The variance the model is given, in units of the real one; None where it is fitted."""
    return None if s.model.get("known_variance") is None else s.ask("model", "known_variance", 1.0) / real_variance(s)


def _variance(s: Setting, fitted: Values) -> Values:
    """The relative variance in the units of the data; that which is known, for ever, where it is not fitted."""
    known = _known(s)
    kept = np.where(s.generations > 0, known, 1.0) if known is not None else np.asarray(fitted)
    return np.asarray(real_variance(s) * kept)


def _drift(s: Setting, relative: Values) -> Values:
    """The squared distance of the means over all dimensions, from the variance of one coordinate's mean."""
    return np.asarray(real_variance(s) * dimensions(s) * np.asarray(relative))


def _law(s: Setting, dim: int | None = None) -> None:
    """Refuse what needs more than two moments where the first sample is not normal, or the variance not fitted."""
    if not truth_is(s, "normal") or _known(s) is not None or dim not in (None, dimensions(s)):
        raise BadSetting("the closed form holds for a normal truth, a fitted variance and the dimension asked for")


@describes(model="gaussian", policy="replace", metric="variance")
def replace_variance(s: Setting) -> Values:
    """Expected variance: times (n - 1)/(n - ddof) in each refit."""
    return _variance(s, gaussian.variance(s.generations, refit_sizes(s), _ddof(s)))


@describes(model="gaussian", policy="replace", metric="mean_drift", source=SHUMAILOV)
def replace_drift(s: Setting) -> Values:
    """Expected squared distance of the means: each refit adds the variance over n."""
    return _drift(s, gaussian.mean_variance(s.generations, refit_sizes(s), _ddof(s), _known(s)))


@describes(model="gaussian", policy="replace", metric="std")
def replace_std(s: Setting) -> Values:
    """Expected standard deviation: times c4(n), the mean of a chi variable, in each refit."""
    _law(s, dim=1)
    return np.asarray(math.sqrt(real_variance(s)) * np.asarray(gaussian.std(s.generations, refit_sizes(s), _ddof(s))))


@describes(model="gaussian", policy="replace", metric="wasserstein", source=SHUMAILOV)
def replace_wasserstein(s: Setting) -> Values:
    """Expected squared Wasserstein-2 distance, exact for one dimension."""
    _law(s, dim=1)
    return np.asarray(real_variance(s) * np.asarray(gaussian.wasserstein(s.generations, refit_sizes(s), _ddof(s))))


@describes(model="gaussian", policy="replace", metric="det")
def replace_det(s: Setting) -> Values:
    """Expected determinant: times a product of mean chi-squares (Bartlett) in each refit."""
    _law(s)
    return gaussian.determinant(s.generations, refit_sizes(s), dimensions(s), _ddof(s))


@describes(model="gaussian", policy="replace", metric="log_det")
def replace_log_det(s: Setting) -> Values:
    """Expected log determinant: a straight line down, the expected logs of chi-squares (Bartlett)."""
    _law(s)
    return gaussian.log_determinant(s.generations, refit_sizes(s), dimensions(s), _ddof(s))


@describes(model="gaussian", policy="replace", metric="kl")
def replace_kl(s: Setting) -> Values:
    """Expected divergence KL(P0 || Pt), linear in log variance, precision and scaled mean."""
    _law(s)
    return gaussian.kl(s.generations, one_size(s), _ddof(s), dimensions(s))


@describes(model="gaussian", policy="replace", metric="reverse_kl")
def replace_reverse_kl(s: Setting) -> Values:
    """Expected divergence KL(Pt || P0), linear in variance, squared mean and log variance."""
    _law(s)
    return gaussian.reverse_kl(s.generations, refit_sizes(s), _ddof(s), dimensions(s))


@describes(model="gaussian", policy="accumulate", metric="variance", source=KAZDAN)
def accumulate_variance(s: Setting) -> Values:
    """Expected variance: with ddof=0 the product of 1 - 1/(n j^2), which keeps a share for ever."""
    return _variance(s, accumulate.variance(s.generations, s.sample_size, _ddof(s)))


@describes(model="gaussian", policy="accumulate", metric="mean_drift", source=KAZDAN)
def accumulate_drift(s: Setting) -> Values:
    """Expected squared distance of the means: block j adds its variance over n j^2, which stays bounded."""
    return _drift(s, accumulate.mean_variance(s.generations, s.sample_size, _ddof(s), _known(s)))


@describes(model="gaussian", policy="subsample", metric="variance", source=KAZDAN)
def subsample_variance(s: Setting) -> Values:
    """Expected variance of a random part of the growing pool, exact recursion."""
    return _variance(s, subsample.variance(s.generations, s.sample_size, _ddof(s)))


@describes(model="gaussian", policy="subsample", metric="mean_drift", source=KAZDAN)
def subsample_drift(s: Setting) -> Values:
    """Expected squared distance of the means from a random part of the growing pool, exact recursion."""
    return _drift(s, subsample.mean_variance(s.generations, s.sample_size, _ddof(s), _known(s)))


@describes(model="gaussian", policy="fresh", metric="variance")
def fresh_variance(s: Setting) -> Values:
    """Expected variance with new real data in every refit, which keeps a share for ever."""
    return _variance(s, fresh.variance(s.generations, s.sample_size, new_share(s), _ddof(s)))


@describes(model="gaussian", policy="fresh", metric="mean_drift")
def fresh_drift(s: Setting) -> Values:
    """Expected squared distance of the means with new real data in every refit, which stays bounded."""
    return _drift(s, fresh.mean_variance(s.generations, s.sample_size, new_share(s), _ddof(s), _known(s)))


@describes(model="gaussian", policy="weighted", metric="variance", source=HE)
def weighted_variance(s: Setting) -> Values:
    """Expected variance with weighted new real data in every refit."""
    return _variance(s, weighted.variance(s.generations, *weighted_split(s), _ddof(s)))


@describes(model="gaussian", policy="weighted", metric="mean_drift", source=HE)
def weighted_drift(s: Setting) -> Values:
    """Expected squared distance of the means with weighted new real data in every refit."""
    return _drift(s, weighted.mean_variance(s.generations, *weighted_split(s), _ddof(s), _known(s)))
