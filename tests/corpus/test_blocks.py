"""Texts cut into records of so many words: every word once and in order, as it was written."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcross.core.errors import BadInput, BadSetting, MissingInput
from outcross.core.records import Rows, Symbols
from outcross.core.text import Texts, Unit, tokenize
from outcross.corpus import Corpus, read
from outcross.corpus.blocks import Cutter

UNITS = st.sampled_from(["word", "space", "character"])


def texts_of(corpus: Corpus) -> Texts:
    assert isinstance(corpus.records, Texts)
    return corpus.records


PLAIN = st.text(st.characters(exclude_categories=["Cf", "Cs", "Mc", "Me", "Mn"]))
"""Without the characters that change what stands before them."""


@settings(max_examples=300, deadline=None)
@given(text=st.text(), size=st.integers(1, 5), unit=UNITS)
def test_every_word_is_in_one_block_or_left_out(text: str, size: int, unit: Unit) -> None:
    cutter = Cutter(size, unit)
    blocks = list(cutter.blocks(text))
    words = tokenize(text, unit)
    for place, block in enumerate(blocks):
        inside = words[place * size : (place + 1) * size]
        assert "".join(block.split()) == "".join("".join(inside).split())
        assert block.startswith(inside[0]) and block.endswith(inside[-1])
    assert cutter.left == len(words) - len(blocks) * size < size


@settings(max_examples=300, deadline=None)
@given(text=PLAIN, size=st.integers(1, 5), unit=UNITS)
def test_a_block_has_its_words_on_its_own_too(text: str, size: int, unit: Unit) -> None:
    blocks = list(Cutter(size, unit).blocks(text))
    words = [word for block in blocks for word in tokenize(block, unit)]
    assert words == tokenize(text, unit)[: len(blocks) * size]
    assert all(len(tokenize(block, unit)) == size for block in blocks)


@settings(max_examples=200, deadline=None)
@given(words=st.lists(st.sampled_from(["cat", "can't", "3.5", "\n", " \n \n", ".", "猫は", " "]), min_size=1))
def test_blocks_are_slices_of_the_text(words: list[str]) -> None:
    text = " ".join(words)
    place = 0
    for block in Cutter(2, "word").blocks(text):
        assert block == block.strip()
        place = text.index(block, place) + len(block)


def test_a_text_file_is_one_text(tmp_path: Path) -> None:
    path = tmp_path / "cats.txt"
    path.write_bytes(b"\xef\xbb\xbfOne cat\r\nsleeps.\r\n\r\nAnother\teats. A third")
    corpus = read(path, as_=Texts, unit="space", block=3)
    assert corpus.strings == ("One cat\nsleeps.", "Another\teats. A")
    assert texts_of(corpus).lengths.tolist() == [3, 3]
    assert corpus.notes == (
        "the file is one text",
        "every text cut, in order, into records of 3 words; 1 at the ends of texts left out",
    )
    assert read(path, as_=Texts, unit="space", block=7).notes[1] == "every text cut, in order, into records of 7 words"


def test_each_file_of_a_folder_is_one_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a b c\n\nd e")
    (tmp_path / "b.txt").write_text("f g")
    corpus = read(tmp_path, as_=Texts, block=2, group="file")
    assert corpus.strings == ("a b", "c\n\nd", "f g")
    texts = texts_of(corpus)
    assert texts.group is not None
    assert [texts.names[code] for code in texts.group[0]] == ["a.txt", "a.txt", "b.txt"]
    assert "one text a file" in corpus.notes


ROWS = {"text": ["a b c d e", "f", "g h  i"], "kind": ["x", "y", "z"], "n": [1, 2, 3]}


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet", ""])
def test_each_row_of_a_table_is_one_text(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    frame = pl.DataFrame(ROWS)
    if suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in frame.iter_rows(named=True)))
    elif suffix:
        frame.write_csv(path) if suffix == ".csv" else frame.write_parquet(path)
    corpus = read(path if suffix else frame, as_=Texts, block=2, group="kind")
    assert corpus.strings == ("a b", "c d", "g h")
    assert texts_of(corpus).names == ("x", "z")
    assert corpus.notes == ("every text cut, in order, into records of 2 words; 3 at the ends of texts left out",)
    assert read(path if suffix else frame, as_=Texts, block=2, limit=2).strings == ("a b", "c d")


def test_strings_in_memory_are_a_text_each() -> None:
    corpus = read(["a b c", "d e f"], as_=Texts, unit="character", block=2)
    assert corpus.strings == ("a ", "b ", "d ", "e ")
    assert corpus.digest != read(["a b c", "d e f"], as_=Texts, unit="character").digest


def test_a_topic_of_the_reference_is_one_text() -> None:
    corpus = read("builtin:python-reference", as_=Texts, group="topic", block=64)
    assert set(texts_of(corpus).lengths.tolist()) == {64}
    assert corpus.size is not None and corpus.size > 500
    assert corpus.notes[0].startswith("one text a topic")


def test_what_cannot_be_cut(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^texts has no text of 9 words; lower the size of a block$"):
        read(["a b c", "d"], as_=Texts, block=9)
    with pytest.raises(BadSetting, match=r"^block must be at least 1, not 0$"):
        read(["a b c"], as_=Texts, block=0)
    for as_ in (Rows, Symbols):
        with pytest.raises(BadSetting, match=r"^block cuts texts that are read"):
            read(["1", "2"], as_=as_, block=2)
    with pytest.raises(BadSetting, match=r"^block cuts texts that are read"):
        read(Texts.of(["a b c"]), as_=Texts, block=2)
    with pytest.raises(BadInput, match=r"^record 2 of texts: 'text' is 5, not a text$"):
        read(["a b", 5], as_=Texts, block=2)  # type: ignore[list-item]
    with pytest.raises(MissingInput, match=r"^a.jsonl: no column 'txt'|^line 1 of a.jsonl: no column 'txt'"):
        (tmp_path / "a.jsonl").write_text('{"text": "a b"}')
        read(tmp_path / "a.jsonl", as_=Texts, text="txt", block=2)
    (tmp_path / "a.txt").write_text("\n \n")
    with pytest.raises(BadInput, match=r"^a.txt is empty: there is no record in it$"):
        read(tmp_path / "a.txt", as_=Texts, block=2)


def test_wikitext_is_one_stream(shared: Path) -> None:
    """241,211 words: the published 245,569 tokens of the test part without the 4,358 ends of its lines."""
    path = shared / "data" / "wikitext-2" / "test.txt"
    corpus = read(path, as_=Texts, unit="space", block=64)
    texts = texts_of(corpus)
    assert corpus.size == 241_211 // 64
    assert set(texts.lengths.tolist()) == {64}
    assert "; 59 at the ends" in corpus.notes[1]
    assert [word for text in texts.strings() for word in text.split()] == path.read_text().split()[: texts.tokens]
    assert any(" \n \n " in text for text in texts.strings())
