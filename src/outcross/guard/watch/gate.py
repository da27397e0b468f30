"""Whether one number lets a snapshot through: a threshold held against a change, and the answer in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, final

from outcross.core.errors import BadSetting
from outcross.core.measure import Measure
from outcross.guard.titles import called
from outcross.guard.watch.change import Change
from outcross.guard.watch.thresholds import Threshold, Thresholds

Answer = Literal["pass", "warn", "fail", "could not tell"]


@final
@dataclass(frozen=True, slots=True)
class Gate:
    """Does this number let the new snapshot through?

    Parameters
    ----------
    metric
        What was looked at.
    threshold
        What was asked.
    answer
        ``pass``, ``warn``, ``fail`` or ``could not tell``.
    sentence
        That in words, with the numbers.
    found
        What was held against the bound: the loss, or the number itself, with its interval.
    possibly
        Whether it passes, and the bound may be exceeded none the less.
    change
        The change that it was read from; None where there was none.

    Examples
    --------
    >>> change = Change("types", Measure(100.0, 95, 105), Measure(80.0, 76, 84), Measure(0.8, 0.74, 0.86))
    >>> gate = Gate.of(Threshold("types", "fail", "loss", 0.1), change)
    >>> print(gate)
    FAIL types: 20 % [14, 26] lost, surely more than 10 %
    >>> Gate.of(Threshold("types", "fail", "loss", 0.2), change).answer, gate.possibly
    ('pass', False)
    """

    metric: str
    threshold: Threshold
    answer: Answer
    sentence: str
    found: Measure
    possibly: bool = False
    change: Change | None = None

    @classmethod
    def of(cls, threshold: Threshold, change: Change) -> Gate:
        """Return what a threshold says of a change.

        Raises
        ------
        BadSetting
            If the threshold can never fire: of what falls, more than all cannot be lost.
        """
        found, bound = _held(threshold, change), threshold.bound
        shown = _Said(threshold, change)
        if found.value is None or found.low is None or found.high is None:
            reason = found.reason or "there is no interval"
            return cls(change.metric, threshold, "could not tell", reason, found, change=change)
        below = threshold.kind == "below"
        surely, surely_not = (
            (found.high < bound, found.low >= bound) if below else (found.low > bound, found.high <= bound)
        )
        side = "less" if below else "more"
        said = f"{shown.of(found)}{shown.verb}"
        if threshold.kind == "loss" and found.value < 0:
            said = f"not{shown.verb} ({shown.of(change.change, change.scale == 'ratio')})"
        limit = shown.one(bound)
        if surely:
            sentence = f"{said}, surely {side} than {limit}"
            return cls(change.metric, threshold, threshold.level, sentence, found, change=change)
        if surely_not:
            return cls(change.metric, threshold, "pass", f"{said}, not {side} than {limit}", found, change=change)
        answer: Answer = "could not tell" if threshold.sure else "pass"
        sentence = f"{said}, possibly {side} than {limit}"
        return cls(change.metric, threshold, answer, sentence, found, True, change)

    @classmethod
    def untold(cls, threshold: Threshold, why: str) -> Gate:
        """Return the gate of a metric that was not compared."""
        return cls(threshold.metric, threshold, "could not tell", why, Measure.missing(why))

    @property
    def name(self) -> str:
        """What it asks, of which reading."""
        return str(replace(self.threshold, metric=self.metric))

    @property
    def short(self) -> str:
        """What the metric is called, with what was found, or why nothing was."""
        if self.change is None or self.found.value is None or (self.answer == "could not tell" and not self.possibly):
            return f"{called(self.metric)} ({self.sentence})"
        said = _Said(self.threshold, self.change)
        if self.possibly and self.found.low is not None and self.found.high is not None:
            far = f"as little as {said.one(self.found.low)}" if self.threshold.kind == "below" else ""
            return f"{called(self.metric)} ({far or f'up to {said.one(self.found.high)}'}{said.verb})"
        return f"{called(self.metric)} ({said.one(self.found.value)}{said.verb})"

    @property
    def decides(self) -> bool:
        """Whether nothing passes where this cannot be told: it is not a mere warning, nor optional."""
        return self.threshold.level == "fail" and not self.threshold.optional

    def __str__(self) -> str:
        return f"{self.answer.upper()} {self.metric}: {self.sentence}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "metric": self.metric,
            "threshold": asdict(self.threshold),
            "answer": self.answer,
            "sentence": self.sentence,
            "found": asdict(self.found),
            "possibly": self.possibly,
        }


def gates(changes: Sequence[Change], thresholds: Thresholds) -> tuple[Gate, ...]:
    r"""Return what the thresholds say of the changes, in the order of the changes.

    A threshold of a metric that was not compared could not be told; an optional one is left out then.

    Examples
    --------
    >>> change = Change("types", Measure(100.0, 95, 105), Measure(99.0, 95, 103), Measure(0.99, 0.92, 1.06))
    >>> for gate in gates([change], Thresholds.parse("[types]\nfail = 0.1\n[length]\nfail = 0.2")):
    ...     print(gate)
    PASS types: 1 % [-6, 8] lost, not more than 10 %
    COULD NOT TELL length: it was not compared
    """
    return tuple(_gates(changes, thresholds))


def _gates(changes: Sequence[Change], thresholds: Thresholds) -> Iterator[Gate]:
    met: set[str] = set()
    for change in changes:
        for threshold in thresholds.of(change.metric):
            met.add(threshold.metric)
            gate = Gate.of(threshold, change)
            if gate.answer != "could not tell" or not threshold.optional:
                yield gate
    missing = (one for one in thresholds.asked if one.metric not in met and not one.optional)
    yield from (Gate.untold(one, "it was not compared") for one in missing)


def worst(gates: Iterable[Gate]) -> Answer:
    """Return the answer of all gates together: a failure before what could not be told, before a warning.

    Nothing asked, or nothing told, is never passed.

    Examples
    --------
    >>> worst([])
    'could not tell'
    """
    held = list(gates)
    answers = {gate.answer for gate in held if gate.answer != "could not tell"}
    if "fail" in answers:
        return "fail"
    untold = any(gate.answer == "could not tell" and gate.decides for gate in held)
    asked = [gate for gate in held if gate.threshold.level == "fail"] or held
    if untold or all(gate.answer == "could not tell" for gate in asked):
        return "could not tell"
    return "warn" if "warn" in answers else "pass"


def as_read(gates: Iterable[Gate]) -> tuple[Gate, ...]:
    """Return the gates as people read them: what does not pass first, and of warning and failure only the graver.

    Examples
    --------
    >>> as_read([])
    ()
    """
    order = ("fail", "could not tell", "warn", "pass")
    found: dict[tuple[str, str], Gate] = {}
    for gate in sorted(gates, key=lambda gate: (order.index(gate.answer), not gate.possibly)):
        found.setdefault((gate.metric, gate.threshold.kind), gate)
    return tuple(found.values())


def _held(threshold: Threshold, change: Change) -> Measure:
    """What is held against the bound."""
    if threshold.kind != "loss":
        return change.new
    if change.scale == "ratio" and change.worse == "falls" and threshold.bound >= 1:
        raise BadSetting(
            f"{threshold.metric}: a loss of {threshold.bound:g} can never be exceeded, it is a share; "
            f"0.05 is 5 per cent"
        )
    return loss(change)


def loss(change: Change) -> Measure:
    """Return how much worse it has become, with its interval; below 0 where it is better.

    Of what may move either way, how far it has moved, at least 0.

    Examples
    --------
    >>> known = Measure(1.0, 1.0, 1.0)
    >>> print(loss(Change("length", known, known, Measure(1.25, 1.125, 1.5), worse="rises")))
    0.25 [0.125, 0.5]
    >>> print(loss(Change("length", known, known, Measure(1.25, 0.75, 1.5), worse="moves")))
    0.25 [0, 0.5]
    """
    change_of, still = change.change, change.still
    value, low, high = change_of.value, change_of.low, change_of.high
    if value is None or low is None or high is None:
        return change_of
    down, up = still - high, still - low
    if change.worse == "rises" or (change.worse == "moves" and low >= still):
        down, up = low - still, high - still
    elif change.worse == "moves" and high > still:
        down, up = 0.0, max(still - low, high - still)
    moved = value - still
    centre = {"falls": -moved, "rises": moved, "moves": abs(moved)}[change.worse]
    return Measure(centre, down, up, change_of.n, change_of.level)


@final
@dataclass(frozen=True, slots=True)
class _Said:
    """How numbers are said: a loss of a ratio in per cent, all others in their unit."""

    threshold: Threshold
    change: Change

    @property
    def share(self) -> bool:
        return self.threshold.kind == "loss" and self.change.scale == "ratio"

    @property
    def points(self) -> bool:
        """Whether it is a difference of shares, which is told in points of a hundred."""
        return (
            self.threshold.kind == "loss" and self.change.scale == "difference" and self.change.unit.startswith("share")
        )

    @property
    def verb(self) -> str:
        how = {"falls": " lost", "rises": " risen", "moves": " moved"}[self.change.worse]
        return how if self.threshold.kind == "loss" else ""

    @property
    def unit(self) -> str:
        """The unit, where it is one word: of a share of something the definition says of what."""
        return f" {self.change.unit}" if self.change.unit and " " not in self.change.unit else ""

    def one(self, number: float) -> str:
        if self.share:
            return f"{_figures(100 * number)} %"
        if self.points:
            return f"{_figures(100 * number)} points"
        return f"{number:,.4g}{self.unit}"

    def of(self, found: Measure, ratio: bool = False) -> str:
        if ratio:
            return f"{found} times what it was"
        if self.share and found.value is not None and found.low is not None and found.high is not None:
            value, low, high = (_figures(100 * number) for number in (found.value, found.low, found.high))
            return f"{value} % [{low}, {high}]"
        if self.points and found.value is not None and found.low is not None and found.high is not None:
            value, low, high = (_figures(100 * number) for number in (found.value, found.low, found.high))
            return f"{value} points [{low}, {high}]"
        return f"{found}{self.unit}"


def _figures(number: float) -> str:
    """Three figures, all of what stands before the point, and no more than two decimals."""
    if abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:.3g}" if abs(number) >= 0.1 or not number else f"{number:.2f}"
