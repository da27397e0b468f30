"""Texts cut into records of so many words, as models with a window of fixed length are trained on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import final

from outcross.core.text import Unit, tokenize


@final
@dataclass
class Cutter:
    r"""Cuts each text, from its beginning, into records of so many words, and counts the words that do not fill one.

    A record is a slice of the text as it was written, from its first word to the end of its last, line ends between
    them included: what a model of tokens should see. (By the Unicode rules what follows can change where a word ends;
    with soft hyphens and the like, a slice can have a word more or less on its own.)

    Parameters
    ----------
    size
        Words of a record.
    unit
        What a word is, see `outcross.core.text.tokenize`.
    left
        Words that were left out so far, at the ends of texts.

    Examples
    --------
    >>> cutter = Cutter(2, "word")
    >>> list(cutter.blocks("One cat\n\nsleeps. Another")), cutter.left
    (['One cat', 'sleeps.'], 1)
    """

    size: int
    unit: Unit
    left: int = 0

    @property
    def said(self) -> str:
        """The size, for people."""
        kind = "character" if self.unit == "character" else "word"
        return f"{self.size:,} {kind}{'s' * (self.size > 1)}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the results should know."""
        left = f"; {self.left:,} at the ends of texts left out" if self.left else ""
        return (f"every text cut, in order, into records of {self.said}{left}",)

    def records(
        self, records: Iterable[tuple[int, Mapping[str, object]]], column: str
    ) -> Iterator[tuple[int, Mapping[str, object]]]:
        """Yield a record for each block of each record's text, with its other cells and its number.

        What is no text is passed on as it is, to whoever says what is wrong with it.
        """
        for number, record in records:
            text = record.get(column)
            if isinstance(text, str):
                yield from ((number, {**record, column: block}) for block in self.blocks(text))
            else:
                yield number, record

    def blocks(self, text: str) -> Iterator[str]:
        """Yield the blocks of one text; what is too short for another one is counted.

        The text is looked at line by line, for a line's end is the end of a word by every rule.
        """
        before, count = "", 0
        for line in StringIO(text):
            begin = place = 0
            for word in tokenize(line, self.unit):
                place = line.index(word, place)
                begin = begin if count else place
                place += len(word)
                count += 1
                if count == self.size:
                    yield before + line[begin:place]
                    before, count = "", 0
            before = before + line[begin:] if count else ""
        self.left += count
