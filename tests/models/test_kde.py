"""The kernel density estimate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from outcross.core.errors import BadInput
from outcross.core.records import Rows
from outcross.core.seed import Seed
from outcross.models import kde
from outcross.models.kde import Kde
from tests.models.chains import agree, chain


def test_a_fixed_bandwidth_does_not_collapse_to_a_point() -> None:
    """E V_(t+1) = (1 - 1/n) (E V_t + h^2), V the variance of the records, to the limit (n - 1) h^2."""
    n, h, refits = 8, 0.4, 25
    fits = chain(f"kde(bandwidth={h})", "replace", "normal", n, 4000, refits)
    found = np.array([fit.law().covariance()[:, 0, 0] - h**2 for fit in fits])
    expected = [1 - 1 / n]
    while len(expected) < refits:
        expected.append((1 - 1 / n) * (expected[-1] + h**2))
    agree(found, expected)
    assert abs(expected[-1] - (n - 1) * h**2) < 0.02


@pytest.mark.parametrize("dim", [1, 3])
@pytest.mark.parametrize("rule", ["scott", "silverman"])
@pytest.mark.parametrize("block", [64, 2**19])
def test_densities_are_those_of_scipy(dim: int, rule: str, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kde, "_BLOCK", block)
    rng = np.random.default_rng(0)
    records, points = rng.normal(size=(2, 30, dim)) + 100, rng.normal(size=(1, 40, dim)) * 3 + 100
    found = Kde(bandwidth=rule).fit(Rows(records), Seed(0)).log_prob(Rows(points)).values
    for r in range(2):
        known = stats.gaussian_kde(records[r].T, bw_method=rule).logpdf(points[0].T)
        np.testing.assert_allclose(found[r], known, rtol=1e-8)


def test_a_fixed_bandwidth_and_weights() -> None:
    records, weight = np.array([-1.0, 0.0, 3.0]), np.array([1.0, 2.0, 0.5])
    fitted = Kde(bandwidth=0.7).fit(Rows(records[None, :, None], weight=weight), Seed(0))
    points = np.linspace(-5, 6, 23)
    known = stats.norm(records, 0.7).pdf(points[:, None]) @ weight / weight.sum()
    np.testing.assert_allclose(fitted.log_prob(Rows(points[None, :, None])).values[0], np.log(known), rtol=1e-12)
    draws = fitted.sample(100_000, Seed(1)).values[0, :, 0]
    assert stats.kstest(draws, lambda x: stats.norm(records, 0.7).cdf(x[:, None]) @ weight / weight.sum()).pvalue > 1e-4


def test_the_law_is_that_of_the_samples() -> None:
    rng = np.random.default_rng(0)
    fitted = Kde(bandwidth="silverman").fit(Rows(rng.normal(size=(1, 20, 2)) @ [[2.0, 1.0], [0.0, 0.5]]), Seed(0))
    n = 200_000
    draws, law = fitted.sample(n, Seed(1)).moments(), fitted.law()
    spread = np.sqrt(np.diagonal(law.covariance(), axis1=1, axis2=2))
    assert (np.abs(draws.mean - law.mean) < 4 * spread / np.sqrt(n)).all()
    np.testing.assert_allclose(draws.covariance(), law.covariance(), atol=0.02 * spread.max() ** 2)


def test_records_that_are_all_alike() -> None:
    """A rule gives a kernel without width: samples are the record, and nothing else is possible."""
    fitted = Kde().fit(Rows(np.full((1, 5, 2), 3.0)), Seed(0))
    assert (fitted.sample(4, Seed(1)).values == 3).all()
    assert fitted.log_prob(Rows(np.array([[[3.0, 3.1], [3.0, 3.0]]]))).values.tolist() == [[-np.inf, np.inf]]


def test_a_point_far_from_all_records() -> None:
    """The density underflows, its logarithm does not."""
    fitted = Kde(bandwidth=1.0).fit(Rows(np.zeros((1, 5, 1))), Seed(0))
    assert fitted.log_prob(Rows(np.array([[[1e4]]]))).values[0, 0] == pytest.approx(-0.5e8, rel=1e-6)


def test_a_rule_needs_two_records() -> None:
    with pytest.raises(BadInput, match="2 records"):
        Kde().fit(Rows(np.zeros((1, 1, 1))), Seed(0))
    assert Kde(bandwidth=1.0).fit(Rows(np.zeros((1, 1, 1))), Seed(0)).sample(3, Seed(1)).size == 3
