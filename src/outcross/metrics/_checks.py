"""What a metric refuses to read or to compare, in one clear line, and how it says that a number is missing."""

from __future__ import annotations

from typing import Any

import numpy as np

from outcross.core.batch import Batch, Floats, Records
from outcross.core.errors import BadInput
from outcross.core.metric import Metric, Reading
from outcross.core.part import part_name


def unreadable(metric: Metric[Any], batch: Batch) -> BadInput:
    """Return the error for a batch of a kind that the metric does not read.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> from outcross.core.records import Rows
    >>> print(unreadable(build("metric", "types"), Rows(np.zeros((1, 1, 1)))))
    types reads HasFrequencies, not Rows
    """
    kinds = " or ".join(kind.__name__ for kind in metric.reads)
    return BadInput(f"{part_name(type(metric))} reads {kinds}, not {type(batch).__name__}")


def require_records(metric: Metric[Any], batch: Batch) -> None:
    """Refuse a batch of no record at all; a law and a statistic pass.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> from outcross.core.records import Rows
    >>> require_records(build("metric", "variance"), Rows(np.zeros((1, 0, 1))))
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: variance needs at least one record, and there is none
    """
    if isinstance(batch, Records) and not batch.size:
        raise BadInput(f"{part_name(type(metric))} needs at least one record, and there is none")


def require_same(what: str, one: int, other: int) -> None:
    """Refuse to compare things of different size: NumPy might stretch one to the other without a word.

    Examples
    --------
    >>> require_same("dimensions", 2, 3)
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: a batch of 2 dimensions cannot be compared with one of 3
    """
    if one != other:
        raise BadInput(f"a batch of {one:,} {what} cannot be compared with one of {other:,}")


def reading(values: Floats, reason: str = "the numbers are not finite") -> Reading:
    """Return the values as a reading; the reason counts where one of them is missing.

    Examples
    --------
    >>> reading(np.array([1.0])).reason, reading(np.array([np.nan]), "no record").reason
    ('', 'no record')
    """
    return Reading(values, reason)


def missing(replicates: int, reason: str) -> Reading:
    """Return a reading that no replicate has.

    Examples
    --------
    >>> missing(2, "no groups are known").values.tolist()
    [nan, nan]
    """
    return Reading(np.full(replicates, np.nan), reason)
