"""Let only the best synthetic records through, by a score; wraps another policy."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Annotated, Literal, final

from outcross.core.errors import BadSetting
from outcross.core.inventory import Inventory
from outcross.core.part import words
from outcross.core.policy import Policy
from outcross.core.provenance import Origin, Stratum
from outcross.core.recipe import Draw, Recipe
from outcross.core.setting import Between


@final
@dataclass(frozen=True)
class Filtered(Policy):
    """Whatever the wrapped policy draws of synthetic records, only the best share of them may be drawn.

    Parameters
    ----------
    policy
        The policy that is filtered.
    keep
        Share of the synthetic records that pass.
    score
        ``verifier``: log-probability per token under the model fitted to human data only. ``own``: under the model that
        wrote the record (what quality filters and low temperatures do: sampling bias).

    Examples
    --------
    >>> from outcross.core.provenance import Origin, Stratum
    >>> from outcross.policies.replace import Replace
    >>> pool = Inventory({Stratum(Origin.SYNTHETIC, 1): 200})
    >>> print(Filtered(Replace(), keep=0.5).plan(pool, 100))
    100 of synthetic/1, best 0.5 by verifier; ask for 200
    """

    policy: Policy
    keep: Annotated[float, Between(0, 1, above=True)]
    score: Literal["verifier", "own"] = "verifier"

    source = "Feng et al., arXiv 2406.07515 (2024), verification; sampling bias: Alemohammad et al., arXiv 2307.01850"

    def check(self) -> None:
        """Refuse a filter of a filter: the records that pass one are not told from those that pass the other."""
        if isinstance(self.policy, Filtered):
            raise BadSetting("filtered cannot wrap another filtered policy; multiply their keep into one")
        if self.policy.scores:
            raise BadSetting(
                f"filtered cannot wrap a policy that chooses by a score itself, as {words(self.policy)} does"
            )

    def plan(self, inventory: Inventory, budget: int) -> Recipe:
        """Plan as the wrapped policy does over the records that pass, and ask for more to make up for the rest.

        Raises
        ------
        BadSetting
            If the wrapped policy edits texts.
        """
        passing = {s: math.floor(self.keep * c) if _synthetic(s) else c for s, c in inventory.counts.items()}
        sifted = replace(inventory, counts=passing)
        recipe = self.policy.plan(sifted, budget)
        if recipe.edit is not None:
            raise BadSetting(f"{words(self.policy)} edits the very texts it draws, so none can be let go by filtered")
        draws = [part for draw in recipe.draws for part in self._sift(draw, sifted)]
        return replace(recipe, draws=tuple(draws), ask=math.ceil(recipe.ask / self.keep))

    def _sift(self, draw: Draw, passing: Inventory) -> list[Draw]:
        """The same draw in two: human records as they are, synthetic ones by score; quotas in proportion."""
        if draw.fresh:
            return [draw]
        human = tuple(s for s in draw.strata if not _synthetic(s))
        synthetic = tuple(s for s in draw.strata if _synthetic(s))
        total = max(1, passing.total(draw.strata))
        quota = round(draw.quota * passing.total(synthetic) / total)
        parts = [
            replace(draw, strata=human, quota=draw.quota - quota),
            replace(draw, strata=synthetic, quota=quota, score=self.score, best=self.keep),
        ]
        return [part for part in parts if part.quota]

    @property
    def scores(self) -> frozenset[str]:
        """The score it filters by, and those of the wrapped policy."""
        return self.policy.scores | {self.score}

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


def _synthetic(stratum: Stratum) -> bool:
    return stratum.origin is Origin.SYNTHETIC
