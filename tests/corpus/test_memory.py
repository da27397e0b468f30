"""Data that are in memory already: strings, arrays, frames, batches, populations."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from outcross.core.batch import Batch
from outcross.core.errors import BadInput, BadSetting, UnknownPart
from outcross.core.part import build
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.corpus import read


def test_strings() -> None:
    assert read(("a cat", "a dog"), as_=Texts).strings == ("a cat", "a dog")
    assert read(np.array(["a cat", "a dog"]), as_=Texts).strings == ("a cat", "a dog")
    assert read(["a cat", "a dog", "a bird"], as_=Texts, limit=2).size == 2


@pytest.mark.parametrize(
    "values", [[1, 2.5], [[1], [2.5]], np.array([1, 2.5]), np.array([[1], [2.5]], dtype=np.float32)]
)
def test_numbers(values: object) -> None:
    rows = read(values, as_=Rows).records  # type: ignore[arg-type]
    assert isinstance(rows, Rows)
    assert rows.values.tolist() == [[[1.0], [2.5]]]


def test_an_array_is_copied() -> None:
    array = np.array([[1.0], [2.0]])
    rows = read(array, as_=Rows).records
    array[0] = 7
    assert isinstance(rows, Rows)
    assert rows.values[0, 0, 0] == 1


def test_symbols() -> None:
    for spec in (["b", "a", "a"], np.array(["b", "a", "a"])):
        symbols = read(spec, as_=Symbols).records
        assert isinstance(symbols, Symbols)
        assert symbols.labels == ("a", "b")
    counted = read(np.array([5, 3, 3]), as_=Symbols).records
    assert isinstance(counted, Symbols)
    assert counted.labels == ("3", "5")


def test_many_types_are_noted() -> None:
    corpus = read([f"type {i}" for i in range(1001)], as_=Symbols)
    assert corpus.notes == ("each of the 1,001 types is a group to a policy that looks at groups",)
    assert read([f"type {i}" for i in range(1000)], as_=Symbols).notes == ()


def test_a_frame() -> None:
    frame = pl.DataFrame({"text": ["a", "b"], "x": [1, 2], "c": pl.Series(["u", "v"], dtype=pl.Categorical)})
    assert read(frame, as_=Texts).strings == ("a", "b")
    assert read(frame, as_=Rows).size == 2
    symbols = read(frame, as_=Symbols, columns=["c"]).records
    assert isinstance(symbols, Symbols)
    assert symbols.labels == ("u", "v")
    assert read(frame, as_=Symbols, columns=["c"], limit=1).size == 1


def test_a_batch_is_taken_as_it_is() -> None:
    rows = Rows(np.arange(12.0).reshape(2, 3, 2))
    corpus = read(rows, as_=Rows)
    assert corpus.records is rows
    assert corpus.name == "rows"
    assert read(rows, as_=Rows, limit=2).size == 2


def test_a_batch_of_the_wrong_kind() -> None:
    with pytest.raises(BadInput, match=r"^texts are needed, not rows$"):
        read(Rows(np.zeros((1, 2, 1))), as_=Texts)
    with pytest.raises(BadInput, match=r"^moments hold no records; rows or a population are needed$"):
        read(Rows(np.zeros((1, 2, 1))).moments(), as_=Rows)
    with pytest.raises(BadInput, match=r"^the rows hold no record$"):
        read(Rows(np.zeros((1, 0, 1))), as_=Rows)


@pytest.mark.parametrize("spec", ["normal(dim=3, sd=2.0)", build("population", "normal(dim=3, sd=2.0)")])
def test_a_population(spec: str) -> None:
    corpus = read(spec, as_=Rows)
    assert corpus.population == build("population", "normal(dim=3, sd=2.0)")
    assert corpus.name == "normal(dim=3, sd=2.0)"
    assert corpus.records is corpus.size is corpus.words is None
    assert corpus.strings == ()
    assert str(corpus) == "normal(dim=3, sd=2.0): a population"
    assert corpus.digest != read("normal(dim=3)", as_=Rows).digest
    with pytest.raises(BadInput, match="is a population and cannot be divided"):
        corpus.divide(0.1, Seed(0))


def test_a_population_by_its_bare_name() -> None:
    assert read("normal", as_=Rows).population == build("population", "normal")


def test_words_of_no_population() -> None:
    with pytest.raises(UnknownPart, match="did you mean 'normal'"):
        read("norml(dim=3)", as_=Rows)
    with pytest.raises(BadSetting, match="dim must be >= 1"):
        read("normal(dim=0)", as_=Rows)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.array([[1.0, 2.0], [np.nan, 3.0]]), "record 2 of array: '0' is nan, not a finite number"),
        (np.array([1.0, np.inf]), "record 2 of array: '0' is inf, not a finite number"),
        ([1.0, None], "record 2 of array: '0' is empty, not a number"),
        ([1.0, "x"], "record 2 of array: '0' is 'x', not a number"),
        ([[1.0], [2.0, 3.0]], "an array is needed, not lists of different lengths"),
        (np.zeros((2, 2, 2, 2, 2)), r"an array of shape \(records,\), .* is needed, not \(2, 2, 2, 2, 2\)"),
        (np.zeros((0, 3)), "array is empty: there is no record in it"),
        ([], "array is empty: there is no record in it"),
        (np.array([[1.0, 5.0], [2.0, 5.0]]), "'1' of array is 5 in every record: a constant has no spread to lose"),
    ],
)
def test_arrays_that_cannot_be_used(values: object, message: str) -> None:
    with pytest.raises(BadInput, match=f"^{message}"):
        read(values, as_=Rows)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"as_": Texts, "columns": ["a"]}, "leave 'columns' out"),
        ({"as_": Symbols, "group": "a"}, "symbols have no other groups than their types"),
        ({"as_": Symbols, "columns": ["a", "b"]}, "symbols come from one column, not from 2"),
        ({"as_": Rows, "columns": []}, r"columns must be a list of names, not \[\]"),
        ({"as_": Rows, "columns": "abc"}, "columns must be a list of names, not 'abc'"),
        ({"as_": Rows, "columns": ["a"]}, "an array has no named columns"),
        ({"as_": Texts, "limit": 0}, "limit must be at least 1, not 0"),
        ({"as_": Batch}, "data are read as texts, rows or symbols, not as batch"),
    ],
)
def test_what_does_not_go_together(settings: dict[str, object], message: str) -> None:
    with pytest.raises(BadSetting, match=message):
        read(["1", "2"], **settings)  # type: ignore[arg-type]


def test_what_cannot_be_read_at_all() -> None:
    with pytest.raises(BadInput, match=r"^int is not read; give a file"):
        read(5, as_=Rows)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match=r"^record 2 of texts: 'text' is 5, not a text$"):
        read(["a", 5], as_=Texts)  # type: ignore[list-item]
    with pytest.raises(BadInput, match=r"^record 1 of texts: 'text' is not a Unicode text: half of a surrogate pair"):
        read(["a\ud800"], as_=Texts)
