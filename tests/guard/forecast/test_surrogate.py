"""What becomes of words by count: against the closed forms of Wright and Fisher."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.part import as_part
from outcross.core.policy import Policy
from outcross.core.seed import Seed
from outcross.guard.forecast.surrogate import FIRST, GRID, at, play

COPIES = 20_000


def _of(policy: str, generations: int = 6, **settings: float) -> np.ndarray:
    return play(as_part(Policy, policy), 1000, generations, seed=Seed(1), copies=COPIES, **settings).alive[:, 0]  # type: ignore[arg-type]


def test_replace_is_the_poisson_branching_process() -> None:
    alive, g = _of("replace"), 1.0
    for t in range(1, 7):
        for place in range(4):
            p = 1 - np.exp(-GRID[place] * g)
            assert abs(alive[t, place] - p) < 4 * np.sqrt(p * (1 - p) / COPIES)
        g = 1 - np.exp(-g)


def test_where_all_is_human_every_model_is_a_first_one() -> None:
    alive = _of("anchor(real=1.0)")
    for t in range(1, 7):
        p = 1 - np.exp(-1.0)
        assert abs(alive[t, 0] - p) < 4 * np.sqrt(p * (1 - p) / COPIES)


def test_half_of_the_human_records_is_a_thinning() -> None:
    """Half of the documents, and half of what the first model wrote: P(dead) by the generating functions."""
    alive = _of("anchor(real=0.5)", 2)[2, 0]
    human = 0.5 + 0.5 * np.exp(-1.0)  # kept with 1/2, then Poisson(1)
    inner = 0.5 + 0.5 * np.exp(-1.0)  # each of Poisson(1) written ones is kept with 1/2, then Poisson(1)
    written = np.exp(inner - 1)
    p = 1 - human * written
    assert abs(alive - p) < 4 * np.sqrt(p * (1 - p) / COPIES)


def test_words_that_come_in_clumps_are_drawn_less_often() -> None:
    policy = as_part(Policy, "anchor(real=0.3)")
    clump = np.minimum(GRID, 5.0)
    loose, clumped = (
        play(policy, 1000, 5, seed=Seed(1), copies=COPIES, clump=one).alive[5, 0, 4] for one in (None, clump)
    )
    assert clumped < loose - 0.05


@pytest.mark.parametrize("policy", ["replace", "accumulate", "subsample", "augment", "weighted", "fresh(real=0.2)"])
def test_mass_has_no_tendency(policy: str) -> None:
    """E p_t = p_0: what is written stays as long, on average, and every share of it as large."""
    fates = play(as_part(Policy, policy), 500, 5, seed=Seed(3), paths=400, copies=20, unevenness=1.0)
    tokens = fates.tokens[5]
    assert abs(tokens.mean() - 1) < 4 * tokens.std() / 20
    assert tokens.std() > 0.5 * FIRST / np.sqrt(500)


def test_a_known_length_is_taken() -> None:
    fates = play(as_part(Policy, "replace"), 100, 2, seed=Seed(0), lengths=np.array([0.5, 2.0]))
    assert fates.tokens[:, 0].tolist() == [1.0, 0.5, 2.0]
    assert fates.alive[1, 0, 0] < 0.5  # 1 - exp(-1/2)


def test_counts_between_are_interpolated() -> None:
    assert at(np.array([1.0, np.sqrt(2), 2.0, 1e9]), GRID[None]).round(3).tolist() == [[1.0, 1.5, 2.0, 10_000.0]]
