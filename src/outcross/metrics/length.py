"""How long are the texts?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Batch
from outcross.core.metric import Metric, Reading
from outcross.core.text import Texts
from outcross.metrics._mean import Mean
from outcross.metrics._ngrams import texts_of


@final
@dataclass(frozen=True)
class Length(Metric[Mean]):
    """Mean number of tokens of a text; an empty text has 0.

    Repetition, `distinct_per_sample` and perplexity depend on length, so a change here explains changes there.

    Examples
    --------
    >>> texts = Texts.of(["a black cat", "a dog", ""])
    >>> metric = Length()
    >>> round(metric.compare(metric.summarize(texts), metric.summarize(texts)).values.item(), 4)
    1.6667
    """

    definition = "Number of tokens divided by number of texts, in the units of the vocabulary."
    source = "Shaib et al., arXiv 2403.00553: measures of diversity move with length, so report it beside them"
    unit = "tokens per text"
    collapse = "moves"
    reads = (Texts,)
    usual_for = (Texts,)

    def summarize(self, batch: Batch) -> Mean:
        """Return the number of tokens and of texts."""
        return Mean.of(texts_of(self, batch).lengths.astype(np.float64))

    def compare(self, sample: Mean, reference: Mean) -> Reading:
        """Return the mean length; the reference does not enter."""
        return sample.reading("there is no text")
