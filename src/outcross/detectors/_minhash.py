"""Digests of texts and MinHash signatures of their runs of words: keyed, so the same on any machine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Ints
from outcross.core.text import tokenize

VERSION = 1
"""Of everything here: a change of any rule makes other fingerprints."""
BYTES = 16
"""Of a digest, and of a key."""
AT_ONCE = 2**15
"""Words whose hashes are held at once, or those of one text if it is longer."""

Hashes = NDArray[np.uint64]
Signatures = NDArray[np.uint32]


def digests(texts: Sequence[str], key: bytes) -> NDArray[np.uint8]:
    """Return the keyed BLAKE2b digest of each text, shape (n, 16)."""
    found = b"".join(_digest(text, key, BYTES) for text in texts)
    return np.frombuffer(found, dtype=np.uint8).reshape(-1, BYTES)


def signatures(texts: Sequence[str], width: int, number: int, key: bytes) -> tuple[Signatures, Ints]:
    """Return the MinHash signatures of texts, and how many runs of words each has.

    Parameters
    ----------
    texts
        The texts.
    width
        Words of a run.
    number
        Hashes of a signature.
    key
        Of all hashes.

    Returns
    -------
    Signatures
        The least of each hash over the runs of a text, shape (n, number); the largest number there is where it has no
        run.
    Ints
        Number of runs, shape (n,).
    """
    least = np.full((len(texts), number), np.iinfo(np.uint32).max, dtype=np.uint32)
    runs = np.zeros(len(texts), dtype=np.int64)
    factors, offsets = _linear(number, key)
    known: dict[str, int] = {}
    start, words, lengths = 0, list[int](), list[int]()
    for place, text in enumerate(texts):
        cut = tokenize(text)
        lengths.append(len(cut))
        for word in cut:
            if word not in known:
                known[word] = int.from_bytes(_digest(word, key, 8), "little")
        words += [known[word] for word in cut]
        if len(words) >= AT_ONCE or place == len(texts) - 1:
            chunk = slice(start, place + 1)
            runs[chunk] = np.maximum(0, np.array(lengths) - width + 1)
            _least(_runs(np.array(words, dtype=np.uint64), lengths, width), runs[chunk], factors, offsets, least[chunk])
            start, words, lengths, known = place + 1, [], [], known if len(known) < AT_ONCE else {}
    return least, runs


def _runs(words: Hashes, lengths: Sequence[int], width: int) -> Hashes:
    """The hash of every run of so many words that lies in one text: a polynomial of its words' hashes, mixed."""
    if len(words) < width:
        return words[:0]
    text = np.repeat(np.arange(len(lengths)), lengths)
    inside = text[: len(words) - width + 1] == text[width - 1 :]
    value = np.zeros(len(inside), dtype=np.uint64)
    for lag in range(width):
        value = value * np.uint64(0x9E3779B97F4A7C15) + words[lag : lag + len(inside)]
    value = value[inside]
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # the mixer of splitmix64
        value = (value ^ (value >> np.uint64(shift))) * np.uint64(factor)
    mixed: Hashes = value ^ (value >> np.uint64(31))
    return mixed


def _least(hashed: Hashes, runs: Ints, factors: Hashes, offsets: Hashes, into: Signatures) -> None:
    """Write the least value of each linear hash over the runs of each text."""
    some = runs > 0
    if not len(hashed):
        return
    starts = np.concatenate([[0], np.cumsum(runs[some])[:-1]])
    for column, (factor, offset) in enumerate(zip(factors, offsets, strict=True)):
        high = ((hashed * factor + offset) >> np.uint64(32)).astype(np.uint32)
        into[some, column] = np.minimum.reduceat(high, starts)


def _linear(number: int, key: bytes) -> tuple[Hashes, Hashes]:
    """Odd factors and offsets of multiply-shift hashing, of the key."""
    found = b"".join(_digest(f"hash {place}", key, 16) for place in range(number))
    pairs = np.frombuffer(found, dtype="<u8").reshape(number, 2).astype(np.uint64)
    return pairs[:, 0] | np.uint64(1), pairs[:, 1]


def _digest(text: str, key: bytes, size: int) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size, key=key).digest()
