"""Total variation: by integration, by hand, and at the edges of the closed form."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from outcross.core.statistics import Counts, Normal, Probabilities
from outcross.metrics.total_variation import TotalVariation
from tests.metrics.reading import read, reading


def law(mean: float, sd: float) -> Normal:
    return Normal(np.array([[mean]]), np.array([[[sd**2]]]))


@pytest.mark.parametrize(
    ("mean", "sd"), [(0.0, 0.5), (0.0, 3.0), (2.0, 1.0), (-1.0, 0.3), (0.7, 1.0001), (1.0, 20.0), (-3.0, 2.0)]
)
def test_normal_laws_by_integration(mean: float, sd: float) -> None:
    truth_mean, truth_sd = 0.5, 1.5
    at, scale = truth_mean + truth_sd * mean, truth_sd * sd

    def apart(x: float) -> float:
        return float(abs(norm.pdf(x, at, scale) - norm.pdf(x, truth_mean, truth_sd)) / 2)

    around = [
        truth_mean,
        at,
        *(m + 12 * s * side for m, s in ((truth_mean, truth_sd), (at, scale)) for side in (-1, 1)),
    ]
    expected = sum(quad(apart, low, high, limit=500)[0] for low, high in pairwise(sorted(set(around))))
    assert read(TotalVariation(), law(at, scale), law(truth_mean, truth_sd)).item() == pytest.approx(expected, abs=1e-7)


def test_edges() -> None:
    truth = law(0.0, 1.0)
    assert read(TotalVariation(), truth, truth).tolist() == [0.0]
    assert read(TotalVariation(), law(0.0, 0.0), truth).tolist() == [1.0]
    assert read(TotalVariation(), truth, law(0.0, 0.0)).tolist() == [1.0]
    assert read(TotalVariation(), law(2.0, 0.0), law(2.0, 0.0)).tolist() == [0.0]
    assert read(TotalVariation(), law(100.0, 1.0), truth).item() == pytest.approx(1.0)
    nearly = read(TotalVariation(), law(0.0, 1 + 1e-9), truth).item()
    assert nearly == pytest.approx(1e-9 * np.sqrt(2 / (np.pi * np.e)), rel=1e-3)


def test_more_dimensions_have_no_closed_form() -> None:
    two = Normal(np.zeros((3, 2)), np.broadcast_to(np.eye(2), (3, 2, 2)))
    found = reading(TotalVariation(), two)
    assert np.isnan(found.values).tolist() == [True] * 3
    assert "no closed form" in found.reason


def test_shares_by_hand() -> None:
    one, other = Probabilities(np.array([[0.5, 0.5, 0.0]])), Counts(np.array([[1.0, 1.0, 2.0]]))
    assert read(TotalVariation(), one, other).tolist() == [0.5]
