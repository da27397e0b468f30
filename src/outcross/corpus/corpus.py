"""Human data for a chain: records that were read, or a population, with what a report must say of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

from outcross.core.batch import Ints, Records
from outcross.core.errors import BadInput, BadSetting
from outcross.core.population import Population
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.corpus.encoding import alike, of_training
from outcross.corpus.hub import to_dataset

if TYPE_CHECKING:
    from outcross.corpus.hub import Dataset


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
    test
        Held-out records that came on their own, see `with_test`; None where a share of the records can be held out.

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
    test: Records | None = None

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
            case Rows() as rows if rows.shape:
                return f"{self.name}: {rows.size:,} pictures of {' x '.join(map(str, rows.shape))} pixels"
            case Rows() as rows:
                return f"{self.name}: {rows.size:,} records of {rows.dim:,} numbers"
            case Symbols() as symbols:
                return f"{self.name}: {symbols.size:,} records of {symbols.types:,} types"
        return f"{self.name}: a population"

    def with_test(self, test: Corpus) -> Corpus:
        """Return the same data with held-out data of their own.

        All records are then trained on, and none of the held-out ones, which are encoded in the vocabulary of the
        training texts. The digest is that of both.

        Raises
        ------
        BadInput
            If either is a population, or the two cannot be compared.

        Examples
        --------
        >>> cats, dogs = (Corpus.of(name, Texts.of([f"a {name}"])) for name in ("cat", "dog"))
        >>> both = cats.with_test(dogs)
        >>> both.size, both.test.codes.tolist(), both.notes
        (1, [1, 0], ('held-out data: dog, 1 record',))
        """
        if self.records is None:
            raise BadInput(f"{self.name} is a population: its truth is known, and needs no held-out data")
        if test.records is None:
            raise BadInput(f"held-out data are records, not a population ({test.name})")
        train, heldout = alike(self.records, test.records)
        digest = hashlib.blake2b(f"{self.digest} {test.digest}".encode(), digest_size=16).hexdigest()
        notes = [f"held-out data: {test.name}, {heldout.size:,} record{'s' * (heldout.size > 1)}"]
        notes += [f"held-out data: {note}" for note in test.notes if note not in self.notes]
        seen = len(set(self.strings).intersection(test.strings))
        if seen:
            notes.append(f"{seen:,} of the held-out texts {'are' if seen > 1 else 'is'} in the training data too")
        source = "; ".join(dict.fromkeys(source for source in (self.source, test.source) if source))
        return Corpus(self.name, digest, train, None, source, (*self.notes, *notes), heldout)

    def to_dataset(self) -> Dataset:
        """Return the records as a data set of the library ``datasets``, as `read` takes it back.

        Texts and the labels of symbols are the column ``text``, numbers one column each, named 0, 1, ...; groups are
        the column ``group``.

        Raises
        ------
        MissingLibrary
            If ``datasets`` is not installed.
        BadInput
            If this is a population.
        """
        if self.records is None:
            raise BadInput(f"{self.name} is a population: draw records of it first")
        return to_dataset(self.records)

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
            If the share is not in [0, 1), or there are held-out data already.
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
        if self.test is not None:
            raise BadSetting(f"{self.name} has held-out data of its own, and is not divided")
        if self.records is None:
            raise BadInput(f"{self.name} is a population and cannot be divided: draw from it twice")
        away = self._away(self.records, heldout, seed)
        train = self.records.take(np.flatnonzero(~away)[None])
        test = self.records.take(np.flatnonzero(away)[None])
        if isinstance(train, Texts) and isinstance(test, Texts):
            return of_training(train, test)
        return train, test

    def training(self, heldout: float, seed: Seed) -> Ints:
        """Return which records `divide` gives to train on, shape (n,).

        Examples
        --------
        >>> len(Corpus.of("cats", Texts.of(["a cat", "a dog", "a cat", "a bird"])).training(0.25, Seed(0)))
        3
        """
        if self.records is None or self.test is not None:
            return np.arange(self.size or 0)
        return np.flatnonzero(~self._away(self.records, heldout, seed))

    def _away(self, records: Records, heldout: float, seed: Seed) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which records are held out."""
        kind = _copies(records) if isinstance(records, Texts) else np.arange(records.size)
        wanted = min(max(1, round(heldout * len(kind))), len(kind) - 1) if heldout else 0
        away = _held_out(kind, wanted, seed.generator())
        if heldout and (not away.any() or away.all()):
            raise BadInput(f"{self.name} cannot be divided: it needs two different records, and has {kind.max() + 1:,}")
        return away


def content_digest(data: Records | Population) -> str:
    """Return the BLAKE2b digest of what records hold (groups and shape included), or of the words of a population.

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
        if isinstance(data, Rows) and data.shape:
            add(repr(data.shape).encode())
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
