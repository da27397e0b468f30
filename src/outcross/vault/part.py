"""A data file of a vault: some rows as Parquet, named by the SHA-256 of its bytes; read only once that is verified."""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, final

import numpy as np

from outcross.core.batch import Ints
from outcross.core.errors import BadInput, NotProven, OutputRefused
from outcross.vault.objects import Objects

if TYPE_CHECKING:
    import polars as pl

ROWS = 2**16
"""Rows of a data file, at most, as they are added."""

FOLDER = "records"


@final
@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of rows, as a head names it.

    Parameters
    ----------
    name
        Where it lies in the vault.
    sha256
        Digest of its bytes, in hexadecimal.
    size
        Number of its bytes.
    first
        Position of its first row in the vault: rows are numbered from 0 in the order in which they came.
    rows
        Number of its rows.

    Examples
    --------
    >>> file = DataFile.of({"name": "records/ab.parquet", "sha256": "ab", "size": 10, "first": 0, "rows": 2})
    >>> file.stop, DataFile.of(file.to_dict()) == file
    (2, True)
    """

    name: str
    sha256: str
    size: int
    first: int
    rows: int

    @property
    def stop(self) -> int:
        """The position behind its last row."""
        return self.first + self.rows

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "name": self.name, "sha256": self.sha256, "size": self.size, "first": self.first, "rows": self.rows
        }  # fmt: skip

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Return the file that plain data tell of."""
        return cls(data["name"], data["sha256"], data["size"], data["first"], data["rows"])


def name_of(sha256: str) -> str:
    """Return the name of the data file with this digest.

    Examples
    --------
    >>> name_of("ab")
    'records/ab.parquet'
    """
    return f"{FOLDER}/{sha256}.parquet"


def write_part(frame: pl.DataFrame, path: Path, *, level: int | None = None) -> tuple[str, int]:
    """Write rows as Parquet, the same bytes for the same rows, and return the file's digest and size.

    Parameters
    ----------
    frame, path
        The rows, and where to.
    level
        Of Zstandard, for a smaller file; None for Snappy, which is what Delta Lake's own writers use.

    Raises
    ------
    OutputRefused
        If they cannot be written: a full disk.

    Examples
    --------
    >>> import polars as pl, tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.parquet")
    >>> digest, size = write_part(pl.DataFrame({"id": ["a"]}), path)
    >>> hashlib.sha256(path.read_bytes()).hexdigest() == digest, path.stat().st_size == size
    (True, True)
    """
    from polars.exceptions import PolarsError

    try:
        codec: Literal["zstd", "snappy"] = "snappy" if level is None else "zstd"
        frame.write_parquet(path, compression=codec, compression_level=level, row_group_size=ROWS, statistics=False)
    except (PolarsError, OSError) as error:
        code = re.search(r"os error ([0-9]+)", str(error))  # Polars tells it in words only
        raise OutputRefused(f"cannot write '{path}': {os.strerror(int(code[1])) if code else error}") from None
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return digest.hexdigest(), path.stat().st_size


def verified(objects: Objects, file: DataFile) -> bytes:
    """Return the bytes of a data file, once they are what the head says.

    Raises
    ------
    NotProven
        If they are not.
    MissingInput
        If the file is not there.

    Examples
    --------
    See `rows`.
    """
    data = objects.read(file.name)
    if len(data) != file.size or hashlib.sha256(data).hexdigest() != file.sha256:
        raise NotProven(f"{file.name} is not what was signed: its bytes have changed; run: outcross vault verify")
    return data


def rows(objects: Objects, file: DataFile, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Return the rows of a data file, whose bytes are verified first.

    Parameters
    ----------
    objects
        Where it lies.
    file
        What the head says of it.
    columns
        The columns that are wanted; None for all.

    Examples
    --------
    >>> import tempfile
    >>> import polars as pl
    >>> from outcross.vault.objects import objects
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "records").mkdir()
    >>> digest, size = write_part(pl.DataFrame({"id": ["a"]}), folder / name_of("x"))
    >>> rows(objects(folder), DataFile(name_of("x"), digest, size, 0, 1))["id"].to_list()
    ['a']
    """
    import polars as pl

    data = io.BytesIO(verified(objects, file))
    return pl.read_parquet(data, columns=None if columns is None else list(columns), use_pyarrow=False)


def scan(
    objects: Objects, files: Sequence[DataFile], columns: Sequence[str] | None = None
) -> Iterator[tuple[DataFile, pl.DataFrame]]:
    """Yield the rows of data files, one file after another, so that memory does not grow with them.

    Examples
    --------
    >>> list(scan(None, []))
    []
    """
    for file in files:
        yield file, rows(objects, file, columns)


def rows_at(
    objects: Objects, files: Sequence[DataFile], positions: Ints, columns: Sequence[str] | None = None
) -> pl.DataFrame:
    """Return the rows at these positions, in their order; only the files that they lie in are read.

    Raises
    ------
    BadInput
        If there is no such position, or none is given.

    Examples
    --------
    >>> rows_at(None, [], np.array([3]))
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: the vault has 0 rows, and others were asked for
    """
    import polars as pl

    wanted = np.unique(positions)
    holding = [f for f in files if np.searchsorted(wanted, f.first) < np.searchsorted(wanted, f.stop)]
    found = []
    for file, frame in scan(objects, holding, columns):
        low, high = np.searchsorted(wanted, [file.first, file.stop])
        found.append(frame[wanted[low:high] - file.first])
    if sum(frame.height for frame in found) < len(wanted):
        raise BadInput(f"the vault has {sum(file.rows for file in files):,} rows, and others were asked for")
    if not found:
        raise BadInput("no row was asked for")
    return pl.concat(found, how="diagonal")[np.searchsorted(wanted, positions)]
