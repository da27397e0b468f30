"""Texts as a stream of events: which symbol follows which, with the beginnings and the ends of texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Ints
from outcross.core.text import Texts


@final
@dataclass(frozen=True, eq=False)
class Events:
    """Every prediction that a model of an order makes over texts: all words of a text, then its end.

    The symbols are the codes of the vocabulary and, after them, the boundary: as a target it is the end of a text, in a
    context it is what stands before the first word, ``order - 1`` times.

    Parameters
    ----------
    targets
        The symbol that is predicted, shape (E,).
    lags
        The symbols before it, the latest first: ``order - 1`` arrays of shape (E,).
    text
        Which text it belongs to, shape (E,).
    starts
        First event of each text, shape (n,).

    Examples
    --------
    >>> events = Events.of(Texts.of(["a a b", "b"]), 2)  # <unk> is 0, a is 1, b is 2, the boundary is 3
    >>> events.targets.tolist(), events.lags[0].tolist()
    ([1, 1, 2, 3, 2, 3], [3, 1, 1, 2, 3, 2])
    """

    targets: Ints
    lags: tuple[Ints, ...]
    text: Ints
    starts: Ints

    @classmethod
    def of(cls, texts: Texts, order: int) -> Events:
        """Return the events of texts, one text after another."""
        boundary, pads = len(texts.vocabulary), order - 1
        text = np.repeat(np.arange(texts.size), texts.lengths + 1)
        starts = texts.starts[:-1] + np.arange(texts.size)
        within = np.ones(len(text), dtype=bool)
        within[starts + texts.lengths] = False
        targets = np.full(len(text), boundary, dtype=np.int64)
        targets[within] = texts.codes
        place = np.arange(len(text)) + (text + 1) * pads
        stream = np.full(len(text) + texts.size * pads, boundary, dtype=np.int64)
        stream[place] = targets
        return cls(targets, tuple(stream[place - lag] for lag in range(1, order)), text, starts)
