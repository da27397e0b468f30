"""Documents from tables: the same from every format, blocks of any size, sources from elsewhere, and clear refusals."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from outcross.core.errors import BadInput, BadSetting, MissingInput, OutputRefused
from outcross.core.seed import Seed
from outcross.corpus.documents import Columns, read_documents, sample_documents, stream_documents
from outcross.corpus.sink import sink
from outcross.corpus.stream import blocks

ROWS = [
    {"id": 1, "text": "A cat, “asleep”.\nStill.", "by": "human", "pair": "a"},
    {"id": 2, "text": "", "by": "human", "pair": "a"},
    {"id": 3, "text": "它在睡觉。", "by": "synthetic", "pair": "a"},
    {"id": 4, "text": '"Quoted", he said', "by": "human", "pair": "b"},
    {"id": 5, "text": "   ", "by": "synthetic", "pair": "b"},
]
COLUMNS = Columns(label="by", group="pair")


def written(folder: Path, suffix: str) -> Path:
    """The rows in a file of that format."""
    path, frame = folder / f"rows{suffix}", pl.DataFrame(ROWS)
    match suffix:
        case ".parquet":
            frame.write_parquet(path)
        case ".csv":
            frame.write_csv(path)
        case ".tsv":
            frame.write_csv(path, separator="\t")
        case ".json":
            path.write_text(json.dumps(ROWS), encoding="utf-8")
        case ".jsonl.gz":
            path.write_bytes(gzip.compress(frame.write_ndjson().encode()))
        case ".csv.gz":
            path.write_bytes(gzip.compress(frame.write_csv().encode()))
        case _:
            path.write_text(frame.write_ndjson(), encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv", ".tsv", ".parquet", ".jsonl.gz", ".csv.gz"])
@pytest.mark.parametrize("rows", [1, 2, 100])
def test_every_format_gives_the_same_documents(tmp_path: Path, suffix: str, rows: int) -> None:
    path = written(tmp_path, suffix)
    found = list(stream_documents(path, COLUMNS, rows=rows))
    assert [text for one in found for text in one.documents.texts] == [ROWS[row]["text"] for row in (0, 2, 3)]
    assert [row for one in found for row in one.rows] == [0, 2, 3]
    assert sum(one.empty for one in found) == 2
    whole = read_documents(path, COLUMNS)
    assert whole.labelled().synthetic.tolist() == [False, True, False]
    assert whole.groups == ("a", "a", "b")


def test_a_limit_counts_rows(tmp_path: Path) -> None:
    assert read_documents(written(tmp_path, ".jsonl"), COLUMNS, limit=3).rows == (0, 2)


def test_a_folder_of_texts_has_a_document_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One.\n\nTwo.")
    (tmp_path / "b.txt").write_text("Three.")
    found = read_documents(tmp_path, Columns(group="file"))
    assert found.documents.texts == ("One.\n\nTwo.", "Three.")
    assert found.groups == ("a.txt", "b.txt")


def test_a_text_file_has_a_document_a_paragraph(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("One.\n\nTwo.\nStill two.")
    assert read_documents(path, Columns()).documents.texts == ("One.", "Two.\nStill two.")


def test_sources_come_from_another_table_by_group(tmp_path: Path) -> None:
    beside = tmp_path / "sources.csv"
    beside.write_text("pair,abstract\na,About cats\nb,About talk\n")
    columns = Columns(label="by", group="pair", source=f"{beside}:abstract")
    assert read_documents(written(tmp_path, ".jsonl"), columns).documents.sources == (
        "About cats",
        "About cats",
        "About talk",
    )
    beside.write_text("pair,abstract\na,About cats\n")
    with pytest.raises(BadInput, match="no source is known for the group 'b'"):
        read_documents(written(tmp_path, ".jsonl"), columns)
    with pytest.raises(BadSetting, match="--group"):
        read_documents(written(tmp_path, ".jsonl"), Columns(source=f"{beside}:abstract"))


@pytest.mark.parametrize(
    ("content", "columns", "error", "said"),
    [
        ('{"text": "a"}\n{"text": "b"', Columns(), BadInput, "line 2 of rows.jsonl is not JSON"),
        ('{"text": "a"}\n', Columns(label="by"), MissingInput, "no column 'by'"),
        ('{"text": 5}\n', Columns(), BadInput, "record 1 of rows.jsonl: 'text' is 5, not a text"),
        ('{"text": ""}\n', Columns(), BadInput, "there is no text in it"),
        ("", Columns(), BadInput, "empty"),
        ('{"text": "a", "by": null}\n', Columns(label="by"), BadInput, "label 1 is missing"),
        ('{"text": "a", "by": NaN}\n', Columns(label="by"), BadInput, "not JSON"),
        ('{"text": "a", "by": "cat"}\n', Columns(label="by"), BadInput, "label 1 is 'cat'"),
        ('{"text": "", "by": 1}\n{"text": "a", "by": null}\n', Columns(label="by"), BadInput, "label 2 is missing"),
    ],
)
def test_bad_input_is_said_in_one_line(
    tmp_path: Path, content: str, columns: Columns, error: type[Exception], said: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(content)
    with pytest.raises(error, match=said) as caught:
        read_documents(path, columns).labelled()
    assert "\n" not in str(caught.value)


def test_no_label_column_is_a_misuse(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="--label"):
        read_documents(written(tmp_path, ".csv"), Columns()).labelled()


def test_a_format_that_is_not_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.docx"
    path.write_bytes(b"PK")
    with pytest.raises(BadInput, match=r"'\.docx' is none of \.jsonl"):
        list(blocks(path))


def test_a_very_long_cell_is_a_block_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_text("".join(json.dumps({"text": letter * 2**24}) + "\n" for letter in "abcde"))
    assert [block.height for block in blocks(path)] == [2, 2, 1]


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl", ".csv"])
def test_what_is_written_is_read_again(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    with sink(path) as add:
        for block in blocks(written(tmp_path, ".jsonl"), rows=2):
            add(block)
    assert (
        read_documents(path, COLUMNS).documents.texts
        == read_documents(written(tmp_path, ".json"), COLUMNS).documents.texts
    )
    assert not list(tmp_path.glob(".out*"))


def test_a_table_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    path.write_bytes(b"before")
    with pytest.raises(ZeroDivisionError), sink(path) as add:
        add(pl.DataFrame(ROWS))
        raise ZeroDivisionError
    assert path.read_bytes() == b"before"
    assert not list(tmp_path.glob(".out*"))


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(OutputRefused, match="there is no folder"), sink(tmp_path / "no" / "out.csv"):
        pass
    with pytest.raises(BadSetting, match="a table is written as"), sink(tmp_path / "out.xlsx"):
        pass


def test_a_sample_is_a_fair_one(tmp_path: Path) -> None:
    """Every row is as likely as any other, wherever it stands: chi-square over 400 samples of 20 of 200."""
    path = tmp_path / "many.jsonl"
    path.write_text("".join(json.dumps({"text": f"text {k}"}) + "\n" for k in range(200)))
    times = np.zeros(200)
    for key in range(400):
        found, total = sample_documents(path, Columns(), 20, Seed(key))
        assert (found.documents.size, total) == (20, 200)
        assert list(found.rows) == sorted(found.rows)
        times[list(found.rows)] += 1
    # A hypergeometric count a row: variance 400 x 0.1 x 0.9; the counts of the rows add up to a constant.
    chi = ((times - 40) ** 2).sum() / 36 * 199 / 200
    assert abs(chi - 199) < 4 * np.sqrt(2 * 199)


def test_a_sample_of_all_is_all(tmp_path: Path) -> None:
    found, total = sample_documents(written(tmp_path, ".jsonl"), COLUMNS, 10, Seed(0))
    assert (found.rows, total) == ((0, 2, 3), 3)
    assert found.labelled().groups == ("a", "a", "b")


@pytest.mark.parametrize("rest", [False, True])
@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_a_wanted_column_must_be_there_whatever_else_is_read(tmp_path: Path, suffix: str, rest: bool) -> None:
    path = written(tmp_path, suffix)
    with pytest.raises(MissingInput, match="no column 'nope'"):
        list(blocks(path, ["nope"], rest=rest))
    columns = [list(block.columns) for block in blocks(path, ["text"], rest=rest)]
    assert all((len(names) > 1) is rest for names in columns)


def test_a_comma_without_quotation_marks_cuts_no_text(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,by\na cat,human\nwell, a dog,human\n")
    with pytest.raises(BadInput, match="more fields"):
        read_documents(path, Columns())


def test_cells_that_no_column_holds_together_are_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "a", "tags": "b", "n": 1}\n{"text": "c", "tags": ["b"], "n": "x"}\n')
    with pytest.raises(BadInput, match=r"rows\.jsonl: the cells of 'tags' are of kinds"):
        list(blocks(path))
    assert read_documents(path, Columns()).documents.texts == ("a", "c")


def test_what_cannot_be_read_is_not_said_of_what_is_written(tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match=r"^no file"), sink(tmp_path / "out.csv") as add:
        for block in blocks(tmp_path / "none.csv"):
            add(block)
