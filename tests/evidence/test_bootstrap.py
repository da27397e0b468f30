"""Resampled clusters: what varies, how much, and what does not."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.quantifier import Sample
from outcross.evidence.bootstrap import clusters_of, percentile_interval, resample_clusters, strata_of, with_unseen

DRAWS = 4000


def test_a_mean_of_independent_documents_varies_as_it_should() -> None:
    values = np.random.default_rng(1).normal(size=200)
    means = resample_clusters(np.arange(200), DRAWS, np.random.default_rng(2)) @ values / 200
    truth = values.std() / np.sqrt(200)
    assert abs(means.std() - truth) < 4 * truth / np.sqrt(2 * DRAWS)


def test_a_mean_of_pairs_of_equals_varies_as_that_of_half_as_many() -> None:
    values = np.repeat(np.random.default_rng(1).normal(size=100), 2)
    means = resample_clusters(np.repeat(np.arange(100), 2), DRAWS, np.random.default_rng(2)) @ values / 200
    truth = values.std() / np.sqrt(100)
    assert abs(means.std() - truth) < 4 * truth / np.sqrt(2 * DRAWS)


def test_documents_that_are_worth_half_vary_twice_as_much() -> None:
    values = np.random.default_rng(1).normal(size=200)
    weight = resample_clusters(np.arange(200), DRAWS, np.random.default_rng(2), worth=0.5)
    truth = values.std() / np.sqrt(100)
    assert abs((weight @ values / weight.sum(axis=1)).std() - truth) < 4 * truth / np.sqrt(2 * DRAWS)


def test_of_each_stratum_as_many_are_drawn_as_there_are() -> None:
    synthetic = np.repeat([False, True], [30, 10])
    clusters = np.arange(40)
    weight = resample_clusters(clusters, 50, np.random.default_rng(0), strata_of(clusters, synthetic))
    assert (weight[:, ~synthetic].sum(axis=1) == 30).all()
    assert (weight[:, synthetic].sum(axis=1) == 10).all()


def test_pairs_stay_together() -> None:
    clusters = clusters_of(["a", "b", "a", "b", "c"])
    weight = resample_clusters(clusters, 50, np.random.default_rng(0))
    assert (weight[:, 0] == weight[:, 2]).all() and (weight[:, 1] == weight[:, 3]).all()


@pytest.mark.parametrize(("nothing", "ends"), [(0, (0.3, 0.3)), (2, (0.3, 0.3)), (10, (0.0, 1.0))])
def test_draws_that_gave_nothing_may_lie_on_either_side(nothing: int, ends: tuple[float, float]) -> None:
    draws = np.repeat([np.nan, 0.3], [nothing, 100 - nothing])
    assert percentile_interval(draws, 0.95) == ends


def test_a_rate_that_was_not_seen_may_be_as_high_as_the_exact_bound() -> None:
    """None of 60 references is mistaken: the error rate may be 1 - 0.025^(1/60)."""
    sample, weight = Sample(np.zeros(60)), np.ones((20_000, 60))
    more = with_unseen(sample, weight, 1.0, (60, 1e9), np.random.default_rng(0))
    assert np.quantile(more.mean(more.values), 0.975) == pytest.approx(1 - 0.025 ** (1 / 60), abs=0.004)


def test_a_small_target_has_few_strange_documents_or_none() -> None:
    sample, weight = Sample(np.zeros(500)), np.ones((20_000, 500))
    more = with_unseen(sample, weight, 1.0, (500, 10), np.random.default_rng(0))
    assert np.mean(more.weight[:, -1] == 0) == pytest.approx(1 / (1 + 10 / 500), abs=0.005)  # type: ignore[index]
