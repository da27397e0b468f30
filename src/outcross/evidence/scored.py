"""Documents of a target, of references and of a labelled sample, turned into probabilities on one common scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Flags, Labelled
from outcross.core.seed import Seed
from outcross.evidence.calibration import Calibration
from outcross.evidence.crossfit import cross_fit
from outcross.evidence.kinship import akin

AGAIN = 500
"""Documents that are scored by a second scorer, at most."""


@final
@dataclass(frozen=True, eq=False)
class Scored:
    """One score a document, each by a scorer that was fitted without the document.

    The references bear the score of their fold's scorer, the other documents that of a fold chosen at random: so the
    scores of a target have the same law as those of the mixture of references that it is. (The mean over all folds has
    a smaller spread than the score of one, and would not.) A document that is kin to a reference, see `akin`, bears the
    score of that one's fold: a scorer that learned from its pair would take it for what its pair is not.

    Parameters
    ----------
    target
        Shape (N,); NaN where a document has no score.
    reference, synthetic
        Scores of the references, shape (m,), and whether each is synthetic.
    labelled
        Scores of the labelled sample, shape (n,). None where there is none.
    again
        Scores of some documents of the target by the scorer of another fold, shape (N,), NaN for the others: how much a
        score depends on what its scorer was trained on. None where the scorer was not fitted to the references.
    folds
        How many folds there are.
    kin
        How many documents of the target are kin to a reference.
    fold
        The fold of each reference, shape (m,). None where the scorer was not fitted to them.

    Examples
    --------
    >>> Scored(np.array([0.0]), np.array([-1.0, 1.0]), np.array([False, True])).labelled is None
    True
    """

    target: Floats
    reference: Floats
    synthetic: Flags
    labelled: Floats | None = None
    again: Floats | None = None
    folds: int = 1
    kin: int = 0
    fold: Ints | None = None


def probability(log_odds: Floats) -> Floats:
    """Return the probability of natural-log odds; NaN where there are none.

    Examples
    --------
    >>> probability(np.array([0.0, 1000.0])).tolist()
    [0.5, 1.0]
    """
    return 1 / (1 + np.exp(-np.clip(log_odds, -500, 500)))


def score_with(
    detector: Detector, target: Documents, references: Labelled, labelled: Documents | None, seed: Seed
) -> Scored:
    """Score target, references and labelled sample by a detector that is fitted to the references, fold by fold.

    Parameters
    ----------
    detector
        What is fitted.
    target
        The documents whose share is asked for.
    references
        Documents of known origin, of the target's kind.
    labelled
        The documents of the labelled sample; None where there is none.
    seed
        For folds, fits, and which fold's scorer scores which other document.

    Raises
    ------
    BadInput
        If there are too few references of a kind.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> texts = ["I was so late, sorry!", "It is important to note that time matters."] * 10
    >>> references = Labelled.of(texts, ["human", "synthetic"] * 10)
    >>> score_with(build("detector", "ngram_linear"), Documents.of(texts[:3]), references, None, Seed(0)).target.shape
    (3,)
    """
    others = target if labelled is None else target.join(labelled)
    fitted = cross_fit(detector, references, seed.child("cross-fit"))
    chance: Ints = seed.child("deal").generator().permutation(others.size) % len(fitted.scorers)
    kin = akin(others, references.documents, fitted.fold)
    dealt = np.where(kin < 0, chance, kin)
    scores = _dealt(fitted.scorers, others, dealt)
    alone = np.flatnonzero(kin[: target.size] < 0)
    first = (alone if len(alone) else np.arange(target.size))[:AGAIN]
    again = np.full(target.size, np.nan)
    again[first] = _dealt(fitted.scorers, target.take(first), (dealt[first] + 1) % len(fitted.scorers))
    found = _divided(fitted.scores, scores, references, target.size, labelled)
    number = int((kin[: target.size] >= 0).sum())
    return replace(found, again=again, folds=len(fitted.scorers), kin=number, fold=fitted.fold)


def _dealt(scorers: Sequence[Scorer], documents: Documents, dealt: Ints) -> Floats:
    """The score of each document by the scorer that it was dealt to."""
    scores = np.full(documents.size, np.nan)
    for number, scorer in enumerate(scorers):
        places = np.flatnonzero(dealt == number)
        if len(places):
            scores[places] = scorer.score(documents.take(places))
    return scores


def score_by(scorer: Scorer, target: Documents, references: Labelled, labelled: Documents | None) -> Scored:
    """Score target, references and labelled sample by a scorer that was fitted elsewhere.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> texts = ["I was so late, sorry!", "It is important to note that time matters."] * 10
    >>> references = Labelled.of(texts, ["human", "synthetic"] * 10)
    >>> scorer = build("detector", "ngram_linear").fit(references, Seed(0))
    >>> score_by(scorer, Documents.of(texts[:3]), references, None).reference.shape
    (20,)
    """
    others = target if labelled is None else target.join(labelled)
    return _divided(scorer.score(references.documents), scorer.score(others), references, target.size, labelled)


def _divided(reference: Floats, other: Floats, data: Labelled, size: int, labelled: Documents | None) -> Scored:
    return Scored(other[:size], reference, data.synthetic, None if labelled is None else other[size:])


def as_log_odds(scored: Scored) -> Scored:
    """Return the natural-log odds of being synthetic, where half of all are, as the references calibrate them.

    Raises
    ------
    BadInput
        If there are not two references of each kind with a score.

    Examples
    --------
    >>> raw = Scored(np.array([1.5]), np.array([0.0, 1.0, 2.0, 3.0]), np.array([False, True, False, True]))
    >>> abs(as_log_odds(raw).target.round(6)).tolist()
    [0.0]
    """
    curve = Calibration.fit(scored.reference, scored.synthetic)
    labelled, again = (None if one is None else curve.log_odds(one) for one in (scored.labelled, scored.again))
    target, reference = curve.log_odds(scored.target), curve.log_odds(scored.reference)
    return replace(scored, target=target, reference=reference, labelled=labelled, again=again)


def together(fitted: Scored, ready: Scored) -> Scored:
    """Return what a detector that was fitted to the references says together with a ready one.

    Their log odds are added, and calibrated once more.

    Each is calibrated first, so the one that tells the references apart better weighs more. Two detectors that share
    what they look at are too sure together, which the second calibration takes back.

    Examples
    --------
    >>> raw = Scored(np.array([1.5]), np.array([0.0, 1.0, 2.0, 3.0]), np.array([False, True, False, True]))
    >>> together(raw, raw).target.shape
    (1,)
    """
    a, b = as_log_odds(fitted), as_log_odds(ready)
    labelled = None if a.labelled is None or b.labelled is None else a.labelled + b.labelled
    again = None if a.again is None else a.again + b.target
    both = replace(a, target=a.target + b.target, reference=a.reference + b.reference, labelled=labelled, again=again)
    return as_log_odds(both)


def training_noise(target: Floats, again: Floats, reference: Floats, synthetic: Flags, folds: int) -> float:
    """Which part of a score's variance, among documents of one origin, is by chance of the training, in [0, 1]?

    Two scorers of K folds share ``(K - 2) / (K - 1)`` of their training, so half the mean square of the difference of
    their scores is ``1 / (K - 1)`` of what chance puts into one score.

    Parameters
    ----------
    target, again
        Numbers of the same documents by the scorers of two folds, shape (n,).
    reference, synthetic
        Cross-fitted numbers of the references and their origins, shape (m,), for the variance within an origin.
    folds
        K.

    Notes
    -----
    This is why it matters. To the mean of cross-fitted scores each pair of references contributes twice: one is scored
    by what was learned from the other, and the other by what was learned from the one, and both show the same chance
    likeness. So this part of the variance of the mean is twice what it would be with independent scores (it is that of
    a degenerate U-statistic of order two; Hoeffding 1948).

    Examples
    --------
    >>> score, origin = np.array([0.1, 0.3, 0.7, 0.9]), np.array([False, False, True, True])
    >>> training_noise(score, score, score, origin, 5)
    0.0
    """
    known, held = np.isfinite(target) & np.isfinite(again), np.isfinite(reference)
    within = float(np.mean([np.var(reference[held & (synthetic == kind)]) for kind in (False, True)]))
    if not known.any() or within <= 0:
        return 0.0
    differs = float(np.mean((target[known] - again[known]) ** 2)) / 2
    return min(1.0, (folds - 1) * differs / within)
