"""What is read of a Parquet file: the columns that are needed, the rows that are wanted, and around what is damaged."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from outcross.core.errors import BadInput
from outcross.corpus.fields import FIELDS, METADATA, TEXT, Fields
from outcross.corpus.frames import one_line
from outcross.corpus.rejected import Rejected

if TYPE_CHECKING:
    import polars as pl

    from outcross.core.batch import Ints

JUDGED = ("origin", "generation", "generator", "digital_source_type", "evidence", "confidence")
"""Fields that may contradict each other, so that a record is rejected for what they say together."""

_QUIET = Lock()
"""Warnings are kept back for all threads at once, and let through again by the last: one at a time."""


def needed(names: Mapping[str, pl.DataType], fields: Fields, columns: Collection[str]) -> list[str]:
    """Return the columns of a table that are wanted, or may be the reason to reject a record; one at least.

    Parameters
    ----------
    names
        The columns, with their types.
    fields
        Which column is which field.
    columns
        The fields that are wanted.

    Examples
    --------
    >>> import polars as pl
    >>> names = {"id": pl.String(), "text": pl.String(), "origin": pl.String(), "url": pl.String()}
    >>> needed(names, Fields(), ["id"]), needed(names, Fields(), ["text"])
    (['id', 'origin'], ['text', 'origin'])
    """
    import polars as pl

    named = {fields.column(name): name for name in FIELDS if fields.column(name) in names}
    rest = {column: kind for column, kind in names.items() if column not in named}
    odd = METADATA in named.values() or any(
        kind.is_nested() or kind in (pl.Binary, pl.Object) for kind in rest.values()
    )
    sure = (pl.String, pl.Categorical, pl.Enum, pl.Date, pl.Datetime, pl.Time)  # as texts they are what they are
    found = []
    for column, kind in names.items():
        if column in rest:
            wanted = odd or METADATA in columns
        else:
            name = named[column]
            wanted = name in columns or (
                name != TEXT and (name in JUDGED or FIELDS[name] is not str or kind not in sure)
            )
        if wanted:
            found.append(column)
    # A frame of no column has no rows: where nothing is wanted, the texts are read, so that records are met at all.
    return found or [fields.column(TEXT) if fields.column(TEXT) in names else next(iter(names))]


def among(numbers: pl.Series, lines: Ints) -> pl.Series:
    """Return which numbers are among these, which are sorted.

    Examples
    --------
    >>> import numpy as np, polars as pl
    >>> among(pl.Series([3, 4, 5]), np.array([1, 4])).to_list()
    [False, True, False]
    """
    import numpy as np
    import polars as pl

    given = numbers.to_numpy()
    if not len(lines):
        return pl.Series(np.zeros(len(given), dtype=np.bool_))
    if len(given) and given[-1] - given[0] == len(given) - 1:  # no gaps, as in a table: the place is the difference
        mask = np.zeros(len(given), dtype=np.bool_)
        first, last = np.searchsorted(lines, [given[0], given[-1] + 1])
        mask[lines[first:last] - given[0]] = True
        return pl.Series(mask)
    at = np.minimum(np.searchsorted(lines, given), len(lines) - 1)
    return pl.Series(lines[at] == given)


def apart(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a few rows of a frame in memory of their own: else they keep alive all that they were chosen from.

    Examples
    --------
    >>> import polars as pl
    >>> apart(pl.DataFrame({"text": ["a cat", None], "mass": [4.5, 3.0]})).rows()
    [('a cat', 4.5), (None, 3.0)]
    """
    import polars as pl

    # Polars shares the bytes of texts between a frame and what is chosen from it; joined ones it writes anew.
    return frame.with_columns(
        pl.concat_str(name, pl.lit("")) for name, kind in frame.schema.items() if kind == pl.String
    )


def slices(
    path: Path, start: int, stop: int, edges: list[int], rows: int, columns: list[str]
) -> Iterator[tuple[int, pl.DataFrame] | Rejected]:
    """Yield rows of a Parquet file; where they cannot be read, row group by row group: only a damaged one is lost.

    Parameters
    ----------
    path
        The file.
    start, stop
        The rows that are wanted.
    edges
        Where the row groups begin and end.
    rows
        Rows of a frame, at most.
    columns
        The columns that are wanted.

    Examples
    --------
    >>> import polars as pl, tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.parquet")
    >>> pl.DataFrame({"mass": range(5)}).write_parquet(path)
    >>> [(at, frame["mass"].to_list()) for at, frame in slices(path, 1, 4, [0, 5], 2, ["mass"])]
    [(1, [1, 2]), (3, [3])]
    """
    at = start
    try:
        for frame in _read(path, start, stop, rows, columns):
            yield at, frame
            at += frame.height
        return
    except BadInput as error:
        said = str(error)
    inner = [at, *(edge for edge in edges if at < edge < stop), stop]
    if len(inner) > 2:
        for first, last in pairwise(inner):
            yield from slices(path, first, last, edges, rows, columns)
    else:
        reason = f"rows {at + 1:,} to {stop:,}: {said}"
        yield Rejected(str(path), at + 1, reason, "damaged", count=max(1, stop - at))


def _read(path: Path, start: int, stop: int, rows: int, columns: list[str]) -> Iterator[pl.DataFrame]:
    import warnings

    import polars as pl

    with one_line(path.name, "Parquet"):
        scan = pl.scan_parquet(path, glob=False).slice(start, stop - start).select(columns)
        with _QUIET, warnings.catch_warnings():  # Polars warns that this call may change; its tests here would find out
            warnings.simplefilter("ignore")
            found = scan.collect_batches(chunk_size=rows)
        for batch in found:
            yield from (frame for frame in batch.iter_slices(rows) if frame.height)
