"""Do more data still help as much as they did?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.measure import Measure
from outcross.core.paired import LEVEL
from outcross.core.setting import Between
from outcross.core.special import student_quantile
from outcross.core.verdict import Answer, Definition, Evidence, Trace, Verdict
from outcross.verdicts._judge import FEWEST, Finding, last_reached, verdict
from outcross.verdicts._risk import FIRST

FEWEST_SIZES = 3
RISKS = ("kl", "wasserstein", "excess_risk", "reverse_kl", "total_variation")
"""Risks that go to 0 as data grow, so that a power law of the sample size can be read off."""


@final
@dataclass(frozen=True)
class ScalingLawChange(Definition):
    """The risk falls with the sample size by another power in later generations than in the first.

    One chain has one sample size, so `judge` cannot tell; it says what to run. `across` judges chains of several sample
    sizes: it compares the slope of the log mean risk over the log sample size in the last generation with that in the
    first.

    Parameters
    ----------
    effect
        The least change of the exponent that counts.

    Examples
    --------
    >>> print(ScalingLawChange().judge("replace", {}).answer)
    cannot tell
    """

    effect: Annotated[float, Between(0)] = 0.1

    title = "Change of the scaling law"
    definition = "The power law by which the risk falls with the amount of data changes."
    source = (
        "Dohmatob et al., A Tale of Tails, arXiv 2402.07043 (2024); "
        "definition listed by Schaeffer et al., arXiv 2503.03150 (2025)"
    )
    stage = "either"

    def judge(self, policy: str, traces: Mapping[str, Trace]) -> Verdict:
        """Say what to run: one sample size shows no scaling law."""
        sentence = (
            f"One sample size shows no scaling law: run {FEWEST_SIZES} or more that double, with --metric {RISKS[0]} "
            f"(or {', '.join(RISKS[1:])}), and compare them with `across`."
        )
        return verdict(self, policy, [Finding(Answer.CANNOT_TELL, sentence)])

    def across(self, policy: str, chains: Mapping[int, Mapping[str, Trace]]) -> Verdict:
        """Judge chains of several sample sizes.

        Parameters
        ----------
        policy
            Words of their policy.
        chains
            Sample size to the traces of its chain.

        Examples
        --------
        >>> noise = np.random.default_rng(0).lognormal(0, 0.1, (4, 50, 1))
        >>> chains = {n: {"kl": Trace("kl", np.arange(1, 3), e * np.array([1 / n, n**-0.5]))}
        ...           for n, e in zip((10, 20, 40, 80), noise)}
        >>> print(ScalingLawChange().across("replace", chains).answer)
        yes
        """
        metric = next((name for name in RISKS if all(name in traces for traces in chains.values())), None)
        if metric is None or len(chains) < FEWEST_SIZES:
            return self.judge(policy, {})
        traces = {size: chains[size][metric] for size in sorted(chains)}
        last = min(last_reached(trace, FIRST) or 0 for trace in traces.values())
        if last <= FIRST:
            sentence = f"{metric}: not measured at generation {FIRST} and a later one at every sample size."
            return verdict(self, policy, [Finding(Answer.CANNOT_TELL, sentence)])
        sizes = np.array(list(traces), dtype=np.float64)
        first, later = ([_at(trace, g) for trace in traces.values()] for g in (FIRST, last))
        return verdict(self, policy, [self._finding(metric, last, sizes, first, later)])

    def _finding(self, metric: str, last: int, sizes: Floats, first: list[Floats], later: list[Floats]) -> Finding:
        ones = [np.ones_like(values) for values in first]
        change, before = _slope(sizes, later, first), _slope(sizes, first, ones)
        evidence = (
            Evidence(f"exponent of {metric} over the sample size at generation {FIRST}", before),
            Evidence(f"change of that exponent by generation {last}", change),
        )
        shown = f"{metric}: the exponent over the sample size, {before} at generation {FIRST}, changes by {change} by "
        shown += f"generation {last}"
        if change.low is None or change.high is None:
            return Finding(Answer.CANNOT_TELL, f"{shown}, without an interval: {change.reason}.", evidence)
        if change.low > self.effect or change.high < -self.effect:
            return Finding(Answer.YES, f"{shown}.", evidence)
        if -self.effect <= change.low and change.high <= self.effect:
            return Finding(Answer.NO, f"{shown}, that is by no more than {self.effect:g}.", evidence)
        return Finding(Answer.CANNOT_TELL, f"{shown}: more replicates or sample sizes would tell.", evidence)


def _at(trace: Trace, generation: int) -> Floats:
    return trace.values[:, np.flatnonzero(trace.generations == generation)[0]]


def _slope(sizes: Floats, above: list[Floats], below: list[Floats]) -> Measure:
    """Least-squares slope of the log of a ratio of means over the log size; error by the delta method (Welch's df)."""
    pairs = [_known(a, b) for a, b in zip(above, below, strict=True)]
    fewest = min(len(a) for a, _ in pairs)
    if fewest < FEWEST:
        return Measure.missing(f"{fewest} replicates at one sample size; run at least {FEWEST}", n=fewest)
    means = np.array([[a.mean(), b.mean()] for a, b in pairs])
    if not np.isfinite(means).all() or (means <= 0).any():
        return Measure.missing("a mean risk is 0 or infinite", n=fewest)
    x = np.log(sizes) - np.log(sizes).mean()
    weight = x / (x @ x)
    spread = [np.var(a / a.mean() - b / b.mean(), ddof=1) / len(a) for a, b in pairs]
    parts = weight**2 * np.array(spread)
    value = float(weight @ np.log(means[:, 0] / means[:, 1]))
    total = float(parts.sum())
    freedom = total**2 / float((parts**2 / (np.array([len(a) for a, _ in pairs]) - 1)).sum()) if total else math.inf
    half = student_quantile(0.5 + LEVEL / 2, freedom) * math.sqrt(total)
    return Measure(value, value - half, value + half, fewest, LEVEL)


def _known(above: Floats, below: Floats) -> tuple[Floats, Floats]:
    known = ~(np.isnan(above) | np.isnan(below))
    return above[known], below[known]
