"""Mix new human records with synthetic ones, and weight the two in training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

from outcross.core.inventory import Inventory
from outcross.core.policy import Policy
from outcross.core.recipe import Draw, Recipe
from outcross.core.setting import Between

GOLDEN = (5**0.5 - 1) / 2


@final
@dataclass(frozen=True)
class Weighted(Policy):
    """The human records get a share of the training weight that differs from their share of the records.

    Parameters
    ----------
    real
        Weight of the human records together; the golden ratio 0.618 is best at ``ratio=1``.
    ratio
        Synthetic records for each human one.
    fresh
        Whether the human records are new in every generation, as in the paper; else they are drawn from those at hand.

    Examples
    --------
    >>> from outcross.core.provenance import Origin, Stratum
    >>> pool = Inventory({Stratum(Origin.HUMAN): 100, Stratum(Origin.SYNTHETIC, 1): 50}, reserve=500)
    >>> print(Weighted(real=0.75).plan(pool, 100))
    50 of new human records, weight 1.5 + 50 of synthetic/1, weight 0.5; ask for 50
    """

    real: Annotated[float, Between(0, 1)] = GOLDEN
    ratio: Annotated[float, Between(0)] = 1.0
    fresh: bool = True

    source = "He, Xu et al., arXiv 2502.18049 (2025), golden ratio weighting"

    def plan(self, inventory: Inventory, budget: int) -> Recipe:
        """Draw ``budget / (1 + ratio)`` human records and the rest synthetic, each with its weight."""
        human = max(1, round(budget / (1 + self.ratio)))
        ask = budget - human
        if inventory.depth == 0 and ask:
            return Recipe((Draw(inventory.human(), min(budget, inventory.total())),), ask)
        latest = inventory.latest() if ask else ()
        written = inventory.total(latest)
        draws = (
            Draw(() if self.fresh else inventory.human(), human, fresh=self.fresh, weight=self.real * budget / human),
            Draw(latest, written, weight=(1 - self.real) * budget / max(1, written)),
        )
        return Recipe(draws, ask)

    @property
    def reach(self) -> int:
        """Only the latest generation."""
        return 1
