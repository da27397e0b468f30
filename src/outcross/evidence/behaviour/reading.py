"""Reading a log, whatever program kept it: the format is known by what is in the file."""

from __future__ import annotations

from pathlib import Path

from outcross.core.errors import BadInput, nearest
from outcross.corpus.files import decoded, opened, there
from outcross.evidence.behaviour.formats import Format, Wanted, formats
from outcross.evidence.behaviour.logs import Logs
from outcross.evidence.behaviour.records import Records, records_of


def read(
    path: str | Path, format: str | None = None, source: str | Path | None = None, final: str | None = None
) -> Logs:
    """Read the logs of a file.

    Parameters
    ----------
    path
        A file: CSV, Parquet, JSON or JSON lines, compressed or not.
    format
        Name of the format; None to recognise it, see `formats`.
    source
        What the answers were written from: a text file for all of them, or the name of a column. None to take what the
        format itself has.
    final
        Name of the column of the text that was handed in; None to take what the format itself has.

    Returns
    -------
    Logs
        One log for each answer. A log that stops in the middle is read as far as it goes and says so.

    Raises
    ------
    MissingInput
        If there is no such file.
    BadInput
        If the format is not known, or there is no such column.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "log.json")
    >>> _ = path.write_text('[["key", "h", "2023-06-01T07:06:03Z"], ["key", "i", "2023-06-01T07:06:04Z"]]')
    >>> logs = read(path)
    >>> logs.format, logs[0].keys
    ('mturk', 2)
    """
    file = Path(path)
    records = records_of(file)
    chosen = recognise(records, file.name) if format is None else named(format)
    logs = tuple(chosen.logs(records, _wanted(source, final, records)))
    if not logs:
        raise BadInput(f"{file.name} has no log of an answer in the format '{chosen.name}' ({chosen.about})")
    return Logs(logs, chosen.name)


def recognise(records: Records, name: str) -> Format:
    """Return the format of records, by the first few of them.

    Raises
    ------
    BadInput
        If it is none that is known.

    Examples
    --------
    >>> recognise(Records(({"a": 1},)), "table.csv")
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: table.csv is no log of a known format (its columns: a); known are aftercare, ...
    """
    for one in formats().values():
        if any(one.recognises(record) for record in records.rows[:20]):
            return one
    columns = ", ".join(str(key)[:30] for key in list(records.rows[0])[:6]) if records.rows else "none"
    raise BadInput(f"{name} is no log of a known format (its columns: {columns}); known are {', '.join(formats())}")


def named(format: str) -> Format:
    """Return the format of that name.

    Examples
    --------
    >>> named("mturk").name
    'mturk'
    """
    if format not in formats():
        raise BadInput(f"there is no format '{format}' of logs{nearest(format, formats())}")
    return formats()[format]


def _wanted(source: str | Path | None, final: str | None, records: Records) -> Wanted:
    """A source that is a column of the records, or else a file."""
    if source is None:
        return Wanted(final=final)
    if records.rows and str(source) in records.rows[0]:
        return Wanted(source=str(source), final=final)
    if not there(Path(source)):
        columns = nearest(str(source), records.rows[0]) if records.rows else ""
        raise BadInput(f"the source '{source}' is neither a text file nor a column{columns}")
    with opened(Path(source)) as file:
        return Wanted(final=final, text=decoded(file.read(), Path(source).name))
