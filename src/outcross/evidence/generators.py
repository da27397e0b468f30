"""How far is a share off because the target's machine texts are by other generators than the references' are?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, final

import numpy as np

from outcross.core.batch import Floats
from outcross.evidence.diagnostics import Check

FEWEST = 5
"""With fewer references of a generator nothing is known of its mean."""
LEAST = 1e-3
"""A generator whose texts stand out less than by this part of what the references' do is not seen at all."""


@final
@dataclass(frozen=True)
class Generators:
    """How differently the generators of the references stand out.

    Parameters
    ----------
    number
        K, how many generators there are.
    spread
        Standard deviation between generators of how far their texts stand out from human ones, where all synthetic
        references together stand out by 1. What chance would show is taken out.

    Examples
    --------
    See `Generators.of`.
    """

    number: int
    spread: float

    @classmethod
    def of(cls, human: Floats, synthetic: Floats, names: Sequence[str | None]) -> Self | None:
        """Measure it; None with fewer than two generators that are named, or where the origins cannot be told apart.

        Parameters
        ----------
        human, synthetic
            Scores of references, shapes (m,) and (n,), by scorers that were fitted without them.
        names
            Who wrote each synthetic one, shape (n,); None where nobody knows.

        Notes
        -----
        A random-effects model of the generators' means, with the variance between them by the method of moments
        (DerSimonian and Laird, Controlled Clinical Trials 1986, equation 8).

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> human, synthetic = rng.normal(0, 1, 200), np.append(rng.normal(1, 1, 100), rng.normal(3, 1, 100))
        >>> 0.5 < Generators.of(human, synthetic, ["small"] * 100 + ["large"] * 100).spread < 1
        True
        """
        named = np.array(["" if name is None else name for name in names], dtype=object)
        found = [synthetic[named == name] for name in sorted(set(named) - {""})]
        found = [scores for scores in found if len(scores) >= FEWEST]
        base = float(human.mean()) if len(human) else 0.0
        apart = float(np.concatenate(found).mean()) - base if found else 0.0
        if len(found) < 2 or apart <= 0:
            return None
        mean = np.array([float(scores.mean()) - base for scores in found]) / apart
        within = np.array([float(scores.var(ddof=1)) / len(scores) for scores in found]) / apart**2
        weight = 1 / np.maximum(within, np.finfo(np.float64).tiny**0.25)
        total = float(weight.sum())
        excess = float(weight @ (mean - weight @ mean / total) ** 2) - (len(found) - 1)
        between = excess / (total - float(weight @ weight) / total)
        return cls(len(found), max(0.0, between) ** 0.5)

    def allowing(self, shares: Floats, rng: np.random.Generator) -> Floats:
        """Return each draw of a share as it is where the target's generators are others of the same kind, shape (R,).

        The references' K generators, and as many of the target, are taken for two draws from one population: the means
        of the two differ with a variance of 2/K of that between generators, and by Student's law with K - 1 degrees of
        freedom, as the variance was seen in K. NaN where such generators are not told from humans.

        Parameters
        ----------
        shares
            One a draw, shape (R,).
        rng
            Where the numbers come from.

        Examples
        --------
        >>> draws = Generators(8, 0.4).allowing(np.full(1000, 0.3), np.random.default_rng(0))
        >>> bool(np.quantile(draws, 0.025) < 0.22 and np.quantile(draws, 0.975) > 0.4)
        True
        """
        chance = rng.standard_t(self.number - 1, size=len(shares))
        stands_out = 1 + self.spread * (2 / self.number) ** 0.5 * chance
        told: Floats = np.clip(shares / np.maximum(stands_out, LEAST), 0.0, 1.0)
        return np.where(stands_out > LEAST, told, np.nan)

    def check(self) -> Check:
        """Return what was found, in a sentence.

        Examples
        --------
        >>> print(Generators(8, 0.4).check())
        passed: the references are by 8 generators, and how far one stands out from humans differs by a standard \
deviation of 40 % between them: the interval allows the target's to be as many others of their kind
        """
        return Check(
            "generators",
            True,
            self.spread,
            f"the references are by {self.number} generators, and how far one stands out from humans differs by a "
            f"standard deviation of {100 * self.spread:.0f} % between them: the interval allows the target's to be "
            "as many others of their kind",
        )
