"""The footer of a Parquet file: how many rows its row groups have, so that it can be cut where it is cheap."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, final

from outcross.core.errors import BadInput

MAGIC = b"PAR1"
"""How a Parquet file begins and ends."""

_ROW_GROUPS, _NUM_ROWS = 4, 3
_TRUE, _FALSE = 1, 2


def row_groups(path: Path) -> list[int]:
    """Return the number of rows of every row group of a Parquet file, from its footer.

    Source: Apache Parquet, file format, ``FileMetaData``; Apache Thrift, compact protocol.

    Raises
    ------
    BadInput
        If the file does not end as a Parquet file does.

    Examples
    --------
    >>> import polars as pl, tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.parquet")
    >>> pl.DataFrame({"mass": range(5)}).write_parquet(path, row_group_size=2)
    >>> row_groups(path)
    [2, 2, 1]
    """
    try:
        state = path.stat()
        return list(_row_groups(path, state.st_size, state.st_mtime_ns))
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror or error}") from None


@lru_cache(maxsize=64)
def _row_groups(path: Path, length: int, changed: int) -> tuple[int, ...]:
    """The same for a file that has not changed since: it is asked for each part of a file."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(max(0, end - 8))
            tail = file.read(8)
            size = int.from_bytes(tail[:4], "little")
            if tail[4:] != MAGIC or size > end - 12:
                raise BadInput(f"{path.name} does not end as a Parquet file: it is cut, or none")
            file.seek(end - 8 - size)
            found = _Compact(file.read(size)).struct()
        return tuple(int(group[_NUM_ROWS]) for group in found[_ROW_GROUPS])
    except (IndexError, KeyError, TypeError, RecursionError, MemoryError):
        raise BadInput(f"the footer of {path.name} is damaged") from None


@final
class _Compact:
    """Values of Thrift's compact protocol, read one after another; a struct is a dictionary by field number."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def struct(self) -> dict[int, Any]:
        found: dict[int, Any] = {}
        field = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            field = field + step if step else self._integer()
            found[field] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind)
        return found

    def _value(self, kind: int) -> Any:
        match kind:
            case 1 | 2 | 3:  # a truth among others is a byte
                return self._byte()
            case 4 | 5 | 6:
                return self._integer()
            case 7:
                return self._skip(8)
            case 8:
                return self._skip(self._varint())
            case 9 | 10:
                head = self._byte()
                size = head >> 4
                return [self._value(head & 15) for _ in range(self._varint() if size == 15 else size)]
            case 11:
                size = self._varint()
                kinds = self._byte() if size else 0
                return [(self._value(kinds >> 4), self._value(kinds & 15)) for _ in range(size)]
            case 12:
                return self.struct()
        return self._data[len(self._data)]  # no such kind: as if the data had ended

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _varint(self) -> int:
        found = shift = 0
        while True:
            byte = self._byte()
            found |= (byte & 127) << shift
            if byte < 128:
                return found
            shift += 7

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _skip(self, size: int) -> None:
        self._at += size
        if self._at > len(self._data):
            raise BadInput("the footer ends too early")
