"""Special functions against SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy import special as oracle
from scipy import stats

from outcross.core.errors import BadSetting
from outcross.core.special import (
    beta_cdf,
    beta_quantile,
    digamma,
    lgamma,
    log_gamma_ratio,
    normal_cdf,
    normal_quantile,
    student_quantile,
)

POSITIVE = np.geomspace(1e-3, 1e8, 400)
TAILS = np.concatenate([10.0 ** -np.arange(1, 16), [0.025, 0.05, 0.2, 0.35, 0.45, 0.49, 0.499]])
DF = np.array([1, 1.001, 1.1, 1.5, 1.9, 2, 2.1, 3, 3.5, 4, 5, 7, 9, 20, 49.5, 99, 299, 301, 1e3, 1e5, 1e7])


def test_digamma() -> None:
    assert_allclose(digamma(POSITIVE), oracle.digamma(POSITIVE), rtol=1e-13, atol=1e-13)


def test_lgamma() -> None:
    assert_allclose(lgamma(POSITIVE), oracle.gammaln(POSITIVE), rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize("a", [-0.5, 0.5, 1.5, 3.0])
def test_log_gamma_ratio_is_a_difference_of_log_gammas(a: float) -> None:
    x = np.geomspace(0.6, 100, 200)
    expected = oracle.gammaln(x + a) - oracle.gammaln(x) - a * np.log(x)
    assert_allclose(log_gamma_ratio(x, a), expected, atol=2e-13)


def test_log_gamma_ratio_keeps_its_digits_where_the_difference_loses_them() -> None:
    x = np.array([1e4, 1e6, 1e9])
    # DLMF 5.11.13: Gamma(x+a)/Gamma(x) ~ x^a (1 + a (a - 1) / (2 x) + ...), here for a = 1/2
    expected = -1 / (8 * x) + 1 / (192 * x**3)
    assert_allclose(log_gamma_ratio(x, 0.5), expected, rtol=1e-6)


def test_normal_law() -> None:
    x = np.linspace(-37, 9, 300)
    assert_allclose(normal_cdf(x), stats.norm.cdf(x), rtol=1e-12)
    p = np.concatenate([TAILS, 1 - TAILS, [1e-300, 0.0, 1.0]])
    assert_allclose(normal_quantile(p), stats.norm.ppf(p), rtol=1e-13)


@pytest.mark.parametrize("df", DF)
def test_student_quantile(df: float) -> None:
    assert_allclose(student_quantile(1 - TAILS, df), stats.t.isf(1 - (1 - TAILS), df), rtol=1e-9)
    assert_allclose(student_quantile(TAILS, df), stats.t.ppf(TAILS, df), rtol=1e-9)


def test_student_quantile_everywhere() -> None:
    random = np.random.default_rng(1)
    tail, df = 0.5 * random.random(5000) ** 4, 1 + 10 ** random.uniform(-4, 5, 5000)
    assert_allclose(student_quantile(tail, df), stats.t.ppf(tail, df), rtol=1e-9, atol=1e-12)


def test_student_quantile_at_the_ends() -> None:
    assert_allclose(student_quantile([0.0, 0.5, 1.0], 7), [-np.inf, 0.0, np.inf])
    assert_allclose(student_quantile(TAILS, np.inf), stats.norm.ppf(TAILS), rtol=1e-13)


def test_student_quantile_broadcasts() -> None:
    grid = student_quantile(TAILS[:, None], DF[None])
    assert np.shape(grid) == (len(TAILS), len(DF))


@pytest.mark.parametrize("function", [digamma, lgamma, normal_cdf, normal_quantile])
def test_a_number_gives_a_float_and_an_array_an_array(function) -> None:  # type: ignore[no-untyped-def]
    assert isinstance(function(0.5), float)
    result: NDArray[np.float64] = function(np.full((2, 3), 0.5))
    assert result.shape == (2, 3)
    assert result.dtype == np.float64
    assert isinstance(student_quantile(0.9, 5), float)


@pytest.mark.parametrize(
    ("function", "argument"),
    [(digamma, 0.0), (digamma, -1.5), (lgamma, -1.0), (normal_quantile, 1.1), (normal_quantile, [0.2, np.nan])],
)
def test_what_is_outside_the_domain_is_refused(function, argument) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadSetting):
        function(argument)


@pytest.mark.parametrize(("p", "df"), [(1.5, 3), (0.5, 0.5), (0.5, float("nan")), ([0.1, -0.1], 4)])
def test_student_quantile_refuses(p, df) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadSetting):
        student_quantile(p, df)


def test_the_beta_law_is_scipys() -> None:
    rng = np.random.default_rng(0)
    a, b = 10 ** rng.uniform(-0.3, 5, (2, 50))
    p, x = rng.random((2, 50))
    assert beta_cdf(x, a, b) == pytest.approx(stats.beta.cdf(x, a, b), abs=1e-10)
    assert beta_quantile(p, a, b) == pytest.approx(stats.beta.ppf(p, a, b), abs=1e-9)


def test_the_beta_law_at_its_ends() -> None:
    assert beta_cdf([0, 1], 3, 4).tolist() == [0, 1]
    assert beta_quantile([0, 1], 3, 4).tolist() == [0, 1]
    for wrong in ((2, 1, 1), (0.5, 0, 1), (0.5, 1, -1), (0.5, np.inf, 1)):
        with pytest.raises(BadSetting):
            beta_cdf(*wrong)
        with pytest.raises(BadSetting):
            beta_quantile(*wrong)
