"""Replaying a log against the text that was handed in: which event put each of its characters there?"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Ints
from outcross.core.errors import BadInput
from outcross.evidence.behaviour.events import MOST, Event, Kind, Log
from outcross.evidence.behaviour.matching import blocks

NOBODY = -1
"""The owner of a character that no event explains."""

PASTED_BLOCK, TYPED_BLOCK = 12, 4
"""Fewest characters in a row by which a piece of a paste, and of what was typed, is known again."""

SMALL_GAP = 8
"""Gaps of at most so many characters are explained by single keys typed anywhere: small corrections with the mouse."""

KEPT = 100
"""Pieces that were taken out last, which may come back."""

UNKNOWN = "\uffff"
"""Stands for a character that the log does not tell; no text has this one, as it may have U+FFFD."""


@final
@dataclass(frozen=True, eq=False)
class Replay:
    """Who put each character there.

    Parameters
    ----------
    text
        The text that was handed in; what the log gives where that is not known.
    owners
        The number of the event that put each character in, ``NOBODY`` where none did, shape (len(text),).
    exact
        Whether the log has every position, and its replay gives the text.

    Examples
    --------
    >>> log = Log("a", (Event(Kind.TYPE, 0.0, 0, 1, text="x"), Event(Kind.PASTE, 9.0, 0, 2, text="yy")), final="yyx")
    >>> replay(log).owners.tolist()
    [1, 1, 0]
    """

    text: str
    owners: Ints
    exact: bool


def replay(log: Log) -> Replay:
    """Replay a log.

    With positions the edits are done again one by one; where the outcome differs from the text that was handed in,
    what both have in common keeps its owners. Without positions (keys and pastes only) pieces of the pastes are looked
    for in the text first, then what was typed, with Backspace taking out the character before it, and then without.

    A text that comes back (undone, moved, or pasted where the field had it already) keeps the owners that it had.

    Raises
    ------
    BadInput
        If the log puts in more characters than any answer has.

    Examples
    --------
    >>> keys = tuple(Event(Kind.TYPE, float(time), inserted=1, text=key) for time, key in enumerate("cat"))
    >>> replay(Log("a", keys, final="cats")).owners.tolist()
    [0, 1, 2, -1]
    """
    final = None if log.final is None else _one_line_end(log.final)
    changing = [event for event in log.events if event.kind.changes and (event.inserted or event.deleted)]
    if (size := sum(event.inserted for event in changing)) > MOST:
        raise BadInput(f"the log of {log.name} puts in {size:,} characters, more than any answer has")
    if all(event.position is not None for event in changing):
        return _exactly(log.events, final)
    return _by_matching(log.events, final)


def _one_line_end(text: str) -> str:
    """A text with one kind of line end and one kind of blank: pages make plain ones of the others on the way."""
    return _BLANK.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


_BLANK = re.compile(r"[^\S\n ]")


@final
class _Field:
    """A field under replay: its characters, their owners, and the pieces that were taken out of it lately."""

    def __init__(self) -> None:
        self.characters: list[str] = []
        self.owners = array("q")
        self.removed: list[tuple[str, array[int]]] = []
        self.fits = True
        self.erasing = -1
        self.came: dict[Kind | int, int] = {}  # who put text in that is new: all keys alike, everything else by itself

    def do(self, number: int, event: Event) -> None:
        """Take out what the event takes out, and put in what it puts in."""
        start = event.position or 0
        end = start + event.deleted
        self.fits = self.fits and end <= len(self.characters)
        back = self._back(event)
        if event.deleted:
            self._keep(start, end)
        self.erasing = start if event.deleted and not event.inserted else -1
        if event.inserted and back is None:
            self.came[event.kind if event.kind is Kind.TYPE else number] = number
        text, owners = back or (event.text, array("q", [number]) * event.inserted)
        self.characters[start:end] = text if text is not None else UNKNOWN * event.inserted
        self.owners[start:end] = owners

    def _keep(self, start: int, end: int) -> None:
        """Keep a piece that is taken out; what Backspace takes out key by key is one piece."""
        text, owners = "".join(self.characters[start:end]), self.owners[start:end]
        if end == self.erasing and self.removed:
            after, behind = self.removed.pop()
            text, owners = text + after, owners + behind
        self.removed.append((text, owners))
        del self.removed[:-KEPT]

    def _back(self, event: Event) -> tuple[str, array[int]] | None:
        """The same text as it was in the field before, with its owners."""
        if event.kind not in (Kind.UNDO, Kind.PASTE, Kind.DROP, Kind.INSERT, Kind.REPLACE) or event.inserted < 2:
            return None
        if event.text is None:
            return self._alike(event.inserted) if event.kind is Kind.UNDO else None
        for text, owners in reversed(self.removed):
            at = text.find(event.text)
            if at >= 0:
                return event.text, owners[at : at + event.inserted]
        at = "".join(self.characters).find(event.text)
        return (event.text, self.owners[at : at + event.inserted]) if at >= 0 else None

    def _alike(self, size: int) -> tuple[str, array[int]] | None:
        """What an undoing or a move brings back: the piece of that length, or what can only be of one origin."""
        piece = next((one for one in reversed(self.removed) if len(one[0]) == size), None)
        if piece is None and len(self.came) == 1:
            return UNKNOWN * size, array("q", self.came.values()) * size
        return piece


def _exactly(events: Sequence[Event], final: str | None) -> Replay:
    field = _Field()
    for number, event in enumerate(events):
        if event.kind.changes and (event.inserted or event.deleted):
            field.do(number, _sized(event))
    text, owners = "".join(field.characters), np.array(field.owners, dtype=np.int64)
    if final is None:
        return Replay(text, owners, field.fits)
    if len(text) == len(final) and all(one in (other, UNKNOWN) for one, other in zip(text, final, strict=True)):
        return Replay(final, owners, field.fits)
    return Replay(final, _carried(text, owners, final), exact=False)


def _sized(event: Event) -> Event:
    """An edit whose length is that of its text."""
    if event.text is None or len(event.text) == event.inserted:
        return event
    return Event(event.kind, event.time, event.position, len(event.text), event.deleted, event.text, event.share)


def _carried(text: str, owners: Ints, final: str) -> Ints:
    """The owners of what two texts have in common: all of one, trimmed or cut, or blocks of it."""
    out = np.full(len(final), NOBODY, dtype=np.int64)
    at, within = text.find(final), final.find(text)
    if at >= 0:
        out[:] = owners[at : at + len(final)]
    elif within >= 0:
        out[within : within + len(text)] = owners
    else:
        for place, there, length in blocks(final, out == NOBODY, text, min(PASTED_BLOCK, len(final), len(text)) or 1):
            out[place : place + length] = owners[there : there + length]
    return out


def _by_matching(events: Sequence[Event], final: str | None) -> Replay:
    typed, raw, pastes = _streams(events)
    if final is None:
        return _as_entered(events, typed, pastes)
    owners = np.full(len(final), NOBODY, dtype=np.int64)
    rest = []
    for number, text, own in sorted(pastes, key=lambda paste: -len(paste[1])):
        by = np.full(len(text), number) if own is None else own
        if not _own_whole(final, owners, text, by):
            rest.append((text, by))
    for text, by in rest:
        for place, there, length in blocks(final, owners == NOBODY, text, PASTED_BLOCK):
            owners[place : place + length] = by[there : there + length]
    for stream in (typed, raw):
        _own_typed(final, owners, stream)
    _own_gaps(final, owners, raw)
    return Replay(final, owners, exact=False)


_Stream = list[tuple[str, int]]
"""Characters with the numbers of the events that put them in."""


def _streams(events: Sequence[Event]) -> tuple[_Stream, _Stream, list[tuple[int, str, Ints | None]]]:
    """What was typed, with and without Backspace, and the pastes; those of one's own text with their owners."""
    typed: _Stream = []
    raw: _Stream = []
    pastes: list[tuple[int, str, Ints | None]] = []
    for number, event in enumerate(events):
        if event.kind is Kind.DELETE:
            del typed[max(0, len(typed) - event.deleted) :]
        elif event.kind.changes and event.inserted:
            text = _one_line_end(event.text or UNKNOWN * event.inserted)
            if event.kind is Kind.TYPE:
                typed += ((one, number) for one in text)
                raw += ((one, number) for one in text)
            else:
                pastes.append((number, text, _own(text, typed, pastes)))
    return typed, raw, pastes


