"""The categorical: Wright-Fisher drift."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.errors import BadInput
from outcross.core.records import Symbols
from outcross.core.seed import Seed
from outcross.core.statistics import Counts
from outcross.models.categorical import Categorical, FittedCategorical
from tests.models.chains import agree, chain

N, REFITS, REPLICATES = 20, 15, 4000
T = np.arange(1, REFITS + 1)
START = 0.9  # heterozygosity of ten equally likely types


def shares(policy: str, *, exact: bool) -> np.ndarray:
    """Shape (T, R, K)."""
    fits = chain("categorical", policy, "uniform(types=10)", N, REPLICATES, REFITS, exact=exact)
    return np.array([fit.law().values for fit in fits])


@pytest.mark.parametrize("exact", [True, False])
def test_replace(exact: bool) -> None:
    found = shares("replace", exact=exact)
    agree(1 - (found**2).sum(axis=2), START * (1 - 1 / N) ** T)
    agree(found[:, :, 0], 0.1)
    agree((found[:, :, 0] - 0.1) ** 2, 0.09 * (1 - (1 - 1 / N) ** T))


@pytest.mark.parametrize("exact", [True, False])
def test_accumulate(exact: bool) -> None:
    found = shares("accumulate", exact=exact)
    agree(1 - (found**2).sum(axis=2), START * np.cumprod(1 - 1 / (N * T**2)))


def test_temperature_compounds() -> None:
    """With ever so many records the law after t refits is the first to the power (1 / temperature)^t."""
    truth = np.array([[0.5, 0.3, 0.2]])
    law = FittedCategorical(truth).law()
    model = Categorical(temperature=0.8)
    for t in range(1, 6):
        law = model.fit(law, Seed(0)).law()
        power = truth ** (1 / 0.8) ** t
        np.testing.assert_allclose(law.values, power / power.sum(), rtol=1e-12)


def test_a_dead_type_stays_dead() -> None:
    for model in (Categorical(), Categorical(temperature=0.5)):
        fitted = model.fit(Counts(np.array([[3.0, 0.0, 7.0]])), Seed(0))
        assert fitted.law().values[0, 1] == 0
        assert fitted.sample(1000, Seed(1)).counts().values[0, 1] == 0
        assert fitted.log_prob(Symbols(np.array([[1]]), 3)).values[0, 0] == -np.inf


def test_no_record_is_refused() -> None:
    with pytest.raises(BadInput, match="no record"):
        Categorical().fit(Counts(np.zeros((1, 3))), Seed(0))


@pytest.mark.parametrize("n", [3, 40])
def test_symbols_are_independent_and_follow_the_shares(n: int) -> None:
    """Fewer records than types, and more: the first symbol, and the first two, against their probabilities."""
    p = np.array([0.4, 0.0, 0.3, 0.2, 0.1])
    values = FittedCategorical(np.tile(p, (20_000, 1))).sample(n, Seed(0)).values
    assert (values != 1).all()
    for place in (0, n - 1):
        agree((values[:, place] == np.arange(5)[:, None]).astype(float), p)
    pairs = values[:, 0] * 5 + values[:, 1]
    agree((pairs == np.arange(25)[:, None]).astype(float), np.outer(p, p).ravel())
