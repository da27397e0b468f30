"""Train on the last few generations together."""

from dataclasses import dataclass
from typing import Annotated, final

import outcross as oc


@final
@dataclass(frozen=True)
class Window(oc.Policy):
    """A sample of fixed size from the latest generations; human records leave the window like all others.

    Parameters
    ----------
    last
        How many generations the window is wide.
    """

    last: Annotated[int, oc.Between(1)] = 3

    source = "an example"

    def plan(self, inventory: oc.Inventory, budget: int) -> oc.Recipe:
        """Draw ``budget`` records from the window, and ask for as many."""
        seen = inventory.where(lambda stratum: stratum.generation > inventory.depth - self.last)
        return oc.Recipe((oc.Draw(seen, min(budget, inventory.total(seen))),), ask=budget)

    @property
    def reach(self) -> int:
        """Older generations are never drawn again, so the pool may let them go."""
        return self.last
