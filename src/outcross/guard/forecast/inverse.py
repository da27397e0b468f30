"""What would keep it: the least share of human records that leaves the tail as it is where nothing is synthetic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.measure import Measure
from outcross.core.part import as_part
from outcross.core.policy import Policy
from outcross.core.special import normal_quantile
from outcross.guard.forecast.fates import Shift, expit, logit, shifted
from outcross.guard.forecast.outlook import Outlook

SHARES = np.array([0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
"""Human shares at which the surrogate is played."""
COPIES = 1500
"""Words that are followed of each small count."""
APART = 0.05
"""How far the ratio of the tail left with and without synthetic records was off: standard deviation in logits."""


@final
@dataclass(frozen=True, eq=False)
class Search:
    """The search for the least share of human records under which enough of the tail is left at the last generation.

    No practice leaves more of the tail in what a model writes than training on human records alone, and that is less
    than all: a word that occurs once is missing from a sample as large with probability 1/e. So what is to be kept is
    a share of what is left there.

    Parameters
    ----------
    outlook
        The corpus.
    keep
        The share of the tail that is to be kept, of what is left where nothing is synthetic.

    Notes
    -----
    Where new records come every generation, the corpus itself is taken for a sample as they are, and what is to be kept
    is of what is to be expected in such samples: new texts bring other rare words than those of the corpus.

    Examples
    --------
    See `outcross.guard.forecast.forecast.forecast`.
    """

    outlook: Outlook
    keep: float

    def least(self, name: str, budget: int) -> Measure:
        """Return the least human share under a policy of that name (``anchor``, ``fresh``), with its interval.

        The surrogate is played at a few shares and interpolated; the n-gram chain is rehearsed at the share that is
        found, and the search is repeated with what that shows.
        """
        fates = [self._play(name, share) for share in SHARES.tolist()]
        seen = self.outlook.rehearse(_policy(name, self._search(fates, None, 0.0)), budget).kept
        wide = float(normal_quantile(0.5 + self.outlook.level / 2)) * math.hypot(APART, float(seen.error[-1]))
        value, low, high = (self._search(fates, seen, move) for move in (0.0, -wide, wide))
        return Measure(value, low, high, n=self.outlook.read.documents, level=self.outlook.level)

    def _play(self, name: str, share: float) -> Floats:
        """The surrogate under such a share; where new records come, the corpus is a sample as they are."""
        return self.outlook.play(_policy(name, share), 1, COPIES, 0.0, sampled=name == "fresh").kept

    def _search(self, fates: Sequence[Floats], seen: Shift | None, move: float) -> float:
        """The least share at which what is left of the tail is enough, where that is moved by so many logits."""
        left = np.array([self._tail(kept, seen) for kept in fates])
        first = left[-1] if seen is None else self._tail(fates[-1], _first(seen))
        wanted = float(expit(logit(self.keep * first) + move))
        return float(np.interp(wanted, np.maximum.accumulate(left), SHARES))

    def _tail(self, kept: Floats, seen: Shift | None) -> float:
        """What is left of the tail at the last generation."""
        moved = kept if seen is None else shifted(kept, seen)
        left, _ = self.outlook.whole([one.tail_left(moved)[-1] for one in self.outlook.spectra])
        return float(left[0])


def _policy(name: str, share: float) -> Policy:
    return as_part(Policy, f"{name}(real={share:.6f})")


def _first(seen: Shift) -> Shift:
    """The shift of the first generation at every one: where nothing is synthetic, each model is a first one."""
    return Shift(np.repeat(seen.values[1:2], len(seen.values), axis=0), np.repeat(seen.error[1:2], len(seen.error)))
