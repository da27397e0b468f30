"""Precision, recall, density and coverage: against their definitions, and against what one law must give."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from outcross.core.batch import Floats
from outcross.core.metric import Reading
from outcross.core.records import Rows
from outcross.metrics._distances import squared_distances
from outcross.metrics.prdc import Prdc
from tests.metrics.reading import within


def read(sample: Floats, human: Floats, k: int = 5) -> dict[str, Floats]:
    metric = Prdc(k)
    found = metric.compare(metric.summarize(Rows(sample)), metric.summarize(Rows(human)))
    return {name: reading.values for name, reading in found.items()}


def by_definition(sample: Floats, human: Floats, k: int) -> dict[str, float]:
    """Ball by ball, from squared distances of whole numbers, which are exact."""
    across, there, here = (cdist(a, b, "sqeuclidean") for a, b in ((human, sample), (human, human), (sample, sample)))
    human_balls = across <= np.sort(there, axis=1)[:, k, None]
    sample_balls = across <= np.sort(here, axis=1)[:, k]
    return {
        "precision": float(human_balls.any(axis=0).mean()),
        "recall": float(sample_balls.any(axis=1).mean()),
        "density": float(human_balls.sum() / (k * len(sample))),
        "coverage": float(human_balls.any(axis=1).mean()),
    }


@pytest.mark.parametrize("dim", [1, 3, 20])
@pytest.mark.parametrize("k", [1, 5])
def test_by_definition_with_many_ties(rng: np.random.Generator, dim: int, k: int) -> None:
    """Whole numbers come again and lie at equal distances; many dimensions are computed in another way than few."""
    sample, human = (rng.integers(0, high, (3, n, dim)).astype(float) for high, n in ((3, 70), (4, 90)))
    sample[:, 40:] = sample[:, :30]
    found = read(sample, human, k)
    for replicate in range(3):
        for name, expected in by_definition(sample[replicate], human[replicate], k).items():
            assert found[name][replicate] == pytest.approx(expected), name


@pytest.mark.parametrize("dim", [2, 30])
def test_one_law_gives_what_it_must(rng: np.random.Generator, dim: int) -> None:
    m, n, k = 60, 80, 5
    found = read(rng.standard_t(3, (400, m, dim)), rng.standard_t(3, (400, n, dim)), k)
    assert within(found["density"], 1)
    missed = prod((n - j) / (m + n - j) for j in range(1, k + 1))
    assert within(found["coverage"], 1 - missed)


def test_what_is_lost_and_what_is_added(rng: np.random.Generator) -> None:
    human = np.concatenate([rng.normal(-9, 1, (1, 200, 12)), rng.normal(9, 1, (1, 200, 12))], axis=1)
    narrow, wide = rng.normal(9, 0.5, (1, 200, 12)), rng.normal(0, 30, (1, 200, 12))
    lost, added = read(narrow, human), read(wide, human)
    assert lost["precision"].item() == 1
    assert lost["coverage"].item() < 0.51
    assert lost["recall"].item() < 0.51
    assert added["precision"].item() == 0 == added["density"].item()
    assert added["recall"].item() == 1  # a few stray records span all


def test_distances_within_clusters_that_are_far_apart(rng: np.random.Generator) -> None:
    """They are far below the digits that a matrix product keeps, of all records or of each cluster."""
    places = np.repeat([[1e6], [1e6 + 2**19]], 30, axis=0)
    points, others = (places + rng.integers(0, 5, (60, 16)) / 1024 for _ in range(2))
    others[:10] = points[20:30]
    found = np.concatenate(list(squared_distances(points, others)))
    np.testing.assert_allclose(found, cdist(points, others, "sqeuclidean"), rtol=1e-10)
    assert (found[20:30, :10].diagonal() == 0).all()


def test_a_sample_that_is_one_record() -> None:
    same = read(np.full((1, 20, 16), 3.3), np.full((1, 20, 16), 3.3))
    assert [same[name].item() for name in ("precision", "recall", "density", "coverage")] == [1, 1, 4, 1]


@pytest.mark.parametrize("dim", [4, 20])
def test_blocks_make_no_difference(rng: np.random.Generator, dim: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sample, human = rng.normal(0, 2, (2, 70, dim)), rng.normal(size=(1, 50, dim))
    whole = read(sample, human)
    monkeypatch.setattr("outcross.metrics._distances.BLOCK", 120)
    for name, values in read(sample, human).items():
        np.testing.assert_array_equal(values, whole[name])


def test_too_few_records() -> None:
    metric = Prdc()
    few, many = (metric.summarize(Rows(np.zeros((2, n, 1)))) for n in (5, 9))
    for one, other in ((few, many), (many, few)):
        found = metric.compare(one, other)
        assert list(found) == ["precision", "recall", "density", "coverage"]
        assert all(isinstance(reading, Reading) for reading in found.values())
        assert {reading.reason for reading in found.values()} == {"5 records do not have 5 neighbours each"}
