"""How sure is a model of what it writes itself?"""

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
class OwnPerplexity(Metric[Likelihood]):
    """Perplexity of a generation's own text under the model that wrote it, per token, all tokens together.

    A model that writes as it scores, and has no other setting of sampling, has the exponential of its entropy here: it
    falls as a chain narrows. Low temperatures, beams and other choices of the likely make it fall faster. Generation 0
    has none: nobody's model wrote the human data.

    Examples
    --------
    >>> import numpy as np
    >>> metric = OwnPerplexity()
    >>> summary = metric.summarize(LogProbs(np.log([[0.5, 0.125]]), np.array([[1.0, 1.0]])))
    >>> round(metric.compare(summary, summary).values.item(), 9)
    4.0
    """

    definition = "exp(-(sum of log-probabilities) / (number of tokens)) of generated records under their own model."
    source = "Holtzman et al., ICLR 2020, arXiv 1904.09751, Table 1: perplexity of generated text beside human text"
    unit = "per token"
    collapse = "falls"
    view = View.OWN
    reads = (LogProbs,)
    compares = "alone"
    usual_for = (Texts,)

    def summarize(self, batch: Batch) -> Likelihood:
        """Return the sum of log-probabilities, and the number of tokens."""
        return Likelihood.of(scored(self, batch))

    def compare(self, sample: Likelihood, reference: Likelihood) -> Reading:
        """Return the perplexity in each replicate; the reference does not enter."""
        return sample.reading(exponential=True)
