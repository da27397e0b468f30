"""What counts as population risk, and in which way each kind of it is compared with that of the first model.

Log-loss risks (perplexity, negative log-likelihood, divergences) are compared in nats, where a factor f of perplexity
is log f; distances and squared errors as multiples of the first model's.
"""

from __future__ import annotations

import math

import numpy as np

from outcross.verdicts._judge import FACTOR, MORE, TIMES, Look

FIRST = 1
"""Risk is that of a model, so it is compared with that of the first one: generation 1, fitted to human data."""

NATS = ("heldout_nll", "kl", "reverse_kl")
DISTANCES = ("wasserstein", "excess_risk", "total_variation")
BOUNDED = ("total_variation",)
"""Never more than 1, so they cannot diverge."""


def risks(factor: float) -> tuple[Look, ...]:
    """Return how to look at every metric of risk for an increase by more than a factor.

    Examples
    --------
    >>> [(look.metric, round(look.bound, 4)) for look in risks(2.0)][:3]
    [('perplexity', 2.0), ('heldout_nll', 0.6931), ('kl', 0.6931)]
    """
    return (
        Look("perplexity", FACTOR, factor, FIRST, rises=True),
        *(Look(metric, MORE, math.log(factor), FIRST, rises=True) for metric in NATS),
        *(Look(metric, TIMES, factor, FIRST, rises=True) for metric in DISTANCES),
    )


def losses() -> tuple[Look, ...]:
    """Return how to look at the loss itself, for its shape over generations: perplexity is the exponential of one.

    Examples
    --------
    >>> losses()[0].view(np.array([1.0])).tolist()
    [0.0]
    """
    nats = Look("perplexity", MORE, 0.0, FIRST, rises=True, view=np.log, name="log {}")
    return (nats, *(look for look in risks(1.0)[1:] if look.metric not in BOUNDED))
