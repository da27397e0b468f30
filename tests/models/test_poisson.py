"""Poisson counts: how rare events die out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from outcross.core.errors import BadInput
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.core.statistics import Totals
from outcross.models.poisson import FittedPoisson, Poisson
from tests.models.chains import agree, chain

N, REFITS, RATE = 10, 12, 0.3


@pytest.mark.parametrize("exact", [True, False])
def test_survival(exact: bool) -> None:
    """P(alive at k) = 1 - exp(-n rate g_k) with g_1 = 1, g_(k+1) = 1 - exp(-g_k); the rate itself is a martingale."""
    fits = chain("poisson", "replace", f"poisson(rate={RATE})", N, 10_000, REFITS, exact=exact)
    rates = np.array([fit.law().rates[:, 0] for fit in fits])
    g = [1.0]
    while len(g) < REFITS:
        g.append(1 - np.exp(-g[-1]))
    agree((rates > 0).astype(float), 1 - np.exp(-N * RATE * np.array(g)))
    agree(rates, RATE)
    agree((rates - RATE) ** 2, RATE / N * np.arange(1, REFITS + 1))


def test_probabilities_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    rates = np.array([[0.7, 20.0], [3.0, 150.0]])
    counts = rng.poisson(rates[:, None], (2, 200, 2)).astype(float)
    known = stats.poisson(rates[:, None]).logpmf(counts).sum(axis=2)
    np.testing.assert_allclose(FittedPoisson(rates).log_prob(Rows(counts)).values, known, rtol=1e-12)


def test_a_dead_event_is_impossible() -> None:
    fitted = Poisson().fit(Rows(np.zeros((1, 5, 1))), Seed(0))
    assert fitted.log_prob(Rows(np.array([[[0.0], [1.0]]]))).values.tolist() == [[0.0, -np.inf]]
    assert fitted.sample_statistic(10, Seed(1)).total.tolist() == [[0.0]]


@pytest.mark.parametrize("wrong", [-1.0, 0.5, np.nan])
def test_counts_are_whole_numbers(wrong: float) -> None:
    with pytest.raises(BadInput, match="whole"):
        Poisson().fit(Rows(np.array([[[1.0], [wrong]]])), Seed(0))
    with pytest.raises(BadInput, match="whole"):
        FittedPoisson(np.ones((1, 1))).log_prob(Rows(np.array([[[wrong]]])))


def test_no_record_is_refused() -> None:
    with pytest.raises(BadInput, match="no record"):
        Poisson().fit(Totals(0, np.zeros((1, 1))), Seed(0))


def test_totals_are_weighted_and_joined() -> None:
    rows = Rows(np.array([[[1.0, 0.0], [2.0, 5.0], [4.0, 4.0]]]))
    statistic = Poisson().statistic
    together = statistic(rows.take(np.array([[0, 1]]))).weighted(3.0).join([statistic(rows.take(np.array([[2]])))])
    weighted = statistic(rows.take(np.array([[0, 1]])).weighted(3.0).join([rows.take(np.array([[2]]))]))
    for totals in (together, weighted):
        assert isinstance(totals, Totals)
        assert (totals.count, totals.total.tolist()) == (7.0, [[13.0, 19.0]])
