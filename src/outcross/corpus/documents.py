"""Documents from files: which column holds the text, who wrote it, what it was written from, what stays together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, final

import numpy as np

from outcross.core.batch import Floats, Ints
from outcross.core.documents import Documents, Labelled, as_synthetic
from outcross.core.errors import BadInput, BadSetting
from outcross.core.seed import Seed
from outcross.corpus.stream import blocks
from outcross.corpus.table import shown

if TYPE_CHECKING:
    import polars as pl

T = TypeVar("T")


@final
@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a table is what.

    Parameters
    ----------
    text
        The documents.
    label
        Who wrote each: ``human`` or ``synthetic``, see `outcross.core.documents.as_synthetic`.
    group
        What must stay together when documents are divided: a prompt, a source document, an author.
    source
        The text that each was written from; or ``FILE:COLUMN``, a column of another table that has the column of
        groups too and says for each group what its documents were written from.
    domain
        The kind of text: thresholds and error rates are found for each.
    generator
        Which model wrote each, for tables of error rates.

    Examples
    --------
    >>> Columns(label="label", group="pair").wanted
    ('text', 'label', 'pair')
    """

    text: str = "text"
    label: str | None = None
    group: str | None = None
    source: str | None = None
    domain: str | None = None
    generator: str | None = None

    @property
    def beside(self) -> tuple[Path, str] | None:
        """The table and the column that hold the sources, where they are in another file."""
        file, colon, column = (self.source or "").rpartition(":")
        return (Path(file), column) if colon and file and column else None

    @property
    def wanted(self) -> tuple[str, ...]:
        """The columns that must be there, each once."""
        source = None if self.beside else self.source
        named = [self.text, self.label, self.group, source, self.domain, self.generator]
        return tuple(dict.fromkeys(name for name in named if name is not None))


@final
@dataclass(frozen=True, eq=False)
class Found:
    """Documents that were read, with what the table says of them.

    Parameters
    ----------
    name
        What the file is called.
    documents
        Texts and sources; rows without a text are left out.
    labels, groups, domains, generators
        One cell a document; None where no column was named.
    empty
        How many rows were left out because they have no text.
    rows
        The row (from 0) that each document was in.

    Examples
    --------
    See `read_documents`.
    """

    name: str
    documents: Documents
    labels: tuple[object, ...] | None = None
    groups: tuple[str, ...] | None = None
    domains: tuple[str, ...] | None = None
    generators: tuple[str, ...] | None = None
    empty: int = 0
    rows: tuple[int, ...] = ()

    def take(self, index: Ints) -> Found:
        """Return the documents at these places with all that is known of them."""
        chosen = [int(place) for place in index]

        def some(cells: tuple[T, ...] | None) -> tuple[T, ...] | None:
            return None if cells is None else tuple(cells[place] for place in chosen)

        return replace(
            self,
            documents=self.documents.take(index),
            labels=some(self.labels),
            groups=some(self.groups),
            domains=some(self.domains),
            generators=some(self.generators),
            rows=tuple(self.rows[place] for place in chosen),
        )

    def labelled(self) -> Labelled:
        """Return the documents with their labels.

        Raises
        ------
        BadInput
            If a label is missing or says neither human nor synthetic, or if no column of labels was named.
        """
        if self.labels is None:
            raise BadSetting(f"{self.name}: name the column that says who wrote each text: --label")
        try:
            flags = as_synthetic(self.labels, (row + 1 for row in self.rows))
            return Labelled.of(self.documents, flags, self.groups, self.domains)
        except BadInput as error:
            raise BadInput(f"{self.name}: {error}") from None


def read_documents(path: Path, columns: Columns, limit: int | None = None) -> Found:
    r"""Read the documents of a table or of a folder of text files.

    Parameters
    ----------
    path
        JSON lines, JSON, CSV, TSV or Parquet; or a folder of text files.
    columns
        Which column is what.
    limit
        Read at most so many rows.

    Raises
    ------
    BadInput
        If it cannot be read, or holds no text.
    MissingInput
        If the file or a column is not there.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.jsonl")
    >>> _ = path.write_text('{"text": "a cat", "by": "human"}\n{"text": "a dog", "by": "llm"}\n')
    >>> read_documents(path, Columns(label="by")).labelled().synthetic.tolist()
    [False, True]
    """
    return _together(path.name, list(stream_documents(path, columns, limit=limit)))


def sample_documents(path: Path, columns: Columns, n: int, seed: Seed) -> tuple[Found, int]:
    r"""Read at most n documents of a table, chosen at random; memory does not grow with the table.

    Parameters
    ----------
    path, columns
        See `read_documents`.
    n
        How many at most.
    seed
        For the choice.

    Returns
    -------
    Found
        The documents, in the order of the table.
    int
        How many documents the table has.

    Notes
    -----
    Every document gets a random number, and those with the n smallest are kept: every set of n is equally likely.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.jsonl")
    >>> _ = path.write_text("".join(f'{{"text": "cat {k}"}}\n' for k in range(100)))
    >>> found, total = sample_documents(path, Columns(), 10, Seed(0))
    >>> found.documents.size, total
    (10, 100)
    """
    if n < 1:
        raise BadSetting(f"a sample has at least one document, not {n}")
    generator = seed.generator()
    kept: list[Found] = []
    keys: list[Floats] = []
    total = 0
    for one in stream_documents(path, columns):
        total += one.documents.size
        kept.append(one)
        keys.append(generator.random(one.documents.size))
        if sum(map(len, keys)) > 2 * n:
            kept, keys = _smallest(kept, keys, n)
    kept, _ = _smallest(kept, keys, n)
    return _together(path.name, kept), total


