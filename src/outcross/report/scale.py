"""Where on an axis does a number lie, and which numbers stand beside the axis? Linear and logarithmic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from outcross.core.batch import Floats
from outcross.report.numerals import fixed, number

DECADES = 2.0
"""Positive values that span more powers of ten are drawn on a logarithmic axis."""


@final
@dataclass(frozen=True)
class Scale:
    """An axis from ``low`` to ``high``.

    Parameters
    ----------
    low, high
        The ends.
    log
        Whether equal steps are equal ratios.

    Examples
    --------
    >>> Scale(0, 10).place([0, 5, 10]).tolist(), Scale(1, 100, log=True).place(10).item()
    ([0.0, 0.5, 1.0], 0.5)
    """

    low: float
    high: float
    log: bool = False

    def place(self, values: ArrayLike) -> Floats:
        """Return where values lie: 0 at the low end, 1 at the high end, NaN for what has no place."""
        array = np.asarray(values, dtype=np.float64)
        low, high = self.low, self.high
        if self.log:
            array = np.log10(np.where(array > 0, array, np.nan))
            low, high = math.log10(low), math.log10(high)
        array = np.where(np.isfinite(array), array, np.nan)
        return np.asarray((array - low) / (high - low), dtype=np.float64)

    def ticks(self, most: int = 5) -> tuple[tuple[float, str], ...]:
        """Return the numbers that stand beside the axis, with their text; about ``most`` of them."""
        return _log_ticks(self.low, self.high, most) if self.log else _even_ticks(self.low, self.high, most)


def scale_for(curves: Sequence[ArrayLike], bands: Sequence[ArrayLike] = ()) -> Scale:
    """Return an axis on which curves can be told apart.

    Parameters
    ----------
    curves
        What must be seen whole: means and theory. Infinite values and NaN are left out.
    bands
        Ends of intervals: they widen the axis, by no more than the curves' own span to either side, so that one wild
        interval does not flatten every curve.

    Examples
    --------
    >>> scale_for([[0.0, 1.0]])
    Scale(low=0.0, high=1.0, log=False)
    >>> scale_for([[1.0, 1000.0]]).log
    True
    """
    known = _finite(curves)
    if not len(known):
        return Scale(0.0, 1.0)
    low, high = float(known.min()), float(known.max())
    edges = _finite(bands)
    if low > 0 and math.log10(high) - math.log10(low) > DECADES:
        span = math.log10(high) - math.log10(low)
        edges = np.log10(edges[edges > 0])
        low, high = _widened(math.log10(low), math.log10(high), edges, span)
        return Scale(10 ** (math.floor(low * 4) / 4), 10 ** (math.ceil(high * 4) / 4), log=True)
    span = (high - low) or abs(high) / 10 or 1.0
    positive = low >= 0 and not (edges < 0).all()
    low, high = _widened(low, high, edges, span)
    if positive:
        low = max(low, 0.0)
        low = 0.0 if low < 0.4 * high else low
    if high - low < 1e-12 * max(abs(low), abs(high)) or high == low:
        low, high = low - span / 2, high + span / 2
    step = _step(high - low, 5)
    return Scale(_round(math.floor(low / step + 1e-9) * step), _round(math.ceil(high / step - 1e-9) * step))


def _widened(low: float, high: float, edges: Floats, span: float) -> tuple[float, float]:
    if not len(edges):
        return low, high
    return max(min(low, float(edges.min())), low - span), min(max(high, float(edges.max())), high + span)


def _finite(arrays: Sequence[ArrayLike]) -> Floats:
    joined = np.concatenate([np.empty(0), *(np.asarray(array, dtype=np.float64).ravel() for array in arrays)])
    finite: Floats = joined[np.isfinite(joined)]
    return finite


def _step(span: float, most: int) -> float:
    """A step of 1, 2 or 5 times a power of ten that gives about so many."""
    raw = span / most
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= raw * 0.999) * power


def _even_ticks(low: float, high: float, most: int) -> tuple[tuple[float, str], ...]:
    step = _step(high - low, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = [_round(place * step) for place in range(first, last + 1)]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    largest = max((abs(value) for value in values), default=0.0)
    plain = decimals <= 5 and largest < 1e6
    return tuple((value, fixed(value, decimals) if plain and value else number(value)) for value in values)


def _log_ticks(low: float, high: float, most: int) -> tuple[tuple[float, str], ...]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    every = max(1, math.ceil((last - first + 1) / most))
    return tuple((10.0**power, number(10.0**power)) for power in range(first, last + 1) if power % every == 0)


def _round(value: float) -> float:
    """Without the dust of floating-point steps."""
    return float(f"{value:.12g}") + 0.0
