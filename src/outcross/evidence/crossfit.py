"""Scores of documents by detectors that were fitted without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.progress import tell
from outcross.core.seed import Seed
from outcross.evidence.folds import grouped_folds, parts_of


@final
@dataclass(frozen=True, eq=False)
class CrossFitted:
    """A detector fitted once without each fold.

    Parameters
    ----------
    scores
        The score of each document by the scorer that was fitted without its fold, shape (n,).
    fold
        The fold of each document, shape (n,).
    scorers
        One scorer a fold.

    Examples
    --------
    See `cross_fit`.
    """

    scores: Floats
    fold: Ints
    scorers: tuple[Scorer, ...]

    def score(self, documents: Documents) -> Floats:
        """Return the mean score of other documents by all scorers, so that they are treated as those of the folds."""
        mean: Floats = np.mean([scorer.score(documents) for scorer in self.scorers], axis=0)
        return mean


def cross_fit(detector: Detector, data: Labelled, seed: Seed, folds: int = 5) -> CrossFitted:
    """Score every document by a detector that saw neither it nor anything of its group.

    Parameters
    ----------
    detector
        What is fitted.
    data
        Documents of known origin, with their groups.
    seed
        For the folds and the fits.
    folds
        Number of folds, at most (see `grouped_folds`).

    Raises
    ------
    BadInput
        If there are too few groups, see `grouped_folds`.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> texts = ["I was so late, sorry!", "It is important to note that time matters."] * 4
    >>> data = Labelled.of(texts, ["human", "synthetic"] * 4)
    >>> cross_fit(build("detector", "ngram_linear"), data, Seed(0), folds=2).scores.shape
    (8,)
    """
    fold = grouped_folds(data.groups, data.synthetic, folds, seed.child("folds"))
    scores = np.full(data.size, np.nan)
    scorers = []
    parts = parts_of(data, fold)
    for number, (rest, held) in enumerate(parts):
        scorer = detector.fit(data.take(rest), seed.child("fit", number))
        scores[held] = scorer.score(data.documents.take(held))
        scorers.append(scorer)
        tell("train", number + 1, len(parts))
    return CrossFitted(scores, fold, tuple(scorers))
