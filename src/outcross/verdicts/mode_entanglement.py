"""Do modes that were apart run into each other?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, final

import numpy as np

from outcross.core.paired import typical_ratio
from outcross.core.setting import Between
from outcross.core.verdict import Answer, Definition, Trace, Verdict
from outcross.verdicts._judge import Look, Relation, column, judge, looked_at

SEPARATION = Relation(
    lambda now, before, level: typical_ratio(now, np.ones_like(now), level),
    "typically {} pooled standard deviations",
    "typically",
)


@final
@dataclass(frozen=True)
class ModeEntanglement(Definition):
    """Modes of the human data that were apart are no longer: different things become one. Late collapse.

    Looks at Ashman's D of the two nearest components of a fitted mixture, in a typical replicate (the geometric mean),
    against generation 0, or generation 1 where the true law is not known. Two modes that each shrink to a point are
    not entangled: that is a collapse of variance.

    Parameters
    ----------
    apart
        D above which two modes are clearly apart; 2 is that of Ashman, Bird and Zepf.

    Examples
    --------
    >>> import numpy as np
    >>> trace = Trace("modes", np.arange(2), np.array([[4.0, 1.1], [4.0, 1.2], [4.0, 1.0]]))
    >>> print(ModeEntanglement().judge("replace", {"modes": trace}).answer)
    yes
    """

    apart: Annotated[float, Between(0, above=True)] = 2.0

    title = "Entanglement of real modes"
    definition = "Modes of the human distribution that were apart are no longer apart."
    source = (
        "Shumailov et al., Nature 631 (2024): late model collapse; Ashman, Bird and Zepf (1994); "
        "definition listed by Schaeffer et al., arXiv 2503.03150 (2025)"
    )
    stage = "late"

    def judge(self, policy: str, traces: Mapping[str, Trace]) -> Verdict:
        """Ask whether the modes were apart at the beginning and are not at the end."""
        look = Look("modes", SEPARATION, self.apart)
        seen = looked_at([look], traces)
        if all(column(trace, 0, look) is None for _, trace in seen):
            look = replace(look, baseline=1)
        found = judge(self, policy, traces, [look])
        start = next((column(trace, look.baseline, look) for _, trace in seen), None)
        if found.answer is Answer.CANNOT_TELL or start is None:
            return found
        typical = float(np.exp(np.nanmean(np.log(np.maximum(start, np.finfo(float).tiny)))))
        if typical <= self.apart:
            sentence = f"modes: {typical:.4g} at generation {look.baseline}, where they are not apart to begin with."
            return replace(found, answer=Answer.CANNOT_TELL, sentence=sentence, since=None)
        return found
