"""n-grams of texts as columns of numbers, and which of them are the same. Exact: nothing is hashed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Batch, Floats, Ints
from outcross.core.metric import Metric
from outcross.core.text import Texts
from outcross.metrics._checks import unreadable

LARGEST = 2**63 - 1


def texts_of(metric: Metric[Any], batch: Batch) -> Texts:
    """Return the batch, which must be texts.

    Raises
    ------
    BadInput
        If it is something else.
    """
    if not isinstance(batch, Texts):
        raise unreadable(metric, batch)
    return batch


def ngrams(texts: Texts, n: int) -> tuple[Ints, list[NDArray[np.int32]]]:
    """Return every n-gram that lies within one text, in order.

    Returns
    -------
    owner, columns
        The text each n-gram is in, shape (m,), and n arrays of shape (m,): its first words, its second words, ...
    """
    each = np.maximum(texts.lengths - n + 1, 0)
    ends = np.cumsum(each)
    owner = np.repeat(np.arange(texts.size), each)
    place = np.arange(len(owner)) + (texts.starts[:-1] - ends + each)[owner]
    return owner, [texts.codes[place + step] for step in range(n)]


def number(columns: Sequence[NDArray[np.integer]], sizes: Sequence[int]) -> Ints:
    """Return one number for each row of columns; two are equal exactly where the rows are.

    Parameters
    ----------
    columns
        Arrays of shape (m,) with values in 0..size-1.
    sizes
        How many values each column may have.

    Examples
    --------
    >>> number([np.array([0, 1, 0]), np.array([2, 2, 2])], [2, 3]).tolist()
    [2, 5, 2]
    """
    key, span = columns[0].astype(np.int64), sizes[0]
    for column, size in zip(columns[1:], sizes[1:], strict=True):
        if span > LARGEST // size:  # the next column does not fit: number what occurs instead of what could
            values, key = np.unique(key, return_inverse=True)
            span = len(values)
        key = key * size + column
        span *= size
    return key


def distinct_within(texts: Texts, n: int) -> tuple[Floats, Ints]:
    """Return the share of distinct n-grams within each text that has any, and how many n-grams it has."""
    owner, columns = ngrams(texts, n)
    key = number([owner, *columns], [texts.size, *[len(texts.vocabulary)] * n])
    _, first = np.unique(key, return_index=True)
    total = np.bincount(owner, minlength=texts.size)
    distinct = np.bincount(owner[first], minlength=texts.size)
    some = total > 0
    return distinct[some] / total[some], total[some]
