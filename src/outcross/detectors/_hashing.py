"""Texts as hashed n-grams: which slot of a table each n-gram of words and of characters falls into, a block at a time.

A block of texts is one array of bytes. Words and single punctuation marks are its tokens; white space only divides, so
line breaks, indents and the spacing of marks are not seen, nor is case. A word's hash is the difference of two prefix
sums of ``byte_j r^j`` modulo 2^64, times ``r^-start`` (Karp and Rabin 1987), so that all words of a block are hashed at
once. Everything is exact integer arithmetic: a text's slots depend on nothing but the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Ints
from outcross.core.documents import Flags

Hashes = NDArray[np.uint64]
Bytes = NDArray[np.uint8]

BLOCK = 1 << 18
"""Characters hashed at once: what stays in a core's cache. A longer text is cut at its white space."""
RADIX = 0x9E3779B97F4A7C15
MIX = np.uint64(0xD6E8FEB86659FD93)
SPAN = np.uint64(0xA0761D6478BD642F)
FIBONACCI: dict[int, np.unsignedinteger] = {32: np.uint32(0x9E3779B1), 64: np.uint64(0x9E3779B97F4A7C15)}
"""Odd numbers near 2^32 and 2^64 over the golden ratio: the high bits of a product with them are a hash (Knuth 6.4)."""
DEAD = 0
"""The slot of what is no n-gram: it would reach over the end of a text, or of a word. Its weight is always 0."""

PLAIN = {
    "‘’‚‛′ʼ": "'",
    "“”„‟«»″「」『』": '"',
    "‐‑‒–—―−－": "-",
    "。．": ".",
    "、，،": ",",
    "！¡": "!",
    "？¿؟": "?",
    "：": ":",
    "；؛": ";",
    "（": "(",
    "）": ")",
    "…": "...",
    "\u00a0\u2002\u2003\u2009\u200b\u202f\u3000\ufeff": " ",
}
"""Typography that depends on who saved a text, not on who wrote it: read as the plain sign."""
SIGNS = [(sign, plain) for signs, plain in PLAIN.items() for sign in signs]

LETTER = 64
"""Codes of bytes: 0 is white space and controls, up to 63 marks, from here on parts of words."""


def _codes() -> bytes:
    """The code of each byte. Capitals have those of small letters; bytes of other scripts are parts of words."""
    codes = bytearray(256)
    marks = [byte for byte in range(33, 127) if not chr(byte).isalnum() and chr(byte) not in "_'"]
    for code, byte in enumerate(marks, 1):
        codes[byte] = code
    for code, byte in enumerate(b"abcdefghijklmnopqrstuvwxyz0123456789_'", LETTER):
        codes[byte] = codes[chr(byte).upper().encode()[0]] = code
    codes[128:] = bytes(range(128, 256))
    return bytes(codes)


CODES = _codes()


