"""How many records each group has: types are groups, and in rows and texts the group codes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Self, final

import numpy as np

from outcross.core.batch import Batch, Floats, Records
from outcross.core.metric import Metric
from outcross.core.records import Symbols
from outcross.core.statistics import Counts, Probabilities
from outcross.metrics._checks import require_records
from outcross.metrics._shares import Shares


@final
@dataclass(frozen=True)
class Groups:
    """Counts or probabilities of groups by name; without any name where no groups are known.

    Parameters
    ----------
    shares
        Shape (R, G).
    names
        Names of the groups; a type without a name is called by its code.

    Examples
    --------
    >>> one, other = (Groups(Shares(np.array([[n]])), (name,)) for n, name in [(3.0, "yellow"), (1.0, "blue")])
    >>> one.merge(other).frequencies(("blue", "yellow", "red")).tolist()
    [[0.25, 0.75, 0.0]]
    """

    shares: Shares
    names: tuple[str, ...]

    @classmethod
    def of(cls, metric: Metric[Any], batch: Batch) -> Self:
        """Return the groups of a batch.

        Raises
        ------
        BadInput
            If the batch is of another kind, or has no record.
        """
        require_records(metric, batch)
        if isinstance(batch, Records) and not isinstance(batch, Symbols):
            known = batch.membership()
            if known is None:
                return cls(Shares(np.zeros((batch.replicates, 0))), ())
            codes, names = known
            batch = Symbols(codes, len(names) or int(codes.max()) + 1, names, batch.weight)
        shares = Shares.of(metric, batch)
        labels = batch.labels if isinstance(batch, Symbols | Counts | Probabilities) else ()
        return cls(shares, labels or _codes(shares.types))

    def merge(self, other: Self) -> Self:
        """Return the groups of both, by name."""
        names = tuple(dict.fromkeys(self.names + other.names))
        return type(self)(self._renamed(names).merge(other._renamed(names)), names)

    def _renamed(self, names: tuple[str, ...]) -> Shares:
        return replace(self.shares, values=_columns(self.shares.values, self.names, names))

    def frequencies(self, names: tuple[str, ...]) -> Floats:
        """Return the shares of these groups among all records, shape (R, G); 0 where there is no such group."""
        return _columns(self.shares.frequencies(), self.names, names)


def _columns(values: Floats, given: tuple[str, ...], wanted: tuple[str, ...]) -> Floats:
    """The columns by name; 0 for a name that is not given."""
    if given == wanted:
        return values
    place = {name: code for code, name in enumerate(given)}
    columns = np.zeros((len(values), len(wanted)))
    for code, name in enumerate(wanted):
        if name in place:
            columns[:, code] = values[:, place[name]]
    return columns


@cache
def _codes(types: int) -> tuple[str, ...]:
    return tuple(map(str, range(types)))
