"""What keys that went down did to a text, as far as their names tell: no caret, no selection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from outcross.evidence.behaviour.events import Event, Kind

COMMANDS = frozenset({"Control", "Meta", "Alt", "OS"})
"""Keys that make the next character a command."""

CLIPBOARD = {"c": Kind.COPY, "x": Kind.CUT, "v": Kind.PASTE, "insert": Kind.PASTE}
"""The event that follows a key at once where it was a command, although its Control key is not in the log."""

AT_ONCE = 250.0
"""Milliseconds between such a key and its event, at most."""


def keydowns(events: Sequence[Event]) -> Iterator[Event]:
    """Yield events with every key that has a character as ``type``, or as ``delete``, where it was no command.

    Backspace and Delete take out one character: a selection is not in such a log.

    Examples
    --------
    >>> keys = [Event(Kind.KEY, text=name) for name in ("a", "Shift", "B", "Backspace", "Control", "c", "Enter")]
    >>> [(str(event.kind), event.text) for event in keydowns(keys)][:4]
    [('type', 'a'), ('key', 'Shift'), ('type', 'B'), ('delete', None)]
    """
    armed = False
    for place, event in enumerate(events):
        if event.kind is not Kind.KEY or event.text is None:
            yield event
            continue
        name = event.text
        if name in COMMANDS:
            armed = True
            yield event
        elif len(name) == 1 and not armed and not _command(name, event, events[place + 1 : place + 4]):
            yield replace(event, kind=Kind.TYPE, inserted=1)
        elif name == "Enter" and not armed:
            yield replace(event, kind=Kind.TYPE, inserted=1, text="\n")
        elif name in ("Backspace", "Delete"):
            armed = False
            yield replace(event, kind=Kind.DELETE, deleted=1, text=None)
        else:
            armed = armed and name in ("Shift", "CapsLock")
            yield replace(event, text=f"Control+{name}" if armed and len(name) == 1 else name)


def _command(name: str, event: Event, later: Sequence[Event]) -> bool:
    """Whether the clipboard event that this key gives comes right behind it."""
    following = next((one for one in later if one.kind is not Kind.KEY), None)
    if following is None or following.kind is not CLIPBOARD.get(name.lower()):
        return False
    return following.time is None or event.time is None or 0 <= following.time - event.time <= AT_ONCE
