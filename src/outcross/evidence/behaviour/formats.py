"""What a format of logs is, and which there are: every file of the folder of readers is one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, final

from outcross.core.errors import BadInput, nearest
from outcross.evidence.behaviour import readers
from outcross.evidence.behaviour.events import Log
from outcross.evidence.behaviour.records import Record, Records


@final
@dataclass(frozen=True)
class Wanted:
    """Where the texts beside the log are: names of columns, or the source text itself.

    Parameters
    ----------
    source, final
        Column of the text that the answer was written from, and of the text that was handed in; None to take those that
        the format itself has.
    text
        The text that all answers were written from; None where each has its own.

    Examples
    --------
    >>> Wanted(source="abstract").shown({"abstract": "Mice sleep."})
    'Mice sleep.'
    """

    source: str | None = None
    final: str | None = None
    text: str | None = None

    def shown(self, record: Record, otherwise: str | None = None) -> str | None:
        """Return the text that the answer of a record was written from."""
        if self.text is not None:
            return self.text
        return otherwise if self.source is None else column(record, self.source)

    def handed_in(self, record: Record, otherwise: str | None = None) -> str | None:
        """Return the text that was handed in with a record."""
        return otherwise if self.final is None else column(record, self.final)


def column(record: Record, name: str) -> str | None:
    """Return the text of a column that was asked for.

    Raises
    ------
    BadInput
        If there is no such column.

    Examples
    --------
    >>> column({"text": "a"}, "txt")
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: there is no column 'txt'; did you mean 'text'?
    """
    if name not in record:
        raise BadInput(f"there is no column '{name}'{nearest(name, record)}")
    value = record[name]
    return None if value is None else str(value)


class Format(ABC):
    """A format of logs: how it is known again, and how it is read."""

    name: str
    """What it is called."""
    about: str
    """Who writes it, in a few words."""

    @abstractmethod
    def recognises(self, record: Record) -> bool:
        """Return whether a record, the first of a file, is of this format."""

    @abstractmethod
    def logs(self, records: Records, wanted: Wanted) -> Iterator[Log]:
        """Yield the log of every answer."""


@cache
def formats() -> Mapping[str, Format]:
    """Return every format by its name.

    Examples
    --------
    >>> sorted(formats())
    ['aftercare', 'canonical', 'crossley', 'mturk', 'recorder', 'roundtable', 'rrweb']
    """
    found: dict[str, Format] = {}
    for module in iter_modules(readers.__path__):
        if not module.name.startswith("_"):
            one: Format = import_module(f"{readers.__name__}.{module.name}").FORMAT
            found[one.name] = one
    return found


def text_of(value: Any) -> str | None:
    """Return a value if it is a text with something in it.

    Examples
    --------
    >>> text_of("a"), text_of("  "), text_of(3)
    ('a', None, None)
    """
    return value if isinstance(value, str) and value.strip() else None


def number_of(value: Any) -> float | None:
    """Return a value as a number, or None if it is none.

    Examples
    --------
    >>> number_of("12"), number_of(""), number_of(True)
    (12.0, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e18 else None
