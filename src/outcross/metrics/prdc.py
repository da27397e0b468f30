"""Is what a generation writes like human data, and is all that human data have still in it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.metric import Metric, Reading
from outcross.core.records import Rows
from outcross.core.setting import Between
from outcross.metrics._checks import missing, reading, require_same
from outcross.metrics._cloud import Cloud
from outcross.metrics._distances import squared_distances
from outcross.metrics._sorted import rows_of

NAMES = ("precision", "recall", "density", "coverage")


@final
@dataclass(frozen=True)
class Prdc(Metric[Cloud]):
    """Precision, recall, density and coverage, by balls that reach to each record's k-th nearest neighbour.

    ``@precision`` is the share of generated records in at least one human record's ball, ``@density`` the number of
    human balls that a generated record lies in, divided by k (not bounded by 1). ``@recall`` is the share of human
    records in at least one generated record's ball, ``@coverage`` the share of human records whose own ball has a
    generated record in it. Recall and coverage fall when a chain loses variety; precision and density fall when it
    drifts off, and rise when it narrows. For M generated and N human records of one law, whatever it is, density is 1
    on average and coverage 1 - (N-1)...(N-k) / ((M+N-1)...(M+N-k)).

    A ball includes its surface, as Kynkäänniemi et al. have it, so records that come again count. The work grows with
    the product of the sizes of sample and reference.

    Parameters
    ----------
    k
        Which neighbour a ball reaches to. Naeem et al. take 5, Kynkäänniemi et al. 3.

    Examples
    --------
    >>> human, sample = (Rows(np.array(x)[None, :, None]) for x in ([0.0, 1.0, 5.0, 6.0], [0.1, 0.4, 0.9]))
    >>> metric = Prdc(k=1)
    >>> found = metric.compare(metric.summarize(sample), metric.summarize(human))
    >>> {name: round(reading.values.item(), 4) for name, reading in found.items()}
    {'precision': 1.0, 'recall': 0.5, 'density': 2.0, 'coverage': 0.5}
    """

    k: Annotated[int, Between(1)] = 5

    definition = (
        "Shares of records in the balls of the other side: precision (generated in human balls), recall (human in "
        "generated), coverage (human balls with a generated record); density: human balls per generated record, over k."
    )
    source = (
        "Kynkäänniemi et al., NeurIPS 2019, arXiv 1904.06991, equations 1 and 2; "
        "Naeem et al., ICML 2020, arXiv 2002.09797, equations 3 and 4"
    )
    unit = "share of records (density: balls over k)"
    collapse = "falls"
    reads = (Rows,)

    def summarize(self, batch: Batch) -> Cloud:
        """Return the points."""
        return Cloud(rows_of(self, batch), self.k)

    def compare(self, sample: Cloud, reference: Cloud) -> Mapping[str, Reading]:
        """Return the four numbers of each replicate."""
        require_same("dimensions", sample.values.shape[2], reference.values.shape[2])
        fewest = min(sample.values.shape[1], reference.values.shape[1])
        if fewest <= self.k:
            reason = f"{fewest} records do not have {self.k} neighbours each"
            return {name: missing(len(sample.values), reason) for name in NAMES}
        sides = (sample.values, sample.squared_radii, reference.values, reference.squared_radii)
        every = [np.broadcast_to(array, (len(sample.values), *array.shape[1:])) for array in sides]
        found = np.array([_shares(*one) for one in zip(*every, strict=True)]) / [1, 1, self.k, 1]
        return {name: reading(column) for name, column in zip(NAMES, found.T, strict=True)}


def _shares(sample: Floats, reach: Floats, human: Floats, human_reach: Floats) -> tuple[float, ...]:
    """Precision, recall, human balls per generated record, and coverage of one replicate, in one look at distances."""
    recalled, covered, balls = np.zeros(len(human), bool), np.zeros(len(human), bool), np.zeros(len(sample))
    start = 0
    for block in squared_distances(sample, human):
        here = slice(start, start + len(block))
        within = block <= human_reach
        balls[here] = within.sum(axis=1)
        covered |= within.any(axis=0)
        recalled |= (block <= reach[here, None]).any(axis=0)
        start += len(block)
    return float((balls > 0).mean()), float(recalled.mean()), float(balls.mean()), float(covered.mean())