def _smallest(found: list[Found], keys: list[Floats], n: int) -> tuple[list[Found], list[Floats]]:
    """Of blocks of documents, those with the n smallest keys."""
    every = np.concatenate(keys) if keys else np.empty(0)
    if len(every) <= n:
        return found, keys
    bound = np.partition(every, n - 1)[n - 1]
    chosen = [np.flatnonzero(one <= bound) for one in keys]
    pairs = [(one.take(index), key[index]) for one, key, index in zip(found, keys, chosen, strict=True) if len(index)]
    return [one for one, _ in pairs], [key for _, key in pairs]


def _together(name: str, found: list[Found]) -> Found:
    """Blocks of documents as one."""
    if not any(one.documents.size for one in found):
        raise BadInput(f"{name} is empty: there is no text in it")
    sources = None if found[0].documents.sources is None else [s for one in found for s in one.documents.sources or ()]
    whole = Documents.of((text for one in found for text in one.documents.texts), sources)

    def cells(name: str) -> tuple[object, ...] | None:
        if getattr(found[0], name) is None:
            return None
        return tuple(cell for one in found for cell in getattr(one, name))

    def names(name: str) -> tuple[str, ...] | None:
        held = cells(name)
        return None if held is None else tuple(str(cell) for cell in held)

    rows = tuple(row for one in found for row in one.rows)
    empty = sum(one.empty for one in found)
    return Found(name, whole, cells("labels"), names("groups"), names("domains"), names("generators"), empty, rows)


def stream_documents(path: Path, columns: Columns, limit: int | None = None, rows: int = 10_000) -> Iterator[Found]:
    r"""Yield the documents of a table, a block of rows at a time, see `read_documents`.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.csv")
    >>> _ = path.write_text("text,colour\na cat,blue\n,red\n")
    >>> [(found.documents.texts, found.empty) for found in stream_documents(path, Columns())]
    [(('a cat',), 1)]
    """
    beside = sources_beside(columns)
    start = 0
    for block in blocks(path, columns.wanted, rows):
        frame = block if limit is None else block.head(limit - start)
        if not frame.height:
            break
        yield from_block(frame, columns, path.name, start, beside)
        start += frame.height


def from_block(
    frame: pl.DataFrame,
    columns: Columns,
    name: str = "frame",
    start: int = 0,
    beside: dict[str, str] | None = None,
) -> Found:
    """Return the documents of a block of rows.

    Parameters
    ----------
    frame
        The rows.
    columns
        Which column is what.
    name
        What the table is called in messages.
    start
        Number of rows before the block.
    beside
        The source of each group, where sources are in another table.

    Raises
    ------
    BadInput
        If a cell that should hold a text holds something else.

    Examples
    --------
    >>> import polars as pl
    >>> from_block(pl.DataFrame({"text": ["a cat", None]}), Columns()).rows
    (0,)
    """
    texts = [_text(cell, columns.text, name, start + row) for row, cell in enumerate(frame[columns.text].to_list())]
    kept = [row for row, text in enumerate(texts) if text.strip()]

    def column(wanted: str | None) -> tuple[str, ...] | None:
        if wanted is None:
            return None
        cells = frame[wanted].to_list()
        return tuple("" if cells[row] is None else str(cells[row]) for row in kept)

    groups = column(columns.group)
    marks = None if columns.label is None else frame[columns.label].to_list()
    labels = None if marks is None else tuple(marks[row] for row in kept)
    if beside is not None and groups is not None:
        lost = sorted({group for group in groups if group not in beside})
        if lost:
            raise BadInput(f"{name}: no source is known for the group {shown(lost[0])} (of {len(lost)} such groups)")
        sources: tuple[str, ...] | None = tuple(beside[group] for group in groups)
    else:
        sources = column(columns.source)
    documents = Documents(tuple(texts[row] for row in kept), sources)
    empty, rows = len(texts) - len(kept), tuple(start + row for row in kept)
    return Found(name, documents, labels, groups, column(columns.domain), column(columns.generator), empty, rows)


def sources_beside(columns: Columns) -> dict[str, str] | None:
    """Return the source of each group from another table; None where sources are in the table itself, or nowhere.

    Raises
    ------
    BadSetting
        If no column of groups is named.

    Examples
    --------
    >>> sources_beside(Columns(source="abstract")) is None
    True
    """
    if columns.beside is None:
        return None
    if columns.group is None:
        raise BadSetting("sources in another table are found by the column of groups: name it with --group")
    path, column = columns.beside
    found: dict[str, str] = {}
    for frame in blocks(path, (columns.group, column)):
        for group, source in frame.select(columns.group, column).iter_rows():
            found[str(group)] = "" if source is None else str(source)
    return found


def _text(cell: object, column: str, name: str, row: int) -> str:
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    if not isinstance(cell, str):
        raise BadInput(f"record {row + 1} of {name}: '{column}' is {shown(cell)}, not a text")
    return cell
