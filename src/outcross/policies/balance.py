"""Guard minorities: every group keeps the share it had among the human records; wraps another policy."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import final

from outcross.core.inventory import Inventory
from outcross.core.policy import Policy
from outcross.core.recipe import Draw, Recipe


@final
@dataclass(frozen=True)
class Balance(Policy):
    """Whatever the wrapped policy draws, it is drawn group by group, in the shares of the human records.

    A group with too few records is drawn with replacement; one that has died out is drawn from the human records.

    Parameters
    ----------
    policy
        The policy that is balanced.

    Examples
    --------
    >>> from outcross.core.provenance import Origin, Stratum
    >>> from outcross.policies.replace import Replace
    >>> human = {Stratum(Origin.HUMAN, 0, "yellow"): 90, Stratum(Origin.HUMAN, 0, "blue"): 10}
    >>> written = {Stratum(Origin.SYNTHETIC, 1, "yellow"): 98, Stratum(Origin.SYNTHETIC, 1, "blue"): 2}
    >>> print(Balance(Replace()).plan(Inventory(human | written), 100))
    90 of synthetic/1/yellow + 10 of synthetic/1/blue, with replacement; ask for 100
    """

    policy: Policy

    source = "Shumailov et al., Nature 631 (2024): minorities are lost first; stratified sampling: Neyman (1934)"

    def plan(self, inventory: Inventory, budget: int) -> Recipe:
        """Plan as the wrapped policy does, then divide every draw by group."""
        recipe = self.policy.plan(inventory, budget)
        draws = [part for draw in recipe.draws for part in _by_group(draw, inventory)]
        return replace(recipe, draws=tuple(draws))

    @property
    def grouped(self) -> bool:
        """It needs the groups kept apart."""
        return True

    @property
    def scores(self) -> frozenset[str]:
        """As the wrapped policy."""
        return self.policy.scores

    @property
    def reach(self) -> int | None:
        """As the wrapped policy."""
        return self.policy.reach

    @property
    def blends(self) -> bool:
        """As the wrapped policy."""
        return self.policy.blends


def _by_group(draw: Draw, inventory: Inventory) -> list[Draw]:
    if draw.fresh:
        return [draw]
    parts = []
    for group, quota in _shares(inventory, draw.quota).items():
        members, rule = tuple(s for s in draw.strata if s.group == group), draw
        if not inventory.total(members):
            members = tuple(s for s in inventory.human() if s.group == group)
            rule = Draw((), 0, weight=draw.weight)  # human records have no scores to be chosen by
        short = quota > rule.most * math.floor((rule.best or 1) * inventory.total(members))
        most = 1 if short else rule.most
        parts.append(replace(rule, strata=members, quota=quota, replacement=short, most=most))
    return [part for part in parts if part.quota]


def _shares(inventory: Inventory, quota: int) -> dict[str | None, int]:
    """The quota divided as the human records are, by largest remainders (Hamilton), so that it adds up."""
    counts: dict[str | None, int] = {}
    for stratum in inventory.human():
        counts[stratum.group] = counts.get(stratum.group, 0) + inventory.counts[stratum]
    total = sum(counts.values())
    exact = {group: quota * count / total for group, count in counts.items()}
    whole = {group: int(value) for group, value in exact.items()}
    left = quota - sum(whole.values())
    for group in sorted(exact, key=lambda g: whole[g] - exact[g])[:left]:
        whole[group] += 1
    return whole
