"""Entropy: against SciPy, and with less bias where it is corrected."""

from __future__ import annotations

import numpy as np
from scipy.stats import entropy

from outcross.core.statistics import Counts, Probabilities
from outcross.core.text import Texts
from outcross.metrics.entropy import Entropy
from tests.metrics.reading import read


def test_against_scipy(rng: np.random.Generator) -> None:
    shares = rng.dirichlet(np.full(6, 0.3), size=4)
    shares[0] = [0.5, 0.5, 0, 0, 0, 0]
    np.testing.assert_allclose(read(Entropy(), Probabilities(shares)), entropy(shares, axis=1))


def test_fixation_has_none() -> None:
    found = read(Entropy(), Counts(np.array([[0.0, 9.0]])))
    assert found.tolist() == [0.0]
    assert not np.signbit(found).any()


def test_correction() -> None:
    counts = np.array([[3.0, 1.0, 0.0]])
    plain, corrected = (read(Entropy(miller_madow=flag), Counts(counts)) for flag in (False, True))
    np.testing.assert_allclose(corrected - plain, 1 / 8)
    law = Probabilities(np.array([[0.75, 0.25, 0.0]]))
    assert read(Entropy(miller_madow=True), law) == read(Entropy(), law)


def test_correction_takes_most_of_the_bias(rng: np.random.Generator) -> None:
    shares = rng.dirichlet(np.ones(10))
    drawn = Counts(rng.multinomial(100, shares, size=4000).astype(float))
    plain, corrected = (read(Entropy(miller_madow=flag), drawn).mean() - entropy(shares) for flag in (False, True))
    assert plain < -0.02
    assert abs(corrected) < 0.3 * abs(plain)


def test_words_are_types() -> None:
    np.testing.assert_allclose(read(Entropy(), Texts.of(["a b", "a b c c"])), np.log(3))
