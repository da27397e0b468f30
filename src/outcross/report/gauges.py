"""Shares and intervals as they are drawn: where a point, a band and its ticks lie, in per cent of a width."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, final

from outcross.core.measure import Measure
from outcross.report.numerals import estimate, fixed, number
from outcross.report.scale import Scale

Unit = Literal["share", "number"]

PATTERNED = ("human", "synthetic", "mixed", "unknown")
"""Origins that have a colour and a pattern of their own; whatever else there is looks like ``unknown``."""

SLIVER = 0.4
"""Per cent of the width that a part has at least, so that what is there is seen."""


@final
@dataclass(frozen=True, slots=True)
class Gauge:
    """One interval on an axis, all places in per cent of its width; None for what there is not.

    Parameters
    ----------
    said, span
        The value and its interval, in words; the reason where there is no value.
    point, left, width, truth, still
        Where the value lies, where its interval begins and how wide it is, where the truth and the mark of no change.
    ticks
        What stands below the axis, and where.
    beyond
        Whether the value lies outside the axis: -1 on its left, 1 on its right, else 0.

    Examples
    --------
    >>> found = gauge(Measure(0.34, 0.29, 0.4, 900))
    >>> found.said, found.span, found.point, found.left
    ('34 %', '29 to 40 %', 34.0, 29.0)
    """

    said: str
    span: str
    point: float | None
    left: float | None
    width: float | None
    ticks: tuple[tuple[float, str], ...]
    truth: float | None = None
    still: float | None = None
    beyond: int = 0

    @property
    def alternative(self) -> str:
        """What is seen, as a sentence for whoever does not see it."""
        end = f", the truth at {self.truth:.0f} % of the axis" if self.truth is not None else ""
        return (f"{self.said}, interval {self.span}" if self.span else self.said) + end


@final
@dataclass(frozen=True, slots=True)
class Part:
    """One part of a whole.

    Parameters
    ----------
    name, kind
        What it is called; the origin whose pattern it bears.
    count, share
        How many, and how much of the whole, in words.
    left, width
        Where it is drawn, in per cent.

    Examples
    --------
    >>> [(part.name, part.share, part.width) for part in parts_of({"human": 30, "synthetic": 70})]
    [('human', '30 %', 30.0), ('synthetic', '70 %', 70.0)]
    """

    name: str
    kind: str
    count: str
    share: str
    left: float
    width: float


def percent(value: float | None) -> str:
    """Return a share as it is read: whole per cents in the middle, a figure or two near 0 and 1.

    Examples
    --------
    >>> percent(0.342), percent(0.004), percent(0.999), percent(0.0), percent(0.00001), percent(None)
    ('34 %', '0.4 %', '99.9 %', '0 %', '<0.01 %', '—')
    """
    if value is None or not math.isfinite(value):
        return number(value)
    edge = min(abs(value), abs(1 - value))
    if 0 < abs(value) < 0.0001:
        return "<0.01 %"
    if 0 < edge < 0.0001:
        return ">99.99 %" if value < 1 else "100 %"
    decimals = 0 if edge == 0 or edge >= 0.0095 else 1 if edge >= 0.00095 else 2
    return f"{fixed(100 * value, decimals, trim=True)} %"


def tenths(value: float | None) -> str:
    """Return a share that stands beside another one: with a decimal where that is needed to tell them apart.

    Examples
    --------
    >>> tenths(0.0579), tenths(0.44), tenths(None)
    ('5.8 %', '44 %', '—')
    """
    if value is None or not 0.00095 <= value < 0.0995:
        return percent(value)
    return f"{fixed(100 * value, 1)} %"


def exactly(count: float) -> str:
    """Return a count to the last one, thousands apart.

    Examples
    --------
    >>> exactly(123456789012), exactly(9000)
    ('123\u202f456\u202f789\u202f012', '9000')
    """
    return fixed(count, 0) if count == round(count) else number(count)


def said(measure: Measure, unit: Unit = "share") -> tuple[str, str]:
    """Return a value and its interval in words; the reason, and no interval, where it is missing.

    Examples
    --------
    >>> said(Measure(0.34, 0.29, 0.4)), said(Measure.missing("no references"))
    (('34 %', '29 to 40 %'), ('cannot tell: no references', ''))
    >>> said(Measure(0.996, 0.89, 1.114)), said(Measure(0.996, 0.991, 0.9992))
    (('100 %', '89 to 111 %'), ('99.6 %', '99.1 to 99.92 %'))
    """
    if measure.value is None:
        reason = measure.reason.removeprefix("cannot tell: ")
        return f"cannot tell: {reason}", ""
    if unit == "number":
        return estimate(measure)
    if measure.low is None or measure.high is None:
        return percent(measure.value), ""
    ratio = max(measure.value, measure.high) > 1  # then 1 is no bound, and needs no more figures than its neighbours
    fine = ratio and measure.high - measure.low < 0.02
    value, low, high = (
        f"{fixed(100 * one, int(fine))} %" if ratio and 0.05 <= one < 100 else percent(one)
        for one in (measure.value, measure.low, measure.high)
    )
    return value, f"{low.removesuffix(' %')} to {high}"


def gauge(
    measure: Measure,
    low: float = 0.0,
    high: float = 1.0,
    truth: float | None = None,
    unit: Unit = "share",
    still: float | None = None,
) -> Gauge:
    """Return where an interval is drawn on an axis.

    Parameters
    ----------
    measure
        The value with its interval; without a value the interval alone is drawn.
    low, high
        Ends of the axis; what lies beyond is drawn at its end.
    truth
        The true value, where it is known.
    unit
        ``share`` is told in per cent, ``number`` as it is.
    still
        Where nothing has changed.

    Examples
    --------
    >>> gauge(Measure.missing("no references")).said
    'cannot tell: no references'
    """
    axis = Scale(low, high)
    value, span = said(measure, unit)
    left, right = _place(axis, measure.low), _place(axis, measure.high)
    ticks = tuple(
        (round(100 * float(axis.place(at)), 2), f"{100 * at:.4g} %".replace(".0 ", " ") if unit == "share" else text)
        for at, text in axis.ticks(4)
    )
    return Gauge(
        value,
        span,
        _place(axis, measure.value),
        left,
        None if left is None or right is None else round(max(right - left, SLIVER), 2),
        ticks,
        _place(axis, truth),
        _place(axis, still),
        0 if measure.value is None else (measure.value > high) - (measure.value < low),
    )


def parts_of(counts: Mapping[str, float] | Iterable[tuple[str, str, float]]) -> tuple[Part, ...]:
    """Return the parts of a whole, in the order given, those that are empty left out.

    Parameters
    ----------
    counts
        Origin to how many; or ``(name, origin, how many)``.

    Examples
    --------
    >>> [(part.name, part.kind, part.left) for part in parts_of([("old", "human", 1), ("new", "human", 3)])]
    [('old', 'human', 0.0), ('new', 'human', 25.0)]
    """
    given = [(name, name, count) for name, count in counts.items()] if isinstance(counts, Mapping) else list(counts)
    there = [(str(name), str(kind), count) for name, kind, count in given if count > 0]
    whole = sum(count for _, _, count in there)
    found, left = [], 0.0
    for name, kind, count in there:
        width = 100 * count / whole
        shown = max(width, SLIVER)
        place = min(left, 100 - shown)
        known = kind if kind in PATTERNED else "unknown"
        found.append(Part(name, known, exactly(count), percent(count / whole), round(place, 3), round(shown, 3)))
        left += width
    return tuple(found)


def _place(axis: Scale, value: float | None) -> float | None:
    return None if value is None else round(100 * float(axis.place(min(max(value, axis.low), axis.high))), 2)
