"""Separation of modes: by hand, in more dimensions, and at its ends."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ortho_group

from outcross.core.errors import BadInput
from outcross.core.laws import Mixture
from outcross.core.records import Rows
from outcross.metrics.modes import Modes
from tests.metrics.reading import read, reading


def mixture(means: list[list[float]], variances: list[list[float]]) -> Mixture:
    covariances = np.array([np.diag(variance) for variance in variances])
    return Mixture(np.full((1, len(means)), 1 / len(means)), np.array([means]), covariances[None])


def test_by_hand() -> None:
    assert read(Modes(), mixture([[0.0], [5.0]], [[9.0], [16.0]])).item() == pytest.approx(np.sqrt(2))


def test_spread_across_the_line_does_not_count() -> None:
    assert read(Modes(), mixture([[0.0, 0.0], [3.0, 0.0]], [[1.0, 99.0], [1.0, 0.5]])).item() == pytest.approx(3.0)


def test_turning_space_changes_nothing(rng: np.random.Generator) -> None:
    law = mixture([[0.0, 1.0, 2.0], [3.0, -1.0, 1.0]], [[1.0, 2.0, 3.0], [0.5, 0.1, 2.0]])
    turn = ortho_group.rvs(3, random_state=rng)
    turned = Mixture(law.weights, law.means @ turn.T, turn @ law.covariances @ turn.T)
    np.testing.assert_allclose(read(Modes(), turned), read(Modes(), law))


def test_the_nearest_two_decide() -> None:
    assert read(Modes(), mixture([[0.0], [50.0], [52.0]], [[1.0]] * 3)).item() == pytest.approx(2.0)


def test_ends() -> None:
    assert read(Modes(), mixture([[1.0], [1.0]], [[1.0], [2.0]])).tolist() == [0.0]
    assert read(Modes(), mixture([[1.0], [1.0]], [[0.0], [0.0]])).tolist() == [0.0]
    assert read(Modes(), mixture([[1.0], [2.0]], [[0.0], [0.0]])).tolist() == [np.inf]
    assert "no two modes" in reading(Modes(), mixture([[1.0]], [[1.0]])).reason
    with pytest.raises(BadInput, match="modes reads Mixture, not Rows"):
        Modes().summarize(Rows(np.zeros((1, 3, 1))))
