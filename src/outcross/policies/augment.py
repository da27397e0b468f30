"""Train on the human records, all of them in every generation, and on what the last model wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

from outcross.core.inventory import Inventory
from outcross.core.policy import Policy
from outcross.core.recipe import Draw, Recipe
from outcross.core.setting import Between


@final
@dataclass(frozen=True)
class Augment(Policy):
    """The human records stay; beside them stands the latest generation only, so that the training set does not grow.

    Human and synthetic records are one mixture, drawn whole: a policy that wraps this one cannot tell them apart.

    Parameters
    ----------
    ratio
        Synthetic records for each of a generation's ``budget`` records.

    Examples
    --------
    >>> from outcross.core.provenance import Origin, Stratum
    >>> pool = Inventory({Stratum(Origin.HUMAN): 100, Stratum(Origin.SYNTHETIC, 3): 50})
    >>> print(Augment(ratio=0.5).plan(pool, 100))
    150 of human/0, synthetic/3; ask for 50
    """

    ratio: Annotated[float, Between(0)] = 1.0

    source = (
        "Alemohammad et al., arXiv 2307.01850 (2023), synthetic augmentation loop; Bertrand et al., arXiv 2310.00429 "
        "(2023), iterative retraining on a mixture"
    )

    def plan(self, inventory: Inventory, budget: int) -> Recipe:
        """Draw every human record and the whole latest generation."""
        strata = tuple(dict.fromkeys((*inventory.human(), *inventory.latest())))
        return Recipe((Draw(strata, inventory.total(strata)),), round(self.ratio * budget))

    @property
    def reach(self) -> int:
        """Only the latest generation."""
        return 1
