"""Data that every installation has. One data set a file: ``builtin:python-reference`` is ``python_reference.py``."""

from __future__ import annotations

import importlib
import pkgutil

from outcross.core.errors import MissingInput, nearest
from outcross.corpus.table import Choice, Table


def names() -> tuple[str, ...]:
    """Return the names of the data sets that are built in.

    Examples
    --------
    >>> names()
    ('cats', 'digits', 'python-reference')
    """
    return tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__)))


def table(name: str, choice: Choice) -> Table:
    """Return the wanted columns of a data set that is built in.

    Raises
    ------
    MissingInput
        If there is none of that name.

    Examples
    --------
    >>> table("cat", Choice(text="text"))
    Traceback (most recent call last):
    ...
    outcross.core.errors.MissingInput: no built-in data are called 'cat'; did you mean 'cats'?
    """
    if name not in names():
        raise MissingInput(f"no built-in data are called '{name}'{nearest(name, names())}")
    found: Table = importlib.import_module(f"{__name__}.{name.replace('-', '_')}").table(choice)
    return found
