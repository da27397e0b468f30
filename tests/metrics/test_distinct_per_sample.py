"""Distinct-n per sample: by hand, against plain Python on real text, and merged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from outcross.core.text import Texts
from outcross.metrics.distinct import Distinct
from outcross.metrics.distinct_per_sample import DistinctPerSample


def reading(texts: Texts, n: int) -> float:
    metric = DistinctPerSample(n=n)
    summary = metric.summarize(texts)
    return metric.compare(summary, summary).values.item()


def by_hand(documents: list[list[str]], n: int) -> float:
    shares = []
    for words in documents:
        grams = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
        if grams:
            shares.append(len(set(grams)) / len(grams))
    return float(np.mean(shares))


def test_texts_that_are_too_short_are_left_out_of_the_mean() -> None:
    assert reading(Texts.of(["a b a b", "c", "", "c d"]), 2) == pytest.approx((2 / 3 + 1) / 2)


def test_texts_that_are_alike_do_not_count() -> None:
    assert reading(Texts.of(["a b"] * 4), 2) == 1.0


@pytest.mark.parametrize("n", [1, 2, 4, 7])
def test_real_text(shared: Path, n: int) -> None:
    lines = (shared / "data/wikitext-2/test.txt").read_text(encoding="utf-8").splitlines()[:1500]
    assert reading(Texts.of(lines, "space"), n) == pytest.approx(
        by_hand([line.split() for line in lines], n), rel=1e-12
    )


def test_on_real_text_it_is_far_from_the_pooled_one(shared: Path) -> None:
    lines = (shared / "data/wikitext-2/test.txt").read_text(encoding="utf-8").splitlines()
    texts, pooled = Texts.of(lines, "space"), Distinct(n=1)
    summary = pooled.summarize(texts)
    assert reading(texts, 1) > 4 * pooled.compare(summary, summary).values.item()


def test_merging_is_pooling_the_texts() -> None:
    one, other = Texts.of(["a b a", "b b b"]), Texts.of(["a a a a", "a"])
    metric = DistinctPerSample(n=2)
    merged = metric.merge(metric.summarize(one), metric.summarize(other))
    assert metric.compare(merged, merged).values.item() == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)


def test_no_text_with_ngrams_is_no_value() -> None:
    metric = DistinctPerSample(n=3)
    summary = metric.summarize(Texts.of(["a b", ""]))
    assert metric.compare(summary, summary).reason == "no text has 3 words"
