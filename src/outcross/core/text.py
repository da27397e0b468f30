"""Records that are texts: a vocabulary, and documents as word (or character) codes.

Words follow the Unicode rules (UAX #29 word boundaries), so Chinese and Japanese are cut too, not left as one long
word; punctuation marks are words, white space is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, Self, final

import numpy as np
import regex
from numpy.typing import NDArray

from outcross.core.batch import Floats, HasCounts, HasTokens, Ints, Records
from outcross.core.errors import BadInput
from outcross.core.records import join_weights
from outcross.core.statistics import Counts

Unit = Literal["word", "character", "space"]
UNKNOWN = "<unk>"

_BOUNDARY = regex.compile(r"\b", regex.WORD | regex.V1)
_NO_SPACE_BETWEEN = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u3000-\u303f\uff00-\uffef]"
)
"""Scripts written without spaces, and the full-width punctuation that goes with them."""

_CLOSING = frozenset(".,;:!?)]}%’”»…。、，！？；：）」』】") | {"n't", "'s"}
_OPENING = frozenset("([{“‘«（「『【")


def tokenize(text: str, unit: Unit = "word") -> list[str]:
    """Cut a text into words by Unicode rules, into characters, or at white space.

    Parameters
    ----------
    text
        The text.
    unit
        ``word`` (UAX #29 word boundaries, white space dropped), ``character`` (grapheme clusters, white space kept), or
        ``space`` (texts that were cut before, such as WikiText).

    Examples
    --------
    >>> tokenize("Cats can't swim. 猫は")
    ['Cats', "can't", 'swim', '.', '猫', 'は']
    >>> tokenize("a b", "character")
    ['a', ' ', 'b']
    """
    if unit == "space":
        return text.split()
    if unit == "character":
        return list(regex.findall(r"\X", text))
    return [piece for piece in _BOUNDARY.split(text) if piece and not piece.isspace()]


def detokenize(words: Sequence[str], unit: Unit = "word") -> str:
    """Put words together again, for reading: no space before closing marks, nor inside Chinese or Japanese.

    Examples
    --------
    >>> detokenize(["Cats", "can't", "swim", "(", "well", ")", "."])
    "Cats can't swim (well)."
    >>> detokenize(["猫", "。", "名前", "は"])
    '猫。名前は'
    """
    if unit == "character":
        return "".join(words)
    if unit == "space":
        return " ".join(words)
    text, before = "", ""
    for word in words:
        glued = word in _CLOSING or before in _OPENING or not before
        if not glued and _NO_SPACE_BETWEEN.match(word) and _NO_SPACE_BETWEEN.match(before[-1]):
            glued = True
        text += word if glued else f" {word}"
        before = word
    return text


@final
@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The words that have a code; every other word is ``<unk>``, code 0.

    Parameters
    ----------
    words
        The words by code; the first is ``<unk>``.
    unit
        What a word is, see `tokenize`.

    Examples
    --------
    >>> vocabulary = Vocabulary.of(["a cat", "a dog"])
    >>> len(vocabulary), vocabulary.encode("a bird").tolist()
    (4, [1, 0])
    """

    words: tuple[str, ...]
    unit: Unit = "word"

    @classmethod
    def of(cls, texts: Iterable[str], unit: Unit = "word") -> Vocabulary:
        """Return the vocabulary of these texts, in order of first use."""
        known = dict.fromkeys([UNKNOWN])
        for text in texts:
            known.update(dict.fromkeys(tokenize(text, unit)))
        return cls(tuple(known), unit)

    def extended(self, texts: Iterable[str]) -> Vocabulary:
        """Return the vocabulary with the new words of these texts behind the known ones, whose codes stay as they are.

        Examples
        --------
        >>> Vocabulary.of(["a cat"]).extended(["a dag"]).words
        ('<unk>', 'a', 'cat', 'dag')
        """
        return self.having(word for text in texts for word in tokenize(text, self.unit))

    def having(self, words: Iterable[str]) -> Vocabulary:
        """Return the vocabulary with these words too, behind the known ones."""
        known = dict.fromkeys(self.words)
        known.update(dict.fromkeys(words))
        return self if len(known) == len(self.words) else Vocabulary(tuple(known), self.unit)

    @cached_property
    def codes(self) -> Mapping[str, int]:
        """Word to code."""
        return {word: code for code, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, text: str) -> NDArray[np.int32]:
        """Return the codes of a text's words."""
        codes = self.codes
        return np.array([codes.get(word, 0) for word in tokenize(text, self.unit)], dtype=np.int32)

    def decode(self, codes: NDArray[np.integer]) -> str:
        """Return a readable text from codes."""
        return detokenize([self.words[code] for code in codes], self.unit)


@final
@dataclass(frozen=True, eq=False)
class Texts(Records, HasCounts, HasTokens):
    """Texts as codes of one vocabulary, one after another: one replicate.

    Parameters
    ----------
    codes
        All words of all texts, shape (tokens,), int32.
    starts
        Where each text starts in ``codes``, and the end of the last one, shape (n + 1,).
    vocabulary
        The vocabulary of the codes.
    raw
        The texts as they were written, where that is known; None where a model of words wrote them.
    weight
        Training weights, shape (n,), or None for 1 each.
    group, names
        Code of each text's group, shape (1, n), and the names of the groups.

    Examples
    --------
    >>> texts = Texts.of(["a cat", "a black dog"])
    >>> texts.size, texts.tokens, texts.lengths.tolist(), texts.strings()
    (2, 5, [2, 3], ('a cat', 'a black dog'))
    """

    codes: NDArray[np.int32]
    starts: Ints
    vocabulary: Vocabulary
    raw: tuple[str, ...] | None = None
    weight: Floats | None = None
    group: Ints | None = None
    names: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, texts: Sequence[str], vocabulary: Vocabulary | Unit = "word") -> Texts:
        """Return texts as codes of a vocabulary; a unit makes a new one from the texts themselves."""
        if isinstance(vocabulary, Vocabulary):
            return cls.from_codes([vocabulary.encode(text) for text in texts], vocabulary, raw=tuple(texts))
        known = {UNKNOWN: 0}  # every text is cut once: the vocabulary grows while the codes are written
        cut = ([known.setdefault(word, len(known)) for word in tokenize(text, vocabulary)] for text in texts)
        codes = [np.array(words, dtype=np.int32) for words in cut]
        return cls.from_codes(codes, Vocabulary(tuple(known), vocabulary), raw=tuple(texts))

    @classmethod
    def from_codes(
        cls, documents: Sequence[NDArray[np.int32]], vocabulary: Vocabulary, raw: tuple[str, ...] | None = None
    ) -> Texts:
        """Return texts from one array of codes each."""
        starts = np.zeros(len(documents) + 1, dtype=np.int64)
        np.cumsum([len(document) for document in documents], out=starts[1:])
        codes = np.concatenate(documents) if documents else np.zeros(0, dtype=np.int32)
        return cls(codes.astype(np.int32, copy=False), starts, vocabulary, raw)

    @property
    def replicates(self) -> int:
        """Texts carry one replicate."""
        return 1

    @property
    def size(self) -> int:
        """n, the number of texts."""
        return len(self.starts) - 1

    @property
    def tokens(self) -> int:
        """Number of words in all texts together."""
        return len(self.codes)

    @property
    def lengths(self) -> Ints:
        """Number of words of each text, shape (n,)."""
        return np.diff(self.starts)

    def document(self, index: int) -> NDArray[np.int32]:
        """Return the codes of one text."""
        return self.codes[self.starts[index] : self.starts[index + 1]]

    def strings(self) -> tuple[str, ...]:
        """Return the texts, as written where that is known."""
        if self.raw is not None:
            return self.raw
        return tuple(self.vocabulary.decode(self.document(index)) for index in range(self.size))

    def take(self, index: Ints) -> Self:
        """Return the texts at ``index``, shape (1, k)."""
        chosen = index[0]
        lengths = self.lengths[chosen]
        starts = np.zeros(len(chosen) + 1, dtype=np.int64)
        np.cumsum(lengths, out=starts[1:])
        source = np.repeat(self.starts[chosen] - starts[:-1], lengths) + np.arange(starts[-1])
        return replace(
            self,
            codes=self.codes[source],
            starts=starts,
            raw=None if self.raw is None else tuple(self.raw[i] for i in chosen),
            weight=None if self.weight is None else self.weight[chosen],
            group=None if self.group is None else self.group[:, chosen],
        )

    def within(self, vocabulary: Vocabulary) -> Self:
        """Return the same texts as codes of another vocabulary; words that it does not have become ``<unk>``.

        Examples
        --------
        >>> texts = Texts.of(["a cat"])
        >>> texts.within(Vocabulary(("<unk>", "cat", "a"))).codes.tolist()
        [2, 1]
        """
        if vocabulary is self.vocabulary or vocabulary.words[: len(self.vocabulary)] == self.vocabulary.words:
            return replace(self, vocabulary=vocabulary)
        codes = np.array([vocabulary.codes.get(word, 0) for word in self.vocabulary.words], dtype=np.int32)
        return replace(self, codes=codes[self.codes], vocabulary=vocabulary)

    def join(self, others: Sequence[Self]) -> Self:
        """Return these texts followed by those of others, in a vocabulary that has the words of all."""
        given: list[Self] = [self, *others]
        if any(batch.vocabulary.unit != self.vocabulary.unit for batch in others):
            raise BadInput("texts that were cut into words in different ways cannot be pooled; encode them in one way")
        vocabulary = self.vocabulary
        for batch in others:
            if batch.vocabulary is not vocabulary and batch.vocabulary.words != vocabulary.words:
                vocabulary = vocabulary.having(batch.vocabulary.words)
        batches = [batch.within(vocabulary) for batch in given]
        ends = np.cumsum([batch.tokens for batch in batches])
        starts = [batch.starts[1:] + end - batch.tokens for batch, end in zip(batches, ends, strict=True)]
        raws = [batch.raw for batch in batches]
        groups = [batch.group for batch in batches]
        return replace(
            self,
            vocabulary=vocabulary,
            codes=np.concatenate([batch.codes for batch in batches]),
            starts=np.concatenate([[0], *starts]),
            raw=None if any(r is None for r in raws) else tuple(s for r in raws if r is not None for s in r),
            weight=join_weights(batches),
            group=None if any(g is None for g in groups) else np.concatenate([g for g in groups if g is not None], 1),
        )

    def weighted(self, weight: float) -> Self:
        """Return the same texts, each with this weight in training."""
        return replace(self, weight=np.full(self.size, weight))

    def membership(self) -> tuple[Ints, tuple[str, ...]] | None:
        """Return the group codes and names, where groups are known."""
        return None if self.group is None else (self.group, self.names)

    def counts(self) -> Counts:
        """Return how often each word of the vocabulary occurs, shape (1, K)."""
        return Counts(np.bincount(self.codes, minlength=len(self.vocabulary)).astype(np.float64)[None])

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays it is made of (the vocabulary is saved once, elsewhere)."""
        groups: dict[str, NDArray[np.generic]] = {} if self.group is None else {"group": self.group}
        return {"codes": self.codes, "starts": self.starts, **groups}
