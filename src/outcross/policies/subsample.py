"""Keep everything, train on a random sample of it of fixed size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from outcross.core.inventory import Inventory
from outcross.core.policy import Policy
from outcross.core.recipe import Draw, Recipe


@final
@dataclass(frozen=True)
class Subsample(Policy):
    """Accumulate-subsample: the pool grows, the compute does not.

    Examples
    --------
    >>> from outcross.core.provenance import Origin, Stratum
    >>> pool = Inventory({Stratum(Origin.HUMAN): 100, Stratum(Origin.SYNTHETIC, 1): 100})
    >>> print(Subsample().plan(pool, 100))
    100 of human/0, synthetic/1; ask for 100
    """

    source = "Kazdan et al., arXiv 2410.16713 (2024), accumulate-subsample"

    def plan(self, inventory: Inventory, budget: int) -> Recipe:
        """Draw ``budget`` records uniformly from everything, without replacement."""
        return Recipe((Draw(inventory.all(), min(budget, inventory.total())),), budget)

    @property
    def blends(self) -> bool:
        """It does not tell generations apart."""
        return True
