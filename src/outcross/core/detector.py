"""What a detector is: documents in, one score a document out; the larger, the more it looks synthetic."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.documents import Documents, Labelled
from outcross.core.part import Part
from outcross.core.provenance import Origin
from outcross.core.seed import Seed


class Scorer(ABC):
    """A detector that was fitted."""

    @abstractmethod
    def score(self, documents: Documents) -> Floats:
        """Return how synthetic each document looks, shape (n,): an order, not a probability.

        NaN where a document cannot be scored, an empty one for example. A document's score does not depend on which
        others are scored with it.
        """

    @abstractmethod
    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that was learned as plain arrays (numbers or bytes, no objects), for `Detector.restore`."""


class Detector(Part):
    """How is a synthetic document told from a human one?

    Attributes
    ----------
    definition
        What the score is, in one sentence.
    source
        The paper, with the equation.
    """

    kind = "detector"
    definition: ClassVar[str]
    source: ClassVar[str]

    @property
    def needs(self) -> frozenset[Origin]:
        """Documents of which origin it is fitted to; none where it knows enough without."""
        return frozenset({Origin.HUMAN, Origin.SYNTHETIC})

    @abstractmethod
    def fit(self, data: Labelled, seed: Seed) -> Scorer:
        """Return the detector fitted to documents of known origin. What it does not need it does not look at.

        Raises
        ------
        BadInput
            If a kind of document that it needs is missing.
        """

    @abstractmethod
    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> Scorer:
        """Return the scorer whose `Scorer.arrays` these are; it gives the same scores.

        Raises
        ------
        BadInput
            If the arrays are not those of such a scorer.
        """
