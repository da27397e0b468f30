"""Are these documents of the same kind as the references? A classifier is asked to tell them apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Ints
from outcross.core.detector import Detector
from outcross.core.documents import Documents, Labelled
from outcross.core.seed import Seed
from outcross.evidence.crossfit import cross_fit
from outcross.evidence.discrimination import auc
from outcross.evidence.kinship import find_kin

MOST = 1_000
"""Documents of each side, at most: more tell no more of how far apart they are."""
FOLDS = 3


@final
@dataclass(frozen=True)
class Distance:
    """How well can a target be told from references that are mixed in the share that was estimated?

    Parameters
    ----------
    auc
        Chance that a target document looks more like the target than a reference does: 1/2 where they are alike.
    z
        By how many standard errors it lies above 1/2.

    Examples
    --------
    >>> Distance(0.5, 0.0).auc
    0.5
    """

    auc: float
    z: float


def distance(
    target: Documents, references: Labelled, share: float, detector: Detector, seed: Seed, groups: Ints | None = None
) -> Distance:
    """Train a detector to tell the target from references of which as large a share is synthetic.

    A target differs from its references legitimately, in its share of synthetic documents. So the references are mixed
    in that share first: what is left to tell them apart by is topic, time, length, another generator.

    Parameters
    ----------
    target
        The documents whose share was estimated.
    references
        Human and synthetic documents.
    share
        The estimate.
    detector
        What is fitted, fold by fold.
    seed
        For which references are taken, and for the folds.
    groups
        What belongs together in the target, shape (N,); kin is found beside it, see `find_kin`.

    Notes
    -----
    Lopez-Paz and Oquab (ICLR 2017), the classifier two-sample test, with the AUC in place of the accuracy; its standard
    error where both are alike is that of Mann and Whitney (1947).

    Examples
    --------
    >>> from outcross.core.part import build
    >>> texts = ["I was so late, sorry!", "It is important to note that time matters."] * 20
    >>> references = Labelled.of(texts, ["human", "synthetic"] * 20)
    >>> examiner = build("detector", "ngram_linear")
    >>> found = distance(Documents.of(["Ja, so was!"] * 20), references, 0.5, examiner, Seed(0))
    >>> found.auc > 0.9
    True
    """
    rng = seed.child("mixture").generator()
    taken = _mixed(references, share, rng)
    chosen = rng.permutation(target.size)[:MOST]
    documents = references.documents.take(taken).join(target.take(chosen))
    known = [f"reference {references.groups[int(place)]}" for place in taken]
    known += [f"target {place if groups is None else groups[int(place)]}" for place in chosen]
    kin = find_kin(documents, known).groups  # or a topic that occurs twice in the target would tell it from all others
    many = min(len(set(kin[: len(taken)])), len(set(kin[len(taken) :]))) >= FOLDS
    both = Labelled(documents, np.repeat([False, True], [len(taken), len(chosen)]), kin if many else tuple(known))
    scores = cross_fit(detector, both, seed.child("two-sample"), FOLDS).scores
    held = np.isfinite(scores)
    found = auc(scores[held], both.synthetic[held])
    m, n = int(both.synthetic[held].sum()), int((~both.synthetic[held]).sum())
    return Distance(found, (found - 0.5) / math.sqrt((m + n + 1) / (12 * m * n)))


def _mixed(references: Labelled, share: float, rng: np.random.Generator) -> Ints:
    """As many references as can be had in this share, none twice."""
    human, machine = rng.permutation(references.humans), rng.permutation(references.machines)
    room = [len(human) / (1 - share)] if share < 1 else []
    room += [len(machine) / share] if share > 0 else []
    total = min(MOST, int(min(room)))
    synthetic = round(share * total)
    return np.concatenate([human[: total - synthetic], machine[:synthetic]])
