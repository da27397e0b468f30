"""Shapley's axioms, and games whose shares are known."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from outcross.core.batch import Floats
from outcross.lab.shapley import Coalition, coalitions, dividends, shapley

PLAYERS = ("statistical", "model class", "optimiser")


def game(seed: int, replicates: int = 4) -> dict[Coalition, Floats]:
    """A game without any structure."""
    rng = np.random.default_rng(seed)
    return {coalition: rng.standard_normal(replicates) for coalition in coalitions(PLAYERS)}


def test_every_combination_is_a_coalition() -> None:
    assert len(set(coalitions(PLAYERS))) == 8
    assert coalitions(()) == (frozenset(),)


def test_shares_are_the_average_over_orders_of_joining() -> None:
    worth = game(0)
    for player, share in shapley(worth).items():
        added = []
        for order in permutations(PLAYERS):
            before = frozenset(order[: order.index(player)])
            added.append(worth[before | {player}] - worth[before])
        assert np.allclose(share, np.mean(added, axis=0))


def test_efficiency_in_every_replicate() -> None:
    worth = game(1)
    total = worth[frozenset(PLAYERS)] - worth[frozenset()]
    assert np.allclose(sum(shapley(worth).values()), total)
    assert np.allclose(sum(dividends(worth).values()), worth[frozenset(PLAYERS)])


def test_a_dummy_has_nothing_and_twins_have_the_same() -> None:
    value = {0: 0.0, 1: 1.0, 2: 5.0}
    worth = {c: np.array([value[len(c - {"optimiser"})]]) for c in coalitions(PLAYERS)}
    shares = shapley(worth)
    assert shares["optimiser"] == 0
    assert shares["statistical"] == shares["model class"] == 2.5


def test_the_glove_game() -> None:
    """Two left gloves and a right one: 1/6, 1/6 and 2/3."""
    worth = {c: np.array([float("right" in c and len(c) > 1)]) for c in coalitions(("left", "other", "right"))}
    assert {player: share[0] for player, share in shapley(worth).items()} == pytest.approx(
        {"left": 1 / 6, "other": 1 / 6, "right": 2 / 3}
    )


def test_additivity() -> None:
    one, other = game(2), game(3)
    both = shapley({coalition: one[coalition] + 2 * other[coalition] for coalition in one})
    for player, share in both.items():
        assert np.allclose(share, shapley(one)[player] + 2 * shapley(other)[player])


def test_a_share_is_an_equal_part_of_every_dividend() -> None:
    worth = game(4)
    found = dividends(worth)
    for player, share in shapley(worth).items():
        assert np.allclose(share, sum(value / len(some) for some, value in found.items() if player in some))


def test_effects_that_add_up_do_not_interact() -> None:
    alone = {"statistical": 1.0, "model class": -2.0, "optimiser": 3.5}
    worth = {c: np.array([sum(alone[player] for player in c)]) for c in coalitions(PLAYERS)}
    assert all(np.allclose(value, 0) for some, value in dividends(worth).items() if len(some) > 1)
    assert {player: share[0] for player, share in shapley(worth).items()} == pytest.approx(alone)
