"""What every row of a vault is, without its text: arrays by position, small enough for memory.

A catalog answers what an `add` and a `draw` must know: which ids there are, which records are live, which texts are
known machine outputs. It costs 24 bytes a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Self, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Ints
from outcross.core.provenance import Origin, Stratum
from outcross.vault.objects import Objects
from outcross.vault.part import DataFile, scan
from outcross.vault.record import RECORD, WITHDRAWAL

if TYPE_CHECKING:
    import polars as pl

Keys = NDArray[np.uint64]

READ = ("id", "version", "kind", "text_sha256", "origin", "generation", "group", "run")
"""The columns that a catalog is made from."""


def keys_of(ids: pl.Series) -> Keys:
    """Return a number of 64 bits for each id: the same for the same id, in this process and its workers.

    Examples
    --------
    >>> import polars as pl
    >>> keys = keys_of(pl.Series(["a", "b", "a"]))
    >>> bool(keys[0] == keys[2]), bool(keys[0] == keys[1])
    (True, False)
    """
    return ids.hash(seed=0x0C).to_numpy().astype(np.uint64, copy=False)


CLAIMS = (
    "raw_sha256",
    "source",
    "created",
    "metadata",
    "origin",
    "generator",
    "generator_digest",
    "license",
    "collected",
    "group",
    "evidence",
    "confidence",
    "digital_source_type",
    "parents",
)
"""The columns in which a correction may differ from what it corrects."""


def claims_of(frame: pl.DataFrame) -> Keys:
    """Return a number of 64 bits for all that is said of each record, its text included.

    Examples
    --------
    >>> import polars as pl
    >>> from outcross.vault.record import shaped
    >>> said = shaped(pl.DataFrame({"origin": ["human", "human", "mixed"], "parents": [["a"], ["a"], ["a"]]}))
    >>> keys = claims_of(said)
    >>> bool(keys[0] == keys[1]), bool(keys[0] == keys[2])
    (True, False)
    """
    import polars as pl

    cells = [pl.col(name) if name != "parents" else pl.col(name).list.join("\0") for name in CLAIMS]
    return frame.select(pl.struct(cells).hash(seed=0x0C)).to_series().to_numpy().astype(np.uint64, copy=False)


def prefixes(digests: pl.Series) -> Keys:
    r"""Return the first 64 bits of each digest; 0 where there is none.

    Examples
    --------
    >>> import polars as pl
    >>> prefixes(pl.Series([bytes(31) + b"x", None, b"\x01" + bytes(31)])).tolist()
    [0, 0, 1]
    """
    found = np.zeros(len(digests), dtype=np.uint64)
    there = digests.is_not_null().to_numpy()
    joined = b"".join(digest[:8] for digest in digests.drop_nulls())
    found[there] = np.frombuffer(joined, dtype="<u8")
    return found


def register_keys(digests: NDArray[np.uint8]) -> Keys:
    """Return the first 64 bits of digests as a register gives them, shape (n, 32).

    Examples
    --------
    >>> register_keys(np.ones((1, 32), dtype=np.uint8)).tolist()
    [72340172838076673]
    """
    return np.ascontiguousarray(digests[:, :8]).view("<u8").ravel().astype(np.uint64, copy=False)


@final
@dataclass(frozen=True)
class Catalog:
    """All rows of a vault, by position.

    Parameters
    ----------
    keys
        Of the ids, shape (n,).
    texts
        First 64 bits of the digests of the canonical texts, shape (n,); 0 where there is no text.
    versions
        Shape (n,).
    codes
        Which of ``kinds`` each row is, shape (n,).
    kinds
        Kind of row, its stratum, and the run that it belongs to.

    Examples
    --------
    >>> Catalog().live.tolist()
    []
    """

    keys: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))
    texts: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))
    versions: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    codes: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    kinds: tuple[tuple[str, Stratum, str | None], ...] = ()

    def extended(self, objects: Objects, files: Sequence[DataFile]) -> Self:
        """Return the catalog with the rows that these files bring beyond its own."""
        keys, texts, versions, codes = [self.keys], [self.texts], [self.versions], [self.codes]
        kinds = {kind: code for code, kind in enumerate(self.kinds)}
        known = len(self.keys)
        for file, frame in scan(objects, [file for file in files if file.stop > known], READ):
            new = frame.slice(max(0, known - file.first))
            keys.append(keys_of(new["id"]))
            texts.append(prefixes(new["text_sha256"]))
            versions.append(new["version"].to_numpy())
            codes.append(_codes(new, kinds))
        if len(keys) == 1:
            return self
        return type(self)(
            np.concatenate(keys), np.concatenate(texts), np.concatenate(versions), np.concatenate(codes), tuple(kinds)
        )

    def where(self, kind: str) -> NDArray[np.bool_]:
        """Return which rows are of a kind, shape (n,)."""
        return np.array([one[0] == kind for one in self.kinds] or [False])[self.codes]

    @cached_property
    def live(self) -> NDArray[np.bool_]:
        """Which rows are records, the latest version of theirs, and not withdrawn, shape (n,)."""
        records = self.where(RECORD)
        withdrawn = self.keys[self.where(WITHDRAWAL)]
        if not len(withdrawn) and (not records.any() or self.versions[records].max() == 1):
            return records
        places = np.flatnonzero(records)
        last = places[latest(self.keys[places])]
        alive = np.zeros(len(records), dtype=np.bool_)
        alive[last[~np.isin(self.keys[last], withdrawn)]] = True
        return alive

    @property
    def strata(self) -> tuple[Stratum, ...]:
        """The stratum of each code."""
        return tuple(stratum for _, stratum, _ in self.kinds)

    def positions(self, strata: Iterable[Stratum], *, runs: bool = True) -> Ints:
        """Return where the live records of some strata are, with those of chains or without."""
        wanted = set(strata)
        chosen = np.array([one in wanted and (runs or of is None) for _, one, of in self.kinds] or [False])
        return np.flatnonzero(self.live & chosen[self.codes])

    def machine_texts(self) -> Keys:
        """Return the first 64 bits of the digests of all texts that a machine wrote, sorted; withdrawn ones too."""
        synthetic = np.array([one.origin is Origin.SYNTHETIC for one in self.strata] or [False])
        return np.unique(self.texts[synthetic[self.codes] & (self.texts != 0)])


def latest(keys: Keys) -> Ints:
    """Return the place of the last occurrence of each key.

    Examples
    --------
    >>> sorted(latest(np.array([5, 7, 5], dtype=np.uint64)).tolist())
    [1, 2]
    """
    _, first = np.unique(keys[::-1], return_index=True)
    return (len(keys) - 1 - first).astype(np.int64)


def _codes(frame: pl.DataFrame, kinds: dict[tuple[str, Stratum, str | None], int]) -> NDArray[np.int32]:
    """The code of each row; kinds that are new get the next one."""
    import polars as pl

    names = ["kind", "origin", "generation", "group", "run"]
    numbered = frame.select(names).with_columns(pl.struct(names).rank("dense").alias("rank"))
    table = np.zeros(frame.height + 1, dtype=np.int32)
    for kind, origin, generation, group, run, rank in numbered.unique().sort("rank").iter_rows():
        stratum = Stratum(Origin(origin or "unknown"), generation or 0, group)
        table[rank] = kinds.setdefault((kind, stratum, run), len(kinds))
    found: NDArray[np.int32] = table[numbered["rank"].to_numpy()]
    return found
