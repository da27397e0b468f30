"""How well does a generation still predict human text?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from outcross.core.batch import Batch
from outcross.core.metric import Metric, Reading, View
from outcross.core.statistics import LogProbs
from outcross.core.text import Texts
from outcross.metrics._likelihood import Likelihood, scored


@final
@dataclass(frozen=True)
class Perplexity(Metric[Likelihood]):
    """Perplexity of held-out human text under the generation's model, per token.

    A token is whatever the vocabulary's unit says (words, characters): perplexities of different units, or of
    different vocabularies, cannot be compared. It is infinite where the model has lost, or never had, a word of the
    held-out text: an unsmoothed model does so at once, and that is its true value.

    Examples
    --------
    >>> import numpy as np
    >>> metric = Perplexity()
    >>> summary = metric.summarize(LogProbs(np.log([[0.5, 0.125]]), np.array([[1.0, 1.0]])))
    >>> round(metric.compare(summary, summary).values.item(), 9)
    4.0
    """

    definition = "exp(-(sum of log-probabilities) / (number of tokens)), natural logarithm, of held-out human records."
    source = "Jelinek et al., J. Acoust. Soc. Am. 62 (1977), S63; over generations: Shumailov et al., Nature 631 (2024)"
    unit = "per token"
    collapse = "rises"
    view = View.HELDOUT
    reads = (LogProbs,)
    usual_for = (Texts,)

    def summarize(self, batch: Batch) -> Likelihood:
        """Return the sum of log-probabilities, and the number of tokens."""
        return Likelihood.of(scored(self, batch))

    def compare(self, sample: Likelihood, reference: Likelihood) -> Reading:
        """Return the perplexity in each replicate; the reference does not enter."""
        return sample.reading(exponential=True)
