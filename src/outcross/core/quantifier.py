"""What a quantifier is: scores of a target and of references in, the share of synthetic documents out.

Classify, then aggregate: the scores are computed once, and resampling touches the cheap half only. A resample is a
row of weights, so one call estimates every draw of a bootstrap.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.errors import BadInput
from outcross.core.measure import Measure
from outcross.core.part import Part


@final
@dataclass(frozen=True, eq=False)
class Sample:
    """Scores of some documents, and how often each counts in every resample.

    Parameters
    ----------
    values
        One score a document, shape (n,), none of them missing: probabilities of being synthetic unless the quantifier
        reads another detector's scores.
    weight
        How often each counts, shape (R, n); None where each counts once (then R is 1).

    Raises
    ------
    BadInput
        If there is no document, or a value is missing.

    Examples
    --------
    >>> Sample(np.array([0.1, 0.9]), np.array([[2.0, 0.0], [1.0, 1.0]])).mean(np.array([0.1, 0.9])).tolist()
    [0.1, 0.5]
    """

    values: Floats
    weight: Floats | None = None

    def __post_init__(self) -> None:
        if not len(self.values):
            raise BadInput("a share cannot be estimated from no document")
        if np.isnan(self.values).any():
            raise BadInput("a score is missing; leave out the documents that have none, and say how many")

    @property
    def draws(self) -> int:
        """R, the number of resamples."""
        return 1 if self.weight is None else len(self.weight)

    @cached_property
    def total(self) -> Floats:
        """How many documents each resample counts, shape (R,); NaN where it counts none, and so is every mean of it."""
        if self.weight is None:
            return np.array([float(len(self.values))])
        total = self.weight.sum(axis=1)
        return np.where(total > 0, total, np.nan)

    def mean(self, numbers: Floats) -> Floats:
        """Return the mean of one number a document, shape (n,), in each resample, shape (R,)."""
        if self.weight is None:
            return np.array([float(numbers.mean())])
        means: Floats = self.weight @ numbers / self.total
        return means


@final
@dataclass(frozen=True, eq=False)
class Scores:
    """All that a quantifier may look at. The R of all samples with weights are the same.

    Parameters
    ----------
    target
        The documents whose share is asked for.
    human, synthetic
        References: documents of known origin, with scores that were found without them (cross-fitted).
    labelled
        A random sample of the target whose origin was found out, with ``truth``. None where there is none.
    truth
        Whether each of the labelled documents is synthetic (1) or not (0), shape (n,).
    prior
        Share of synthetic documents among those that the probabilities were calibrated on.

    Examples
    --------
    >>> scores = Scores(Sample(np.array([0.5])), Sample(np.array([0.2])), Sample(np.array([0.8])))
    >>> scores.draws
    1
    """

    target: Sample
    human: Sample
    synthetic: Sample
    labelled: Sample | None = None
    truth: Floats | None = None
    prior: float = 0.5

    @property
    def draws(self) -> int:
        """R, the number of resamples."""
        held = [self.target, self.human, self.synthetic, *([] if self.labelled is None else [self.labelled])]
        return max(sample.draws for sample in held)


class Quantifier(Part):
    """What share of these documents is synthetic?

    Attributes
    ----------
    definition
        What the estimate is, in one sentence with its formula.
    source
        The paper, with the equation.
    labels
        Whether it needs a random labelled sample of the target.
    detector
        The words of the detector whose own scores it reads; None where it reads the probabilities of any.
    """

    kind = "quantifier"
    definition: ClassVar[str]
    source: ClassVar[str]
    labels: ClassVar[bool] = False
    detector: ClassVar[str | None] = None

    @abstractmethod
    def estimate(self, scores: Scores) -> Floats:
        """Return the share of synthetic documents in each resample, shape (R,), in [0, 1].

        NaN where a resample gives none, for example because the references cannot be told apart in it.

        Raises
        ------
        BadInput
            If it needs labels and there are none.
        """

    def measure(self, scores: Scores, level: float) -> Measure | None:
        """Return the estimate with an interval of its own; None where it has none and must be resampled."""
        return None
