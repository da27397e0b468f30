"""Out of support: against k-d trees, with ties, between modes, and for types."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from outcross.core.batch import Floats
from outcross.core.errors import BadInput
from outcross.core.records import Rows, Symbols
from outcross.core.statistics import Counts, Probabilities
from outcross.metrics.out_of_support import OutOfSupport
from tests.metrics.reading import read, reading


def by_tree(sample: Floats, human: Floats, k: int) -> float:
    radii = cKDTree(human).query(human, k=k + 1)[0][:, -1]
    reached = (np.linalg.norm(sample[:, None] - human[None], axis=2) <= radii).any(axis=1)
    return float(1 - reached.mean())


@pytest.mark.parametrize("dim", [1, 2, 5, 12])
@pytest.mark.parametrize("neighbours", [1, 3])
def test_against_trees(rng: np.random.Generator, dim: int, neighbours: int) -> None:
    values, human = rng.normal(0, 2, (4, 90, dim)), rng.normal(size=(4, 60, dim))
    expected = [by_tree(x, y, neighbours) for x, y in zip(values, human, strict=True)]
    assert 0 < np.mean(expected) < 1
    np.testing.assert_allclose(read(OutOfSupport(neighbours=neighbours), Rows(values), Rows(human)), expected)


def test_blocks_make_no_difference(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    values, human = Rows(rng.normal(0, 2, (2, 70, 3))), Rows(rng.normal(size=(1, 50, 3)))
    whole = read(OutOfSupport(), values, human)
    monkeypatch.setattr("outcross.metrics._distances.BLOCK", 120)
    np.testing.assert_array_equal(read(OutOfSupport(), values, human), whole)


def test_blends_of_modes_are_hallucinated(rng: np.random.Generator) -> None:
    human = np.concatenate([rng.normal(-9, 1, (1, 200, 1)), rng.normal(9, 1, (1, 200, 1))], axis=1)
    assert read(OutOfSupport(), Rows(rng.normal(0, 1, (1, 100, 1))), Rows(human)).tolist() == [1.0]
    assert read(OutOfSupport(), Rows(rng.normal(9, 0.5, (1, 100, 1))), Rows(human)).item() < 0.1


@pytest.mark.parametrize("dim", [1, 2])
def test_records_seen_before_are_supported(rng: np.random.Generator, dim: int) -> None:
    places = rng.permutation(np.arange(40.0 * dim)).reshape(1, 40, dim)
    values = np.repeat(places, 5, axis=1)  # five records at each place: balls of radius 0
    assert read(OutOfSupport(), Rows(places), Rows(values)).tolist() == [0.0]
    assert read(OutOfSupport(), Rows(places + 1e-9), Rows(values)).tolist() == [1.0]


def test_types() -> None:
    human = Symbols(np.array([[0, 0, 1, 1]]), 3)
    assert read(OutOfSupport(), Probabilities(np.array([[0.5, 0.3, 0.2], [1.0, 0.0, 0.0]])), human).tolist() == [
        0.2,
        0.0,
    ]
    assert read(OutOfSupport(), Counts(np.array([[1.0, 0.0, 3.0]])), human).tolist() == [0.75]


def test_what_cannot_be_compared() -> None:
    few = reading(OutOfSupport(), Rows(np.zeros((2, 9, 1))), Rows(np.zeros((1, 3, 1))))
    assert few.reason == "the reference has no 3 neighbours of a record"
    with pytest.raises(BadInput, match="rows with rows, or types with types"):
        read(OutOfSupport(), Rows(np.zeros((1, 9, 1))), Counts(np.ones((1, 2))))
