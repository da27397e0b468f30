"""Prediction-powered inference by hand, and how often its intervals cover."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.stats import binomtest

from outcross.core.errors import BadInput
from outcross.core.quantifier import Sample, Scores
from outcross.quantifiers import ppi
from outcross.quantifiers.ppi import Ppi

UNUSED = Sample(np.array([0.5]))


def scores(target: np.ndarray, labelled: np.ndarray, truth: np.ndarray) -> Scores:
    return Scores(Sample(target), UNUSED, UNUSED, Sample(labelled), truth)


def drawn(share: float, labels: int, rest: int, rng: np.random.Generator, distance: float = 2.0) -> Scores:
    truth = (rng.random(labels + rest) < share) * 1.0
    predicted = 1 / (1 + np.exp(-distance * (distance * (truth - 0.5) + rng.normal(size=len(truth)))))
    return scores(predicted[labels:], predicted[:labels], truth[:labels])


def exact_interval(successes: int, n: int) -> tuple[float, float]:
    found = binomtest(successes, n).proportion_ci(0.95, method="exact")
    return float(found.low), float(found.high)


def test_by_hand() -> None:
    """Predictions are right on all four labels: covariance 1/4. Of all eight predictions five are 1: variance 15/56."""
    given = scores(np.array([1.0, 1.0, 1.0, 0.0]), np.array([1.0, 1.0, 0.0, 0.0]), np.array([1.0, 1.0, 0.0, 0.0]))
    tuning = (1 / 4) / ((1 + 4 / 4) * 15 / 56)
    assert Ppi().estimate(given)[0] == pytest.approx(0.5 + tuning * 0.25, abs=1e-12)


def test_predictions_that_say_nothing_are_left_out() -> None:
    truth = np.array([1.0, 0.0, 0.0, 1.0, 0.0])
    constant = scores(np.full(50, 0.9), np.full(5, 0.9), truth)
    contrary = scores(np.full(50, 0.9), 1 - truth, truth)
    assert Ppi().estimate(constant)[0] == pytest.approx(0.4)
    assert Ppi().estimate(contrary)[0] == pytest.approx(0.4)


def test_a_resampled_label_takes_its_score_along() -> None:
    given = drawn(0.3, 40, 60, np.random.default_rng(0))
    assert given.labelled is not None and given.truth is not None
    chosen = np.random.default_rng(1).integers(40, size=40)
    weight = np.bincount(chosen, minlength=40)[None].astype(np.float64)
    resampled = replace(given, labelled=Sample(given.labelled.values, weight))
    spelled = replace(given, labelled=Sample(given.labelled.values[chosen]), truth=given.truth[chosen])
    assert Ppi().estimate(resampled) == pytest.approx(Ppi().estimate(spelled), abs=1e-12)


def test_few_labels_of_an_origin_have_an_exact_interval() -> None:
    rng = np.random.default_rng(2)
    for positives in (0, 1, 14, 86, 100):
        truth = (np.arange(100) < positives) * 1.0
        found = Ppi().measure(scores(rng.random(500), rng.random(100), truth), 0.95)
        low, high = exact_interval(positives, 100)
        assert found.low <= low + 1e-12 and high - 1e-12 <= found.high
        assert found.high - found.low == pytest.approx(high - low, abs=1e-9)
    normal = Ppi().measure(scores(rng.random(500), rng.random(100), (np.arange(100) < 15) * 1.0), 0.95)
    assert normal.high - normal.low < exact_interval(15, 100)[1] - exact_interval(15, 100)[0]


@pytest.mark.parametrize(
    ("labels", "share", "least", "most"),
    [
        (100, 0.3, 0.935, 0.965),
        (200, 0.5, 0.935, 0.965),
        (100, 0.1, 0.935, 1.0),
        (50, 0.1, 0.95, 1.0),
        (100, 0.02, 0.95, 1),
    ],
)
def test_intervals_cover(labels: int, share: float, least: float, most: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The normal interval nearly as often as it says, the exact one at least as often; a thousand surveys each."""
    monkeypatch.setattr(ppi, "_exact", cache(ppi._exact))  # a thousand surveys give a few dozen counts
    rng, times = np.random.default_rng(3), 1000
    covered = 0
    for _ in range(times):
        found = Ppi().measure(drawn(share, labels, 500, rng), 0.95)
        covered += found.low <= share <= found.high
    error = 4 * np.sqrt(0.95 * 0.05 / times)
    assert least - error <= covered / times <= most + error


def test_good_predictions_make_it_surer_than_labels_alone() -> None:
    rng = np.random.default_rng(4)
    widths = []
    for _ in range(20):
        given = drawn(0.5, 100, 2000, rng, distance=4.0)
        assert given.truth is not None
        found, alone = Ppi().measure(given, 0.95), exact_interval(int(given.truth.sum()), 100)
        widths.append((found.high - found.low) / (alone[1] - alone[0]))
    assert np.mean(widths) < 0.5


def test_what_cannot_be_is_refused() -> None:
    given = drawn(0.5, 30, 50, np.random.default_rng(5))
    with pytest.raises(BadInput, match="29 labels"):
        Ppi().estimate(replace(given, truth=np.ones(29)))
    with pytest.raises(BadInput, match="resamples"):
        Ppi().measure(replace(given, target=Sample(given.target.values, np.ones((2, 50)))), 0.95)
