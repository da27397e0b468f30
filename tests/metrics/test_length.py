"""Length: by hand, merged, and of nothing."""

from __future__ import annotations

import numpy as np

from outcross.core.text import Texts
from outcross.metrics.length import Length


def test_empty_texts_count() -> None:
    metric = Length()
    summary = metric.summarize(Texts.of(["a b c", "", "d"]))
    assert metric.compare(summary, summary).values.item() == 4 / 3


def test_merging() -> None:
    metric = Length()
    merged = metric.merge(metric.summarize(Texts.of(["a b c"])), metric.summarize(Texts.of(["a", "a b"])))
    assert metric.compare(merged, merged).values.item() == 2


def test_no_text_has_no_length() -> None:
    metric = Length()
    summary = metric.summarize(Texts.of([]))
    found = metric.compare(summary, summary)
    assert np.isnan(found.values).all()
    assert found.reason == "there is no text"
