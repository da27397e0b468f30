"""Latent: the metric inside, under another name, looking at latents."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.errors import BadSetting
from outcross.core.metric import Reading, View
from outcross.core.part import build, words
from outcross.core.records import Rows
from outcross.metrics.latent import Latent
from outcross.metrics.prdc import Prdc
from outcross.metrics.std import Std
from outcross.metrics.vendi import Vendi
from tests.metrics.reading import read


def test_none_is_the_standard_deviation(rng: np.random.Generator) -> None:
    latents = Rows(rng.normal(size=(3, 50, 4)))
    np.testing.assert_array_equal(read(Latent(), latents), read(Std(), latents))
    assert (words(Latent()), Latent().view) == ("latent", View.LATENT)


def test_it_says_of_itself_what_the_metric_inside_says() -> None:
    metric, inner = Latent(Vendi()), Vendi()
    for name in ("definition", "unit", "collapse", "source", "compares"):
        assert getattr(metric, name) == getattr(inner, name)
    assert Latent.unit == "that of the metric inside"  # the class itself has nothing inside


def test_named_readings_keep_their_names(rng: np.random.Generator) -> None:
    sample, human = Rows(rng.normal(size=(2, 30, 3))), Rows(rng.normal(size=(1, 30, 3)))
    metric, inner = Latent(Prdc(k=3)), Prdc(k=3)
    found = metric.compare(metric.summarize(sample), metric.summarize(human))
    assert not isinstance(found, Reading)
    expected = inner.compare(inner.summarize(sample), inner.summarize(human))
    for name, reading in expected.items():
        np.testing.assert_array_equal(found[name].values, reading.values)


@pytest.mark.parametrize("inner", ["perplexity", "types", "latent", "embedded(metric=vendi)", "own_perplexity"])
def test_what_cannot_be_inside(inner: str) -> None:
    with pytest.raises(BadSetting, match=r"latent wraps a metric that reads rows as they are, such as vendi; not "):
        build("metric", f"latent(metric={inner})")
