"""Both tails of perplexity: 1 where nothing changed, by hand, by replicate, and where they are not defined."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from outcross.core.errors import BadSetting
from outcross.core.metric import Reading
from outcross.core.statistics import LogProbs
from outcross.metrics.perplexity_tails import PerplexityTails


def scores(nats: np.ndarray, tokens: float = 1.0) -> LogProbs:
    values = np.atleast_2d(nats).astype(np.float64)
    return LogProbs(-values * tokens, np.full((1, values.shape[1]), tokens))


def readings(sample: LogProbs, human: LogProbs, quantile: float = 0.05) -> Mapping[str, Reading]:
    metric = PerplexityTails(quantile=quantile)
    return metric.compare(metric.summarize(sample), metric.summarize(human))


@pytest.mark.parametrize("quantile", [0.05, 0.1, 0.25, 0.5])
@pytest.mark.parametrize("size", [7, 100, 1000])
def test_of_the_human_records_themselves_it_is_1(quantile: float, size: int) -> None:
    human = scores(np.random.default_rng(0).normal(size=size))
    found = readings(human, human, quantile)
    assert found["low"].values.item() == pytest.approx(1)
    assert found["high"].values.item() == pytest.approx(1)


def test_of_the_same_distribution_it_is_1_within_error() -> None:
    rng, n = np.random.default_rng(1), 50_000
    found = readings(scores(rng.gamma(5, size=n)), scores(rng.gamma(5, size=n)))
    error = np.sqrt(0.05 * 0.95 * 2 / n) / 0.05
    assert abs(found["low"].values.item() - 1) < 4 * error
    assert abs(found["high"].values.item() - 1) < 4 * error


def test_by_hand() -> None:
    found = readings(scores(np.array([0.5, 1.5, 50, 99.5, 200])), scores(np.arange(1, 101)), 0.01)
    assert found["low"].values.item() == pytest.approx(2 / 5 / 0.01)
    assert found["high"].values.item() == pytest.approx(2 / 5 / 0.01)


def test_a_longer_tail_above_and_more_below() -> None:
    rng = np.random.default_rng(2)
    human = scores(rng.normal(5, 1, size=5000))
    narrow = readings(scores(rng.normal(3.5, 0.5, size=5000)), human)
    drift = readings(scores(rng.normal(7, 2, size=5000)), human)
    assert narrow["low"].values.item() > 5 > 0.1 > narrow["high"].values.item()
    assert drift["high"].values.item() > 5


def test_long_texts_are_judged_by_the_token() -> None:
    human = scores(np.arange(1, 101))
    assert readings(scores(np.array([50.0]), tokens=500), human)["high"].values.item() == 0


def test_each_replicate_has_its_own_reading_and_may_share_the_human_one() -> None:
    sample = np.array([[1.0, 1.0], [50.0, 50.0], [100.0, 1.0]])
    shared = readings(scores(sample), scores(np.arange(1, 101)), 0.1)
    own = readings(scores(sample), scores(np.tile(np.arange(1, 101), (3, 1))), 0.1)
    assert shared["low"].values == pytest.approx([10, 0, 5])
    assert shared["high"].values == pytest.approx([0, 0, 5])
    assert own["low"].values.tolist() == shared["low"].values.tolist()


def test_impossible_texts_are_in_the_upper_tail() -> None:
    found = readings(scores(np.array([np.inf, 50.0])), scores(np.arange(1, 101)))
    assert found["high"].values.item() == pytest.approx(10)


def test_nothing_lies_above_an_infinite_quantile() -> None:
    human = scores(np.concatenate([np.arange(90.0), np.full(10, np.inf)]))
    found = readings(scores(np.array([np.inf, 1.0])), human)
    assert found["low"].values.item() == pytest.approx(10)
    assert np.isnan(found["high"].values).all()
    assert "probability 0" in found["high"].reason


def test_records_without_a_token_are_left_out() -> None:
    sample = LogProbs(np.array([[0.0, -1.0]]), np.array([[0.0, 1.0]]))
    found = readings(sample, scores(np.arange(1, 101)))
    assert found["low"].values.item() == pytest.approx(20)


def test_no_record_is_no_value() -> None:
    found = readings(LogProbs(np.zeros((1, 0)), np.zeros((1, 0))), scores(np.arange(1, 101)))
    assert found["low"].reason == found["high"].reason == "no token was scored"


def test_without_human_records_there_are_no_tails() -> None:
    found = readings(scores(np.array([1.0])), LogProbs(np.zeros((1, 0)), np.zeros((1, 0))))
    assert np.isnan(found["low"].values).all()


def test_human_records_that_are_all_alike_have_no_tails() -> None:
    found = readings(scores(np.array([1.0, 2.0])), scores(np.full(20, 1.5)))
    assert found["low"].reason == found["high"].reason == "held-out human records are too much alike to have tails"


def test_merging_is_scoring_together() -> None:
    rng, metric = np.random.default_rng(3), PerplexityTails()
    one, other = scores(rng.normal(size=(2, 30))), scores(rng.normal(size=(2, 50)))
    human = metric.summarize(scores(rng.normal(size=200)))
    merged = metric.compare(metric.merge(metric.summarize(one), metric.summarize(other)), human)
    whole = metric.compare(metric.summarize(one.join([other])), human)
    assert merged["low"].values.tolist() == whole["low"].values.tolist()
    assert merged["high"].values.tolist() == whole["high"].values.tolist()


@pytest.mark.parametrize("quantile", [0, 0.6])
def test_a_tail_is_at_most_half(quantile: float) -> None:
    with pytest.raises(BadSetting):
        PerplexityTails(quantile=quantile)
