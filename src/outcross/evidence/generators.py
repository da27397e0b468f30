"""How far is a share off because the target's machine texts are by another generator than the references' are?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self, final

import numpy as np

from outcross.core.batch import Floats
from outcross.evidence.diagnostics import Check

GENERATORS = "generators"
FEWEST = 5
"""With fewer references of a generator nothing is known of its mean."""
EXACT = 1e-12
"""Variance of a mean whose scores are all the same."""
GRID = np.linspace(0, 3, 301)
"""Standard deviations between generators that are looked at: a weight of .003 of what is thought before lies beyond."""


@final
@dataclass(frozen=True, eq=False)
class Generators:
    """How differently the generators of the references stand out from humans.

    Parameters
    ----------
    mean
        How far the texts of each of K generators stand out, where all named ones together stand out by 1; shape (K,).
    variance
        How much of that is chance, shape (K,).

    Examples
    --------
    See `Generators.of`.
    """

    mean: Floats
    variance: Floats

    @classmethod
    def of(cls, human: Floats, synthetic: Floats, names: Sequence[str | None]) -> Self | None:
        """Measure it; None with fewer than two generators that are named, or where the origins cannot be told apart.

        Parameters
        ----------
        human, synthetic
            Scores of references, shapes (m,) and (n,), by scorers that were fitted without them.
        names
            Who wrote each synthetic one, shape (n,); None where nobody knows.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> human, synthetic = rng.normal(0, 1, 200), np.append(rng.normal(1, 1, 100), rng.normal(3, 1, 100))
        >>> found = Generators.of(human, synthetic, ["small"] * 100 + ["large"] * 100)
        >>> found.number, found.mean.round(1).tolist(), 0.3 < found.spread < 1.5
        (2, [1.6, 0.4], True)
        """
        named = np.array(["" if name is None else name for name in names], dtype=object)
        found = [synthetic[named == name] for name in sorted(set(named) - {""})]
        found = [scores for scores in found if len(scores) >= FEWEST]
        base = float(human.mean()) if len(human) else 0.0
        apart = float(np.concatenate(found).mean()) - base if found else 0.0
        if len(found) < 2 or apart <= 0:
            return None
        mean = np.array([float(scores.mean()) - base for scores in found]) / apart
        variance = np.array([float(scores.var(ddof=1)) / len(scores) for scores in found]) / apart**2
        return cls(mean, np.maximum(variance, EXACT))

    @property
    def number(self) -> int:
        """K, how many generators there are."""
        return len(self.mean)

    @property
    def spread(self) -> float:
        """The median of what the standard deviation between generators may be, chance taken out."""
        return float(GRID[np.searchsorted(np.cumsum(self.likely), 0.5)])

    @cached_property
    def likely(self) -> Floats:
        """How likely each standard deviation of `GRID` is, shape (301,).

        Notes
        -----
        The posterior law in a random-effects model of the means, their common centre integrated out (Gelman, Bayesian
        Analysis 2006, and Gelman et al., Bayesian Data Analysis, 2013, equation 5.21), with a half-normal prior of
        scale 1: so few generators do not pass for equal because chance hides how they differ.
        """
        weight = 1 / (GRID[:, None] ** 2 + self.variance)
        total = weight.sum(axis=1)
        centre = (weight @ self.mean) / total
        square = (weight * (self.mean - centre[:, None]) ** 2).sum(axis=1)
        log = (np.log(weight).sum(axis=1) - np.log(total) - square - GRID**2) / 2
        chance = np.exp(log - log.max())
        found: Floats = chance / chance.sum()
        return found

    def allowing(self, shares: Floats, rng: np.random.Generator) -> Floats:
        """Return each draw of a share as it is where the target is by another generator of the same kind, shape (R,).

        The target's generator and the K of the references are taken for draws from one population, in which the
        logarithm of how far one stands out is normal: that of the target less the mean of the others has 1 + 1/K times
        the variance between generators.

        Parameters
        ----------
        shares
            One a draw, shape (R,).
        rng
            Where the numbers come from.

        Examples
        --------
        >>> known = Generators(np.array([0.5, 0.8, 1.2, 1.5]), np.full(4, 0.01))
        >>> draws = known.allowing(np.full(1000, 0.3), np.random.default_rng(0))
        >>> bool(np.quantile(draws, 0.1) < 0.22 and np.quantile(draws, 0.9) > 0.4)
        True
        """
        spread = rng.choice(GRID, len(shares), p=self.likely)
        deviation = np.sqrt(np.log1p(spread**2) * (1 + 1 / self.number))
        told: Floats = np.clip(shares * np.exp(deviation * rng.normal(size=len(shares))), 0.0, 1.0)
        return told

    def check(self) -> Check:
        """Return what was found, in a sentence.

        Examples
        --------
        >>> print(Generators(np.array([0.5, 0.8, 1.2, 1.5]), np.full(4, 0.01)).check())
        passed: the references are by 4 generators, and how far one stands out from humans varies by 54 % between \
them: the interval allows the target's to be another one of their kind
        """
        return Check(
            GENERATORS,
            True,
            self.spread,
            f"the references are by {self.number} generators, and how far one stands out from humans varies by "
            f"{100 * self.spread:.0f} % between them: the interval allows the target's to be another one of their kind",
        )
