"""SipHash-2-4 of many strings at once is SipHash-2-4 of each."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

from outcross.core.seed import Seed
from outcross.guard.mix.siphash import keys_of, of_bytes, of_digests, of_numbers, of_texts

FULL = 2**64 - 1


def scalar(data: bytes, first: int, second: int) -> int:
    """The algorithm as section 2 of the paper writes it, one string, in Python's integers."""
    v = [
        first ^ 0x736F6D6570736575,
        second ^ 0x646F72616E646F6D,
        first ^ 0x6C7967656E657261,
        second ^ 0x7465646279746573,
    ]

    def turned(word: int, by: int) -> int:
        return ((word << by) | (word >> (64 - by))) & FULL

    def rounds(number: int) -> None:
        for _ in range(number):
            v[0], v[2] = (v[0] + v[1]) & FULL, (v[2] + v[3]) & FULL
            v[1], v[3] = turned(v[1], 13) ^ v[0], turned(v[3], 16) ^ v[2]
            v[0] = turned(v[0], 32)
            v[2], v[0] = (v[2] + v[1]) & FULL, (v[0] + v[3]) & FULL
            v[1], v[3] = turned(v[1], 17) ^ v[2], turned(v[3], 21) ^ v[0]
            v[2] = turned(v[2], 32)

    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 255])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 255
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def test_the_vector_of_the_paper() -> None:
    """Aumasson and Bernstein (2012), appendix A."""
    key = np.frombuffer(bytes(range(16)), "<u8").reshape(1, 2)
    assert of_bytes(np.arange(15, dtype=np.uint8), np.array([15]), key).tolist() == [0xA129CA6149BE45E5]
    assert scalar(bytes(range(15)), *map(int, key[0])) == 0xA129CA6149BE45E5


def test_strings_of_all_lengths_under_keys_of_their_own() -> None:
    rng = np.random.default_rng(5)
    strings = [rng.bytes(length) for length in [*range(70), 0, 0, 255, 256, 257, 1000]]
    strings = [strings[place] for place in rng.permutation(len(strings))]
    keys = rng.integers(0, 2**64, (len(strings), 2), dtype=np.uint64)
    data = np.frombuffer(b"".join(strings), np.uint8)
    found = of_bytes(data, np.array([len(one) for one in strings]), keys)
    assert found.tolist() == [scalar(one, *map(int, key)) for one, key in zip(strings, keys, strict=True)]


def test_more_strings_than_a_block_has() -> None:
    texts = pl.Series([f"Cat {'é' * (n % 9)}{n}" for n in range(20_000)])
    keys = keys_of([Seed(3)])
    found = of_texts(texts, keys)
    some = range(0, len(texts), 997)
    assert [int(found[n]) for n in some] == [scalar(texts[n].encode(), *map(int, keys[0])) for n in some]
    assert len(np.unique(found)) == len(texts)


def test_numbers_and_digests() -> None:
    keys = keys_of([Seed(3), Seed(4)])
    numbers = np.array([[1, 2], [2**64 - 1, 0]], np.uint64)
    words = [b"".join(int(one).to_bytes(8, "little") for one in row) for row in numbers]
    assert of_numbers(numbers, keys).tolist() == [scalar(w, *map(int, k)) for w, k in zip(words, keys, strict=True)]
    digest = hashlib.sha256("katé".encode()).digest()
    assert of_digests(pl.Series(["katé"]), keys[:1]).tolist() == [scalar(digest, *map(int, keys[0]))]


def test_of_nothing_there_is_nothing() -> None:
    empty = pl.Series([], dtype=pl.String)
    assert of_texts(empty, keys_of([Seed(0)])).tolist() == []
    assert of_digests(empty, keys_of([Seed(0)])).tolist() == []
