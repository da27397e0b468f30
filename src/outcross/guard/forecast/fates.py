"""From the fates of words by count to what is left of a whole corpus: rates, their correction, and their spread.

What a rehearsal on a sample saw, and what the surrogate says of the same sample, differ by a shift on the logit scale
that hardly depends on the count of a word nor on the size of the corpus; the surrogate of the whole corpus is shifted
by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Floats
from outcross.guard.forecast.surrogate import GRID, at

EDGES = np.array([1, 2, 3, 5, 10, 20, 50, 100, np.inf])
"""Bins of counts in which a rehearsal and the surrogate are compared."""
APART = 0.07
"""How much the shifts of bins differ, standard deviation in logits."""
SLOPE = 0.05
"""How much the shift changes with the logarithm of the count, a priori: standard deviation in logits."""


@final
@dataclass(frozen=True, eq=False)
class Shift:
    """By how much rates are shifted, in logits.

    Parameters
    ----------
    values
        At each generation and each count of the grid, shape (T + 1, C).
    error
        Standard error at each generation, shape (T + 1,).

    Examples
    --------
    See `shift`.
    """

    values: Floats
    error: Floats


def shift(first: Floats, seen: Floats, expected: Floats) -> Shift:
    """Return by how much what was seen of words differs from what is expected of them.

    Parameters
    ----------
    first
        Counts of the words, shape (W,).
    seen
        What was seen of each in each generation, between 0 and 1, shape (T + 1, W).
    expected
        What the surrogate says at the counts of the grid, shape (T + 1, C).

    Notes
    -----
    Bins of counts are compared, and a line through the logarithm of the count is fitted to their differences in logits,
    each weighted by what its words are worth; its slope is drawn towards none.

    Examples
    --------
    >>> expected = np.full((2, len(GRID)), 0.5)
    >>> seen = np.tile([1.0, 1.0, 1.0, 0.0], (2, 500))  # three of four are alive: the odds are 3 to 1
    >>> found = shift(np.ones(2000), seen, expected)
    >>> float(np.exp(found.values[1, 0]).round(1)), shifted(expected[:, None], found)[1, 0, 0].round(2)
    (3.0, np.float64(0.75))
    """
    bins = np.digitize(first, EDGES) - 1
    used = np.unique(bins)
    center = np.array([np.log(first[bins == one]).mean() for one in used])
    values = np.zeros((len(seen), len(GRID)))
    error = np.zeros(len(seen))
    for t in range(1, len(seen)):
        logits, variances = [], []
        model = at(first, expected[t])
        for one in used:
            here = bins == one
            n, p, o = int(here.sum()), float(model[here].mean()), float(seen[t, here].mean())
            p, o = (np.clip(x, 0.5 / (n + 1), 1 - 0.5 / (n + 1)) for x in (p, o))
            spread = min(float(seen[t, here].var()) if n > 4 else 0.25, 0.25)
            floor = 0.25 / n**2 + 1e-9
            logits.append(logit(o) - logit(p))
            variances.append((spread / n + floor) / (o * (1 - o)) ** 2 + APART**2)
        weight = 1 / np.array(variances)
        design = np.stack([np.ones(len(used)), center], axis=1)
        information = design.T @ (design * weight[:, None]) + np.diag([1e-6, 1 / SLOPE**2])
        fitted = np.linalg.solve(information, design.T @ (weight * np.array(logits)))
        values[t] = fitted[0] + fitted[1] * np.minimum(np.log(GRID), center.max())
        error[t] = np.sqrt(np.linalg.inv(information)[0, 0])
    return Shift(values, error)


def logit(p: Floats | float) -> Floats:
    """Return the logarithm of the odds; 0 and 1 are moved inside by a millionth.

    Examples
    --------
    >>> float(logit(0.5))
    0.0
    """
    inside = np.clip(p, 1e-6, 1 - 1e-6)
    found: Floats = np.log(inside) - np.log1p(-inside)
    return found


def expit(x: Floats | float) -> Floats:
    """Return the probability of a logit.

    Examples
    --------
    >>> float(expit(0.0))
    0.5
    """
    found: Floats = (1 + np.tanh(np.asarray(x) / 2)) / 2  # no exponential that overflows
    return found


def shifted(rates: Floats, by: Shift) -> Floats:
    """Return rates of shape (T + 1, P, C) shifted; those of generation 0 are 1.

    Examples
    --------
    See `shift`.
    """
    moved = expit(logit(rates) + by.values[:, None])
    moved[0] = 1.0
    return moved
