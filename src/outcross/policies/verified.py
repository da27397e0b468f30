"""Let a model write several candidates for every record, and keep the best by a judge; wraps another policy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal, final

from outcross.core.errors import BadSetting
from outcross.core.inventory import Inventory
from outcross.core.part import words
from outcross.core.policy import Policy
from outcross.core.recipe import Recipe
from outcross.core.setting import Between


@final
@dataclass(frozen=True)
class Verified(Policy):
    """Whatever the wrapped policy asks for, each record is the best of several (best-of-n).

    As many records are trained on as under the wrapped policy; the model writes ``of`` times as many. What is measured
    of a generation is what its model writes, before the judge has chosen. Probability is a judge of what is usual, not
    of what is good: the common is kept, the rare is lost faster than without it, and where the lengths of texts differ
    widely, short texts of common words win.

    Parameters
    ----------
    policy
        The policy whose records are chosen.
    of
        How many candidates are written for each record.
    judge
        Who chooses, by the highest log-probability per token. ``verifier``: the model fitted to human data only.
        ``own``: the model that wrote the candidates.

    Examples
    --------
    >>> from outcross.core.provenance import Origin, Stratum
    >>> from outcross.policies.replace import Replace
    >>> pool = Inventory({Stratum(Origin.SYNTHETIC, 1): 100})
    >>> print(Verified(Replace(), of=4).plan(pool, 100))
    100 of synthetic/1; ask for 100, each the best of 4 by verifier
    """

    policy: Policy
    of: Annotated[int, Between(1)] = 4
    judge: Literal["verifier", "own"] = "verifier"

    source = "Feng et al., arXiv 2406.07515 (2024), verification; best-of-n: Stiennon et al., arXiv 2009.01325 (2020)"

    def plan(self, inventory: Inventory, budget: int) -> Recipe:
        """Plan as the wrapped policy does, with several candidates for every record.

        Raises
        ------
        BadSetting
            If the wrapped policy edits texts, or lets candidates compete already.
        """
        recipe = self.policy.plan(inventory, budget)
        if recipe.best_of > 1 or recipe.edit is not None:
            raise BadSetting(f"verified chooses among what a model writes, so it cannot wrap {words(self.policy)}")
        return replace(recipe, best_of=self.of, judge=self.judge)

    @property
    def scores(self) -> frozenset[str]:
        """As the wrapped policy: candidates are judged before they join the pool."""
        return self.policy.scores

    @property
    def grouped(self) -> bool:
        """As the wrapped policy."""
        return self.policy.grouped

    @property
    def reach(self) -> int | None:
        """As the wrapped policy."""
        return self.policy.reach

    @property
    def blends(self) -> bool:
        """As the wrapped policy."""
        return self.policy.blends
