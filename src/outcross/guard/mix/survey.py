"""The first pass of a mix: which stratum each record is of, and the number by which it is chosen. It reads only what
that takes, and keeps 16 bytes a record.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Ints
from outcross.core.errors import BadInput
from outcross.core.provenance import Origin, Stratum
from outcross.core.seed import Seed
from outcross.corpus.files import suffix
from outcross.corpus.rejected import Rejected
from outcross.corpus.shards import Shard
from outcross.guard.labels import numbered
from outcross.guard.mix.siphash import Words, keys_of, of_digests, of_texts
from outcross.guard.source import Task, frames
from outcross.vault.part import DataFile

if TYPE_CHECKING:
    import polars as pl

ROW = np.dtype([("key", "<u8"), ("code", "<u4"), ("line", "<u4")])
"""What is kept of a record: its key, the number of its stratum among those of its task, and where it stands, from the
first record of the task."""

FIRST = 5
"""Rejected records of a task that are shown."""

MADE = r"^[0-9a-f]{8}-[0-9]+-[0-9a-f]{8}$"
"""How a vault calls a record that came without an id: by where it came from and the beginning of its text's digest."""


@final
@dataclass(frozen=True)
class Survey:
    """What the first pass does with a task.

    Parameters
    ----------
    seed
        What the keys are made from.
    group
        The column that keeps strata apart; None where nothing but origin and generation does.
    whole
        Whether the texts are read where that is not needed to know which record is which, so that those without one
        are found here and not in the second pass.

    Examples
    --------
    See `outcross.guard.mix.mix.mix`.
    """

    seed: Seed
    group: str | None
    whole: bool

    def __call__(self, task: Task, stem: Path) -> Mapping[str, Any]:
        """Write what is kept of the records of a task; return what they are and how many were rejected."""
        strata: dict[Stratum, int] = {}
        rejected: list[Rejected] = []
        found = None if self.whole else self._rows(task, strata, rejected, ["id"])
        # Other files are read whole, and the records of a vault were looked at when they entered.
        read = found is None or not (isinstance(task.part, Shard) and suffix(Path(task.part.path)) == ".parquet")
        if found is None:
            strata.clear()
            rejected.clear()
            found = self._rows(task, strata, rejected, ["id", "text"]) or []
        rows = np.concatenate([np.zeros(0, ROW), *found])
        keep(rows, stem.with_suffix(".npy"))
        counts = np.bincount(rows["code"], minlength=len(strata)).tolist()
        return {
            "strata": [[str(s.origin), s.generation, s.group, count] for s, count in zip(strata, counts, strict=True)],
            "rejected": tally(rejected),
            "read": read,
        }

    def _rows(
        self, task: Task, strata: dict[Stratum, int], rejected: list[Rejected], identity: list[str]
    ) -> list[NDArray[np.void]] | None:
        """What is kept of each block; None where the texts must be read to know which record is which."""
        label = ["origin", "generation", *([] if self.group is None else [self.group])]
        found = []
        for frame in frames(task, [*identity, *label], rejected, size=2**16):
            rows = np.empty(frame.height, ROW)
            codes = _codes(frame.select(label), strata)
            keys = _identities(frame, codes, list(strata), self.seed, isinstance(task.part, DataFile))
            if keys is None:
                return None
            rows["key"], rows["code"], rows["line"] = keys, codes, frame["line"].to_numpy() - task.part.first
            found.append(rows)
        return found


def keep(array: NDArray[Any], path: Path) -> None:
    """Write an array as NumPy does, but for the end of a disk, which NumPy does not always notice.

    Raises
    ------
    OSError
        If there is no room.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "keys.npy")
    >>> keep(np.arange(3), path)
    >>> np.load(path).tolist()
    [0, 1, 2]
    """
    held = io.BytesIO()
    np.save(held, array)
    path.write_bytes(held.getbuffer())


def tally(rejected: Sequence[Rejected]) -> dict[str, Any]:
    """Return how many records were rejected, by kind, and the first of them, as plain data.

    Examples
    --------
    >>> tally([Rejected("cats.jsonl", 3, "not JSON", "broken-line")])
    {'kinds': {'broken-line': 1}, 'first': [['cats.jsonl', 3, 'not JSON']]}
    """
    kinds: dict[str, int] = {}
    for one in rejected:
        kinds[one.kind] = kinds.get(one.kind, 0) + one.count
    return {"kinds": kinds, "first": [[Path(one.file).name, one.line, one.reason] for one in rejected[:FIRST]]}


