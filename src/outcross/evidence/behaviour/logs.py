"""Logs of many responses, and the one table that they are kept in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, final, overload

from outcross.core.errors import BadInput
from outcross.evidence.behaviour.events import Event, Kind, Log
from outcross.lab.files import write_atomically

if TYPE_CHECKING:
    import polars as pl

COLUMNS = ("response", "field", "writer", "time", "kind", "position", "inserted", "deleted", "text", "share")
"""The columns of the event table; see `Event`, `Log` and `Kind`."""


@final
@dataclass(frozen=True, eq=False)
class Logs(Sequence[Log]):
    """The logs of a study, one for each answer.

    Parameters
    ----------
    logs
        The logs.
    format
        What kept them.

    Examples
    --------
    >>> logs = Logs((Log("a", (Event(Kind.TYPE, 0.0, 0, 1, text="x"),), final="x"),))
    >>> logs.table()["kind"].to_list()
    ['type', 'final']
    >>> Logs.of_table(logs.table())[0] == logs[0]
    True
    """

    logs: tuple[Log, ...]
    format: str = "canonical"

    @overload
    def __getitem__(self, place: int) -> Log: ...
    @overload
    def __getitem__(self, place: slice) -> Logs: ...
    def __getitem__(self, place: int | slice) -> Log | Logs:
        """Return one log, or some of them."""
        return replace(self, logs=self.logs[place]) if isinstance(place, slice) else self.logs[place]

    def __len__(self) -> int:
        """How many logs there are."""
        return len(self.logs)

    def __iter__(self) -> Iterator[Log]:
        """The logs, in the order of the file."""
        return iter(self.logs)

    def table(self) -> pl.DataFrame:
        """Return the event table, one row an event; the final and the shown text are rows of their own at the end."""
        import polars as pl

        types = [pl.String] * 3 + [pl.Float64, pl.String] + [pl.Int64] * 3 + [pl.String, pl.Float64]
        columns: list[list[Any]] = [[] for _ in COLUMNS]
        for log in self.logs:
            for row in _rows(log):
                for column, cell in zip(columns, row, strict=True):
                    column.append(cell)
        return pl.DataFrame(
            [pl.Series(name, cells, dtype=kind) for name, cells, kind in zip(COLUMNS, columns, types, strict=True)]
        )

    def save(self, path: str | Path) -> Path:
        """Write the event table as Parquet, or as JSON lines where the name ends in ``.jsonl``.

        Raises
        ------
        OutputRefused
            If the file cannot be written.
        """
        target, buffer = Path(path), BytesIO()
        if target.suffix == ".jsonl":
            self.table().write_ndjson(buffer)
        else:
            self.table().write_parquet(buffer)
        return write_atomically(target, buffer.getvalue())

    @classmethod
    def of_table(cls, table: pl.DataFrame) -> Logs:
        """Return the logs of an event table."""
        return cls(tuple(logs_of_rows(table.iter_rows(named=True))))


def _rows(log: Log) -> Iterator[tuple[Any, ...]]:
    name = (log.response, log.field, log.writer)
    for event in log.events:
        yield (*name, event.time, *_edit(event))
    for kind, text in ((Kind.BROKEN, log.broken or None), (Kind.SHOWN, log.shown), (Kind.FINAL, log.final)):
        if text is not None:
            yield (*name, None, *_edit(Event(kind, text=text)))
    if not log.events and log.final is None and not log.broken and log.shown is None:
        yield (*name, None, *_edit(Event(Kind.KEY)))


def _edit(event: Event) -> tuple[Any, ...]:
    return str(event.kind), event.position, event.inserted, event.deleted, event.text, event.share


def logs_of_rows(rows: Iterator[Mapping[str, Any]]) -> Iterator[Log]:
    """Yield the logs of the rows of an event table; those of one answer need not stand together.

    Raises
    ------
    BadInput
        With the number of a row that is no event.

    Examples
    --------
    >>> rows = [{"response": "a", "kind": "type", "time": 1, "position": 0, "inserted": 1, "deleted": 0, "text": "x"}]
    >>> next(logs_of_rows(iter(rows))).events[0].text
    'x'
    """
    gathered: dict[tuple[str, str], list[Event]] = {}
    writers: dict[tuple[str, str], str] = {}
    for number, row in enumerate(rows, 1):
        name = (str(row.get("response") or ""), str(row.get("field") or ""))
        writers.setdefault(name, str(row.get("writer") or ""))
        gathered.setdefault(name, []).append(_event(row, number))
    for name, events in gathered.items():
        said = {event.kind: event.text for event in events if event.kind in (Kind.FINAL, Kind.SHOWN, Kind.BROKEN)}
        yield Log(
            response=name[0],
            field=name[1],
            writer=writers[name],
            events=tuple(event for event in events if event.kind not in said),
            final=said.get(Kind.FINAL),
            shown=said.get(Kind.SHOWN),
            broken=said.get(Kind.BROKEN) or "",
        )


def _event(row: Mapping[str, Any], number: int) -> Event:
    try:
        position, time, share = row.get("position"), row.get("time"), row.get("share")
        return Event(
            Kind(str(row["kind"])),
            None if time in (None, "") else float(time),
            None if position in (None, "") else int(position),
            int(row.get("inserted") or 0),
            int(row.get("deleted") or 0),
            None if (text := row.get("text")) is None else str(text),
            None if share in (None, "") else float(share),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise BadInput(f"row {number} is no event: {error}; the kinds are {', '.join(Kind)}") from None
