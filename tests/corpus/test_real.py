"""Real data: published counts, groups, and files that are not what their name says."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from outcross.core.errors import BadInput
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.corpus import read


@pytest.fixture(scope="module")
def data(shared: Path) -> Path:
    return shared / "data"


def test_wikitext_has_its_published_counts(data: Path) -> None:
    corpus = read(data / "wikitext-2" / "valid.txt", as_=Texts, unit="space")
    texts = corpus.records
    assert isinstance(texts, Texts)
    assert corpus.words == 213_886
    assert len(texts.vocabulary) == 13_776
    assert corpus.notes == ("one record a paragraph",)
    assert not any("\n\n" in text for text in corpus.strings)


def test_wikitext_is_the_same_compressed(data: Path, tmp_path: Path) -> None:
    path = data / "wikitext-2" / "valid.txt"
    packed = tmp_path / "valid.txt.gz"
    packed.write_bytes(gzip.compress(path.read_bytes(), 1))
    assert read(packed, as_=Texts, unit="space").digest == read(path, as_=Texts, unit="space").digest


def test_brown_has_fifteen_genres(data: Path, tmp_path: Path) -> None:
    path = data / "brown" / "brown.jsonl"
    corpus = read(path, as_=Texts, group="category")
    texts = corpus.records
    assert isinstance(texts, Texts)
    assert corpus.size == 500
    assert len(texts.names) == 15
    assert len(texts.split()["humor"].choose(9, np.random.default_rng(0)).split()) == 15
    assert sum(len(text.split()) for text in corpus.strings) > 1_000_000
    pl.DataFrame(
        {"text": corpus.strings, "genre": [texts.names[code] for code in texts.membership()[0][0]]}
    ).write_parquet(  # type: ignore[index]
        tmp_path / "brown.parquet"
    )
    again = read(tmp_path / "brown.parquet", as_=Texts, group="genre")
    assert again.digest == corpus.digest
    train, heldout = again.divide(0.1, Seed(0))
    assert (train.size, heldout.size) == (450, 50)


def test_detection_data_have_labels_and_domains(data: Path) -> None:
    path = data / "fastdetectgpt" / "texts.jsonl"
    texts = read(path, as_=Texts, group="label", limit=2000).records
    assert isinstance(texts, Texts)
    assert set(texts.names) == {"human", "synthetic"}
    domains = read(path, as_=Symbols, columns=["domain"])
    assert domains.size == 9343
    assert isinstance(domains.records, Symbols)
    assert {"xsum", "writing", "squad", "pubmed"} == set(domains.records.labels)
    words = read(path, as_=Rows)
    assert words.notes == ("columns of numbers: n_words",)


def test_copies_in_real_data_stay_on_one_side(data: Path) -> None:
    corpus = read(data / "fastdetectgpt" / "texts.jsonl", as_=Texts, group="domain", limit=3000)
    train, heldout = corpus.divide(0.2, Seed(0))
    assert isinstance(train, Texts)
    assert isinstance(heldout, Texts)
    assert heldout.size == 600
    assert not set(train.strings()) & set(heldout.strings())


def test_shakespeare_is_cut_into_speeches(data: Path) -> None:
    corpus = read(data / "shakespeare" / "tiny.txt", as_=Texts)
    assert corpus.size == 7222
    assert corpus.strings[0] == "First Citizen:\nBefore we proceed any further, hear me speak."


def test_a_json_document_is_not_json_lines(data: Path, tmp_path: Path) -> None:
    path = data / "crowd" / "base.json"
    with pytest.raises(
        BadInput, match=r"^cannot read 'base.json': '.json' is not a format .* did you mean '.jsonl'\?$"
    ):
        read(path, as_=Texts)
    renamed = tmp_path / "base.jsonl"
    renamed.write_bytes(path.read_bytes())
    with pytest.raises(BadInput, match=r"^line 1 of base.jsonl is not JSON: .* at character \d+$"):
        read(renamed, as_=Texts)


def test_a_spreadsheet_with_empty_cells_says_where(data: Path) -> None:
    path = data / "typing" / "original.csv"
    with pytest.raises(BadInput, match=r"^record 9 of original.csv: 'sd_chars_per_para' is empty, not a number$"):
        read(path, as_=Rows)
    assert read(path, as_=Rows, columns=["average_strokes_per_min"]).size == 366


def test_speeches_are_a_folder(data: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^\d{4}-\w+.txt is not UTF-8: byte 0x.. at position \d+; convert the file"):
        read(data / "speeches", as_=Texts)
    for path in (data / "speeches").rglob("*.txt"):
        copy = tmp_path / path.relative_to(data)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text(encoding="cp1252", errors="replace"), encoding="utf-8")
    corpus = read(tmp_path / "speeches", as_=Texts, group="folder")
    assert isinstance(corpus.records, Texts)
    assert {name: part.size for name, part in corpus.records.split().items()} == {"state_union": 65, "inaugural": 59}
    assert corpus.notes == ("one record a file",)
