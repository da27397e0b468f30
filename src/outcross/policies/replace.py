"""Train on nothing but what the last model wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from outcross.core.inventory import Inventory
from outcross.core.policy import Policy
from outcross.core.recipe import Draw, Recipe


@final
@dataclass(frozen=True)
class Replace(Policy):
    """Each generation's records replace those before: the recursion under which models collapse.

    Parameters
    ----------
    multiple
        Ask every model for as many records as `accumulate` would hold by then (replace-multiple): the same amount of
        training data, none of it human.

    Examples
    --------
    >>> from outcross.core.provenance import Origin, Stratum
    >>> pool = Inventory({Stratum(Origin.SYNTHETIC, 3): 100})
    >>> print(Replace().plan(pool, 100))
    100 of synthetic/3; ask for 100
    """

    multiple: bool = False

    source = "Shumailov et al., Nature 631 (2024), 755-759; replace-multiple: Gerstgrasser et al., arXiv 2404.01413"

    def plan(self, inventory: Inventory, budget: int) -> Recipe:
        """Draw the whole latest generation."""
        latest = inventory.latest()
        ask = budget * (inventory.depth + 2) if self.multiple else budget
        return Recipe((Draw(latest, inventory.total(latest)),), ask)

    @property
    def reach(self) -> int:
        """Only the latest generation."""
        return 1
