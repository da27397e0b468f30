"""What is in a pool, counted: all that a policy may see."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import final

from outcross.core.provenance import Origin, Stratum


@final
@dataclass(frozen=True, slots=True)
class Inventory:
    """How many records does the pool hold, by stratum, and how many human ones were never drawn?

    Parameters
    ----------
    counts
        Stratum to number of records.
    reserve
        Human records that were never drawn yet; infinite where the true distribution can be asked for more.
    tokens
        Stratum to number of tokens, where the records are texts.

    Examples
    --------
    >>> inventory = Inventory({Stratum(Origin.HUMAN): 100, Stratum(Origin.SYNTHETIC, 1): 90})
    >>> inventory.total(), inventory.depth, inventory.total(inventory.latest())
    (190, 1, 90)
    """

    counts: Mapping[Stratum, int]
    reserve: float = 0
    tokens: Mapping[Stratum, int] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        """The deepest generation in the pool; 0 while there are only human records."""
        return max((stratum.generation for stratum in self.counts), default=0)

    @property
    def endless(self) -> bool:
        """Whether new human records never run out."""
        return math.isinf(self.reserve)

    def where(self, test: Callable[[Stratum], bool]) -> tuple[Stratum, ...]:
        """Return the strata that pass a test, in a fixed order."""
        return tuple(stratum for stratum in self.counts if test(stratum))

    def all(self) -> tuple[Stratum, ...]:
        """Return every stratum."""
        return tuple(self.counts)

    def human(self) -> tuple[Stratum, ...]:
        """Return the human strata."""
        return self.where(lambda stratum: stratum.origin is Origin.HUMAN)

    def synthetic(self) -> tuple[Stratum, ...]:
        """Return the synthetic strata of every generation."""
        return self.where(lambda stratum: stratum.origin is Origin.SYNTHETIC)

    def latest(self) -> tuple[Stratum, ...]:
        """Return the strata of the deepest generation."""
        depth = self.depth
        return self.where(lambda stratum: stratum.generation == depth)

    def total(self, strata: Iterable[Stratum] | None = None) -> int:
        """Return the number of records in these strata, or in all of them."""
        return sum(self.counts.values()) if strata is None else sum(self.counts.get(s, 0) for s in strata)
