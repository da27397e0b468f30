"""Self-BLEU: agrees with NLTK text by text, and is linear where NLTK is quadratic."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

from outcross.core.text import Texts, Vocabulary
from outcross.metrics.self_bleu import SelfBleu


def reading(documents: list[str], n: int = 4) -> float:
    metric = SelfBleu(n=n)
    summary = metric.summarize(Texts.of(documents, "space"))
    return metric.compare(summary, summary).values.item()


def by_nltk(documents: list[str], n: int = 4) -> float:
    words = [text.split() for text in documents if text.split()]
    smooth = SmoothingFunction().method1
    scores = [
        sentence_bleu(words[:i] + words[i + 1 :], words[i], weights=[1 / n] * n, smoothing_function=smooth)
        for i in range(len(words))
    ]
    return float(np.mean(scores))


@pytest.mark.parametrize("n", [1, 2, 4])
@pytest.mark.parametrize("seed", range(5))
def test_random_texts(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    documents = [" ".join(map(str, rng.integers(6, size=rng.integers(0, 12)))) for _ in range(25)]
    assert reading(documents, n) == pytest.approx(by_nltk(documents, n), rel=1e-12)


@pytest.mark.parametrize(
    "documents",
    [
        ["a b c d e", "a b c d e"],  # the same text twice
        ["a b", "a b c"],  # shorter than n
        ["a", "a"],
        ["a b c d", "e f g h"],  # nothing in common
        ["a a a a a a", "a a b b", "a"],  # counts are clipped, lengths are far apart
        ["a b c", "a b c d e", "a b c d", "", "a b c d e f"],  # the nearest length is a tie
        ["a a b", "a b b", "b a a b", "a a"],  # the largest count is shared
    ],
)
@pytest.mark.parametrize("n", [1, 3, 4])
def test_hard_cases(documents: list[str], n: int) -> None:
    assert reading(documents, n) == pytest.approx(by_nltk(documents, n), rel=1e-12)


def test_real_text(shared: Path) -> None:
    lines = (shared / "data/wikitext-2/test.txt").read_text(encoding="utf-8").splitlines()
    documents = [line for line in lines if line.strip()][:60]
    assert reading(documents) == pytest.approx(by_nltk(documents), rel=1e-10)


def test_copies_of_one_text_are_all_alike() -> None:
    assert reading(["the cat sat on the mat"] * 50) == pytest.approx(1)


def test_texts_with_nothing_in_common_score_nothing() -> None:
    assert reading(["a b c d", "e f g h"]) == 0


def test_merging_is_pooling_the_texts() -> None:
    words = Vocabulary.of(["a b c d e"])
    one, other = Texts.of(["a b c d", "b c d e"], words), Texts.of(["a b c e", "c"], words)
    metric = SelfBleu()
    merged, whole = metric.merge(metric.summarize(one), metric.summarize(other)), metric.summarize(one.join([other]))
    assert metric.compare(merged, merged).values.item() == metric.compare(whole, whole).values.item()


@pytest.mark.parametrize("documents", [[], ["a b"], ["a b", "", ""]])
def test_one_text_resembles_nothing(documents: list[str]) -> None:
    metric = SelfBleu()
    summary = metric.summarize(Texts.of(documents))
    assert metric.compare(summary, summary).reason == "there are no two texts with words"


def test_no_warning_is_raised() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reading(["a", "b", "a a a a", "c d"])
