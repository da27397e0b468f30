"""Perplexity in hindsight: it falls where a chain narrows, and rises where it drifts to noise."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.metric import View
from outcross.core.seed import Seed
from outcross.metrics.hindsight_perplexity import HindsightPerplexity
from outcross.models.categorical import FittedCategorical

HUMAN = FittedCategorical(np.array([[0.6, 0.3, 0.1]]))


def reading(writer: list[float]) -> float:
    metric = HindsightPerplexity()
    summary = metric.summarize(HUMAN.log_prob(FittedCategorical(np.array([writer])).sample(50_000, Seed(0))))
    return metric.compare(summary, summary).values.item()


@pytest.mark.parametrize("writer", [[0.6, 0.3, 0.1], [1.0, 0.0, 0.0], [0.1, 0.1, 0.8]])
def test_it_is_the_exponential_of_the_cross_entropy(writer: list[float]) -> None:
    nats, shares = -np.log(HUMAN.shares[0]), np.array(writer)
    cross_entropy = float(shares @ nats)
    error = np.sqrt(shares @ (nats - cross_entropy) ** 2 / 50_000)
    assert abs(np.log(reading(writer)) - cross_entropy) <= 4 * error + 1e-12


def test_it_moves_both_ways() -> None:
    intact = reading([0.6, 0.3, 0.1])
    assert reading([1.0, 0.0, 0.0]) < intact < reading([0.1, 0.1, 0.8])


def test_it_looks_back() -> None:
    assert HindsightPerplexity.view is View.HINDSIGHT
