"""How good is a classifier on texts that it was not trained on? One division into training and test texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.documents import Labelled
from outcross.core.seed import Seed
from outcross.evidence.evaluation import Performance
from outcross.evidence.folds import grouped_folds, parts_of

Halves = tuple[Labelled, Labelled]


@final
@dataclass(frozen=True)
class Split:
    """What was found on the test texts of one division.

    Parameters
    ----------
    name
        How the texts were divided.
    trained
        Number of texts that were trained on.
    performance
        What the classifier does on the others.

    Examples
    --------
    See `outcross.evidence.study.study`.
    """

    name: str
    trained: int
    performance: Performance


def halves(data: Labelled, seed: Seed) -> dict[str, Halves]:
    """Divide documents into two halves twice: by text, where both halves know every source; and by group.

    Examples
    --------
    >>> data = Labelled.of([f"text {k}" for k in range(8)], [0, 1] * 4, groups=[k // 2 for k in range(8)])
    >>> {name: (train.size, test.size) for name, (train, test) in halves(data, Seed(0)).items()}
    {'by text': (4, 4), 'by group': (4, 4)}
    """
    alone = tuple(f"document {place}" for place in range(data.size))
    found = {}
    for name, groups in (("by text", alone), ("by group", data.groups)):
        fold = grouped_folds(groups, data.synthetic, 2, seed.child(name))
        rest, held = parts_of(data, fold)[0]
        found[name] = (data.take(np.sort(rest)), data.take(np.sort(held)))
    return found
