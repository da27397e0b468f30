"""Count the documents whose probability is above a threshold: what most reports do, and a warning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.quantifier import Quantifier, Scores
from outcross.core.setting import Between
from outcross.quantifiers._adjust import unless_alike


@final
@dataclass(frozen=True)
class ClassifyAndCount(Quantifier):
    """How many documents does the detector call synthetic? Not how many are.

    Its expectation is ``FPR + p (TPR - FPR)``: where nothing is synthetic it reports the false alarms, and the error
    does not shrink with the number of documents. It is here to be shown beside the others.

    Parameters
    ----------
    threshold
        From this probability on a document is called synthetic.

    Examples
    --------
    >>> from outcross.core.quantifier import Sample
    >>> scores = Scores(*(Sample(np.array(row)) for row in ([0.2, 0.6, 0.9, 0.4], [0.1, 0.6], [0.8, 0.9])))
    >>> ClassifyAndCount().estimate(scores).tolist()
    [0.5]
    """

    threshold: Annotated[float, Between(0, 1)] = 0.5

    definition = "the share of documents whose probability of being synthetic reaches the threshold; biased"
    source = "Forman, Data Mining and Knowledge Discovery 17 (2008), where its bias is shown"

    def estimate(self, scores: Scores) -> Floats:
        """Return the share of documents that are called synthetic, uncorrected."""
        target = scores.target
        return unless_alike(target.mean((target.values >= self.threshold).astype(np.float64)), scores)
