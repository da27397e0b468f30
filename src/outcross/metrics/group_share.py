"""How much room has one group?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from outcross.core.batch import Batch, HasFrequencies
from outcross.core.errors import BadInput, nearest
from outcross.core.metric import Metric, Reading
from outcross.core.records import Rows
from outcross.metrics._checks import missing, reading
from outcross.metrics._groups import Groups


@final
@dataclass(frozen=True)
class GroupShare(Metric[Groups]):
    """Share of one group; missing where rows or texts have no known groups.

    Parameters
    ----------
    group
        Name of the group; the code of a type that has no name.

    Raises
    ------
    BadInput
        If neither the sample nor the reference has such a group.

    Examples
    --------
    >>> import numpy as np
    >>> from outcross.core.records import Symbols
    >>> metric = GroupShare(group="blue")
    >>> summary = metric.summarize(Symbols(np.array([[0, 0, 0, 1]]), 2, ("yellow", "blue")))
    >>> metric.compare(summary, summary).values.tolist()
    [0.25]
    """

    group: str

    definition = "Share of the records that belong to the group."
    source = "Shumailov et al., Nature 631 (2024): groups of the data are forgotten one after another"
    unit = "share of records"
    collapse = "moves"
    reads = (HasFrequencies, Rows)

    def summarize(self, batch: Batch) -> Groups:
        """Return the shares of the groups."""
        return Groups.of(self, batch)

    def compare(self, sample: Groups, reference: Groups) -> Reading:
        """Return the share of the group in each replicate; 0 where it has died out."""
        if not sample.names:
            return missing(sample.shares.replicates, "no groups are known")
        names = {*sample.names, *reference.names}
        if self.group not in names:
            raise BadInput(f"group_share: no group is called '{self.group}'{nearest(self.group, names)}")
        return reading(sample.frequencies((self.group,))[:, 0], "no record, so no shares")
