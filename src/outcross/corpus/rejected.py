"""What could not be taken in of a file: where it stands, why, and its bytes, so that nothing is lost without a word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from outcross.core.errors import BadInput

if TYPE_CHECKING:
    import polars as pl

RAW = 2**16
"""Bytes of a rejected record that are kept, at most."""


@final
@dataclass(frozen=True, slots=True)
class Rejected:
    """A record, or a stretch of a file, that could not be taken in.

    Parameters
    ----------
    file
        The path of the file.
    line
        The line that it starts on, from 1 (of CSV too, whose names of columns are line 1); of a Parquet file and of
        JSON that is no lines the record, of a folder of texts the file.
    reason
        Why, in words.
    kind
        Why, in one word that can be counted: ``broken-line`` (not JSON, or no row), ``not-utf8``, ``lone-surrogate``,
        ``duplicate-key``, ``bad-number``, ``too-deep``, ``not-an-object``, ``no-text``, ``not-a-text``, ``bad-field``,
        ``ragged``, ``unclosed-quote``, ``too-long``, ``damaged`` (a file that ends or breaks inside: what was read
        before is kept, and where a checksum is wrong it may be altered), ``unreadable``, ``empty`` (a file without a
        record).
    raw
        Its bytes, the first 64 kB of them; empty where it cannot be said which they are. Of a table that is not text
        they are the row as JSON.
    count
        Records that it stands for: more than one where a damaged stretch of a table is known to hold more.

    Examples
    --------
    >>> Rejected("cats.jsonl", 3, "not JSON: unexpected end of data", "broken-line", b'{"text": "a c').kind
    'broken-line'
    """

    file: str
    line: int
    reason: str
    kind: str
    raw: bytes = b""
    count: int = 1


@final
@dataclass(frozen=True)
class Intake:
    """A block of records that were taken in, and what was rejected among them.

    Parameters
    ----------
    frame
        Columns ``text`` (never null), ``line`` (from 1), those fields of a record that the block gives
        (`outcross.corpus.fields.FIELDS`), and ``metadata``: the rest as one JSON object with its keys in order, or
        null.
    rejected
        In order of their lines.

    Examples
    --------
    >>> import polars as pl
    >>> Intake(pl.DataFrame({"text": ["a cat"], "line": [1], "metadata": [None]})).rejected
    ()
    """

    frame: pl.DataFrame
    rejected: tuple[Rejected, ...] = ()


@final
class Unfit(BadInput):
    """One record cannot be taken in; the reading goes on.

    Examples
    --------
    >>> Unfit("no-text", "its text is empty").kind
    'no-text'
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind

    def at(self, file: str, line: int, raw: bytes) -> Rejected:
        """Return it as a record of a file that was rejected."""
        return Rejected(file, line, str(self), self.kind, raw[:RAW])
