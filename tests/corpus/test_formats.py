"""Every format that is read gives back what was written."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outcross.core.records import Rows, Symbols
from outcross.core.text import Texts
from outcross.corpus import Corpus, read
from outcross.corpus.files import zstd

TEXTS = [
    "One cat sleeps.",
    "猫が寝ている。犬も寝ている。",
    "我有一只猫，它是蓝色的。",
    'She said: "no,\tnever"',
    "naïve café №5 😺",
]
GROUPS = ["en", "ja", "zh", "en", "fr"]


def jsonl(path: Path, columns: dict[str, list[object]]) -> None:
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def csv(path: Path, columns: dict[str, list[object]]) -> None:
    pl.DataFrame(columns).write_csv(path)


def tsv(path: Path, columns: dict[str, list[object]]) -> None:
    pl.DataFrame(columns).write_csv(path, separator="\t")


def parquet(path: Path, columns: dict[str, list[object]]) -> None:
    pl.DataFrame(columns).write_parquet(path)


Writer = Callable[[Path, dict[str, list[object]]], None]
WRITERS: dict[str, Writer] = {".jsonl": jsonl, ".ndjson": jsonl, ".csv": csv, ".tsv": tsv, ".parquet": parquet}
EVERY_FORMAT = pytest.mark.parametrize("suffix", WRITERS)
COMPRESSIONS = {"": lambda content: content, ".gz": gzip.compress, ".zst": zstd.compress}


def written(folder: Path, suffix: str, columns: dict[str, list[object]]) -> Path:
    path = folder / f"data{suffix}"
    WRITERS[suffix](path, columns)
    return path


def compressed(path: Path, compression: str) -> Path:
    packed = path.with_name(path.name + compression)
    packed.write_bytes(COMPRESSIONS[compression](path.read_bytes()))
    return packed


def texts_of(corpus: Corpus) -> Texts:
    assert isinstance(corpus.records, Texts)
    return corpus.records


@EVERY_FORMAT
def test_texts_and_groups_come_back(tmp_path: Path, suffix: str) -> None:
    corpus = read(written(tmp_path, suffix, {"text": [*TEXTS], "lang": [*GROUPS]}), as_=Texts, group="lang")
    assert corpus.strings == tuple(TEXTS)
    texts = texts_of(corpus)
    assert texts.names == ("en", "ja", "zh", "fr")
    assert texts.group is not None
    assert [texts.names[code] for code in texts.group[0]] == GROUPS
    assert corpus.name == f"data{suffix}"
    assert corpus.size == 5
    assert corpus.words == texts.tokens > 30
    assert corpus.notes == ()


def test_chinese_and_japanese_are_cut_into_words(tmp_path: Path) -> None:
    corpus = read(written(tmp_path, ".jsonl", {"text": [*TEXTS]}), as_=Texts)
    lengths = texts_of(corpus).lengths
    assert lengths[1] > 6
    assert lengths[2] > 8


def test_the_digest_does_not_depend_on_the_format(tmp_path: Path) -> None:
    paths = [written(tmp_path, suffix, {"text": [*TEXTS], "lang": [*GROUPS]}) for suffix in WRITERS]
    assert len({read(path, as_=Texts).digest for path in paths}) == 1
    assert len({read(path, as_=Texts, group="lang").digest for path in paths}) == 1
    assert read(paths[0], as_=Texts).digest != read(paths[0], as_=Texts, group="lang").digest
    assert read(TEXTS, as_=Texts).digest == read(paths[0], as_=Texts).digest
    assert read(TEXTS[::-1], as_=Texts).digest != read(paths[0], as_=Texts).digest


def test_the_digest_is_the_same_tomorrow() -> None:
    assert read(["a cat", "a dog"], as_=Texts).digest == "78d551e9c0d1477f156ca20a77edf4fb"
    assert read(np.array([[1.0, 2.0], [3.0, 5.0]]), as_=Rows).digest == "9f2f3c3b2c67bef121351307113f2db7"
    assert read(["b", "a", "b"], as_=Symbols).digest == "a4fddea925cada6d6e9bb8c5243297d3"
    assert read("normal(dim=3)", as_=Rows).digest == "05dea1cae2e6fd28fbaa4313a771a72d"


@pytest.mark.parametrize("suffix", [suffix for suffix in WRITERS if suffix != ".parquet"])
@pytest.mark.parametrize("compression", [".gz", ".zst"])
def test_compressed_files_are_read(tmp_path: Path, suffix: str, compression: str) -> None:
    path = compressed(written(tmp_path, suffix, {"text": [*TEXTS]}), compression)
    assert read(path, as_=Texts).strings == tuple(TEXTS)


@EVERY_FORMAT
def test_all_columns_of_numbers_are_read_where_none_is_named(tmp_path: Path, suffix: str) -> None:
    columns = {"mass": [4.5, 3.25, 1e-300], "name": ["a", "b", "c"], "age": [1, 2, -3], "sex": ["f", "m", "f"]}
    path = written(tmp_path, suffix, columns)
    corpus = read(path, as_=Rows, group="sex")
    assert isinstance(corpus.records, Rows)
    assert corpus.records.values.tolist() == [[[4.5, 1.0], [3.25, 2.0], [1e-300, -3.0]]]
    assert corpus.records.names == ("f", "m")
    assert corpus.records.membership() is not None
    assert corpus.notes == ("columns of numbers: mass, age",)
    assert str(corpus) == f"data{suffix}: 3 records of 2 numbers"


@EVERY_FORMAT
def test_named_columns_are_read_in_the_order_given(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path, suffix, {"a": [1.0, 2.0], "b": [3.0, 4.0], "c": ["5", "6.5"]})
    corpus = read(path, as_=Rows, columns=["c", "a"])
    assert isinstance(corpus.records, Rows)
    assert corpus.records.values.tolist() == [[[5.0, 1.0], [6.5, 2.0]]]
    assert corpus.notes == ()


@EVERY_FORMAT
def test_symbols_are_labelled_by_frequency(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path, suffix, {"colour": ["blue", "yellow", "black", "yellow", "black"], "text": [*"abcde"]})
    corpus = read(path, as_=Symbols, columns=["colour"])
    assert isinstance(corpus.records, Symbols)
    assert corpus.records.labels == ("yellow", "black", "blue")
    assert corpus.records.values.tolist() == [[2, 0, 1, 0, 1]]
    assert corpus.digest == read(path, as_=Symbols, text="colour").digest
    assert str(corpus) == f"data{suffix}: 5 records of 3 types"


@EVERY_FORMAT
def test_whole_numbers_are_labels_as_they_are_written(tmp_path: Path, suffix: str) -> None:
    corpus = read(written(tmp_path, suffix, {"text": [7, 12, 7]}), as_=Symbols)
    assert isinstance(corpus.records, Symbols)
    assert corpus.records.labels == ("7", "12")


def test_labels_in_csv_are_not_taken_for_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,code\n1.50,007\ntrue,7\n")
    corpus = read(path, as_=Texts, group="code")
    assert corpus.strings == ("1.50", "true")
    assert texts_of(corpus).names == ("007", "7")


@EVERY_FORMAT
def test_a_limit_stops_reading(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path, suffix, {"text": [*TEXTS], "n": [1, 2, 3, 4, 5]})
    corpus = read(path, as_=Texts, limit=2)
    assert corpus.strings == tuple(TEXTS[:2])
    assert corpus.notes == ("read no further than 2 records",)
    assert read(path, as_=Rows, limit=3).size == 3
    assert read(path, as_=Texts, limit=6).notes == ()


def test_a_limit_stops_before_what_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n\n{"text": "b"}\nnonsense\n')
    assert read(path, as_=Texts, limit=2).strings == ("a", "b")
    path = tmp_path / "a.txt"
    path.write_bytes(b"a\n\nb\n\n\xff\n")
    assert read(path, as_=Texts, limit=2).strings == ("a", "b")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_empty_texts_are_left_out_and_counted(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path, suffix, {"text": ["a cat", "", " \t", "a dog"], "lang": ["x", "y", "y", "z"]})
    corpus = read(path, as_=Texts, group="lang")
    assert corpus.strings == ("a cat", "a dog")
    assert corpus.notes == ("2 empty records left out",)
    assert texts_of(corpus).names == ("x", "z")


def test_paragraphs_of_plain_text(tmp_path: Path) -> None:
    path = tmp_path / "cats.txt"
    path.write_bytes(b"\xef\xbb\xbf\r\n  One cat\r\n  sleeps. \r\n \t\r\n\r\nAnother eats.")
    corpus = read(path, as_=Texts)
    assert corpus.strings == ("One cat\n  sleeps.", "Another eats.")
    assert corpus.notes == ("one record a paragraph",)


def test_lines_of_plain_text_without_a_blank_line(tmp_path: Path) -> None:
    path = tmp_path / "cats.txt"
    path.write_text("\nOne cat\nsleeps.\nAnother eats.\n\n")
    corpus = read(path, as_=Texts)
    assert corpus.strings == ("One cat", "sleeps.", "Another eats.")
    assert corpus.notes == ("one record a line",)


def test_plain_text_holds_numbers_and_symbols_too(tmp_path: Path) -> None:
    path = tmp_path / "masses.txt"
    path.write_text("1.5\n2.5\n1.5\n")
    rows, symbols = read(path, as_=Rows).records, read(path, as_=Symbols).records
    assert isinstance(rows, Rows)
    assert isinstance(symbols, Symbols)
    assert rows.values.tolist() == [[[1.5], [2.5], [1.5]]]
    assert symbols.labels == ("1.5", "2.5")


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_folder_has_one_record_a_file(tmp_path: Path, compression: str) -> None:
    for name, text in {"b/2.txt": "two\n\nparts", "a/1.txt": "one", "b/readme.md": "# no", ".hidden.txt": "no"}.items():
        path = tmp_path / "corpus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if compression and path.suffix == ".txt":
            compressed(path, compression)
            path.unlink()
    corpus = read(tmp_path / "corpus", as_=Texts, group="folder")
    assert corpus.strings == ("one", "two\n\nparts")
    assert texts_of(corpus).names == ("a", "b")
    assert corpus.name == "corpus"
    assert corpus.notes == ("one record a file", "1 other file left out: only .txt is read")


def test_units_of_text() -> None:
    assert texts_of(read(["a b."], as_=Texts, unit="space")).tokens == 2
    assert texts_of(read(["a b."], as_=Texts, unit="word")).tokens == 3
    assert texts_of(read(["a b."], as_=Texts, unit="character")).tokens == 4


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strings=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), min_size=1), min_size=1))
def test_any_unicode_text_comes_back(tmp_path: Path, suffix: str, strings: list[str]) -> None:
    path = written(tmp_path, suffix, {"text": [*strings], "other": [*strings]})
    kept = tuple(string for string in strings if string.strip())
    if kept:
        assert read(path, as_=Texts).strings == kept


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paragraphs=st.lists(st.from_regex(r"[a-z猫é][a-z猫é \n]*[a-z猫é]", fullmatch=True), min_size=2, max_size=8))
def test_any_paragraphs_come_back(tmp_path: Path, paragraphs: list[str]) -> None:
    whole = ["\n".join(line.rstrip() for line in text.split("\n") if line.strip()) for text in paragraphs]
    path = tmp_path / "any.txt"
    path.write_text("\n\n".join(whole), encoding="utf-8")
    assert read(path, as_=Texts).strings == tuple(whole)


@EVERY_FORMAT
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=20).filter(
        lambda numbers: min(numbers) < max(numbers)
    )
)
def test_any_finite_numbers_come_back(tmp_path: Path, suffix: str, numbers: list[float]) -> None:
    corpus = read(written(tmp_path, suffix, {"x": [*numbers]}), as_=Rows)
    assert isinstance(corpus.records, Rows)
    assert corpus.records.values[0, :, 0].tolist() == numbers
