"""What one can read: words that are lost, texts that are copied, marks as they stand, the likeliest documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from outcross.core.batch import Floats
from outcross.evidence.scored import probability
from outcross.guard.check.checkup import Example
from outcross.guard.check.look import Look
from outcross.guard.snapshot.snapshot import Snapshot
from outcross.guard.watch.lost import gained_words, lost_words

LONG = 240
"""Characters of a text that are shown."""
EACH = 3
"""Examples of a kind."""
WORDS = 16
"""Lost words that are shown, and gained ones."""
SPREAD = 3
"""Documents that must have a word before its absence elsewhere is shown: what one document is about is no loss."""


def excerpt(text: str, long: int = LONG) -> str:
    r"""Return the beginning of a text on one line, cut between words.

    Examples
    --------
    >>> excerpt("a cat\nsat on the mat", 8)
    'a cat …'
    """
    line = " ".join(text.split())
    if len(line) <= long:
        return line
    kept = line[: long - 1].rpartition(" ")[0] or line[: long - 1]
    return f"{kept} …"


def likeliest(texts: Sequence[str], log_odds: Floats) -> Iterator[Example]:
    """Yield the documents that look most synthetic, and most human, with their odds in an even mixture.

    Examples
    --------
    >>> [one.kind for one in likeliest(["a cat", "It is vital."], np.array([-2.0, 2.0]))]
    ['most synthetic', 'most human']
    """
    known = np.flatnonzero(np.isfinite(log_odds))
    order = known[np.argsort(log_odds[known], kind="stable")]
    half = min(EACH, len(order) // 2)
    for kind, places in (("most synthetic", order[::-1][:half]), ("most human", order[:half])):
        for place in places:
            chance = float(probability(log_odds[place]))
            said = f"{chance:.0%} likely to be synthetic, were half of all documents".replace("%", " %")
            yield Example(kind, excerpt(texts[int(place)]), said)


def words(old: Snapshot, new: Snapshot) -> Iterator[Example]:
    """Yield words of several documents of one snapshot of which the other has none, though it should have some.

    Examples
    --------
    >>> [one.text for one in words(Snapshot.of(["a cat"] * 9), Snapshot.of(["a dog"] * 9))]
    ['cat', 'dog']
    """
    lost = [one for one in lost_words(old, new, 10 * WORDS) if one.documents >= SPREAD]
    gained = [one for one in gained_words(old, new, 10 * WORDS) if one.documents >= SPREAD]
    for one in lost[:WORDS]:
        yield Example("lost word", one.word, f"{one.old:,.0f} a million, in {one.documents:,} documents; now none")
    for one in gained[:WORDS]:
        yield Example("gained word", one.word, f"none before; {one.new:,.0f} a million, in {one.documents:,} documents")


def copied(look: Look) -> Iterator[Example]:
    """Yield the texts that occur most often in the sample.

    Examples
    --------
    >>> list(copied(Look()))
    []
    """
    if not look.copies or look.sample is None:
        return
    counts = Counter(" ".join(text.split()) for text in look.sample["text"])
    whole = look.documents == look.sample.height
    for text, count in counts.most_common(EACH):
        if count > 1:
            among = "" if whole else f" in a sample of {look.sample.height:,}"
            yield Example("copy", excerpt(text), f"{count:,} times{among}")


def marked(look: Look) -> Iterator[Example]:
    """Yield marked passages as they stand, those that declare something before sentences that only say so.

    Examples
    --------
    >>> list(marked(Look()))
    []
    """
    for passage in look.passages[: 2 * EACH]:
        yield Example("mark", passage.text, f"{passage.kind}: {passage.says}")
