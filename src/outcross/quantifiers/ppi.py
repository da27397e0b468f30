"""Prediction-powered inference: the mean of a few labels, made surer by the scores of many documents."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Annotated, final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.errors import BadInput
from outcross.core.measure import Measure
from outcross.core.quantifier import Quantifier, Sample, Scores
from outcross.core.setting import Between
from outcross.core.special import beta_quantile, normal_quantile


@final
@dataclass(frozen=True)
class Ppi(Quantifier):
    """What share of the documents is synthetic, as a random sample of labels says, with predictions for the rest?

    ``p = tuning * mean(prediction, target) + mean(truth - tuning * prediction, labelled)``: the labels say how wrong
    the predictions are, so the estimate is right on average however bad these are; the tuning, found from the data,
    leaves out predictions that do not help. References are not used. The labels must be a *random* sample of the
    documents, each independent of the others; ``target`` holds the rest, those without a label.

    Parameters
    ----------
    few
        With fewer synthetic, or fewer human, labels than this the interval is the exact one of Clopper and Pearson for
        the labels alone: the normal one rests on a variance that so few labels do not show.

    Examples
    --------
    >>> human, synthetic = Sample(np.array([0.1])), Sample(np.array([0.9]))
    >>> target, labelled = Sample(np.array([0.9, 0.9, 0.1, 0.1])), Sample(np.array([0.9, 0.1]))
    >>> scores = Scores(target, human, synthetic, labelled, truth=np.array([1.0, 0.0]))
    >>> Ppi().estimate(scores).tolist()
    [0.5]
    >>> print(Ppi().measure(scores, 0.95))
    0.5 [0.01258, 0.9874]
    """

    few: Annotated[int, Between(1)] = 15

    definition = "mean of the labels, plus the tuned difference of mean predictions without and with a label"
    source = "Angelopoulos, Duchi and Zrnic, arXiv 2311.01453 (2023), PPI++ with power tuning, for a mean"
    labels = True

    def estimate(self, scores: Scores) -> Floats:
        """Return the share in each resample; a resample of labels takes their scores and origins together.

        Raises
        ------
        BadInput
            If there are no labels.
        """
        labelled, truth = _labels(scores)
        tuning = _tuning(scores.target, labelled, truth)
        difference = scores.target.mean(scores.target.values) - labelled.mean(labelled.values)
        return np.clip(labelled.mean(truth) + tuning * difference, 0.0, 1.0) + np.zeros(scores.draws)

    def measure(self, scores: Scores, level: float) -> Measure:
        """Return the estimate with its normal interval, or with the exact one where labels of an origin are few.

        Raises
        ------
        BadInput
            If there are no labels, or what is given are resamples.
        """
        labelled, truth = _labels(scores)
        target = scores.target
        if target.weight is not None or labelled.weight is not None:
            raise BadInput("an interval of ppi's own is that of the documents themselves, not of resamples")
        value = float(self.estimate(replace(scores, human=Sample(target.values), synthetic=Sample(target.values)))[0])
        n, synthetic = len(truth), round(truth.sum())
        if min(synthetic, n - synthetic) < self.few:
            low, high = _exact(synthetic, n, level)
            return Measure(value, min(low, value), max(high, value), n + len(target.values), level)
        tuning = _tuning(target, labelled, truth)[0]
        variance = np.var(tuning * target.values) / len(target.values) + np.var(truth - tuning * labelled.values) / n
        half = normal_quantile(0.5 + level / 2) * math.sqrt(variance)
        return Measure(value, max(0.0, value - half), min(1.0, value + half), n + len(target.values), level)


def _labels(scores: Scores) -> tuple[Sample, Floats]:
    if scores.labelled is None or scores.truth is None:
        raise BadInput("ppi needs a random sample of the target with labels; without one, probabilistic_adjusted_count")
    if len(scores.truth) != len(scores.labelled.values):
        raise BadInput(f"{len(scores.labelled.values):,} labelled documents cannot have {len(scores.truth):,} labels")
    return scores.labelled, scores.truth


def _exact(synthetic: int, n: int, level: float) -> tuple[float, float]:
    """The interval of Clopper and Pearson for a share of which so many of n were found."""
    tail, human = (1 - level) / 2, n - synthetic
    shapes = np.array([[synthetic, human + 1], [synthetic + 1, human]])
    low, high = beta_quantile([tail, 1 - tail], *np.maximum(shapes, 1).T).tolist()
    return (low if synthetic else 0.0), (high if human else 1.0)


def _tuning(target: Sample, labelled: Sample, truth: Floats) -> Floats:
    """How far the predictions are trusted, in [0, 1], in each resample: what makes the variance least."""
    centre = labelled.values.mean()
    of_labelled, of_target = labelled.values - centre, target.values - centre
    covariance = labelled.mean(truth * of_labelled) - labelled.mean(truth) * labelled.mean(of_labelled)
    n, rest = labelled.total, target.total
    both = n + rest
    mean = (n * labelled.mean(of_labelled) + rest * target.mean(of_target)) / both
    square = (n * labelled.mean(of_labelled**2) + rest * target.mean(of_target**2)) / both
    variance = (square - mean**2) * both / (both - 1)
    varies = variance > 0
    tuning = covariance / ((1 + n / rest) * np.where(varies, variance, 1.0))
    return np.where(varies, np.clip(tuning, 0.0, 1.0), 0.0)
