"""Does the method find nothing where there is nothing? Held-out humans in place of the target."""

from __future__ import annotations

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.core.documents import Flags
from outcross.core.quantifier import Quantifier, Sample, Scores
from outcross.core.seed import Seed
from outcross.evidence.bootstrap import clusters_of, percentile_interval, resample_clusters, strata_of
from outcross.evidence.diagnostics import Check

LEVEL = 0.99
DRAWS = 400


def self_test(quantifier: Quantifier, values: Floats, synthetic: Flags, groups: Ints, seed: Seed) -> Check:
    """Estimate the share among half of the human references from the rest: the interval must hold 0.

    Parameters
    ----------
    quantifier
        The method.
    values, synthetic, groups
        Score, origin and cluster of each reference, shape (m,).
    seed
        For which humans are held out, and for the draws.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> values, synthetic = np.tile([0.1, 0.2, 0.8, 0.9], 20), np.tile([False, False, True, True], 20)
    >>> method = build("quantifier", "probabilistic_adjusted_count")
    >>> self_test(method, values, synthetic, np.arange(80), Seed(0)).passed
    True
    """
    rng = seed.child("self-test").generator()
    held = ~synthetic & (rng.permutation(int(groups.max()) + 1)[groups] % 2 == 0)
    rest = ~held
    if min(held.sum(), (rest & ~synthetic).sum()) < 2:
        return Check("self-test", False, 1.0, "there are too few groups of human references to hold some out")
    clusters, own = clusters_of(groups[rest].tolist()), clusters_of(groups[held].tolist())
    weight = resample_clusters(clusters, DRAWS, rng, strata_of(clusters, synthetic[rest]))
    machine = synthetic[rest]
    draws = quantifier.estimate(
        Scores(
            Sample(values[held], resample_clusters(own, DRAWS, rng)),
            Sample(values[rest][~machine], weight[:, ~machine]),
            Sample(values[rest][machine], weight[:, machine]),
        )
    )
    low, high = percentile_interval(draws, LEVEL)
    return Check(
        "self-test",
        low <= 0.0,
        float(np.nanmedian(draws)) if np.isfinite(draws).any() else 1.0,
        f"of held-out human references {100 * low:.0f} to {100 * high:.0f} % are found to be synthetic, which none is",
    )
