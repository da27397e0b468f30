"""The first two moments of a model refitted to a weighted mix of new real and of its own samples, refit by refit."""

from __future__ import annotations

import numpy as np

from outcross.core.errors import BadSetting
from outcross.lab.theory._arguments import Array, Times, between, given_variance, sizes, times, variance_ddof


def mixed_moments(
    t: Times, weight: float, n_real: int, n_synthetic: int, ddof: int, known_variance: float | None
) -> tuple[Array, Array]:
    """Return the variance of the fitted mean over chains and the expected fitted variance, at generations `t`.

    The first refit sees real data alone, ``n_real + n_synthetic`` of them; from the second on the new real samples
    carry `weight` and those of the last model the rest. Means are linear in the samples, second moments add up, and
    neither asks for the shape of a distribution, so the recursion is exact for every model that keeps both.
    """
    share = between("the weight of real data", weight, 0, 1)
    n = float(sizes(n_real + n_synthetic, 2))
    if (share > 0 and n_real < 1) or (share < 1 and n_synthetic < 1):
        raise BadSetting(f"weight {weight:g} does not go with {n_real} real and {n_synthetic} synthetic samples")
    taken, given = variance_ddof(ddof), given_variance(known_variance)
    noise = share**2 / n_real if share else 0.0
    kept = (1 - share) ** 2
    per_sample = kept / n_synthetic if kept else 0.0
    when = times(t)
    last = int(when.max(initial=0))
    drift, fitted = np.zeros(last + 1), np.ones(last + 1)
    for i in range(1, last + 1):
        before, spread = drift[i - 1], fitted[i - 1]
        first = i == 1
        drift[i] = 1 / n if first else noise + kept * before + per_sample * spread
        second_moment = 1.0 if first else share + (1 - share) * (spread + before)
        fitted[i] = n / (n - taken) * (second_moment - drift[i]) if given is None else given
    return np.asarray(drift[when]), np.asarray(fitted[when])
