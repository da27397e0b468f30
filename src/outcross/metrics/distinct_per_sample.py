"""How varied are the word sequences within each text?"""

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
class DistinctPerSample(Metric[Mean]):
    """Distinct-n, per sample: the share of different n-grams within each text, averaged over texts.

    `distinct` takes the ratio over all texts together; the literature calls both distinct-n, and they differ fourfold
    and more on the same texts. This one does not see that texts resemble each other, and falls with the length of the
    texts. Texts shorter than n have no n-gram, hence no share, and are left out of the mean. Words that are not in the
    vocabulary count as one and the same.

    Parameters
    ----------
    n
        Number of words of an n-gram.

    Examples
    --------
    >>> texts = Texts.of(["a b a b", "a b", "a"])
    >>> metric = DistinctPerSample(n=2)
    >>> round(metric.compare(metric.summarize(texts), metric.summarize(texts)).values.item(), 4)
    0.8333
    """

    n: Annotated[int, Between(1)] = 2

    definition = "Mean over texts of (distinct n-grams of the text divided by all n-grams of the text)."
    source = "Li et al., NAACL 2016, arXiv 1510.03055, with the ratio taken text by text"
    unit = "share of n-grams"
    collapse = "falls"
    reads = (Texts,)
    usual_for = (Texts,)

    def summarize(self, batch: Batch) -> Mean:
        """Return the sum of the texts' shares, and the number of texts that have one."""
        shares, _ = distinct_within(texts_of(self, batch), self.n)
        return Mean.of(shares)

    def compare(self, sample: Mean, reference: Mean) -> Reading:
        """Return the mean share; the reference does not enter."""
        return sample.reading(f"no text has {self.n} words")
