"""One line to read a metric of a batch, and the tolerance of a mean over replicates."""

from __future__ import annotations

from typing import Any

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.metric import Metric, Reading


def reading(metric: Metric[Any], sample: Batch, reference: Batch | None = None) -> Reading:
    """What a metric says of a sample, against itself where nothing else is given."""
    found = metric.compare(metric.summarize(sample), metric.summarize(sample if reference is None else reference))
    assert isinstance(found, Reading)
    return found


def read(metric: Metric[Any], sample: Batch, reference: Batch | None = None) -> Floats:
    """The values of that reading."""
    return reading(metric, sample, reference).values


def within(values: Floats, expected: float, errors: float = 4.0) -> bool:
    """Whether the mean over replicates is within so many standard errors of what is expected."""
    return bool(abs(values.mean() - expected) < errors * values.std(ddof=1) / np.sqrt(len(values)))
