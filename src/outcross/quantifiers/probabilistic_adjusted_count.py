"""Add up probabilities rather than verdicts, and take out how large they are on the references: the usual choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.quantifier import Quantifier, Scores
from outcross.quantifiers._adjust import adjusted
from outcross.quantifiers._posterior import adjusted_posterior, log_ratios


@final
@dataclass(frozen=True)
class ProbabilisticAdjustedCount(Quantifier):
    """What share of synthetic documents makes the mean probability so large?

    The mean probability over a mixture lies between those over the two references, in proportion. A document near the
    threshold counts as half a one rather than as all or nothing, so the estimate varies less than the adjusted count;
    and the probabilities need not be calibrated, for the references bear the same error.

    Parameters
    ----------
    sharpen
        True does it twice: the probabilities of the first count are those of an even mixture, and where the share is
        near 0 or 1 most of their sum is the little that each human document has; the second count is of the
        probabilities at the share that the first one found, on the target and on the references alike.

    Examples
    --------
    >>> from outcross.core.quantifier import Sample
    >>> scores = Scores(*(Sample(np.array(row)) for row in ([0.2, 0.6], [0.1, 0.3], [0.8, 0.8])))
    >>> ProbabilisticAdjustedCount().estimate(scores).round(4).tolist()
    [0.3333]
    """

    sharpen: bool = False

    definition = "(mean probability - that of humans) / (that of synthetic references - that of humans), in [0, 1]"
    source = "Bella, Ferri, Hernandez-Orallo and Ramirez-Quintana (ICDM 2010), scaled probability average"

    def estimate(self, scores: Scores) -> Floats:
        """Return the share in each resample; NaN where synthetic references have no larger mean than humans."""
        every = (scores.target, scores.human, scores.synthetic)
        first = adjusted(*(one.mean(one.values) for one in every))
        if not self.sharpen:
            return first
        second = adjusted_posterior(first, *(log_ratios(one, scores.prior) for one in every))
        return np.where(np.isnan(first), np.nan, second)
