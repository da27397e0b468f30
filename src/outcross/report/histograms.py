"""A panel whose labels are bins, as histograms: shares by policy, generation and bin, without the empty ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Floats
from outcross.report.panels import Panel, shown_generations
from outcross.report.scale import Scale

RARE = 1e-3
"""Bins at either end in which no histogram has a larger share are left out of charts."""


@final
@dataclass(frozen=True)
class Histograms:
    """Histograms on common bins.

    Parameters
    ----------
    generations
        Which generations there are, 0 first.
    middles
        Middle of each bin, ascending.
    shares
        Policy to mean shares, shape (generations, bins), NaN where missing.

    Examples
    --------
    >>> one = Histograms((0,), np.array([0.5, 1.5]), {"replace": np.array([[0.25, 0.75]])})
    >>> one.peak, one.axis
    (0.75, Scale(low=0.0, high=2.0, log=False))
    """

    generations: tuple[int, ...]
    middles: Floats
    shares: Mapping[str, Floats]

    @property
    def peak(self) -> float:
        """The largest share of all; 1 where there is none."""
        return max((float(np.nanmax(table, initial=0.0)) for table in self.shares.values()), default=0.0) or 1.0

    @property
    def axis(self) -> Scale:
        """The axis of the bins, from edge to edge."""
        half = (self.middles[1] - self.middles[0]) / 2 if len(self.middles) > 1 else 0.5
        return Scale(float(self.middles[0] - half), float(self.middles[-1] + half))


def histograms(panel: Panel) -> Histograms:
    """Return the histograms of the generations that are shown.

    Examples
    --------
    >>> from outcross.report.panels import Series
    >>> bins = {"1": 0.0, "2": 0.5, "3": 0.5, "4": 0.0, "5": 0.0}
    >>> panel = Panel("m", tuple(Series("replace", f"m@{bin}", *(np.full(2, share),) * 3, np.full(2, 9), {})
    ...                          for bin, share in bins.items()))
    >>> histograms(panel).middles.tolist()
    [1.0, 2.0, 3.0, 4.0]
    """
    middles = np.array([float(label) for label in panel.labels])
    order = np.argsort(middles)
    generations = shown_generations(panel.generations)
    shares = {policy: _shares(panel, policy, generations)[:, order] for policy in panel.policies}
    used = np.flatnonzero(np.max([np.nan_to_num(table).max(axis=0) for table in shares.values()], axis=0) > RARE)
    first, last = (max(0, used[0] - 1), used[-1] + 2) if len(used) else (0, len(order))
    kept = {policy: table[:, first:last] for policy, table in shares.items()}
    return Histograms(generations, middles[order][first:last], kept)


def _shares(panel: Panel, policy: str, generations: tuple[int, ...]) -> Floats:
    rows = np.full((len(generations), len(panel.labels)), np.nan)
    columns = {label: place for place, label in enumerate(panel.labels)}
    for one in panel.series:
        if one.policy == policy:
            known = [generation for generation in generations if generation <= one.generations]
            rows[: len(known), columns[one.label]] = one.mean[known]
    return np.where(np.isfinite(rows), rows, np.nan)
