"""The Vendi score: against its definition by both matrices, and where its value is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import entropy

from outcross.core.batch import Floats
from outcross.core.records import Rows
from outcross.metrics.vendi import Vendi
from tests.metrics.reading import read, reading


def by_definition(similarity: Floats) -> float:
    shares = np.linalg.eigvalsh(similarity / len(similarity))
    return float(np.exp(entropy(shares[shares > 1e-12])))


@pytest.mark.parametrize(("n", "dim"), [(80, 5), (20, 50), (30, 30)])
def test_cosines_by_definition(rng: np.random.Generator, n: int, dim: int) -> None:
    """More records than dimensions, fewer, and as many."""
    values = rng.normal(0.5, 1, (3, n, dim))
    expected = [by_definition(1 - cdist(x, x, "cosine")) for x in values]
    np.testing.assert_allclose(read(Vendi(), Rows(values)), expected)


@pytest.mark.parametrize("dim", [2, 15])
def test_rbf_by_definition(rng: np.random.Generator, dim: int) -> None:
    values, human = rng.normal(0, 0.5, (3, 60, dim)), rng.normal(size=(1, 70, dim))
    width = np.median(cdist(human[0], human[0])[np.triu_indices(70, 1)])
    for metric, bandwidth in ((Vendi("rbf"), width), (Vendi("rbf", bandwidth=0.3), 0.3)):
        expected = [by_definition(np.exp(-cdist(x, x, "sqeuclidean") / (2 * bandwidth**2))) for x in values]
        np.testing.assert_allclose(read(metric, Rows(values), Rows(human)), expected)


def test_records_with_nothing_in_common_and_records_that_are_one() -> None:
    assert read(Vendi(), Rows(np.eye(40)[None] * np.arange(1, 41))).item() == pytest.approx(40)
    assert read(Vendi(), Rows(np.full((1, 40, 7), 0.1))).item() == pytest.approx(1)


def test_groups_count_by_their_entropy(rng: np.random.Generator) -> None:
    codes = np.repeat(np.arange(3), [50, 30, 20])
    values = np.eye(5)[codes] * rng.uniform(0.1, 9, (100, 1))  # cosines do not see lengths
    assert read(Vendi(), Rows(values[None])).item() == pytest.approx(np.exp(entropy([0.5, 0.3, 0.2])))


def test_records_of_zeros_are_a_group_of_their_own() -> None:
    assert read(Vendi(), Rows(np.array([[[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1e-200, 0.0]]]))).item() == pytest.approx(
        2
    )


def test_only_so_many_records_are_looked_at(rng: np.random.Generator) -> None:
    values = rng.normal(size=(1, 50, 3))
    some, first = Vendi("rbf", bandwidth=1.0, most=20), Rows(values[:, :20])
    np.testing.assert_allclose(read(some, Rows(values)), read(Vendi("rbf", bandwidth=1.0), first))


def test_what_has_no_score() -> None:
    broken = reading(Vendi(), Rows(np.array([[[1.0, np.nan]]])))
    assert broken.reason == "some records are not finite"
    same = reading(Vendi("rbf"), Rows(np.zeros((1, 9, 2))))
    assert same.reason == "the median distance between human records is not a positive number"
