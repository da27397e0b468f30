"""The log of our own recorder, version 1, as ``recorder/FORMAT.md`` describes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, final

from outcross.core.errors import BadInput
from outcross.evidence.behaviour.events import MOST, Event, Kind, Log, hashed
from outcross.evidence.behaviour.formats import Format, Wanted, number_of
from outcross.evidence.behaviour.records import CUT_OFF, Record, Records, salvaged

FORMAT_NAME, VERSION = "outcross-recorder", 1

KINDS = {**{str(kind): kind for kind in Kind}, "redo": Kind.UNDO, "move": Kind.UNDO, "reload": Kind.VISIBLE}
"""The recorder's kinds are ours but for three."""


@final
class Recorder(Format):
    """Edits with positions; their texts where the page's settings have them recorded.

    Examples
    --------
    >>> row = ["a", 12, "type", 0, 1, 0, None, None, None]
    >>> names = ["field", "t", "kind", "position", "inserted", "deleted", "text", "share", "digest"]
    >>> log = {"format": "outcross-recorder", "version": 1, "response": "r", "submitted": 99, "fields": ["a"],
    ...        "final": {"a": "x"}, "columns": names, "events": [row]}
    >>> [str(event.kind) for event in next(Recorder().logs(Records((log,)), Wanted())).events]
    ['type']
    """

    name = "recorder"
    about = "the recorder of this library"

    def recognises(self, record: Record) -> bool:
        """By its own name, in the record or in the field of a form that carries it."""
        return _log_of(record)[0] is not None

    def logs(self, records: Records, wanted: Wanted) -> Iterator[Log]:
        """One log for each field of each response."""
        for place, record in enumerate(records.rows):
            log, whole = _log_of(record)
            if log is None:
                continue
            if log.get("version") != VERSION:
                raise BadInput(
                    f"response {place + 1} is of version {log.get('version')!r} of the recorder, not {VERSION}"
                )
            columns = [str(name) for name in _list(log.get("columns"))]
            listed = [row for row in _list(log.get("events")) if isinstance(row, list)]
            rows = [dict(zip(columns, row, strict=False)) for row in listed]
            said = log.get("final")
            texts = (
                {name: text for name, text in said.items() if isinstance(text, str)} if isinstance(said, dict) else {}
            )
            fields = [name for name in _list(log.get("fields")) if isinstance(name, str)]
            fields = fields or list(dict.fromkeys(str(row.get("field")) for row in rows if row.get("field")))
            for field in fields:
                mine = [row for row in rows if row.get("field") in (field, "")]
                yield Log(
                    response=str(log.get("response") or f"response {place + 1}"),
                    field=field,
                    events=tuple(event for row in mine if (event := _event(row)) is not None),
                    writer=hashed(log.get("worker")),
                    final=wanted.handed_in(record, texts.get(field)),
                    shown=wanted.shown(record),
                    broken=records.broken(place) or ("" if whole else CUT_OFF) or _stopped(log),
                )


def _log_of(record: Record) -> tuple[dict[str, Any] | None, bool]:
    if record.get("format") == FORMAT_NAME:
        return dict(record), True
    for value in record.values():
        if isinstance(value, str) and FORMAT_NAME in value[:1000] and value.lstrip()[:1] in ("{", "["):
            read, whole = salvaged(value)
            read = read[0] if isinstance(read, list) and read else read
            if isinstance(read, dict):
                found, inner = _log_of(read)
                return found, whole and inner
    return None, True


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _stopped(log: dict[str, Any]) -> str:
    """Why the log is incomplete, by its own word."""
    consent = log.get("consent")
    if isinstance(consent, dict) and consent.get("given") is False:
        return "without consent nothing was recorded"
    return "" if log.get("submitted") is not None else "the answer was not handed in, or the log stops before"


def _event(row: dict[str, Any]) -> Event | None:
    """One row; None for one that was cut off."""
    kind, time = KINDS.get(str(row.get("kind"))), number_of(row.get("t"))
    numbers = [number_of(row.get(name)) for name in ("position", "inserted", "deleted")]
    if kind is None or any(number is None or not 0 <= number <= MOST for number in numbers):
        return None
    position, inserted, deleted = (int(number or 0) for number in numbers)
    text = row.get("text")
    return Event(
        kind,
        time,
        position,
        inserted,
        deleted,
        text if isinstance(text, str) else None,
        number_of(row.get("share")),
    )


FORMAT = Recorder()
