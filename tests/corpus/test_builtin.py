"""The facts about the data that every installation has."""

from __future__ import annotations

import re
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.corpus import Corpus, builtin, read
from outcross.corpus.builtin.python_reference import prose


@pytest.fixture(scope="module")
def reference() -> Corpus:
    return read("builtin:python-reference", as_=Texts)


def test_what_is_built_in() -> None:
    assert builtin.names() == ("cats", "digits", "python-reference")


# Cats


def test_ten_of_a_hundred_cats_are_blue() -> None:
    corpus = read("builtin:cats", as_=Symbols)
    assert isinstance(corpus.records, Symbols)
    assert corpus.records.labels == ("yellow", "blue")
    assert corpus.records.counts().values.tolist() == [[90.0, 10.0]]
    assert corpus.source


def test_cats_may_be_read_as_texts() -> None:
    assert read("builtin:cats", as_=Texts, limit=1).strings == ("yellow",)


# Digits


def test_digits_are_those_of_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    data = datasets.load_digits()
    rows = read("builtin:digits", as_=Rows).records
    assert isinstance(rows, Rows)
    assert rows.group is not None
    assert rows.values.shape == (1, 1797, 64)
    assert np.array_equal(rows.values[0], data.data / 16)
    assert rows.shape == (8, 8)
    assert np.array_equal(np.array(rows.names)[rows.group[0]].astype(int), data.target)


def test_digits_are_groups() -> None:
    corpus = read("builtin:digits", as_=Rows)
    sizes = {name: batch.size for name, batch in corpus.records.split().items()} if corpus.records else {}
    published = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert sizes == {str(digit): count for digit, count in enumerate(published)}
    assert "CC BY 4.0" in corpus.source
    assert corpus.notes == ("three of the 64 pixels are black in every picture: nobody wrote there",)


def test_some_pixels_of_digits() -> None:
    rows = read("builtin:digits", as_=Rows, columns=["pixel34", "pixel35"], limit=10).records
    assert isinstance(rows, Rows)
    assert rows.values.shape == (1, 10, 2)
    assert rows.shape == ()
    assert rows.values.max() <= 1
    assert rows.split().keys() == set("0123456789")


def test_digits_as_symbols() -> None:
    symbols = read("builtin:digits", as_=Symbols, columns=["digit"]).records
    assert isinstance(symbols, Symbols)
    assert sorted(symbols.labels) == list("0123456789")


def test_the_file_of_digits_is_small_and_has_its_licence_beside_it() -> None:
    folder = files("outcross.corpus.builtin")
    assert len(folder.joinpath("digits.npz").read_bytes()) < 80_000
    licence = folder.joinpath("digits-licence.md").read_text(encoding="utf-8")
    assert "CC BY 4.0" in licence
    assert "Alpaydin" in licence


# The language reference


def test_the_reference_is_large_enough_and_says_where_it_is_from(reference: Corpus) -> None:
    assert reference.size is not None
    assert 1000 < reference.size < 2500
    assert 35_000 < sum(len(text.split()) for text in reference.strings) < 80_000
    assert "Python Software Foundation" in reference.source
    assert f"CPython {sys.version.split()[0]}" in reference.source
    assert "PSF License" in reference.source


@pytest.mark.skipif(sys.version_info[:3] != (3, 11, 7), reason="the reference differs from version to version")
def test_the_reference_of_one_version_to_the_word(reference: Corpus) -> None:
    assert (reference.size, reference.words) == (1292, 52_462)
    assert sum(len(text.split()) for text in reference.strings) == 43_019


def test_the_reference_is_prose(reference: Corpus) -> None:
    for text in reference.strings:
        assert text == " ".join(text.split())
        assert not re.search(r'::=|>>>|\*{3}|={4}|^[*+|]|\+--|"|`', text), text
        assert len(re.findall(r"[^\W\d_]+", text)) >= 4, text
    stops = sum(text.rstrip(")”’").endswith((".", ":", ";", ",", "!", "?")) for text in reference.strings)
    assert stops > 0.97 * len(reference.strings)


def test_no_paragraph_of_the_reference_stands_twice(reference: Corpus) -> None:
    assert len(set(reference.strings)) == reference.size


def test_the_reference_keeps_nearly_all_that_is_not_indented_code(reference: Corpus) -> None:
    from pydoc_data.topics import topics

    left_margin = [
        line
        for page in topics.values()
        for line in page.splitlines()
        if re.match(r"[A-Z][a-z]+ [a-z]+ [a-z]+ [a-z]+", line)
    ]
    whole = " ".join(reference.strings)
    kept = sum(re.sub(r'[*"`]', "", line[:24]) in whole for line in left_margin)
    assert kept > 0.95 * len(left_margin)


def test_topics_are_groups() -> None:
    texts = read("builtin:python-reference", as_=Texts, group="topic").records
    assert isinstance(texts, Texts)
    assert 30 < len(texts.names) <= 100
    assert "assignment" in texts.names


@pytest.mark.parametrize(
    ("page", "paragraphs"),
    [
        ("Heading\n*******\n\nThere is one sentence here.", ["There is one sentence here."]),
        ("It is cut at a hy-\nphen, and goes on.", ["It is cut at a hy-phen, and goes on."]),
        ("A paragraph comes to a colon:\n\n   code()\n\n      more()\n\nThen there is more text.",
         ["A paragraph comes to a colon:", "Then there is more text."]),
        ("* A bullet comes to a colon:\n\n     code = here.it(is)\n\n  And then prose again follows.",
         ["A bullet comes to a colon:", "And then prose again follows."]),
        ("object.__len__(self)\n\n   Called to implement the function.", ["Called to implement the function."]),
        ("   stmt ::= one\n            | two\n\nThis is a *very* short “text” about \"code\". [2]",
         ["This is a very short “text” about code."]),
        ("This is equivalent to\n\n   if x:\n       y.call(with_an, argument)\n\nand to nothing else at all.",
         ["and to nothing else at all."]),
        ("   target_list: target (\",\" target)* [\",\"]\n   target: identifier\n\nThat is how newer ones write it.",
         ["That is how newer ones write it."]),
        ("+----+----+\n| it | is |\n+----+----+", []),
        (">>> this.is_a_session()\nand this is what it said.", []),
        ("See also:", []),
        ("", []),
    ],
)  # fmt: skip
def test_prose(page: str, paragraphs: list[str]) -> None:
    assert list(prose(page)) == paragraphs


def test_the_reference_can_be_divided(reference: Corpus) -> None:
    _, heldout = reference.divide(0.1, Seed(0))
    assert reference.size is not None
    assert heldout.size == round(0.1 * reference.size)
    assert isinstance(heldout, Texts)
    assert 0 < (heldout.codes == 0).mean() < 0.1


def test_built_in_data_do_not_depend_on_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = read("builtin:digits", as_=Rows).digest
    monkeypatch.chdir(tmp_path)
    assert read("builtin:digits", as_=Rows).digest == before
