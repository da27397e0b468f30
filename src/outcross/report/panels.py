"""What belongs in one chart: a metric, or all readings ``metric@label`` of one, by policy, with theory if there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.core.measure import Measure
from outcross.report.scale import Scale, scale_for

if TYPE_CHECKING:
    import polars as pl

    from outcross.lab.history import History
    from outcross.lab.theory.curves import Curve

SHOWN = (0, 1, 2, 5)
"""Generations that tables and histograms show, besides the last."""

FEWEST_BINS = 5
"""Readings with so many numeric labels or more are the bins of a histogram."""


@final
@dataclass(frozen=True)
class Series:
    """The mean of one reading under one policy, by generation, with its 95 % interval.

    Parameters
    ----------
    policy, metric
        Words of the policy; name of the reading.
    mean, low, high
        Shape (T + 1,); NaN where missing, and infinite where a mean is.
    n
        Shape (T + 1,): how many replicates each mean rests on.
    reasons
        Generation to the reason why its value, or its interval, is missing.
    theory
        The expected curve, where a closed form applies.

    Examples
    --------
    >>> one = Series("replace", "tails@low", np.ones(2), np.zeros(2), np.ones(2), np.full(2, 9), {})
    >>> one.label, one.at(1).n
    ('low', 9)
    """

    policy: str
    metric: str
    mean: Floats
    low: Floats
    high: Floats
    n: Ints
    reasons: Mapping[int, str]
    theory: Curve | None = None

    @property
    def label(self) -> str:
        """What stands after the ``@``, or nothing."""
        return self.metric.rpartition("@")[2] if "@" in self.metric else ""

    @property
    def generations(self) -> int:
        """The last generation."""
        return len(self.mean) - 1

    def at(self, generation: int) -> Measure:
        """Return the mean at one generation, with its interval or why there is none."""
        if not 0 <= generation <= self.generations:
            return Measure.missing(f"generation {generation} was not reached")
        mean, low, high = (float(column[generation]) for column in (self.mean, self.low, self.high))
        reason = self.reasons.get(generation, "")
        if np.isnan(mean):
            return Measure.missing(reason or "no replicate has a value")
        if np.isnan(low):
            return Measure(mean, n=int(self.n[generation]), reason=reason)
        return Measure(mean, low, high, int(self.n[generation]))


@final
@dataclass(frozen=True)
class Panel:
    """Everything that one chart shows.

    Parameters
    ----------
    metric
        Words of the metric.
    series
        One a policy and label, policies in the order of the history.

    Examples
    --------
    >>> Panel("variance", ()).is_histogram
    False
    """

    metric: str
    series: tuple[Series, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the readings; one empty label for a plain metric."""
        return tuple(dict.fromkeys(one.label for one in self.series))

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies that were measured."""
        return tuple(dict.fromkeys(one.policy for one in self.series))

    @property
    def generations(self) -> int:
        """The last generation of any policy."""
        return max((one.generations for one in self.series), default=0)

    @property
    def is_histogram(self) -> bool:
        """Whether the labels are the middles of bins."""
        return len(self.labels) >= FEWEST_BINS and all(_is_number(label) for label in self.labels)

    @property
    def has_theory(self) -> bool:
        """Whether any curve has a closed form beside it."""
        return any(one.theory is not None for one in self.series)

    @property
    def scale(self) -> Scale:
        """The vertical axis that all its curves share."""
        theory = [one.theory.values for one in self.series if one.theory is not None]
        edges = [edge for one in self.series for edge in (one.low, one.high)]
        return scale_for([*(one.mean for one in self.series), *theory], edges)

    def of(self, label: str) -> tuple[Series, ...]:
        """Return the series of one label, one a policy."""
        return tuple(one for one in self.series if one.label == label)


def panels(history: History) -> tuple[Panel, ...]:
    """Return what each chart of a history shows, in the order in which the metrics were measured.

    Readings of one metric (``perplexity_tails@low`` and ``perplexity_tails@high``) belong in one chart.

    Examples
    --------
    >>> from outcross.lab.chain import Chain
    >>> history = Chain("gaussian", "normal", ["replace", "accumulate"], ["variance"], sample_size=10).run(2, 5)
    >>> [(panel.metric, panel.policies) for panel in panels(history)]
    [('variance', ('replace', 'accumulate'))]
    """
    theory = history.theory()
    found = _by_series(history.summary(), theory)
    groups: dict[str, list[Series]] = {}
    for metric in history.metrics:
        for policy in history.policies:
            if (policy, metric) in found:
                groups.setdefault(metric.rpartition("@")[0] or metric, []).append(found[policy, metric])
    return tuple(Panel(metric, tuple(series)) for metric, series in groups.items())


def shown_generations(last: int) -> tuple[int, ...]:
    """Return the generations that a table shows: 0, 1, 2, 5 and the last.

    Examples
    --------
    >>> shown_generations(10), shown_generations(2)
    ((0, 1, 2, 5, 10), (0, 1, 2))
    """
    return tuple(sorted({generation for generation in SHOWN if generation <= last} | {last}))


def thinned(last: int, most: int = 200) -> Ints:
    """Return at most so many generations from 0 to the last, evenly apart: more cannot be told apart in a chart.

    Examples
    --------
    >>> thinned(4).tolist(), len(thinned(10_000))
    ([0, 1, 2, 3, 4], 200)
    """
    return np.unique(np.linspace(0, last, min(last + 1, most)).round().astype(np.int64))


def _by_series(summary: pl.DataFrame, theory: Mapping[tuple[str, str], Curve]) -> dict[tuple[str, str], Series]:
    found = {}
    for (policy, metric), frame in summary.group_by("policy", "metric", maintain_order=True):
        key = (str(policy), str(metric))
        mean, low, high = (frame[name].fill_null(float("nan")).to_numpy() for name in ("mean", "low", "high"))
        reasons = {generation: reason for generation, reason in enumerate(frame["reason"]) if reason}
        found[key] = Series(*key, mean, low, high, frame["n"].to_numpy(), reasons, theory.get(key))
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
