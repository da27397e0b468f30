"""The linear model of hashed n-grams, against scikit-learn on the same features, and where it could go wrong."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput, BadSetting
from outcross.core.part import build
from outcross.core.seed import Seed
from outcross.detectors import _logistic
from outcross.detectors._hashing import BLOCK, Grams
from outcross.detectors._linear import Table
from outcross.detectors._logistic import Dense, Sparse, logistic
from outcross.detectors.ngram_linear import NgramLinear


def drawn(number: int, seed: int, shift: float = 0.0, length: int = 60) -> list[str]:
    """Texts of 200 words; some are more frequent by ``exp(shift)``."""
    rng = np.random.default_rng(seed)
    weight = 1 / np.arange(1, 201) * np.where(np.arange(200) % 3 == 0, np.exp(shift), 1)
    rows = rng.choice(200, size=(number, length), p=weight / weight.sum())
    return [" ".join(f"w{word}" for word in row) for row in rows.tolist()]


@pytest.mark.parametrize("penalty", [0.1, 1.0, 10.0])
def test_the_fit_is_that_of_scikit_learn(penalty: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_logistic, "CLOSE", 1e-8)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 15)) * (rng.random((120, 15)) < 0.4)
    synthetic = X[:, 0] + rng.normal(size=120) > 0.5
    wanted = LogisticRegression(C=1 / penalty, class_weight="balanced", tol=1e-10, max_iter=5000).fit(X, synthetic)
    row, column = np.nonzero(X)
    starts = np.searchsorted(row, np.arange(121))
    sparse = Sparse(X[row, column].astype(np.float32), column.astype(np.int32), starts, 15)
    for rows in (sparse, Dense(X)):
        weights, intercept = logistic(rows, synthetic, penalty)
        np.testing.assert_allclose(weights, wanted.coef_[0], atol=2e-5)
        np.testing.assert_allclose(intercept, wanted.intercept_[0], atol=2e-5)


def test_the_score_is_the_mean_weight_of_each_family() -> None:
    """By hand: what is learned of single words, summed up."""
    data = Labelled.of(drawn(50, 0) + drawn(50, 1, 1.0), [False] * 50 + [True] * 50)
    table = Table.fit(Grams(1, 0, 20), data.documents.texts, data.synthetic, 0.1)
    text = "w0 w1 w2 w0 unseen"
    slot = dict(zip(table.slots.tolist(), table.weights.tolist(), strict=True))
    (family,) = table.grams.families([text])
    mean = table.scale * np.mean([slot.get(place, 0) for place in family.slots.tolist()])
    assert table.score([text])[0] == pytest.approx(table.intercept + mean)
    assert slot[family.slots[0]] > 0 > slot[family.slots[1]]


def test_more_of_the_same_has_the_same_score() -> None:
    """Length is not seen: a text, and the same text four times over (but for the pairs where they meet)."""
    data = Labelled.of(drawn(60, 0) + drawn(60, 1, 0.7), [False] * 60 + [True] * 60)
    scorer = NgramLinear().fit(data, Seed(0))
    asked = drawn(40, 2, 0.7)
    once, often = (scorer.score(Documents.of(texts)) for texts in (asked, [" ".join([text] * 4) for text in asked]))
    assert np.abs(once - often).max() < 0.1 * np.std(once)


def test_length_alone_is_not_learned() -> None:
    """Machine texts four times as long, of the same words: new texts of either length score alike."""
    data = Labelled.of(drawn(150, 0) + drawn(150, 1, length=240), [False] * 150 + [True] * 150)
    scorer = NgramLinear().fit(data, Seed(0))
    short, long = (scorer.score(Documents.of(drawn(200, 2, length=length))) for length in (60, 240))
    error = np.hypot(short.std(), long.std()) / np.sqrt(200)
    assert abs(short.mean() - long.mean()) < 4 * error


def test_a_text_longer_than_a_block_is_scored_as_a_whole() -> None:
    data = Labelled.of(drawn(60, 0) + drawn(60, 1, 1.0), [False] * 60 + [True] * 60)
    scorer = NgramLinear().fit(data, Seed(0))
    (text,) = drawn(1, 3, 1.0)
    many = " ".join([text] * (3 * BLOCK // len(text)))
    short, long = scorer.score(Documents.of([" ".join([text] * 20), many]))
    assert long == pytest.approx(short, abs=0.02)


def test_classes_weigh_the_same_whatever_their_numbers() -> None:
    few, many = drawn(40, 0), drawn(40, 1, 0.8)
    once = NgramLinear().fit(Labelled.of(few + many, [0] * 40 + [1] * 40), Seed(0))
    uneven = NgramLinear().fit(Labelled.of(few + many * 5, [0] * 40 + [1] * 200), Seed(0))
    asked = Documents.of(drawn(100, 2, 0.4))
    assert abs(np.median(once.score(asked)) - np.median(uneven.score(asked))) < 1.0


def test_texts_without_anything_in_common() -> None:
    scorer = NgramLinear().fit(Labelled.of(["abcd", "wxyz"], [0, 1]), Seed(0))
    assert scorer.score(Documents.of(["abcd", "else"])).tolist() == [0.0, 0.0]


def test_characters_by_one_or_two_are_refused() -> None:
    with pytest.raises(BadSetting, match="characters must be 0 or in"):
        build("detector", "ngram_linear(characters=2)")


@pytest.mark.parametrize("spoilt", [{}, {"slots": np.array([1.5])}, {"slots": np.array([1 << 22], dtype=np.int32)}])
def test_strange_arrays_are_refused(spoilt: dict[str, np.ndarray]) -> None:
    arrays = {"slots": np.array([1], dtype=np.int32), "weights": np.array([1], dtype=np.int32), "line": np.ones(2)}
    with pytest.raises(BadInput, match="table of"):
        NgramLinear().restore(arrays | spoilt if spoilt else {})
