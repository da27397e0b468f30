"""Survival: by hand, and its probability after one refit."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.errors import BadInput
from outcross.core.laws import Poisson
from outcross.core.records import Rows, Symbols
from outcross.core.statistics import Counts, Normal, Probabilities
from outcross.metrics.survival import Survival
from tests.metrics.reading import read, within


def test_by_hand() -> None:
    values = np.array([[0, 1, 1], [0, 0, 0], [2, 2, 1]])
    assert read(Survival(type=1), Symbols(values, 3)).tolist() == [1.0, 0.0, 1.0]
    assert read(Survival(type=2), Counts(np.array([[3.0, 0.0, 0.5]]))).tolist() == [1.0]
    assert read(Survival(), Probabilities(np.array([[0.0, 1.0], [1e-300, 1.0]]))).tolist() == [0.0, 1.0]


def test_probability_after_one_refit(rng: np.random.Generator) -> None:
    p, n = 0.03, 50
    fitted = Probabilities(rng.multinomial(n, [p, 1 - p], size=4000) / n)
    assert within(read(Survival(), fitted), 1 - (1 - p) ** n)


def test_poisson_rates(rng: np.random.Generator) -> None:
    n, rate = 20, 0.05
    fitted = Poisson(rng.poisson(n * rate, size=(4000, 1)) / n)
    assert within(read(Survival(), fitted), 1 - np.exp(-n * rate))


def test_rows_of_counts() -> None:
    rows = Rows(np.array([[[0.0, 2.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]]]))
    assert read(Survival(), rows).tolist() == [0.0, 1.0]
    assert read(Survival(type=1), rows).tolist() == [1.0, 0.0]


def test_refusals() -> None:
    with pytest.raises(BadInput, match=r"survival\(type=2\): there are 2 types, 0 to 1"):
        read(Survival(type=2), Symbols(np.zeros((1, 3), dtype=np.int64), 2))
    with pytest.raises(BadInput, match="counts, which are at least 0, not -1"):
        read(Survival(), Rows(np.array([[[-1.0], [2.0]]])))
    with pytest.raises(BadInput, match="not Normal"):
        read(Survival(), Normal(np.zeros((1, 1)), np.ones((1, 1, 1))))
