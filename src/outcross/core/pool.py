"""Where records are kept: counted by stratum, drawn by recipe, added with their provenance."""

from __future__ import annotations

from abc import ABC, abstractmethod

from outcross.core.batch import Batch
from outcross.core.inventory import Inventory
from outcross.core.provenance import Provenance
from outcross.core.recipe import Recipe
from outcross.core.seed import Seed


class Pool(ABC):
    """What is there, hand me some of it, and keep this."""

    @abstractmethod
    def inventory(self) -> Inventory:
        """Return how many records there are, by stratum."""

    @abstractmethod
    def draw(self, recipe: Recipe, seed: Seed) -> Batch:
        """Return the records that a recipe asks for, with their training weights."""

    @abstractmethod
    def add(self, records: Batch, provenance: Provenance) -> None:
        """Keep new records."""
