"""What is the risk of a generation's model on human data?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from outcross.core.batch import Batch
from outcross.core.metric import Metric, Reading, View
from outcross.core.statistics import LogProbs
from outcross.metrics._likelihood import Likelihood, scored


@final
@dataclass(frozen=True)
class HeldoutNll(Metric[Likelihood]):
    """Negative log-likelihood of held-out human data under the generation's model: its population risk, estimated.

    Per token for texts, where it is the cross-entropy and the logarithm of `perplexity`; per record for everything
    else. Of continuous data it is a density's, may be negative, and depends on the unit of the data. It is infinite
    where the model excludes what people wrote.

    Examples
    --------
    >>> import numpy as np
    >>> metric = HeldoutNll()
    >>> summary = metric.summarize(LogProbs(np.array([[-1.0, -4.0]]), np.ones((1, 2))))
    >>> metric.compare(summary, summary).values.tolist()
    [2.5]
    """

    definition = "-(sum of log-probabilities or log-densities) / (number of tokens, or of records that are not texts)."
    source = "Schaeffer et al., arXiv 2503.03150 (population risk); Gerstgrasser et al., arXiv 2404.01413 (test loss)"
    unit = "nats per token or record"
    collapse = "rises"
    view = View.HELDOUT
    reads = (LogProbs,)

    def summarize(self, batch: Batch) -> Likelihood:
        """Return the sum of log-probabilities, and the number of tokens or records."""
        return Likelihood.of(scored(self, batch))

    def compare(self, sample: Likelihood, reference: Likelihood) -> Reading:
        """Return the mean in each replicate; the reference does not enter."""
        return sample.reading(exponential=False)
