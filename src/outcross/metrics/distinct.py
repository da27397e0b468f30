"""How varied are the word sequences of a generation as a whole?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Batch
from outcross.core.errors import BadInput
from outcross.core.metric import Metric, Reading
from outcross.core.setting import Between
from outcross.core.text import Texts, Vocabulary
from outcross.metrics._checks import missing
from outcross.metrics._ngrams import ngrams, number, texts_of


@final
@dataclass(frozen=True, eq=False)
class NGramSet:
    """The distinct n-grams of some texts, and how many n-grams there were.

    Parameters
    ----------
    rows
        The distinct n-grams as word codes, shape (u, n).
    total
        Number of n-grams, repeated ones included.
    vocabulary
        The vocabulary of the codes.

    Raises
    ------
    BadInput
        On merging two of different vocabularies: the same codes would be different words.

    Examples
    --------
    >>> one = Distinct(n=1).summarize(Texts.of(["a b a"]))
    >>> one.merge(one).rows.shape, one.merge(one).total
    ((2, 1), 6)
    """

    rows: NDArray[np.int32]
    total: int
    vocabulary: Vocabulary

    def merge(self, other: Self) -> Self:
        """Return the union."""
        if other.vocabulary is not self.vocabulary and other.vocabulary.words != self.vocabulary.words:
            raise BadInput("n-grams of different vocabularies cannot be merged; encode the texts with one vocabulary")
        rows = _distinct(list(np.concatenate([self.rows, other.rows]).T), self.vocabulary)
        return type(self)(rows, self.total + other.total, self.vocabulary)


def _distinct(columns: list[NDArray[np.int32]], vocabulary: Vocabulary) -> NDArray[np.int32]:
    _, first = np.unique(number(columns, [len(vocabulary)] * len(columns)), return_index=True)
    return np.stack([column[first] for column in columns], axis=1)


@final
@dataclass(frozen=True)
class Distinct(Metric[NGramSet]):
    """Distinct-n, pooled: different n-grams divided by all n-grams, over all texts of the generation together.

    `distinct_per_sample` takes the ratio within each text and averages; the literature calls both distinct-n, and they
    differ fourfold and more on the same texts. This one falls with the number of words, as the same words come again
    (Liu et al., ACL 2022), so compare samples of one size only. Li et al. divide by the number of words; here, as is
    now usual, by the number of n-grams, so that 1 is the largest value. Texts shorter than n have no n-gram. Words
    that are not in the vocabulary count as one and the same.

    Parameters
    ----------
    n
        Number of words of an n-gram.

    Examples
    --------
    >>> texts = Texts.of(["a b a b", "a b"])
    >>> metric = Distinct(n=2)
    >>> metric.compare(metric.summarize(texts), metric.summarize(texts)).values.tolist()
    [0.5]
    """

    n: Annotated[int, Between(1)] = 2

    definition = "Distinct n-grams divided by all n-grams, of all texts together."
    source = "Li et al., NAACL 2016, arXiv 1510.03055"
    unit = "share of n-grams"
    collapse = "falls"
    reads = (Texts,)
    usual_for = (Texts,)

    def summarize(self, batch: Batch) -> NGramSet:
        """Return the set of n-grams, and how many there were."""
        texts = texts_of(self, batch)
        owner, columns = ngrams(texts, self.n)
        return NGramSet(_distinct(columns, texts.vocabulary), len(owner), texts.vocabulary)

    def compare(self, sample: NGramSet, reference: NGramSet) -> Reading:
        """Return the share of n-grams that are distinct; the reference does not enter."""
        if not sample.total:
            return missing(1, f"no text has {self.n} words")
        return Reading(np.array([len(sample.rows) / sample.total]))
