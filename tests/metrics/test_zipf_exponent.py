"""Zipf's exponent: against a general optimiser, in simulation, and at its ends."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from outcross.core.batch import Floats
from outcross.core.statistics import Counts, Probabilities
from outcross.core.text import Texts
from outcross.metrics.zipf_exponent import ZipfExponent
from tests.metrics.reading import read, reading, within


def zipf(exponent: float, types: int) -> Floats:
    shares = np.arange(1.0, types + 1) ** -exponent
    return shares / shares.sum()


def by_optimiser(counts: Floats) -> float:
    alive = -np.sort(-counts[counts > 0])
    logs = np.log(np.arange(1.0, len(alive) + 1))

    def loss(a: float) -> float:
        return float(a * (alive @ logs) / alive.sum() + np.log(np.exp(-a * logs).sum()))

    return float(minimize_scalar(loss, bounds=(0, 40), method="bounded", options={"xatol": 1e-10}).x)


def test_against_a_general_optimiser(rng: np.random.Generator) -> None:
    counts = rng.poisson(30 * rng.dirichlet(np.full(25, 0.4), size=20)).astype(float)
    counts[:, :2] += 1
    counts[0, :2] = [900.0, 1.0]
    np.testing.assert_allclose(read(ZipfExponent(), Counts(counts)), [by_optimiser(row) for row in counts], atol=2e-6)


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 2.7, 9.0])
def test_of_a_law_it_is_the_law_s(exponent: float) -> None:
    np.testing.assert_allclose(read(ZipfExponent(), Probabilities(zipf(exponent, 40)[None])), exponent, atol=1e-9)


@pytest.mark.parametrize("exponent", [0.8, 1.5])
def test_in_simulation(rng: np.random.Generator, exponent: float) -> None:
    """Types few and records many, so that ranks are certain."""
    drawn = rng.multinomial(20_000, zipf(exponent, 12), size=1000).astype(float)
    found = read(ZipfExponent(), Counts(drawn))
    assert within(found, exponent)
    logs = np.log(np.arange(1.0, 13.0))
    information = zipf(exponent, 12) @ logs**2 - (zipf(exponent, 12) @ logs) ** 2
    assert found.std() == pytest.approx(1 / np.sqrt(20_000 * information), rel=0.1)  # as good as an estimate can be


def test_order_and_dead_types_do_not_count() -> None:
    counts = np.array([[5.0, 0.0, 90.0, 20.0]])
    assert read(ZipfExponent(), Counts(counts)) == read(ZipfExponent(), Counts(np.array([[90.0, 20.0, 5.0]])))


def test_ends() -> None:
    assert read(ZipfExponent(), Counts(np.array([[4.0, 4.0, 4.0]]))).item() == pytest.approx(0, abs=1e-9)
    extreme = read(ZipfExponent(), Probabilities(np.array([[1 - 1e-12, 1e-12]]))).item()
    assert extreme == pytest.approx(12 * np.log2(10), rel=1e-4)


def test_one_type_is_no_law_of_ranks() -> None:
    found = reading(ZipfExponent(), Counts(np.array([[5.0, 0.0], [5.0, 1.0]])))
    assert np.isnan(found.values).tolist() == [True, False]
    assert found.reason == "fewer than two types are left"


def test_words_are_types() -> None:
    found = read(ZipfExponent(), Texts.of(["a a a b", "b c"])).item()
    assert found == pytest.approx(by_optimiser(np.array([3.0, 2.0, 1.0])), abs=1e-6)
