"""A true distribution: human data without end, and the truth to measure against."""

from __future__ import annotations

from abc import abstractmethod

from outcross.core.batch import Batch, Records
from outcross.core.part import Part
from outcross.core.seed import Seed


class Population(Part):
    """What is the truth that a chain forgets? For experiments where it is known.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> build("population", "normal(dim=2)").draw(5, 3, Seed(0)).values.shape
    (3, 5, 2)
    """

    kind = "population"

    @abstractmethod
    def draw(self, n: int, replicates: int, seed: Seed) -> Records:
        """Return n new human records in each replicate."""

    def law(self) -> Batch | None:
        """Return the distribution itself where a batch type can say it, else None."""
        return None
