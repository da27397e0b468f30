r"""Words and marks of many texts at once, as counts: what a loop with a regular expression finds, a block at a time.

Tokens are those of ``\w+(?:['’]\w+)*|[^\w\s]|\n+| {2,}``: words with apostrophes inside, single marks, line breaks and
wide gaps. Whether a token is a known word is told by its first letter and a hash of 64 bits (Karp and Rabin 1987).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Ints
from outcross.core.documents import Flags

BLOCK = 2**17
"""Characters that are looked at once, roughly: what stays in a core's cache."""

RADIX = 0x9E3779B97F4A7C15

OTHER, WORD, MARK, BREAK, BLANK, APOSTROPHE, UPPER = 0, 1, 2, 4, 8, 16, 32
"""What a character is: flags, of which a letter may have two."""

Codes = NDArray[np.unsignedinteger[Any]]
_WORD, _SPACE = re.compile(r"\w"), re.compile(r"\s")


@final
@dataclass(frozen=True)
class Counts:
    """How a text uses words and marks.

    Parameters
    ----------
    known
        How often each known word is there, shape (n, words).
    tokens
        How many words, marks, line breaks and gaps there are, shape (n,).
    characters
        Characters of all of them, shape (n,).
    foreign
        How many of them are not all ASCII, shape (n,).
    capital
        How many begin with a capital letter, shape (n,).
    """

    known: Ints
    tokens: Ints
    characters: Ints
    foreign: Ints
    capital: Ints


def count_tokens(texts: Sequence[str], words: Sequence[str]) -> Counts:
    """Return what `Counts` says of each text.

    Examples
    --------
    >>> counts = count_tokens(["The cat's  hat!"], ["cat's", "!"])
    >>> counts.known.tolist(), counts.tokens.tolist(), counts.characters.tolist(), counts.capital.tolist()
    ([[1, 1]], [5], [14], [1])
    """
    n = len(texts)
    counts = Counts(np.zeros((n, len(words)), np.int64), *(np.zeros(n, np.int64) for _ in range(4)))
    start = size = 0
    for place, text in enumerate(texts):
        size += len(text) + 1
        if size >= BLOCK or place + 1 == n:
            _count(texts[start : place + 1], words, counts, start)
            start, size = place + 1, 0
    return counts


def _count(texts: Sequence[str], words: Sequence[str], counts: Counts, first: int) -> None:
    """Fill in the rows of a block of texts."""
    joined = "\0".join([*texts, ""])
    codes = _codes(joined)
    ends = np.array(list(accumulate(len(text) + 1 for text in texts)), dtype=np.int64) - 1
    kind = _kinds(codes)
    kind[ends] = OTHER
    inside, starts = _tokens(kind)
    at = np.flatnonzero(starts)
    rows = slice(first, first + len(texts))
    edges = np.searchsorted(at, ends)
    counts.tokens[rows] = np.diff(edges, prepend=0)
    counts.characters[rows] = np.diff(np.cumsum(inside)[ends], prepend=0)
    counts.capital[rows] = _of_rows(kind[at] & UPPER > 0, edges)
    owner = np.repeat(np.arange(len(texts)), counts.tokens[rows])
    if not joined.isascii():
        token = np.cumsum(starts) - 1
        foreign = np.zeros(len(at), dtype=np.bool_)
        foreign[token[inside & (codes > 127)]] = True
        counts.foreign[rows] = _of_rows(foreign, edges)
    if words and len(at):
        number = _known(codes, inside, at, words)
        found = np.flatnonzero(number >= 0)
        np.add.at(counts.known, (first + owner[found], number[found]), 1)


def _codes(text: str) -> Codes:
    if text.isascii():
        return np.frombuffer(text.encode(), dtype=np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


@cache
def _kind(code: int) -> int:
    """What a character is."""
    letter = chr(code)
    if _WORD.match(letter):
        return WORD | (UPPER if letter.isupper() else 0)
    if letter in "'’":
        return MARK | APOSTROPHE
    if not _SPACE.match(letter):
        return MARK | (UPPER if letter.isupper() else 0)
    return {"\n": BREAK, " ": BLANK}.get(letter, OTHER)


@cache
def _plain() -> NDArray[np.uint8]:
    """What each character of ASCII is; none of the others."""
    return np.array([_kind(code) for code in range(128)] + [OTHER], dtype=np.uint8)


def _kinds(codes: Codes) -> NDArray[np.uint8]:
    if codes.dtype == np.uint8:
        return _plain()[codes]
    kinds = _plain()[np.minimum(codes, 128)]
    far = np.flatnonzero(codes > 127)
    which, place = np.unique(codes[far], return_inverse=True)
    kinds[far] = np.array([_kind(int(code)) for code in which], dtype=np.uint8)[place]
    return kinds


def _tokens(kind: NDArray[np.uint8]) -> tuple[Flags, Flags]:
    """Which characters are in tokens, and which begin one."""
    word = kind & WORD > 0
    apostrophe = np.flatnonzero(kind & APOSTROPHE)
    apostrophe = apostrophe[(apostrophe > 0) & (apostrophe + 1 < len(kind))]
    joins = apostrophe[word[apostrophe - 1] & word[apostrophe + 1]]
    word[joins] = True
    mark = kind & MARK > 0
    mark[joins] = False
    line = kind == BREAK
    blank = kind == BLANK
    beside = np.zeros(len(kind) + 1, dtype=np.bool_)
    beside[1:-1] = blank[1:] & blank[:-1]
    wide = beside[1:] | beside[:-1]
    starts = mark.copy()
    inside = word | mark | line | wide
    for run in (word, line, wide):
        starts[0] |= run[0]
        starts[1:] |= run[1:] & ~run[:-1]
    return inside, starts


def _of_rows(flags: Flags, edges: Ints) -> Ints:
    """How many are set of each text."""
    total = np.concatenate([[0], np.cumsum(flags)])
    return np.diff(total[edges], prepend=0)


@cache
def _powers(radix: int, count: int) -> NDArray[np.uint64]:
    powers = np.full(count, radix % 2**64, dtype=np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


def _known(codes: Codes, inside: Flags, at: Ints, words: Sequence[str]) -> Ints:
    """The number of each token among the words; -1 for others."""
    room = max(2 * BLOCK, 1 << len(codes).bit_length())
    values = codes.astype(np.uint64)
    values += np.uint64(1)
    values *= inside
    values *= _powers(RADIX, room)[: len(codes)]
    prefix = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(values, out=prefix[1:])
    hashes = np.diff(prefix[at], append=prefix[-1:])
    hashes *= _powers(pow(RADIX, -1, 2**64), room)[at]
    known = np.array([_hash(word) for word in words], dtype=np.uint64)
    order = np.argsort(known)
    place = np.minimum(np.searchsorted(known[order], hashes), len(words) - 1)
    number = order[place]
    first = np.array([ord(word[0]) for word in words])
    same = (known[number] == hashes) & (codes[at] == first[number])
    return np.where(same, number, -1)


@cache
def _hash(word: str) -> int:
    """The hash of a word, as that of a token: ``sum (c_j + 1) r^j`` modulo 2^64."""
    return sum((ord(letter) + 1) * pow(RADIX, place, 2**64) for place, letter in enumerate(word)) % 2**64
