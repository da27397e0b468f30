"""The area under the curve against scikit-learn's, and its interval's coverage with groups."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from outcross.evidence.discrimination import auc, auc_measure, auc_within


def test_it_is_the_area() -> None:
    rng = np.random.default_rng(0)
    scores, flags = rng.integers(9, size=300).astype(float), rng.random(300) < 0.3
    assert auc(scores, flags) == pytest.approx(roc_auc_score(flags, scores), abs=1e-12)


def test_missing_scores_and_classes() -> None:
    assert auc(np.array([1.0, np.nan, 2.0]), np.array([False, True, True])) == 1
    assert np.isnan(auc(np.array([1.0]), np.array([True])))
    assert auc_measure(np.array([1.0]), np.array([True]), ("a",)).value is None


def test_the_interval_covers_where_pairs_share_their_topic() -> None:
    truth = NormalDist().cdf(1 / np.sqrt(2))
    hits, draws = 0, 300
    for draw in range(draws):
        rng = np.random.default_rng(draw)
        group = np.repeat(np.arange(60), 4)
        flags = np.tile([False, True], 120)
        scores = np.repeat(rng.normal(size=60), 4) * 0.6 + rng.normal(size=240) * 0.8 + flags
        found = auc_measure(scores, flags, tuple(map(str, group)))
        hits += found.low is not None and found.high is not None and found.low <= truth <= found.high
    assert abs(hits / draws - 0.95) < 4 * np.sqrt(0.95 * 0.05 / draws)


def test_complete_separation_is_not_certain() -> None:
    found = auc_measure(np.arange(20.0), np.arange(20) >= 10, tuple(map(str, range(20))))
    assert found.value == 1
    assert found.low is not None and 0.6 < found.low < 0.95


def test_within_strata_that_explain_everything_nothing_is_left() -> None:
    rng = np.random.default_rng(0)
    stratum = rng.integers(4, size=4_000)
    flags = rng.random(4_000) < (stratum + 1) / 6
    scores = stratum + 0.1 * rng.normal(size=4_000)
    assert auc(scores, flags) > 0.65
    assert auc_within(scores, flags, stratum.astype(np.int64)) == pytest.approx(0.5, abs=0.04)
