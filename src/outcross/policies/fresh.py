"""Collect new human records for every generation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

from outcross.core.inventory import Inventory
from outcross.core.policy import Policy
from outcross.core.recipe import Draw, Recipe
from outcross.core.setting import Between


@final
@dataclass(frozen=True)
class Fresh(Policy):
    """A share of every training set is human and was never used before; the rest is the latest generation.

    Needs a population, or a corpus large enough to be used up slowly.

    Parameters
    ----------
    real
        Share of new human records.

    Examples
    --------
    >>> from outcross.core.provenance import Origin, Stratum
    >>> pool = Inventory({Stratum(Origin.HUMAN): 100, Stratum(Origin.SYNTHETIC, 1): 80}, reserve=500)
    >>> print(Fresh(real=0.2).plan(pool, 100))
    20 of new human records + 80 of synthetic/1; ask for 80
    """

    real: Annotated[float, Between(0, 1)]

    source = "Alemohammad et al., arXiv 2307.01850 (2023), fresh data loop"

    def plan(self, inventory: Inventory, budget: int) -> Recipe:
        """Draw the share from human records never drawn before, the rest from the latest generation."""
        new = round(self.real * budget)
        ask = budget - new
        if inventory.depth == 0 and ask:
            return Recipe((Draw(inventory.human(), min(budget, inventory.total())),), ask)
        latest = inventory.latest() if ask else ()
        return Recipe((Draw((), new, fresh=True), Draw(latest, inventory.total(latest))), ask)

    @property
    def reach(self) -> int:
        """Only the latest generation."""
        return 1
