"""Making a snapshot of files and vaults: every part of every source by itself, on any engine, then merged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, final

from outcross.core.engine import Engine
from outcross.core.errors import BadInput, BadSetting, nearest
from outcross.core.part import as_part
from outcross.core.provenance import Origin
from outcross.corpus.fields import Fields
from outcross.guard.snapshot.cutting import Cutter, Unit
from outcross.guard.snapshot.snapshot import Snapshot, merged, stratum
from outcross.guard.source import Source, Task, frames

if TYPE_CHECKING:
    import polars as pl

    from outcross.corpus.rejected import Rejected
    from outcross.vault.vault import Vault

COLUMNS = ("text", "origin", "generation", "group")
"""What is read of a record."""

CHARACTERS = 8_000_000
"""Characters of text that are worked on at once."""

UNITS: tuple[Unit, ...] = ("word", "space")


def snapshot(
    sources: str | Path | Vault | Source | Sequence[str | Path | Vault | Source],
    *,
    fields: Fields | None = None,
    engine: str | Engine = "processes",
    excerpts: bool = True,
    unit: Unit = "word",
    only: Origin | None = None,
) -> Snapshot:
    r"""Return what is to be kept of a corpus: a few megabytes at most, whatever its size.

    Parameters
    ----------
    sources
        Files, folders and vaults; see `outcross.guard.source.Source`.
    fields
        Which column of a file is which field of a record.
    engine
        Who does the work; the result does not depend on it.
    excerpts
        Whether the beginnings of a few hundred texts are kept, for reading; words are kept in any case.
    unit
        ``word`` (Unicode words) or ``space`` for texts that were cut before.
    only
        Leave out all records but those of this origin.

    Raises
    ------
    BadInput
        If there is no record to be read.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "cats.jsonl")
    >>> _ = path.write_text('{"text": "a cat"}\n{"text": "a dog"}\n')
    >>> snapshot(path, engine="serial").documents
    2
    """
    if unit not in UNITS:
        raise BadSetting(f"a snapshot counts in words ('word', 'space'), not in '{unit}'{nearest(unit, UNITS)}")
    several = [sources] if not isinstance(sources, Sequence) or isinstance(sources, str) else sources
    tasks = [task for source in several for task in Source.of(source, fields).tasks()]
    work = _Work(unit, excerpts, only)
    found = merged(_in_order(as_part(Engine, engine).map(work, tasks))) if tasks else Snapshot.empty(unit)
    if not found.documents:
        raise BadInput(f"there is no {f'{only} ' if only else ''}record to be read: {_said(found)}")
    return found


@final
@dataclass(frozen=True)
class _Work:
    """What is done for a part of a source."""

    unit: Unit
    excerpts: bool
    only: Origin | None

    def __call__(self, task: Task) -> Snapshot:
        found, cutter = Snapshot.empty(self.unit), Cutter(self.unit)
        rejected: list[Rejected] = []
        for block in _blocks(frames(task, COLUMNS, rejected)):
            if self.only is not None:
                block = block.filter(block["origin"] == str(self.only))
            strata = [stratum(*row) for row in block.select("origin", "generation", "group").iter_rows()]
            found = found.with_texts(block["text"].to_list(), strata, cutter, self.excerpts)
        kinds: dict[str, int] = {}
        for one in rejected:
            kinds[one.kind] = kinds.get(one.kind, 0) + one.count
        return replace(found, rejected=tuple(sorted(kinds.items())))


def _blocks(given: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Small frames as larger ones."""
    import polars as pl

    held: list[pl.DataFrame] = []
    size = 0
    for frame in given:
        held.append(frame.filter(frame["text"].is_not_null()))
        size += int(frame["text"].str.len_bytes().sum() or 0)
        if size >= CHARACTERS:
            yield pl.concat(held)
            held, size = [], 0
    if held:
        yield pl.concat(held)


def _in_order(results: Iterator[tuple[int, Snapshot]]) -> Iterator[Snapshot]:
    """Results in the order of the tasks, so that what is kept of the frequent words does not depend on the engine."""
    waiting: dict[int, Snapshot] = {}
    wanted = 0
    for index, result in results:
        waiting[index] = result
        while wanted in waiting:
            yield waiting.pop(wanted)
            wanted += 1


def _said(found: Snapshot) -> str:
    kinds = ", ".join(f"{count:,} rejected as {kind}" for kind, count in found.rejected)
    return kinds or "the sources have none"