def _own(text: str, typed: _Stream, pastes: list[tuple[int, str, Ints | None]]) -> Ints | None:
    """The owners of a text that was in the field before, typed or pasted; None for a new one."""
    wanted = text.strip()
    if len(wanted) < 2:
        return None
    known = [("".join(one for one, _ in typed), np.array([number for _, number in typed], dtype=np.int64))]
    known += [(one, np.full(len(one), number) if own is None else own) for number, one, own in pastes]
    for before, owners in known:
        at = before.find(wanted)
        if at >= 0:
            lead = len(text) - len(text.lstrip())
            inside = owners[at : at + len(wanted)]
            return np.pad(inside, (lead, len(text) - lead - len(wanted)), mode="edge")
    return None


def _own_whole(final: str, owners: Ints, text: str, by: Ints) -> bool:
    """Give a paste the first free place where it stands whole; return whether there is one."""
    wanted, lead = text.strip(), len(text) - len(text.lstrip())
    at = final.find(wanted) if wanted else -1
    while at >= 0:
        span = slice(at, at + len(wanted))
        if (owners[span] == NOBODY).all():
            owners[span] = by[lead : lead + len(wanted)]
            return True
        at = final.find(wanted, at + 1)
    return False


def _own_typed(final: str, owners: Ints, stream: _Stream) -> None:
    """Give keys the characters that they typed, each key one at most."""
    if not stream:
        return
    used = set(np.unique(owners).tolist())
    left = [(one, number) for one, number in stream if number not in used]
    text, spent = "".join(one for one, _ in left), np.zeros(len(left), dtype=bool)
    for place, there, length in blocks(final, owners == NOBODY, text, TYPED_BLOCK):
        if not spent[there : there + length].any():
            owners[place : place + length] = [number for _, number in left[there : there + length]]
            spent[there : there + length] = True


