"""Rows of CSV and TSV (RFC 4180), one by one with their lines, so that a broken row breaks no other."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import final

from outcross.corpus.batches import LONGEST
from outcross.corpus.rejected import Rejected, Unfit

_QUOTED = re.compile(rb'"((?:[^"]++|"")*+)"')


@final
class Separated:
    r"""The rows of a file of cells, each with the number of its first line, its bytes, and its cells or what is wrong.

    A cell in quotation marks may hold separators and line ends. Where its end is missing, or is followed by anything
    but a separator, only the line with the first quotation mark is broken, and the reading goes on with the next line.

    Examples
    --------
    >>> rows = Separated("cats.csv", [(1, [b'a,"b', b'c"', b'x,"y', b"z,w"])], b",")
    >>> [(number, str(cells)) for number, _, cells in rows]
    [(1, "['a', 'b\\nc']"), (3, 'a quotation mark is not closed'), (4, "['z', 'w']")]
    """

    def __init__(self, file: str, batches: Iterable[tuple[int, list[bytes]] | Rejected], separator: bytes) -> None:
        self.file = file
        self.rejected: list[Rejected] = []
        self._separator = separator
        self._again: deque[tuple[int, bytes]] = deque()
        self._lines = self._numbered(batches)

    def __iter__(self) -> Iterator[tuple[int, bytes, list[str] | Unfit]]:
        while (line := self._next()) is not None:
            number, text = line
            if not text.strip():
                continue
            yield number, *self._row(number, text)

    def _numbered(self, batches: Iterable[tuple[int, list[bytes]] | Rejected]) -> Iterator[tuple[int, bytes]]:
        for batch in batches:
            if isinstance(batch, Rejected):
                self.rejected.append(batch)
            else:
                yield from enumerate(batch[1], batch[0])

    def _next(self) -> tuple[int, bytes] | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _row(self, number: int, first: bytes) -> tuple[bytes, list[str] | Unfit]:
        try:
            if b'"' not in first:
                return first, first.removesuffix(b"\r").decode().split(self._separator.decode())
            taken, raw, cells = self._whole(first)
            if cells is None:
                self._again.extendleft(reversed(taken))
                return first, Unfit("unclosed-quote", "a quotation mark is not closed")
            return raw, [cell.decode() for cell in cells]
        except UnicodeDecodeError as error:
            byte = error.object[error.start]
            return first, Unfit("not-utf8", f"not UTF-8: byte {byte:#04x} at position {error.start + 1} of a cell")
        except Unfit as error:
            return first, error

    def _whole(self, first: bytes) -> tuple[list[tuple[int, bytes]], bytes, list[bytes] | None]:
        """The lines after the first that a row takes, its bytes, and its cells; None where it does not end."""
        taken: list[tuple[int, bytes]] = []
        size = len(first)
        cells = self._cells(first)
        raw = first
        while cells is None and size <= LONGEST:
            line = self._next()
            if line is None:
                break
            taken.append(line)
            size += len(line[1]) + 1
            if line[1].count(b'"') % 2:  # with an even number the cell, or one after it, is still open
                raw = b"\n".join([first, *(text for _, text in taken)])
                try:
                    cells = self._cells(raw)
                except Unfit:
                    break
        return taken, raw, cells

    def _cells(self, row: bytes) -> list[bytes] | None:
        """The cells of a row; None where it goes on in the next line."""
        row = row.removesuffix(b"\r")
        cells: list[bytes] = []
        at = 0
        while True:
            if row.startswith(b'"', at):
                found = _QUOTED.match(row, at)
                if found is None:
                    return None
                cells.append(found[1].replace(b'""', b'"'))
                at = found.end()
                if at < len(row) and not row.startswith(self._separator, at):
                    raise Unfit("broken-line", "something follows a closing quotation mark")
            else:
                end = row.find(self._separator, at)
                end = len(row) if end < 0 else end
                cells.append(row[at:end])
                at = end
            if at == len(row):
                return cells
            at += 1
