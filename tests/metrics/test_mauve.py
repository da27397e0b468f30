"""MAUVE: missing with a reason without its library; with it, as its authors' code says."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from outcross.core.records import Rows
from outcross.metrics.mauve import Mauve
from tests.metrics.reading import read, reading


def test_a_missing_library_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mauve", None)
    found = reading(Mauve(), Rows(np.zeros((2, 30, 3))))
    assert np.isnan(found.values).tolist() == [True, True]
    assert found.reason == "mauve needs a library that is not installed: pip install mauve-text"


def test_a_failing_library_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("clusters")

    monkeypatch.setitem(sys.modules, "mauve", SimpleNamespace(compute_mauve=fail))
    assert reading(Mauve(), Rows(np.zeros((1, 30, 3)))).reason == "mauve-text failed: clusters"


def test_what_the_library_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer(**settings: object) -> SimpleNamespace:
        asked.append(settings)
        return SimpleNamespace(mauve=0.25)

    monkeypatch.setitem(sys.modules, "mauve", SimpleNamespace(compute_mauve=answer))
    sample, human = np.zeros((2, 30, 3)), np.ones((1, 40, 3))
    assert read(Mauve(buckets=7, scaling=2), Rows(sample), Rows(human)).tolist() == [0.25, 0.25]
    assert [(one["num_buckets"], one["mauve_scaling_factor"], one["seed"]) for one in asked] == [(7, 2.0, 25)] * 2
    assert asked[0]["p_features"].tolist() == human[0].tolist()  # type: ignore[attr-defined]
    assert asked[0]["q_features"].tolist() == sample[0].tolist()  # type: ignore[attr-defined]


def test_too_few_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mauve", SimpleNamespace())
    assert "as many records as clusters" in reading(Mauve(buckets=50), Rows(np.zeros((1, 20, 3)))).reason


def test_the_real_one_tells_laws_apart(rng: np.random.Generator) -> None:
    pytest.importorskip("mauve")
    human = Rows(rng.normal(size=(1, 400, 8)))
    same, shifted, far = (read(Mauve(), Rows(rng.normal(m, 1, (1, 400, 8))), human).item() for m in (0, 0.5, 5))
    assert 0.9 < same <= 1
    assert shifted < 0.8 * same
    assert far < 0.05
    assert read(Mauve(), human, human).item() == pytest.approx(1, abs=1e-6)
