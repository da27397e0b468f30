"""One root for every error a user can meet, with children that are also the standard kind.

A message says what was given and what would do; `nearest` finds the name that was probably meant.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class OutcrossError(Exception):
    """Anything outcross refuses to do, with one clear line saying why.

    Examples
    --------
    >>> issubclass(BadSetting, OutcrossError) and issubclass(BadSetting, ValueError)
    True
    """


class BadSetting(OutcrossError, ValueError):
    """A setting is out of range, of the wrong type, or does not go with another one.

    Examples
    --------
    >>> raise BadSetting("anchor: real must lie in [0, 1], not 1.5")
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadSetting: anchor: real must lie in [0, 1], not 1.5
    """


class UnknownPart(OutcrossError, LookupError):
    """No part of that kind has that name, or the part has no such setting.

    Examples
    --------
    >>> issubclass(UnknownPart, LookupError)
    True
    """


class BadInput(OutcrossError, ValueError):
    """The data cannot be read, or are not what the model needs.

    Examples
    --------
    >>> issubclass(BadInput, ValueError)
    True
    """


class MissingInput(OutcrossError, FileNotFoundError):
    """A file, a folder or a column that was named is not there.

    Examples
    --------
    >>> str(MissingInput("no file 'corpus.jsonl'"))
    "no file 'corpus.jsonl'"
    """


class OutputRefused(OutcrossError, OSError):
    """The result cannot be written: the disk is full, or it would overwrite another run.

    Examples
    --------
    >>> issubclass(OutputRefused, OSError)
    True
    """


class MissingLibrary(OutcrossError, ImportError):
    """An optional library is not installed; the message names the extra that brings it.

    Examples
    --------
    >>> issubclass(MissingLibrary, ImportError)
    True
    """


class WorkerLost(OutcrossError, RuntimeError):
    """A worker process ended before its task was done: killed for lack of memory, most often.

    Examples
    --------
    >>> issubclass(WorkerLost, RuntimeError)
    True
    """


class Shortage(OutcrossError, ValueError):
    """What was asked for cannot be met by what is there; the message says what is short, and by how many.

    Examples
    --------
    >>> issubclass(Shortage, ValueError)
    True
    """


class OutOfMemory(OutcrossError, MemoryError):
    """A model and a batch do not fit into memory; the message says which setting to lower.

    Examples
    --------
    >>> issubclass(OutOfMemory, MemoryError)
    True
    """


class Diverged(OutcrossError, ArithmeticError):
    """Training gave a loss that is not a finite number.

    Examples
    --------
    >>> issubclass(Diverged, ArithmeticError)
    True
    """


class NotFitted(OutcrossError, ValueError, AttributeError):
    """Something was asked of an estimator that was not fitted yet.

    Examples
    --------
    >>> issubclass(NotFitted, ValueError) and issubclass(NotFitted, AttributeError)  # as scikit-learn's own
    True
    """


class NotProven(OutcrossError, ValueError):
    """A proof, a signature or a digest does not hold.

    Examples
    --------
    >>> issubclass(NotProven, ValueError)
    True
    """


def nearest(given: str, names: Iterable[str]) -> str:
    """What was probably meant: a hint to end an error message with.

    Parameters
    ----------
    given
        The name that was not found.
    names
        The names that exist.

    Returns
    -------
    str
        ``"; did you mean 'x'?"`` where one is close, else the names that exist (the first dozen).

    Examples
    --------
    >>> nearest("acumulate", ["replace", "accumulate"])
    "; did you mean 'accumulate'?"
    >>> nearest("zzz", ["replace", "accumulate"])
    '; there are: accumulate, replace'
    """
    known = sorted(names)
    close = difflib.get_close_matches(given, known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean '{close[0]}'?"
    more = f" and {len(known) - 12} more" if len(known) > 12 else ""
    return f"; there are: {', '.join(known[:12])}{more}" if known else ""


_NO_MEMORY = ("out of memory", "not enough memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED")
"""What an exhausted allocator says: PyTorch raises a RuntimeError on every device, and words are all they share."""


@contextmanager
def memory_guard(advice: str) -> Iterator[None]:
    """Turn every way of running out of memory in the block, a GPU's too, into one clear line.

    Parameters
    ----------
    advice
        What would help, for example ``"lower batch"``.

    Raises
    ------
    OutOfMemory
        If something in the block did not fit into memory.

    Examples
    --------
    >>> with memory_guard("lower batch"):
    ...     raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes")
    Traceback (most recent call last):
    ...
    outcross.core.errors.OutOfMemory: out of memory; lower batch
    """
    try:
        yield
    except OutOfMemory:
        raise
    except MemoryError:
        raise OutOfMemory(f"out of memory; {advice}") from None
    except RuntimeError as error:
        if any(words in str(error) for words in _NO_MEMORY):
            raise OutOfMemory(f"out of memory; {advice}") from None
        raise
