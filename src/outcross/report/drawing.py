"""A panel as shapes on a square of 1000 by 1000, for the page to stretch: the page sets sizes, colours and type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.report.histograms import histograms
from outcross.report.numerals import number
from outcross.report.panels import Panel, Series, thinned
from outcross.report.scale import Scale

SIDE = 1000
MARKED = 11
"""A curve of no more points has a mark at every one."""

Tick = tuple[float, str]
"""Where it stands, in per cent from the left or the top, and what it says."""


@final
@dataclass(frozen=True)
class Curve:
    """One policy's curve: SVG path data, and where its marks stand in per cent.

    Examples
    --------
    >>> Curve("replace", "M0 0L1 1", "", "", ()).theory
    ''
    """

    policy: str
    line: str
    band: str
    theory: str
    marks: tuple[tuple[float, float], ...]


@final
@dataclass(frozen=True)
class Ridge:
    """One generation's histogram: SVG path data of its area.

    Examples
    --------
    >>> Ridge(0, "M0 0Z", 10.0).generation
    0
    """

    generation: int
    area: str
    base: float


@final
@dataclass(frozen=True)
class Facet:
    """One plot of a panel: all policies of one label, or all histograms of one policy.

    Examples
    --------
    >>> Facet("low", (), (), ()).ridges
    ()
    """

    title: str
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    curves: tuple[Curve, ...] = ()
    ridges: tuple[Ridge, ...] = ()
    human: str = ""


@final
@dataclass(frozen=True)
class Drawing:
    """A panel, drawn.

    Parameters
    ----------
    facets
        The plots, side by side, on common axes.
    log
        Whether the vertical axis is logarithmic.
    axis
        What runs from left to right.
    numbers
        What a pointer over the plot is told, as plain data.
    notes
        What the drawing leaves out.

    Examples
    --------
    >>> Drawing((), False, "generation", {}, ()).facets
    ()
    """

    facets: tuple[Facet, ...]
    log: bool
    axis: str
    numbers: dict[str, Any]
    notes: tuple[str, ...]


def draw(panel: Panel) -> Drawing:
    """Return a panel as shapes.

    Examples
    --------
    >>> one = Series("replace", "variance", np.array([1.0, 0.5]), np.array([1.0, 0.4]), np.array([1.0, 0.6]),
    ...              np.array([9, 9]), {})
    >>> draw(Panel("variance", (one,))).facets[0].curves[0].line
    'M15 0L985 833.3'
    """
    return _histograms(panel) if panel.is_histogram else _curves(panel)


def _curves(panel: Panel) -> Drawing:
    scale = panel.scale
    shown = thinned(panel.generations)
    facets = []
    for label in panel.labels:
        series = panel.of(label)
        curves = tuple(_curve(one, panel, scale, shown, place) for place, one in enumerate(series))
        facets.append(Facet(label, _whole_ticks(panel.generations), _up(scale), curves))
    numbers = {
        "kind": "curves",
        "low": scale.low,
        "high": scale.high,
        "log": scale.log,
        "x": shown.tolist(),
        "facets": [[_plain(one, shown) for one in panel.of(label)] for label in panel.labels],
    }
    return Drawing(tuple(facets), scale.log, "generation", numbers, tuple(_notes(panel, scale, shown)))


def _curve(one: Series, panel: Panel, scale: Scale, shown: Ints, turn: int) -> Curve:
    shown = shown[shown <= one.generations]
    x = _inset(shown / max(1, panel.generations)) if panel.generations else np.full(len(shown), 0.5)
    mean = scale.place(one.mean[shown])
    low = scale.place(np.clip(one.low[shown], scale.low, scale.high))
    high = scale.place(np.clip(one.high[shown], scale.low, scale.high))
    theory = ""
    if one.theory is not None:
        known = shown[shown < len(one.theory.values)]
        theory = _line(x[: len(known)], scale.place(one.theory.values[known]))
    marks = tuple((round(100 * float(x[i]), 2), round(100 - 100 * float(mean[i]), 2)) for i in _marked(mean, turn))
    return Curve(one.policy, _line(x, mean), _band(x, low, high), theory, marks)


def _marked(mean: Floats, turn: int) -> Sequence[int]:
    """Points that get a mark: all of a few, else some, staggered by policy; and always those that stand alone."""
    known = ~np.isnan(mean)
    alone = known & ~np.r_[False, known[:-1]] & ~np.r_[known[1:], False]
    every = max(1, round(len(mean) / 8)) if len(mean) > MARKED else 1
    first = turn * every // 3 % every
    return [i for i in range(len(mean)) if known[i] and ((i - first) % every == 0 or alone[i])]


def _histograms(panel: Panel) -> Drawing:
    found = histograms(panel)
    across = tuple((round(100 * float(found.axis.place(value)), 2), text) for value, text in found.axis.ticks(6))
    step = 1 / len(found.generations)
    height = 0.92 * step / found.peak
    bases = [(row + 1) * step for row in range(len(found.generations))]
    facets = []
    for policy, table in found.shares.items():
        ridges = tuple(
            Ridge(generation, _area(shares, base, height), round(100 * base, 2))
            for generation, shares, base in zip(found.generations, table, bases, strict=True)
        )
        up = tuple((ridge.base, f"{ridge.generation}") for ridge in ridges)
        human = "".join(_area(table[0], base, height) for base in bases[1:])
        facets.append(Facet(policy, across, up, ridges=ridges, human=human))
    numbers = {
        "kind": "histogram",
        "x": found.middles.tolist(),
        "rows": found.generations,
        "facets": [[[_rounded(value) for value in row] for row in table] for table in found.shares.values()],
    }
    missing = [policy for policy, table in found.shares.items() if np.isnan(table).all(axis=1).any()]
    notes = tuple(f"{policy}: some generations have no value." for policy in missing)
    return Drawing(tuple(facets), False, "bin, by its middle", numbers, notes)


def _area(shares: Floats, base: float, height: float) -> str:
    """The outline of a histogram that stands on a base line."""
    if np.isnan(shares).any():
        return ""
    edges = np.linspace(0, SIDE, len(shares) + 1)
    tops = SIDE * (base - height * shares)
    path = f"M0 {_short(SIDE * base)}"
    for top, right in zip(tops, edges[1:], strict=True):
        path += f"V{_short(top)}H{_short(right)}"
    return path + f"V{_short(SIDE * base)}Z"


def _whole_ticks(last: int) -> tuple[Tick, ...]:
    """Generations, in whole numbers."""
    if last == 0:
        return ((50.0, "0"),)
    found = [value for value, _ in Scale(0, last).ticks(6)] if last > 6 else range(last + 1)
    whole = [int(value) for value in found if value == int(value)]
    return tuple((round(100 * float(_inset(np.float64(value / last))), 2), number(value)) for value in whole)


def _up(scale: Scale) -> tuple[Tick, ...]:
    return tuple((round(100 - 100 * float(scale.place(value)), 2), text) for value, text in scale.ticks())


def _inset(share: Any) -> Any:
    """A little room at both ends, for marks."""
    return 0.015 + 0.97 * share


def _line(x: Floats, y: Floats) -> str:
    """Straight pieces between neighbours that both have a place."""
    path, pen = "", False
    for across, up in zip(x, y, strict=True):
        if np.isnan(up):
            pen = False
            continue
        path += f"{'L' if pen else 'M'}{_short(SIDE * across)} {_short(SIDE * (1 - up))}"
        pen = True
    return path


def _band(x: Floats, low: Floats, high: Floats) -> str:
    """The area between two curves, in one piece for every stretch where both have a place."""
    known = ~(np.isnan(low) | np.isnan(high))
    stretches = np.split(np.arange(len(x)), np.flatnonzero(np.diff(known.astype(int))) + 1)
    pieces = [
        _line(np.r_[x[s], x[s][::-1]], np.r_[high[s], low[s][::-1]]) + "Z"
        for s in stretches
        if len(s) > 1 and known[s[0]]
    ]
    return "".join(pieces)


def _short(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _plain(one: Series, shown: Ints) -> dict[str, Any]:
    """The numbers of a curve, rounded to what a tooltip shows."""
    shown = shown[shown <= one.generations]
    numbers: dict[str, Any] = {"policy": one.policy, "mean": [_rounded(value) for value in one.mean[shown]]}
    if not np.isnan(one.low).all():
        numbers |= {"low": [_rounded(v) for v in one.low[shown]], "high": [_rounded(v) for v in one.high[shown]]}
    if one.theory is not None:
        numbers["theory"] = [_rounded(value) for value in one.theory.values[shown[shown < len(one.theory.values)]]]
    return numbers


def _rounded(value: float) -> float | str | None:
    """Five figures; infinity, which JSON does not have, as text."""
    if np.isnan(value):
        return None
    return float(f"{value:.5g}") if np.isfinite(value) else ("∞" if value > 0 else "−∞")


def _notes(panel: Panel, scale: Scale, shown: Ints) -> list[str]:
    notes = []
    if scale.log:
        notes.append("Logarithmic axis.")
    edges = np.concatenate([np.empty(0), *(np.r_[one.low, one.high] for one in panel.series)])
    if ((edges < scale.low) | (edges > scale.high)).any():
        notes.append("Some intervals run beyond the axis.")
    if len(shown) <= panel.generations:
        notes.append(f"{len(shown)} of {number(panel.generations + 1)} generations are drawn.")
    return notes + _gaps(panel)


def _gaps(panel: Panel) -> list[str]:
    """Which generations have no point in the chart, and why; said once for all curves of which it is true."""
    gaps: dict[str, list[str]] = {}
    for one in panel.series:
        for test, what in ((np.isnan(one.mean), "No value"), (np.isinf(one.mean), "Infinite")):
            missing = np.flatnonzero(test)
            if len(missing):
                reason = one.reasons.get(int(missing[0]), "") if what == "No value" else ""
                said = f"{what} at {_runs(missing)}{f': {reason}' if reason else ''}."
                gaps.setdefault(said, []).append(f"{one.policy}, {one.label}" if one.label else one.policy)
    everyone = len(panel.series)
    return [
        said if len(whose) == everyone else f"{' and '.join(whose)}: {said[0].lower()}{said[1:]}"
        for said, whose in gaps.items()
    ]


def _runs(generations: Ints) -> str:
    """Generations in words, neighbours joined."""
    runs = np.split(generations, np.flatnonzero(np.diff(generations) > 1) + 1)
    texts = [f"{run[0]}" if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    listed = ", ".join(texts[:4]) + (", …" if len(texts) > 4 else "")
    return f"generation {listed}" if len(generations) == 1 else f"generations {listed}"
