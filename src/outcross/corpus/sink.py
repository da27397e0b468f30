"""Writing a table a block of rows at a time: it appears under its name whole, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from outcross.core.errors import BadSetting, OutcrossError, OutputRefused

if TYPE_CHECKING:
    import polars as pl

WRITTEN = (".parquet", ".jsonl", ".ndjson", ".csv")
"""What is written, by suffix."""


@contextmanager
def sink(path: Path) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Give a function that adds rows to a table; when all went well, the table takes its name.

    Parameters
    ----------
    path
        Where the table is to lie: ``.parquet``, ``.jsonl`` or ``.csv``. A file that is there is replaced, in one step,
        when the new one is complete.

    Raises
    ------
    BadSetting
        If the suffix names none of them.
    OutputRefused
        If the folder is not there, or the disk is full.

    Examples
    --------
    >>> import polars as pl
    >>> path = Path(tempfile.mkdtemp(), "cats.parquet")
    >>> with sink(path) as add:
    ...     add(pl.DataFrame({"text": ["a cat"]}))
    ...     add(pl.DataFrame({"text": ["a dog"]}))
    >>> pl.read_parquet(path)["text"].to_list()
    ['a cat', 'a dog']
    """
    kind = path.suffix.lower()
    if kind not in WRITTEN:
        raise BadSetting(f"cannot write '{path.name}': a table is written as {', '.join(WRITTEN)}")
    if not path.parent.is_dir():
        raise OutputRefused(f"cannot write '{path}': there is no folder '{path.parent}'")
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise OutputRefused(f"cannot write '{path}': {error.strerror or error}") from None
    try:
        whole = folder / f"whole{kind}"
        yield _adder(whole)
        _finish(whole)
        if whole.exists():
            whole.replace(path)
    except OSError as error:
        if isinstance(error, OutcrossError):  # what could not be read is no fault of what is written
            raise
        raise OutputRefused(f"cannot write '{path}': {error.strerror or error}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _adder(whole: Path) -> Callable[[pl.DataFrame], None]:
    """Parquet cannot be appended to, so its blocks are files of their own until the end."""
    count = 0

    def add(frame: pl.DataFrame) -> None:
        nonlocal count
        if whole.suffix == ".parquet":
            frame.write_parquet(whole.with_name(f"block-{count:08d}.parquet"))
        else:
            with whole.open("ab") as file:
                if whole.suffix == ".csv":
                    frame.write_csv(file, include_header=not count)
                else:
                    frame.write_ndjson(file)
        count += 1

    return add


def _finish(whole: Path) -> None:
    import polars as pl

    parts = sorted(whole.parent.glob("block-*.parquet"))
    if len(parts) == 1:
        parts[0].rename(whole)
    elif parts:
        frames = [pl.scan_parquet(part, glob=False) for part in parts]
        pl.concat(frames, how="diagonal_relaxed").sink_parquet(whole)
