"""How well does a generation still predict human text, whatever its tokens are?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np

from outcross.core.batch import Batch
from outcross.core.metric import Metric, Reading, View
from outcross.core.statistics import LogProbs
from outcross.metrics._checks import missing
from outcross.metrics._likelihood import Likelihood, scored


@final
@dataclass(frozen=True)
class WordPerplexity(Metric[Likelihood]):
    """Perplexity of held-out human text under the generation's model, per word of the text.

    `perplexity` counts the model's tokens, so that models with different tokenisers cannot be compared; the words of a
    text do not depend on the model. The ends of texts are predicted too, and counted by no word. What a word is, the
    data's unit says; a model of characters does not know how many words its texts have.

    Examples
    --------
    >>> metric = WordPerplexity()
    >>> summary = metric.summarize(LogProbs(np.log([[0.5, 0.125]]), np.array([[3.0, 5.0]]), np.array([[1.0, 1.0]])))
    >>> round(metric.compare(summary, summary).values.item(), 9)
    4.0
    """

    definition = "exp(-(sum of log-probabilities) / (number of words)), natural logarithm, of held-out human records."
    source = "Radford et al., Language Models are Unsupervised Multitask Learners (2019), section 3.1"
    unit = "per word"
    collapse = "rises"
    view = View.HELDOUT
    reads = (LogProbs,)

    def summarize(self, batch: Batch) -> Likelihood:
        """Return the sum of log-probabilities, and the number of words (NaN where it is not known)."""
        scores = scored(self, batch)
        words = np.full((1, 1), np.nan) if scores.words is None else scores.words
        return Likelihood.of(replace(scores, tokens=words))

    def compare(self, sample: Likelihood, reference: Likelihood) -> Reading:
        """Return the perplexity in each replicate; the reference does not enter."""
        if np.isnan(sample.tokens).any():
            return missing(len(sample.total), "the model does not say how many words these records have")
        found = sample.reading(exponential=True)
        return replace(found, reason=found.reason.replace("token", "word"))
