"""The table of events of Crossley et al. (2024): one row a key or an edit, with the caret behind it.

Event ID, Down Time, Up Time, Action Time, Position, Pause Time, Word Count, Text Change, Activity; the Kaggle data of
the same group (Linking Writing Processes to Writing Quality, 2023) spell them ``down_time``, ``cursor_position`` ....
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import final

from outcross.evidence.behaviour.events import Event, Kind, Log, hashed
from outcross.evidence.behaviour.formats import Format, Wanted, number_of
from outcross.evidence.behaviour.records import Record, Records

WRITERS = ("id", "essayid", "essay_id", "participant", "participant_id", "random_id")
"""Columns that tell essays apart."""

NOTHING = ("NoChange", "None", "")
"""What stands for no change of the text."""

_MOVE = re.compile(r"Move From \[(\d+), (\d+)\] To \[(\d+), (\d+)\]")


@final
class Crossley(Format):
    """Edits with positions: the text can be replayed exactly. The text that was handed in is what the replay gives.

    Examples
    --------
    >>> row = {"Event ID": 1, "Down Time": 5, "Position": 1, "Text Change": "a", "Activity": "Input"}
    >>> next(Crossley().logs(Records((row,)), Wanted())).events[0].position
    0
    """

    name = "crossley"
    about = "the event table of Crossley et al. and of the Kaggle data on writing processes"

    def recognises(self, record: Record) -> bool:
        """By its columns."""
        names = {_plain(name) for name in record}
        return {"activity", "text_change", "down_time"} <= names and bool(names & {"position", "cursor_position"})

    def logs(self, records: Records, wanted: Wanted) -> Iterator[Log]:
        """One log for each essay, in the order of the file."""
        essays: dict[str, list[Event]] = {}
        first: dict[str, Record] = {}
        last = ""
        for original in records.rows:
            row = {_plain(name): value for name, value in original.items()}
            last = next((str(row[name]) for name in WRITERS if row.get(name) not in (None, "")), "essay")
            essays.setdefault(last, []).extend(_edits(row))
            first.setdefault(last, original)
        for name, events in essays.items():
            yield Log(
                response=hashed(name) if name != "essay" else name,
                events=tuple(events),
                final=wanted.handed_in(first[name]),
                shown=wanted.shown(first[name]),
                broken=records.broken(len(records.rows) - 1) if name == last else "",
            )


@cache
def _plain(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().lower())


def _edits(row: Record) -> list[Event]:
    """What a row did; the position in the table is that of the caret behind it."""
    activity, change = str(row.get("activity") or ""), str(row.get("text_change") or "")
    time = number_of(row.get("down_time"))
    caret = number_of(row.get("position") if "position" in row else row.get("cursor_position"))
    behind = None if caret is None else int(caret)
    moved = _MOVE.fullmatch(activity.strip())
    if moved is not None:
        start, end, to, _ = map(int, moved.groups())
        return [
            Event(Kind.CUT, time, start, 0, end - start, None),
            Event(Kind.UNDO, time, to, end - start, 0, change or None),
        ]
    if activity.startswith("Input"):
        kind = Kind.TYPE if len(change) <= 2 else Kind.INSERT
        return [Event(kind, time, _before(behind, change), len(change), 0, change)]
    if activity.startswith("Remove"):
        return [Event(Kind.DELETE, time, behind, 0, len(change))]
    if activity.startswith("Paste"):
        return [Event(Kind.PASTE, time, _before(behind, change), len(change), 0, change)]
    if activity.startswith("Replace"):
        old, arrow, new = change.partition(" => ")
        kind = Kind.TYPE if len(new) <= 2 else Kind.REPLACE
        return [Event(kind, time, _before(behind, new), len(new), len(old), new)] if arrow else []
    key = str(row.get("down_event") or activity)
    return [Event(Kind.KEY, time, text=key)]


def _before(behind: int | None, put_in: str) -> int | None:
    return None if behind is None else max(0, behind - len(put_in))


FORMAT = Crossley()
