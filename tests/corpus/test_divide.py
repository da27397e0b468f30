"""Dividing a corpus: nothing leaks, sizes are right, the same seed gives the same sides."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcross.core.errors import BadInput, BadSetting
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.core.text import UNKNOWN, Texts, Unit, Vocabulary
from outcross.corpus import Corpus, read

WORDS = st.sampled_from(["cat", "dog", "bird", "猫", "<unk>", "sleeps", "eats", "."])
STRINGS = st.lists(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), min_size=2, max_size=30)


def sides(corpus: Corpus, heldout: float, seed: int) -> tuple[Texts, Texts]:
    train, test = corpus.divide(heldout, Seed(seed))
    assert isinstance(train, Texts)
    assert isinstance(test, Texts)
    return train, test


@settings(max_examples=150, deadline=None)
@given(strings=STRINGS, heldout=st.floats(0.01, 0.9), seed=st.integers(0, 5), unit=st.sampled_from(["word", "space"]))
def test_texts_do_not_leak(strings: list[str], heldout: float, seed: int, unit: Unit) -> None:
    corpus = read(strings, as_=Texts, unit=unit)
    if len(set(strings)) == 1:
        with pytest.raises(BadInput, match="cannot be divided: it needs two different records, and has 1"):
            corpus.divide(heldout, Seed(seed))
        return
    train, test = sides(corpus, heldout, seed)
    assert Counter(train.strings() + test.strings()) == Counter(strings)
    assert not set(train.strings()) & set(test.strings())
    assert train.size
    assert test.size
    again = sides(corpus, heldout, seed)
    assert again[0].strings() == train.strings()
    assert again[1].strings() == test.strings()


@settings(max_examples=150, deadline=None)
@given(strings=STRINGS, heldout=st.floats(0.01, 0.9), unit=st.sampled_from(["word", "space", "character"]))
def test_the_vocabulary_is_that_of_the_training_side(strings: list[str], heldout: float, unit: Unit) -> None:
    corpus = read(strings, as_=Texts, unit=unit)
    if len(set(strings)) == 1:
        return
    train, test = sides(corpus, heldout, 1)
    assert train.vocabulary is test.vocabulary
    expected = Vocabulary.of(train.strings(), unit)
    assert train.vocabulary.words == expected.words
    for side in (train, test):
        same = Texts.of(side.strings(), expected)
        assert side.codes.tolist() == same.codes.tolist()
        assert side.codes.dtype == same.codes.dtype
        assert side.starts.tolist() == same.starts.tolist()


@settings(max_examples=150, deadline=None)
@given(distinct=st.integers(1, 20), copies=st.integers(0, 8), heldout=st.floats(0.01, 0.99), seed=st.integers(0, 3))
def test_the_size_is_met_where_it_can_be(distinct: int, copies: int, heldout: float, seed: int) -> None:
    strings = [f"text {i}" for i in range(distinct)] + ["copied"] * copies
    if len(set(strings)) < 2:
        return
    wanted = min(max(1, round(heldout * len(strings))), len(strings) - 1)
    train, test = sides(read(strings, as_=Texts), heldout, seed)
    assert train.size + test.size == len(strings)
    if wanted <= distinct:
        assert test.size == wanted or "copied" in test.strings()
    assert test.size <= wanted
    assert test.size > wanted - max(copies, 1)


def test_a_share_too_small_for_any_copy_takes_the_smallest() -> None:
    _, test = sides(read(["a cat"] * 30 + ["a dog"] * 20, as_=Texts), 0.1, 0)
    assert set(test.strings()) == {"a dog"}


def test_white_space_does_not_make_a_text_another() -> None:
    corpus = read(["a cat", "a  cat", "a cat\n", "a dog"], as_=Texts)
    for seed in range(8):
        train, test = sides(corpus, 0.25, seed)
        assert {train.size, test.size} == {1, 3}


def test_words_outside_become_unknown() -> None:
    corpus = read([f"word{i} the" for i in range(50)], as_=Texts)
    train, test = sides(corpus, 0.2, 0)
    assert len(train.vocabulary) == 1 + 40 + 1
    assert train.vocabulary.words[0] == UNKNOWN
    assert (test.codes == 0).sum() == 10
    assert not (train.codes == 0).any()
    assert all(string.startswith("word") for string in test.strings())


def test_every_record_is_held_out_as_often_as_any_other() -> None:
    corpus = read([f"text {i}" for i in range(10)], as_=Texts)
    counts = Counter(string for seed in range(600) for string in sides(corpus, 0.3, seed)[1].strings())
    error = np.sqrt(600 * 0.3 * 0.7)
    assert all(abs(counts[f"text {i}"] - 180) < 4 * error for i in range(10))


@pytest.mark.parametrize("heldout", [0.1, 0.37, 0.999])
def test_rows_and_symbols_are_divided_by_record(heldout: float) -> None:
    values = np.arange(200.0).reshape(100, 2)
    train, test = read(values, as_=Rows).divide(heldout, Seed(0))
    assert isinstance(train, Rows)
    assert isinstance(test, Rows)
    assert test.size == min(round(100 * heldout), 99)
    together = np.concatenate([train.values[0], test.values[0]])
    assert sorted(map(tuple, together)) == sorted(map(tuple, values))
    assert (np.diff(train.values[0, :, 0]) > 0).all()
    assert (np.diff(test.values[0, :, 0]) > 0).all()


def test_symbols_keep_their_alphabet() -> None:
    train, test = read("builtin:cats", as_=Symbols).divide(0.05, Seed(0))
    assert isinstance(train, Symbols)
    assert isinstance(test, Symbols)
    assert (train.size, test.size) == (95, 5)
    assert train.labels == test.labels == ("yellow", "blue")
    assert train.types == test.types == 2


def test_every_replicate_is_divided_in_the_same_way() -> None:
    values = np.stack([np.arange(10.0), np.arange(10.0) + 100])[:, :, None]
    train, test = Corpus.of("two", Rows(values)).divide(0.3, Seed(0))
    assert isinstance(train, Rows)
    assert isinstance(test, Rows)
    assert test.values.shape == (2, 3, 1)
    assert (test.values[1] - test.values[0] == 100).all()
    assert (train.values[1] - train.values[0] == 100).all()


def test_groups_go_with_their_records() -> None:
    corpus = read("builtin:python-reference", as_=Texts, group="topic")
    whole = corpus.records
    assert isinstance(whole, Texts)
    assert whole.group is not None
    topics = {text: whole.names[code] for text, code in zip(whole.strings(), whole.group[0], strict=True)}
    for side in sides(corpus, 0.2, 3):
        assert side.group is not None
        assert side.names == whole.names
        assert [side.names[code] for code in side.group[0]] == [topics[text] for text in side.strings()]


def test_nothing_may_be_held_out() -> None:
    train, test = read(["a cat", "a dog"], as_=Texts).divide(0, Seed(0))
    assert (train.size, test.size) == (2, 0)


@pytest.mark.parametrize("heldout", [-0.1, 1, 1.5, float("nan")])
def test_a_share_out_of_range(heldout: float) -> None:
    with pytest.raises(BadSetting, match=r"must lie in \[0, 1\), not "):
        read(["a cat", "a dog"], as_=Texts).divide(heldout, Seed(0))


def test_one_record_cannot_be_divided() -> None:
    with pytest.raises(BadInput, match="cannot be divided: it needs two different records, and has 1"):
        read(["a cat"], as_=Texts).divide(0.5, Seed(0))
    with pytest.raises(BadInput, match="cannot be divided"):
        read(np.array([1.0]), as_=Rows).divide(0.5, Seed(0))
