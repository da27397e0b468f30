"""The second pass of a mix: the chosen records are read, checked once more, and written as Parquet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Ints
from outcross.core.errors import BadInput
from outcross.corpus.rejected import Rejected
from outcross.guard.mix.siphash import Words
from outcross.guard.mix.survey import FIRST, Surveyed
from outcross.guard.source import Task, frames
from outcross.vault.part import write_part

if TYPE_CHECKING:
    import polars as pl

SHARD: Final = 2**16
"""Records of a file of a mix, about, unless one task gives more."""

READERS: Final = 2
"""Tasks that are read at the same time: a part of a file is decoded by one thread, and the other one is checked."""

LEVEL: Final = 1
"""Of Zstandard: as fast as Snappy, and a third smaller, on texts."""

TASKS: Final = 64
"""Tasks that are read for one file of a mix, at most."""


@final
@dataclass(frozen=True)
class Piece:
    """The chosen records of a task.

    Parameters
    ----------
    task
        The task.
    place
        Which of all tasks it is.
    lines
        Where they stand, sorted, shape (n,).
    keys
        Their keys, shape (n,).
    draws
        Which draw takes each, from 1, shape (n,).
    read
        Whether the texts of the task were looked at before.

    Examples
    --------
    See `outcross.guard.mix.mix.mix`.
    """

    task: Task
    place: int
    read: bool
    lines: Ints
    keys: Words
    draws: NDArray[np.uint16]


def shards_of(surveyed: Surveyed, tasks: Sequence[Task], taken: Sequence[NDArray[np.uint16]]) -> list[list[Piece]]:
    """Return which records go into each file of a mix: those of tasks that follow each other, in about equal files.

    Tasks of which the texts were not looked at yet are there even where no record of them was chosen: somebody has to.

    Examples
    --------
    See `outcross.guard.mix.mix.mix`.
    """
    total = sum(int(np.count_nonzero(draws)) for draws in taken)
    most = -(-total // max(1, -(-total // SHARD)))
    found: list[list[Piece]] = [[]]
    rows = 0
    for place, (task, draws) in enumerate(zip(tasks, taken, strict=True)):
        chosen = np.flatnonzero(draws)
        if not len(chosen) and surveyed.read[place]:
            continue
        if found[-1] and (rows + len(chosen) // 2 > most or len(found[-1]) == TASKS):
            found.append([])
            rows = 0
        kept = surveyed.rows[place][chosen]
        lines = kept["line"].astype(np.int64) + task.part.first
        order = np.argsort(lines, kind="stable")
        found[-1].append(
            Piece(task, place, surveyed.read[place], lines[order], kept["key"][order], draws[chosen][order])
        )
        rows += len(chosen)
    return [pieces for pieces in found if pieces]


@final
@dataclass(frozen=True)
class Writing:
    """What the second pass does for a file of a mix.

    Parameters
    ----------
    weights
        The weight of the records of each draw; None where all weigh the same.
    group
        The column that keeps strata apart; None where nothing but origin and generation does.

    Examples
    --------
    See `outcross.guard.mix.mix.mix`.
    """

    weights: tuple[float, ...] | None
    group: str | None

    def __call__(self, pieces: Sequence[Piece], stem: Path) -> Mapping[str, Any]:
        """Write the records, in the order of their keys; return what they are, and which of all have no text."""
        import polars as pl

        unfit: list[list[Any]] = []
        blocks: list[pl.DataFrame] = []
        with ThreadPoolExecutor(READERS) as pool:
            for piece, (found, rejected) in zip(pieces, pool.map(self._read, pieces), strict=True):
                blocks += found
                new = [] if piece.read else [[one.line, one.count, one.kind, one.reason] for one in rejected]
                unfit.append([piece.place, new])
        if sum(block.height for block in blocks) < sum(len(piece.lines) for piece in pieces):
            return {"unfit": unfit, "short": True}
        told: dict[str, Any] = {"unfit": unfit, "short": False, "rows": 0}
        if any(block.height for block in blocks):
            frame = pl.concat(blocks).sort("key", "line").drop("key", "line").rechunk()
            path = stem.with_suffix(".parquet")
            told["sha256"], told["size"] = write_part(frame, path, level=LEVEL)
            told |= {"rows": frame.height, "file": path.name, **self._counted(frame)}
        return told

    def _read(self, piece: Piece) -> tuple[list[pl.DataFrame], list[Rejected]]:
        """The chosen records of a task, and what is wrong with any record of it."""
        import polars as pl

        rejected: list[Rejected] = []
        found = []
        for frame in frames(piece.task, None, rejected, lines=piece.lines, size=SHARD):
            at = np.searchsorted(piece.lines, frame["line"].to_numpy())
            more = [pl.Series("key", piece.keys[at])]
            if self.weights is not None:
                more.append(pl.Series("weight", np.array(self.weights)[piece.draws[at] - 1]))
            found.append(frame.with_columns(more))
        return found, rejected

    def _counted(self, frame: pl.DataFrame) -> dict[str, Any]:
        import polars as pl

        label = ["origin", "generation", *([] if self.group is None else [self.group])]
        strata = frame.group_by(label).len().sort(label)
        rows = strata.select(*label, *([pl.lit(None)] if self.group is None else []), "len").rows()
        return {
            "strata": [list(row) for row in rows],
            "licenses": _tallied(frame["license"]),
            "generators": _tallied(frame["generator"]),
        }


def _tallied(column: pl.Series) -> dict[str, int]:
    return dict(sorted(Counter(column.drop_nulls().to_list()).items()))


@final
@dataclass(frozen=True)
class Unfit:
    """What the second pass found out of records that the first one kept: they have no text.

    Parameters
    ----------
    lines
        Which records of each task, as they are kept.
    kinds
        How many, by kind.
    first
        The first of them, as (file, line, reason).

    Examples
    --------
    See `outcross.guard.mix.mix.mix`.
    """

    lines: list[Ints]
    kinds: Mapping[str, int]
    first: tuple[tuple[str, int, str], ...]

    @classmethod
    def of(cls, surveyed: Surveyed, tasks: Sequence[Task], summaries: Sequence[Mapping[str, Any]]) -> Unfit:
        """Return what the second pass found out.

        Raises
        ------
        BadInput
            If records are missing without a reason: a source was changed between the passes.
        """
        lines = [np.zeros(0, np.int64)] * len(tasks)
        kinds: Counter[str] = Counter()
        first: list[tuple[str, int, str]] = []
        for one in summaries:
            there = 0
            for place, rejected in one["unfit"]:
                kept = surveyed.rows[place]["line"]
                held = []
                for line, count, kind, reason in rejected:
                    start = line - tasks[place].part.first
                    gone = kept[(kept >= start) & (kept < start + count)]  # one may stand for a damaged stretch
                    if len(gone):
                        held.append(gone.astype(np.int64))
                        kinds[kind] += len(gone)
                        first.append((tasks[place].name, line, reason))
                lines[place] = np.unique(np.concatenate([lines[place], *held]))
                there += len(lines[place])
            if one["short"] and not there:
                raise BadInput("a source was changed while it was read: records that were there are there no more")
        return cls(lines, kinds, tuple(first[:FIRST]))

    def __bool__(self) -> bool:
        return any(map(len, self.lines))
