"""Published beside ours: every claim of a paper held against the histories of a run, and in words whether it agrees."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.errors import OutcrossError
from outcross.core.measure import Measure
from outcross.core.paired import bounded_mean
from outcross.core.special import student_quantile
from outcross.core.verdict import Answer
from outcross.lab.history import History
from outcross.lab.reproduce.claim import THEORY, Claim, Point
from outcross.lab.reproduce.published import Scale

STEEP = 2.0
"""How many times as steep, in logarithms, a course must be for that to be said."""
FAR = 4.0
"""Standard errors beyond which a difference is no chance."""


@final
@dataclass(frozen=True)
class Compared:
    """One reading: what was published and what we found.

    Parameters
    ----------
    point
        Where it is, with its plan and its generation filled in.
    published
        The value, None where the paper gives none.
    ours
        Our mean over replicates with its interval.

    Examples
    --------
    >>> Compared(Point("a", "replace", "variance", 5), 2.0, Measure(1.0, 0.5, 1.5, 10)).ratio
    0.5
    """

    point: Point
    published: float | None
    ours: Measure

    @property
    def ratio(self) -> float | None:
        """Ours over published, where both are numbers and the division says something."""
        if not self.published or self.ours.value is None or not math.isfinite(self.ours.value):
            return None
        return self.ours.value / self.published

    @property
    def shown(self) -> str:
        """What was published, for reading: a number, a range, or a dash."""
        if self.published is not None:
            return f"{self.published:.4g}"
        low, high = ("" if end is None else f"{end:.4g}" for end in (self.point.low, self.point.high))
        if low and high:
            return f"{low} to {high}"
        return f"at least {low}" if low else f"at most {high}" if high else "-"

    @property
    def times(self) -> str:
        """The ratio for reading, or a dash."""
        return "-" if self.ratio is None else f"{self.ratio:.3g}"


@final
@dataclass(frozen=True)
class Comparison:
    """One claim, held against what was run.

    Parameters
    ----------
    claim
        What was published.
    rows
        Its readings beside ours.
    answer
        Whether ours agree.
    sentence
        In words, how well, or why it cannot be told.

    Examples
    --------
    >>> claim = Claim("It falls.", "equal", (Point("", "replace", "variance", 1, 1.0),))
    >>> print(Comparison(claim, (), Answer.YES, "inside our interval").answer)
    yes
    """

    claim: Claim
    rows: tuple[Compared, ...]
    answer: Answer
    sentence: str


def compare(claims: tuple[Claim, ...], scale: Scale, histories: Mapping[str, History]) -> tuple[Comparison, ...]:
    """Hold claims against histories.

    Parameters
    ----------
    claims
        What was published.
    scale
        Whether published values can be compared at all.
    histories
        Name of a plan to what came of it.

    Returns
    -------
    tuple
        One comparison a claim and plan; of claims that values are equal or within a range, one a reading.

    Examples
    --------
    >>> from outcross.lab.chain import Chain
    >>> history = Chain("gaussian(ddof=1)", "normal", "replace", ["mean_drift"], 100).run(10, 400, engine="serial")
    >>> claim = Claim("The mean walks.", "equal", (Point("", "replace", "mean_drift", 10, 0.1),))
    >>> found = compare((claim,), Scale("nothing", {"main": {}}), {"main": history})
    >>> print(found[0].answer, found[0].sentence)
    yes inside our interval
    """
    return tuple(_judge(claim, points, scale, histories) for claim in claims for points in _cases(claim, histories))


def _cases(claim: Claim, histories: Mapping[str, History]) -> Iterator[tuple[Point, ...]]:
    """What is judged together: the readings of one plan, or a single one where each can agree by itself."""
    alone = claim.relation in ("equal", "within")
    plans = [""] if claim.crosses else [name for name in claim.plans or histories if name in histories]
    for plan in plans:
        points = tuple(replace(point, plan=point.plan or plan) for point in claim.points)
        yield from ((point,) for point in points) if alone else (points,)


def _judge(claim: Claim, points: tuple[Point, ...], scale: Scale, histories: Mapping[str, History]) -> Comparison:
    absent = [point.plan for point in points if point.plan not in histories]
    if absent:
        rows = tuple(Compared(point, _number(point), Measure.missing("not run")) for point in points)
        return Comparison(claim, rows, Answer.CANNOT_TELL, f"not comparable: the plan '{absent[0]}' was not run")
    points = tuple(_dated(point, histories[point.plan]) for point in points)
    rows = tuple(_compared(point, histories[point.plan]) for point in points)
    missing = next((row.ours.reason for row in rows if row.ours.value is None), "")
    if missing:
        return Comparison(claim, rows, Answer.CANNOT_TELL, f"not comparable: {missing}")
    if claim.relation in ("equal", "within"):
        if scale.unlike:
            return Comparison(claim, rows, Answer.CANNOT_TELL, f"not comparable, because {scale.unlike}")
        answer, sentence = (_equal if claim.relation == "equal" else _within)(rows[0])
    else:
        values = [_values(point, histories) for point in points]
        answer, sentence = _ordered(claim, rows, values, [point.plan for point in points])
        if any(point.metric.endswith("perplexity") for point in points):
            sentence += "; judged by the logarithm, the mean loss"
    return Comparison(claim, rows, answer, sentence)


def _dated(point: Point, history: History) -> Point:
    """The reading with its generation filled in."""
    if point.generation is not None or point.policy not in history.outcomes:
        return point
    return replace(point, generation=history.last(point.policy))


def _compared(point: Point, history: History) -> Compared:
    """One reading; whatever was not measured is missing for the reason that the history gives."""
    try:
        ours = history.measure(point.policy, point.metric, point.generation or 0)
    except OutcrossError as error:
        return Compared(point, _number(point), Measure.missing(str(error)))
    if point.value != THEORY:
        return Compared(point, _number(point), ours)
    curve = history.theory().get((point.policy, point.metric))
    if curve is None or point.generation is None or not point.generation < len(curve.values):
        return Compared(point, None, Measure.missing("the formula does not hold for this plan"))
    return Compared(point, float(curve.values[point.generation]), ours)


def _number(point: Point) -> float | None:
    return point.value if isinstance(point.value, float) else None


def _values(point: Point, histories: Mapping[str, History]) -> Floats:
    """One reading in every replicate; of a perplexity the logarithm, which is a mean loss and has no such tail."""
    values = histories[point.plan].values(point.policy, point.metric)[:, point.generation or 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(values) if point.metric.endswith("perplexity") else values


def _equal(row: Compared) -> tuple[Answer, str]:
    """Is the published value our expectation?"""
    published, ours = row.published, row.ours
    if published is None:
        return Answer.CANNOT_TELL, "not comparable: no value was published"
    return _distance(ours, published, published, "inside our interval")


def _within(row: Compared) -> tuple[Answer, str]:
    """Does our mean lie between two published values?"""
    low = -math.inf if row.point.low is None else row.point.low
    high = math.inf if row.point.high is None else row.point.high
    return _distance(row.ours, low, high, "inside the published range")


def _distance(ours: Measure, low: float, high: float, inside: str) -> tuple[Answer, str]:
    """How many standard errors is our mean away from a range (that may be one value)?"""
    if ours.value is None:
        return Answer.CANNOT_TELL, f"not comparable: {ours.reason}"
    gap = max(low - ours.value, ours.value - high, 0.0)
    if ours.low is None or ours.high is None:
        near = "on the value" if low == high else "inside the published range"
        where = near if not gap else f"{gap:.3g} away"
        return Answer.CANNOT_TELL, f"{where}, but there is no interval: {ours.reason}"
    half = (ours.high - ours.low) / 2
    if gap <= half * (1 + 1e-9) or gap <= 1e-9 * abs(ours.value):
        return Answer.YES, inside
    if not half:
        return Answer.CANNOT_TELL, "every replicate gave the same value, so there is no interval to hold it against"
    errors = gap / half * student_quantile(0.5 + ours.level / 2, max(1, ours.n - 1))
    if errors <= FAR:
        return Answer.CANNOT_TELL, (
            f"just outside, {errors:.1f} standard errors away: of twenty comparisons about one is so by chance"
        )
    return Answer.NO, f"outside, {errors:.1f} standard errors away"


def _ordered(claim: Claim, rows: tuple[Compared, ...], values: list[Floats], plans: list[str]) -> tuple[Answer, str]:
    """Is each reading larger than the next (or, of a course, do all fall, or rise)?"""
    rising = claim.relation == "shape" and not claim.falls
    steps = [(a, b, one == other) for a, b, one, other in zip(values, values[1:], plans, plans[1:], strict=False)]
    sides = [_side(b, a, same) if rising else _side(a, b, same) for a, b, same in steps]
    name = "order" if claim.relation == "order" else "shape"
    size = _size(rows) if claim.relation == "shape" else ""
    wrong = sides.count(-2)
    if wrong:
        return Answer.NO, f"another {name}: {wrong} of {len(sides)} steps go the other way{size}"
    if all(side == 2 for side in sides):
        return Answer.YES, f"same {name}{', every step beyond chance' if len(sides) > 1 else ', beyond chance'}{size}"
    if all(side > 0 for side in sides):
        return Answer.CANNOT_TELL, f"same {name}, but with these replicates it could be chance{size}"
    return Answer.CANNOT_TELL, f"no clear {name}: some steps go neither way beyond chance{size}"


def _side(larger: Floats, smaller: Floats, same: bool) -> int:
    """Whether the first is larger: 2 beyond chance, 1 on average, -1 and -2 the other way."""
    paired = same and len(larger) == len(smaller)  # replicates of one plan start from common seeds
    with np.errstate(invalid="ignore"):  # infinite in both: such a pair says nothing
        found = bounded_mean(larger - smaller) if paired else _unpaired(larger, smaller)
    if found.value is None or found.low is None or found.high is None:
        return 1 if np.nanmean(larger) > np.nanmean(smaller) else -1
    if found.value > 0:
        return 2 if found.low > 0 else 1
    return -2 if found.high < 0 else -1


def _unpaired(one: Floats, other: Floats, level: float = 0.95) -> Measure:
    """The difference of the means of independent replicates (Welch 1947)."""
    kept = [values[np.isfinite(values)] for values in (one, other)]
    if min(map(len, kept)) < 2:
        return Measure.missing("one replicate gives no interval")
    errors = [float(values.var(ddof=1)) / len(values) for values in kept]
    mean, total = float(kept[0].mean() - kept[1].mean()), sum(errors)
    if not total:
        return Measure(mean, mean, mean, min(map(len, kept)), level)
    freedom = total**2 / sum(error**2 / (len(values) - 1) for error, values in zip(errors, kept, strict=True))
    half = float(student_quantile(0.5 + level / 2, freedom)) * math.sqrt(total)
    return Measure(mean, mean - half, mean + half, min(map(len, kept)), level)


def _size(rows: tuple[Compared, ...]) -> str:
    """From the first reading to the last: how many times, published and ours; of what is positive only."""
    first, last = rows[0], rows[-1]
    start, end = first.ours.value or 0.0, last.ours.value or 0.0
    if min(start, end) <= 0 or math.isinf(max(start, end)):
        return ""
    ours = end / start
    if not first.published or last.published is None:
        return f"; from the first to the last times {ours:.3g}"
    theirs = last.published / first.published
    told = f"; from the first to the last times {ours:.3g}, published times {theirs:.3g}"
    steep = math.log(ours) / math.log(theirs) if theirs > 0 and theirs != 1 else 1.0
    return told + (", much steeper" if steep > STEEP else ", much flatter" if 0 < steep < 1 / STEEP else "")
