"""Cells of a table on their way to become records: which columns are wanted, and what a cell must be.

Every source of data gives a `Table`: at most one column of texts, one of labels, and some of numbers. Cells are checked
where they are read, so that a message can say in which line the wrong one stands.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.errors import BadInput, MissingInput, OutcrossError, nearest
from outcross.core.text import Unit
from outcross.corpus.blocks import Cutter

PEEK = 1000
"""How many records are looked at to find the columns of numbers where none are named."""


@final
@dataclass(frozen=True)
class Choice:
    """Which columns are wanted, and as what.

    Parameters
    ----------
    text
        The column of texts.
    label
        The column of labels.
    numbers
        The columns of numbers; None for all there are.
    limit
        How many records to read at most.
    block
        How many words a record has that is cut from a text; None where every text is a record.
    unit
        What a word is.

    Examples
    --------
    >>> Choice(text="text", label="domain").named
    ('text', 'domain')
    """

    text: str | None = None
    label: str | None = None
    numbers: tuple[str, ...] | None = ()
    limit: int | None = None
    block: int | None = None
    unit: Unit = "word"

    @property
    def rows(self) -> int | None:
        """How many rows of a table are needed at most; None where that is not known before they are cut into blocks."""
        return self.limit if self.block is None else None

    @property
    def named(self) -> tuple[str, ...]:
        """Every column that is asked for by its name, once."""
        named = [self.text, self.label, *(self.numbers or ())]
        return tuple(dict.fromkeys(name for name in named if name is not None))


@final
@dataclass(frozen=True, eq=False)
class Table:
    """The cells that were wanted.

    Parameters
    ----------
    name
        What the data are called in messages.
    texts, labels
        Shape (n,), or None where they were not wanted.
    values
        Shape (n, d), or None.
    columns
        Names of the d columns of numbers.
    fixed
        Those among them that are constant by design.
    shape
        (height, width) or (height, width, 3) of the pictures whose pixels the numbers are.
    source
        Whom to cite, and the licence.
    notes
        What a reader of the results should know of the data.

    Examples
    --------
    >>> Table("cats", labels=["yellow", "blue"]).size
    2
    """

    name: str
    texts: Sequence[str] | None = None
    labels: Sequence[str] | None = None
    values: Floats | None = None
    columns: tuple[str, ...] = ()
    fixed: frozenset[str] = frozenset()
    shape: tuple[int, ...] = ()
    source: str = ""
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """n, the number of records."""
        return next(len(cells) for cells in (self.texts, self.labels, self.values) if cells is not None)


def gather(
    name: str, records: Iterable[tuple[int, Mapping[str, object]]], choice: Choice, place: str = "record"
) -> Table:
    """Return the wanted cells of a stream of records, reading no further than the limit.

    Parameters
    ----------
    name
        What the data are called in messages.
    records
        Records with their numbers.
    choice
        What is wanted.
    place
        What a number counts, for messages: ``"line"``, ``"record"``.

    Raises
    ------
    BadInput
        If there is no record, or a cell is not what is wanted.
    MissingInput
        If a record has no such column.

    Examples
    --------
    >>> gather("cats.jsonl", [(1, {"txt": "a cat"})], Choice(text="text"), "line")
    Traceback (most recent call last):
    ...
    outcross.core.errors.MissingInput: line 1 of cats.jsonl: no column 'text'; did you mean 'txt'?
    """
    cutter = None if choice.block is None else Cutter(choice.block, choice.unit)
    if cutter is not None and choice.text is not None:
        records = cutter.records(records, choice.text)
    stream = islice(records, choice.limit)
    head = list(islice(stream, PEEK if choice.numbers is None else 1))
    if not head and cutter is not None and cutter.left:
        raise BadInput(f"{name} has no text of {cutter.said}; lower the size of a block")
    if not head:
        raise BadInput(f"{name} is empty: there is no record in it")
    columns = choice.numbers
    if columns is None:
        columns = _columns_of_numbers([record for _, record in head], choice, name)
    texts: list[str] = []
    labels: list[str] = []
    values = array("d")
    for number, record in chain(head, stream):
        try:
            if choice.text is not None:
                texts.append(as_text(_cell(record, choice.text), choice.text))
            if choice.label is not None:
                labels.append(as_label(_cell(record, choice.label), choice.label))
            for column in columns:
                values.append(as_number(_cell(record, column), column))
        except OutcrossError as error:
            raise type(error)(f"{place} {number} of {name}: {error}") from None
    return Table(
        name,
        texts if choice.text is not None else None,
        labels if choice.label is not None else None,
        np.frombuffer(values, dtype=np.float64).reshape(-1, len(columns)) if columns else None,
        tuple(columns),
        notes=(*(said_columns(columns) if choice.numbers is None else ()), *(() if cutter is None else cutter.notes)),
    )


def said_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the note that says which columns of numbers were found.

    Examples
    --------
    >>> said_columns(["height", "weight"])
    ('columns of numbers: height, weight',)
    """
    more = f" and {len(columns) - 12:,} more" if len(columns) > 12 else ""
    return (f"columns of numbers: {', '.join(columns[:12])}{more}",)


