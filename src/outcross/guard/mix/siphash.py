"""SipHash-2-4 of many byte strings at once: the keyed hash by which records are chosen.

A keyed hash of what a record is gives it a number that nobody can guess who does not know the key, that does not depend
on where the record lies, and that is the same on every machine.

Source: Aumasson and Bernstein (2012), SipHash: a fast short-input PRF, INDOCRYPT, section 2 and appendix A.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Ints
from outcross.core.seed import Seed

if TYPE_CHECKING:
    import polars as pl

Words = NDArray[np.uint64]

BLOCK: Final = 2**14
"""Strings that are hashed at once: few enough that the four words of their states stay in the cache."""

_START: Final = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)


def key_of(seed: Seed) -> tuple[int, int]:
    """Return the key of a seed: its first 128 bits.

    Examples
    --------
    >>> key_of(Seed(0)) == key_of(Seed(1))
    False
    """
    digest = hashlib.blake2b(repr((seed.key, seed.path)).encode(), digest_size=16).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


def keys_of(seeds: list[Seed]) -> Words:
    """Return the keys of several seeds, shape (n, 2).

    Examples
    --------
    >>> keys_of([Seed(0), Seed(1)]).shape
    (2, 2)
    """
    return np.array([key_of(seed) for seed in seeds], dtype=np.uint64).reshape(-1, 2)


def of_texts(texts: pl.Series, keys: Words) -> Words:
    """Return the hash of each text in UTF-8, shape (n,).

    Parameters
    ----------
    texts
        Texts, none of them null.
    keys
        A key for each, shape (n, 2), or one for all, shape (1, 2).

    Examples
    --------
    >>> import polars as pl
    >>> found = of_texts(pl.Series(["a cat", "a dog", "a cat"]), keys_of([Seed(0)]))
    >>> bool(found[0] == found[2]), bool(found[0] == found[1])
    (True, False)
    """
    joined = texts.str.join("").item() if len(texts) else ""
    return of_bytes(np.frombuffer(joined.encode(), np.uint8), texts.str.len_bytes().to_numpy(), keys)


def of_digests(texts: pl.Series, keys: Words) -> Words:
    """Return the hash of the SHA-256 of each text, shape (n,): of long texts that is the faster one.

    Parameters
    ----------
    texts, keys
        As of `of_texts`.

    Examples
    --------
    >>> import polars as pl
    >>> of_digests(pl.Series(["a cat"]), keys_of([Seed(0)])).shape
    (1,)
    """
    import polars as pl

    digests = b"".join(hashlib.sha256(text).digest() for text in texts.cast(pl.Binary))
    return of_numbers(np.frombuffer(digests, "<u8").reshape(-1, 4), keys)


def of_numbers(numbers: Words, keys: Words) -> Words:
    """Return the hash of each row of whole numbers, as so many times eight bytes, shape (n,).

    Examples
    --------
    >>> of_numbers(np.array([[1, 2], [3, 4]], dtype=np.uint64), keys_of([Seed(0)])).shape
    (2,)
    """
    rows = np.ascontiguousarray(numbers if numbers.ndim == 2 else numbers[:, None], dtype="<u8")
    return of_bytes(rows.view(np.uint8).ravel(), np.full(len(rows), 8 * rows.shape[1]), keys)


def of_bytes(data: NDArray[np.uint8], lengths: Ints | NDArray[np.uint32], keys: Words) -> Words:
    """Return SipHash-2-4 of byte strings that lie one after another, shape (n,).

    Parameters
    ----------
    data
        The bytes of all of them.
    lengths
        How many bytes each has, shape (n,).
    keys
        A key for each, shape (n, 2), or one for all, shape (1, 2).

    Examples
    --------
    The vector of appendix A: the bytes 00 to 0e under the key of the bytes 00 to 0f.

    >>> key = np.frombuffer(bytes(range(16)), "<u8").reshape(1, 2)
    >>> hex(of_bytes(np.arange(15, dtype=np.uint8), np.array([15]), key)[0])
    '0xa129ca6149be45e5'
    """
    sizes = lengths.astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    padded = np.zeros((len(data) // 8 + 3) * 8, np.uint8)
    padded[: len(data)] = data
    words = padded.view("<u8").astype(np.uint64, copy=False)
    order = np.argsort(-(sizes >> 3), kind="stable")  # the long ones first: those that go on are always at the front
    found = np.empty(len(sizes), np.uint64)
    for first in range(0, len(order), BLOCK):
        rows = order[first : first + BLOCK]
        found[rows] = _block(words, starts[rows], sizes[rows], keys if len(keys) == 1 else keys[rows])
    return found


def _block(words: Words, starts: Ints, sizes: Ints, keys: Words) -> Words:
    """The hashes of some strings, the long ones first."""
    state = [np.full(len(starts), start, np.uint64) for start in _START]
    for place, word in enumerate(state):
        word ^= keys[:, place & 1]
    spare = np.empty(len(starts), np.uint64)
    right = ((starts & 7) << 3).astype(np.uint64)
    left = np.uint64(64) - right
    at, whole = starts >> 3, sizes >> 3
    low = words[at]
    going = len(starts)
    number = 0
    # A shift by 64 gives 0 in NumPy, so that a string which begins where a word does needs no case of its own.
    while going := int(np.searchsorted(-whole[:going], -number)):
        high = words[at[:going] + (number + 1)]
        message = (low[:going] >> right[:going]) | (high << left[:going])
        _absorb([word[:going] for word in state], message, spare[:going])
        low[:going] = high
        number += 1
    rest = (sizes & 7).astype(np.uint64)
    message = (low >> right) | (words[at + whole + 1] << left)
    message &= (np.uint64(1) << (rest << np.uint64(3))) - np.uint64(1)
    message |= sizes.astype(np.uint64) << np.uint64(56)
    _absorb(state, message, spare)
    state[2] ^= np.uint64(0xFF)
    for _ in range(4):
        _round(state, spare)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _absorb(state: list[Words], message: Words, spare: Words) -> None:
    state[3] ^= message
    _round(state, spare)
    _round(state, spare)
    state[0] ^= message


def _round(state: list[Words], spare: Words) -> None:
    """The SipRound of section 2, figure 2.1."""
    v0, v1, v2, v3 = state
    v0 += v1
    v2 += v3
    _rotate(v1, 13, spare)
    _rotate(v3, 16, spare)
    v1 ^= v0
    v3 ^= v2
    _rotate(v0, 32, spare)
    v2 += v1
    v0 += v3
    _rotate(v1, 17, spare)
    _rotate(v3, 21, spare)
    v1 ^= v2
    v3 ^= v0
    _rotate(v2, 32, spare)


def _rotate(word: Words, by: int, spare: Words) -> None:
    np.right_shift(word, np.uint64(64 - by), out=spare)
    np.left_shift(word, np.uint64(by), out=word)
    word |= spare
