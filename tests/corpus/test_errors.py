"""Whatever is wrong with a file is said in one line that names the file, the place, and what would do."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import polars as pl
import pytest

from outcross.core.batch import Batch
from outcross.core.errors import BadInput, MissingInput, OutcrossError
from outcross.core.records import Rows, Symbols
from outcross.core.text import Texts
from outcross.corpus import read
from outcross.corpus.files import zstd


def says(path: Path, as_: type[Batch] = Texts, kind: type[OutcrossError] = BadInput, **settings: object) -> str:
    """What is said when a file is read; one line."""
    with pytest.raises(OutcrossError) as caught:
        read(path, as_=as_, **settings)  # type: ignore[arg-type]
    assert type(caught.value) is kind
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert "\n" not in str(caught.value)
    return str(caught.value)


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# Files that are not there


def test_a_missing_file(tmp_path: Path) -> None:
    file(tmp_path, "corpus.jsonl", "")
    path = tmp_path / "corpsu.jsonl"
    assert says(path, kind=MissingInput) == f"no file '{path}'; did you mean 'corpus.jsonl'?"
    assert issubclass(MissingInput, FileNotFoundError)


def test_a_missing_folder(tmp_path: Path) -> None:
    path = tmp_path / "no" / "corpus.jsonl"
    assert says(path, kind=MissingInput) == f"no file '{path}': there is no folder '{path.parent}'"


def test_a_word_that_is_nothing() -> None:
    with pytest.raises(MissingInput, match=r"^no file and no population is called 'norml'; did you mean 'normal'\?$"):
        read("norml", as_=Rows)
    with pytest.raises(MissingInput, match=r"^no built-in data are called 'digit'; did you mean 'digits'\?$"):
        read("builtin:digit", as_=Rows)


def test_a_text_in_place_of_a_file() -> None:
    with pytest.raises(MissingInput, match=r"^no file 'One cat sleeps\. .{180,200}\.\.\.'") as caught:
        read("One cat sleeps. " * 1000, as_=Texts)
    assert len(str(caught.value)) < 600
    with pytest.raises(MissingInput, match="no file 'a\0b'"):
        read("a\0b", as_=Texts)
    with pytest.raises(BadInput, match=r"^no data are named; give a file"):
        read(" ", as_=Texts)


def test_an_unknown_suffix(tmp_path: Path) -> None:
    said = says(file(tmp_path, "base.json", "[]"))
    assert said == "cannot read 'base.json': '.json' is not a format that is read; did you mean '.jsonl'?"
    said = says(file(tmp_path, "corpus.md", "x"))
    known = ".csv, .idx1-ubyte, .idx3-ubyte, .jsonl, .ndjson, .npy, .npz, .parquet, .tsv, .txt"
    assert said.endswith(f"'.md' is not a format that is read; there are: {known}")
    assert "'.docx' is not a format" in says(file(tmp_path, "corpus.docx.gz", "x"))


def test_parquet_is_not_compressed_again(tmp_path: Path) -> None:
    assert "decompress the file first" in says(file(tmp_path, "a.parquet.gz", b"x"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = file(tmp_path, "a.jsonl", "{}")
    path.chmod(0)
    assert says(path) == "a.jsonl cannot be read: Permission denied"


# Nothing in them


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv", "a.txt"])
@pytest.mark.parametrize("as_", [Texts, Rows, Symbols])
def test_an_empty_file(tmp_path: Path, name: str, as_: type[Batch]) -> None:
    assert says(file(tmp_path, name, ""), as_).startswith(f"{name} is empty: there is no ")


@pytest.mark.parametrize(("name", "content"), [("a.jsonl", "\n \n\n"), ("a.txt", " \n\n\t\n"), ("a.csv", "text,n\n")])
def test_a_file_without_a_record(tmp_path: Path, name: str, content: str) -> None:
    assert says(file(tmp_path, name, content)).startswith(f"{name} is empty: there is no ")


def test_parquet_without_a_record(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"text": []}, schema={"text": pl.String}).write_parquet(path)
    assert says(path) == "a.parquet is empty: there is no record in it"


def test_a_corpus_of_empty_texts(tmp_path: Path) -> None:
    assert (
        says(file(tmp_path, "a.jsonl", '{"text": ""}\n{"text": " "}'))
        == "a.jsonl has no text: all of its 2 records are empty"
    )


def test_a_folder_without_text_files(tmp_path: Path) -> None:
    file(tmp_path, "a.pdf", "x")
    assert says(tmp_path) == f"the folder '{tmp_path}' has no text file (.txt) in it"


# JSON lines


def lines(folder: Path, bad: str | bytes, at: int = 57) -> Path:
    """A file of JSON lines that is wrong in one line in the middle."""
    good = [json.dumps({"text": f"text {i}", "n": i}).encode() for i in range(99)]
    good.insert(at - 1, bad.encode() if isinstance(bad, str) else bad)
    return file(folder, "corpus.jsonl", b"\n".join(good))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "cut off', "is not JSON: "),
        ("text 57", "is not JSON: "),
        ('{"text": "a"} {"text": "b"}', "is not JSON: "),
        ('{"text": NaN}', "is not JSON: "),
        (b'{"text": "na\xefve"}', "is not UTF-8: byte 0xef at position 13"),
        ('{"text": "\\ud83d alone"}', "is not JSON: "),
        ("[1, 2]", 'is a list, not an object like {"text": "..."}'),
        ('"just a text"', "is 'just a text', not an object like "),
        ("null", "is empty, not an object like "),
    ],
)
def test_a_broken_line_in_the_middle(tmp_path: Path, line: str | bytes, reason: str) -> None:
    assert says(lines(tmp_path, line)).startswith(f"line 57 of corpus.jsonl {reason}")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": null}', "'text' is empty, not a text"),
        ('{"text": 5}', "'text' is 5, not a text"),
        ('{"text": true}', "'text' is true, not a text"),
        ('{"text": ["a", "b"]}', "'text' is a list, not a text"),
        ('{"text": {"a": "b"}}', "'text' is an object, not a text"),
    ],
)
def test_a_text_that_is_none(tmp_path: Path, line: str, reason: str) -> None:
    assert says(lines(tmp_path, line)) == f"line 57 of corpus.jsonl: {reason}"


def test_a_column_that_is_missing_in_one_line(tmp_path: Path) -> None:
    said = says(lines(tmp_path, '{"txt": "a", "n": 1}'), kind=MissingInput)
    assert said == "line 57 of corpus.jsonl: no column 'text'; did you mean 'txt'?"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "a", "n": "heavy"}', "'n' is 'heavy', not a number"),
        ('{"text": "a", "n": ""}', "'n' is empty, not a number"),
        ('{"text": "a", "n": null}', "'n' is empty, not a number"),
        ('{"text": "a", "n": false}', "'n' is false, not a number"),
        ('{"text": "a", "n": "nan"}', "'n' is 'nan', not a number"),
        ('{"text": "a", "n": [1]}', "'n' is a list, not a number"),
    ],
)
@pytest.mark.parametrize("columns", [None, ["n"]])
def test_a_cell_that_is_not_a_number(tmp_path: Path, line: str, reason: str, columns: list[str] | None) -> None:
    assert says(lines(tmp_path, line), Rows, columns=columns) == f"line 57 of corpus.jsonl: {reason}"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "a", "n": null}', "empty"),
        ('{"text": "a", "n": 0.5}', "0.5"),
        ('{"text": "a", "n": {}}', "an object"),
    ],
)
def test_a_cell_that_is_not_a_label(tmp_path: Path, line: str, reason: str) -> None:
    said = f"line 57 of corpus.jsonl: 'n' is {reason}, not a label"
    assert says(lines(tmp_path, line), group="n") == said
    assert says(lines(tmp_path, line), Symbols, columns=["n"]) == said


# Tables


def table(folder: Path, suffix: str, columns: dict[str, list[object]]) -> Path:
    path = folder / f"a{suffix}"
    frame = pl.DataFrame(columns, strict=False)
    frame.write_csv(path) if suffix == ".csv" else frame.write_parquet(path)
    return path


TABLES = pytest.mark.parametrize("suffix", [".csv", ".parquet"])


@TABLES
@pytest.mark.parametrize(
    ("as_", "settings"),
    [
        (Texts, {"text": "colur"}),
        (Texts, {"text": "name", "group": "colur"}),
        (Rows, {"columns": ["colur"]}),
        (Rows, {"group": "colur"}),
        (Symbols, {"text": "colur"}),
    ],
)
def test_a_missing_column(tmp_path: Path, suffix: str, as_: type[Batch], settings: dict[str, object]) -> None:
    path = table(tmp_path, suffix, {"colour": ["a", "b"], "name": ["a", "b"], "n": [1, 2]})
    said = says(path, as_, MissingInput, **settings)
    assert said == f"a{suffix}: no column 'colur'; did you mean 'colour'?"


def test_the_columns_there_are_are_listed_up_to_a_dozen(tmp_path: Path) -> None:
    path = table(tmp_path, ".csv", {f"n{i:02}": [1, 2] for i in range(40)})
    assert says(path, kind=MissingInput).endswith(
        "; there are: " + ", ".join(f"n{i:02}" for i in range(12)) + " and 28 more"
    )


@TABLES
def test_no_column_of_numbers(tmp_path: Path, suffix: str) -> None:
    path = table(tmp_path, suffix, {"colour": ["a", "b"], "ok": [True, False]})
    assert says(path, Rows) == f"a{suffix} has no column of numbers; there are: colour, ok"


@TABLES
@pytest.mark.parametrize("columns", [None, ["n"]])
def test_an_empty_cell_among_numbers(tmp_path: Path, suffix: str, columns: list[str] | None) -> None:
    path = table(tmp_path, suffix, {"n": [1.5, 2.5, None, 4.5]})
    assert says(path, Rows, columns=columns) == f"record 3 of a{suffix}: 'n' is empty, not a number"


@TABLES
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite(tmp_path: Path, suffix: str, value: float) -> None:
    path = table(tmp_path, suffix, {"n": [1.5, 2.5, value, 4.5]})
    assert says(path, Rows) == f"record 3 of a{suffix}: 'n' is {value}, not a finite number"


@pytest.mark.parametrize("columns", [None, ["n"]])
def test_a_word_among_numbers_in_csv_is_not_passed_over(tmp_path: Path, columns: list[str] | None) -> None:
    path = file(tmp_path, "a.csv", "m,n\n1,1\n2,2\n3,heavy\n4,4\n")
    assert says(path, Rows, columns=columns) == "record 3 of a.csv: 'n' is 'heavy', not a number"


@TABLES
def test_a_constant_column(tmp_path: Path, suffix: str) -> None:
    path = table(tmp_path, suffix, {"n": [1.5, 2.5], "k": [7, 7], "z": [0, 0]})
    said = says(path, Rows)
    assert said.startswith(f"'k' of a{suffix} is 7 in every record, and 1 more are constant: ")
    assert says(path, Rows, columns=["n", "z"]).startswith(f"'z' of a{suffix} is 0 in every record: ")
    assert read(path, as_=Rows, columns=["n"]).size == 2


def test_one_record_is_not_called_constant(tmp_path: Path) -> None:
    assert read(table(tmp_path, ".csv", {"n": [1.5]}), as_=Rows).size == 1


@TABLES
def test_a_text_column_of_numbers(tmp_path: Path, suffix: str) -> None:
    path = table(tmp_path, suffix, {"n": [1, 2]})
    if suffix == ".csv":  # a cell in CSV is always a text
        assert read(path, as_=Texts, text="n").strings == ("1", "2")
    else:
        assert says(path, text="n") == "record 1 of a.parquet: 'n' is 1, not a text"


def test_a_missing_text_in_parquet(tmp_path: Path) -> None:
    assert (
        says(table(tmp_path, ".parquet", {"text": ["a", None]})) == "record 2 of a.parquet: 'text' is empty, not a text"
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("text,n\na,1\nb,2,3\n", "found more fields"),
        (b"text,n\na\xff,1\n", "invalid utf-8"),
        ('text,n\n"a,1\nb,2\n', "could not parse"),
    ],
)
def test_broken_csv(tmp_path: Path, content: str | bytes, reason: str) -> None:
    said = says(file(tmp_path, "a.csv", content))
    assert said.startswith("a.csv cannot be read as CSV: ")
    assert reason in said


def test_csv_without_a_header(tmp_path: Path) -> None:
    said = says(file(tmp_path, "a.csv", "1.5,2\n2.5,3\n"), Rows)
    assert said == "a.csv has no header: its first line holds numbers, not the names of columns"


@pytest.mark.parametrize("content", [b"", b"hello", b"PAR1" + b"\0" * 50 + b"PAR1"])
def test_unreadable_parquet(tmp_path: Path, content: bytes) -> None:
    assert says(file(tmp_path, "a.parquet", content)).startswith("a.parquet cannot be read as Parquet: ")


def test_parquet_cut_off(tmp_path: Path) -> None:
    path = table(tmp_path, ".parquet", {"text": [f"text {i}" for i in range(1000)]})
    path.write_bytes(path.read_bytes()[:-100])
    assert says(path).startswith("a.parquet cannot be read as Parquet: ")


# Text and compression


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    said = says(file(tmp_path, "a.txt", b"one\n\ntwo\nna\xefve\n"))
    assert said == "line 4 of a.txt is not UTF-8: byte 0xef at position 3; convert the file to UTF-8 first"


def test_a_file_of_a_folder_that_is_not_utf8(tmp_path: Path) -> None:
    file(tmp_path, "a.txt", "one")
    file(tmp_path, "b.txt", b"tw\xef")
    assert says(tmp_path) == "b.txt is not UTF-8: byte 0xef at position 3; convert the file to UTF-8 first"


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".txt"])
@pytest.mark.parametrize(("compression", "pack"), [(".gz", gzip.compress), (".zst", zstd.compress)])
@pytest.mark.parametrize("damage", ["cut", "other"])
def test_damaged_compression(tmp_path: Path, suffix: str, compression: str, pack: object, damage: str) -> None:
    whole = pack(b'{"text": "a cat"}\n' * 5000)  # type: ignore[operator]
    content = whole[: len(whole) // 2] if damage == "cut" else b"not compressed at all"
    assert f"a{suffix}{compression} cannot be decompressed: " in says(
        file(tmp_path, f"a{suffix}{compression}", content)
    )
