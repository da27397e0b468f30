"""Roundtable Alias: snapshots of the whole text of every question at every input.

``question_histories[question] = [{"s": text, "t": milliseconds, "o": operation, "ct": copied text}]``
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

from outcross.evidence.behaviour.events import Event, Kind, Log, hashed
from outcross.evidence.behaviour.formats import Format, Wanted, number_of, text_of
from outcross.evidence.behaviour.readers._snapshots import edit
from outcross.evidence.behaviour.records import CUT_OFF, Record, Records, salvaged

HISTORIES = "question_histories"


@final
class Roundtable(Format):
    """What two snapshots have in common stayed; the rest was put in or taken out.

    Examples
    --------
    >>> Roundtable().recognises({"question_histories": {"Q1": [{"s": "a", "t": 12, "o": "c"}]}})
    True
    """

    name = "roundtable"
    about = "Roundtable Alias, snapshots of the text of each question"

    def recognises(self, record: Record) -> bool:
        """By the histories of its questions."""
        return isinstance(_histories(record)[0], dict)

    def logs(self, records: Records, wanted: Wanted) -> Iterator[Log]:
        """One log for each question of each response."""
        for place, record in enumerate(records.rows):
            histories, whole = _histories(record)
            answers = record.get("responses") or record.get("answers") or {}
            for question, history in (histories if isinstance(histories, dict) else {}).items():
                shots = [one for one in history if isinstance(one, dict)] if isinstance(history, list) else []
                events = _events(shots)
                last = next((one["s"] for one in reversed(shots) if isinstance(one.get("s"), str)), None)
                said = answers.get(question) if isinstance(answers, dict) else None
                broken = records.broken(place) or ("" if whole else CUT_OFF)
                yield Log(
                    response=str(record.get("session_id") or record.get("id") or f"response {place + 1}"),
                    field=str(question),
                    events=events,
                    writer=hashed(record.get("user_id") or record.get("worker_id")),
                    final=wanted.handed_in(record, text_of(said) or (None if broken else last)),
                    shown=wanted.shown(record),
                    broken=broken,
                )


def _histories(record: Record) -> tuple[Any, bool]:
    value = record.get(HISTORIES)
    return salvaged(value) if isinstance(value, str) else (value, True)


def _events(shots: list[dict[str, Any]]) -> tuple[Event, ...]:
    before, events = "", []
    for shot in shots:
        after = shot.get("s")
        if not isinstance(after, str):
            continue
        change = edit(before, after, number_of(shot.get("t")), Kind.PASTE if _pasted(shot, before, after) else None)
        if change is not None:
            events.append(change)
        before = after
    return tuple(events)


def _pasted(shot: dict[str, Any], before: str, after: str) -> bool:
    """Whether the snapshot says that the text was copied: by a mark, or by the copied text itself."""
    copied = shot.get("ct")
    if isinstance(copied, str):
        return bool(copied.strip()) and len(after) > len(before) and copied.strip() in after
    return bool(copied) or shot.get("o") in ("p", "paste")


FORMAT = Roundtable()
