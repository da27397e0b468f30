"""The event table itself, as `Logs.save` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import final

from outcross.evidence.behaviour.events import Kind, Log
from outcross.evidence.behaviour.formats import Format, Wanted
from outcross.evidence.behaviour.logs import logs_of_rows
from outcross.evidence.behaviour.records import CUT_OFF, Record, Records


@final
class Canonical(Format):
    """One row an event.

    Examples
    --------
    >>> Canonical().recognises({"response": "a", "kind": "type", "inserted": 1, "deleted": 0})
    True
    """

    name = "canonical"
    about = "the event table of this library, Parquet, CSV or JSON lines"

    def recognises(self, record: Record) -> bool:
        """By its columns, and by its kinds."""
        return {"response", "kind", "inserted", "deleted"} <= record.keys() and str(record["kind"]) in set(Kind)

    def logs(self, records: Records, wanted: Wanted) -> Iterator[Log]:
        """One log for each response and field; the last one is broken where the file is."""
        rows = records.rows[:-1] if records.cut else records.rows
        last = (rows[-1]["response"], rows[-1].get("field") or "") if records.cut and rows else None
        for log in logs_of_rows(iter(rows)):
            broken = CUT_OFF if (log.response, log.field) == last else log.broken
            yield replace(log, broken=broken, shown=log.shown if wanted.text is None else wanted.text)


FORMAT = Canonical()
