"""Adjust the prior until it is the mean of the posteriors: expectation-maximisation, at its fixed point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from outcross.core.batch import Floats
from outcross.core.quantifier import Quantifier, Scores
from outcross.quantifiers._adjust import unless_alike
from outcross.quantifiers._posterior import adjusted_posterior, likeliest, log_ratios


@final
@dataclass(frozen=True)
class Em(Quantifier):
    """Which share makes the probabilities of these documents most likely?

    A calibrated probability, divided by the prior it was calibrated with, is a density ratio; so the share has a
    likelihood, and what EM climbs is its one summit, to which we go by Newton's method. No estimate varies less where
    the probabilities are calibrated *on the target's kind of documents*. Where they are not, nothing corrects them:
    the references are only asked whether they can be told apart.

    Parameters
    ----------
    adjust
        True takes out what the references show to be wrong with the probabilities: the share is where the target's mean
        posterior lies between those of the references (as `token_mixture` does). Then calibration is not trusted, and
        a little of the precision is lost.

    Examples
    --------
    Probabilities of 3/4 and 1/4 stand for density ratios of 3 and 1/3, so 4 and 2 of them are balanced at 5/6:

    >>> import numpy as np
    >>> from outcross.core.quantifier import Sample
    >>> rows = [0.75, 0.75, 0.75, 0.75, 0.25, 0.25], [0.25, 0.75], [0.75, 0.75]
    >>> scores = Scores(*(Sample(np.array(row)) for row in rows))
    >>> Em().estimate(scores).round(4).tolist()
    [0.8333]
    """

    adjust: bool = False

    definition = "the share p that maximises the sum of log((1 - p) (1 - q) / (1 - prior) + p q / prior)"
    source = "Saerens, Latinne and Decaestecker, Neural Computation 14, 21-41 (2002): the fixed point of its EM steps"

    def estimate(self, scores: Scores) -> Floats:
        """Return the share in each resample; NaN where the references cannot be told apart.

        Raises
        ------
        BadInput
            If a score is no probability, or the prior leaves no room for one of the classes.
        """
        target = log_ratios(scores.target, scores.prior)
        found = likeliest(target)
        if not self.adjust:
            return unless_alike(found, scores)
        human, synthetic = (log_ratios(one, scores.prior) for one in (scores.human, scores.synthetic))
        return adjusted_posterior(found, target, human, synthetic)
