"""Data files that are written and not committed yet, and what is mended in them once all of them are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.provenance import Origin, Stratum
from outcross.vault.catalog import Keys, keys_of, prefixes
from outcross.vault.entering import MACHINE, Sieve, saved
from outcross.vault.generations import Links
from outcross.vault.known import Known, among
from outcross.vault.merkle import Frontier
from outcross.vault.part import DataFile, name_of
from outcross.vault.record import RECORD

if TYPE_CHECKING:
    import polars as pl


@final
@dataclass(frozen=True)
class Staged:
    """A data file that is not committed yet.

    Parameters
    ----------
    path
        Where it lies.
    sha256, size, rows
        Digest and size of its bytes, and number of its rows.
    counts
        Records by stratum.
    tree
        Full subtrees over its leaves, if its first row is at ``start`` of the tree.

    Examples
    --------
    >>> Staged.of(Path("."), {"file": "a", "sha256": "ab", "size": 1, "rows": 0, "counts": [],
    ...     "tree": {"start": 0, "nodes": []}}).counts
    {}
    """

    path: Path
    sha256: str
    size: int
    rows: int
    counts: Mapping[Stratum, int]
    start: int = -1
    tree: tuple[tuple[int, bytes], ...] = ()

    @classmethod
    def of(cls, folder: Path, told: Mapping[str, Any]) -> Self:
        """Return the file that a summary tells of."""
        counts = {Stratum(Origin(origin), depth, group): count for origin, depth, group, count in told["counts"]}
        nodes = tuple((height, bytes.fromhex(node)) for height, node in told["tree"]["nodes"])
        start = told["tree"]["start"]
        return cls(folder / told["file"], told["sha256"], told["size"], told["rows"], counts, start, nodes)

    def read(self, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Return its rows."""
        import polars as pl

        return pl.read_parquet(self.path, columns=None if columns is None else list(columns))

    def rewritten(self, frame: pl.DataFrame, number: int) -> Self:
        """Return the file with other rows, beside this one."""
        path = self.path.with_name(f"{self.path.name.partition('.parquet')[0]}.{number}.parquet")
        return type(self).of(path.parent, saved(frame, path))


def data_files(staged: Sequence[Staged]) -> tuple[DataFile, ...]:
    """Return the files as a head names them, their rows counted from the first of them.

    Examples
    --------
    >>> data_files([])
    ()
    """
    found, first = [], 0
    for one in staged:
        if one.rows:
            found.append(DataFile(name_of(one.sha256), one.sha256, one.size, first, one.rows))
            first += one.rows
    return tuple(found)


def root(staged: Sequence[Staged]) -> bytes:
    """Return the root of the RFC 9162 tree over the leaves of all rows.

    Examples
    --------
    >>> root([]).hex()[:8]
    'e3b0c442'
    """
    tree = Frontier()
    for one in staged:
        if one.start == tree.size:  # hashed by the worker that wrote it
            for height, node in one.tree:
                tree = tree.joined(height, node)
        else:
            tree = tree.extend(one.read(["leaf"])["leaf"].to_list())
    return tree.root()


def counted(staged: Sequence[Staged]) -> dict[Stratum, int]:
    """Return how many records of each stratum they hold.

    Examples
    --------
    >>> counted([])
    {}
    """
    counts: dict[Stratum, int] = {}
    for one in staged:
        for stratum, count in one.counts.items():
            counts[stratum] = counts.get(stratum, 0) + count
    return counts


TWICE = "the id '{}' comes twice in what was added, with another text"
CIRCLE = "it is among its own ancestors, or a parent of it is"
ORPHAN = "its parent '{}' is neither in the vault nor in what was added"


def without_twins(staged: Sequence[Staged]) -> tuple[list[Staged], list[tuple[str, str]]]:
    """Return the files without rows whose id came before, and (id, reason) of those with another text than that one.

    Examples
    --------
    >>> without_twins([])
    ([], [])
    """
    import polars as pl

    ordered = _keys(staged)
    ordered.sort()
    if not (ordered[1:] == ordered[:-1]).any():  # most often, and this takes the least memory
        return list(staged), []
    del ordered
    every = _keys(staged)
    _, first, inverse = np.unique(every, return_index=True, return_inverse=True)
    kept = np.zeros(len(every), dtype=np.bool_)
    kept[first] = True
    texts = np.concatenate([prefixes(one.read(["text_sha256"])["text_sha256"]) for one in staged])
    other = texts != texts[first[inverse]]
    found, refused, start = [], [], 0
    for one in staged:
        mask, unlike = kept[start : start + one.rows], other[start : start + one.rows]
        start += one.rows
        if mask.all():
            found.append(one)
            continue
        frame = one.read()
        refused += [(name, TWICE.format(name)) for name in frame.filter(pl.Series(unlike))["id"]]
        found.append(one.rewritten(frame.filter(pl.Series(mask)), 1))
    return found, refused


