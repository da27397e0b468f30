"""Tables of any size, a block of rows at a time, so that memory does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from outcross.core.errors import BadInput
from outcross.corpus import jsonl, plain
from outcross.corpus.files import COMPRESSED, existing, inside, opened, suffix
from outcross.corpus.frames import csv_columns, one_line
from outcross.corpus.table import Choice, no_column

if TYPE_CHECKING:
    import polars as pl

ROWS = 10_000
"""Rows of a block, at most."""

CHARACTERS = 2**25
"""Characters of the texts of a block, roughly: rows of a very long text come in smaller blocks."""

READ = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", plain.SUFFIX)
"""What is read, by suffix; all but Parquet also compressed (``.gz``, ``.zst``)."""


def blocks(path: Path, columns: Sequence[str] | None = None, rows: int = ROWS) -> Iterator[pl.DataFrame]:
    r"""Yield the rows of a table in order, a block at a time.

    Parameters
    ----------
    path
        A file (see `READ`; a text file has one row a paragraph, as in `outcross.corpus.plain.table`), or a folder of
        text files, one row a file with the columns ``text``, ``file``, ``folder``.
    columns
        The columns that are wanted; None for all.
    rows
        Rows of a block, at most.

    Raises
    ------
    BadInput
        If the file cannot be read, with the line where that is known.
    MissingInput
        If the file or one of the columns is not there.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.jsonl")
    >>> _ = path.write_text('{"text": "a cat"}\n{"text": "a dog"}\n{"text": "a bird"}\n')
    >>> [block["text"].to_list() for block in blocks(path, rows=2)]
    [['a cat', 'a dog'], ['a bird']]
    """
    existing(path)
    kind = plain.SUFFIX if path.is_dir() else suffix(path)
    if kind not in READ:
        raise BadInput(f"cannot read '{path.name}': '{kind}' is none of {', '.join(READ)}")
    if kind in (".csv", ".tsv"):
        yield from _csv(path, columns, rows)
    elif kind == ".parquet":
        yield from _parquet(path, columns, rows)
    else:
        yield from _framed(_objects(path, kind), path.name, columns, rows)


def _objects(path: Path, kind: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    if path.is_dir():
        files = [file for file in inside(path) if suffix(file) == plain.SUFFIX]
        if not files:
            raise BadInput(f"the folder '{path}' has no text file (.txt) in it")
        return enumerate(map(plain.whole, files), 1)
    if kind == plain.SUFFIX:
        texts = plain.table(path, Choice(text="text")).texts or ()
        return enumerate(({"text": text} for text in texts), 1)
    return jsonl.array(path) if kind == ".json" else jsonl.objects(path)


def _framed(
    objects: Iterator[tuple[int, Mapping[str, object]]], name: str, columns: Sequence[str] | None, rows: int
) -> Iterator[pl.DataFrame]:
    import polars as pl

    held: list[Mapping[str, object]] = []
    size = 0
    for number, record in objects:
        if columns is not None:
            missing = next((column for column in columns if column not in record), None)
            if missing is not None:
                error = no_column(missing, record)
                raise type(error)(f"line {number} of {name}: {error}")
            record = {column: record[column] for column in columns}
        held.append(record)
        size += sum(len(cell) for cell in record.values() if isinstance(cell, str))
        if len(held) == rows or size >= CHARACTERS:
            yield pl.DataFrame(held, infer_schema_length=None, strict=False)
            held, size = [], 0
    if held:
        yield pl.DataFrame(held, infer_schema_length=None, strict=False)


def _csv(path: Path, columns: Sequence[str] | None, rows: int) -> Iterator[pl.DataFrame]:
    """Cells stay as they are written, so that a number with a leading zero is written back as it was."""
    import polars as pl

    source: Path | bytes = path
    if path.suffix.lower() in COMPRESSED:
        with opened(path) as file:
            source = file.read()
    separator = "\t" if suffix(path) == ".tsv" else ","
    with one_line(path.name, "CSV"):
        head = csv_columns(path.name, source, separator)
        _present(path.name, columns, head)
        scan = pl.scan_csv(source, separator=separator, infer_schema=False, glob=False)
        yield from _batches(scan, columns, rows)


def _parquet(path: Path, columns: Sequence[str] | None, rows: int) -> Iterator[pl.DataFrame]:
    import polars as pl

    with one_line(path.name, "Parquet"):
        scan = pl.scan_parquet(path, glob=False)
        _present(path.name, columns, scan.collect_schema().names())
        yield from _batches(scan, columns, rows)


def _batches(scan: pl.LazyFrame, columns: Sequence[str] | None, rows: int) -> Iterator[pl.DataFrame]:
    import warnings

    chosen = scan if columns is None else scan.select(columns)
    with warnings.catch_warnings():  # Polars warns that this call may change; its tests here would find out
        warnings.simplefilter("ignore")
        batches = chosen.collect_batches(chunk_size=rows)
    for batch in batches:
        for frame in batch.iter_slices(rows):
            if frame.height:
                yield frame


def _present(name: str, columns: Sequence[str] | None, there: Sequence[str]) -> None:
    for column in columns or ():
        if column not in there:
            error = no_column(column, there)
            raise type(error)(f"{name}: {error}")
