"""What a mix is to be made of: the recipe of a policy, and what it promises of the share of human records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

from outcross.core.inventory import Inventory
from outcross.core.measure import Measure
from outcross.core.provenance import Stratum
from outcross.core.recipe import Recipe


@final
@dataclass(frozen=True)
class MixPlan:
    """The recipe of a mix, and what it promises.

    Parameters
    ----------
    recipe
        What is drawn: strata of the inventory, quotas that are exact. No record is drawn twice.
    inventory
        What there is.
    policy
        Words of the policy.
    budget
        Records of the mix.
    floor
        How many records of the mix are human at least.
    confidence
        How surely; 1 where all of them are labelled so.
    unlabelled
        The synthetic share of each stratum of unknown or mixed origin that was taken for granted.
    notes
        What a reader should know, a sentence each.
    groups
        Where groups are kept apart, how many human records each has at least; all of them together as surely.

    Examples
    --------
    See `outcross.guard.mix.planning.plan_mix`.
    """

    recipe: Recipe
    inventory: Inventory
    policy: str
    budget: int
    floor: int
    confidence: float = 1.0
    unlabelled: Mapping[Stratum, Measure] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    groups: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, to be printed, saved and compared."""
        return {
            "policy": self.policy,
            "budget": self.budget,
            "recipe": self.recipe.to_dict(),
            "inventory": {str(stratum): count for stratum, count in self.inventory.counts.items()},
            "floor": self.floor,
            "confidence": self.confidence,
            "unlabelled": {
                str(stratum): [share.value, share.low, share.high] for stratum, share in self.unlabelled.items()
            },
            "notes": list(self.notes),
            "groups": dict(self.groups),
        }
