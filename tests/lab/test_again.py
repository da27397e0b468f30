"""Metrics measured afterwards, of the texts that a run kept, are those that the run would have measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import outcross as oc
from tests.cli.test_cli import outcross

pytest.importorskip("torch")

MODEL = "transformer(size='100K', vocabulary=300, window=32, length=24, training=adamw(epochs=1, rate=0.003))"
LATER = ["types", "entropy", "distinct(n=2)", "unseen_mass"]


def chain(metrics: list[str]) -> oc.Chain:
    return oc.Chain(MODEL, "builtin:python-reference", ["replace", "anchor(real=0.5)"], metrics, block=16, limit=40)


def test_later_is_as_at_once(tmp_path: Path) -> None:
    whole = chain(["perplexity", *LATER]).run(2, 2, engine="serial")
    chain(["perplexity", "types"]).run(2, 2, engine="serial", out=tmp_path / "run")
    history = oc.measure_again(tmp_path / "run", LATER)
    for policy in whole.policies:
        for metric in whole.metrics:
            assert np.array_equal(history.values(policy, metric), whole.values(policy, metric), equal_nan=True), metric
    assert "Measured afterwards" in history.facts.notes[-1]
    done = outcross("measure", tmp_path / "run", "--metric", "entropy")
    assert done.returncode == 0
    assert "entropy" in oc.History.load(tmp_path / "run").metrics


def test_words_that_a_model_invents_are_types(tmp_path: Path) -> None:
    history = chain(["types"]).run(1, 1, engine="serial", out=tmp_path / "run")
    folder = tmp_path / "run" / "generations" / "0-replace" / "replicate-000"
    import polars as pl

    texts = pl.read_parquet(folder / "generation-001.parquet")["text"].to_list()
    words = {word for text in texts for word in oc.Texts.of([text]).vocabulary.words[1:]}
    assert history.values("replace", "types")[0, 1] == len(words)


def test_what_needs_a_model_is_refused(tmp_path: Path) -> None:
    chain(["types"]).run(1, 1, engine="serial", out=tmp_path / "run")
    with pytest.raises(oc.BadSetting, match="perplexity cannot be measured of texts alone"):
        oc.measure_again(tmp_path / "run", ["perplexity"])
