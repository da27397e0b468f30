"""Aftercare: histories of keys and of pastes, without positions.

``key_history [{"k": key, "c": code, "t": milliseconds at which it went down, "ht": milliseconds held}]`` and
``paste_history [{"t": milliseconds, "c": text}]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

from outcross.evidence.behaviour.events import Event, Kind, Log, hashed, in_order
from outcross.evidence.behaviour.formats import Format, Wanted, number_of, text_of
from outcross.evidence.behaviour.readers._keydowns import keydowns
from outcross.evidence.behaviour.records import CUT_OFF, Record, Records, salvaged

KEYS, PASTES = "key_history", "paste_history"
FINALS = ("final_text", "response_text", "response", "answer", "text", "value")
"""Names under which the answer may stand beside its histories."""


@final
class Aftercare(Format):
    """Keys and pastes in order of time.

    Examples
    --------
    >>> Aftercare().recognises({"key_history": [{"k": "a", "c": "KeyA", "t": 10, "ht": 80}], "paste_history": []})
    True
    """

    name = "aftercare"
    about = "Aftercare, histories of keys and pastes"

    def recognises(self, record: Record) -> bool:
        """By its two histories."""
        return KEYS in record or PASTES in record

    def logs(self, records: Records, wanted: Wanted) -> Iterator[Log]:
        """One log for each record."""
        for place, record in enumerate(records.rows):
            keys, whole = _history(record, KEYS)
            pastes, both = _history(record, PASTES)
            entries = [
                Event(Kind.KEY, number_of(one.get("t")), text=str(one.get("k") or "Unidentified")) for one in keys
            ]
            for one in pastes:
                pasted = str(one.get("c") or "")
                entries.append(Event(Kind.PASTE, number_of(one.get("t")), inserted=len(pasted), text=pasted))
            said = [record[name] for name in FINALS if isinstance(record.get(name), str)]
            answer = next((text for one in said if (text := text_of(one)) is not None), "" if said else None)
            yield Log(
                response=str(record.get("response_id") or record.get("id") or f"response {place + 1}"),
                field=str(record.get("question_id") or record.get("field") or ""),
                events=tuple(keydowns(in_order(entries))),
                writer=hashed(record.get("participant_id") or record.get("worker_id")),
                final=wanted.handed_in(record, answer),
                shown=wanted.shown(record),
                broken=records.broken(place) or ("" if whole and both else CUT_OFF),
            )


def _history(record: Record, name: str) -> tuple[list[dict[str, Any]], bool]:
    value = record.get(name)
    value, whole = salvaged(value) if isinstance(value, str) and value.strip() else (value, True)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else [], whole


FORMAT = Aftercare()
