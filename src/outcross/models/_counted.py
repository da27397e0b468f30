"""Which records count in training: those whose weight is not 0, where every weight is a weight."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from outcross.core.batch import Records
from outcross.core.errors import BadInput

R = TypeVar("R", bound=Records)


def counted(records: R, model: str, one: str) -> R:
    """Return the records of positive weight, of one replicate.

    Parameters
    ----------
    records
        The records, with their training weights.
    model, one
        What an error calls the model, and one of its records: ``"a vae"``, ``"picture"``.

    Raises
    ------
    BadInput
        If a weight is negative or not finite, or no record is left.

    Examples
    --------
    >>> from outcross.core.text import Texts
    >>> counted(Texts.of(["a cat"]), "an ngram", "text").size
    1
    """
    if records.weight is not None:
        if not (np.isfinite(records.weight) & (records.weight >= 0)).all():
            raise BadInput("training weights must be finite and not negative")
        if not records.weight.all():
            records = records.take(np.flatnonzero(records.weight)[None])
    if not records.size:
        raise BadInput(f"{model} cannot be fitted to no {one} at all")
    return records