def _codes(frame: pl.DataFrame, strata: dict[Stratum, int]) -> NDArray[np.uint32]:
    """The stratum of each record as a number; a new one gets the next number."""
    many = frame.width > 2
    known = [(str(s.origin), s.generation, s.group) if many else (str(s.origin), s.generation) for s in strata]
    kinds, numbers = numbered(frame, known)
    for kind in kinds[len(known) :]:
        strata[Stratum(Origin(kind[0]), kind[1], kind[2] if many else None)] = len(strata)
    return numbers


def _identities(
    frame: pl.DataFrame, codes: NDArray[np.uint32], strata: Sequence[Stratum], seed: Seed, vault: bool
) -> Words | None:
    """The key of each record: of its stratum and its id, or its text where it was given none."""
    import polars as pl

    named = frame["id"].is_not_null()
    if vault:
        made = frame["id"].str.contains(MADE).fill_null(False)
        if made.any() and "text" in frame.columns:
            digest = pl.Series(hashlib.sha256(text).hexdigest()[:8] for text in frame["text"].cast(pl.Binary))
            made &= frame["id"].str.tail(8) == digest
        named &= ~made
    if "text" not in frame.columns and not named.all():
        return None
    by_id = keys_of([seed.child("id", str(stratum)) for stratum in strata])
    if named.all():
        return of_texts(frame["id"], by_id[codes])
    by_text = keys_of([seed.child("text", str(stratum)) for stratum in strata])
    keys = np.empty(frame.height, np.uint64)
    mask = named.to_numpy()
    keys[mask] = of_texts(frame["id"].filter(named), by_id[codes[mask]])
    keys[~mask] = of_digests(frame["text"].filter(~named), by_text[codes[~mask]])
    return keys


@final
class Surveyed:
    """What the first pass found: for each task the rows that it kept, and which stratum each is of.

    The rows lie on disk and are mapped into memory; what is changed of them is changed for this process only.

    Parameters
    ----------
    files
        The rows of each task.
    summaries
        What the first pass returned of each task.

    Attributes
    ----------
    strata
        What there is, in a fixed order.
    rows
        What is kept of the records of each task, of the type `ROW`.
    read
        Of each task, whether its texts were looked at.

    Raises
    ------
    BadInput
        If there is no record at all.

    Examples
    --------
    >>> Surveyed([], [])
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadInput: there is no record to choose from
    """

    def __init__(self, files: Sequence[Path], summaries: Sequence[Mapping[str, Any]]) -> None:
        every = {
            Stratum(Origin(origin), generation, group): 0
            for one in summaries
            for origin, generation, group, count in one["strata"]
            if count
        }
        self.strata = tuple(sorted(every, key=str))
        place = {stratum: number for number, stratum in enumerate(self.strata)}
        if not place:
            kinds: Counter[str] = Counter()
            for one in summaries:
                kinds.update(one["rejected"]["kinds"])
            more = ": " + ", ".join(f"{count:,} rejected as {kind}" for kind, count in kinds.items()) if kinds else ""
            raise BadInput(f"there is no record to choose from{more}")
        self.rows: list[NDArray[np.void]] = [np.load(path, mmap_mode="c") for path in files]
        self.read = [bool(one["read"]) for one in summaries]
        own = [
            [Stratum(Origin(origin), depth, group) for origin, depth, group, _ in one["strata"]] for one in summaries
        ]
        self._tables = [np.array([place.get(stratum, 0) for stratum in strata], np.uint32) for strata in own]

    def __len__(self) -> int:
        return len(self.rows)

    def codes(self, task: int) -> NDArray[np.uint32]:
        """Return which of `strata` each record of a task is of, shape (n,)."""
        found: NDArray[np.uint32] = self._tables[task][self.rows[task]["code"]]
        return found

    @property
    def counts(self) -> dict[Stratum, int]:
        """How many records there are of each stratum."""
        total = np.zeros(len(self.strata), np.int64)
        for task in range(len(self)):
            total += np.bincount(self.codes(task), minlength=len(self.strata))
        return dict(zip(self.strata, total.tolist(), strict=True))

    def without(self, unfit: Sequence[Ints]) -> None:
        """Leave out some records of each task, by their lines as they are kept."""
        for task, lines in enumerate(unfit):
            if len(lines):
                self.rows[task] = self.rows[task][~np.isin(self.rows[task]["line"], lines)]
