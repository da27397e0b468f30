"""Finding the marks in a text before anything cleans it, and taking them out afterwards."""

from __future__ import annotations

from bisect import bisect, insort
from functools import cache

from outcross.evidence.marks.kind import kinds
from outcross.evidence.marks.mark import Mark, Span

_INVISIBLE = tuple(
    one.encode()[:size]
    for one, size in (
        ("\u200b", 3),
        ("\u200c", 3),
        ("\u200d", 3),
        ("\u2060", 2),
        ("\ufe00", 2),
        ("\ufeff", 3),
        ("\U000e0000", 2),
    )
)
"""How the characters begin in UTF-8 of which an invisible mark can be made."""


def find_marks(text: str) -> tuple[Mark, ...]:
    r"""Find the declared marks of provenance in a text, as it was read and before it is cleaned.

    Cleaning loses them: ``ftfy`` drops U+FEFF, without which a C2PA wrapper is none any more, and whatever keeps ASCII
    only, or drops characters without a glyph, drops them all.

    Parameters
    ----------
    text
        The text, HTML and XML as they are.

    Returns
    -------
    tuple of Mark
        In order of their places; no two share a character. Of two that would, the one that begins first is kept, and
        of two that begin together, the longer.

    Examples
    --------
    >>> [mark.origin for mark in find_marks('<meta name="ai-disclosure" content="ai-generated"><p>A cat.</p>')]
    [<Origin.SYNTHETIC: 'synthetic'>]
    >>> find_marks("A family: \U0001f468\u200d\U0001f469\u200d\U0001f467, and a heart: \u2764\ufe0f")
    ()
    """
    data = text.encode("utf-8", "surrogatepass").lower()  # bytes are searched several times faster than characters
    there = {hint for hint, written in _hints() if written in data}
    invisible = not text.isascii() and any(start in data for start in _INVISIBLE)
    found: list[Mark] = []
    for kind in kinds().values():
        if not there.isdisjoint(kind.hints) if kind.hints else invisible:
            found.extend(kind.marks(text))
    return _apart(found) if found else ()


def strip_marks(text: str) -> tuple[str, tuple[Mark, ...]]:
    r"""Return a text without its marks, and the marks.

    Only what was found is taken out; a text without marks comes back as it was. Sentences that a reader sees
    (``statement``) are reported and stay.

    Examples
    --------
    >>> hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "by GPT")
    >>> clean, marks = strip_marks("A cat." + hidden + " A dog.")
    >>> clean, marks[0].says
    ('A cat. A dog.', 'by GPT')
    """
    marks = find_marks(text)
    spans = sorted(span for mark in marks if not kinds()[mark.kind].prose for span in mark.spans)
    if not spans:
        return text, marks
    kept, place = [], 0
    for start, length in spans:
        kept.append(text[place:start])
        place = start + length
    return "".join([*kept, text[place:]]), marks


@cache
def _hints() -> tuple[tuple[str, bytes], ...]:
    return tuple({hint: hint.encode() for kind in kinds().values() for hint in kind.hints}.items())


def _apart(found: list[Mark]) -> tuple[Mark, ...]:
    """Marks in order, without those that share a character with one before them."""
    kept: list[Mark] = []
    taken: list[Span] = []  # in order, and apart
    for mark in sorted(found, key=lambda mark: (mark.start, -mark.length)):
        if all(_free(span, taken) for span in mark.spans):
            kept.append(mark)
            for span in mark.spans:
                insort(taken, span)
    return tuple(kept)


def _free(span: Span, taken: list[Span]) -> bool:
    place = bisect(taken, span)
    before, after = taken[max(0, place - 1) : place], taken[place : place + 1]
    return all(sum(one) <= span[0] for one in before) and all(sum(span) <= start for start, _ in after)
