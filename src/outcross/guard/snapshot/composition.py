"""What a snapshot says of its documents: how long they are, how they repeat themselves and one another, who wrote them,
and which groups they belong to.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from outcross.core.errors import BadInput
from outcross.guard.snapshot.estimate import Estimate, Floats, left_out, of_parts
from outcross.guard.snapshot.keys import BINS, DOCUMENTS, WORDS, bins

if TYPE_CHECKING:
    from outcross.guard.snapshot.snapshot import Snapshot

NEAR = 2.0
"""Standard errors of the share to either side, within which the slope of the distribution of lengths is taken."""


def length(snapshot: Snapshot) -> Estimate:
    """Return the mean number of words of a document.

    Examples
    --------
    >>> from outcross.guard.snapshot.snapshot import Snapshot
    >>> length(Snapshot.of(["a cat", "a black dog"])).value
    2.5
    """
    words, documents = (left_out(snapshot.totals[what]) for what in (WORDS, DOCUMENTS))
    return of_parts(words / np.maximum(documents, 1), snapshot.distinct)


def length_quantile(snapshot: Snapshot, share: float) -> Estimate:
    """Return the number of words that this share of the documents do not exceed.

    Between two lengths it lies where the line between the middles of their steps does, so that it is not stuck at
    whole numbers (Hyndman and Fan 1996, definition 5). Left-out parts of the documents move the share of those that are
    shorter, and that moves the quantile by the slope of the distribution around it (Woodruff, JASA 47, 1952; Francisco
    and Fuller, Annals of Statistics 19, 1991): the quantiles without each part would be too rough for that.

    Examples
    --------
    >>> from outcross.guard.snapshot.snapshot import Snapshot
    >>> length_quantile(Snapshot.of(["a cat", "a black dog", "no"]), 0.5).value
    2.0
    """
    texts = snapshot.texts
    order = np.argsort(texts.lengths, kind="stable")
    lengths, start = np.unique(texts.lengths[order], return_index=True)
    table = np.zeros((len(texts.keys), BINS), np.int64)
    table[np.arange(len(texts.keys)), bins(texts.keys)] = texts.copies
    weight = left_out(np.add.reduceat(table[order], start, axis=0))
    middle = (np.cumsum(weight, axis=0) - weight / 2) / np.maximum(weight.sum(axis=0), 1)
    value = np.interp(share, middle[:, 0], lengths)
    shorter = of_parts(np.array([np.interp(value, lengths, column) for column in middle.T]), snapshot.distinct)
    half = max(NEAR * shorter.error, 1e-9)
    near = np.interp([share - half, share + half], middle[:, 0], lengths)
    slope = max(near[1] - value, value - near[0]) / half  # the flatter side of a skew one, to be safe
    return of_parts(value - (np.append(shorter.value, shorter.documents) - shorter.value) * slope, snapshot.distinct)


def repetition(snapshot: Snapshot) -> Estimate:
    """Return the mean share of a text's runs of four words that occurred earlier in it.

    Raises
    ------
    BadInput
        If no text has four words.

    Examples
    --------
    >>> from outcross.guard.snapshot.snapshot import Snapshot
    >>> round(repetition(Snapshot.of(["on and on and on and on"])).value, 2)
    0.5
    """
    texts = snapshot.texts
    some = np.flatnonzero(texts.runs > 0)
    if not len(some):
        raise BadInput("no text has four words")
    share = texts.repeated[some] / texts.runs[some]
    part, copies = bins(texts.keys[some]), texts.copies[some]
    total, number = (_left_out(part, weight) for weight in (share * copies, copies))
    return of_parts(np.divide(total, number, out=np.zeros_like(total), where=number > 0), len(some))


def copies(snapshot: Snapshot, size: float) -> Estimate:
    """Return which share of so many documents of the corpus are there already when they come.

    Notes
    -----
    Here documents vary, not texts: one text that is half of the corpus is half of as much of it again. Each document is
    one of those whose text is there once, or it is not, and by no more than that binomial share does the number of
    different texts vary (by less, Poisson's e^-x (1 - e^-x) of a text being below its x e^-x). The share is that of
    Agresti and Coull (The American Statistician 52, 1998), so that none or all still has an error. Where not all texts
    are held, which ones are adds its own (Horvitz and Thompson, JASA 47, 1952).

    Examples
    --------
    >>> from outcross.guard.snapshot.snapshot import Snapshot
    >>> copies(Snapshot.of(["a cat", "a dog", "a cat", "a cat"]), 4).value
    0.5
    """
    texts, documents = snapshot.texts, max(snapshot.documents, 1)
    size = min(size, documents)
    kept, held = size / documents, texts.fraction
    there = 1 - np.power(1 - kept, texts.copies)
    once = texts.copies * kept * np.power(1 - kept, texts.copies - 1)
    again = np.where(texts.copies > 1, texts.copies * kept - there, 0.0)  # no rounding where there is no copy
    value = float(again.sum()) / size if held == 1 else max(0.0, 1 - float(there.sum()) / held / size)
    single = (min(float(once.sum()) / held, size) + 2) / (size + 4)
    chosen = (1 - held) / held**2 * float((there**2).sum())
    error = math.sqrt(single * (1 - single) / size + chosen / size**2)
    return Estimate(value, np.full(BINS, value), np.full(BINS, value), round(size), own=error)


def share_of(snapshot: Snapshot, chosen: list[str], among: list[str]) -> Estimate:
    """Return which share of the documents of some strata are in others of them.

    Parameters
    ----------
    snapshot
        The snapshot.
    chosen, among
        Names of strata.

    Raises
    ------
    BadInput
        If there is no document among them.

    Examples
    --------
    >>> from outcross.guard.snapshot.snapshot import Snapshot
    >>> share_of(Snapshot.of(["a", "b"], ["x", "y"]), ["x"], ["x", "y"]).value
    0.5
    """
    inside, whole = (_documents(snapshot, names) for names in (chosen, among))
    if not whole[0]:
        raise BadInput("there is no document")
    share = np.divide(inside, whole, out=np.zeros_like(whole), where=whole > 0)
    return replace(of_parts(share, min(int(whole[0]), snapshot.distinct)), counted=True)


def groups(snapshot: Snapshot) -> dict[str, list[str]]:
    """Return the strata of each group that is known, the group with the most documents first.

    Examples
    --------
    >>> from outcross.guard.snapshot.snapshot import Snapshot
    >>> from outcross.guard.snapshot.snapshot import stratum
    >>> list(groups(Snapshot.of(["a", "b"], [stratum(group="news"), stratum()])))
    ['news']
    """
    found: dict[str, list[str]] = {}
    for name in snapshot.strata.names:
        group = name.split("\t", 2)[2]
        if group:
            found.setdefault(group, []).append(name)
    return dict(sorted(found.items(), key=lambda item: (-_documents(snapshot, item[1])[0], item[0])))


def origins(snapshot: Snapshot) -> dict[str, list[str]]:
    """Return the strata of each origin.

    Examples
    --------
    >>> from outcross.guard.snapshot.snapshot import Snapshot
    >>> list(origins(Snapshot.of(["a"])))
    ['unknown']
    """
    found: dict[str, list[str]] = {}
    for name in snapshot.strata.names:
        found.setdefault(name.split("\t", 1)[0], []).append(name)
    return found


def _documents(snapshot: Snapshot, names: list[str]) -> Floats:
    wanted = set(names)
    place = [at for at, name in enumerate(snapshot.strata.names) if name in wanted]
    return left_out(snapshot.strata.held[place].sum(axis=0))


def _left_out(part: NDArray[np.int64], weight: NDArray[np.generic]) -> Floats:
    each = np.bincount(part, weights=weight, minlength=BINS)
    return np.concatenate([[each.sum()], each.sum() - each])
