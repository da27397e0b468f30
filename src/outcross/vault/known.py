"""What a vault knows of ids and of machine outputs, laid down for workers: sorted arrays that they map into memory."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Ints
from outcross.vault.catalog import Catalog, Keys, keys_of, latest, prefixes
from outcross.vault.labels.register import fingerprint
from outcross.vault.record import MODEL, RECORD, WITHDRAWAL

if TYPE_CHECKING:
    import polars as pl

SEAL = "known.sha256"
"""The file with the digest of the others."""

NAMES = ("ids", "texts", "versions", "generations", "outputs", "withdrawn", "claims")


@final
@dataclass(frozen=True)
class Known:
    """Ids that are taken, with what they stand for, and texts that machines are known to have written.

    Parameters
    ----------
    ids
        Keys of ids, sorted, shape (n,).
    texts, versions, generations
        Of the latest version of each: first 64 bits of its text's digest, number (less than 0 where it was withdrawn),
        and depth; shape (n,).
    outputs, withdrawn
        First 64 bits of the digests of machine outputs, and of texts that were withdrawn; sorted.
    claims
        All that is said of the latest version of each id, see `outcross.vault.catalog.claims_of`, shape (n,); of none
        where nothing is corrected.

    Examples
    --------
    >>> import polars as pl
    >>> known = Known.of(Catalog(), np.zeros(0, np.uint64))
    >>> known.find(pl.Series(["a"])).tolist()
    [-1]
    """

    ids: Keys
    texts: Keys
    versions: NDArray[np.int32]
    generations: NDArray[np.int32]
    outputs: Keys
    withdrawn: Keys
    claims: Keys

    @classmethod
    def of(cls, catalog: Catalog, registered: Keys, claims: Keys | None = None) -> Self:
        """Return what is known of the rows of a catalog, and of outputs that were registered elsewhere.

        ``claims`` are those of every row of the vault, where something is to be corrected.
        """
        rows = np.flatnonzero(catalog.where(RECORD) | catalog.where(MODEL))
        rows = rows[latest(catalog.keys[rows])]
        rows = rows[np.argsort(catalog.keys[rows])]
        gone = np.isin(catalog.keys[rows], catalog.keys[catalog.where(WITHDRAWAL)])
        versions = np.where(gone, -1, catalog.versions[rows]).astype(np.int32)
        depths = np.array([stratum.generation for stratum in catalog.strata] or [0], dtype=np.int32)
        outputs = np.unique(np.concatenate([catalog.machine_texts(), registered]))
        texts = catalog.texts[rows]
        withdrawn = np.unique(texts[gone & (texts != 0)])
        said = np.zeros(0, np.uint64) if claims is None else claims[rows]
        return cls(catalog.keys[rows], texts, versions, depths[catalog.codes[rows]], outputs, withdrawn, said)

    def save(self, folder: Path) -> None:
        """Write the arrays into a folder, so that they last, and their digest."""
        for name in NAMES:
            with (folder / f"known-{name}.npy").open("wb") as file:
                np.save(file, getattr(self, name), allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
        with (folder / SEAL).open("w") as seal:
            seal.write(_digest(folder))
            seal.flush()
            os.fsync(seal.fileno())

    @staticmethod
    def whole(folder: Path) -> bool:
        """Return whether the arrays lie in a folder as they were written."""
        try:
            return (folder / SEAL).read_bytes() == _digest(folder).encode()
        except OSError:
            return False

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the arrays of a folder, mapped into memory and not read."""
        return cls(*(np.load(folder / f"known-{name}.npy", mmap_mode="r", allow_pickle=False) for name in NAMES))

    def find(self, ids: pl.Series) -> Ints:
        """Return the place of each id, shape (k,); -1 where it is not known."""
        return _find(self.ids, keys_of(ids))

    def written_by_machine(self, frame: pl.DataFrame) -> NDArray[np.bool_]:
        """Return which texts machines are known to have written, shape (k,); short ones never.

        Parameters
        ----------
        frame
            Rows with ``text`` and ``text_sha256``.
        """
        return among(self.outputs, frame)

    def was_withdrawn(self, frame: pl.DataFrame) -> NDArray[np.bool_]:
        """Return which texts are those of records that were withdrawn, shape (k,); short ones never."""
        return among(self.withdrawn, frame)


def among(table: Keys, frame: pl.DataFrame) -> NDArray[np.bool_]:
    """Return which texts have their digests in a sorted table, shape (k,); short ones, which anybody may write, never.

    Examples
    --------
    >>> import polars as pl
    >>> among(np.zeros(0, np.uint64), pl.DataFrame({"text": ["a"], "text_sha256": [bytes(32)]})).tolist()
    [False]
    """
    found = _find(table, prefixes(frame["text_sha256"])) >= 0
    for place in np.flatnonzero(found):
        found[place] = not fingerprint(frame["text"][int(place)])[1]
    return found


def _find(table: Keys, asked: Keys) -> Ints:
    """Where each value is in a sorted table; -1 where it is not."""
    if not len(table):
        return np.full(len(asked), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(table, asked), len(table) - 1)
    return np.where(table[place] == asked, place, -1).astype(np.int64)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in NAMES:
        with (folder / f"known-{name}.npy").open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
