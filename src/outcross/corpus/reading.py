"""Reading human data: from a file, a folder, the hub, what is built in, a population's words, or what is in memory."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Batch, Floats, Ints, Records
from outcross.core.errors import BadInput, BadSetting, MissingInput, nearest
from outcross.core.part import build, parts
from outcross.core.population import Population
from outcross.core.records import Rows, Symbols
from outcross.core.text import Texts, Unit
from outcross.corpus import arrays, builtin, frames, hub, jsonl, pictures, plain
from outcross.corpus.corpus import Corpus
from outcross.corpus.files import COMPRESSED, existing, suffix, there
from outcross.corpus.table import Choice, Table, shown

if TYPE_CHECKING:
    import polars as pl

    from outcross.corpus.hub import Dataset

FORMATS: dict[str, Callable[[Path, Choice], Table]] = {
    ".jsonl": jsonl.table,
    ".ndjson": jsonl.table,
    ".csv": frames.from_csv,
    ".tsv": frames.from_csv,
    ".parquet": frames.from_parquet,
    plain.SUFFIX: plain.table,
    ".npy": arrays.from_npy,
    ".npz": arrays.from_npz,
    ".idx3-ubyte": pictures.from_idx,
    ".idx1-ubyte": pictures.from_idx,
}
"""What reads a file, by its suffix."""

MANY_TYPES = 1000
"""With more types than this, a corpus of symbols notes that each is a group."""


def read(
    spec: str | Path | Sequence[str] | NDArray[Any] | pl.DataFrame | Dataset | Population | Batch,
    *,
    as_: type[Batch],
    text: str = "text",
    columns: Sequence[str] | None = None,
    group: str | None = None,
    unit: Unit = "word",
    limit: int | None = None,
    block: int | None = None,
) -> Corpus:
    """Read human data as what a model is fitted to.

    Parameters
    ----------
    spec
        A file (``.jsonl``, ``.ndjson``, ``.csv``, ``.tsv``, ``.txt``, ``.npy``, ``.npz``, ``-idx3-ubyte``, each also
        ``.gz`` or ``.zst``; ``.parquet``), a folder of text files or of pictures, ``hf:NAME[:CONFIG][/SPLIT]``,
        ``builtin:NAME``, the words of a population such as ``normal(dim=3)``; or data in memory: strings, an array of
        numbers or of pictures, a Polars frame, a data set of the library ``datasets``, a population, a batch.
    as_
        What the model reads: `Texts`, `Rows` or `Symbols`.
    text
        Column of the texts (or of the symbols, where ``columns`` does not name it).
    columns
        Columns of numbers for `Rows`, all of them if None; the column of symbols for `Symbols`; of a ``.npz`` file, the
        array that holds the records.
    group
        Column that says which group a record belongs to. Symbols have no other groups than their types.
    unit
        What a word of a text is: ``word``, ``character`` or ``space``.
    limit
        Read at most so many records.
    block
        Cut every text, in order, into records of so many words, and leave out what is too short for one at its end.
        A text file is one text then, and so is every file of a folder and every row of a table.

    Returns
    -------
    Corpus
        The records (texts without a word left out) or the population, a digest, a source to cite, and notes.

    Raises
    ------
    BadInput
        If the data cannot be read, are empty, or are not what is asked for.
    MissingInput
        If the file or the column is not there.
    MissingLibrary
        If ``hf:`` is asked for without the library ``datasets``, or PNG and JPEG files without Pillow.
    BadSetting
        If what is asked for does not go together.

    Examples
    --------
    >>> print(read(["One cat sleeps.", "Another eats."], as_=Texts))
    texts: 2 records, 7 words
    >>> print(read("builtin:cats", as_=Symbols))
    builtin:cats: 100 records of 2 types
    >>> print(read("builtin:digits", as_=Rows))
    builtin:digits: 1,797 pictures of 8 x 8 pixels
    >>> print(read("normal(dim=3)", as_=Rows))
    normal(dim=3): a population
    """
    if limit is not None and limit < 1:
        raise BadSetting(f"limit must be at least 1, not {limit}")
    if block is not None and block < 1:
        raise BadSetting(f"block must be at least 1, not {block}")
    if block is not None and (as_ is not Texts or isinstance(spec, Batch)):
        raise BadSetting("block cuts texts that are read; leave it out where records are given, or numbers")
    if isinstance(spec, Batch):
        return _given(spec, as_, limit)
    population = spec if isinstance(spec, Population) else _population(spec)
    if population is not None:
        return Corpus.of(str(population), population)
    choice = replace(_choice(as_, text, columns, group, limit), block=block, unit=unit)
    table = _table(spec, choice)
    records, notes = _records(table, as_, unit)
    if table.size == limit:
        notes = (f"read no further than {limit:,} records", *notes)
    return Corpus.of(table.name, records, table.source, (*table.notes, *notes))


def _choice(as_: type[Batch], text: str, columns: Sequence[str] | None, group: str | None, limit: int | None) -> Choice:
    if columns is not None and (isinstance(columns, str) or not columns):
        raise BadSetting(f"columns must be a list of names, not {columns!r}")
    if as_ is Texts:
        if columns:
            raise BadSetting(f"texts come from the column named by 'text'; leave 'columns' out ({', '.join(columns)})")
        return Choice(text=text, label=group, limit=limit)
    if as_ is Rows:
        return Choice(label=group, numbers=None if columns is None else tuple(columns), limit=limit)
    if as_ is not Symbols:
        raise BadSetting(f"data are read as texts, rows or symbols, not as {as_.__name__.lower()}")
    if group is not None:
        raise BadSetting(f"symbols have no other groups than their types; leave 'group' out (given: {group})")
    if columns is not None and len(columns) > 1:
        raise BadSetting(f"symbols come from one column, not from {len(columns)}: {', '.join(columns)}")
    return Choice(label=text if columns is None else columns[0], limit=limit)


# Where the cells come from


def _population(spec: object) -> Population | None:
    """The population that these words build, if they are the words of one (a file called so is ``./normal``)."""
    if not isinstance(spec, str):
        return None
    head, bracket, _ = spec.strip().partition("(")
    called = bracket and head.isidentifier() and spec.strip().endswith(")") and not there(Path(spec))
    if called or head in parts("population"):
        population: Population = build("population", spec)
        return population
    return None


def _table(spec: object, choice: Choice) -> Table:
    if isinstance(spec, str):
        scheme, colon, name = spec.partition(":")
        if colon and scheme == "builtin":
            return builtin.table(name, choice)
        if colon and scheme == "hf":
            return hub.table(name, choice)
        if spec.isidentifier() and not there(Path(spec)):
            named = [*parts("population"), *(f"builtin:{name}" for name in builtin.names())]
            raise MissingInput(f"no file and no population is called '{spec}'{nearest(spec, named)}")
    if isinstance(spec, str) and not spec.strip():
        raise BadInput("no data are named; give a file, 'builtin:NAME', or the words of a population")
    if isinstance(spec, str | Path):
        return _file(Path(spec).expanduser(), choice)
    if hub.is_dataset(spec):
        return hub.from_dataset(spec, choice)
    polars = sys.modules.get("polars")
    if polars is not None and isinstance(spec, polars.DataFrame):
        return frames.from_frame("frame", spec, choice)
    if isinstance(spec, np.ndarray | Sequence):
        return arrays.of_strings("texts", spec, choice) if choice.numbers == () else arrays.table("array", spec, choice)
    raise BadInput(
        f"{type(spec).__name__} is not read; give a file, 'builtin:NAME', strings, an array, a frame or a data set"
    )


def _file(path: Path, choice: Choice) -> Table:
    existing(path)
    if path.is_dir():
        wanted = choice.numbers != () and pictures.within(path)
        return pictures.from_folder(path, choice) if wanted else plain.folder(path, choice)
    kind = suffix(path)
    if kind not in FORMATS:
        raise BadInput(f"cannot read '{path.name}': '{kind}' is not a format that is read{nearest(kind, FORMATS)}")
    if kind == ".parquet" and path.suffix.lower() in COMPRESSED:
        raise BadInput(f"cannot read '{path.name}': Parquet is compressed inside; decompress the file first")
    return FORMATS[kind](path, choice)


# What becomes of them


def _records(table: Table, as_: type[Batch], unit: Unit) -> tuple[Records, tuple[str, ...]]:
    """The records, and notes on what was left out."""
    codes, names = (None, ()) if table.labels is None else by_frequency(table.labels)
    if as_ is Symbols and codes is not None:
        many = (f"each of the {len(names):,} types is a group to a policy that looks at groups",)
        return Symbols(codes[None], len(names), names), many if len(names) > MANY_TYPES else ()
    if as_ is Rows and table.values is not None:
        group = None if codes is None else codes[None]
        values = table.values if table.shape else _usable(table, table.values)
        return Rows(values[None], group=group, names=names, shape=table.shape), ()
    texts = table.texts or ()
    kept = [index for index, string in enumerate(texts) if string.strip()]
    if not kept:
        raise BadInput(f"{table.name} has no text: all of its {table.size:,} records are empty")
    found = Texts.of([texts[index] for index in kept], unit)
    if table.labels is not None:
        codes, names = by_frequency([table.labels[index] for index in kept])
        found = replace(found, group=codes[None], names=names)
    left = len(texts) - len(kept)
    return found, (f"{left:,} empty record{'s' * (left > 1)} left out",) if left else ()


def by_frequency(labels: Sequence[str]) -> tuple[Ints, tuple[str, ...]]:
    """Return a code for each label and the labels by code, the most frequent first.

    Returns
    -------
    codes
        Shape (n,).
    labels
        Each once; those of equal frequency in the order of their first use.

    Examples
    --------
    >>> codes, labels = by_frequency(["blue", "yellow", "yellow"])
    >>> codes.tolist(), labels
    ([1, 0, 0], ('yellow', 'blue'))
    """
    names = tuple(name for name, _ in Counter(labels).most_common())
    codes = {name: code for code, name in enumerate(names)}
    return np.fromiter((codes[label] for label in labels), dtype=np.int64, count=len(labels)), names


def _usable(table: Table, values: Floats) -> Floats:
    """The numbers, if all are finite and no column is constant that should vary."""
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        row, column = wrong[0]
        said = shown(float(values[row, column]))
        raise BadInput(f"record {row + 1} of {table.name}: '{table.columns[column]}' is {said}, not a finite number")
    constant = [
        column
        for column, low, high in zip(table.columns, values.min(axis=0), values.max(axis=0), strict=True)
        if low == high and column not in table.fixed
    ]
    if constant and len(values) > 1:
        first = values[0, table.columns.index(constant[0])]
        others = f", and {len(constant) - 1:,} more are constant" if constant[1:] else ""
        raise BadInput(
            f"'{constant[0]}' of {table.name} is {first:g} in every record{others}: "
            "a constant has no spread to lose; name the columns that vary"
        )
    return values


def _given(batch: Batch, as_: type[Batch], limit: int | None) -> Corpus:
    """Records that are in memory already."""
    wanted, given = as_.__name__.lower(), type(batch).__name__.lower()
    if not isinstance(batch, Records):
        raise BadInput(f"{given} hold no records; {wanted} or a population are needed")
    if not isinstance(batch, as_):
        raise BadInput(f"{wanted} are needed, not {given}")
    if not batch.size:
        raise BadInput(f"the {given} hold no record")
    if limit is not None and limit < batch.size:
        batch = batch.take(np.arange(limit)[None])
    return Corpus.of(given, batch)
