"""How surprising is what a generation writes to the model that learnt from people?"""

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
class HindsightPerplexity(Metric[Likelihood]):
    """Perplexity of the generation's own text under the model fitted to human data, all tokens together.

    It falls while a chain narrows to what is likely, and rises when it drifts to what no person wrote; both may happen
    at once, which only `perplexity_tails` and `perplexity_histogram` show.

    Examples
    --------
    >>> import numpy as np
    >>> metric = HindsightPerplexity()
    >>> summary = metric.summarize(LogProbs(np.log([[0.5, 0.125]]), np.array([[1.0, 1.0]])))
    >>> round(metric.compare(summary, summary).values.item(), 9)
    4.0
    """

    definition = "exp(-(sum of log-probabilities) / (number of tokens)) of generated records under the first model."
    source = (
        "Shumailov et al., Nature 631 (2024), Fig. 1: generated data judged by the first model (their generation 0)"
    )
    unit = "per token"
    collapse = "moves"
    view = View.HINDSIGHT
    reads = (LogProbs,)
    usual_for = (Texts,)

    def summarize(self, batch: Batch) -> Likelihood:
        """Return the sum of log-probabilities, and the number of tokens."""
        return Likelihood.of(scored(self, batch))

    def compare(self, sample: Likelihood, reference: Likelihood) -> Reading:
        """Return the perplexity in each replicate; the reference does not enter."""
        return sample.reading(exponential=True)
