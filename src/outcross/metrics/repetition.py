"""How much does a text say again what it said before?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, final

from outcross.core.batch import Batch
from outcross.core.metric import Metric, Reading
from outcross.core.setting import Between
from outcross.core.text import Texts
from outcross.metrics._mean import Mean
from outcross.metrics._ngrams import distinct_within, texts_of


@final
@dataclass(frozen=True)
class Repetition(Metric[Mean]):
    """Sequence-level repetition (seq-rep-n): the share of a text's n-grams that occurred earlier in it, averaged.

    It is 1 - `distinct_per_sample` at the same n, under the name and with the n that studies of degenerate text use.
    Texts shorter than n have no n-gram and are left out of the mean; long texts repeat more than short ones, human ones
    too. Words that are not in the vocabulary count as one and the same.

    Parameters
    ----------
    n
        Number of words of an n-gram.

    Examples
    --------
    >>> texts = Texts.of(["on and on and on", "no more"])
    >>> metric = Repetition(n=2)
    >>> metric.compare(metric.summarize(texts), metric.summarize(texts)).values.tolist()
    [0.25]
    """

    n: Annotated[int, Between(1)] = 4

    definition = "Mean over texts of (1 - distinct n-grams of the text / all n-grams of the text)."
    source = "Welleck et al., ICLR 2020, arXiv 1908.04319 (seq-rep-n); Su et al., NeurIPS 2022, 2202.06417 (rep-n)"
    unit = "share of n-grams"
    collapse = "rises"
    reads = (Texts,)
    usual_for = (Texts,)

    def summarize(self, batch: Batch) -> Mean:
        """Return the sum of the texts' shares of repeated n-grams, and the number of texts that have n-grams."""
        shares, _ = distinct_within(texts_of(self, batch), self.n)
        return Mean.of(1 - shares)

    def compare(self, sample: Mean, reference: Mean) -> Reading:
        """Return the mean share; the reference does not enter."""
        return sample.reading(f"no text has {self.n} words")