def _keys(staged: Sequence[Staged]) -> Keys:
    """The keys of all ids, read a file at a time: ids are long."""
    found, start = np.empty(sum(one.rows for one in staged), dtype=np.uint64), 0
    for one in staged:
        found[start : start + one.rows] = keys_of(one.read(["id"])["id"])
        start += one.rows
    return found


def without_copies(staged: Sequence[Staged]) -> tuple[list[Staged], list[tuple[str, str]]]:
    """Return the files without human records whose text a machine wrote in the same files, and (id, reason) of those.

    Examples
    --------
    >>> without_copies([])
    ([], [])
    """
    import polars as pl

    there = {stratum.origin for one in staged for stratum in one.counts}
    if not {Origin.HUMAN, Origin.SYNTHETIC} <= there:
        return list(staged), []
    told = (one.read(["origin", "text_sha256"]) for one in staged)
    outputs = np.unique(np.concatenate([prefixes(f.filter(f["origin"] == "synthetic")["text_sha256"]) for f in told]))
    found, refused = [], []
    for one in staged:
        frame = one.read(["id", "origin", "text", "text_sha256"])
        copied = (frame["origin"] == "human").to_numpy() & among(outputs, frame)
        refused += [(name, MACHINE) for name in frame.filter(pl.Series(copied))["id"]]
        found.append(one.rewritten(one.read().filter(pl.Series(~copied)), 4) if copied.any() else one)
    return found, refused


def with_parents(staged: Sequence[Staged], known: Known) -> tuple[list[Staged], list[tuple[str, str]]]:
    """Return the files with the depth of rows whose parents came in with them, and (id, reason) of those without any.

    A generation is 1 more than that of the deepest parent. What comes from itself has none, and is left out, too.

    Examples
    --------
    >>> from outcross.vault.catalog import Catalog
    >>> with_parents([], Known.of(Catalog(), np.zeros(0, np.uint64)))
    ([], [])
    """
    import polars as pl

    table = [one.read(["id", "origin", "generation", "parents"]) for one in staged]
    if not table or all(frame["parents"].null_count() == frame.height for frame in table):
        return list(staged), []
    rows = pl.concat(table)
    keys = keys_of(rows["id"])
    order = np.argsort(keys)
    links = rows.with_row_index("row").select("row", "parents").explode("parents").drop_nulls()
    child = links["row"].to_numpy()
    place = _places(keys, order, keys_of(links["parents"]))
    outside = known.find(links["parents"])
    inside = place >= 0
    tree = Links(rows.height, child[inside], place[inside])
    human = (rows["origin"] == "human").to_numpy()
    depth, circular = tree.depths(rows["generation"].to_numpy(), human)
    gone = tree.below(np.unique(child[~inside & (outside < 0)]))  # the children of an orphan are orphans
    lost = np.where(inside, gone[np.maximum(place, 0)] & (outside < 0), outside < 0)
    refused = {rows["id"][int(row)]: CIRCLE for row in np.flatnonzero(circular)} | {
        rows["id"][int(row)]: ORPHAN.format(parent)
        for row, parent in zip(child[lost], links["parents"].filter(pl.Series(lost)), strict=True)
    }
    found, start = [], 0
    for one in staged:
        part = slice(start, start + one.rows)
        start += one.rows
        frame = one.read()
        changed = frame["generation"].to_numpy() != depth[part]
        drop = frame["id"].is_in(list(refused))
        if not changed.any() and not drop.any():
            found.append(one)
            continue
        settled = frame.with_columns(pl.Series("generation", depth[part], dtype=pl.Int32)).filter(~drop)
        found.append(one.rewritten(settled, 2))
    return found, list(refused.items())


def _places(keys: Keys, order: NDArray[np.intp], asked: Keys) -> NDArray[np.int64]:
    place = np.minimum(np.searchsorted(keys, asked, sorter=order), len(keys) - 1)
    row = order[place]
    return np.where(keys[row] == asked, row, -1).astype(np.int64)


def against(
    staged: Sequence[Staged], known: Known, correct: bool = False
) -> tuple[list[Staged], list[tuple[str, str]]]:
    """Return the files without what another writer made impossible meanwhile, and (id, reason) of it.

    Examples
    --------
    >>> import numpy as np
    >>> from outcross.vault.catalog import Catalog
    >>> against([], Known.of(Catalog(), np.zeros(0, np.uint64)))
    ([], [])
    """
    import polars as pl

    found: list[Staged] = []
    refused: list[tuple[str, str]] = []
    for one in staged:
        frame = one.read().with_row_index("line")
        kept, wrong = Sieve(known, correct).sift(frame.filter(frame["kind"] == RECORD))
        others = frame.filter(frame["kind"] != RECORD)
        names = dict(frame.select("line", "id").iter_rows())
        refused += [(names[line], reason) for line, _, reason in wrong]
        settled = pl.concat([kept, others]).sort("line")
        same = settled.height == frame.height and all(
            settled[name].equals(frame[name]) for name in ("version", "generation")
        )
        found.append(one if same else one.rewritten(settled, 3))
    return found, refused
