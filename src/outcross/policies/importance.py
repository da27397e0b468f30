"""Resample what another policy draws, so that what a detector takes for human comes more often; wraps that policy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, final

from outcross.core.detector import Detector
from outcross.core.errors import BadSetting
from outcross.core.inventory import Inventory
from outcross.core.part import words
from outcross.core.policy import Policy
from outcross.core.provenance import Origin, Stratum
from outcross.core.recipe import Draw, Recipe
from outcross.core.setting import Between

TRIAL = Inventory({Stratum(Origin.HUMAN): 10, Stratum(Origin.SYNTHETIC, 1): 10}, reserve=float("inf"))


@final
@dataclass(frozen=True)
class Importance(Policy):
    """Whatever the wrapped policy draws, it is drawn in proportion to ``(1 - p) ** power``.

    p is the calibrated probability of a detector that a text is synthetic, where half of all texts are. Who wrote a
    text is not known to this policy: human and synthetic records of one draw are one pool, and the detector's
    probabilities are all that tells them apart. Each record lies ``most`` times in the urn, and no copy is put back.

    It needs records that are texts. The detector is trained once in each chain, when the first model has written, by
    folds: for each fold of the human texts a model of the same kind is fitted to the others, and the detector learns to
    tell these from what that model wrote. So nobody scores a text that he has seen. It is not trained again, and what
    it lets through is learned: it ages. The first model is fitted before there is a detector, to human records alone.

    Parameters
    ----------
    policy
        The policy that says what the pool is: ``augment`` (all human records and the latest generation, as in the
        paper), ``accumulate``, ``subsample``, ... Each of its draws is resampled by itself.
    detector
        The detector.
    power
        How much a suspicion counts: 0 not at all, so that only the resampling is left.
    most
        How many times a record may be drawn.
    size
        How many records are drawn, for each one that the wrapped policy draws.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> from outcross.core.provenance import Origin, Stratum
    >>> pool = Inventory({Stratum(Origin.HUMAN): 100, Stratum(Origin.SYNTHETIC, 1): 100})
    >>> policy = build("policy", "importance(policy=augment, detector=ngram_linear, power=2.0)")
    >>> print(policy.plan(pool, 100))
    200 of human/0, synthetic/1, each at most 3 times, in proportion to ngram_linear ** 2; ask for 100
    """

    policy: Policy
    detector: Detector
    power: Annotated[float, Between(0, 100)] = 1.0
    most: Annotated[int, Between(1, 1000)] = 3
    size: Annotated[float, Between(0, above=True)] = 1.0

    source = "Drayson, Yilmaz and Lampos, arXiv 2502.15654 (2025), importance resampling"

    def check(self) -> None:
        """Refuse at once a policy that cannot be resampled, and a sample of more copies than there are."""
        if self.size > self.most:
            raise BadSetting(
                f"importance: a sample of size {self.size:g} needs most to be at least that, not {self.most}"
            )
        self.plan(TRIAL, 10)

    def plan(self, inventory: Inventory, budget: int) -> Recipe:
        """Plan as the wrapped policy does, and have each draw made by score; where all are human, as they are.

        Raises
        ------
        BadSetting
            If the wrapped policy edits texts, or chooses by a score already.
        """
        recipe = self.policy.plan(inventory, budget)
        if recipe.edit is not None or any(draw.chooses or draw.replacement for draw in recipe.draws):
            raise BadSetting(
                f"importance resamples what was neither edited nor chosen, so it cannot wrap {self.policy}"
            )
        if inventory.depth == 0:
            return recipe
        return replace(recipe, draws=tuple(self._resampled(draw, inventory) for draw in recipe.draws))

    def _resampled(self, draw: Draw, inventory: Inventory) -> Draw:
        """The draw by score. Human records that were never drawn before have none."""
        if draw.fresh:
            return draw
        quota = min(round(self.size * draw.quota), self.most * inventory.total(draw.strata))
        score = words(self.detector)
        return replace(draw, quota=max(1, quota), most=self.most, score=score, proportional=True, power=self.power)

    @property
    def scores(self) -> frozenset[str]:
        """The detector, by its words, and the scores of the wrapped policy."""
        return self.policy.scores | {words(self.detector)}

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
