"""Train on human texts of which every model rewrites the words that it knows too well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

from outcross.core.inventory import Inventory
from outcross.core.policy import Policy
from outcross.core.recipe import Draw, Recipe
from outcross.core.setting import Between


@final
@dataclass(frozen=True)
class TokenEdit(Policy):
    """Every model edits the texts that it was trained on; the next one is trained on the edited texts.

    The first model is trained on human texts. A token that a model finds likelier than ``above`` is drawn anew from
    that model, the others are kept, so that most of every text stays human. What is measured of a generation is, as
    under any policy, what its model writes by itself, not the edited texts. It needs a model that edits texts.

    Parameters
    ----------
    above
        Probability, given the tokens before it, above which a token is drawn anew; 1 keeps every token.

    Examples
    --------
    >>> from outcross.core.provenance import Origin, Stratum
    >>> pool = Inventory({Stratum(Origin.HUMAN): 100, Stratum(Origin.MIXED, 1): 100})
    >>> print(TokenEdit().plan(pool, 100))
    100 of mixed/1; ask for 100, edited where likelier than 0.99
    """

    above: Annotated[float, Between(0, 1)] = 0.99

    source = "Zhu et al., arXiv 2412.14689 (2024), token-level editing"

    def plan(self, inventory: Inventory, budget: int) -> Recipe:
        """Draw the whole latest generation, and ask for an edit of each of its texts."""
        latest = inventory.latest()
        size = inventory.total(latest)
        return Recipe((Draw(latest, size),), size, edit=self.above)

    @property
    def reach(self) -> int:
        """Only the latest generation."""
        return 1
