"""A task on its way to another process and back, as bytes: whatever the work returns or raises comes home, even an
exception or a result that cannot be pickled.
"""

from __future__ import annotations

import io
import pickle
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple, final

from outcross.core.errors import BadInput, OutcrossError


class Packed(NamedTuple):
    """A thing as bytes, and whether it takes the program's main file to load it."""

    data: bytes
    own: bool


def pack(thing: object, what: str) -> Packed:
    """Return a thing as bytes.

    Raises
    ------
    BadInput
        If it cannot be pickled, such as a function that has no name of its own in a module.

    Examples
    --------
    >>> pack(abs, "the work").own
    False
    >>> pack(lambda task: task, "the work")
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: the work cannot be sent to another process: ...
    """
    own = False

    @final
    class Packer(pickle.Pickler):
        def reducer_override(self, found: Any) -> Any:
            nonlocal own
            own |= getattr(found, "__module__", None) == "__main__"
            return NotImplemented

    try:
        Packer(buffer := io.BytesIO(), pickle.HIGHEST_PROTOCOL).dump(thing)
    except Exception as error:
        raise BadInput(
            f"{what} cannot be sent to another process: {error}; use functions and classes that a module defines, "
            "or the engine 'serial'"
        ) from error
    return Packed(buffer.getvalue(), own)


def unpack(data: bytes) -> Any:
    """Return the thing again, in the other process.

    Raises
    ------
    BadInput
        If what it is made of cannot be imported there.
    """
    try:
        return pickle.loads(data)
    except Exception as error:
        raise BadInput(
            f"a worker process cannot load what it was sent: {error}; define it in a module that can be imported, "
            "or use the engine 'serial'"
        ) from error


def perform(work: Callable[[], Callable[[Any], Any]], task: bytes) -> bytes:
    """Return what the work makes of a task, or the exception it raises, as bytes.

    Parameters
    ----------
    work
        Gives the work; called here so that an error in loading it comes home too.
    task
        The packed task.

    Examples
    --------
    >>> outcome(perform(lambda: abs, pack(-1, "a task").data))
    1
    """
    try:
        return pickle.dumps((True, work()(unpack(task))), pickle.HIGHEST_PROTOCOL)
    except BaseException as error:  # SystemExit too: here it would end the worker, there it ends the program
        error.add_note(f"in a worker process:\n{traceback.format_exc().rstrip()}")
        return pickle.dumps((False, _portable(error)), pickle.HIGHEST_PROTOCOL)


def outcome(data: bytes) -> Any:
    """Return what the work returned, or raise what it raised.

    Examples
    --------
    >>> outcome(perform(lambda: len, pack(5, "a task").data))
    Traceback (most recent call last):
    ...
    TypeError: object of type 'int' has no len()
    ...
    """
    sound, found = pickle.loads(data)
    if sound:
        return found
    raise found


def _portable(error: BaseException) -> BaseException:
    """The error itself where it survives the journey, else one that says the same."""
    with suppress(Exception):
        if type(pickle.loads(pickle.dumps(error))) is type(error):
            return error
    return OutcrossError(f"{type(error).__name__}: {error}")
