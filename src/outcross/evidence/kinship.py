"""Which documents belong together where nobody said so? Those of one source, duplicates, and those that begin alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Ints
from outcross.core.documents import Documents

OPENING = 12
"""Words that two texts must begin with to be taken for continuations of one prompt."""
DUPLICATES = "the same words"
READ = 100_000
"""Characters of a text that are compared."""
_WORD = re.compile(r"\w+")


@final
@dataclass(frozen=True)
class Kinship:
    """Groups that were found, and what was found.

    Parameters
    ----------
    groups
        The name of each document's group, shape (n,).
    note
        What ties documents, in a sentence; empty where every document stands alone.

    Examples
    --------
    See `find_kin`.
    """

    groups: tuple[str, ...]
    note: str


def find_kin(documents: Documents, groups: Sequence[Hashable] | None = None) -> Kinship:
    """Put documents of one source together, and those whose texts are the same or begin with the same 12 words.

    Texts are compared by their words in small letters; white space and marks do not count. A source or a beginning that
    would put more than half of all documents into one group is left out: a heading is no kinship.

    Parameters
    ----------
    documents
        n documents.
    groups
        What is known to belong together, shape (n,), None where nothing is.

    Examples
    --------
    >>> kin = find_kin(Documents.of(["A cat sat.", "a cat  sat", "A dog ran."]))
    >>> kin.groups, kin.note
    (('document 0', 'document 0', 'document 2'), 'no groups were given; the same words tie 2 documents to another')
    """
    parent = list(range(documents.size))
    if groups is not None:
        parent = _joined(parent, groups)
    said = []
    for what, keys in _ties(documents):
        joined = _joined(parent, keys)
        most, before = (max(Counter(roots).values(), default=0) for roots in (joined, parent))
        heading = what != DUPLICATES and most > before and 2 * most > len(joined) > 3
        if joined != parent and not heading:
            tied = _in_company(joined)
            said.append(f"{what} {'tie' if what.endswith('words') else 'ties'} {tied:,} documents to another")
            parent = joined
    groups = tuple(f"document {root}" for root in parent)
    note = f"no groups were given; {', '.join(said)}" if said else ""
    return Kinship(groups, note)


def akin(others: Documents, known: Documents, part: Ints) -> Ints:
    """Return the part that holds the kin of each other document, shape (n,).

    -1 where it has no kin, or where they are in several parts.

    Parameters
    ----------
    others
        n documents.
    known
        m documents that were divided into parts.
    part
        The part of each known document, from 0, shape (m,).

    Examples
    --------
    >>> known = Documents.of(["A cat sat.", "A dog ran.", "It rains.", "It rains."])
    >>> akin(Documents.of(["a cat  sat", "It snows.", "It rains."]), known, np.array([3, 0, 1, 2])).tolist()
    [3, -1, -1]
    """
    found = np.full(others.size, -1, dtype=np.int64)
    for _, keys in _ties(known.join(others)):
        of: dict[Hashable, int] = {}
        for key, number in zip(keys[: known.size], part.tolist(), strict=True):
            of[key] = number if of.get(key, number) == number else -1
        own = np.array([-1 if key is None else of.get(key, -1) for key in keys[known.size :]], dtype=np.int64)
        found = np.where(found < 0, own, found)
    return found


def marks(documents: Documents) -> NDArray[np.uint64]:
    """Return numbers that tell a document, and those that begin alike, again without keeping the texts; shape (n, 2).

    The first is of all its words, the second of the first twelve; 0 where it has not so many.

    Examples
    --------
    >>> a, b, c = marks(Documents.of(["A cat sat.", "a cat  sat", "It rains."]))[:, 0].tolist()
    >>> a == b, a == c
    (True, False)
    """
    found = [_WORD.findall(text[:READ].lower()) for text in documents.texts]
    rows = [(_mark(one), _mark(one[:OPENING]) if len(one) >= OPENING else 0) for one in found]
    return np.array(rows, dtype=np.uint64).reshape(-1, 2)


def _mark(found: Sequence[str]) -> int:
    return int.from_bytes(blake2b("\0".join(found).encode(errors="replace"), digest_size=8).digest()) if found else 0


def _ties(documents: Documents) -> Iterator[tuple[str, list[Hashable]]]:
    """What may tie documents: a key for each, None where it has none."""
    if documents.sources is not None:
        yield "the source", [source.strip() or None for source in documents.sources]
    found = [_WORD.findall(text[:READ].lower()) for text in documents.texts]
    yield DUPLICATES, [hash(tuple(one)) if one else None for one in found]
    yield "the same first words", [tuple(one[:OPENING]) if len(one) >= OPENING else None for one in found]


def _joined(parent: list[int], keys: Iterable[Hashable]) -> list[int]:
    """The roots after documents of equal keys were joined."""
    above = list(parent)

    def root(place: int) -> int:
        while above[place] != place:
            above[place] = above[above[place]]
            place = above[place]
        return place

    first: dict[Hashable, int] = {}
    for place, key in enumerate(keys):
        if key is not None:
            one, other = root(place), root(first.setdefault(key, place))
            above[max(one, other)] = min(one, other)
    return [root(place) for place in range(len(above))]


def _in_company(roots: list[int]) -> int:
    """How many documents share their group with another."""
    return sum(count for count in Counter(roots).values() if count > 1)
