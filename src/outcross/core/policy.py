"""What a data policy is: arithmetic over counts, so it runs unchanged on 10 records or 10 billion."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from outcross.core.inventory import Inventory
from outcross.core.part import Part
from outcross.core.recipe import Recipe


class Policy(Part):
    """Which records is the next model trained on?

    Attributes
    ----------
    source
        The paper that names it.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> from outcross.core.provenance import Origin, Stratum
    >>> pool = Inventory({Stratum(Origin.HUMAN): 100, Stratum(Origin.SYNTHETIC, 1): 100})
    >>> print(build("policy", "replace").plan(pool, 100))
    100 of synthetic/1; ask for 100
    """

    kind = "policy"
    source: ClassVar[str]

    @abstractmethod
    def plan(self, inventory: Inventory, budget: int) -> Recipe:
        """Return what to train on next.

        Parameters
        ----------
        inventory
            What the pool holds: before the first model, human records only.
        budget
            The sample size n: how many records a generation is made of.
        """

    @property
    def grouped(self) -> bool:
        """Whether it needs the strata kept apart by group."""
        return False

    @property
    def scores(self) -> frozenset[str]:
        """Names of the score columns that its recipes look at: ``verifier``, ``own``, or the words of a detector."""
        return frozenset()

    @property
    def reach(self) -> int | None:
        """How many of the latest synthetic generations it may draw from; None for all. Older ones are let go."""
        return None

    @property
    def blends(self) -> bool:
        """Whether it treats synthetic records of every generation alike, so that they need not be kept apart."""
        return False
