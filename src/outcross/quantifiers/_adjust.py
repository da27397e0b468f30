"""The adjusted count: a mean over the target, put on the scale whose ends are the means over the two references."""

from __future__ import annotations

import numpy as np

from outcross.core.batch import Floats
from outcross.core.quantifier import Scores

LEAST = 1e-9
"""References whose means are no farther apart than this are the same, but for rounding."""


def adjusted(target: Floats, human: Floats, synthetic: Floats) -> Floats:
    """Return ``(target - human) / (synthetic - human)`` in [0, 1], shape (R,); NaN where the references are not apart.

    Any function of a document will do, for its mean over a mixture is the mixture of its means.
    """
    apart = told_apart(human, synthetic)
    share: Floats = np.clip((target - human) / np.where(apart, synthetic - human, 1.0), 0.0, 1.0)
    return np.where(apart, share, np.nan)


def told_apart(human: Floats, synthetic: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return whether synthetic references have the larger mean, in each resample.

    Where they have the smaller one the detector is worse than none, and what it says would be turned round.
    """
    return np.asarray(synthetic - human > LEAST)


def unless_alike(share: Floats, scores: Scores) -> Floats:
    """Return the share in each resample, shape (R,); NaN where the references' mean scores are not apart."""
    human, synthetic = scores.human, scores.synthetic
    apart = told_apart(human.mean(human.values), synthetic.mean(synthetic.values))
    return np.where(apart, share, np.nan) + np.zeros(scores.draws)
