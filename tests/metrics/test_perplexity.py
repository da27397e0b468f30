"""Perplexity of held-out text: known distributions, merging, and what has none."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.batch import Floats
from outcross.core.errors import BadInput
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.core.statistics import LogProbs
from outcross.metrics.perplexity import Perplexity
from outcross.models.categorical import FittedCategorical


def reading(scores: LogProbs) -> Floats:
    metric = Perplexity()
    summary = metric.summarize(scores)
    return metric.compare(summary, summary).values


def test_a_uniform_choice_of_k_has_perplexity_k() -> None:
    fitted = FittedCategorical(np.full((3, 50), 1 / 50))
    assert reading(fitted.log_prob(Symbols(np.arange(50)[None], 50))) == pytest.approx([50, 50, 50])


def test_it_tends_to_the_exponential_of_the_entropy() -> None:
    shares = np.array([0.5, 0.25, 0.125, 0.125])
    fitted = FittedCategorical(shares[None])
    nats, n = -np.log(shares), 100_000
    entropy = float(shares @ nats)
    spread = float(np.sqrt(shares @ (nats - entropy) ** 2 / n))
    found = np.log(reading(fitted.log_prob(fitted.sample(n, Seed(0)))).item())
    assert abs(found - entropy) < 4 * spread


def test_tokens_weigh_alike_not_records() -> None:
    scores = LogProbs(np.log([[0.5, 0.25**9]]), np.array([[1.0, 9.0]]))
    assert reading(scores).item() == pytest.approx((2 * 4**9) ** 0.1)


def test_a_lost_word_makes_it_infinite_in_its_replicate_only() -> None:
    scores = LogProbs(np.array([[-1.0, -np.inf], [-1.0, -1.0]]), np.ones((1, 2)))
    assert reading(scores).tolist() == [np.inf, pytest.approx(np.e)]


def test_overflow_is_infinite_without_a_warning() -> None:
    assert reading(LogProbs(np.array([[-1e6]]), np.ones((1, 1)))).item() == np.inf


def test_records_without_a_token_do_not_count() -> None:
    assert reading(LogProbs(np.array([[-2.0, 0.0]]), np.array([[2.0, 0.0]]))).item() == pytest.approx(np.e)


def test_merging_is_scoring_together() -> None:
    rng = np.random.default_rng(0)
    one = LogProbs(-rng.exponential(size=(4, 10)), np.ones((1, 10)))
    other = LogProbs(-rng.exponential(size=(4, 5)), np.full((1, 5), 3.0))
    metric = Perplexity()
    merged = metric.merge(metric.summarize(one), metric.summarize(other))
    assert metric.compare(merged, merged).values == pytest.approx(reading(one.join([other])))


def test_nothing_scored_is_no_value() -> None:
    metric = Perplexity()
    summary = metric.summarize(LogProbs(np.zeros((2, 0)), np.zeros((1, 0))))
    found = metric.compare(summary, summary)
    assert np.isnan(found.values).all()
    assert found.reason == "no token was scored"


def test_a_model_that_gives_nan_is_refused() -> None:
    with pytest.raises(BadInput, match="of 1 records is NaN"):
        Perplexity().summarize(LogProbs(np.array([[np.nan, -1.0]]), np.ones((1, 2))))


def test_records_that_were_not_scored_are_refused() -> None:
    with pytest.raises(BadInput, match="perplexity reads LogProbs, not Rows"):
        Perplexity().summarize(Rows(np.zeros((1, 2, 1))))
