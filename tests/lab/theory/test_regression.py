"""Linear regression and linear smoothers against refitted labels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from outcross.core.errors import BadSetting
from outcross.lab.theory import regression
from tests.lab.theory.simulation import agree

ROWS, DIM, NOISE = 14, 3, 0.7
REFITS = 6
T = np.arange(REFITS + 1)


def errors(policy: str, replicates: int = 10_000, seed: int = 0) -> np.ndarray:
    """Squared errors of the refitted coefficients, shape (REFITS + 1, replicates)."""
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(replicates, ROWS, DIM))
    inverse = np.linalg.pinv(design)
    truth = np.array([1.0, -2.0, 0.5])
    fit = np.broadcast_to(truth, (replicates, DIM))
    found, blocks = [np.zeros(replicates)], []
    for t in range(1, REFITS + 1):
        copies = t if policy == "multiple" else 1
        noise = math.sqrt(NOISE) * rng.normal(size=(replicates, ROWS, copies)).mean(axis=2)
        blocks.append(np.einsum("rij,rj->ri", design, fit) + noise)
        labels = np.mean(blocks, axis=0) if policy == "accumulate" else blocks[-1]
        fit = np.einsum("rij,rj->ri", inverse, labels)
        found.append(np.sum((fit - truth) ** 2, axis=1))
    return np.array(found)


def test_replace() -> None:
    agree(errors("replace"), regression.replace(T, ROWS, DIM, NOISE))


def test_accumulate() -> None:
    agree(errors("accumulate", seed=1), regression.accumulate(T, ROWS, DIM, NOISE))


def test_replace_multiple() -> None:
    agree(errors("multiple", seed=2), regression.replace_multiple(T, ROWS, DIM, NOISE))


def test_the_first_fit_is_the_same_everywhere() -> None:
    first = NOISE * DIM / (ROWS - DIM - 1)
    for function in (regression.replace, regression.accumulate, regression.replace_multiple):
        assert_allclose(function([0, 1], ROWS, DIM, NOISE), [0, first])


def test_accumulate_limit() -> None:
    assert_allclose(regression.accumulate(10**6, ROWS, DIM), regression.accumulate_limit(ROWS, DIM), rtol=1e-5)
    assert_allclose(regression.accumulate_limit(ROWS, DIM), math.pi**2 / 6 * DIM / (ROWS - DIM - 1))


@pytest.mark.parametrize("policy", ["replace", "accumulate"])
def test_smoother(policy: str) -> None:
    """A regressogram: the mean of the labels in each of four cells."""
    rng = np.random.default_rng(3)
    cells, per_cell, replicates = 4, 5, 10_000
    values = np.zeros((replicates, cells))
    found, blocks = [np.zeros(replicates)], []
    for _ in range(REFITS):
        blocks.append(values[:, :, None] + rng.normal(size=(replicates, cells, per_cell)))
        labels = np.mean(blocks, axis=0) if policy == "accumulate" else blocks[-1]
        values = labels.mean(axis=2)
        found.append(np.sum(values**2, axis=1))
    formula = regression.smoother_accumulate if policy == "accumulate" else regression.smoother_replace
    agree(np.array(found), formula(T, cells / per_cell))


@pytest.mark.parametrize(
    "call",
    [
        lambda: regression.replace(1, 4, 3),
        lambda: regression.accumulate(1, 10, 0),
        lambda: regression.replace_multiple(1, 10, 2, noise=-1.0),
        lambda: regression.smoother_replace(1, -0.5),
    ],
)
def test_what_has_no_answer_is_refused(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BadSetting):
        call()
