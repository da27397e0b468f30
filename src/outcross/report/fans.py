"""A curve by generation with its band, as shapes on a square of 1000 by 1000 that the page stretches."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import final

from outcross.core.measure import Measure
from outcross.report.gauges import percent, said
from outcross.report.scale import Scale

SIDE = 1000
ROOM = 0.02
"""Of the width, left free at both ends for marks."""
FAR = 1.5
"""A curve that rises above this share would flatten all others on a common axis."""


@final
@dataclass(frozen=True, slots=True)
class Fan:
    """One small chart: what is left of something, generation by generation.

    Parameters
    ----------
    title
        What is drawn.
    line, band
        SVG path data.
    marks
        Where a mark stands at a generation, in per cent from the left and the top.
    across, up
        Ticks: where, in per cent, and what they say.
    keep
        Where the share lies that is to be kept, in per cent from the top.
    first, last
        What there is at the last generation, in words, and its interval.
    since
        From which generation on less than what should be kept is expected, in words.
    alternative
        What is seen, as a sentence.

    Examples
    --------
    >>> fans({"types": (Measure(1.0, 1, 1), Measure(0.5, 0.4, 0.6))}, (0, 1))[0].first
    '50 %'
    """

    title: str
    line: str
    band: str
    marks: tuple[tuple[float, float], ...]
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]
    keep: float | None
    first: str
    last: str
    since: str
    alternative: str


def fans(
    series: Mapping[str, Sequence[Measure]],
    generations: Sequence[int],
    keep: float | None = None,
    step: str = "generation",
) -> tuple[Fan, ...]:
    """Return small charts of shares on one common axis from 0; what runs far above 1 has an axis of its own.

    Parameters
    ----------
    series
        Title to one measure a generation.
    generations
        The generations.
    keep
        The share that is to be kept, drawn as a line.
    step
        What one step is called.

    Examples
    --------
    >>> fans({"types": (Measure(1.0, 1, 1), Measure(0.5, 0.4, 0.6))}, (0, 1))[0].line
    'M20 0L980 500'
    """
    tops = {title: _top(row) for title, row in series.items()}
    common = max([1.0, *(top for top in tops.values() if top <= FAR)])
    return tuple(
        _fan(title, row, tuple(generations), keep, _axis(common if tops[title] <= FAR else tops[title]), step)
        for title, row in series.items()
    )


def _top(row: Sequence[Measure]) -> float:
    ends = [one.high if one.high is not None else one.value for one in row]
    return max((end for end in ends if end is not None and math.isfinite(end)), default=0.0)


def _axis(top: float) -> Scale:
    """From 0 to a round number that holds the top; nothing needs more than 100 times what there was."""
    quarters = math.ceil(min(top, 100.0) * 4 - 0.004) / 4
    return Scale(0.0, float(quarters if quarters < 2 else math.ceil(quarters)))


def _fan(
    title: str, row: Sequence[Measure], generations: tuple[int, ...], keep: float | None, scale: Scale, step: str
) -> Fan:
    span = max(1, generations[-1] - generations[0]) if generations else 1
    x = [ROOM + (1 - 2 * ROOM) * (t - generations[0]) / span for t in generations]
    line, band = "", ""
    for run in _runs([one.value is not None for one in row]):
        line += _path([(x[i], _height(scale, row[i].value)) for i in run])
    for run in _runs([one.low is not None and one.high is not None for one in row]):
        there = [(x[i], _height(scale, row[i].high)) for i in run]
        back = [(x[i], _height(scale, row[i].low)) for i in reversed(run)]
        band += _path(there + back) + "Z"
    marks = tuple((_cent(x[i]), _cent(_height(scale, one.value))) for i, one in enumerate(row) if one.value is not None)
    first, last = said(row[-1]) if row else ("", "")
    kept = None if keep is None or keep > scale.high else _cent(_height(scale, keep))
    up = tuple((_cent(_height(scale, value)), percent(value)) for value, _ in scale.ticks(2 if scale.high == 1 else 3))
    return Fan(
        title,
        line,
        band,
        marks if len(marks) <= 25 else (),
        tuple((_cent(x[i]), str(generations[i])) for i in _few(generations)),
        up,
        kept,
        first,
        last,
        _since(row, generations, keep, step),
        _alternative(title, row, generations, step),
    )


def _since(row: Sequence[Measure], generations: tuple[int, ...], keep: float | None, step: str) -> str:
    if keep is None:
        return ""
    below = [one.value is not None and one.value < keep for one in row]
    if not any(below):
        return f"not below {percent(keep)}" if row and row[-1].value is not None else ""
    return f"below {percent(keep)} from {step} {generations[below.index(True)]}"


def _alternative(title: str, row: Sequence[Measure], generations: tuple[int, ...], step: str) -> str:
    told = [
        f"{step} {t}: {' '.join(filter(None, (value, f'({span})' if span else '')))}"
        for t, (value, span) in ((t, said(one)) for t, one in zip(generations, row, strict=True))
    ]
    return f"{title}. " + "; ".join(told[i] for i in _few(generations)) + "."


def _few(generations: tuple[int, ...], most: int = 6) -> list[int]:
    """Places of evenly spaced generations, the first and the last among them."""
    count = len(generations)
    if count <= most:
        return list(range(count))
    step = next(step for step in range(1, count) if (count - 1) / step <= most - 1)
    places = list(range(0, count, step))
    if places[-1] != count - 1:
        places = [*places[: -1 if count - 1 - places[-1] < step * 0.6 else None], count - 1]
    return places


def _runs(known: Sequence[bool]) -> Iterator[list[int]]:
    for there, run in groupby(range(len(known)), key=lambda i: known[i]):
        if there:
            yield list(run)


def _height(scale: Scale, value: float | None) -> float:
    """From the top, 0 to 1; what lies beyond the axis at its end."""
    held = min(max(value if value is not None else 0.0, scale.low), scale.high)
    return 1 - float(scale.place(held))


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_short(SIDE * x)} {_short(SIDE * y)}" for x, y in points)


def _cent(share: float) -> float:
    return round(100 * share, 2)


def _short(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") or "0"
