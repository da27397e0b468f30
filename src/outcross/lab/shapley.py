"""Fair shares of a joint effect: Shapley values, and what only happens in company (Harsanyi dividends)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations

import numpy as np

from outcross.core.batch import Floats

Coalition = frozenset[str]
Worth = Mapping[Coalition, Floats]
"""Value of every coalition, the empty one included; one number a replicate, shape (R,)."""


def coalitions(players: tuple[str, ...]) -> tuple[Coalition, ...]:
    """Return every set of players, the smallest first.

    Examples
    --------
    >>> [sorted(coalition) for coalition in coalitions(("a", "b"))]
    [[], ['a'], ['b'], ['a', 'b']]
    """
    return tuple(frozenset(some) for size in range(len(players) + 1) for some in combinations(players, size))


def shapley(worth: Worth) -> dict[str, Floats]:
    """Return each player's share: what it adds to those before it, on average over all orders of joining.

    The shares of a replicate add up to the value of all players less that of none; players who add alike have equal
    shares; who never adds anything has 0; shares of a sum of games are sums of shares. No other rule does all four.

    Parameters
    ----------
    worth
        Value of every coalition.

    Returns
    -------
    dict
        Player to share, shape (R,).

    Notes
    -----
    Shapley (1953), A value for n-person games, equation 12.

    Examples
    --------
    >>> alone, both = np.array([1.0]), np.array([4.0])
    >>> game = {frozenset(): np.zeros(1), frozenset("a"): alone, frozenset("b"): alone, frozenset("ab"): both}
    >>> {player: share.tolist() for player, share in shapley(game).items()}
    {'a': [2.0], 'b': [2.0]}
    """
    everyone = max(worth, key=len)
    shares = {}
    for player in sorted(everyone):
        others = [coalition for coalition in worth if player not in coalition]
        added = [_weight(len(before), len(everyone)) * (worth[before | {player}] - worth[before]) for before in others]
        shares[player] = np.asarray(sum(added))
    return shares


def _weight(before: int, players: int) -> float:
    """Share of the orders in which just these players come before a given one."""
    return math.factorial(before) * math.factorial(players - before - 1) / math.factorial(players)


def dividends(worth: Worth) -> dict[Coalition, Floats]:
    """Return what each coalition adds beyond all smaller ones within it; their sum is the value of all.

    A pair's dividend is their interaction: 0 where their effects add up, positive where they make each other worse. A
    player's Shapley value is its own dividend and an equal part of every one it takes part in.

    Notes
    -----
    Harsanyi (1963), A simplified bargaining model for the n-person cooperative game.

    Examples
    --------
    >>> alone, both = np.array([1.0]), np.array([4.0])
    >>> game = {frozenset(): np.zeros(1), frozenset("a"): alone, frozenset("b"): alone, frozenset("ab"): both}
    >>> dividends(game)[frozenset("ab")].tolist()
    [2.0]
    """
    found: dict[Coalition, Floats] = {}
    for coalition in sorted(worth, key=len):
        found[coalition] = worth[coalition] - np.asarray(sum(found[part] for part in found if part < coalition))
    return found
