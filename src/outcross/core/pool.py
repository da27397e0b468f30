"""Where records are kept: counted by stratum, drawn by recipe, added with their provenance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import ClassVar

from outcross.core.batch import Batch, Floats
from outcross.core.inventory import Inventory
from outcross.core.provenance import Provenance, Stratum
from outcross.core.recipe import Recipe
from outcross.core.seed import Seed


class Pool(ABC):
    """What is there, hand me some of it, and keep this.

    Attributes
    ----------
    lasting
        Whether what is added is still there when the pool is not used any more.
    """

    lasting: ClassVar[bool] = False

    @abstractmethod
    def inventory(self) -> Inventory:
        """Return how many records there are, by stratum."""

    @abstractmethod
    def draw(self, recipe: Recipe, seed: Seed) -> Batch:
        """Return the records that a recipe asks for, with their training weights."""

    @abstractmethod
    def add(self, records: Batch, provenance: Provenance, scores: Mapping[str, Floats] | None = None) -> None:
        """Keep new records, with their score columns of shape (R, n) where it keeps scores."""


class RatedPool(Pool):
    """A pool whose records have scores, which recipes may look at: what a chain runs on."""

    @abstractmethod
    def rate(self, strata: Iterable[Stratum], scores: Mapping[str, Floats]) -> None:
        """Give records that are kept score columns of shape (R, n): those of the strata, one after another."""
