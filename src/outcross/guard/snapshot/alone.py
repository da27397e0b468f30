"""The numbers of one snapshot, by the names of the lab, each with its interval or the reason why it is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from outcross.core.errors import BadInput
from outcross.core.measure import Measure
from outcross.core.wording import count_of
from outcross.guard.snapshot import composition, head
from outcross.guard.snapshot.estimate import Estimate, Floats
from outcross.guard.snapshot.vocabulary import Vocabulary

if TYPE_CHECKING:
    from outcross.guard.snapshot.snapshot import Snapshot

LEAST = 64
"""Different texts below which no interval is given: two for each part that is left out."""

QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
"""The quantiles of the length that are told, by name."""


def measures(snapshot: Snapshot, level: float = 0.95) -> dict[str, Measure]:
    """Return what a snapshot says by itself.

    Examples
    --------
    >>> from outcross.guard.snapshot.snapshot import Snapshot
    >>> found = measures(Snapshot.of(["a cat", "a dog"]))
    >>> found["length"].value, found["types"].reason
    (2.0, '2 different texts: fewer than 64 give no interval')
    """
    if not snapshot.documents:
        return {}
    words = Vocabulary.of(snapshot)

    def every() -> Floats:
        if not snapshot.word_count:
            raise BadInput("there is no word")
        return words.total

    asked: dict[str, Callable[[], Estimate]] = {
        "types": lambda: words.types(every()),
        "unseen_mass": lambda: words.unseen(every()),
        "entropy": lambda: head.entropy(snapshot),
        "zipf_exponent": lambda: head.zipf_exponent(snapshot),
        "length": lambda: composition.length(snapshot),
        **{f"length@{name}": _quantile(snapshot, share) for name, share in QUANTILES.items()},
        "repetition": lambda: composition.repetition(snapshot),
        "copies": lambda: composition.copies(snapshot, float(snapshot.documents)),
    }
    return {name: told(number, level) for name, number in asked.items()}


def told(number: Callable[[], Estimate], level: float, least: float | None = 0.0) -> Measure:
    """Return a number with its interval, or the reason why it cannot be told.

    Parameters
    ----------
    number
        Gives it.
    level
        Confidence level.
    least
        What it cannot be below; None where it can be anything.

    Examples
    --------
    >>> import numpy as np
    >>> told(lambda: Estimate(1.0, np.ones(32), np.ones(32), 10), 0.95).reason
    '10 different texts: fewer than 64 give no interval'
    """
    try:
        estimate = number()
    except BadInput as error:
        return Measure.missing(str(error))
    if estimate.n < LEAST:
        reason = f"{count_of(estimate.n, 'different text')}: fewer than {LEAST} give no interval"
        return Measure(estimate.value, n=estimate.n, level=level, reason=reason)
    found = estimate.measure(level)
    if least is None or found.low is None or found.high is None:
        return found
    return replace(found, low=max(found.low, least), high=max(found.high, least))


def _quantile(snapshot: Snapshot, share: float) -> Callable[[], Estimate]:
    return lambda: composition.length_quantile(snapshot, share)
