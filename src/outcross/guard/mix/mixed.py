"""What came of a mix: where it lies, what it is made of, and what was read, rejected and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, final

from outcross.core.provenance import Stratum
from outcross.guard.mix.assembled import Material, Product
from outcross.guard.mix.plan import MixPlan


@final
@dataclass(frozen=True)
class Mixed:
    """A mix that was made, or, of a dry run, that would be.

    Parameters
    ----------
    path
        Its folder; None of a dry run.
    plan
        What it was to be made of: the counts are exactly these.
    counts
        How many records of each stratum it has.
    read
        How many records there were to choose from.
    rejected
        How many rows of the sources are no such records, by kind.
    examples
        The first of those, as (file, line, reason).
    copies
        How many of the records that were read are copies of another one, with the same id, or text where they have
        none.
    materials, products
        What it was made of, and its files.
    seed
        The same seed gives the same bytes.

    Examples
    --------
    See `outcross.guard.mix.mix.mix`.
    """

    path: Path | None
    plan: MixPlan
    counts: Mapping[Stratum, int]
    read: int
    rejected: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[tuple[str, int, str], ...] = ()
    copies: int = 0
    materials: tuple[Material, ...] = ()
    products: tuple[Product, ...] = ()
    seed: int = 0

    @property
    def records(self) -> int:
        """How many records it has."""
        return sum(self.counts.values())

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, ready for JSON."""
        return {
            "path": None if self.path is None else str(self.path),
            "plan": self.plan.to_dict(),
            "counts": {str(stratum): count for stratum, count in self.counts.items()},
            "records": self.records,
            "read": self.read,
            "rejected": dict(self.rejected),
            "examples": [list(one) for one in self.examples],
            "copies": self.copies,
            "materials": [asdict(one) for one in self.materials],
            "products": [asdict(one) for one in self.products],
            "seed": self.seed,
        }
