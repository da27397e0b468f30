"""Human data for a chain: records that were read, or a population, with what a report must say of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import final

import numpy as np

from outcross.core.batch import Ints, Records
from outcross.core.errors import BadInput, BadSetting
from outcross.core.population import Population
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.core.text import UNKNOWN, Texts, Vocabulary


@final
@dataclass(frozen=True, eq=False)
class Corpus:
    """What are the human data, and whom must be cited for them?

    Parameters
    ----------
    name
        What they are called: a file's name, ``builtin:cats``, the words of a population.
    digest
        BLAKE2b digest of the content (32 hexadecimal digits); it depends neither on the file's format nor on its name.
    records
        The records, or None where a population gives them without end.
    population
        The population, or None.
    source
        Whom to cite, and the licence, where that is known.
    notes
        What a reader of the results should know: how the data were cut into records, what was left out.

    Examples
    --------
    >>> corpus = Corpus.of("cats", Symbols(np.array([[0, 0, 1]]), 2, ("yellow", "blue")))
    >>> print(corpus)
    cats: 3 records of 2 types
    """

    name: str
    digest: str
    records: Records | None = None
    population: Population | None = None
    source: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, data: Records | Population, source: str = "", notes: tuple[str, ...] = ()) -> Corpus:
        """Return a corpus of these records, or of what this population gives."""
        population, records = (data, None) if isinstance(data, Population) else (None, data)
        return cls(name, content_digest(data), records, population, source, notes)

    @property
    def size(self) -> int | None:
        """Number of records; None for a population, which never runs out."""
        return None if self.records is None else self.records.size

    @property
    def words(self) -> int | None:
        """Number of words in all texts together; None where the records are not texts."""
        return self.records.tokens if isinstance(self.records, Texts) else None

    @property
    def strings(self) -> tuple[str, ...]:
        """The texts as they were written; empty where the records are not texts."""
        return self.records.strings() if isinstance(self.records, Texts) else ()

    def __str__(self) -> str:
        match self.records:
            case Texts() as texts:
                return f"{self.name}: {texts.size:,} records, {texts.tokens:,} words"
            case Rows() as rows:
                return f"{self.name}: {rows.size:,} records of {rows.dim:,} numbers"
            case Symbols() as symbols:
                return f"{self.name}: {symbols.size:,} records of {symbols.types:,} types"
        return f"{self.name}: a population"

    def divide(self, heldout: float, seed: Seed) -> tuple[Records, Records]:
        """Return the records to train on, and those that are held out, divided at random.

        Texts of the same words stay on one side, so that nothing that was held out was seen. The vocabulary is that of
        the training side; held-out words outside it become ``<unk>``. Symbols keep their alphabet on both sides.

        Parameters
        ----------
        heldout
            Share of the records that are held out, in [0, 1). The number is rounded; unless the share is 0, at least
            one record is on each side. It is missed only where texts that occur many times do not fit into it.
        seed
            The same seed divides the same records in the same way.

        Returns
        -------
        tuple of Records
            Training and held-out records, each in the order of the corpus.

        Raises
        ------
        BadSetting
            If the share is not in [0, 1).
        BadInput
            If this is a population, or there are fewer than two different records to divide.

        Examples
        --------
        >>> corpus = Corpus.of("cats", Texts.of(["a cat", "a dog", "a cat", "a bird"]))
        >>> train, heldout = corpus.divide(0.25, Seed(0))
        >>> train.size, heldout.size
        (3, 1)
        """
        if not 0 <= heldout < 1:
            raise BadSetting(f"the share that is held out must lie in [0, 1), not {heldout}")
        if self.records is None:
            raise BadInput(f"{self.name} is a population and cannot be divided: draw from it twice")
        kind = _copies(self.records) if isinstance(self.records, Texts) else np.arange(self.records.size)
        wanted = min(max(1, round(heldout * len(kind))), len(kind) - 1) if heldout else 0
        away = _held_out(kind, wanted, seed.generator())
        if heldout and (not away.any() or away.all()):
            raise BadInput(f"{self.name} cannot be divided: it needs two different records, and has {kind.max() + 1:,}")
        train = self.records.take(np.flatnonzero(~away)[None])
        test = self.records.take(np.flatnonzero(away)[None])
        if isinstance(train, Texts) and isinstance(test, Texts):
            return _with_vocabulary_of_first(train, test)
        return train, test


def content_digest(data: Records | Population) -> str:
    """Return the BLAKE2b digest of what records hold, groups included, or of the words of a population.

    Examples
    --------
    >>> one, other = Texts.of(["a cat"]), Texts.of(["a  cat"])
    >>> content_digest(one) == content_digest(Texts.of(["a cat"])), content_digest(one) == content_digest(other)
    (True, False)
    """
    digest = hashlib.blake2b(type(data).__name__.encode(), digest_size=16)

    def add(content: bytes) -> None:
        digest.update(len(content).to_bytes(8, "little"))
        digest.update(content)

    if isinstance(data, Population):
        add(str(data).encode())
        return digest.hexdigest()
    if isinstance(data, Texts):
        for text in data.strings():
            add(text.encode())
    else:
        for name, array in data.arrays().items():
            if name != "group":
                add(repr(array.shape).encode())
                add(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())
    known = data.membership()
    if known is not None:
        add(known[0].astype("<i8").tobytes())
        for name in known[1]:
            add(name.encode())
    return digest.hexdigest()


def _copies(texts: Texts) -> Ints:
    """A number for each text, the same for texts of the same words: 0, 1, 2, ... in order of first use."""
    numbers: dict[bytes, int] = {}
    kinds = np.empty(texts.size, dtype=np.int64)
    for index in range(texts.size):
        key = hashlib.blake2b(texts.document(index).tobytes(), digest_size=16).digest()
        kinds[index] = numbers.setdefault(key, len(numbers))
    return kinds


def _held_out(kind: Ints, wanted: int, rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which records are held out: kinds at random, each whole, as many as fit; the smallest where none fits."""
    counts = np.bincount(kind)
    order = rng.permutation(len(counts))
    chosen = np.zeros(len(counts), dtype=bool)
    left = wanted
    for number, count in zip(order.tolist(), counts[order].tolist(), strict=True):
        if count <= left:
            chosen[number] = True
            left -= count
    if wanted and not chosen.any():
        chosen[order[counts[order].argmin()]] = True
    return chosen[kind]


def _with_vocabulary_of_first(train: Texts, test: Texts) -> tuple[Texts, Texts]:
    """Both sides in the vocabulary of the first, in order of first use, as if it had been made from its texts."""
    codes, first = np.unique(train.codes, return_index=True)
    used = codes[np.argsort(first)]
    used = used[used != 0]
    words = train.vocabulary.words
    vocabulary = Vocabulary((UNKNOWN, *(words[code] for code in used)), train.vocabulary.unit)
    new = np.zeros(len(words), dtype=np.int32)
    new[used] = np.arange(1, len(used) + 1, dtype=np.int32)
    return (
        replace(train, codes=new[train.codes], vocabulary=vocabulary),
        replace(test, codes=new[test.codes], vocabulary=vocabulary),
    )
