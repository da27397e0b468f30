"""To the library ``datasets`` and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from outcross.core.errors import BadInput, MissingInput, MissingLibrary
from outcross.core.records import Rows, Symbols
from outcross.core.text import Texts
from outcross.corpus import Corpus, read

TEXTS = ["a cat", "a dog", "猫が寝ている。"]


@pytest.fixture(scope="module")
def datasets() -> Any:
    return pytest.importorskip("datasets")


def test_texts_there_and_back(datasets: Any) -> None:
    given = datasets.Dataset.from_dict({"text": TEXTS, "lang": ["en", "en", "ja"], "n": [1, 2, 3]})
    corpus = read(given, as_=Texts, group="lang")
    assert corpus.strings == tuple(TEXTS)
    assert corpus.digest == read(given.with_format("numpy"), as_=Texts, group="lang").digest
    assert corpus.name == "dataset"
    back = corpus.to_dataset()
    assert isinstance(back, datasets.Dataset)
    assert back.column_names == ["text", "group"]
    assert read(back, as_=Texts, group="group").digest == corpus.digest
    assert read(given, as_=Texts, limit=2).strings == tuple(TEXTS[:2])
    assert read(given, as_=Texts, block=2, limit=2).strings == tuple(TEXTS[:2])


def test_rows_and_symbols_there_and_back(datasets: Any) -> None:
    for spec, as_ in (([[1.0, 2.5], [3.0, 5.0]], Rows), (["b", "a", "b"], Symbols)):
        corpus = read(spec, as_=as_)  # type: ignore[arg-type]
        assert read(corpus.to_dataset(), as_=as_).digest == corpus.digest


def test_a_stream(datasets: Any) -> None:
    given = datasets.Dataset.from_dict({"text": TEXTS, "n": [1, 2, 3]}).to_iterable_dataset()
    assert read(given, as_=Texts, limit=2).strings == tuple(TEXTS[:2])
    assert read(given, as_=Rows).size == 3


def test_what_is_wrong(datasets: Any) -> None:
    given = datasets.Dataset.from_dict({"text": TEXTS})
    with pytest.raises(MissingInput, match=r"^record 1 of dataset: no column 'txt'; did you mean 'text'\?$"):
        read(given, as_=Texts, text="txt")
    with pytest.raises(BadInput, match=r"^DatasetDict is several data sets; give one of them: train, test$"):
        read(datasets.DatasetDict(train=given, test=given), as_=Texts)
    with pytest.raises(BadInput, match=r"^dataset is empty: there is no record in it$"):
        read(given.select([]), as_=Texts)
    with pytest.raises(BadInput, match=r"^normal is a population: draw records of it first$"):
        read("normal", as_=Rows).to_dataset()
    with pytest.raises(BadInput, match=r"^a data set holds one replicate, not 2$"):
        Corpus.of("rows", Rows(np.zeros((2, 3, 1)))).to_dataset()


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingLibrary, match=r"pip install 'outcross\[hf\]'"):
        read(TEXTS, as_=Texts).to_dataset()
