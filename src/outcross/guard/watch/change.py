"""One number of two snapshots, side by side: what it was, what it is, and how surely that differs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, final

from outcross.core.measure import Measure
from outcross.guard.titles import called


@final
@dataclass(frozen=True, slots=True)
class Change:
    """How has this number changed from one snapshot to the other?

    Parameters
    ----------
    metric
        What is measured, by the name that the lab uses; of one group or quantile as ``name@which``.
    old, new
        The number in each snapshot, with its interval.
    change
        ``new / old`` where ``scale`` is ``ratio``, else ``new - old``; with its interval. Its value is None, with the
        reason, where it cannot be told.
    scale
        ``ratio`` or ``difference``.
    worse
        What collapse does to it: ``falls``, ``rises``, or ``moves`` either way.
    definition, source, unit
        What the number is, where it is from, and its unit.

    Examples
    --------
    >>> change = Change("types", Measure(100.0, 95, 105), Measure(80.0, 76, 84), Measure(0.8, 0.74, 0.86))
    >>> change.surely_worse, change.loss
    (True, 0.19999999999999996)
    """

    metric: str
    old: Measure
    new: Measure
    change: Measure
    scale: Literal["ratio", "difference"] = "ratio"
    worse: Literal["falls", "rises", "moves"] = "falls"
    definition: str = ""
    source: str = ""
    unit: str = ""

    @property
    def called(self) -> str:
        """What it is called in a sentence."""
        return called(self.metric)

    @property
    def still(self) -> float:
        """What the change is where nothing has changed."""
        return 1.0 if self.scale == "ratio" else 0.0

    @property
    def loss(self) -> float | None:
        """How much worse it has become, at least 0 where it has: of a ratio the share, else the difference."""
        if self.change.value is None:
            return None
        moved = self.change.value - self.still
        return {"falls": -moved, "rises": moved, "moves": abs(moved)}[self.worse]

    @property
    def surely_worse(self) -> bool:
        """Whether the whole interval of the change lies on the worse side."""
        low, high = self.change.low, self.change.high
        if low is None or high is None:
            return False
        fallen, risen = high < self.still, low > self.still
        return {"falls": fallen, "rises": risen, "moves": fallen or risen}[self.worse]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)
