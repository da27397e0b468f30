"""Count what is called synthetic, and take out the error rates that the references show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.quantifier import Quantifier, Sample, Scores
from outcross.core.setting import Between
from outcross.quantifiers._adjust import adjusted


@final
@dataclass(frozen=True)
class AdjustedCount(Quantifier):
    """What share of synthetic documents makes so many be called synthetic?

    Of humans a share FPR is called synthetic, of synthetic documents a share TPR, as in the references; so the share
    that is called synthetic is ``FPR + p (TPR - FPR)``, which is solved for p. Epidemiology knows it as the estimator
    of Rogan and Gladen. It needs no calibration, only references like the target.

    Parameters
    ----------
    threshold
        From this probability on a document is called synthetic.

    Examples
    --------
    Half are called synthetic, of the humans a quarter, of the synthetic ones all:

    >>> rows = [0.2, 0.6, 0.9, 0.4], [0.1, 0.2, 0.3, 0.6], [0.8, 0.9]
    >>> scores = Scores(*(Sample(np.array(row)) for row in rows))
    >>> AdjustedCount().estimate(scores).round(4).tolist()
    [0.3333]
    """

    threshold: Annotated[float, Between(0, 1)] = 0.5

    definition = "(share called synthetic - FPR) / (TPR - FPR) with the references' error rates, clipped to [0, 1]"
    source = (
        "Forman (ECML 2005; Data Mining and Knowledge Discovery 17, 2008); Rogan and Gladen (Am. J. Epidemiology 1978)"
    )

    def estimate(self, scores: Scores) -> Floats:
        """Return the share in each resample; NaN where TPR is not above FPR."""
        return adjusted(self._called(scores.target), self._called(scores.human), self._called(scores.synthetic))

    def _called(self, sample: Sample) -> Floats:
        """What share of the documents is called synthetic."""
        return sample.mean((sample.values >= self.threshold).astype(np.float64))
