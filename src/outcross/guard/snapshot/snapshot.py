"""What is kept of a corpus, so that next month's comparison need not read last month's terabytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.errors import BadInput
from outcross.core.measure import Measure
from outcross.guard.snapshot import batch
from outcross.guard.snapshot.cutting import Cutter, Unit
from outcross.guard.snapshot.heavy import Heavy
from outcross.guard.snapshot.keys import BINS, DOCUMENTS, SPACE, WORDS, bins
from outcross.guard.snapshot.texts import DEEP, TextSample
from outcross.guard.snapshot.words import WordSample

TOGETHER = 16
"""How many snapshots are merged at once."""


@final
@dataclass(frozen=True)
class Sizes:
    """How many words, frequent words, texts and strata a snapshot holds at most.

    Examples
    --------
    >>> Sizes().words
    8192
    """

    words: int = 8192
    heavy: int = 4096
    texts: int = 16_384
    strata: int = 4096


@final
@dataclass(frozen=True, eq=False)
class Snapshot:
    """A summary of a corpus that merges: that of two corpora together is made of those of each.

    Everything but `heavy` is exactly what one pass over all records gives, however they were divided and in whatever
    order they came; of `heavy` the bounds hold. See `snapshot` for making one of files.

    Parameters
    ----------
    totals
        Documents and words, shape (2, BINS): each document belongs to one of ``BINS`` parts by the hash of its text.
    words
        The sample of the different words.
    heavy
        The most frequent words.
    texts
        The sample of the different texts.
    strata, volume
        Documents and words of each stratum: origin, generation and group, see `stratum`.
    unit
        What a word is.
    rejected
        How many records could not be read, by kind.

    Raises
    ------
    BadInput
        On merging two whose words were cut in different ways.

    Examples
    --------
    >>> one, other = Snapshot.of(["a cat", "a dog"]), Snapshot.of(["a dog"])
    >>> both = one.merge(other)
    >>> both.documents, both.word_count, both.texts.distinct
    (3, 6, 2.0)
    >>> both.digest == other.merge(one).digest
    True
    """

    totals: NDArray[np.int64]
    words: WordSample
    heavy: Heavy
    texts: TextSample
    strata: Heavy
    volume: Heavy
    unit: Unit = "word"
    rejected: tuple[tuple[str, int], ...] = field(default=())

    @classmethod
    def empty(cls, unit: Unit = "word", sizes: Sizes | None = None) -> Snapshot:
        """Return the snapshot of no document."""
        size = sizes or Sizes()
        samples = WordSample.empty(size.words), Heavy.empty(size.heavy), TextSample.empty(size.texts)
        counts = Heavy.empty(size.strata), Heavy.empty(size.strata)
        return cls(np.zeros((2, BINS), np.int64), *samples, *counts, unit)

    @classmethod
    def of(
        cls, texts: Sequence[str], strata: Sequence[str] | None = None, unit: Unit = "word", excerpts: bool = True
    ) -> Snapshot:
        """Return the snapshot of texts.

        Parameters
        ----------
        texts
            The texts.
        strata
            The `stratum` of each; None where nothing is known of any.
        unit
            ``word`` or ``space``, see `outcross.core.text.tokenize`.
        excerpts
            Whether the beginnings of some texts are kept.
        """
        known = [stratum()] * len(texts) if strata is None else strata
        return cls.empty(unit).with_texts(texts, known, Cutter(unit), excerpts)

    def with_texts(
        self, texts: Sequence[str], strata: Sequence[str], cutter: Cutter, excerpts: bool = True
    ) -> Snapshot:
        """Return the snapshot with more texts in it.

        Parameters
        ----------
        texts, strata
            The texts, and the `stratum` of each.
        cutter
            What cuts them into words; kept from one batch to the next, it remembers what it has met.
        excerpts
            Whether beginnings are kept.
        """
        if not len(texts):
            return self
        cut = cutter.cut(texts)
        looked = self.texts.keys
        limits = self.texts.limit, int(looked[DEEP - 1]) + 1 if len(looked) >= DEEP else SPACE
        part = bins(cut.text_keys)
        documents = np.bincount(part, minlength=BINS)
        totals = np.stack([documents, np.bincount(part, weights=cut.lengths, minlength=BINS).astype(np.int64)])
        more = Snapshot(
            totals,
            batch.sampled_words(cut, self.words.k),
            batch.heavy_words(cut, self.heavy.k),
            batch.sampled_texts(cut, texts, strata, self.texts.k, limits, excerpts),
            *batch.by_stratum(strata, cut, self.strata.k),
            self.unit,
        )
        return self.merge(more)

    def merge(self, *others: Snapshot) -> Snapshot:
        """Return the snapshot of all the documents together; those in more than one count more than once."""
        given = (self, *others)
        if len({one.unit for one in given}) > 1:
            raise BadInput("snapshots whose words were cut in different ways ('word' and 'space') cannot be merged")
        kinds: dict[str, int] = {}
        for kind, count in (pair for one in given for pair in one.rejected):
            kinds[kind] = kinds.get(kind, 0) + count
        return Snapshot(
            np.sum([one.totals for one in given], axis=0),
            self.words.merge(*(one.words for one in others)),
            self.heavy.merge(*(one.heavy for one in others)),
            self.texts.merge(*(one.texts for one in others)),
            self.strata.merge(*(one.strata for one in others)),
            self.volume.merge(*(one.volume for one in others)),
            self.unit,
            tuple(sorted(kinds.items())),
        )

    @property
    def documents(self) -> int:
        """How many documents there are, copies included."""
        return int(self.totals[DOCUMENTS].sum())

    @property
    def distinct(self) -> int:
        """How many different texts there are, to the nearest whole number: what intervals rest on."""
        return min(self.documents, round(self.texts.distinct))

    @property
    def word_count(self) -> int:
        """How many words there are in all."""
        return int(self.totals[WORDS].sum())

    @property
    def digest(self) -> str:
        """The SHA-256 of all that does not depend on how the records were divided: the same for the same records."""
        texts, words = self.texts, self.words
        hashed = hashlib.sha256(f"{self.unit} {words.limit} {texts.limit} {self.rejected}".encode())
        arrays = (self.totals, words.keys, words.counts, texts.keys, texts.copies, texts.lengths)
        for array in (*arrays, texts.repeated, texts.runs):
            hashed.update(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).tobytes())
        for count in (self.strata, self.volume):
            if not count.error:
                hashed.update(repr(sorted(zip(count.names, count.low.tolist(), strict=True))).encode())
        return hashed.hexdigest()

    def save(self, path: str | Path) -> None:
        """Write it into one file, which is replaced in one step; see `outcross.guard.snapshot.file`."""
        from outcross.guard.snapshot.file import write

        write(self, Path(path))

    @staticmethod
    def load(path: str | Path) -> Snapshot:
        """Return the snapshot in a file.

        Raises
        ------
        MissingInput
            If there is no such file.
        BadInput
            If it is no snapshot, is damaged, or was written by a later version that keeps other things.
        """
        from outcross.guard.snapshot.file import read

        return read(Path(path), Snapshot)

    def measures(self, level: float = 0.95) -> dict[str, Measure]:
        """Return what it says of the corpus by itself, each number with its interval or the reason why there is none.

        Examples
        --------
        >>> str(Snapshot.of(["a cat", "a dog"]).measures()["types"].value)
        '3.0'
        """
        from outcross.guard.snapshot.alone import measures

        return measures(self, level)

    def to_dict(self) -> dict[str, Any]:
        """Return what a page shows of it, as plain data."""
        from dataclasses import asdict

        return {
            "digest": self.digest,
            "documents": self.documents,
            "words": self.word_count,
            "unit": self.unit,
            "rejected": dict(self.rejected),
            "strata": {name: int(count) for name, count in zip(self.strata.names, self.strata.low, strict=True)},
            "measures": {name: asdict(measure) for name, measure in self.measures().items()},
        }


def stratum(origin: str | None = None, generation: int | None = None, group: str | None = None) -> str:
    r"""Return the name of a stratum: origin, generation and group, with a tab between; nothing where it is not known.

    Examples
    --------
    >>> stratum("synthetic", 2, "news"), stratum()
    ('synthetic\t2\tnews', 'unknown\t\t')
    """
    return f"{origin or 'unknown'}\t{'' if generation is None else generation}\t{group or ''}"


def merged(snapshots: Iterable[Snapshot]) -> Snapshot:
    """Return the snapshot of many together, a few at a time, so that they need not all be in memory.

    Examples
    --------
    >>> merged(Snapshot.of([text]) for text in ("a cat", "a dog")).documents
    2
    """
    held: list[Snapshot] = []
    for one in snapshots:
        held.append(one)
        if len(held) == TOGETHER:
            held = [held[0].merge(*held[1:])]
    if not held:
        raise BadInput("there is no snapshot to merge")
    return held[0].merge(*held[1:])
