"""rrweb sessions: the value of a field at every input, perhaps masked.

``{"type": 3, "data": {"source": 5, "id": node, "text": value, "isChecked": false}, "timestamp": milliseconds}``; how a
change came about is not in such a log, so that pastes, dictation and suggestions look alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

from outcross.evidence.behaviour.events import Event, Kind, Log
from outcross.evidence.behaviour.formats import Format, Wanted, number_of
from outcross.evidence.behaviour.readers._snapshots import AT_ONCE, edit
from outcross.evidence.behaviour.records import CUT_OFF, Record, Records, salvaged

INCREMENTAL, INPUT = 3, 5
"""rrweb's numbers of an incremental snapshot and of its source, an input."""


@final
class RRWeb(Format):
    """Values of fields, one after the other; a masked one tells lengths only.

    Examples
    --------
    >>> event = {"type": 3, "data": {"source": 5, "id": 7, "text": "a", "isChecked": False}, "timestamp": 12}
    >>> [log.field for log in RRWeb().logs(Records((event,)), Wanted())]
    ['7']
    """

    name = "rrweb"
    about = "rrweb sessions, input events"

    def recognises(self, record: Record) -> bool:
        """By a type, data and a time stamp."""
        return any(
            {"type", "timestamp"} <= event.keys() and isinstance(event.get("data"), dict | str | None)
            for _, events, _ in _sessions(Records((record,)))
            for event in events[:1]
        )

    def logs(self, records: Records, wanted: Wanted) -> Iterator[Log]:
        """One log for each field of each session that a text was put in."""
        for session, events, broken in _sessions(records):
            values: dict[str, list[tuple[float | None, str]]] = {}
            for event in events:
                data = event.get("data")
                if event.get("type") != INCREMENTAL or not isinstance(data, dict) or data.get("source") != INPUT:
                    continue
                if isinstance(data.get("text"), str) and not data.get("isChecked"):
                    shot = (number_of(event.get("timestamp")), data["text"])
                    values.setdefault(str(data.get("id", "")), []).append(shot)
            for field, shots in values.items():
                last = shots[-1][1]
                record = events[0] if events else {}
                yield Log(
                    response=session,
                    field=field,
                    events=_events(shots),
                    final=wanted.handed_in(record, None if broken or masked(last) else last),
                    shown=wanted.shown(record),
                    broken=broken,
                )


def _sessions(records: Records) -> Iterator[tuple[str, list[dict[str, Any]], str]]:
    """The events of each session: a record with ``events``, or all records together."""
    loose = [dict(one) for one in records.rows if "timestamp" in one]
    if loose:
        yield "session", loose, records.broken(len(records.rows) - 1)
    for place, record in enumerate(records.rows):
        held = record.get("events")
        held, whole = salvaged(held) if isinstance(held, str) else (held, True)
        if "timestamp" not in record and isinstance(held, list):
            name = str(record.get("session") or record.get("id") or f"response {place + 1}")
            events = [one for one in held if isinstance(one, dict)]
            yield name, events, records.broken(place) or ("" if whole else CUT_OFF)


def masked(text: str) -> bool:
    """Return whether a value was masked: nothing but asterisks.

    Examples
    --------
    >>> masked("****"), masked("a*"), masked("")
    (True, False, False)
    """
    return bool(text) and not text.strip("*")


def _events(shots: list[tuple[float | None, str]]) -> tuple[Event, ...]:
    before, events = "", []
    for time, after in shots:
        if masked(after) and (masked(before) or not before):
            grown = len(after) - len(before)
            if grown > 0:
                events.append(Event(Kind.TYPE if grown <= AT_ONCE else Kind.INSERT, time, None, grown))
            elif grown < 0:
                events.append(Event(Kind.DELETE, time, None, 0, -grown))
        elif (change := edit(before, after, time)) is not None:
            events.append(change)
        before = after
    return tuple(events)


FORMAT = RRWeb()
