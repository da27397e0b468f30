"""Heterozygosity: by counting pairs, and in expectation after one refit."""

from __future__ import annotations

import numpy as np

from outcross.core.records import Symbols
from outcross.core.statistics import Counts, Probabilities
from outcross.core.text import Texts
from outcross.metrics.heterozygosity import Heterozygosity
from tests.metrics.reading import read, reading, within


def test_by_counting_pairs(rng: np.random.Generator) -> None:
    values = rng.integers(4, size=(3, 30))
    pairs = (values[:, :, None] != values[:, None]).mean(axis=(1, 2))
    np.testing.assert_allclose(read(Heterozygosity(), Symbols(values, 4)), pairs)


def test_expected_after_one_refit(rng: np.random.Generator) -> None:
    p, n = np.array([0.5, 0.3, 0.2]), 15
    fitted = Probabilities(rng.multinomial(n, p, size=4000) / n)
    assert within(read(Heterozygosity(), fitted), (1 - (p**2).sum()) * (1 - 1 / n))


def test_fixation() -> None:
    assert read(Heterozygosity(), Counts(np.array([[0.0, 7.0]]))).tolist() == [0.0]


def test_words_are_types() -> None:
    np.testing.assert_allclose(read(Heterozygosity(), Texts.of(["a b", "a a"])), 1 - (9 + 1) / 16)
    assert reading(Heterozygosity(), Texts.of(["", ""])).reason == "no record, so no shares"
