"""How far has a long piece of work gone? Told by whoever does it, heard by whoever cares; by nobody otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str, int, int], None]
"""Told what is being done (``"train"``, ``"write"``, ``"score"``), and how many of how many tokens (or records)."""

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have a listener told of everything that is done in the block.

    Examples
    --------
    >>> heard = []
    >>> with listening(lambda what, done, total: heard.append((what, done, total))):
    ...     tell("train", 10, 20)
    >>> tell("train", 20, 20)
    >>> heard
    [('train', 10, 20)]
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(what: str, done: int, total: int) -> None:
    """Say how far it has gone; costs nothing where nobody listens.

    Parameters
    ----------
    what
        What is being done, in one word.
    done, total
        How many of how many tokens, or records where there are no tokens.

    Examples
    --------
    >>> tell("score", 1, 2)
    """
    listener = _listener.get()
    if listener is not None:
        listener(what, done, total)
