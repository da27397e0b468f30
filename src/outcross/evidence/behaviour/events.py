"""The canonical event: what happened to the text of one answer, and when, whatever program kept the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import final

from outcross.core.errors import BadInput


@final
class Kind(StrEnum):
    """What kind of event it is; the first ten change the text.

    =============  ==========================================================================================
    ``type``       at most two characters put in after a key was pressed
    ``delete``     text taken out
    ``paste``      text put in from the clipboard
    ``drop``       text dragged into the field
    ``compose``    text put in by an input method: Chinese, Japanese, Korean, most keyboards of phones
    ``insert``     several characters at once, and the log does not say how: dictation, swiping, a suggestion, a script
    ``replace``    text replaced by a correction or a suggestion
    ``autofill``   text put in by a form filler or a script
    ``initial``    text that was there when the log began
    ``undo``       text brought back that was there before (or taken out again)
    ``cut``        text taken to the clipboard; that it leaves the text is an event of its own, or of this one
    ``copy``       text copied to the clipboard, on the page of the task
    ``key``        a key that put no character in, or of which the log does not say what it did
    ``focus``      the field was entered
    ``blur``       the field was left
    ``hidden``     the page was hidden
    ``visible``    the page was seen again
    ``shown``      not an event: the text that the answer was written from
    ``final``      not an event: the text that was handed in
    ``broken``     not an event: the log stops here in the middle, and why
    =============  ==========================================================================================

    Examples
    --------
    >>> Kind.PASTE.changes, Kind.COPY.changes, str(Kind.TYPE)
    (True, False, 'type')
    """

    TYPE = "type"
    DELETE = "delete"
    PASTE = "paste"
    DROP = "drop"
    COMPOSE = "compose"
    INSERT = "insert"
    REPLACE = "replace"
    AUTOFILL = "autofill"
    INITIAL = "initial"
    UNDO = "undo"
    CUT = "cut"
    COPY = "copy"
    KEY = "key"
    FOCUS = "focus"
    BLUR = "blur"
    HIDDEN = "hidden"
    VISIBLE = "visible"
    SHOWN = "shown"
    FINAL = "final"
    BROKEN = "broken"

    @property
    def changes(self) -> bool:
        """Whether such an event changes the text."""
        return self in _CHANGES

    @property
    def pasted(self) -> bool:
        """Whether such an event brings text in from outside the field."""
        return self in (Kind.PASTE, Kind.DROP)


MOST = 2 * 10**7
"""No answer has more characters, and no log puts in more."""

_CHANGES = frozenset(list(Kind)[:10]) | {Kind.CUT}


@final
@dataclass(frozen=True, slots=True)
class Event:
    """One event; an edit is ``text[:position] + put in + text[position + deleted:]``.

    Parameters
    ----------
    kind
        What happened.
    time
        Milliseconds since an origin of the log's own; None where the log has none.
    position
        Number of characters (Unicode code points) before the edit; None where the log does not say.
    inserted, deleted
        Number of characters put in, and taken out before that.
    text
        The text put in, copied or cut, or the name of the key; None where the log does not say.
    share
        The share of the characters put in that the logger itself found in the source; None where it did not look.

    Raises
    ------
    BadInput
        If a number of characters is negative, or beyond any text.

    Examples
    --------
    >>> Event(Kind.TYPE, time=1200.0, position=0, inserted=1, text="a").inserted
    1
    """

    kind: Kind
    time: float | None = None
    position: int | None = None
    inserted: int = 0
    deleted: int = 0
    text: str | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if not (0 <= (self.position or 0) <= MOST and 0 <= self.inserted <= MOST and 0 <= self.deleted <= MOST):
            numbers = f"position {self.position}, {self.inserted} inserted, {self.deleted} deleted"
            raise BadInput(f"an event has impossible numbers of characters: {numbers}")


@final
@dataclass(frozen=True, slots=True)
class Log:
    """The log of one answer: one field of one response.

    Parameters
    ----------
    response
        Name of the response.
    events
        What happened, in order.
    field
        Name of the field, empty where there is one only.
    writer
        A digest that is the same for all responses of one writer, empty where the log does not say; see `hashed`.
    final
        The text that was handed in; None where it is not known.
    shown
        The text that the answer was written from; None where none is known.
    broken
        Why the log is incomplete; empty if it is whole.

    Examples
    --------
    >>> log = Log("a", (Event(Kind.TYPE, 0.0, 0, 1, text="x"), Event(Kind.PASTE, 9.0, 1, 3, text="yyy")), final="xyyy")
    >>> log.keys, log.pastes, log.whole
    (1, 1, True)
    """

    response: str
    events: tuple[Event, ...]
    field: str = ""
    writer: str = ""
    final: str | None = None
    shown: str | None = None
    broken: str = ""

    @property
    def whole(self) -> bool:
        """Whether the log goes on to its end."""
        return not self.broken

    @property
    def keys(self) -> int:
        """How many keys put a character in or took text out."""
        return sum(event.kind in (Kind.TYPE, Kind.DELETE) for event in self.events)

    @property
    def pastes(self) -> int:
        """How often text was pasted or dropped into the field."""
        return sum(event.kind.pasted for event in self.events)

    @property
    def name(self) -> str:
        """The response, and the field where it has a name."""
        return f"{self.response}/{self.field}" if self.field else self.response


def hashed(writer: object) -> str:
    """Return a digest in place of a writer's name, so that no name is kept or shown; empty for no name.

    It keeps responses of one writer together. It is no secret: who has a list of names can find the name again.

    Examples
    --------
    >>> hashed("A1B2C3") == hashed("A1B2C3"), len(hashed("A1B2C3")), hashed("")
    (True, 12, '')
    """
    name = "" if writer is None else str(writer).strip()
    return blake2b(name.encode("utf-8", "replace"), digest_size=6, person=b"outcross").hexdigest() if name else ""


def in_order(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return events in order of time; one without a time stays behind the event before it.

    Examples
    --------
    >>> times = [event.time for event in in_order([Event(Kind.KEY, 5.0), Event(Kind.COPY), Event(Kind.KEY, 1.0)])]
    >>> times
    [1.0, 5.0, None]
    """
    latest, keyed = float("-inf"), []
    for event in events:
        latest = latest if event.time is None else event.time
        keyed.append((latest, event))
    return tuple(event for _, event in sorted(keyed, key=lambda pair: pair[0]))
