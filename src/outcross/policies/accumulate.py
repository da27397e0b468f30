"""Train on everything: the human records and all that every model wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from outcross.core.inventory import Inventory
from outcross.core.policy import Policy
from outcross.core.recipe import Draw, Recipe


@final
@dataclass(frozen=True)
class Accumulate(Policy):
    """Each generation's records join those before; the training set grows, the human records stay in it.

    Examples
    --------
    >>> from outcross.core.provenance import Origin, Stratum
    >>> pool = Inventory({Stratum(Origin.HUMAN): 100, Stratum(Origin.SYNTHETIC, 1): 100})
    >>> print(Accumulate().plan(pool, 100))
    200 of human/0, synthetic/1; ask for 100
    """

    source = "Gerstgrasser et al., arXiv 2404.01413 (2024)"

    def plan(self, inventory: Inventory, budget: int) -> Recipe:
        """Draw everything."""
        return Recipe((Draw(inventory.all(), inventory.total()),), budget)

    @property
    def blends(self) -> bool:
        """It does not tell generations apart."""
        return True
