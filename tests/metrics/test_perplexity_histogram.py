"""The histogram of perplexity: against NumPy's, with open ends, merged."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.batch import Floats
from outcross.core.statistics import LogProbs
from outcross.metrics.perplexity_histogram import PerplexityHistogram


def readings(batch: LogProbs, metric: PerplexityHistogram) -> Floats:
    """Shares, shape (R, bins)."""
    summary = metric.summarize(batch)
    return np.stack([reading.values for reading in metric.compare(summary, summary).values()], axis=1)


def test_numpy_agrees() -> None:
    nats = np.random.default_rng(0).uniform(0, 12, size=(3, 2000))
    found = readings(LogProbs(-nats * 7, np.full((1, 2000), 7.0)), PerplexityHistogram())
    for row, own in zip(found, nats, strict=True):
        expected, _ = np.histogram(own, bins=48, range=(0, 12))
        assert row == pytest.approx(expected / 2000)


def test_readings_bear_the_middle_of_their_bin() -> None:
    metric = PerplexityHistogram()
    summary = metric.summarize(LogProbs(np.array([[-2.1]]), np.ones((1, 1))))
    found = metric.compare(summary, summary)
    names = list(found)
    assert (names[0], names[-1], len(names)) == ("0.125", "11.875", 48)
    assert [name for name, reading in found.items() if reading.values.item()] == ["2.125"]


def test_both_ends_are_open() -> None:
    found = readings(LogProbs(np.array([[3.0, -12.0, -1e9, -np.inf]]), np.ones((1, 4))), PerplexityHistogram())
    assert found[0, 0] == 0.25
    assert found[0, -1] == 0.75
    assert found.sum() == 1


def test_merging_is_counting_together() -> None:
    rng, metric = np.random.default_rng(1), PerplexityHistogram(width=0.5, top=4)
    one = LogProbs(-rng.exponential(size=(2, 40)), np.ones((1, 40)))
    other = LogProbs(-rng.exponential(size=(2, 10)), np.ones((1, 10)))
    merged = metric.merge(metric.summarize(one), metric.summarize(other))
    assert np.array_equal(merged.counts, metric.summarize(one.join([other])).counts)


def test_records_without_a_token_are_left_out() -> None:
    found = readings(LogProbs(np.array([[0.0, -1.1]]), np.array([[0.0, 1.0]])), PerplexityHistogram())
    assert found.sum() == 1
    assert found[0, 0] == 0


def test_no_record_is_no_value() -> None:
    metric = PerplexityHistogram()
    summary = metric.summarize(LogProbs(np.zeros((1, 0)), np.zeros((1, 0))))
    found = metric.compare(summary, summary)
    assert {reading.reason for reading in found.values()} == {"no token was scored"}


def test_the_last_bin_may_be_cut_by_the_top() -> None:
    metric = PerplexityHistogram(width=5, top=12)
    summary = metric.summarize(LogProbs(np.array([[-11.0]]), np.ones((1, 1))))
    assert list(metric.compare(summary, summary)) == ["2.5", "7.5", "12.5"]
