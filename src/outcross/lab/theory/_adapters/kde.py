"""Curves of a kernel density chain under replace."""

from __future__ import annotations

import math

import numpy as np

from outcross.lab.theory import kde
from outcross.lab.theory._adapters._reading import dimensions, one_size, real_variance
from outcross.lab.theory._arguments import Values
from outcross.lab.theory.curves import KAZDAN, Setting, describes


def _factor(s: Setting) -> float | None:
    """The bandwidth over the samples' standard deviation where a rule sets it (Scott 1992, Silverman 1986)."""
    dim = dimensions(s)
    crowd = {"scott": float(s.sample_size), "silverman": s.sample_size * (dim + 2) / 4}
    rule = s.model.get("bandwidth", "scott")
    return crowd[rule] ** (-1 / (dim + 4)) if isinstance(rule, str) and rule in crowd else None


@describes(model="kde", policy="replace", metric="variance", source=KAZDAN)
def replace_variance(s: Setting) -> Values:
    """Expected variance: the kernel adds h^2, a refit takes 1/n; no collapse to a point."""
    n, start, factor = one_size(s), real_variance(s), _factor(s)
    if factor is not None:
        return np.asarray(start * np.asarray(kde.rule_variance(s.generations, n, factor)))
    bandwidth = s.ask("model", "bandwidth") / math.sqrt(start)
    return np.asarray(start * np.asarray(kde.variance(s.generations, n, bandwidth)))


@describes(model="kde", policy="replace", metric="mean_drift", source=KAZDAN)
def replace_drift(s: Setting) -> Values:
    """Expected squared distance of the means: each refit adds the density's variance over n."""
    n, start, factor = one_size(s), real_variance(s), _factor(s)
    if factor is not None:
        return np.asarray(dimensions(s) * start * np.asarray(kde.rule_mean_variance(s.generations, n, factor)))
    bandwidth = s.ask("model", "bandwidth") / math.sqrt(start)
    return np.asarray(dimensions(s) * start * np.asarray(kde.mean_variance(s.generations, n, bandwidth)))
