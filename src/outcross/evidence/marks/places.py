"""Texts of files as they lie there, raw: tables a row at a time, all else (HTML, XML, programs) a file at a time."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

from outcross.core.errors import BadInput, MissingInput
from outcross.corpus.files import existing, inside, opened, suffix
from outcross.corpus.stream import CHARACTERS, blocks
from outcross.corpus.table import shown
from outcross.evidence.marks.finding import find_marks
from outcross.evidence.marks.mark import Mark

if TYPE_CHECKING:
    import polars as pl

TABLES = (".jsonl", ".ndjson", ".csv", ".tsv", ".parquet")
"""Suffixes of files with one text a row; a ``.json`` that begins with a bracket is one too."""


@final
@dataclass(frozen=True, slots=True)
class Place:
    """Where a text is.

    Parameters
    ----------
    file
        The file.
    row
        Its row, from 1; in a file that is one text, 1. A file of that kind that is very long is read in pieces of some
        30 million characters, cut at the end of a line, and has a row for each.

    Examples
    --------
    >>> print(Place(Path("cats.jsonl"), 3))
    cats.jsonl:3
    """

    file: Path
    row: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.row}"


def marks_in(path: str | Path, column: str = "text") -> Iterator[tuple[Place, Mark]]:
    r"""Yield the marks in the texts of a file or of a folder, with the place of each text; in little memory.

    Parameters
    ----------
    path
        A table (see `TABLES`), any other file of text, which is one text, or a folder of such files.
    column
        The column of the texts, in tables.

    Raises
    ------
    BadInput
        If a file cannot be read, or a cell is no text.
    MissingInput
        If the file or the column is not there.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "page.html")
    >>> _ = path.write_text('<html><head><meta name="ai-disclosure" content="none"></head></html>')
    >>> [(place.row, mark.says) for place, mark in marks_in(path)]
    [(1, 'ai-disclosure: none')]
    """
    for place, text in texts_in(path, column):
        for mark in find_marks(text):
            yield place, mark


def texts_in(path: str | Path, column: str = "text") -> Iterator[tuple[Place, str]]:
    r"""Yield the texts of a file or of a folder as they are, with their places, see `marks_in`.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.jsonl")
    >>> _ = path.write_text('{"text": "a cat"}\n{"text": "a dog"}\n')
    >>> [(place.row, text) for place, text in texts_in(path)]
    [(1, 'a cat'), (2, 'a dog')]
    """
    folder = Path(path).is_dir()
    for file in files_of(Path(path)):
        if is_table(file) and not (folder and _without(file, column)):
            row = 0
            for block in blocks(file, [column]):
                for text in texts_of(block, column, file.name, row):
                    row += 1
                    yield Place(file, row), text
        elif not _binary(file):  # in a folder, a table of other things is a text like any other
            yield from ((Place(file, row), text) for row, text in enumerate(pieces(file), 1))


def _without(file: Path, column: str) -> bool:
    """Whether a table does not have the column."""
    try:
        next(blocks(file, [column], rows=1), None)
    except MissingInput:
        return True
    return False


def files_of(path: Path) -> list[Path]:
    """Return the file, or the files of a folder that are not binary.

    Raises
    ------
    BadInput
        If a file that was named is binary, or none of a folder is of text.

    Examples
    --------
    >>> [file.name for file in files_of(Path(__file__))]
    ['places.py']
    """
    existing(path)
    if not path.is_dir():
        if not is_table(path) and _binary(path):
            raise BadInput(f"'{path.name}' is no text: there are zero bytes in it")
        return [path]
    files = [file for file in inside(path) if is_table(file) or not _binary(file)]
    if not files:
        raise BadInput(f"the folder '{path}' has no file of text in it")
    return files


def is_table(file: Path) -> bool:
    """Return whether a file has one text a row.

    Examples
    --------
    >>> is_table(Path("cats.jsonl.gz")), is_table(Path("page.html"))
    (True, False)
    """
    if suffix(file) != ".json":
        return suffix(file) in TABLES
    with opened(file) as content:
        return content.read(1024).removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"[")


def texts_of(block: pl.DataFrame, column: str, name: str, before: int = 0) -> list[str]:
    """Return the texts of a block of rows; a cell without one is an empty text.

    Raises
    ------
    BadInput
        If a cell is no text.

    Examples
    --------
    >>> import polars as pl
    >>> texts_of(pl.DataFrame({"text": ["a cat", None]}), "text", "cats.jsonl")
    ['a cat', '']
    """
    cells = block[column].to_list()
    for row, cell in enumerate(cells, before + 1):
        if cell is not None and not isinstance(cell, str):
            raise BadInput(f"record {row} of {name}: '{column}' is {shown(cell)}, not a text")
    return [cell or "" for cell in cells]


def pieces(file: Path, errors: str = "replace") -> Iterator[str]:
    """Yield the text of a file, whole, or in pieces of whole lines where it is very long.

    Parameters
    ----------
    errors
        What becomes of bytes that are not UTF-8: ``replace``, or ``strict`` to refuse them.

    Raises
    ------
    BadInput
        If it cannot be read.

    Examples
    --------
    >>> next(pieces(Path(__file__)))[:10]
    '\"\"\"Texts o'
    """
    decoder = codecs.getincrementaldecoder("utf-8")(errors)
    with opened(file) as content:
        while data := content.read(CHARACTERS):
            data += content.readline(CHARACTERS)
            try:
                yield decoder.decode(data)
            except UnicodeDecodeError as error:
                raise BadInput(f"{file.name} is not UTF-8 (byte {data[error.start]:#04x}); convert it first") from None
        if rest := decoder.decode(b"", final=errors != "strict"):
            yield rest


def _binary(file: Path) -> bool:
    """By a zero byte near the beginning, as version control systems tell."""
    with opened(file) as content:
        return b"\0" in content.read(8192)
