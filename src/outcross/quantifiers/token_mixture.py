"""How much of a corpus is synthetic by the words it uses: a mixture of two laws of occurrence, its bias taken out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from outcross.core.batch import Floats
from outcross.core.quantifier import Quantifier, Scores
from outcross.quantifiers._adjust import unless_alike
from outcross.quantifiers._posterior import adjusted_posterior, likeliest


@final
@dataclass(frozen=True)
class TokenMixture(Quantifier):
    """Which mixture of human and synthetic word occurrence makes these documents most likely?

    The published estimate maximises the sum of ``log((1 - a) P(x) + a Q(x))``. Its log odds ``log Q(x) / P(x)`` add up
    words as though each were independent of the others, so they are far too sure, and a document is nearly all human or
    nearly all synthetic: the maximum then counts documents with positive log odds, with all their false alarms, and
    however many documents there are, the error stays. Here the log odds of the references come from laws that were
    fitted without them, so they bear the same error, which is taken out as in the adjusted count: at the maximum,
    ``a`` is the mean of the posterior probabilities ``a Q / ((1 - a) P + a Q)``, and the share is where that mean lies
    between those over human and over synthetic references.

    Parameters
    ----------
    adjust
        False gives the published estimate ``a``.

    Examples
    --------
    Log odds of 5 and -5 are as good as verdicts; one in four humans is called synthetic:

    >>> import numpy as np
    >>> from outcross.core.quantifier import Sample
    >>> rows = [5.0, 5.0, -5.0, -5.0], [-5.0, -5.0, -5.0, 5.0], [5.0, 5.0]
    >>> scores = Scores(*(Sample(np.array(row)) for row in rows))
    >>> TokenMixture().estimate(scores).round(4).tolist()
    [0.3333]
    >>> TokenMixture(adjust=False).estimate(scores).round(4).tolist()
    [0.5]
    """

    adjust: bool = True

    definition = "the share a that maximises the sum of log((1 - a) P(x) + a Q(x)), adjusted by held-out references"
    source = "Liang et al., arXiv 2403.07183 (2024); the adjustment is that of Bella et al. (ICDM 2010)"
    detector = "token_odds"

    def estimate(self, scores: Scores) -> Floats:
        """Return the share in each resample; NaN where the references cannot be told apart."""
        found = likeliest(scores.target)
        if not self.adjust:
            return unless_alike(found, scores)
        return adjusted_posterior(found, scores.target, scores.human, scores.synthetic)