def _columns_of_numbers(records: Sequence[Mapping[str, object]], choice: Choice, name: str) -> tuple[str, ...]:
    """The columns whose first cell that is not empty is a number."""
    seen: dict[str, bool] = {}
    for record in records:
        for column, cell in record.items():
            if cell is not None and column != choice.label:
                seen.setdefault(column, isinstance(cell, int | float) and not isinstance(cell, bool))
    found = tuple(column for column, numeric in seen.items() if numeric)
    if not found:
        raise no_numbers(name, seen)
    return found


def no_numbers(name: str, columns: Iterable[str]) -> BadInput:
    """Return the error that says that data have no column of numbers.

    Examples
    --------
    >>> str(no_numbers("cats.csv", ["colour"]))
    'cats.csv has no column of numbers; there are: colour'
    """
    return BadInput(f"{name} has no column of numbers{nearest('', columns)}")


def no_column(column: str, columns: Iterable[str]) -> MissingInput:
    """Return the error that says that a column is not there, and offers the nearest one.

    Examples
    --------
    >>> str(no_column("txt", ["id", "text"]))
    "no column 'txt'; did you mean 'text'?"
    """
    return MissingInput(f"no column '{column}'{nearest(column, columns)}")


def _cell(record: Mapping[str, object], column: str) -> object:
    try:
        return record[column]
    except KeyError:
        raise no_column(column, record) from None


def as_text(cell: object, column: str) -> str:
    """Return a cell that must be a text.

    Examples
    --------
    >>> as_text(["a", "b"], "text")
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: 'text' is a list, not a text
    """
    if not isinstance(cell, str):
        raise BadInput(f"'{column}' is {shown(cell)}, not a text")
    try:
        cell.encode()
    except UnicodeEncodeError as error:
        raise BadInput(
            f"'{column}' is not a Unicode text: half of a surrogate pair at character {error.start + 1}"
        ) from None
    return cell


def as_label(cell: object, column: str) -> str:
    """Return a cell that names a group or a type: a text, a whole number, or true or false.

    Examples
    --------
    >>> as_label("yellow", "colour"), as_label(7, "colour"), as_label(True, "colour")
    ('yellow', '7', 'true')
    """
    if isinstance(cell, str) and cell.strip():
        return as_text(cell, column)
    if isinstance(cell, bool | np.bool_):
        return str(cell).lower()
    if isinstance(cell, int | np.integer):
        return str(cell)
    raise BadInput(f"'{column}' is {shown(cell)}, not a label")


def as_number(cell: object, column: str) -> float:
    """Return a cell that must be a finite number, or a text that says one.

    Examples
    --------
    >>> as_number("1e3", "mass")
    1000.0
    >>> as_number("heavy", "mass")
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: 'mass' is 'heavy', not a number
    """
    if isinstance(cell, int | float | str) and not isinstance(cell, bool):
        try:
            number = float(cell)
        except (ValueError, OverflowError):
            number = math.nan
        if math.isfinite(number):
            return number
    raise BadInput(f"'{column}' is {shown(cell)}, not a {'finite ' * isinstance(cell, float)}number")


def shown(cell: object) -> str:
    """Return a cell as a message shows it.

    Examples
    --------
    >>> shown(None), shown({"a": 1}), shown("x" * 100)
    ('empty', 'an object', "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'")
    """
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return "empty"
    if isinstance(cell, Mapping):
        return "an object"
    if isinstance(cell, list | tuple | np.ndarray):
        return "a list"
    if isinstance(cell, str):
        return repr(cell if len(cell) <= 40 else f"{cell[:30]}...")
    return str(cell).lower() if isinstance(cell, bool) else str(cell)[:40]
