"""AdamW against its published algorithm, written out."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from outcross.core.seed import Seed
from outcross.trainings.adamw import Adamw
from tests.trainings.problems import Line
from tests.trainings.test_adam import by_hand


@pytest.mark.parametrize("clip", [None, 2.0])
def test_it_is_the_published_algorithm(clip: float | None) -> None:
    line = Line(20)
    expected = by_hand(line, 30, 0.02, 0.0, 0.5, clip or np.inf)
    Adamw(steps=30, rate=0.02, batch=20, decay=0.5, clip=clip).run(line, Seed(0))
    np.testing.assert_allclose(line.numbers(), expected, rtol=1e-4, atol=1e-6)


def test_the_two_decays_differ() -> None:
    line = Line(20)
    coupled, decoupled = by_hand(line, 30, 0.02, 0.5, 0.0, np.inf), by_hand(line, 30, 0.02, 0.0, 0.5, np.inf)
    assert np.abs(coupled - decoupled).max() > 0.01