@cache
def _powers(radix: int, count: int) -> Hashes:
    """``radix`` to the powers 0 .. count - 1 modulo 2^64."""
    powers = np.full(count, radix % 2**64, dtype=np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


@final
@dataclass(frozen=True, slots=True)
class Family:
    """The n-grams of one kind and length in a block of texts.

    Parameters
    ----------
    slots
        The slot of each n-gram, in the order of the texts; `DEAD` where there is none.
    starts
        Where each text starts in ``slots``, and the end, shape (n + 1,).
    counts
        How many n-grams each text has, shape (n,).
    """

    slots: Ints
    starts: Ints
    counts: Ints


@final
@dataclass(frozen=True, slots=True)
class Grams:
    """Which n-grams a text is made of.

    Parameters
    ----------
    words
        Token n-grams of 1 .. words tokens.
    characters
        n-grams of so many bytes of UTF-8 inside a word, its two edges included; none for 0.
    bits
        There are 2^bits slots.
    """

    words: int
    characters: int
    bits: int

    @property
    def kinds(self) -> int:
        """How many families there are."""
        return self.words + (self.characters > 0)

    def families(self, texts: Sequence[str]) -> list[Family]:
        """Return the n-grams of a block of texts, one family for each length."""
        codes, starts = _coded(texts)
        word = codes >= LETTER
        found = self._of_words(codes, word, starts)
        return [*found, self._of_characters(codes, word, starts)] if self.characters else found

    def _of_words(self, codes: Bytes, word: Flags, starts: Ints) -> list[Family]:
        """Token n-grams: an n-gram is the mixture of the (n - 1)-gram before and the token."""
        hashes, places = _tokens(codes, word)
        firsts = np.searchsorted(places, starts).astype(np.int64)
        tokens = np.diff(firsts)
        found, gram = [], hashes
        for length in range(1, self.words + 1):
            if length > 1:
                gram = gram[:-1] * SPAN + hashes[length - 1 :]
            slots = np.full(len(hashes), DEAD, dtype=np.int64)
            slots[: len(gram)] = self._slots(gram)
            for back in range(1, length):  # the last tokens of a text start no n-gram
                slots[(firsts[1:] - back)[tokens >= back]] = DEAD
            found.append(Family(slots, firsts, np.maximum(0, tokens - length + 1)))
        return found

    def _of_characters(self, codes: Bytes, word: Flags, starts: Ints) -> Family:
        """n-grams of the bytes of words; what lies between words is one edge, whatever it is."""
        n = self.characters
        size = max(0, len(codes) - n + 1)
        letters = codes * word.view(np.uint8)
        gram: NDArray[np.unsignedinteger] = letters[:size].astype(np.uint32 if n <= 4 else np.uint64)
        inside = np.ones(size, dtype=np.bool_)
        for place in range(1, n):
            gram <<= 8
            gram |= letters[place : place + size]
            if place < n - 1:
                inside &= word[place : place + size]
        slots = self._slots(gram, inside.view(np.uint8))
        edges = np.minimum(starts, size)
        return Family(slots, edges, sums(inside.view(np.int8), edges))

    def _slots(self, grams: NDArray[np.unsignedinteger], real: Bytes | int = 1) -> Ints:
        """The slot of each n-gram, the high bits of its product with an odd number; `DEAD` where ``real`` is 0."""
        width = 8 * grams.dtype.itemsize
        mixed: NDArray[np.unsignedinteger] = np.multiply(grams, FIBONACCI[width])
        mixed >>= width - self.bits
        mixed *= real
        return mixed.astype(np.int64)


def blocks(texts: Iterable[str]) -> Iterator[tuple[list[str], Ints]]:
    """Yield texts in blocks of about `BLOCK` characters, with the place of the text each piece is of."""
    held: list[str] = []
    owners: list[int] = []
    room = BLOCK
    for place, text in enumerate(texts):
        for piece in _pieces(text):
            if held and len(piece) > room:
                yield held, np.array(owners, dtype=np.int64)
                held, owners, room = [], [], BLOCK
            held.append(piece)
            owners.append(place)
            room -= len(piece) + 1
    if held:
        yield held, np.array(owners, dtype=np.int64)


def _pieces(text: str) -> Iterator[str]:
    """The text, or a long one in pieces that end with white space where there is any."""
    start = 0
    while len(text) - start > BLOCK:
        cut = text.rfind(" ", start + BLOCK // 2, start + BLOCK)
        end = cut + 1 if cut >= 0 else start + BLOCK
        yield text[start:end]
        start = end
    yield text[start:] if start else text


def _coded(texts: Sequence[str]) -> tuple[Bytes, Ints]:
    """The codes of all bytes of the texts, white space before each and at the end; and where each begins."""
    encoded = [_plain(text) for text in texts]
    starts = np.zeros(len(encoded) + 1, dtype=np.int64)
    np.cumsum([len(one) + 1 for one in encoded], out=starts[1:])
    return np.frombuffer(b" ".join([b"", *encoded, b""]).translate(CODES), dtype=np.uint8), starts


def _plain(text: str) -> bytes:
    """A text as UTF-8, in small letters and with plain typography; what UTF-8 cannot say becomes a question mark."""
    if text.isascii():
        return text.encode()  # the codes know no capitals
    for sign, plain in SIGNS:
        text = text.replace(sign, plain)
    return text.lower().encode(errors="replace")


def _tokens(codes: Bytes, word: Flags) -> tuple[Hashes, Ints]:
    """The hash of every word and mark, and where it starts. White space counts as nothing, so a word may end late."""
    begins = codes > 0
    begins[1:] &= ~(word[1:] & word[:-1])
    start = np.flatnonzero(begins)
    room = max(2 * BLOCK, 1 << len(codes).bit_length())
    prefix = np.zeros(len(codes) + 1, dtype=np.uint64)
    values = codes.astype(np.uint64)
    values *= _powers(RADIX, room)[: len(codes)]
    np.cumsum(values, out=prefix[1:])
    hashes = np.diff(prefix[start], append=prefix[-1:])
    hashes *= _powers(pow(RADIX, -1, 2**64), room)[start]
    hashes ^= hashes >> np.uint64(29)
    hashes *= MIX
    return hashes, start


def sums(values: NDArray[np.integer], starts: Ints) -> Ints:
    """The sum of the values of each text, 0 where a text has none."""
    found = np.zeros(len(starts) - 1, dtype=np.int64)
    filled = starts[1:] > starts[:-1]
    if filled.any():
        found[filled] = np.add.reduceat(values[: starts[-1]], starts[:-1][filled], dtype=np.int64)
    return found
