"""What a kind of mark is, and which there are: every file of the folder of readers is one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from outcross.evidence.marks import readers
from outcross.evidence.marks.mark import Mark


class Kind(ABC):
    """A kind of mark: how a text that may have one is known at a glance, and how it is read."""

    name: str
    """What it is called."""
    about: str
    """What it is, in a few words."""
    hints: tuple[str, ...] = ()
    """Strings of ASCII in lower case, one of which is in every text with such a mark; the fewer and rarer, the faster.
    Empty for a kind that is made of invisible characters."""
    prose = False
    """Whether it consists of words that a reader sees; these are never stripped."""

    @abstractmethod
    def marks(self, text: str) -> Iterator[Mark]:
        """Yield the marks of this kind in a text."""


@cache
def kinds() -> Mapping[str, Kind]:
    """Return every kind of mark by its name.

    Examples
    --------
    >>> list(kinds())[:4]
    ['aigc', 'c2pa_armour', 'c2pa_html', 'c2pa_text']
    """
    found: dict[str, Kind] = {}
    for module in iter_modules(readers.__path__):
        if not module.name.startswith("_"):
            one: Kind = import_module(f"{readers.__name__}.{module.name}").KIND
            found[one.name] = one
    return found
