"""Arrays: in memory, or in the files of NumPy."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from outcross.core.errors import BadInput, BadSetting
from outcross.corpus import pictures
from outcross.corpus.files import opened
from outcross.corpus.table import Choice, Table, gather, no_column


def table(name: str, given: NDArray[Any] | Sequence[object], choice: Choice) -> Table:
    """Return an array of numbers or of pictures.

    Parameters
    ----------
    name
        What it is called in messages.
    given
        Numbers of shape (n,) or (n, columns), or pictures (see `outcross.corpus.pictures.table`).
    choice
        What is wanted of it.

    Raises
    ------
    BadInput
        If it has another shape.
    BadSetting
        If columns are named: an array's have no names.

    Examples
    --------
    >>> table("array", np.array([[4.5, 1.0], [3.0, 2.0]]), Choice(numbers=None)).values.tolist()
    [[4.5, 1.0], [3.0, 2.0]]
    """
    try:
        array = np.asarray(given)
    except ValueError:
        raise BadInput("an array is needed, not lists of different lengths") from None
    if choice.named:
        raise BadSetting("an array has no named columns: choose its columns before, or give a Polars frame")
    if array.ndim in (3, 4):
        return pictures.table(name, array, choice)
    if array.ndim not in (1, 2):
        wanted = "(records,), (records, columns) or (records, height, width)"
        raise BadInput(f"an array of shape {wanted} is needed, not {array.shape}; or give Rows")
    cells = array[: choice.limit].reshape(len(array[: choice.limit]), -1) if array.size else array
    names = tuple(map(str, range(cells.shape[-1])))
    if cells.size and cells.dtype.kind in "fiu":
        return Table(name, values=cells.astype(np.float64), columns=names)
    rows = (dict(zip(names, row, strict=True)) for row in cells.tolist())
    return gather(name, enumerate(rows, 1), Choice(numbers=names))


def of_strings(name: str, strings: NDArray[Any] | Sequence[object], choice: Choice) -> Table:
    """Return texts or labels, as the column ``text``.

    Examples
    --------
    >>> of_strings("texts", ["a cat", "a dog"], Choice(text="text")).texts
    ['a cat', 'a dog']
    """
    cells = strings.tolist() if isinstance(strings, np.ndarray) else strings
    return gather(name, enumerate(({"text": cell} for cell in cells), 1), choice)


def from_npy(path: Path, choice: Choice) -> Table:
    """Return the array of a ``.npy`` file, as if it were given in memory.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.npy")
    >>> np.save(path, np.eye(6).reshape(6, 2, 3))
    >>> from_npy(path, Choice(numbers=None)).shape
    (2, 3)
    """
    content = _content(path, b"\x93NUMPY")
    with _one_line(path.name):
        array: NDArray[Any] = np.load(content, allow_pickle=False)
    return of_strings(path.name, array, choice) if choice.numbers == () else table(path.name, array, choice)


def from_npz(path: Path, choice: Choice) -> Table:
    """Return an array of a ``.npz`` file, whose other arrays can be its labels.

    Texts, labels and groups are arrays of shape (n,), called by their names. For rows it is the array that ``columns``
    names, or the only one that has two axes or more.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.npz")
    >>> np.savez(path, x=np.eye(6).reshape(6, 2, 3), y=np.array(list("ababab")))
    >>> from_npz(path, Choice(label="y", numbers=None)).labels
    ['a', 'b', 'a', 'b', 'a', 'b']
    """
    content = _content(path, b"PK")
    with _one_line(path.name):
        archive = np.load(content, allow_pickle=False)
        arrays: dict[str, NDArray[Any]] = {name: np.asarray(archive[name]) for name in archive.files}
    for name in choice.named:
        if name not in arrays:
            error = no_column(name, arrays)
            raise type(error)(f"{path.name}: {error}")
    if choice.numbers == ():
        return _named(path.name, arrays, choice)
    found = table(path.name, arrays[_main(path.name, arrays, choice)], Choice(numbers=None, limit=choice.limit))
    if choice.label is None:
        return found
    known = _named(path.name, arrays, Choice(label=choice.label, limit=choice.limit))
    if known.size != found.size:
        raise BadInput(f"{path.name}: '{choice.label}' has {known.size:,} labels for {found.size:,} records")
    return replace(found, labels=known.labels)


def _named(name: str, arrays: dict[str, NDArray[Any]], choice: Choice) -> Table:
    """The cells of arrays that are called by their names."""
    columns = {column: arrays[column].tolist() for column in choice.named}
    if any(arrays[column].ndim != 1 for column in columns) or len({len(cells) for cells in columns.values()}) > 1:
        shapes = ", ".join(f"'{column}' {arrays[column].shape}" for column in columns)
        raise BadInput(f"{name}: texts and labels are arrays of one axis and one length, not {shapes}")
    rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    return gather(name, enumerate(rows, 1), choice)


def _main(name: str, arrays: dict[str, NDArray[Any]], choice: Choice) -> str:
    """The array that holds the records."""
    if choice.numbers is not None:
        if len(choice.numbers) > 1:
            raise BadSetting(f"{name}: the records are one array; name it alone, not {', '.join(choice.numbers)}")
        return choice.numbers[0]
    found = [key for key, array in arrays.items() if array.ndim > 1] or list(arrays)
    if len(found) != 1:
        raise BadInput(f"{name} has {len(found)} arrays; name one with 'columns': {', '.join(found[:12])}")
    return found[0]


def _content(path: Path, magic: bytes) -> io.BytesIO:
    with opened(path) as file:
        content = file.read()
    if not content.startswith(magic):
        raise BadInput(f"{path.name} cannot be read as NumPy: it does not begin as such a file does")
    return io.BytesIO(content)


@contextmanager
def _one_line(name: str) -> Iterator[None]:
    """What NumPy says of a broken file, as one line of ours."""
    try:
        yield
    except (ValueError, EOFError, OSError, KeyError, SyntaxError, zipfile.BadZipFile, zlib.error) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(f"{name} cannot be read as NumPy: {said[:200].rstrip('.')}") from None
