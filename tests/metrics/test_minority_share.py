"""Minority share: the blue cats, ties, groups of rows and texts, and where there are none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from outcross.core.records import Rows, Symbols
from outcross.core.statistics import Counts, Probabilities
from outcross.core.text import Texts
from outcross.metrics.minority_share import MinorityShare
from tests.metrics.reading import read, reading

CATS = ("yellow", "blue")
HUMAN = Symbols(np.repeat([0, 1], [90, 10])[None], 2, CATS)


def test_blue_cats() -> None:
    law = Probabilities(np.array([[0.97, 0.03], [1.0, 0.0], [0.2, 0.8]]), CATS)
    np.testing.assert_allclose(read(MinorityShare(), law, HUMAN), [0.03, 0.0, 0.8])


def test_groups_are_matched_by_name() -> None:
    other_order = Counts(np.array([[7.0, 93.0]]), ("blue", "yellow"))
    np.testing.assert_allclose(read(MinorityShare(), other_order, HUMAN), 0.07)


def test_of_equally_small_groups_the_mean_is_taken() -> None:
    human = Counts(np.array([[6.0, 2.0, 2.0, 0.0]]))
    np.testing.assert_allclose(read(MinorityShare(), Counts(np.array([[5.0, 4.0, 0.0, 1.0]])), human), 0.2)


def test_types_without_a_name_are_groups_too() -> None:
    found = read(MinorityShare(), Symbols(np.array([[0, 0, 1, 2]]), 3), Symbols(np.array([[0, 0, 0, 1, 1, 2]]), 3))
    assert found.tolist() == [0.25]


def test_a_reference_for_each_replicate() -> None:
    counts = Counts(np.array([[8.0, 2.0], [2.0, 8.0]]), CATS)
    assert read(MinorityShare(), Counts(np.array([[1.0, 3.0]] * 2), CATS), counts).tolist() == [0.75, 0.25]


def test_groups_of_rows_and_texts() -> None:
    rows = Rows(np.zeros((1, 4, 1)), group=np.array([[0, 0, 0, 1]]), names=CATS)
    assert read(MinorityShare(), rows).tolist() == [0.25]
    weighted = replace(rows, weight=np.array([1.0, 1.0, 1.0, 3.0]))
    assert read(MinorityShare(), weighted, rows).tolist() == [0.5]
    texts = replace(Texts.of(["a a a", "a", "b"]), group=np.array([[1, 0, 0]]), names=CATS)
    np.testing.assert_allclose(read(MinorityShare(), texts), 1 / 3)


def test_without_groups_it_is_missing() -> None:
    for batch in (Rows(np.zeros((3, 5, 1))), Texts.of(["a b", "b"])):
        found = reading(MinorityShare(), batch)
        assert np.isnan(found.values).tolist() == [True] * batch.replicates
        assert found.reason == "no groups are known"
