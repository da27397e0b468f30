"""Features of style: by hand, unbiased for any length, and the same whatever the script."""

from __future__ import annotations

import math

import numpy as np
import pytest

from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput
from outcross.core.seed import Seed
from outcross.detectors._style import DRAW, FEATURES, style
from outcross.detectors.stylometric import Stylometric


def of(text: str) -> dict[str, float]:
    return dict(zip(FEATURES, style(text).tolist(), strict=True))


def test_by_hand() -> None:
    found = of("I saw 3 cats. Hello, WORLD! We don’t know.")
    assert found["mean word length"] == pytest.approx((1 + 3 + 4 + 5 + 5 + 2 + 5 + 4) / 8)
    assert found["variance of word length"] == pytest.approx(np.var([1, 3, 4, 5, 5, 2, 5, 4], ddof=1))
    assert found["commas"] == 1 / 13 and found["full stops"] == 2 / 13
    logs = np.log([4, 2, 3])
    assert found["mean log sentence length"] == pytest.approx(logs.mean())
    assert found["variance of log sentence length"] == pytest.approx(logs.var(ddof=1))
    assert found["contractions"] == 1 / 8 and found["first person"] == 2 / 8
    assert found["capitalised words"] == 4 / 8 and found["words in capitals"] == 1 / 7
    assert found["repeat rate of words"] == 0 and math.isnan(found["types in a draw"])


def test_repeat_rate_is_that_of_two_draws() -> None:
    assert of("a a a b")["repeat rate of words"] == pytest.approx(math.sqrt(6 / 12))


def test_types_in_a_draw_are_those_of_drawing() -> None:
    rng = np.random.default_rng(0)
    words = [f"w{chr(97 + int(k))}" for k in rng.integers(0, 20, size=100)]
    found = of(" ".join(words))
    draws = [np.unique(rng.choice(words, DRAW, replace=False), return_counts=True)[1] for _ in range(2000)]
    for name, seen in (("types", [len(d) for d in draws]), ("hapaxes", [np.sum(d == 1) for d in draws])):
        error = np.std(seen) / DRAW / math.sqrt(len(draws))
        assert abs(found[f"{name} in a draw"] - np.mean(seen) / DRAW) < 4 * error


def test_no_feature_is_a_function_of_length() -> None:
    """Short and long texts of the same source have the same expectation, feature by feature."""
    rng = np.random.default_rng(1)
    words = np.array(["The", "of", "and", "we", "however", "matter", "I", "results", "CAT", "don't", "1999"])

    def written(sentences: int) -> str:
        each = [
            " ".join(rng.choice(words, size=rng.integers(3, 20))) + rng.choice([".", "!", ", so."])
            for _ in range(sentences)
        ]
        return " ".join(each)

    short, long = (np.array([style(written(size)) for _ in range(300)]) for size in (12, 60))
    error = np.sqrt(short.var(axis=0) + long.var(axis=0)) / math.sqrt(300)
    gap = np.abs(short.mean(axis=0) - long.mean(axis=0))
    rates = np.array(
        ["repeat" not in name for name in FEATURES]
    )  # their square root is concave: biased by its variance
    assert np.all(gap[rates] <= 4.5 * error[rates] + 2e-3), [
        n for n, bad in zip(FEATURES, gap > 4.5 * error, strict=True) if bad
    ]


def test_an_odd_text_is_held_within_bounds() -> None:
    data = Labelled.of(["So odd. Why?", "No way!", "It is vital.", "It is key, indeed."], [0, 0, 1, 1])
    scorer = Stylometric().fit(data, Seed(0))
    scores = scorer.score(Documents.of(["!" * 300_000, "x" * 10_000, "1" * 50]))
    assert np.isfinite(scores).all() and np.abs(scores).max() < 100


def test_strange_arrays_are_refused() -> None:
    with pytest.raises(BadInput, match="stylometric"):
        Stylometric().restore({"mean": np.zeros(2)})
