"""Own perplexity: the exponential of a model's entropy, where it writes as it scores."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.metric import View
from outcross.core.seed import Seed
from outcross.metrics.own_perplexity import OwnPerplexity
from outcross.models.categorical import FittedCategorical


@pytest.mark.parametrize("shares", [[0.25, 0.25, 0.25, 0.25], [0.7, 0.2, 0.05, 0.05], [1.0, 0.0, 0.0, 0.0]])
def test_it_is_the_exponential_of_the_entropy(shares: list[float]) -> None:
    fitted, p, n, metric = FittedCategorical(np.array([shares])), np.array(shares), 50_000, OwnPerplexity()
    summary = metric.summarize(fitted.log_prob(fitted.sample(n, Seed(0))))
    nats = -np.log(np.where(p > 0, p, 1))
    entropy = float(p @ nats)
    error = np.sqrt(p @ (nats - entropy) ** 2 / n)
    assert abs(np.log(metric.compare(summary, summary).values.item()) - entropy) <= 4 * error + 1e-12


def test_it_looks_at_what_the_model_wrote() -> None:
    assert OwnPerplexity.view is View.OWN
