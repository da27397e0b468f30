"""Adam against its published algorithm, written out."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from outcross.core.seed import Seed
from outcross.trainings.adam import Adam
from tests.trainings.problems import Line


def by_hand(line: Line, steps: int, rate: float, coupled: float, decoupled: float, clip: float) -> np.ndarray:
    """Kingma and Ba's algorithm 1 with either kind of weight decay (Loshchilov and Hutter, algorithms 1 and 2)."""
    numbers, first, second = line.numbers().astype(np.float64), np.zeros(4), np.zeros(4)
    for step in range(1, steps + 1):
        gradient = line.gradient(numbers)
        gradient *= min(1.0, clip / np.linalg.norm(gradient))
        gradient += coupled * numbers
        numbers *= 1 - rate * decoupled
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        numbers -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return numbers


@pytest.mark.parametrize("clip", [None, 2.0])
def test_it_is_the_published_algorithm(clip: float | None) -> None:
    line = Line(20)
    expected = by_hand(line, 30, 0.02, 0.1, 0.0, clip or np.inf)
    Adam(steps=30, rate=0.02, batch=20, decay=0.1, clip=clip).run(line, Seed(0))
    np.testing.assert_allclose(line.numbers(), expected, rtol=1e-4, atol=1e-6)


def test_the_clip_of_these_tests_clips() -> None:
    line = Line(20)
    free, clipped = (by_hand(line, 30, 0.02, 0.1, 0.0, clip) for clip in (np.inf, 2.0))
    assert np.abs(free - clipped).max() > 0.01


def test_its_decay_is_none_by_default() -> None:
    assert Adam().decay == 0
