"""What a metric is: a mergeable summary of records, and a comparison of two summaries.

Because summaries merge, one metric serves an array, a stream and a cluster.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Generic, Literal, Protocol, Self, TypeVar, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.errors import BadSetting
from outcross.core.measure import Measure
from outcross.core.part import Part


class Summary(Protocol):
    """Whatever a metric keeps of records; two of them merge into that of the records together."""

    def merge(self, other: Self) -> Self:
        """Return the summary of both sets of records together."""


S = TypeVar("S", bound=Summary)


@final
class View(StrEnum):
    """What of a generation a metric looks at.

    Examples
    --------
    >>> [str(view) for view in View]
    ['output', 'heldout', 'hindsight', 'own', 'latent']
    """

    OUTPUT = "output"
    """The model's distribution where it is known, else a sample of it; the reference is held-out human data."""
    HELDOUT = "heldout"
    """Held-out human records, scored by the generation's model (`LogProbs`)."""
    HINDSIGHT = "hindsight"
    """The generation's sample, scored by the model fitted to human data (`LogProbs`); the reference is held-out human
    records scored by the same model."""
    OWN = "own"
    """The generation's sample, scored by the model that wrote it (`LogProbs`); there is no reference."""
    LATENT = "latent"
    """The generation's sample, described by the latents of the model fitted to human data (`Rows`); the reference is
    held-out human records described by the same model."""


@final
@dataclass(frozen=True)
class Reading:
    """What a metric found in each replicate.

    Parameters
    ----------
    values
        Shape (R,); NaN where a replicate has no value, and then ``reason`` says why.
    reason
        Why values are missing; forgotten where none is.

    Raises
    ------
    BadSetting
        If a value is missing without a reason.

    Examples
    --------
    >>> print(Reading(np.array([1.0, 2.0, 3.0])).measure())
    2 [-0.4841, 4.484]
    """

    values: Floats
    reason: str = ""

    def __post_init__(self) -> None:
        missing = has_missing(self.values)
        if missing and not self.reason:
            raise BadSetting("a missing reading must say why it is missing")
        if self.reason and not missing:
            object.__setattr__(self, "reason", "")

    def measure(self) -> Measure:
        """Return the mean over replicates with its interval."""
        if np.isnan(self.values).all():
            return Measure.missing(self.reason or "no replicate has a value")
        return Measure.mean_of(self.values)


def has_missing(values: Floats) -> bool:
    """Return whether any value is NaN. A sum of squares is NaN just then, and costs a quarter of looking at each.

    Examples
    --------
    >>> has_missing(np.array([1.0, np.inf, -np.inf])), has_missing(np.array([1.0, np.nan]))
    (False, True)
    """
    flat = values.ravel()
    return math.isnan(np.dot(flat, flat))


class Metric(Part, Generic[S]):
    """How far has a generation moved from the human data? One number (or a few named ones) a replicate.

    Attributes
    ----------
    definition
        What the number is, in one sentence with its formula.
    source
        The paper, with the equation.
    unit
        Unit of the number, for example ``"nats per token"``.
    collapse
        What collapse does to it: ``"falls"``, ``"rises"`` or ``"moves"`` (either way).
    view
        What of a generation it looks at.
    reads
        The kinds of batch (or capability classes) it can summarise, the preferred one first. The chain takes the first
        that both the generation and the reference can give.
    compares
        ``"same"``: with a reference of the kind that was read; ``"any"``: with a reference of any kind that it reads (a
        law with held-out records); ``"alone"``: with nothing, the number stands for itself.
    usual_for
        Kinds of records for which it is measured when nothing else is asked for.
    """

    kind = "metric"
    definition: ClassVar[str]
    source: ClassVar[str]
    unit: ClassVar[str]
    collapse: ClassVar[str]
    view: ClassVar[View] = View.OUTPUT
    reads: ClassVar[tuple[type[Batch], ...]]
    compares: ClassVar[Literal["same", "any", "alone"]] = "same"
    usual_for: ClassVar[tuple[type[Batch], ...]] = ()

    @abstractmethod
    def summarize(self, batch: Batch) -> S:
        """Return what is kept of these records."""

    def merge(self, one: S, other: S) -> S:
        """Return the summary of two sets of records together."""
        return one.merge(other)

    @abstractmethod
    def compare(self, sample: S, reference: S) -> Reading | Mapping[str, Reading]:
        """Return the metric of a sample against a reference.

        Parameters
        ----------
        sample
            Summary of R replicates.
        reference
            Summary of the human data, of R replicates or of one that serves all.

        Returns
        -------
        Reading or mapping of name to Reading
            Several named readings appear in a history as ``metric@name``.
        """
