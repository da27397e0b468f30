"""Opening files: what a file holds by its name, its lines decompressed, and one clear line where it cannot be read."""

from __future__ import annotations

import gzip
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from outcross.core.errors import BadInput, MissingInput, OutcrossError, nearest

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LONGEST = 200
"""Characters of a path that a message shows."""

COMPRESSED = (".gz", ".zst")
"""Suffixes of files that are decompressed while they are read."""

_IDX = re.compile(r"[.-](idx\d-ubyte)")
"""How the names of IDX files end, some after a full stop and some after a hyphen."""


def suffix(path: Path) -> str:
    """Return what a file holds, by its name: the suffix in lower case, without that of its compression.

    Examples
    --------
    >>> suffix(Path("corpus.JSONL.gz")), suffix(Path("cats.csv")), suffix(Path("train-images-idx3-ubyte.gz"))
    ('.jsonl', '.csv', '.idx3-ubyte')
    """
    inner = Path(path.stem) if path.suffix.lower() in COMPRESSED else path
    name = inner.name.lower()
    idx = _IDX.search(name)
    return f".{idx[1]}" if idx is not None and name.endswith(idx[1]) else inner.suffix.lower()


def existing(path: Path) -> Path:
    """Return the path of a file or folder that is there.

    Raises
    ------
    MissingInput
        If it is not; the nearest name in its folder is offered.

    Examples
    --------
    >>> existing(Path("no-such-folder/corpus.txt"))
    Traceback (most recent call last):
    ...
    outcross.core.errors.MissingInput: no file 'no-such-folder/corpus.txt': there is no folder 'no-such-folder'
    """
    if there(path):
        return path
    shown = str(path) if len(str(path)) <= LONGEST else f"{str(path)[:LONGEST]}..."
    if not there(path.parent):
        raise MissingInput(f"no file '{shown}': there is no folder '{str(path.parent)[:LONGEST]}'")
    try:
        names = [other.name for other in path.parent.iterdir() if not other.name.startswith(".")]
    except OSError:
        names = []
    raise MissingInput(f"no file '{shown}'{nearest(path.name, names)}")


def there(path: Path) -> bool:
    """Return whether there is a file or folder of that name; a text that can be no name is none.

    Examples
    --------
    >>> there(Path(__file__)), there(Path("One cat sleeps. " * 1000))
    (True, False)
    """
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def inside(folder: Path) -> list[Path]:
    """Return the files of a folder and of those in it, in order of their names, without hidden ones.

    Examples
    --------
    >>> Path(__file__) in inside(Path(__file__).parent)
    True
    """
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading, decompressed where its name ends in ``.gz`` or ``.zst``.

    Raises
    ------
    BadInput
        If it cannot be opened, read or decompressed.

    Examples
    --------
    >>> with opened(Path(__file__)) as file:
    ...     file.read(10)
    b'\"\"\"Opening'
    """
    try:
        with _open(path) as file:
            yield file
    except OutcrossError:
        raise
    except (gzip.BadGzipFile, zlib.error, zstd.ZstdError, EOFError) as error:
        raise BadInput(f"{path.name} cannot be decompressed: {str(error).rstrip('.')}") from None
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror or error}") from None


def _open(path: Path) -> IO[bytes]:
    if path.suffix.lower() == ".gz":
        return cast(IO[bytes], gzip.open(path, "rb"))
    if path.suffix.lower() == ".zst":
        return cast(IO[bytes], zstd.open(path, "rb"))
    return path.open("rb")


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file with their numbers from 1, without line ends, and without a byte order mark.

    Examples
    --------
    >>> next(lines(Path(__file__)))[0]
    1
    """
    with opened(path) as file:
        for number, line in enumerate(file, 1):
            text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            yield number, text.rstrip(b"\r\n")


def decoded(line: bytes, place: str) -> str:
    r"""Return a line of UTF-8 as text.

    Raises
    ------
    BadInput
        If it is not UTF-8; ``place`` says where that is.

    Examples
    --------
    >>> decoded(b"na\xefve", "line 3 of notes.txt")
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: line 3 of notes.txt is not UTF-8: byte 0xef at position 3; convert the file to ...
    """
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        byte = f"byte {line[error.start]:#04x} at position {error.start + 1}"
        raise BadInput(f"{place} is not UTF-8: {byte}; convert the file to UTF-8 first") from None
