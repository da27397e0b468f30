"""Documents and labels: lengths that must agree, names that are understood, and means of resamples."""

from __future__ import annotations

import numpy as np
import pytest

from outcross.core.documents import Documents, Labelled, as_synthetic
from outcross.core.errors import BadInput
from outcross.core.provenance import Origin
from outcross.core.quantifier import Sample, Scores


def test_labels_in_many_words() -> None:
    human = ["human", "REAL", " original ", 0, 0.0, False, "false", Origin.HUMAN, np.int64(0), np.bool_(False)]
    machine = ["synthetic", "Machine", "generated", "ai", "LLM", "fake", "ChatGPT", 1, 1.0, True, Origin.SYNTHETIC]
    assert not as_synthetic(human).any()
    assert as_synthetic(machine).all()


@pytest.mark.parametrize("label", [None, float("nan"), "", "cat", 2, "mixed", Origin.UNKNOWN])
def test_a_label_that_says_nothing_is_named_by_its_place(label: object) -> None:
    with pytest.raises(BadInput, match="label 2 "):
        as_synthetic(["human", label])


def test_lengths_must_agree() -> None:
    with pytest.raises(BadInput, match="2 texts cannot have 1 sources"):
        Documents.of(["a", "b"], ["s"])
    with pytest.raises(BadInput, match="2 texts cannot have 1 labels"):
        Labelled.of(["a", "b"], ["human"])
    with pytest.raises(BadInput, match="2 texts cannot have 3 groups"):
        Labelled.of(["a", "b"], ["human", "ai"], groups=[1, 2, 3])
    with pytest.raises(BadInput, match="a list of texts"):
        Documents.of("one text")


def test_joined_documents_keep_their_sources() -> None:
    joined = Documents.of(["a"]).join(Documents.of(["b"], ["s"]))
    assert joined.sources == ("", "s")
    data = Labelled.beside(Documents.of(["a", "b"]), Documents.of(["c"]))
    assert data.machines.tolist() == [2] and len(set(data.groups)) == 3
    assert data.take(np.array([2, 0])).documents.texts == ("c", "a")


def test_a_resample_is_a_row_of_weights() -> None:
    sample = Sample(np.array([0.0, 0.5, 1.0]), np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 3.0]]))
    assert sample.mean(sample.values).tolist() == [0.5, 1.0]
    assert sample.total.tolist() == [3.0, 3.0]
    plain = Sample(np.array([0.25]))
    assert Scores(sample, plain, plain).draws == 2


@pytest.mark.parametrize(("values", "said"), [([], "no document"), ([0.1, float("nan")], "a score is missing")])
def test_what_no_share_can_be_told_of(values: list[float], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Sample(np.array(values))
