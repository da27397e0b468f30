"""CSV and Parquet, read with Polars."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from outcross.core.errors import BadInput, OutcrossError
from outcross.corpus.files import COMPRESSED, opened, suffix
from outcross.corpus.table import (
    PEEK,
    Choice,
    Table,
    as_label,
    as_number,
    as_text,
    gather,
    no_column,
    no_numbers,
    said_columns,
)

if TYPE_CHECKING:
    import polars as pl

T = TypeVar("T")


def from_csv(path: Path, choice: Choice) -> Table:
    r"""Return the wanted columns of a table in CSV (commas) or TSV (tabs), whose first line names the columns.

    Where no columns of numbers are named, a column is one if more than half of its first cells are numbers; a cell of
    it that is not one is then an error, not a reason to leave the column out.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.csv")
    >>> _ = path.write_text("colour,mass\nyellow,4.5\nblue,3\n")
    >>> table = from_csv(path, Choice(label="colour", numbers=None))
    >>> table.columns, table.values.tolist(), table.labels
    (('mass',), [[4.5], [3.0]], ['yellow', 'blue'])
    """
    import polars as pl

    source, separator = csv_source(path)
    with one_line(path.name, "CSV"):
        head = csv_columns(path.name, source, separator)
        _present(path.name, choice, head)
        words = [name for name in (choice.text, choice.label) if name is not None]
        frame = pl.read_csv(
            source,
            separator=separator,
            n_rows=choice.rows,
            infer_schema_length=None,
            schema_overrides=dict.fromkeys(words, pl.String),
            glob=False,
        )
    if choice.text is not None:  # Polars reads an empty cell as none; it is an empty text, left out and counted later
        frame = frame.with_columns(pl.col(choice.text).fill_null(""))
    return from_frame(path.name, frame, choice, lambda column: column.dtype == pl.String and _mostly_numbers(column))


def from_parquet(path: Path, choice: Choice) -> Table:
    """Return the wanted columns of a Parquet file; the others are not read.

    Examples
    --------
    >>> import polars as pl, tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.parquet")
    >>> pl.DataFrame({"colour": ["yellow", "blue"]}).write_parquet(path)
    >>> from_parquet(path, Choice(label="colour")).labels
    ['yellow', 'blue']
    """
    import polars as pl

    with one_line(path.name, "Parquet"):
        scan = pl.scan_parquet(path, glob=False)
        wanted = _present(path.name, choice, scan.collect_schema().names())
        scan = scan if wanted is None else scan.select(wanted)
        frame = (scan if choice.rows is None else scan.head(choice.rows)).collect()
    return from_frame(path.name, frame, choice)


def from_frame(
    name: str, frame: pl.DataFrame, choice: Choice, also: Callable[[pl.Series], bool] = lambda column: False
) -> Table:
    """Return the wanted columns of a Polars frame.

    Parameters
    ----------
    name
        What the data are called in messages.
    frame
        The frame.
    choice
        What is wanted.
    also
        Which columns, beside those of a numeric type, are taken for numbers where none are named.

    Examples
    --------
    >>> import polars as pl
    >>> from_frame("cats", pl.DataFrame({"mass": [4.5, 3.0]}), Choice(numbers=None)).values.tolist()
    [[4.5], [3.0]]
    """
    _present(name, choice, frame.columns)
    if choice.block is not None:
        return gather(name, enumerate(frame.select(choice.named).iter_rows(named=True), 1), choice)
    frame = frame if choice.limit is None else frame.head(choice.limit)
    if not frame.height:
        raise BadInput(f"{name} is empty: there is no record in it")
    columns = choice.numbers
    if columns is None:
        numeric = (c.name for c in frame.iter_columns() if c.dtype.is_numeric() or also(c))
        columns = tuple(column for column in numeric if column != choice.label)
        if not columns:
            raise no_numbers(name, frame.columns)
    return Table(
        name,
        None if choice.text is None else _cells(name, frame[choice.text], as_text),
        None if choice.label is None else _cells(name, frame[choice.label], as_label),
        np.stack([_numbers(name, frame[column]) for column in columns], axis=1) if columns else None,
        columns,
        notes=said_columns(columns) if choice.numbers is None else (),
    )


def _present(name: str, choice: Choice, columns: Sequence[str]) -> list[str] | None:
    """The columns to read, or None for all; an error where one that was named is not there."""
    for column in choice.named:
        if column not in columns:
            error = no_column(column, columns)
            raise type(error)(f"{name}: {error}")
    return None if choice.numbers is None else list(choice.named)


def _cells(name: str, column: pl.Series, check: Callable[[object, str], str]) -> list[str]:
    import polars as pl

    if column.dtype in (pl.Categorical, pl.Enum):
        column = column.cast(pl.String)
    return list(_checked(name, column, check))


def _numbers(name: str, column: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A column as numbers, converted at once where that can be done and cell by cell where one must be named."""
    import polars as pl

    if column.dtype.is_numeric() and not column.null_count():
        values = column.cast(pl.Float64).to_numpy()
        if np.isfinite(values).all():
            return values
    return np.fromiter(_checked(name, column, as_number), dtype=np.float64, count=len(column))


