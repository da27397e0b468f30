"""Words that a corpus has lost, or gained, against another one, as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from outcross.guard.check.checkup import Example
from outcross.guard.watch.lost import gained_words, lost_words

if TYPE_CHECKING:
    from outcross.guard.snapshot.snapshot import Snapshot

MOST = 24
"""Words of each kind, at most."""


def word_examples(old: Snapshot, new: Snapshot, most: int = MOST) -> tuple[Example, ...]:
    """Return the words that are gone, the most missed first, then those that have come.

    Examples
    --------
    >>> from outcross.guard.snapshot.snapshot import Snapshot
    >>> for one in word_examples(Snapshot.of(["a quince"] * 40), Snapshot.of(["a pear"] * 40)):
    ...     print(one.kind, one.text, one.says)
    lost word quince 500,000 a million words, now none
    gained word pear none, now 500,000 a million words
    """
    lost = (Example("lost word", one.word, f"{_rate(one.old)}, now none") for one in lost_words(old, new, most))
    gained = (Example("gained word", one.word, f"none, now {_rate(one.new)}") for one in gained_words(old, new, most))
    return (*lost, *gained)


def _rate(number: float) -> str:
    return f"{number:,.0f} a million words" if number >= 10 else f"{number:.2g} a million words"
