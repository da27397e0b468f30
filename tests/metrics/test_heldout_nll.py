"""Held-out negative log-likelihood: the entropy of a Gaussian, and the logarithm of perplexity."""

from __future__ import annotations

import math

import numpy as np
import pytest

from outcross.core.statistics import LogProbs
from outcross.metrics.heldout_nll import HeldoutNll
from outcross.metrics.perplexity import Perplexity


def test_a_gaussian_s_risk_is_its_entropy_plus_its_divergence() -> None:
    n, shift = 200_000, 0.5
    values = np.random.default_rng(0).normal(size=(1, n)) - shift
    scores = LogProbs(-0.5 * values**2 - 0.5 * math.log(2 * math.pi), np.ones((1, n)))
    metric = HeldoutNll()
    summary = metric.summarize(scores)
    risk = 0.5 * math.log(2 * math.pi * math.e) + 0.5 * shift**2
    error = math.sqrt((0.5 + shift**2) / n)  # Var(x^2 / 2) = 1/2 + shift^2
    assert abs(metric.compare(summary, summary).values.item() - risk) < 4 * error


def test_of_texts_it_is_the_logarithm_of_perplexity() -> None:
    scores = LogProbs(np.array([[-3.0, -8.0], [-1.0, -2.0]]), np.array([[2.0, 5.0]]))
    nll, perplexity = HeldoutNll(), Perplexity()
    one, other = nll.summarize(scores), perplexity.summarize(scores)
    assert nll.compare(one, one).values == pytest.approx(np.log(perplexity.compare(other, other).values))


def test_a_density_may_be_greater_than_one() -> None:
    metric = HeldoutNll()
    summary = metric.summarize(LogProbs(np.array([[2.0]]), np.ones((1, 1))))
    assert metric.compare(summary, summary).values.tolist() == [-2.0]


def test_what_is_excluded_has_infinite_risk() -> None:
    metric = HeldoutNll()
    summary = metric.summarize(LogProbs(np.array([[-1.0, -np.inf]]), np.ones((1, 2))))
    assert metric.compare(summary, summary).values.tolist() == [np.inf]


def test_a_point_mass_that_meets_and_misses_has_no_risk() -> None:
    metric = HeldoutNll()
    summary = metric.summarize(LogProbs(np.array([[np.inf, -np.inf]]), np.ones((1, 2))))
    assert metric.compare(summary, summary).reason == "some densities are 0 and some infinite"
