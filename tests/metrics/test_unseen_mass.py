"""Good-Turing: in expectation, against the truth it estimates, and its refusals."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.errors import BadInput
from outcross.core.records import Symbols
from outcross.core.statistics import Counts, Probabilities
from outcross.core.text import Texts
from outcross.metrics.unseen_mass import UnseenMass
from tests.metrics.reading import read, within

P = 1 / np.arange(1.0, 51.0)
P /= P.sum()


def test_expected(rng: np.random.Generator) -> None:
    n = 40
    assert within(
        read(UnseenMass(), Counts(rng.multinomial(n, P, size=4000).astype(float))), (P * (1 - P) ** (n - 1)).sum()
    )


def test_it_estimates_what_was_not_seen(rng: np.random.Generator) -> None:
    n = 40
    counts = rng.multinomial(n, P, size=4000).astype(float)
    truth = ((counts == 0) * P).sum(axis=1)
    bias = read(UnseenMass(), Counts(counts)) - truth
    assert 0 < bias.mean() < 1 / n
    assert within(bias, (P**2 * (1 - P) ** (n - 1)).sum())


def test_by_hand() -> None:
    assert read(UnseenMass(), Symbols(np.array([[0, 0, 1, 2], [1, 1, 1, 1]]), 5)).tolist() == [0.5, 0.0]
    assert read(UnseenMass(), Texts.of(["a b a", "c a"])).tolist() == [0.4]


def test_refusals() -> None:
    with pytest.raises(BadInput, match="unseen_mass reads HasCounts, not Probabilities"):
        UnseenMass().summarize(Probabilities(np.array([[1.0]])))
    with pytest.raises(BadInput, match="whole numbers"):
        UnseenMass().summarize(Counts(np.array([[0.5, 1.0]])))
