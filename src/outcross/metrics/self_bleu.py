"""How much do the texts of a generation resemble each other?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self, final

import numpy as np

from outcross.core.batch import Batch, Floats, Ints
from outcross.core.metric import Metric, Reading
from outcross.core.setting import Between
from outcross.core.text import Texts
from outcross.metrics._checks import missing
from outcross.metrics._ngrams import ngrams, number, texts_of

EPSILON = 0.1
"""Stands for the number of matches where there is none: Chen and Cherry (2014), method 1, as in Texygen."""


@final
@dataclass(frozen=True, eq=False)
class Documents:
    """The texts themselves: each is compared with every other, so none can be left out of the summary.

    Examples
    --------
    >>> one = Documents(Texts.of(["a cat"]))
    >>> one.merge(one).texts.size
    2
    """

    texts: Texts

    def merge(self, other: Self) -> Self:
        """Return the texts of both."""
        return type(self)(self.texts.join([other.texts]))


@final
@dataclass(frozen=True)
class SelfBleu(Metric[Documents]):
    """Self-BLEU: the BLEU of each text with all other texts as its references, averaged over texts.

    Nothing is sampled, and still the work grows with the number of n-grams, not with the square of the number of texts:
    of each n-gram only the largest and the second largest count in any text are needed, so that a text is clipped
    against the largest count in a text other than itself.

    The brevity penalty is that of the reference whose length is nearest (the shorter of two). An order without any
    match counts as having 0.1 matches; a text without any word that another one has scores 0. Empty texts are left out,
    as texts and as references. The more texts, the likelier a match: compare samples of one size only.

    Parameters
    ----------
    n
        The longest n-gram; orders 1 to n have equal weight.

    Examples
    --------
    >>> texts = Texts.of(["a cat sat there", "a cat sat there", "dogs bark"])
    >>> metric = SelfBleu()
    >>> round(metric.compare(metric.summarize(texts), metric.summarize(texts)).values.item(), 4)
    0.6667
    """

    n: Annotated[int, Between(1)] = 4

    definition = "Mean over texts of BLEU-n (orders 1 to n, equal weights) against all other texts."
    source = "Zhu et al., SIGIR 2018, arXiv 1802.01886 (Texygen); BLEU: Papineni et al., ACL 2002"
    unit = "BLEU, 0 to 1"
    collapse = "rises"
    reads = (Texts,)
    usual_for = (Texts,)

    def summarize(self, batch: Batch) -> Documents:
        """Return the texts."""
        return Documents(texts_of(self, batch))

    def compare(self, sample: Documents, reference: Documents) -> Reading:
        """Return the mean BLEU of each text against the others; the human reference does not enter."""
        texts = sample.texts
        written = texts.take(np.flatnonzero(texts.lengths)[None])
        if written.size < 2:
            return missing(1, "there are no two texts with words")
        return Reading(np.array([_scores(written, self.n).mean()]))


def _scores(texts: Texts, n: int) -> Floats:
    """BLEU of each text against all others, shape (texts,)."""
    lengths = texts.lengths
    log_score = np.minimum(0.0, 1 - _nearest(lengths) / lengths)
    related = _matches(texts, 1) > 0
    for order in range(1, n + 1):
        matches, total = _matches(texts, order), np.maximum(lengths - order + 1, 1)
        log_score += np.log(np.where(matches > 0, matches, EPSILON) / total) / n
    return np.where(related, np.exp(log_score), 0.0)


def _matches(texts: Texts, order: int) -> Floats:
    """How many n-grams of each text occur in another, each counted at most as often as in any one other text."""
    owner, columns = ngrams(texts, order)
    if not len(owner):
        return np.zeros(texts.size)  # no text is so long
    sizes = [*[len(texts.vocabulary)] * order, texts.size]
    keys, count = np.unique(number([*columns, owner], sizes), return_counts=True)
    gram, text = np.divmod(keys, texts.size)
    first = np.diff(gram, prepend=-1) > 0
    starts, group = np.flatnonzero(first), np.cumsum(first) - 1
    largest = np.maximum.reduceat(count, starts)
    holders = np.flatnonzero(count == largest[group])
    holder = holders[np.diff(group[holders], prepend=-1) > 0]  # one text with the largest count, for each n-gram
    rest = count.copy()
    rest[holder] = 0
    elsewhere = largest[group]
    elsewhere[holder] = np.maximum.reduceat(rest, starts)
    return np.bincount(text, np.minimum(count, elsewhere), minlength=texts.size).astype(np.float64)


def _nearest(lengths: Ints) -> Floats:
    """The length of another text that is nearest to each text's own; of two equally near, the shorter."""
    known, which, count = np.unique(lengths, return_inverse=True, return_counts=True)
    padded = np.concatenate([[-np.inf], known, [np.inf]])
    below, above = padded[:-2], padded[2:]
    nearest = np.where(above - known < known - below, above, below)
    return np.where(count > 1, known, nearest)[which]
