"""Inputs cut into parts that can be read by themselves, the same parts whoever reads them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import final

from outcross.core.errors import BadInput
from outcross.corpus.batches import PIECE
from outcross.corpus.files import COMPRESSED, existing, suffix
from outcross.corpus.footer import row_groups
from outcross.corpus.plain import SUFFIX
from outcross.corpus.stream import READ

LINES = (".jsonl", ".ndjson")
"""Files that are cut at line ends."""


@final
@dataclass(frozen=True, slots=True)
class Shard:
    """A part of an input that is read by itself.

    Parameters
    ----------
    path
        The file; of a folder of texts, the folder.
    place
        Which of all shards it is, from 0.
    start, stop
        Its part: bytes of JSON lines, rows of a Parquet file, files of a folder of texts; of any other file the whole,
        in bytes.
    first
        The number of its first line, row or file, from 1.
    names
        The files of a folder of texts, as they are called from there.

    Examples
    --------
    >>> Shard("cats.jsonl", 0, 0, 4096, 1).stop
    4096
    """

    path: str
    place: int
    start: int
    stop: int
    first: int
    names: tuple[str, ...] = ()


def shards(inputs: Sequence[Path], rows: int = 2**16, size: int = 2**26) -> list[Shard]:
    r"""Return the parts of files and folders, in the order of the inputs and, in a folder, of the names.

    Lines of JSON are cut at line ends; Parquet where row groups end, larger groups inside; a folder of texts between
    files; CSV, JSON, text and compressed files are one part each. A folder that holds data files is read file by file,
    and its text files are left out (`left_out`). The parts depend on the inputs, ``rows`` and ``size`` alone.

    Parameters
    ----------
    inputs
        Files and folders.
    rows
        Lines, rows or files of a part, at most.
    size
        Bytes of a part, roughly: it ends with the line, or the file, that reaches them.

    Raises
    ------
    MissingInput
        If one is not there; the nearest name is offered.
    BadInput
        If one holds nothing, or nothing that is read, or a folder of it cannot be looked into.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.jsonl")
    >>> _ = path.write_text('{"text": "a cat"}\n{"text": "a dog"}\n{"text": "a bird"}\n')
    >>> [(shard.start, shard.stop, shard.first) for shard in shards([path], rows=2)]
    [(0, 36, 1), (36, 55, 3)]
    """
    if rows < 1 or size < 1:
        raise BadInput(f"a part has at least one row and one byte, not {min(rows, size)}")
    found: list[Shard] = []
    for path in inputs:
        existing(path)
        parts = _of_folder(path, rows, size) if path.is_dir() else list(_of_file(path, rows, size))
        found += parts
    if not found:
        raise BadInput("no input: name a file or a folder")
    return [replace(shard, place=place) for place, shard in enumerate(found)]


def left_out(inputs: Sequence[Path]) -> list[str]:
    """Return the files of folders that are not read: of no kind that is, or texts beside data files.

    Examples
    --------
    >>> left_out([])
    []
    """
    found = []
    for path in inputs:
        if path.is_dir():
            texts, data, others = _held(path)
            found += [str(path / name) for name in sorted([*others, *(texts if data else ())])]
    return found


def _of_folder(path: Path, rows: int, size: int) -> list[Shard]:
    texts, data, others = _held(path)
    if data:
        parts = [shard for name in data for shard in _of_file(path / name, rows, size, named=False)]
        empty = all(shard.start == shard.stop and _weight(Path(shard.path)) == 0 for shard in parts)
    else:
        parts = list(_of_texts(path, texts, rows, size))
        empty = False
    if not parts:
        more = f"; it has {len(others):,} of other kinds" if others else ""
        raise BadInput(f"the folder '{path}' has no file in it that is read ({', '.join(READ)}){more}")
    if empty:
        raise BadInput(f"the folder '{path}' holds nothing: all its files are empty")
    return parts


def _held(folder: Path) -> tuple[list[str], list[str], list[str]]:
    """The names of the texts, the data files and the other files in a folder and all in it, hidden ones left out."""

    def refuse(error: OSError) -> None:
        raise BadInput(f"the folder '{error.filename}' cannot be looked into: {error.strerror}") from None

    names: list[str] = []
    for root, folders, files in os.walk(folder, onerror=refuse):  # links to folders are not followed: no loops
        folders[:] = [name for name in folders if not name.startswith(".")]
        names += [(Path(root) / name).relative_to(folder).as_posix() for name in files if not name.startswith(".")]
    kinds: tuple[list[str], list[str], list[str]] = ([], [], [])
    for name in sorted(names):
        kind = suffix(Path(name))
        kinds[0 if kind == SUFFIX else 1 if kind in READ else 2].append(name)
    return kinds


def _of_texts(folder: Path, names: list[str], rows: int, size: int) -> Iterator[Shard]:
    start = weight = 0
    for place, name in enumerate(names, 1):
        weight += _weight(folder / name) or 0
        if place - start == rows or weight >= size or place == len(names):
            yield Shard(str(folder), 0, start, place, start + 1, tuple(names[start:place]))
            start, weight = place, 0


def _of_file(path: Path, rows: int, size: int, named: bool = True) -> Iterator[Shard]:
    kind = suffix(path)
    if kind not in READ:
        raise BadInput(f"cannot read '{path.name}': '{kind}' is none of {', '.join(READ)}")
    weight = _weight(path)
    if named and not path.is_file():
        raise BadInput(f"cannot read '{path.name}': it is neither a file nor a folder")
    if named and weight == 0:
        raise BadInput(f"{path.name} is empty: there is no record in it")
    if kind in LINES and path.suffix.lower() not in COMPRESSED and weight:
        yield from _of_lines(path, weight, rows, size)
    elif kind == ".parquet":
        yield from _of_rows(path, rows)
    else:
        yield Shard(str(path), 0, 0, weight or 0, 1)


def _weight(path: Path) -> int | None:
    """Bytes of a file; None where that cannot be found out, or it is no file, which is said when it is read."""
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _of_lines(path: Path, weight: int, rows: int, size: int) -> Iterator[Shard]:
    import numpy as np

    start, first, counted, base = 0, 1, 0, 0
    try:
        with path.open("rb") as file:
            while base < weight and (piece := file.read(min(PIECE, weight - base))):
                ends = np.flatnonzero(np.frombuffer(piece, dtype=np.uint8) == 10) + (base + 1)
                used = 0
                while True:
                    cut = min(used + rows - counted - 1, int(np.searchsorted(ends, start + size)))
                    if cut >= len(ends):
                        break
                    stop = int(ends[cut])
                    counted += cut + 1 - used
                    yield Shard(str(path), 0, start, stop, first)
                    start, first, counted, used = stop, first + counted, 0, cut + 1
                counted += len(ends) - used
                base += len(piece)
    except OSError:
        pass  # what cannot be read is one part, and is said when it is
    if start < weight:
        yield Shard(str(path), 0, start, weight, first)


def _of_rows(path: Path, rows: int) -> Iterator[Shard]:
    try:
        groups = row_groups(path)
    except BadInput:
        groups = []  # one part, and what is wrong with it is said when it is read
    start = at = 0
    cuts = []
    for group in groups:
        if at > start and at + group - start > rows:
            cuts.append(at)
            start = at
        cuts += range(at + rows, at + group, rows)
        start = max([start, *cuts[-1:]])
        at += group
    edges = [0, *cuts, at]
    if at == 0:
        yield Shard(str(path), 0, 0, 0, 1)
    else:
        yield from (Shard(str(path), 0, a, b, a + 1) for a, b in pairwise(edges))
