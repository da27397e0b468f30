"""Is what is written becoming all the same?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, final

import numpy as np

from outcross.core.paired import LEVEL
from outcross.core.setting import Between
from outcross.core.verdict import Answer, Definition, Evidence, Trace, Verdict
from outcross.verdicts._judge import FEWEST, FLOOR, TIMES, TYPICALLY, Look, column, judge, last_reached, looked_at


@final
@dataclass(frozen=True)
class VarianceCollapse(Definition):
    """The variance goes to 0: in the end every record is like every other. Late collapse.

    The theorem is of the variance in a single chain, almost surely, so the typical replicate (the geometric mean) is
    looked at: the mean over replicates may stay what it was for ever, kept up by fewer and fewer of them. Of types, the
    variance is that of their indicators, ``sum p (1 - p)``, which is the heterozygosity; entropy counts as the number
    of equally likely types that it amounts to, ``exp(entropy)``, less the one that is always left. These two are
    bounded, and their means do go to 0.

    Holds where at most ``left`` of generation 0 is left. Where the variance is on its way there, the sentence says how
    fast.

    Parameters
    ----------
    left
        Share of generation 0 at which next to nothing is left. The paper gives no number.

    Examples
    --------
    >>> import numpy as np
    >>> trace = Trace("variance", np.arange(2), np.array([[1.0, 0.03], [1.0, 0.04], [1.0, 0.05]]))
    >>> print(VarianceCollapse().judge("replace", {"variance": trace}).answer)
    yes
    """

    left: Annotated[float, Between(FLOOR, 1, above=True, below=True)] = 0.1

    title = "Collapse of variance"
    definition = "The variance of what is written goes to 0."
    source = (
        "Shumailov et al., Nature 631 (2024), Theorem 3.1; Alemohammad et al., arXiv 2307.01850 (2023); of types: "
        "Light and Margolin (1971), Hill (1973); definition listed by Schaeffer et al., arXiv 2503.03150 (2025)"
    )
    stage = "late"

    def judge(self, policy: str, traces: Mapping[str, Trace]) -> Verdict:
        """Compare the last generation with generation 0."""
        looks = (
            Look("variance", TYPICALLY, self.left),
            Look("heterozygosity", TIMES, self.left),
            Look("entropy", TIMES, self.left, view=np.expm1, name="exp({}) - 1"),
            Look("std", TYPICALLY, self.left, view=np.square, name="{} squared"),
        )
        found = judge(self, policy, traces, looks)
        if found.answer is Answer.YES:
            return found
        for look, trace in looked_at(looks, traces):
            found = self._with_outlook(found, look, trace)
        return found

    def _with_outlook(self, found: Verdict, look: Look, trace: Trace) -> Verdict:
        """How fast it still falls, from the second half of the chain, and when it will be there at that rate."""
        last = last_reached(trace, 0)
        if last is None or last < 4:
            return found
        start, middle, end = (column(trace, g, look) for g in (0, last // 2, last))
        if start is None or middle is None or end is None:
            return found
        halfway, now, since = (look.relation(*pair, LEVEL) for pair in ((middle, start), (end, start), (end, middle)))
        if not halfway.value or not now.value or not since.value or since.high is None or since.high >= 1:
            return found
        slows = math.log(since.value) > math.log(halfway.value) / 2  # then a rate would mislead
        if slows or now.value <= self.left or since.n < FEWEST:
            return found
        rate = math.log(since.value) / (last - last // 2)
        there = last + math.ceil((math.log(self.left) - math.log(now.value)) / rate)
        name = look.name.format(trace.metric)
        return replace(
            found,
            sentence=f"{found.sentence} {name} still falls, by {-math.expm1(rate):.2%} a generation; at that rate "
            f"{self.left:g} is reached at about generation {there}.",
            evidence=(
                *found.evidence,
                Evidence(f"{name} at generation {last}, relative to generation {last // 2}", since),
            ),
        )
