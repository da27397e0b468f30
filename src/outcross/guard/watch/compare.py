"""What has changed from one snapshot to another, each number with an interval, and with the words that are gone."""

from __future__ import annotations

import math
import sys
from collections import Counter
from dataclasses import replace

from outcross.core.errors import BadInput
from outcross.core.measure import Measure
from outcross.guard.snapshot.alone import LEAST, told
from outcross.guard.snapshot.estimate import Estimate
from outcross.guard.snapshot.snapshot import Snapshot
from outcross.guard.watch.asked import Asked, asked
from outcross.guard.watch.change import Change


def compare(old: Snapshot, new: Snapshot, level: float = 0.95, family: bool = True) -> tuple[Change, ...]:
    """Return what has changed, number by number.

    Parameters
    ----------
    old, new
        The snapshots.
    level
        Confidence level. Of each number by itself; of the changes together where ``family`` is true.
    family
        Whether the intervals of all changes hold at once with that confidence, so that where nothing has changed, no
        number is called surely different in so many of all comparisons. The level is divided equally between the
        questions (Bonferroni), and that of a question between its groups or quantiles.

    Raises
    ------
    BadInput
        If one of them has no document, or their words were cut in different ways.

    Notes
    -----
    Intervals are of the delete-a-group jackknife (see `outcross.guard.snapshot.estimate.Estimate`) of the log ratio or
    of the difference, both snapshots without the same part at a time: documents that are in both, and words that are
    sampled of both, vary in both alike, so that little of their error is left in the change.

    Examples
    --------
    >>> one = Snapshot.of(["a cat", "a dog"])
    >>> compare(one, one)[0].metric, compare(one, one)[0].change.value
    ('types', 1.0)
    """
    for name, one in (("old", old), ("new", new)):
        if not one.documents:
            raise BadInput(f"the {name} snapshot has no document: nothing can be compared")
    if old.unit != new.unit:
        raise BadInput(f"words of kind '{old.unit}' and of kind '{new.unit}' cannot be compared: take one again")
    numbers = asked(old, new)
    return tuple(
        _change(number, level, adjusted)
        for number, adjusted in zip(numbers, _levels(numbers, level, family), strict=True)
    )


def _levels(numbers: tuple[Asked, ...], level: float, family: bool) -> list[float]:
    questions = Counter(number.question for number in numbers)
    if not family:
        return [level] * len(numbers)
    return [1 - (1 - level) / len(questions) / questions[number.question] for number in numbers]


def _change(number: Asked, level: float, adjusted: float) -> Change:
    try:
        old, new = number.both()
    except BadInput as error:
        missing = Measure.missing(str(error))
        before, after, moved = missing, missing, missing
    else:
        before, after = told(lambda: old, level), told(lambda: new, level)
        moved = _ratio(old, new, adjusted) if number.scale == "ratio" else _difference(old, new, adjusted)
    return Change(
        number.metric, before, after, moved, number.scale, number.worse, number.definition, number.source, number.unit
    )


def _difference(old: Estimate, new: Estimate, level: float) -> Measure:
    """The difference; of shares none of which varies, from the exact bounds of each."""
    moved = told(lambda: new.minus(old), level, None)
    if not (old.counted and new.counted) or old.error or new.error or moved.low is None:
        return moved
    ends = [one.measure((1 + level) / 2) for one in (old, new)]  # both hold at once
    if any(one.low is None or one.high is None for one in ends):
        return moved
    (low, high), (least, most) = ((one.low or 0.0, one.high or 0.0) for one in ends)
    return replace(moved, low=least - high, high=most - low)


def _ratio(old: Estimate, new: Estimate, level: float) -> Measure:
    """The ratio, its interval that of its logarithm."""
    if old.value <= 0:
        return Measure.missing("0 in the old one", n=min(old.n, new.n))
    if new.value <= 0:
        return _vanished(old, new, level)
    logs = told(lambda: new.log().minus(old.log()), level, None)
    low, high = (None if end is None else _exp(end) for end in (logs.low, logs.high))
    return Measure(new.value / old.value, low, high, logs.n, logs.level, logs.reason)


def _exp(end: float) -> float:
    """The exponential; infinite where no number is so large."""
    return math.exp(end) if end < math.log(sys.float_info.max) else math.inf


def _vanished(old: Estimate, new: Estimate, level: float) -> Measure:
    """The ratio where nothing is left: the most that a share met in no document may be, to the old one's least."""
    n = min(old.n, new.n)
    before = old.measure(level)
    if n < LEAST or before.low is None or before.low <= 0:
        return Measure(0.0, n=n, level=level, reason="nothing is left, of what was too little to tell from nothing")
    most = 1 - (1 - level) ** (1 / new.n)  # the exact bound of a share of which none of n was counted
    return Measure(0.0, 0.0, min(most / before.low, math.inf), n, level)
