"""Surviving types: against sets, and in expectation."""

from __future__ import annotations

import numpy as np

from outcross.core.records import Symbols
from outcross.core.statistics import Probabilities
from outcross.core.text import Texts
from outcross.metrics.types import Types
from tests.metrics.reading import read, reading, within


def test_against_sets(rng: np.random.Generator) -> None:
    values = rng.geometric(0.2, size=(5, 40)).clip(max=30) - 1
    assert read(Types(), Symbols(values, 30)).tolist() == [len(set(row)) for row in values.tolist()]


def test_expected_of_a_sample(rng: np.random.Generator) -> None:
    p, n = np.array([0.6, 0.3, 0.07, 0.02, 0.01]), 20
    values = rng.choice(5, p=p, size=(4000, n))
    assert within(read(Types(), Symbols(values, 5)), (1 - (1 - p) ** n).sum())


def test_of_a_law() -> None:
    assert read(Types(), Probabilities(np.array([[0.5, 0.0, 0.5], [1.0, 0.0, 0.0]]))).tolist() == [2.0, 1.0]


def test_words() -> None:
    assert read(Types(), Texts.of(["a b", "b c"])).tolist() == [3.0]
    assert np.isnan(reading(Types(), Texts.of([""])).values).all()
