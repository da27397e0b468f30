"""Grouped folds: a text and its pair, or two texts of one source or author, are never on both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from outcross.core.batch import Ints
from outcross.core.documents import Flags, Labelled
from outcross.core.errors import BadInput
from outcross.core.seed import Seed


def grouped_folds(groups: Sequence[str], synthetic: Flags, folds: int, seed: Seed) -> Ints:
    """Divide documents into folds, each with its share of both classes, no group in two of them.

    Parameters
    ----------
    groups
        What must stay together, shape (n,).
    synthetic
        Class of each document, shape (n,).
    folds
        Number of folds, at most; there are fewer where there are not as many groups with each class.
    seed
        For the order of groups of one size.

    Returns
    -------
    Ints
        The fold of each document, from 0, shape (n,).

    Raises
    ------
    BadInput
        If there are not two groups with documents of each class that there is.

    Notes
    -----
    Groups are dealt largest first, each to the fold that has had least of the group's classes so far (the greedy rule
    of scikit-learn's ``StratifiedGroupKFold``).

    Examples
    --------
    >>> flags = np.array([False, True] * 4)
    >>> groups = ["a", "a", "b", "b", "c", "c", "d", "d"]
    >>> fold = grouped_folds(groups, flags, 2, Seed(0)).tolist()
    >>> fold[::2] == fold[1::2], sorted(fold)
    (True, [0, 0, 0, 0, 1, 1, 1, 1])
    """
    names = list(dict.fromkeys(groups))
    code = {name: place for place, name in enumerate(names)}
    member = np.array([code[name] for name in groups], dtype=np.int64)
    counts = np.stack([np.bincount(member[synthetic == kind], minlength=len(names)) for kind in (False, True)], axis=1)
    present = counts.sum(axis=0) > 0
    fewest = int((counts[:, present] > 0).sum(axis=0).min(initial=len(names)))
    number = min(folds, fewest)
    if number < 2:
        kind = "human" if present[0] and (counts[:, 0] > 0).sum() < 2 else "synthetic"
        raise BadInput(
            f"the {kind} documents are all of {Counter(groups).most_common(1)[0][0]!r}: scores are only honest on "
            "groups that were not trained on, so two groups with each class are needed at least"
        )
    share = counts / np.maximum(1, counts.sum(axis=0))
    load = np.zeros((number, 2))
    fold = np.empty(len(names), dtype=np.int64)
    shuffled = seed.generator().permutation(len(names))
    for group in shuffled[np.argsort(-counts.max(axis=1)[shuffled], kind="stable")]:
        after = load + share[group]
        cost = [np.sum(np.delete(load, place, axis=0) ** 2) + np.sum(after[place] ** 2) for place in range(number)]
        fold[group] = int(np.argmin(cost))
        load[fold[group]] += share[group]
    return fold[member]


def parts_of(data: Labelled, fold: Ints) -> list[tuple[Ints, Ints]]:
    """Return, for each fold, the places of the documents outside it and of those inside it.

    Examples
    --------
    >>> data = Labelled.of(["a", "b"], ["human", "synthetic"])
    >>> [(out.tolist(), of.tolist()) for out, of in parts_of(data, np.array([1, 0]))]
    [([0], [1]), ([1], [0])]
    """
    if len(fold) != data.size:
        raise BadInput(f"{data.size:,} documents cannot have {len(fold):,} folds")
    return [(np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in range(int(fold.max()) + 1)]
