"""The log of the crowd-work study's task page on Mechanical Turk: keys, pastes and copies of the whole page.

``[["key", key, ISO time], ["paste", text, ISO time], ["copy", text]]`` in a hidden field of the form, whose answers are
the column ``Answer.taskAnswers`` of the results (Veselovsky, Ribeiro and West 2023, arXiv 2306.07899).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, final

from outcross.evidence.behaviour.events import Event, Kind, Log, hashed
from outcross.evidence.behaviour.formats import Format, Wanted, text_of
from outcross.evidence.behaviour.readers._keydowns import keydowns
from outcross.evidence.behaviour.records import CUT_OFF, Record, Records, salvaged

KINDS = {"key": Kind.KEY, "paste": Kind.PASTE, "copy": Kind.COPY, "cut": Kind.CUT}
"""What the page logs."""

INPUT, ANSWER = "Input.", "Answer."
"""How the columns of the results begin that hold what was shown and what was answered."""


@final
class MTurk(Format):
    """Keys without positions: what the caret did is not known.

    Examples
    --------
    >>> MTurk().recognises({"Answer.log": '[["key", "a", "2023-06-01T07:06:03Z"]]', "Answer.summary": "a"})
    True
    """

    name = "mturk"
    about = "results of a Mechanical Turk task whose page logs keys, pastes and copies"

    def recognises(self, record: Record) -> bool:
        """By a form with such a log among the answers."""
        return any(_log_of(form)[0] is not None for form in _forms(record)[0])

    def logs(self, records: Records, wanted: Wanted) -> Iterator[Log]:
        """One log for each assignment."""
        for place, record in enumerate(records.rows):
            forms, whole = _forms(record)
            form = next((one for one in forms if _log_of(one)[0] is not None), forms[0] if forms else {})
            log, log_whole, name = _log_of(form)
            texts = [value for key, value in form.items() if key != name and isinstance(value, str)]
            inputs = [text_of(value) or "" for key, value in record.items() if key.startswith(INPUT)]
            broken = records.broken(place) or ("" if whole and log_whole else CUT_OFF)
            yield Log(
                response=str(record.get("AssignmentId") or record.get("HITId") or f"response {place + 1}"),
                events=tuple(keydowns([event for one in log or [] if (event := _event(one)) is not None])),
                writer=hashed(record.get("WorkerId")),
                final=wanted.handed_in({**record, **form}, max(texts, key=len, default=None)),
                shown=wanted.shown(record, max(inputs, key=len, default=None) or None),
                broken=broken or ("" if log else "nothing was logged"),
            )


def _forms(record: Record) -> tuple[list[Record], bool]:
    """The answers of an assignment, one object of names and values for each form, and whether they are whole."""
    if "" in record:  # the log alone
        return [{"log": record[""]}], True
    forms: list[Record] = []
    whole = True
    for key, value in record.items():
        if key.startswith(ANSWER) and isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
            read, good = salvaged(value)
            whole = whole and good
            forms += [one for one in (read if isinstance(read, list) else [read]) if isinstance(one, dict)]
    flat = {key.removeprefix(ANSWER): value for key, value in record.items() if key.startswith(ANSWER)}
    return forms or ([flat] if flat else [dict(record)]), whole


def _log_of(form: Record) -> tuple[list[Any] | None, bool, str]:
    """The log among the fields of a form, whether it is whole, and the name of its field."""
    for name, value in form.items():
        if isinstance(value, str) and value.lstrip().startswith("["):
            value, whole = salvaged(value)
        else:
            whole = True
        lists = isinstance(value, list) and value and all(isinstance(one, list) and one for one in value)
        if lists and str(value[0][0]) in KINDS:
            return value, whole, name
    return None, True, ""


def _event(logged: list[Any]) -> Event | None:
    """One entry of the log; None for one that was cut off."""
    kind = KINDS.get(str(logged[0]))
    if kind is None or len(logged) < 2 or not isinstance(logged[1], str):
        return None
    time = milliseconds(logged[2]) if len(logged) > 2 else None
    if kind is Kind.KEY:
        return Event(kind, time, text=logged[1])
    text = logged[1].replace("\r\n", "\n")
    return Event(kind, time, inserted=len(text) if kind is Kind.PASTE else 0, text=text)


def milliseconds(clock: object) -> float | None:
    """Return milliseconds since 1970 of an ISO 8601 time; None if it is none.

    Examples
    --------
    >>> milliseconds("1970-01-01T00:00:01.500Z"), milliseconds("2023-06-")
    (1500.0, None)
    """
    try:
        return datetime.fromisoformat(str(clock)).timestamp() * 1000
    except ValueError:
        return None


FORMAT = MTurk()
