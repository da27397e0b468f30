"""Withdrawing records: a signed tombstone for each of them, and for all that was made of them.

A tombstone is a row of its own, with the id of what is withdrawn, and holds for all versions of it. What comes from it
is withdrawn, too: records that name it as a parent, models that were trained on it, and what those wrote.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, final

import numpy as np
import orjson
from numpy.typing import NDArray

from outcross.core.batch import Ints
from outcross.core.errors import BadInput, MissingInput
from outcross.core.provenance import Stratum
from outcross.core.wording import count_of
from outcross.vault.catalog import Catalog, Keys, keys_of
from outcross.vault.clock import time_of
from outcross.vault.entering import gathered, saved
from outcross.vault.labelling import in_unicode
from outcross.vault.log import Change, Log, append, reading
from outcross.vault.objects import Objects
from outcross.vault.part import name_of, rows_at, scan
from outcross.vault.placed import Placed, room
from outcross.vault.record import MODEL, RECORD, WITHDRAWAL, digested, shaped
from outcross.vault.staged import Staged, data_files, root
from outcross.vault.trained_on import TRAINED_ON, decode

if TYPE_CHECKING:
    import polars as pl

    from outcross.vault.vault import Vault

HOW = ("asked", "derived", "trained on")
"""Why a record or a model is withdrawn: somebody asked for it, a parent of it was, or a record it was trained on."""

EXAMPLES = 5
"""How many of each are shown."""

LOOKED_AT = 20_000
"""Ids among which the nearest one is looked for."""


@final
@dataclass(frozen=True)
class Withdrawal:
    """What is withdrawn, or would be.

    Parameters
    ----------
    commit
        Number of the commit; None where there is none.
    counts
        Live records by stratum.
    how
        Records and models by how they came to it: see `HOW`.
    examples
        Some of each, as (id, id of what it follows from or None).
    already
        How many of those that were asked for had been withdrawn before.

    Examples
    --------
    >>> print(Withdrawal(None, {}, {}, already=1))
    nothing to withdraw; 1 was withdrawn before
    """

    commit: int | None
    counts: Mapping[Stratum, int]
    how: Mapping[str, int]
    examples: Mapping[str, Sequence[tuple[str, str | None]]] = field(default_factory=dict)
    already: int = 0

    @property
    def records(self) -> int:
        """How many live records are taken from the pool."""
        return sum(self.counts.values())

    @property
    def tombstones(self) -> int:
        """How many records and models are withdrawn."""
        return sum(self.how.values())

    def __str__(self) -> str:
        said = "nothing to withdraw"
        if self.tombstones:
            told = ", ".join(f"{count:,} {how}" for how, count in self.how.items())
            where = "" if self.commit is None else f" in commit {self.commit}"
            records, tombstones = count_of(self.records, "record"), count_of(self.tombstones, "tombstone")
            said = f"{records} withdrawn{where} with {tombstones} ({told})"
        before = f"; {self.already:,} {'was' if self.already == 1 else 'were'} withdrawn before"
        return said + before if self.already else said

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "commit": self.commit,
            "records": self.records,
            "strata": {str(stratum): count for stratum, count in self.counts.items()},
            "how": dict(self.how),
            "examples": {how: [list(pair) for pair in pairs] for how, pairs in self.examples.items()},
            "already": self.already,
        }


def plan_withdrawal(vault: Vault, ids: Sequence[str], only: bool = False) -> Withdrawal:
    """Return what would be withdrawn; nothing is.

    Parameters
    ----------
    vault
        The vault.
    ids
        Of records or models.
    only
        Whether to leave what comes from them.

    Raises
    ------
    MissingInput
        If there is none of an id.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from outcross.core.provenance import Origin, Provenance
    >>> from outcross.core.text import Texts
    >>> from outcross.vault.keys import make_key
    >>> from outcross.vault.vault import Vault
    >>> folder = Path(tempfile.mkdtemp())
    >>> vault = Vault.create(folder / "cats", key=make_key(folder / "key.pem"), memory=False)
    >>> vault.add(Texts.of(["a cat"]), Provenance(Origin.HUMAN))
    >>> name = vault.rows(np.array([0]), ["id"])["id"][0]
    >>> vault.add(Texts.of(["the cat"]), Provenance(Origin.SYNTHETIC, 1, parents=(name,)))
    >>> str(plan_withdrawal(vault, [name]))
    '2 records withdrawn with 2 tombstones (1 asked, 1 derived)'
    """
    vault.log, found = reading(vault.objects, vault.log, lambda log: _found(vault, log, ids, only))
    return found.told(None)


def withdraw(
    vault: Vault, ids: Sequence[str], reason: str, only: bool = False, time: str | None = None
) -> tuple[Log, Withdrawal]:
    """Withdraw records or models, with all that comes from them, in one commit.

    What came in after it may come from a record that was withdrawn before: withdrawing it again finds that.

    Parameters
    ----------
    vault, ids, only
        As for `plan_withdrawal`.
    reason
        Stands in every tombstone, and in the log.
    time
        When, in ISO 8601, UTC; None for now.

    Returns
    -------
    Log
        The log with the commit, if there was anything to withdraw.
    Withdrawal
        What was.

    Raises
    ------
    MissingInput
        If there is none of an id.
    BadInput
        If no reason is given.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from outcross.core.provenance import Origin, Provenance
    >>> from outcross.core.text import Texts
    >>> from outcross.vault.keys import make_key
    >>> from outcross.vault.vault import Vault
    >>> folder = Path(tempfile.mkdtemp())
    >>> vault = Vault.create(folder / "cats", key=make_key(folder / "key.pem"), memory=False)
    >>> vault.add(Texts.of(["a cat"]), Provenance(Origin.HUMAN))
    >>> name = vault.rows(np.array([0]), ["id"])["id"][0]
    >>> vault.add(Texts.of(["the cat"]), Provenance(Origin.SYNTHETIC, 1, parents=(name,)))
    >>> vault.log, done = withdraw(vault, [name], "its author asked for it")
    >>> print(done)
    2 records withdrawn in commit 3 with 2 tombstones (1 asked, 1 derived)
    >>> vault.inventory().counts
    {}
    """
    if not reason.strip():
        raise BadInput("a withdrawal needs a reason: it stays in the log when the text is gone")
    if in_unicode(reason) != reason:
        raise BadInput(f"the reason is not valid Unicode: {reason!a}")
    time = time_of(time)
    done = Withdrawal(None, {}, {})
    placed = Placed(vault.objects)

    def build(log: Log) -> Change | None:
        nonlocal done
        found = _found(vault, log, ids, only)
        done = found.told(None)
        if not done.tombstones:
            return None
        done = replace(done, commit=len(log.commits))
        staged: list[Staged] = []
        for part in gathered(found.tombstones(reason, time)):
            path = folder / f"{len(log.commits)}-{len(staged)}.parquet"
            staged.append(Staged.of(folder, saved(part, path)))
            placed.put(name_of(staged[-1].sha256), path)
        counts = {stratum: -count for stratum, count in done.counts.items()}
        note = {"reason": reason, "records": done.records, **done.how}
        return Change("withdraw", data_files(staged), (), root(staged), counts, note)

    with room(vault.objects, placed) as folder:
        log = append(vault.objects, vault.log, build, time, vault.key)
        placed.tidy(log)
    return log, done


@final
@dataclass(frozen=True)
class _Found:
    """All that is to be withdrawn, one of each id; shape (n,) each.

    Parameters
    ----------
    ids, because
        The id, and that of what it follows from, or null.
    versions
        The latest version.
    how
        Place in `HOW`.
    counts, already
        See `Withdrawal`.
    """

    ids: pl.Series
    because: pl.Series
    versions: NDArray[np.int32]
    how: NDArray[np.int8]
    counts: Mapping[Stratum, int]
    already: int

    def told(self, commit: int | None) -> Withdrawal:
        """What is said of it."""
        places = {name: np.flatnonzero(self.how == code) for code, name in enumerate(HOW)}
        examples = {
            name: [(self.ids[int(at)], self.because[int(at)]) for at in found[:EXAMPLES]]
            for name, found in places.items()
            if len(found)
        }
        how = {name: len(found) for name, found in places.items() if len(found)}
        return Withdrawal(commit, self.counts, how, examples, self.already)

    def tombstones(self, reason: str, time: str, rows: int = 10_000) -> Iterator[pl.DataFrame]:
        """The rows, some at a time."""
        import polars as pl

        for start in range(0, len(self.ids), rows):
            part = slice(start, start + rows)
            because = self.because[part]
            metadata = [
                orjson.dumps({"reason": reason, "because": parent, "how": HOW[code]}).decode()
                for parent, code in zip(because, self.how[part], strict=True)
            ]
            frame = pl.DataFrame({"id": self.ids[part], "version": self.versions[part], "metadata": metadata})
            yield digested(shaped(frame.with_columns(kind=pl.lit(WITHDRAWAL), added=pl.lit(time))))


def _found(vault: Vault, log: Log, ids: Sequence[str], only: bool) -> _Found:
    import polars as pl

    catalog = vault.catalog_of(log)
    asked = _asked(vault.objects, log, catalog, [ids] if isinstance(ids, str) else ids)
    tree = _Tree(asked, catalog.keys[asked])
    if not only:
        tree.grow(_Links.of(vault.objects, log, catalog), catalog)
    gone = catalog.keys[catalog.where(WITHDRAWAL)]
    new = ~np.isin(tree.keys, gone)
    rows, because = tree.rows[new], tree.because[new]
    known = np.unique(np.concatenate([rows, because[because >= 0]]))
    names = rows_at(vault.objects, log.data(), known, ["id"])["id"] if len(known) else pl.Series([], dtype=pl.String)
    origin = pl.Series(np.searchsorted(known, np.maximum(because, 0)), dtype=pl.Int64)
    origin = pl.select(pl.when(pl.Series(because >= 0)).then(origin)).to_series()  # null where it was asked for
    return _Found(
        ids=names.gather(np.searchsorted(known, rows)),
        because=names.gather(origin),
        versions=_latest(catalog, tree.keys[new]),
        how=tree.how[new],
        counts=_live(catalog, tree.keys[new]),
        already=int(np.isin(tree.keys[tree.how == 0], gone).sum()),
    )


def _asked(objects: Objects, log: Log, catalog: Catalog, ids: Sequence[str]) -> Ints:
    """The position of the latest version of each id, each id once."""
    import polars as pl

    named = pl.Series(list(dict.fromkeys(ids)), dtype=pl.String)
    if not len(named):
        raise BadInput("no id was given of what is to be withdrawn")
    owners = catalog.where(RECORD) | catalog.where(MODEL)
    near = np.flatnonzero(np.isin(catalog.keys, keys_of(named)) & owners)
    found = rows_at(objects, log.data(), near, ["id"])["id"] if len(near) else pl.Series([], dtype=pl.String)
    table = dict(zip(found, near.tolist(), strict=True))  # the latest comes last
    missing = [name for name in named if name not in table]
    if missing:
        several = f" ({len(missing):,} such ids)" if len(missing) > 1 else ""
        raise MissingInput(f"no record '{missing[0]}' in the vault{several}{_like(objects, log, catalog, missing[0])}")
    return np.array([table[name] for name in named], dtype=np.int64)


def _like(objects: Objects, log: Log, catalog: Catalog, name: str) -> str:
    """The nearest id, where there are few enough to look at all of them."""
    if not 0 < len(catalog.keys) <= LOOKED_AT:
        return ""
    ids = rows_at(objects, log.data(), np.arange(len(catalog.keys)), ["id"])["id"]
    near = difflib.get_close_matches(name, ids.to_list(), 1)
    return f"; did you mean '{near[0]}'?" if near else ""


@final
@dataclass(frozen=True)
class _Links:
    """Who comes from whom: shape (m,) each, and what models say that they were trained on."""

    child: Ints
    parent: Keys
    models: Mapping[int, Mapping[str, Any]]

    @classmethod
    def of(cls, objects: Objects, log: Log, catalog: Catalog) -> _Links:
        """Read them, a file at a time."""
        child: list[Ints] = [np.zeros(0, np.int64)]
        parent: list[Keys] = [np.zeros(0, np.uint64)]
        models: dict[int, Mapping[str, Any]] = {}
        model = catalog.where(MODEL)
        for file, frame in scan(objects, log.data(), ["parents"]):
            links = frame.with_row_index("row").drop_nulls("parents").explode("parents").drop_nulls()
            child.append(links["row"].to_numpy().astype(np.int64) + file.first)
            parent.append(keys_of(links["parents"]))
        places = np.flatnonzero(model)
        if len(places):
            told = rows_at(objects, log.data(), places, ["metadata"])["metadata"]
            trained = ((int(at), _trained_on(text)) for at, text in zip(places, told, strict=True))
            models = {at: one for at, one in trained if one is not None}
        return cls(np.concatenate(child), np.concatenate(parent), models)


def _trained_on(metadata: str | None) -> Mapping[str, Any] | None:
    told = orjson.loads(metadata or "null")
    found = told.get(TRAINED_ON) if isinstance(told, dict) else None
    return found if isinstance(found, dict) else None


@final
class _Tree:
    """What is withdrawn: each id once, by its key; where it lies, what it follows from (or -1), and how."""

    def __init__(self, rows: Ints, keys: Keys) -> None:
        self.rows, self.keys = rows, keys
        self.because: Ints = np.full(len(rows), -1, dtype=np.int64)
        self.how: NDArray[np.int8] = np.zeros(len(rows), dtype=np.int8)

    def grow(self, links: _Links, catalog: Catalog) -> None:
        """Add what comes from it, round after round."""
        done = 0
        while done < len(self.keys):
            new, done = slice(done, len(self.keys)), len(self.keys)
            self._children(links, catalog, new)
            self._models(links, catalog, new)

    def _children(self, links: _Links, catalog: Catalog, new: slice) -> None:
        hit = np.isin(links.parent, self.keys[new])
        order = np.argsort(self.keys[new])
        parent = self.rows[new][order[np.searchsorted(self.keys[new], links.parent[hit], sorter=order)]]
        self._add(links.child[hit], parent, catalog, 1)

    def _models(self, links: _Links, catalog: Catalog, new: slice) -> None:
        withdrawn = np.flatnonzero(np.isin(catalog.keys, self.keys[new]) & catalog.where(RECORD))
        found = [(at, seen) for at, told in links.models.items() for seen in _common(decode(told), withdrawn)]
        pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
        self._add(pairs[:, 0], pairs[:, 1], catalog, 2)

    def _add(self, rows: Ints, because: Ints, catalog: Catalog, how: int) -> None:
        """Add what is not there yet, once."""
        keys, first = np.unique(catalog.keys[rows], return_index=True)
        first = np.sort(first[~np.isin(keys, self.keys)])
        self.rows = np.concatenate([self.rows, rows[first]])
        self.keys = np.concatenate([self.keys, catalog.keys[rows[first]]])
        self.because = np.concatenate([self.because, because[first]])
        self.how = np.concatenate([self.how, np.full(len(first), how, dtype=np.int8)])


def _common(trained: Ints, withdrawn: Ints) -> Ints:
    """The first of the withdrawn records that a model was trained on; or none."""
    return trained[np.isin(trained, withdrawn)][:1]


def _latest(catalog: Catalog, keys: Keys) -> NDArray[np.int32]:
    """The number of the latest version of each id."""
    owners = np.flatnonzero((catalog.where(RECORD) | catalog.where(MODEL)) & np.isin(catalog.keys, keys))
    order = np.argsort(keys)
    found = np.zeros(len(keys), dtype=np.int32)
    np.maximum.at(found, order[np.searchsorted(keys, catalog.keys[owners], sorter=order)], catalog.versions[owners])
    return found


def _live(catalog: Catalog, keys: Keys) -> dict[Stratum, int]:
    """How many live records of each stratum have these ids."""
    rows = np.flatnonzero(catalog.live & np.isin(catalog.keys, keys))
    counts: dict[Stratum, int] = {}
    for code, count in zip(*np.unique(catalog.codes[rows], return_counts=True), strict=True):
        stratum = catalog.strata[code]
        counts[stratum] = counts.get(stratum, 0) + int(count)
    return counts
