"""Zero-width codes: zero-width spaces, joiners and operators that spell bits.

Legitimate are joiners in emoji, joiners and spaces beside letters of every script but Latin, Greek and Cyrillic
(Persian and Indic spelling needs them, Thai and Khmer break lines by them), a byte order mark at the beginning, a few
of one kind anywhere (line breaks in long words, ligatures kept apart), the operators of mathematics one at a time, and
a pattern that repeats itself, which fills up the preview lines of newsletters. What is left is a code if it is a run,
or if it is inside words again and again, with at least two different characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, final

import regex

from outcross.evidence.marks.hidden import hidden, readable
from outcross.evidence.marks.kind import Kind
from outcross.evidence.marks.mark import Mark, Span

BYTE: Final = 8
"""Characters that a run has at least, wherever it is; inside a word of Latin letters 3 are odd enough."""
LONGEST = 2**16
"""Characters of a code that are looked into for a payload."""

_ANY = "[\u200b-\u200d\u2060-\u2064\ufeff]"
_RUN = re.compile(f"(?:(?<![\u0590-\u1cff]){_ANY}|{_ANY}(?={_ANY})){_ANY}*")
"""All runs but single ones behind a letter of a script between Hebrew and Vedic, which are many and needed there."""
_OPERATORS = set("\u2061\u2062\u2063\u2064")
_NEEDED = regex.compile(r"[[\p{L}\p{M}]--[\p{Latin}\p{Greek}\p{Cyrillic}\p{Inherited}]]", regex.V1)
_PICTURE = regex.compile(r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F]")


@final
class ZeroWidth(Kind):
    r"""A code in zero-width characters.

    Examples
    --------
    >>> bits = "".join(f"{ord(letter):08b}" for letter in "GPT").replace("0", "\u200b").replace("1", "\u200c")
    >>> [mark.says for mark in ZeroWidth().marks(f"A cat.{bits} A dog.")]
    ['GPT']
    """

    name = "zero_width"
    about = "code in zero-width characters"

    def marks(self, text: str) -> Iterator[Mark]:
        """One mark a run, and one for all the characters that are scattered over words."""
        strays: list[Span] = []
        for match in _RUN.finditer(text):
            start, end = match.span()
            start += start == 0 and text[0] == "\ufeff"
            run, before, after = text[start:end], text[start - 1 : start], text[end : end + 1]
            inside = before.isalnum() and after.isalnum()
            needed = _NEEDED.match(before) or _NEEDED.match(after)
            odd = len(set(run)) > 1 and not _repeats(run)
            if odd and (len(run) >= BYTE or (inside and not needed and len(run) >= 3)):
                doubt = 0.5 if len(run) >= BYTE else 0.3
                yield hidden(self.name, [(start, end - start)], _payload(run), "zero-width characters", doubt)
            elif run and not needed and not _joins(run, before, after) and not set(run) <= _OPERATORS:
                strays.append((start, end - start))
        yield from self._scattered(text, strays)

    def _scattered(self, text: str, strays: list[Span]) -> Iterator[Mark]:
        run = "".join(text[start : start + length] for start, length in strays)
        if len(run) < BYTE or len(set(run)) < 2 or _repeats(run):
            return
        payload = _payload(run) if len(run) >= 2 * BYTE else None
        inside = sum(
            text[start - 1 : start].isalpha() and text[start + length : start + length + 1].isalpha()
            for start, length in strays
        )
        if payload is not None or inside >= BYTE:
            yield hidden(self.name, strays, payload, "zero-width characters")


def _joins(run: str, before: str, after: str) -> bool:
    """Whether a joiner makes one picture of two."""
    return run == "\u200d" and bool(_PICTURE.match(before)) and bool(_PICTURE.match(after))


def _repeats(run: str) -> bool:
    """Whether a run is one short pattern again and again."""
    return any(run == (run[:size] * len(run))[: len(run)] for size in range(1, min(6, len(run) // 2) + 1))


def _payload(run: str) -> str | None:
    """What a run spells: bits in two characters, with or without a third between letters, or pairs of bits in four."""
    run = run[:LONGEST]
    alphabet = sorted(set(run), key=lambda one: (-run.count(one), one))
    for parted in [None, *reversed(alphabet[2:]), *([] if len(alphabet) > 3 else alphabet)]:
        digits = sorted(set(alphabet) - {parted})
        for order in (digits, digits[::-1]):
            values = {one: place for place, one in enumerate(order)}
            if (text := _spelled(run, values, parted)) is not None:
                return text
    return None


def _spelled(run: str, values: dict[str, int], parted: str | None) -> str | None:
    if not 2 <= len(values) <= 4 or len(values) == 3:
        return None
    bits = 1 if len(values) == 2 else 2
    if parted is not None:
        words = ["".join(f"{values[one]:0{bits}b}" for one in word) for word in run.split(parted) if word]
        if len(words) > 1 and all(len(word) <= BYTE for word in words):
            return readable(bytes(int(word, 2) for word in words))
    spelled = "".join(f"{values[one]:0{bits}b}" for one in run if one in values)
    for size in (8, 7):
        letters = bytes(int(spelled[at : at + size], 2) for at in range(0, len(spelled) - size + 1, size))
        if (text := readable(letters)) is not None:
            return text
    return None


KIND = ZeroWidth()
