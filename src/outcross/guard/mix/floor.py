"""How many human records a draw has at least, where it is only estimated how many there are to draw from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import final

import numpy as np

from outcross.core.errors import BadSetting
from outcross.core.measure import Measure
from outcross.core.provenance import Stratum
from outcross.core.special import normal_quantile

NO_ESTIMATE = Measure(None, 0.0, 1.0, reason="no estimate was given, so nothing is promised of it")
"""The synthetic share of a stratum that nobody has looked at."""

_REACH = 12
"""Standard deviations on either side of the mode; what lies beyond has a probability below 1e-30."""


@final
@dataclass(frozen=True, slots=True)
class Help:
    """What strata of unknown origin can do for a quota of human records.

    Parameters
    ----------
    drawn
        How many records of each stratum.
    human
        How many of these are human at least.

    Examples
    --------
    See `helped`.
    """

    drawn: Mapping[Stratum, int]
    human: int


def least_drawn(total: int, human: int, drawn: int, alpha: float) -> int:
    """Return how many human records a draw without replacement has at least, but for a chance of `alpha`.

    The largest ``q`` with ``P(Y < q) <= alpha`` for a hypergeometric ``Y``: summed term by term from the ratios of
    neighbouring terms, so that it is exact but for the rounding of floating-point numbers.

    Parameters
    ----------
    total, human
        Records of the stratum, and how many of them are human.
    drawn
        How many are drawn.
    alpha
        The chance that there are fewer.

    Raises
    ------
    BadSetting
        If there are not that many, or `alpha` is not in (0, 1).

    Notes
    -----
    Johnson, Kemp and Kotz, Univariate Discrete Distributions (2005), section 6.2, for the ratio of terms.

    Examples
    --------
    >>> least_drawn(100, 50, 20, 0.025), least_drawn(100, 50, 100, 0.025), least_drawn(100, 0, 20, 0.025)
    (6, 50, 0)
    """
    if not 0 <= human <= total or not 0 <= drawn <= total:
        raise BadSetting(f"{drawn} of {total} records, {human} of them human, cannot be drawn")
    if not 0 < alpha < 1:
        raise BadSetting(f"the chance of an error lies in (0, 1), not {alpha}")
    return _quantile(total, human, drawn, alpha)


@lru_cache(maxsize=4096)
def _quantile(total: int, human: int, drawn: int, alpha: float) -> int:
    low, high = max(0, drawn - (total - human)), min(drawn, human)
    if low == high:
        return low
    share = human / total
    deviation = math.sqrt(drawn * share * (1 - share) * (total - drawn) / max(1, total - 1))
    mode = (drawn + 1) * (human + 1) // (total + 2)
    wide = int(_REACH * deviation) + 50
    first, last = max(low, mode - wide), min(high, mode + wide)
    y = np.arange(first, last, dtype=np.float64)  # log of P(y + 1) / P(y)
    ratio = np.log((human - y) * (drawn - y)) - np.log((y + 1) * (total - human - drawn + y + 1))
    logs = np.concatenate(([0.0], np.cumsum(ratio)))
    terms = np.exp(logs - logs.max())
    below = np.concatenate(([0.0], np.cumsum(terms)[:-1])) / terms.sum()  # P(Y < y)
    return first + int(np.searchsorted(below, alpha * (1 + 1e-12), side="right")) - 1


def least_needed(total: int, human: int, wanted: int, alpha: float, most: int) -> int | None:
    """Return how many records must be drawn so that `wanted` are human, but for a chance of `alpha`.

    Parameters
    ----------
    total, human, alpha
        As in `least_drawn`.
    wanted
        How many are to be human.
    most
        How many may be drawn.

    Returns
    -------
    int or None
        The least number; None where even `most` do not do.

    Examples
    --------
    >>> least_needed(100, 50, 6, 0.025, 100), least_needed(100, 50, 51, 0.025, 100)
    (19, None)
    """
    most = min(most, total)
    if most < 0 or least_drawn(total, human, most, alpha) < wanted:
        return None
    few, enough = -1, most  # the bound never falls where more are drawn
    while enough - few > 1:
        middle = (few + enough) // 2
        if least_drawn(total, human, middle, alpha) >= wanted:
            enough = middle
        else:
            few = middle
    return enough


def largest_share(share: Measure, alpha: float) -> float:
    """Return what a synthetic share does not exceed, but for a chance of `alpha`.

    The upper end of its interval, of which half of the error is taken to lie above. Where that is more than `alpha`,
    the interval is widened in the ratio of the normal law's quantiles: an approximation, which an interval of a higher
    level does not need. One that is surer than need be is not narrowed.

    Examples
    --------
    >>> share = Measure(0.2, 0.1, 0.3, level=0.95)
    >>> largest_share(share, 0.025), round(largest_share(share, 0.0125), 3), largest_share(Measure(0.2), 0.025)
    (0.3, 0.314, 1.0)
    """
    if share.high is None:
        return 1.0
    tail = (1 - share.level) / 2
    if tail <= alpha * (1 + 1e-9) or share.high >= 1 or share.high == share.value:
        return min(1.0, share.high)
    if share.value is None or not 0 < tail < 0.5:
        return 1.0
    wider = normal_quantile(1 - alpha) / normal_quantile(1 - tail)
    return min(1.0, share.value + (share.high - share.value) * wider)


def helped(
    counts: Mapping[Stratum, int], shares: Mapping[Stratum, Measure], wanted: int, most: int, alpha: float
) -> Help:
    """Return the fewest records of strata of unknown origin among which so many are human, but for a chance of `alpha`.

    Strata are taken whole, the surest first, the last in part. Half of `alpha` is for the estimates, divided evenly
    among the strata that are used, half for the draw from the last (Bonferroni: whatever the errors have to do with one
    another, the chance that any is made is no larger than the sum).

    Parameters
    ----------
    counts
        How many records each stratum has.
    shares
        The synthetic share of each.
    wanted
        How many are to be human.
    most
        How many records may be drawn in all.
    alpha
        The chance that fewer are.

    Returns
    -------
    Help
        What is drawn. Where ``human`` is below `wanted`, it is the most that can be promised.

    Examples
    --------
    >>> from outcross.core.provenance import Origin
    >>> web = Stratum(Origin.UNKNOWN)
    >>> helped({web: 1000}, {web: Measure(0.2, 0.1, 0.3)}, 100, 1000, 0.05)
    Help(drawn={Stratum(origin=<Origin.UNKNOWN: 'unknown'>, ...): 158}, human=100)
    """
    order = sorted((s for s in counts if counts[s]), key=lambda s: (largest_share(shares[s], alpha / 2), str(s)))
    best = Help({}, 0)
    for number in range(1, len(order) + 1):
        found = _first(order[:number], counts, shares, wanted, most, alpha)
        if found.human >= wanted:
            return found
        best = max(best, found, key=lambda one: one.human)
    return best


def _first(
    strata: list[Stratum],
    counts: Mapping[Stratum, int],
    shares: Mapping[Stratum, Measure],
    wanted: int,
    most: int,
    alpha: float,
) -> Help:
    """Take all but the last of these strata whole, as far as may be, and of the last what is needed."""
    human = {s: least_human(counts[s], largest_share(shares[s], alpha / 2 / len(strata))) for s in strata}
    drawn: dict[Stratum, int] = {}
    for stratum in strata:
        room, missing = most - sum(drawn.values()), wanted - _sure(drawn, human)
        if room <= 0 or missing <= 0:
            break
        if stratum != strata[-1] and counts[stratum] <= room:
            drawn[stratum] = counts[stratum]
            continue
        needed = least_needed(counts[stratum], human[stratum], missing, alpha / 2, room)
        last = min(counts[stratum], room) if needed is None else needed
        promised = least_drawn(counts[stratum], human[stratum], last, alpha / 2)
        return Help({**drawn, stratum: last}, _sure(drawn, human) + promised)
    return Help(drawn, _sure(drawn, human))


def _sure(drawn: Iterable[Stratum], human: Mapping[Stratum, int]) -> int:
    """Human records of strata that are taken whole."""
    return sum(human[stratum] for stratum in drawn)


def least_human(total: int, synthetic: float) -> int:
    """Return how many of so many records are human, where at most this share is synthetic.

    Examples
    --------
    >>> least_human(10, 0.3), least_human(10, 0.31), least_human(10, 1.0)
    (7, 7, 0)
    """
    return total - min(total, math.floor(total * synthetic + 1e-9))
