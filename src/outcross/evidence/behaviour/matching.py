"""Where pieces of one text stand in another, in time that grows with their lengths, not with the product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

INDEXED = 200_000
"""Pieces of a text that are looked up, at most: of longer texts every second, third, ... is."""

TRIED = 8
"""Places that are tried for one piece, at most."""

RUN = 5
"""Words in a row that two texts have in common only if one was copied from the other, with rare exceptions."""


def blocks(text: str, free: NDArray[Any], other: str, shortest: int) -> Iterator[tuple[int, int, int]]:
    """Yield blocks of a text that stand in another one as well: place in the text, place in the other, length.

    Parameters
    ----------
    text
        What is looked through, from its beginning.
    free
        Which characters of it may be matched, boolean, shape (n,); the caller may take some away while it goes on.
    other
        Where they are looked for.
    shortest
        Fewest characters of a block.

    Notes
    -----
    Every ``shortest`` characters of the other text are indexed; at each free place the longest of a few matches is
    taken (greedily, as in Rabin-Karp "running Karp-Rabin matching and greedy string tiling", Wise 1993, without its
    search for the longest tile first).

    Examples
    --------
    >>> import numpy as np
    >>> list(blocks("a big black cat", np.ones(15, bool), "that black cat", 4))
    [(5, 4, 10)]
    """
    if shortest > len(other) or shortest > len(text):
        return
    step = max(1, len(other) // INDEXED)
    index: dict[str, list[int]] = {}
    for start in range(0, len(other) - shortest + 1, step):
        places = index.setdefault(other[start : start + shortest], [])
        if len(places) < TRIED:
            places.append(start)
    done = 0
    for place in np.flatnonzero(free).tolist():
        found = index.get(text[place : place + shortest]) if place >= done else None
        if found is None:
            continue
        there, length = max(((at, common(text, place, other, at)) for at in found), key=lambda pair: pair[1])
        taken = free[place : place + length]
        length = length if taken.all() else int(taken.argmin())
        if length >= shortest:
            yield place, there, length
            done = place + length


def common(text: str, place: int, other: str, there: int) -> int:
    """Return how many characters from these two places on are the same, by doubling and then halving the step.

    Examples
    --------
    >>> common("a black cat", 2, "blackbird", 0)
    5
    """
    limit = min(len(text) - place, len(other) - there)
    length, step = 0, 32
    while step:
        if length + step <= limit and text.startswith(other[there + length : there + length + step], place + length):
            length, step = length + step, step * 2
        else:
            step //= 2
    return length


_WORD = re.compile(r"\w+")


def copied(text: str, source: str, run: int = RUN) -> float:
    """Return the share of the words of a text that stand in runs of words which are in the source too.

    Case, punctuation and white space do not count. A text shorter than a run counts whole or not at all.

    Parameters
    ----------
    text
        What may have been copied.
    source
        From what.
    run
        Number of words in a row.

    Examples
    --------
    >>> source = "The mice that slept for ten hours learned twice as fast."
    >>> copied("Mice that slept for ten hours learned.", source), copied("Sleep helps mice to learn fast.", source)
    (1.0, 0.0)
    """
    words = _WORD.findall(text.lower())
    there = _WORD.findall(source.lower())
    if not words:
        return 0.0
    run = min(run, len(words))
    known = {tuple(there[start : start + run]) for start in range(len(there) - run + 1)}
    end = covered = 0
    for start in range(len(words) - run + 1):
        if tuple(words[start : start + run]) in known:
            covered += start + run - max(end, start)
            end = start + run
    return covered / len(words)
