"""Keep a fixed share of human records in every generation's training set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

from outcross.core.inventory import Inventory
from outcross.core.policy import Policy
from outcross.core.recipe import Draw, Recipe
from outcross.core.setting import Between


@final
@dataclass(frozen=True)
class Anchor(Policy):
    """A share of every training set is drawn anew from the original human records, which are kept for ever.

    The human records are drawn from the untouched original, never from a pool that models have written to.

    Parameters
    ----------
    real
        Share of human records.

    Examples
    --------
    >>> from outcross.core.provenance import Origin, Stratum
    >>> pool = Inventory({Stratum(Origin.HUMAN): 100, Stratum(Origin.SYNTHETIC, 1): 90})
    >>> print(Anchor(real=0.1).plan(pool, 100))
    10 of human/0 + 90 of synthetic/1; ask for 90
    """

    real: Annotated[float, Between(0, 1)]

    source = "Shumailov et al., Nature 631 (2024), 755-759: 10 % of the original data kept"

    def plan(self, inventory: Inventory, budget: int) -> Recipe:
        """Draw the share from the human strata, the rest from the latest generation."""
        kept = min(round(self.real * budget), inventory.total(inventory.human()))
        ask = budget - kept
        if inventory.depth == 0:
            return Recipe((Draw(inventory.human(), min(budget, inventory.total())),), ask)
        latest = inventory.latest()
        synthetic = min(ask, inventory.total(latest))
        return Recipe((Draw(inventory.human(), kept), Draw(latest, synthetic)), ask)

    @property
    def reach(self) -> int:
        """Only the latest generation."""
        return 1