def _checked(name: str, column: pl.Series, check: Callable[[object, str], T]) -> Iterator[T]:
    for number, cell in enumerate(column, 1):
        try:
            yield check(cell, column.name)
        except BadInput as error:
            raise BadInput(f"record {number} of {name}: {error}") from None


def _mostly_numbers(column: pl.Series) -> bool:
    cells = [cell for cell in column.head(PEEK) if cell is not None]
    return sum(map(_is_number, cells)) > len(cells) / 2


def _is_number(cell: str) -> bool:
    try:
        as_number(cell, "")
    except BadInput:
        return False
    return True


def csv_source(path: Path) -> tuple[Path | bytes, str]:
    """Return what Polars can read of a table in CSV or TSV, unpacked where it is compressed, and what separates cells.

    Examples
    --------
    >>> csv_source(Path("cats.csv"))[1]
    ','
    """
    source: Path | bytes = path
    if path.suffix.lower() in COMPRESSED:
        with opened(path) as file:
            source = file.read()
    return source, "\t" if suffix(path) == ".tsv" else ","


def csv_columns(name: str, source: Path | bytes, separator: str) -> list[str]:
    r"""Return the names of the columns of a table in CSV, its first line.

    Raises
    ------
    BadInput
        If the first line holds numbers.

    Examples
    --------
    >>> csv_columns("cats.csv", b"colour,mass\nyellow,4.5\n", ",")
    ['colour', 'mass']
    """
    import polars as pl

    head = pl.read_csv(source, separator=separator, n_rows=0, infer_schema=False, glob=False).columns
    if head and all(map(_is_number, head)):
        raise BadInput(f"{name} has no header: its first line holds numbers, not the names of columns")
    return head


@contextmanager
def one_line(name: str, kind: str) -> Iterator[None]:
    """Say in one line of ours what Polars says of a broken file.

    Examples
    --------
    >>> import polars as pl
    >>> with one_line("cats.csv", "CSV"):
    ...     raise pl.exceptions.ComputeError("found more fields than defined")
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: cats.csv cannot be read as CSV: found more fields than defined
    """
    import polars as pl

    try:
        yield
    except OutcrossError:
        raise
    except pl.exceptions.NoDataError:
        raise BadInput(f"{name} is empty: there is no record in it") from None
    except pl.exceptions.PanicException:
        raise BadInput(f"{name} cannot be read as {kind}: the file is damaged") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        said = " ".join(str(error).split())
        reason = re.split(r" (?:The current offset|You might want|Consider setting|Resolved plan)", said)[0]
        raise BadInput(f"{name} cannot be read as {kind}: {reason[:200]}") from None
