"""Repetition: by hand, against plain Python on real text, and beside its complement."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from outcross.core.text import Texts
from outcross.metrics.distinct_per_sample import DistinctPerSample
from outcross.metrics.repetition import Repetition


def reading(texts: Texts, n: int) -> float:
    metric = Repetition(n=n)
    summary = metric.summarize(texts)
    return metric.compare(summary, summary).values.item()


def by_hand(documents: list[list[str]], n: int) -> float:
    shares = []
    for words in documents:
        seen: set[tuple[str, ...]] = set()
        again = 0
        for start in range(len(words) - n + 1):
            gram = tuple(words[start : start + n])
            again += gram in seen
            seen.add(gram)
        if len(words) >= n:
            shares.append(again / (len(words) - n + 1))
    return float(np.mean(shares))


def test_by_hand() -> None:
    assert reading(Texts.of(["x y x y x y", "p q r s"]), 4) == pytest.approx((1 / 3 + 0) / 2)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_real_text(shared: Path, n: int) -> None:
    lines = (shared / "data/wikitext-2/test.txt").read_text(encoding="utf-8").splitlines()[:1500]
    assert reading(Texts.of(lines, "space"), n) == pytest.approx(
        by_hand([line.split() for line in lines], n), rel=1e-12
    )


def test_a_loop_is_nearly_all_repetition() -> None:
    assert reading(Texts.of(["the cat " * 500]), 4) == pytest.approx(1 - 2 / 997)


def test_it_is_the_complement_of_distinct_per_sample() -> None:
    texts = Texts.of(["a b a b a", "b b", "a c a c"])
    metric = DistinctPerSample(n=2)
    summary = metric.summarize(texts)
    assert reading(texts, 2) == pytest.approx(1 - metric.compare(summary, summary).values.item())


def test_saying_what_another_text_said_is_not_repetition() -> None:
    assert reading(Texts.of(["a b c d", "a b c d"]), 4) == 0


def test_merging_is_pooling_the_texts() -> None:
    one, other = Texts.of(["a a a"]), Texts.of(["a b c", "d e f"])
    metric = Repetition(n=1)
    merged = metric.merge(metric.summarize(one), metric.summarize(other))
    assert metric.compare(merged, merged).values.item() == pytest.approx((2 / 3) / 3)


def test_too_short_is_no_value() -> None:
    metric = Repetition()
    summary = metric.summarize(Texts.of(["a b c"]))
    assert metric.compare(summary, summary).reason == "no text has 4 words"
