"""Keyed hashes that all snapshots share, so that what is sampled of one corpus is sampled of every other too.

The key is public and fixed: two snapshots made years apart hold the same words of what they have in common, which is
what lets them be merged and compared.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Keys: TypeAlias = NDArray[np.uint64]

BINS = 32
"""Into how many parts documents, and words, fall by their hash; what is left out in turn for an interval."""

SPACE = 2**64
"""How many values a hash has: a hash divided by it is uniform on [0, 1)."""

DOCUMENTS, WORDS = range(2)
"""What is counted in all of each part: records, and words."""

_WORD, _TEXT = b"outcross snapshot: word", b"outcross snapshot: text"


def word_keys(words: Iterable[str]) -> Keys:
    """Return the hash of each word: the first 64 bits of its keyed BLAKE2b (RFC 7693).

    Examples
    --------
    >>> word_keys(["cat", "dog"]).tolist() == word_keys(["cat", "dog"]).tolist()
    True
    """
    return _keys(words, _WORD)


def text_keys(texts: Sequence[str]) -> Keys:
    r"""Return the hash of each text whose runs of white space are single spaces already; NFC makes it canonical.

    Two texts with the same canonical form (see `outcross.core.canonical`) have the same hash.

    Examples
    --------
    >>> len(set(text_keys(["Caf\u00e9", "Cafe\u0301"]).tolist()))
    1
    """
    return _keys((text if text.isascii() else unicodedata.normalize("NFC", text) for text in texts), _TEXT)


def bins(keys: Keys) -> NDArray[np.int64]:
    """Return the part that each falls into: the low bits, so that it does not depend on the order by hash.

    Examples
    --------
    >>> bins(np.array([0, 33], dtype=np.uint64)).tolist()
    [0, 1]
    """
    return (keys & np.uint64(BINS - 1)).astype(np.int64)


def _keys(strings: Iterable[str], key: bytes) -> Keys:
    blake2b = hashlib.blake2b
    digests = (blake2b(one.encode("utf-8", "surrogatepass"), digest_size=8, key=key).digest() for one in strings)
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)
