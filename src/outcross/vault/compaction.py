"""Putting small data files together: the same rows at the same positions with the same leaves, in fewer files.

A commit that compacts brings no row and changes no tree. What is replaced is removed once the commit is there, so that
a writer that is stopped anywhere leaves a vault that is whole. Texts of withdrawn records can be erased on the way:
their digests and leaves stay, and with them every proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np
import orjson

from outcross.core.batch import Ints
from outcross.core.wording import count_of
from outcross.vault.catalog import Catalog
from outcross.vault.clock import time_of
from outcross.vault.entering import BYTES, gathered
from outcross.vault.leftovers import remove_leftovers, remove_replaced
from outcross.vault.log import Change, Log, append
from outcross.vault.objects import Objects
from outcross.vault.part import ROWS, DataFile, name_of, rows, rows_at, write_part
from outcross.vault.placed import Placed, room
from outcross.vault.record import RECORD, WITHDRAWAL

if TYPE_CHECKING:
    import polars as pl

    from outcross.vault.vault import Vault

ERASED = "erased"
"""The column that says whether text and metadata of a row were erased; null where they were not."""

FULL = BYTES // 4
"""A data file of so many bytes is not read to see whether something fits in: texts shrink to a quarter or less."""


@final
@dataclass(frozen=True)
class Compaction:
    """What a compaction did.

    Parameters
    ----------
    commit
        Number of the commit; None where there was nothing to be done.
    replaced, written
        How many data files became how many.
    erased
        How many rows were erased.
    removed
        How many files are gone: those that were replaced, by this compaction or one that was stopped.
    leftovers
        How many files are gone that writers left which were stopped.

    Examples
    --------
    >>> print(Compaction(None))
    already compact
    """

    commit: int | None
    replaced: int = 0
    written: int = 0
    erased: int = 0
    removed: int = 0
    leftovers: int = 0

    def __str__(self) -> str:
        said = "already compact"
        if self.commit is not None:
            said = f"{count_of(self.replaced, 'data file')} became {self.written:,} in commit {self.commit}"
        if self.erased:
            said += f"; {count_of(self.erased, 'row')} erased"
        if self.removed and self.commit is None:
            said += f"; {count_of(self.removed, 'file')} removed that had been replaced"
        return said + (
            f"; {count_of(self.leftovers, 'file')} removed that stopped writers left" if self.leftovers else ""
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        names = ("commit", "replaced", "written", "erased", "removed", "leftovers")
        return {name: getattr(self, name) for name in names}


def compact(vault: Vault, erase: bool = False, time: str | None = None) -> tuple[Log, Compaction]:
    """Put small data files that follow one another together, and remove what is not needed any more.

    A reader that opened the vault before finds what came in place of the files that it knew. Older versions of the
    table, which Delta Lake can show, lose the files that were replaced.

    Parameters
    ----------
    vault
        The vault.
    erase
        Whether texts and metadata of withdrawn records become null. What else is known of them stays, and their
        digests and leaves do, so that they are still proven to have been there.
    time
        When, in ISO 8601, UTC; None for now.

    Returns
    -------
    Log
        The log with the commit, if there was anything to be done.
    Compaction
        What was.

    Examples
    --------
    >>> import tempfile
    >>> from outcross.core.provenance import Origin, Provenance
    >>> from outcross.core.text import Texts
    >>> from outcross.vault.keys import make_key
    >>> from outcross.vault.vault import Vault
    >>> folder = Path(tempfile.mkdtemp())
    >>> vault = Vault.create(folder / "cats", key=make_key(folder / "key.pem"), memory=False)
    >>> vault.add(Texts.of(["a cat"]), Provenance(Origin.HUMAN))
    >>> vault.add(Texts.of(["two cats"]), Provenance(Origin.HUMAN))
    >>> vault.log, done = compact(vault)
    >>> print(done)
    2 data files became 1 in commit 3
    """
    time = time_of(time)
    placed = Placed(vault.objects)
    packed: _Packed | None = None
    done = Compaction(None)

    def build(log: Log) -> Change | None:
        nonlocal packed, done
        if packed is None or not packed.fits(log):
            packed = _packed(vault.objects, log, vault.catalog_of(log), folder / str(len(log.commits)), erase)
        done = Compaction(None)
        if not packed.removed:
            return None
        for file, path in packed.added:
            placed.put(file.name, path)
        done = Compaction(len(log.commits), len(packed.removed), len(packed.added), packed.erased)
        note = {"erased": packed.erased} if packed.erased else {}
        actions = _with_erased(log) if packed.erased else ()
        added = tuple(file for file, _ in packed.added)
        return Change("compact", added, packed.removed, note=note, actions=actions)

    with room(vault.objects, placed) as folder:
        log = append(vault.objects, vault.log, build, time, vault.key)
        placed.tidy(log)
    removed = remove_replaced(vault.objects, log)
    return log, replace(done, removed=removed, leftovers=remove_leftovers(vault.objects, log, time))


@final
@dataclass(frozen=True)
class _Packed:
    """Data files that take the place of others."""

    added: Sequence[tuple[DataFile, Path]]
    removed: tuple[str, ...]
    erased: int

    def fits(self, log: Log) -> bool:
        """Whether all that is to be replaced is still there: another compaction may have been faster."""
        return all(name in log.files for name in self.removed)


def _packed(objects: Objects, log: Log, catalog: Catalog, folder: Path, erase: bool) -> _Packed:
    folder.mkdir()
    writer = _Writer(objects, folder, _withdrawn(objects, log, catalog) if erase else None)
    touched = _touched(catalog) if erase else np.zeros(0, np.int64)
    wide = len(touched) > 0 or ERASED in _columns(log)
    for files in _runs(log.data(), touched):
        writer.pack(files, wide)
    return _Packed(writer.added, tuple(writer.removed), writer.erased)


def _runs(files: Sequence[DataFile], touched: Ints) -> Iterator[list[DataFile]]:
    """Small files that follow one another; and those alone that are large, and hold rows that may be erased."""
    for large, found in groupby(files, key=lambda file: file.rows >= ROWS or file.size >= FULL):
        group = list(found)
        holding = [f for f in group if np.searchsorted(touched, f.first) < np.searchsorted(touched, f.stop)]
        if large:
            yield from ([file] for file in holding)
        elif len(group) > 1 or holding:
            yield group


def _touched(catalog: Catalog) -> Ints:
    """Where the records are whose ids have tombstones."""
    gone = catalog.keys[catalog.where(WITHDRAWAL)]
    return np.flatnonzero(catalog.where(RECORD) & np.isin(catalog.keys, gone))


def _withdrawn(objects: Objects, log: Log, catalog: Catalog) -> pl.Series | None:
    """The ids of all that is withdrawn; None where nothing is."""
    places = np.flatnonzero(catalog.where(WITHDRAWAL))
    return rows_at(objects, log.data(), places, ["id"])["id"].unique() if len(places) else None


@final
class _Writer:
    """Writes the files that take the place of others, a run at a time."""

    def __init__(self, objects: Objects, folder: Path, withdrawn: pl.Series | None) -> None:
        self._objects, self._folder, self._withdrawn = objects, folder, withdrawn
        self.added: list[tuple[DataFile, Path]] = []
        self.removed: list[str] = []
        self.erased = 0

    def pack(self, files: Sequence[DataFile], wide: bool) -> None:
        """Write the rows of some files anew; what comes out as it was stays."""
        before, first, written = self.erased, files[0].first, []
        frames = (self._read(file, wide) for file in files)
        for _, alike in groupby(frames, key=lambda frame: frame.schema):
            for frame in gathered(alike):
                path = self._folder / f"{first}.parquet"
                digest, size = write_part(frame.rechunk(), path, level=3)
                written.append((DataFile(name_of(digest), digest, size, first, frame.height), path))
                first += frame.height
        if len(written) >= len(files) and self.erased == before:
            return  # no fewer than there were, and the same rows
        old, new = {file.name for file in files}, {file.name for file, _ in written}
        self.added += [(file, path) for file, path in written if file.name not in old]
        self.removed += [file.name for file in files if file.name not in new]

    def _read(self, file: DataFile, wide: bool) -> pl.DataFrame:
        import polars as pl

        frame = rows(self._objects, file)
        if wide and ERASED not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=pl.Boolean).alias(ERASED))
        return frame if self._withdrawn is None else self._without_texts(frame, self._withdrawn)

    def _without_texts(self, frame: pl.DataFrame, withdrawn: pl.Series) -> pl.DataFrame:
        import polars as pl

        gone = (pl.col("kind") == RECORD) & pl.col("id").is_in(withdrawn.implode()) & pl.col(ERASED).is_null()
        mask = frame.select(gone.alias("gone"))["gone"]
        self.erased += int(mask.sum())
        if not mask.any():
            return frame
        nothing = [pl.when(~mask).then(pl.col(name)).alias(name) for name in ("text", "metadata")]
        return frame.with_columns(*nothing, pl.when(mask).then(True).otherwise(pl.col(ERASED)).alias(ERASED))


def _columns(log: Log) -> set[str]:
    return set(log.columns)


def _with_erased(log: Log) -> tuple[Mapping[str, Any], ...]:
    """The action that adds the column to the table, which stays as it is otherwise; none where it has it.

    Source: Delta transaction log protocol, "Change Metadata".
    """
    table = log.table
    schema = orjson.loads(table["schemaString"])
    if any(field["name"] == ERASED for field in schema["fields"]):
        return ()
    column = {"name": ERASED, "type": "boolean", "nullable": True, "metadata": {}}
    wider = orjson.dumps({**schema, "fields": [*schema["fields"], column]}).decode()
    return ({"metaData": {**table, "schemaString": wider}},)
