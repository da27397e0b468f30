"""Folds that keep groups together, calibration that takes the classes for even, and scores found without a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from outcross.core.batch import Floats
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput
from outcross.core.seed import Seed
from outcross.evidence.calibration import Calibration
from outcross.evidence.crossfit import cross_fit
from outcross.evidence.folds import grouped_folds, parts_of


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=8, max_size=80), st.integers(2, 6))
def test_no_group_is_in_two_folds(rows: list[tuple[int, bool]], folds: int) -> None:
    groups, flags = [f"g{group}" for group, _ in rows], np.array([flag for _, flag in rows])
    each = [{group for group, flag in rows if flag is kind} for kind in (False, True) if kind in flags]
    if min(map(len, each)) < 2:
        with pytest.raises(BadInput, match="two groups with each class"):
            grouped_folds(groups, flags, folds, Seed(0))
        return
    fold = grouped_folds(groups, flags, folds, Seed(0))
    assert all(len({int(fold[k]) for k, name in enumerate(groups) if name == one}) == 1 for one in set(groups))
    assert set(fold.tolist()) <= set(range(folds))


def test_folds_are_even_in_both_classes() -> None:
    groups = [f"pair {k // 2}" for k in range(400)]
    flags = np.arange(400) % 2 == 1
    fold = grouped_folds(groups, flags, 5, Seed(1))
    assert np.bincount(fold[flags]).tolist() == np.bincount(fold[~flags]).tolist() == [40] * 5


def test_calibration_agrees_with_a_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    flags = np.repeat([False, True], [3000, 1000])
    scores = rng.normal(size=4000) + 1.5 * flags
    ours = Calibration.fit(scores, flags).probability(np.linspace(-2, 4, 20))
    theirs = LogisticRegression(C=1e9, class_weight="balanced").fit(scores[:, None], flags)
    np.testing.assert_allclose(ours, theirs.predict_proba(np.linspace(-2, 4, 20)[:, None])[:, 1], atol=2e-3)


def test_calibrated_probabilities_are_those_of_an_even_mixture() -> None:
    """Of two normal laws one apart, at equal weights: the log odds are x - 1/2, whatever the sizes of the samples."""
    rng = np.random.default_rng(1)
    flags = np.repeat([False, True], [20_000, 2_000])
    found = Calibration.fit(rng.normal(size=22_000) + flags, flags)
    at = np.array([-1.0, 0.5, 2.0])
    np.testing.assert_allclose(found.log_odds(at), at - 0.5, atol=4 * 0.03)


def test_a_score_that_misleads_says_nothing() -> None:
    flags = np.repeat([False, True], 50)
    found = Calibration.fit(np.arange(100.0)[::-1].copy(), flags)
    assert found.slope == 0 and found.probability(np.array([0.0, 99.0])).tolist() == [0.5, 0.5]


def test_separated_scores_are_not_certain() -> None:
    found = Calibration.fit(np.r_[np.zeros(20), np.ones(20)], np.repeat([False, True], 20))
    low, high = found.probability(np.array([0.0, 1.0]))
    assert 0.01 < low < 0.1 and 0.9 < high < 0.99


@final
@dataclass(frozen=True)
class _Seen(Scorer):
    groups: frozenset[str]

    def score(self, documents: Documents) -> Floats:
        return np.array([float(text.split()[0] in self.groups) for text in documents.texts])

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {}


@final
@dataclass(frozen=True)
class _Memory(Detector):
    """Scores whether a group was seen in fitting."""

    definition = "whether it was seen"
    source = "a test"

    def fit(self, data: Labelled, seed: Seed) -> Scorer:
        return _Seen(frozenset(data.groups))

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> Scorer:
        return _Seen(frozenset())


def test_no_document_is_scored_by_what_has_seen_its_group() -> None:
    names = [f"g{k // 4}" for k in range(80)]
    data = Labelled.of([f"{name} text {k}" for k, name in enumerate(names)], [k % 2 for k in range(80)], groups=names)
    found = cross_fit(_Memory(), data, Seed(0), folds=4)
    assert found.scores.tolist() == [0.0] * 80
    assert len(found.scorers) == 4
    assert found.score(data.documents).tolist() == [0.75] * 80
    for rest, held in parts_of(data, found.fold):
        assert sorted([*rest, *held]) == list(range(80))
