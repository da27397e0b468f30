"""Records that lie in a vault, as their positions: a pool chooses among these, and only what was chosen is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Floats, Ints, Records
from outcross.core.records import join_weights


@final
@dataclass(frozen=True, eq=False)
class Positions(Records):
    """Positions of records in a vault, one replicate.

    Parameters
    ----------
    values
        Shape (n,).
    weight
        Training weights, shape (n,), or None for 1 each.
    group, names
        Code of each record's group, shape (1, n), and the names of the groups.

    Examples
    --------
    >>> Positions(np.array([4, 7, 9])).take(np.array([[2, 0]])).values.tolist()
    [9, 4]
    """

    values: Ints
    weight: Floats | None = None
    group: Ints | None = None
    names: tuple[str, ...] = ()

    @property
    def replicates(self) -> int:
        """A vault has one replicate."""
        return 1

    @property
    def size(self) -> int:
        """n, the number of records."""
        return len(self.values)

    def take(self, index: Ints) -> Self:
        """Return the positions at ``index``, shape (1, k)."""
        chosen = index[0]
        weight = None if self.weight is None else self.weight[chosen]
        group = None if self.group is None else self.group[:, chosen]
        return replace(self, values=self.values[chosen], weight=weight, group=group)

    def join(self, others: Sequence[Self]) -> Self:
        """Return these positions followed by those of others."""
        batches: list[Self] = [self, *others]
        groups = [batch.group for batch in batches if batch.group is not None]
        group = np.concatenate(groups, axis=1) if len(groups) == len(batches) else None
        values = np.concatenate([batch.values for batch in batches])
        return replace(self, values=values, weight=join_weights(batches), group=group)

    def weighted(self, weight: float) -> Self:
        """Return the same records, each with this weight in training."""
        return replace(self, weight=np.full(self.size, weight))

    def membership(self) -> tuple[Ints, tuple[str, ...]] | None:
        """Return the group codes and names, where groups are known."""
        return None if self.group is None else (self.group, self.names)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays it is made of."""
        return {"values": self.values}
