"""Texts that lie in a vault, as a chain holds them: where they are, how long they are, and in whose words.

A pool chooses among these by the same code, and with the same random numbers, as among texts in memory; only what was
chosen is read, and becomes the very texts that a pool in memory would have given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self, final

import numpy as np
import orjson
from numpy.typing import NDArray

from outcross.core.batch import Floats, HasTokens, Ints, Records
from outcross.core.errors import BadInput
from outcross.core.records import join_weights
from outcross.core.text import Texts, Unit, Vocabulary, tokenize

if TYPE_CHECKING:
    from outcross.vault.vault import Vault

WORDS = "words"
"""Where the words of a text stand in its metadata, if it would be cut into others."""


@final
@dataclass(frozen=True, eq=False)
class Kept(Records, HasTokens):
    """Texts of a vault, one replicate.

    Parameters
    ----------
    positions
        Where they are, shape (n,).
    lengths
        Number of words of each, shape (n,).
    vocabulary
        The vocabulary that they are told in.
    written
        Whether they stand there as they were written; else a model of words wrote them, see `Texts.raw`.
    weight
        Training weights, shape (n,), or None for 1 each.
    group, names
        Code of each text's group, shape (1, n), and the names of the groups.

    Examples
    --------
    >>> kept = Kept.of(np.array([4, 7, 9]), Texts.of(["a cat", "a dog", "it rains today"]))
    >>> chosen = kept.take(np.array([[2, 0]]))
    >>> chosen.positions.tolist(), chosen.tokens
    ([9, 4], 5)
    """

    positions: Ints
    lengths: Ints
    vocabulary: Vocabulary
    written: bool = True
    weight: Floats | None = None
    group: Ints | None = None
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, positions: Ints, texts: Texts) -> Self:
        """Return texts that lie at these positions, in this order.

        Raises
        ------
        BadInput
            If there are not as many positions as texts.
        """
        if len(positions) != texts.size:
            raise BadInput(f"{texts.size:,} texts cannot lie at {len(positions):,} positions")
        known = texts.raw is not None
        return cls(positions, texts.lengths, texts.vocabulary, known, texts.weight, texts.group, texts.names)

    @property
    def replicates(self) -> int:
        """A vault has one replicate."""
        return 1

    @property
    def size(self) -> int:
        """n, the number of texts."""
        return len(self.positions)

    @property
    def tokens(self) -> int:
        """Number of words in all texts together."""
        return int(self.lengths.sum())

    def take(self, index: Ints) -> Self:
        """Return the texts at ``index``, shape (1, k)."""
        chosen = index[0]
        return replace(
            self,
            positions=self.positions[chosen],
            lengths=self.lengths[chosen],
            weight=None if self.weight is None else self.weight[chosen],
            group=None if self.group is None else self.group[:, chosen],
        )

    def join(self, others: Sequence[Self]) -> Self:
        """Return these texts followed by those of others, in a vocabulary that has the words of all."""
        batches: list[Self] = [self, *others]
        vocabulary = self.vocabulary
        for batch in others:
            if batch.vocabulary is not vocabulary and batch.vocabulary.words != vocabulary.words:
                vocabulary = vocabulary.having(batch.vocabulary.words)
        groups = [batch.group for batch in batches if batch.group is not None]
        return replace(
            self,
            positions=np.concatenate([batch.positions for batch in batches]),
            lengths=np.concatenate([batch.lengths for batch in batches]),
            vocabulary=vocabulary,
            written=all(batch.written for batch in batches),
            weight=join_weights(batches),
            group=np.concatenate(groups, axis=1) if len(groups) == len(batches) else None,
        )

    def weighted(self, weight: float) -> Self:
        """Return the same texts, each with this weight in training."""
        return replace(self, weight=np.full(self.size, weight))

    def membership(self) -> tuple[Ints, tuple[str, ...]] | None:
        """Return the group codes and names, where groups are known."""
        return None if self.group is None else (self.group, self.names)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays it is made of."""
        return {"positions": self.positions, "lengths": self.lengths}

    def read(self, vault: Vault, cuts: Cuts | None = None) -> Texts:
        """Return the texts, read from the vault and verified.

        Parameters
        ----------
        vault
            The vault.
        cuts
            How texts were cut into words before, so that it is done once; a row never changes.

        Raises
        ------
        BadInput
            If one of them has no text any more: it was erased.
        NotProven
            If a file is not what was signed.
        """
        places, copies = np.unique(self.positions, return_inverse=True)
        frame = vault.rows(places, ["text", "metadata"])
        texts: list[str | None] = frame["text"].to_list()
        if None in texts:
            raise BadInput(f"the text at position {places[texts.index(None)]} of the vault was erased meanwhile")
        known = Cuts() if cuts is None else cuts
        known.follow(self.vocabulary)
        found = [
            known.of(place, text or "", told)
            for place, text, told in zip(places.tolist(), texts, frame["metadata"], strict=True)
        ]
        starts = np.cumsum([0, *map(len, found)], dtype=np.int64)
        raw = tuple(text for text in texts if text is not None) if self.written else None
        distinct = Texts(np.concatenate(found), starts, self.vocabulary, raw)
        return replace(distinct.take(copies[None]), weight=self.weight, group=self.group, names=self.names)


@final
class Cuts:
    """How texts of a vault are cut into words, by position, as codes of one vocabulary.

    Examples
    --------
    >>> cuts = Cuts()
    >>> cuts.follow(Vocabulary.of(["a cat"]))
    >>> cuts.of(7, "cat a", None).tolist()
    [2, 1]
    """

    def __init__(self) -> None:
        self._vocabulary, self._codes = Vocabulary(()), dict[int, NDArray[np.int32]]()

    def follow(self, vocabulary: Vocabulary) -> None:
        """Use this vocabulary from now on; what is known in another one is forgotten."""
        if vocabulary is not self._vocabulary:
            self._vocabulary, self._codes = vocabulary, {}

    def of(self, position: int, text: str, metadata: str | None) -> NDArray[np.int32]:
        """Return the codes of a text's words."""
        found = self._codes.get(position)
        if found is None:
            codes = self._vocabulary.codes
            words = _cut(text, metadata, self._vocabulary.unit)
            found = np.array([codes.get(word, 0) for word in words], dtype=np.int32)
            self._codes[position] = found
        return found


def spelled(texts: Texts) -> list[str | None]:
    """Return what must be said of each text so that it is cut into the same words again; None for most.

    A model of words may write some that stand together as one when they are read.

    Examples
    --------
    >>> texts = Texts.of(["an x, y"])
    >>> spelled(texts), spelled(replace(texts, raw=("anx, y",)))
    ([None], ['{"words":["an","x",",","y"]}'])
    """
    told: list[str | None] = []
    for place, text in enumerate(texts.strings()):
        codes = texts.document(place)
        same = np.array_equal(texts.vocabulary.encode(text), codes)
        words = [texts.vocabulary.words[code] for code in codes]
        told.append(None if same else orjson.dumps({WORDS: words}).decode())
    return told


def _cut(text: str, metadata: str | None, unit: Unit) -> list[str]:
    """The words of a text: those that are said to be, else those that it is cut into."""
    told = orjson.loads(metadata or "null")
    words: list[str] | None = told.get(WORDS) if isinstance(told, dict) else None
    return tokenize(text, unit) if words is None else words
