"""Texts cut into words fast: at white space first, and every distinct piece into words once.

Word boundaries do not lie inside white space, so the words of a text are those of its pieces; a corpus has some hundred
times fewer distinct pieces than pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.text import tokenize
from outcross.guard.snapshot.keys import Keys, text_keys, word_keys

if TYPE_CHECKING:
    import polars as pl

Unit = Literal["word", "space"]

MOST = 1_000_000
"""Distinct pieces to remember; then it begins anew, so that memory stays flat."""


@final
@dataclass(frozen=True, eq=False)
class Cut:
    """Some texts as words.

    Parameters
    ----------
    codes
        All words of all texts, one after another, shape (tokens,).
    starts
        Where each text starts, and the end of the last one, shape (n + 1,).
    words, word_keys
        The words that the codes stand for, and their hashes.
    text_keys
        The hash of each text's canonical form, shape (n,).

    Examples
    --------
    >>> cut = Cutter().cut(["A cat.", "a  cat"])
    >>> [cut.words[code] for code in cut.codes], cut.starts.tolist()
    (['A', 'cat', '.', 'a', 'cat'], [0, 3, 5])
    """

    codes: NDArray[np.int64]
    starts: NDArray[np.int64]
    words: Sequence[str]
    word_keys: Keys
    text_keys: Keys

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Words of each text, shape (n,)."""
        return np.diff(self.starts)


@final
class Cutter:
    """Cuts one batch of texts after another, and remembers the words of the pieces it has met.

    Parameters
    ----------
    unit
        ``word`` for UAX #29 words, ``space`` for texts that were cut before; see `outcross.core.text.tokenize`.

    Examples
    --------
    See `Cut`.
    """

    def __init__(self, unit: Unit = "word") -> None:
        self.unit = unit
        self._forget()

    def _forget(self) -> None:
        import polars as pl

        # Polars keeps the number of a category as long as there is a series of its kind: this one
        self._pieces = pl.Series([""], dtype=pl.Categorical(pl.Categories.random()))
        self._row = np.zeros(0, np.int64)
        self._words: dict[str, int] = {}
        self._names: list[str] = []
        self._keys = np.zeros(0, np.uint64)
        self._codes = np.zeros(0, np.int64)
        self._starts = np.zeros(1, np.int64)

    def cut(self, texts: Sequence[str]) -> Cut:
        """Return texts as words."""
        import polars as pl

        if len(self._starts) > MOST:
            self._forget()
        joined = [text if _plain(text) else " ".join(text.split()) for text in texts]
        lists = pl.Series(joined, dtype=pl.String).str.split(" ")
        each = lists.list.len().to_numpy().astype(np.int64)
        row = self._rows(lists.explode().cast(self._pieces.dtype))
        number = (self._starts[1:] - self._starts[:-1])[row]
        ends = np.cumsum(number)
        total = int(ends[-1]) if len(ends) else 0
        place = np.repeat(self._starts[row] - ends + number, number) + np.arange(total)
        starts = np.concatenate([[0], ends])[np.concatenate([[0], np.cumsum(each)])]
        return Cut(self._codes[place], starts, self._names, self._keys, text_keys(joined))

    def _rows(self, pieces: pl.Series) -> NDArray[np.int64]:
        """Return in which row the words of each piece are; those that were not met before are cut."""
        import polars as pl

        number = pieces.to_physical().to_numpy()
        beyond = int(number.max(initial=0)) + 1 - len(self._row)
        self._row = np.concatenate([self._row, np.full(max(beyond, 0), -1)])
        row = self._row[number]
        unknown = np.flatnonzero(row < 0)
        if len(unknown):
            fresh, first = np.unique(number[unknown], return_index=True)
            self._row[fresh] = len(self._starts) - 1 + np.arange(len(fresh))
            self._learn(pieces.gather(unknown[first]).cast(pl.String).to_list())
            row = self._row[number]
        return np.asarray(row)

    def _learn(self, pieces: list[str]) -> None:
        """Add rows with the words of pieces."""
        before = len(self._words)
        codes: list[int] = []
        ends: list[int] = []
        for piece in pieces:
            for word in tokenize(piece) if self.unit == "word" else piece.split():
                codes.append(self._words.setdefault(word, len(self._words)))
            ends.append(len(codes))
        self._names = list(self._words)
        self._keys = np.concatenate([self._keys, word_keys(self._names[before:])])
        self._starts = np.concatenate([self._starts, self._starts[-1] + np.array(ends, np.int64)])
        self._codes = np.concatenate([self._codes, np.array(codes, np.int64)])


def _plain(text: str) -> bool:
    """Whether the white space of a text is single spaces already: any other is not printable."""
    return text.isprintable() and "  " not in text and text[:1] != " " and text[-1:] != " "
