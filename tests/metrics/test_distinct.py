"""Pooled distinct-n: by hand, against plain Python on real text, and merged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from outcross.core.errors import BadInput, BadSetting
from outcross.core.records import Rows
from outcross.core.text import Texts, Vocabulary
from outcross.metrics.distinct import Distinct


def reading(texts: Texts, n: int) -> float:
    metric = Distinct(n=n)
    summary = metric.summarize(texts)
    return metric.compare(summary, summary).values.item()


def by_hand(documents: list[list[str]], n: int) -> float:
    grams = [tuple(words[i : i + n]) for words in documents for i in range(len(words) - n + 1)]
    return len(set(grams)) / len(grams)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_by_hand(n: int) -> None:
    documents = ["a b c a b c", "c a", "a b", "", "d"]
    assert reading(Texts.of(documents), n) == by_hand([text.split() for text in documents], n)


def test_an_ngram_does_not_reach_into_the_next_text() -> None:
    metric = Distinct(n=2)
    assert metric.summarize(Texts.of(["a b", "c d"])).total == 2


@pytest.mark.parametrize("n", [1, 2, 4, 7])
def test_real_text(shared: Path, n: int) -> None:
    lines = (shared / "data/wikitext-2/test.txt").read_text(encoding="utf-8").splitlines()[:1500]
    assert reading(Texts.of(lines, "space"), n) == by_hand([line.split() for line in lines], n)


def test_long_ngrams_of_a_large_vocabulary_are_told_apart() -> None:
    words = tuple(map(str, range(2_000_000)))  # 12 such words do not fit into 64 bits
    rng = np.random.default_rng(0)
    documents = [rng.integers(2, size=40).astype(np.int32) * 1_999_999 for _ in range(50)]
    texts = Texts.from_codes(documents, Vocabulary(words))
    assert reading(texts, 12) == by_hand([[str(code) for code in document] for document in documents], 12)


def test_it_is_not_the_per_sample_one() -> None:
    assert reading(Texts.of(["a b"] * 4), 2) == 0.25


def test_merging_is_a_union() -> None:
    words = Vocabulary.of(["a b c d"])
    one, other = Texts.of(["a b c", "c d"], words), Texts.of(["b c d", ""], words)
    metric = Distinct(n=2)
    merged = metric.merge(metric.summarize(one), metric.summarize(other))
    whole = metric.summarize(one.join([other]))
    assert merged.total == whole.total
    assert np.array_equal(merged.rows, whole.rows)


def test_other_vocabularies_do_not_merge() -> None:
    metric = Distinct(n=1)
    with pytest.raises(BadInput, match="vocabularies"):
        metric.merge(metric.summarize(Texts.of(["a b"])), metric.summarize(Texts.of(["b a"])))


@pytest.mark.parametrize("documents", [[], [""], ["a", "b", ""]])
def test_texts_that_are_too_short_have_no_value(documents: list[str]) -> None:
    metric = Distinct(n=2)
    summary = metric.summarize(Texts.of(documents))
    found = metric.compare(summary, summary)
    assert np.isnan(found.values).all()
    assert found.reason == "no text has 2 words"


def test_nothing_else_is_read() -> None:
    with pytest.raises(BadInput, match="distinct reads Texts, not Rows"):
        Distinct().summarize(Rows(np.zeros((1, 2, 1))))


def test_n_is_at_least_one() -> None:
    with pytest.raises(BadSetting, match=">= 1"):
        Distinct(n=0)