def _own_gaps(final: str, owners: Ints, raw: _Stream) -> None:
    """Explain small gaps by keys that are left: the same character, typed some time."""
    used = set(np.unique(owners).tolist())
    left: dict[str, list[int]] = {}
    for one, number in raw:
        if number not in used:
            left.setdefault(one, []).append(number)
    free = np.flatnonzero(owners == NOBODY)
    for run in np.split(free, np.flatnonzero(np.diff(free) > 1) + 1):
        if 0 < len(run) <= SMALL_GAP:
            for place in run:
                if left.get(final[place]):
                    owners[place] = left[final[place]].pop(0)


def _as_entered(events: Sequence[Event], typed: _Stream, pastes: list[tuple[int, str, Ints | None]]) -> Replay:
    """What was put in, in order, where the text that was handed in is not known."""
    pieces: Counter[int] = Counter(number for _, number in typed)
    by = {number: (np.full(len(text), number) if own is None else own) for number, text, own in pastes}
    texts = {number: text for number, text, _ in pastes}
    characters, owners = [], []
    for number, event in enumerate(events):
        if number in by:
            characters.append(texts[number])
            owners.append(by[number])
        elif pieces[number]:
            characters.append((event.text or UNKNOWN * event.inserted)[: pieces[number]])
            owners.append(np.full(pieces[number], number))
    whole = np.concatenate(owners) if owners else np.zeros(0, dtype=np.int64)
    return Replay("".join(characters), whole.astype(np.int64), exact=False)
