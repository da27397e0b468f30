"""Are the tails of the human data still there?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.setting import Between
from outcross.core.verdict import Definition, Trace, Verdict
from outcross.verdicts._judge import TIMES, Look, judge


@final
@dataclass(frozen=True)
class TailLoss(Definition):
    """The tails of the human data disappear: rare values, rare types, unlikely texts. Early collapse.

    Holds where one of the metrics that look at tails is surely down by more than ``loss``: types, coverage and the tail
    of unlikely texts against generation 0; tail mass against generation 1, and without what is more than intact, for
    the mean over replicates may stay what it was for ever, kept up by the few that have wandered into one of the tails.
    For the same reason the share of a minority is not looked at.

    Parameters
    ----------
    loss
        How much must be lost at least, as a share of what there was.

    Examples
    --------
    >>> import numpy as np
    >>> trace = Trace("types", np.arange(2), np.array([[9.0, 3.0], [9.0, 4.0], [9.0, 5.0]]))
    >>> print(TailLoss().judge("replace", {"types": trace}).answer)
    yes
    """

    loss: Annotated[float, Between(0, 1, below=True)] = 0.1

    title = "Loss of the tails"
    definition = "What is rare in the human data is no longer written: the tails of the real distribution disappear."
    source = (
        "Shumailov et al., Nature 631 (2024): early model collapse; Suresh et al., arXiv 2412.17646 (2024); "
        "definition listed by Schaeffer et al., arXiv 2503.03150 (2025)"
    )
    stage = "early"

    def judge(self, policy: str, traces: Mapping[str, Trace]) -> Verdict:
        """Compare the last generation with the data, or with the first model."""
        left = 1 - self.loss
        looks = (
            Look("types", TIMES, left),
            Look("tail_mass", TIMES, left, baseline=1, view=_at_most_all, name="min({}, 1)"),
            Look("coverage", TIMES, left),
            Look("perplexity_tails@high", TIMES, left),
        )
        return judge(self, policy, traces, looks)


def _at_most_all(mass: Floats) -> Floats:
    return np.minimum(mass, 1)
