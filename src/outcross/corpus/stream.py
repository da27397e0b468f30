"""Tables of any size, a block of rows at a time, so that memory does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from outcross.core.errors import BadInput
from outcross.corpus import jsonl, plain
from outcross.corpus.files import existing, inside, suffix
from outcross.corpus.frames import csv_columns, csv_source, one_line
from outcross.corpus.table import Choice, no_column

if TYPE_CHECKING:
    import polars as pl

ROWS = 10_000
"""Rows of a block, at most."""

CHARACTERS = 2**25
"""Characters of the texts of a block, roughly: rows of a very long text come in smaller blocks."""

READ = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", plain.SUFFIX)
"""What is read, by suffix; all but Parquet also compressed (``.gz``, ``.zst``)."""


def blocks(
    path: Path, columns: Sequence[str] | None = None, rows: int = ROWS, rest: bool = False
) -> Iterator[pl.DataFrame]:
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
    rest
        Whether the other columns come too, where some are wanted.

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
        tables = _csv(path, columns, rows)
    elif kind == ".parquet":
        tables = _parquet(path, columns, rows, rest)
    else:
        tables = _framed(_objects(path, kind), path.name, columns, rows, rest)
    yield from tables if columns is None or rest else (table.select(columns) for table in tables)


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
    objects: Iterator[tuple[int, Mapping[str, object]]], name: str, columns: Sequence[str] | None, rows: int, rest: bool
) -> Iterator[pl.DataFrame]:
    held: list[Mapping[str, object]] = []
    size = 0
    for number, record in objects:
        if columns is not None:
            missing = next((column for column in columns if column not in record), None)
            if missing is not None:
                error = no_column(missing, record)
                raise type(error)(f"line {number} of {name}: {error}")
            record = record if rest else {column: record[column] for column in columns}
        held.append(record)
        size += sum(len(cell) for cell in record.values() if isinstance(cell, str))
        if len(held) == rows or size >= CHARACTERS:
            yield _frame(held, name)
            held, size = [], 0
    if held:
        yield _frame(held, name)


def _frame(records: list[Mapping[str, object]], name: str) -> pl.DataFrame:
    """Records as a table; numbers among texts become texts."""
    import polars as pl

    try:
        return pl.DataFrame(records, infer_schema_length=None, strict=False)
    except (pl.exceptions.PolarsError, TypeError, OverflowError):
        kinds: dict[str, set[str]] = {}
        for record in records:
            for column, cell in record.items():
                kinds.setdefault(column, set()).add(type(cell).__name__)
        nested = [column for column, held in kinds.items() if held & {"list", "dict"}]
        mixed = next((column for column in nested if len(kinds[column] - {"NoneType"}) > 1), (nested or list(kinds))[0])
        raise BadInput(f"{name}: the cells of '{mixed}' are of kinds that no column holds together") from None


def _csv(path: Path, columns: Sequence[str] | None, rows: int) -> Iterator[pl.DataFrame]:
    """Cells stay as they are written, so that a number with a leading zero is written back as it was.

    All columns are read, wanted or not: else a line with a cell too many, a comma without quotation marks most often,
    would lose the end of its text without a word.
    """
    import polars as pl

    source, separator = csv_source(path)
    with one_line(path.name, "CSV"):
        head = csv_columns(path.name, source, separator)
        _present(path.name, columns, head)
        yield from _batches(pl.scan_csv(source, separator=separator, infer_schema=False, glob=False), rows)


def _parquet(path: Path, columns: Sequence[str] | None, rows: int, rest: bool) -> Iterator[pl.DataFrame]:
    import polars as pl

    with one_line(path.name, "Parquet"):
        scan = pl.scan_parquet(path, glob=False)
        _present(path.name, columns, scan.collect_schema().names())
        yield from _batches(scan if columns is None or rest else scan.select(columns), rows)


def _batches(scan: pl.LazyFrame, rows: int) -> Iterator[pl.DataFrame]:
    import warnings

    with warnings.catch_warnings():  # Polars warns that this call may change; its tests here would find out
        warnings.simplefilter("ignore")
        batches = scan.collect_batches(chunk_size=rows)
    for batch in batches:
        for frame in batch.iter_slices(rows):
            if frame.height:
                yield frame


def _present(name: str, columns: Sequence[str] | None, there: Sequence[str]) -> None:
    for column in columns or ():
        if column not in there:
            error = no_column(column, there)
            raise type(error)(f"{name}: {error}")
