"""Held-out data of their own: told in the words of the training data, and part of what a run is bound to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from outcross.core.errors import BadInput, BadSetting
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.corpus import Corpus, read

PICTURES = np.arange(24, dtype=np.uint8).reshape(4, 2, 3)


def texts(strings: list[str]) -> Corpus:
    return read(strings, as_=Texts)


def test_texts_are_encoded_in_the_training_vocabulary() -> None:
    both = texts(["a cat sleeps", "a dog"]).with_test(texts(["the cat", "a bird sleeps"]))
    train, test = both.records, both.test
    assert isinstance(train, Texts)
    assert isinstance(test, Texts)
    assert train.vocabulary is test.vocabulary
    assert train.vocabulary.words == ("<unk>", "a", "cat", "sleeps", "dog")
    assert test.codes.tolist() == Texts.of(test.strings(), train.vocabulary).codes.tolist() == [0, 2, 1, 0, 3]
    assert test.strings() == ("the cat", "a bird sleeps")
    assert both.notes == ("held-out data: texts, 2 records",)


def test_the_digest_is_that_of_both() -> None:
    cats, dogs, birds = (texts([f"a {name}", "a cow"]) for name in ("cat", "dog", "bird"))
    digests = [cats.digest, cats.with_test(dogs).digest, cats.with_test(birds).digest, dogs.with_test(cats).digest]
    assert len(set(digests)) == 4
    assert cats.with_test(dogs).digest == digests[1]


def test_what_was_seen_is_said() -> None:
    both = texts(["a cat", "a dog"]).with_test(texts(["a dog", "a bird"]))
    assert both.notes[-1] == "1 of the held-out texts is in the training data too"


def test_sources_and_notes_of_both_are_kept() -> None:
    cats, dogs = texts(["a cat", ""]), texts(["a dog", "", " "])
    both = replace(cats, source="A").with_test(replace(dogs, source="B"))
    assert both.source == "A; B"
    assert both.notes == (
        "1 empty record left out",
        "held-out data: texts, 1 record",
        "held-out data: 2 empty records left out",
    )


def test_symbols_have_one_alphabet() -> None:
    both = read(["b", "a", "b"], as_=Symbols).with_test(read(["c", "a", "c"], as_=Symbols))
    train, test = both.records, both.test
    assert isinstance(train, Symbols)
    assert isinstance(test, Symbols)
    assert train.labels == test.labels == ("b", "a", "c")
    assert train.counts().values.tolist() == [[2, 1, 0]]
    assert test.counts().values.tolist() == [[0, 1, 2]]


def test_symbols_without_names() -> None:
    two, three = (Corpus.of("symbols", Symbols(np.array([[0, types - 1]]), types)) for types in (2, 3))
    both = two.with_test(three)
    assert isinstance(both.records, Symbols)
    assert isinstance(both.test, Symbols)
    assert both.records.types == both.test.types == 3
    assert both.test.values.tolist() == [[0, 2]]
    with pytest.raises(BadInput, match="named on one side only"):
        two.with_test(read(["a", "b"], as_=Symbols))


def test_pictures() -> None:
    both = read(PICTURES, as_=Rows).with_test(read(PICTURES[:2], as_=Rows))
    assert isinstance(both.test, Rows)
    assert both.test.shape == (2, 3)


def test_what_cannot_be_compared() -> None:
    rows = read([[1.0, 2.0], [2.0, 3.0]], as_=Rows)
    pictures = read(PICTURES, as_=Rows)
    with pytest.raises(BadInput, match=r"^the held-out data have 2 x 3 pixels a record, and the data 2 numbers$"):
        rows.with_test(pictures)
    with pytest.raises(BadInput, match=r"^the held-out data have 1 numbers a record, and the data 2 numbers$"):
        rows.with_test(read([1.0, 2.0], as_=Rows))
    with pytest.raises(BadInput, match=r"^the held-out data are texts, and the data rows$"):
        rows.with_test(texts(["a cat"]))
    with pytest.raises(BadInput, match=r"^normal is a population: its truth is known"):
        read("normal", as_=Rows).with_test(rows)
    with pytest.raises(BadInput, match=r"^held-out data are records, not a population \(normal\)$"):
        rows.with_test(read("normal", as_=Rows))
    with pytest.raises(BadInput, match=r"^held-out texts in spaces and data in words differ$"):
        texts(["a cat"]).with_test(read(["a dog"], as_=Texts, unit="space"))


def test_nothing_more_is_held_out() -> None:
    with pytest.raises(BadSetting, match=r"^texts has held-out data of its own, and is not divided$"):
        texts(["a cat", "a dog"]).with_test(texts(["a bird"])).divide(0.5, Seed(0))
