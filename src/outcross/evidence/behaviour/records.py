"""The file of a log as records, as far as it goes: a log that stops in the middle is read up to there."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from outcross.core.errors import BadInput
from outcross.corpus.files import decoded, existing, opened, suffix

CUT_OFF = "the file stops in the middle"
"""What is said of a log whose end is missing."""

Record = Mapping[str, Any]
"""A row of a table, or an object of JSON."""


@final
@dataclass(frozen=True)
class Records:
    """The records of a file, and whether its last one is cut off.

    Parameters
    ----------
    rows
        The records.
    cut
        Whether the file stops within the last one.

    Examples
    --------
    >>> Records(({"a": 1},), cut=False).rows[0]["a"]
    1
    """

    rows: tuple[Record, ...]
    cut: bool = False

    def broken(self, place: int) -> str:
        """Return why the record at this place is incomplete; empty if it is whole."""
        return CUT_OFF if self.cut and place == len(self.rows) - 1 else ""


def records_of(path: Path) -> Records:
    """Return the records of a file: CSV, Parquet, JSON or JSON lines, by what is in it.

    Raises
    ------
    MissingInput
        If there is no such file.
    BadInput
        If it is empty, or none of these.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "log.json")
    >>> _ = path.write_text('[{"a": 1}, {"a": 2}, {"a"')
    >>> records_of(path)
    Records(rows=({'a': 1}, {'a': 2}), cut=True)
    """
    if existing(path).is_dir():
        raise BadInput(f"{path.name} is a folder; give the file of the log")
    with opened(path) as file:
        content = file.read()
    if content[:4] == b"PAR1":
        return _parquet(path, content)
    text = decoded(content.removeprefix(b"\xef\xbb\xbf"), path.name)
    start = text.lstrip()
    if not start:
        raise BadInput(f"{path.name} is empty")
    if start[0] in "[{":
        return _json(start)
    if suffix(path) in (".json", ".jsonl", ".ndjson"):
        raise BadInput(f"{path.name} is not JSON: it begins with {start[:20]!r}")
    return _csv(text)


def salvaged(text: str) -> tuple[Any, bool]:
    r"""Return a JSON value, and whether it was whole; what follows a place where it stops is given up.

    Examples
    --------
    >>> salvaged('[["key", "a"], ["key", "b"')
    ([['key', 'a'], ['key', 'b']], False)
    >>> salvaged('[{"log": "[[\\"key\\", \\"a')
    ([{'log': '[["key", "a'}], False)
    >>> salvaged("neither")
    (None, False)
    """
    try:
        return _whole_characters(json.loads(text), text), True
    except (ValueError, RecursionError):
        pass
    if text.lstrip()[:1] not in ("[", "{"):
        return None, False
    for kept in _beginnings(text):
        try:
            return _whole_characters(json.loads(kept), kept), False
        except (ValueError, RecursionError):
            continue
    return None, False


_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""Half of a character beyond U+FFFF as JavaScript counts: its strings may be cut in the middle of an emoji."""


def _whole_characters(value: Any, text: str) -> Any:
    """The value of a JSON text with U+FFFD for every half of a character: no file and no terminal takes those."""
    return _mended(value) if _HALF.search(text) else value


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(one) for one in value]
    return {_mended(name): _mended(one) for name, one in value.items()} if isinstance(value, dict) else value


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|"|[\[\]{},]', re.DOTALL)
"""A whole string, a quotation mark that begins one without an end, or a mark of structure."""


_Open = tuple[str, Any]
"""What closes the innermost of the brackets that are open, and those around it; a bracket costs no copy of them."""

_NONE: _Open = ("", None)


def _beginnings(text: str) -> list[str]:
    """The longest beginnings of a text that may be JSON once they are closed, longest first."""
    around = _NONE
    ends: deque[tuple[int, _Open]] = deque(maxlen=8)
    opened_at = -1
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark == '"':
            opened_at = token.start()
            break
        if mark in "[{":
            around = ("]" if mark == "[" else "}", around)
            ends.append((token.end(), around))
        elif mark in "]}":
            if around is _NONE:
                break
            around = around[1]
            ends.append((token.end(), around))
        elif mark == ",":
            ends.append((token.start(), around))
    if opened_at < 0:
        tries = [text.rstrip() + _closing(around)]
    else:
        inside = re.sub(r"\\(?:u[0-9a-fA-F]{0,3})?$", "", text[opened_at:])
        tries = [text[:opened_at] + inside + '"' + _closing(around)]
    return tries + [text[:end] + _closing(then) for end, then in reversed(ends)]


def _closing(around: _Open) -> str:
    marks = []
    while around is not _NONE:
        mark, around = around
        marks.append(mark)
    return "".join(marks)


def _json(text: str) -> Records:
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and salvaged(lines[0])[1]:
        read = [salvaged(line) for line in lines]
        return _rows([value for value, _ in read if value is not None], cut=not read[-1][1])
    value, whole = salvaged(text)
    return _rows([value] if isinstance(value, dict) else value or [], cut=not whole)


def _rows(values: list[Any], cut: bool) -> Records:
    """Objects as they are; a list of lists is one record."""
    while cut and values and not values[-1]:  # a record of which nothing is left
        values = values[:-1]
    if any(not isinstance(value, dict) for value in values):
        return Records(({"": values},), cut)
    return Records(tuple(values), cut)


def _parquet(path: Path, content: bytes) -> Records:
    import polars as pl

    try:
        return Records(tuple(pl.read_parquet(io.BytesIO(content)).iter_rows(named=True)))
    except pl.exceptions.PolarsError as error:
        raise BadInput(f"{path.name} cannot be read: {str(error).splitlines()[0]}") from None


def _csv(text: str) -> Records:
    """A table whose cells may be long; its last row is cut off where it has fewer cells than the head."""
    limit = csv.field_size_limit(2**31 - 1)
    try:
        cells = list(csv.reader(io.StringIO(text, newline=""), strict=False))
    except csv.Error as error:
        raise BadInput(f"this is no table: {error}") from None
    finally:
        csv.field_size_limit(limit)
    head = cells[0]
    rows = [row for row in cells[1:] if row]
    cut = bool(rows) and len(rows[-1]) < len(head)
    return Records(tuple(dict(zip(head, row, strict=False)) for row in rows), cut)
