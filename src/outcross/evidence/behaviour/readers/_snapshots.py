"""Whole texts, one after the other, as edits: what two of them have in common at both ends stayed."""

from __future__ import annotations

from outcross.evidence.behaviour.events import Event, Kind
from outcross.evidence.behaviour.matching import common

AT_ONCE = 2
"""As many characters may come between two snapshots and still be typed: a fast hand, or one picture character."""


def edit(before: str, after: str, time: float | None, how: Kind | None = None) -> Event | None:
    """Return what makes one text of another; None where nothing changed.

    Parameters
    ----------
    before, after
        Two snapshots.
    time
        Of the second, in milliseconds.
    how
        What the log says of it; None where it says nothing. Then more than two characters at once are ``insert``, since
        pastes, dictation and suggestions look alike.

    Examples
    --------
    >>> edit("a cat", "a black cat", 5.0)
    Event(kind=<Kind.INSERT: 'insert'>, time=5.0, position=2, inserted=6, deleted=0, text='black ', share=None)
    """
    if before == after:
        return None
    start = common(before, 0, after, 0)
    rest = min(len(before), len(after)) - start
    same = min(rest, common(before[::-1], 0, after[::-1], 0))
    put_in, taken_out = after[start : len(after) - same], len(before) - same - start
    if not put_in:
        return Event(Kind.DELETE, time, start, 0, taken_out)
    many = len(put_in) > AT_ONCE
    kind = how or ((Kind.REPLACE if taken_out else Kind.INSERT) if many else Kind.TYPE)
    return Event(kind, time, start, len(put_in), taken_out, put_in)
