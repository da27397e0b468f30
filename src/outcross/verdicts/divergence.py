"""Does the risk grow without bound?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, final

import numpy as np

from outcross.core.measure import Measure
from outcross.core.paired import ratio_of_means
from outcross.core.setting import Between
from outcross.core.verdict import Answer, Definition, Evidence, Trace, Verdict
from outcross.verdicts._judge import Finding, Look, column, compare, last_reached, level_of, looked_at, unseen, verdict
from outcross.verdicts._risk import FIRST, losses, risks

FEWEST_GENERATIONS = 8
RISE = 0.01
"""The least rise that counts, as a share of the first model's risk."""


@final
@dataclass(frozen=True)
class Divergence(Definition):
    """The population risk grows without bound as generations go on.

    No finite chain shows that. What is looked at is how fast the risk rises in the second half of the chain, relative
    to the first half. Yes means that it does not slow down: if it levels off at all, as an exponential approach to a
    limit would, then not below ``headroom`` times the rise so far. No means that it does not rise, or slows down at
    least as much as the sum of i^-3/2 does, which is midway between 1/i (replace-multiple, divergent) and 1/i^2
    (accumulate, bounded). What is between, as a logarithm is, and what was run for fewer than ``horizon`` generations,
    cannot be told.

    Parameters
    ----------
    headroom
        Times the rise so far below which a limit must be ruled out.
    horizon
        Fewest generations that are judged.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(0, 0.01, (5, 41))
    >>> trace = Trace("excess_risk", np.arange(41), 0.1 * np.arange(41) + noise)
    >>> print(Divergence().judge("replace", {"excess_risk": trace}).answer)
    yes
    """

    headroom: Annotated[float, Between(1, above=True)] = 10.0
    horizon: Annotated[int, Between(FEWEST_GENERATIONS)] = 20

    title = "Divergence"
    definition = "The risk on the human distribution grows without bound as generations go on."
    source = (
        "Shumailov et al., Nature 631 (2024), section 3; Gerstgrasser et al., arXiv 2404.01413 (2024), Theorem 1; "
        "definition listed by Schaeffer et al., arXiv 2503.03150 (2025)"
    )
    stage = "either"

    def judge(self, policy: str, traces: Mapping[str, Trace]) -> Verdict:
        """Ask whether the risk rises, and whether it slows down."""
        looks = losses()
        seen = looked_at(looks, traces)
        findings = [self._find(look, trace, level_of(seen)) for look, trace in seen]
        return verdict(self, policy, findings, unseen(looks, seen))

    def _find(self, look: Look, trace: Trace, level: float) -> Finding:
        last = last_reached(trace, FIRST)
        if last is not None and last < self.horizon:
            sentence = f"{trace.metric}: {last} generations are too few; run at least {self.horizon}."
            return Finding(Answer.CANNOT_TELL, sentence)
        risk = next(risk for risk in risks(1 + RISE) if risk.reads(trace.metric))
        rise = compare(risk, trace, level)
        if rise.answer is not Answer.YES or last is None:
            return replace(rise, since=None)
        middle = (FIRST + last) // 2
        return self._shape(look.name.format(trace.metric), last, _speed(trace, look, middle, last, level), rise)

    def _shape(self, name: str, last: int, speed: Measure, rise: Finding) -> Finding:
        """Whether a rise slows down."""
        evidence = (*rise.evidence, Evidence(f"increment of {name} a generation, second half over first", speed))
        shown = f"{name}: up to generation {last} it rises {speed} times as fast in the second half as in the first"
        bounded = _speed_of_bounded(last)
        if speed.low is not None and speed.low > math.sqrt(1 - 1 / self.headroom):
            limit = f"if it levels off at all, then above {self.headroom:g} times the rise so far"
            return Finding(Answer.YES, f"{shown}; {limit}.", evidence)
        if speed.high is not None and speed.high < bounded:
            return Finding(Answer.NO, f"{shown}, below {bounded:.2g}: as a bounded sum.", evidence)
        open_ = "neither a limit nor its absence follows; more generations or more replicates may tell"
        return Finding(Answer.CANNOT_TELL, f"{shown}: {open_}.", evidence)


def _speed(trace: Trace, look: Look, middle: int, last: int, level: float) -> Measure:
    """Increment a generation in the second half of the chain, relative to that in the first half."""
    found = [column(trace, generation, look) for generation in (FIRST, middle, last)]
    start, half, end = (np.full(len(trace.values), np.nan) if values is None else values for values in found)
    with np.errstate(invalid="ignore"):
        return ratio_of_means((end - half) / (last - middle), (half - start) / (middle - FIRST), level)


def _speed_of_bounded(last: int) -> float:
    """The same for a risk to which generation i adds i^-3/2."""
    middle = (FIRST + last) // 2
    added = np.arange(FIRST + 1, last + 1) ** -1.5
    first, second = added[: middle - FIRST], added[middle - FIRST :]
    return float(second.mean() / first.mean())
