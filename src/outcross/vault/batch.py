"""Texts in memory that join a vault, in one commit: what a model has just written, most often."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from outcross.core.batch import Batch
from outcross.core.errors import BadInput
from outcross.core.provenance import Provenance
from outcross.core.text import Texts
from outcross.vault.adding import PENDING
from outcross.vault.clock import now
from outcross.vault.entering import Sieve, completed, gathered, saved
from outcross.vault.known import Known
from outcross.vault.labelling import labelled
from outcross.vault.log import Change, Log, append
from outcross.vault.objects import Objects
from outcross.vault.part import name_of
from outcross.vault.record import digested, shaped
from outcross.vault.staged import Staged, counted, data_files, root

if TYPE_CHECKING:
    import polars as pl

    from outcross.vault.vault import Vault


def frame_of(records: Batch, provenance: Provenance) -> pl.DataFrame:
    """Return texts as records, with their groups and parents.

    Raises
    ------
    BadInput
        If they are no texts.

    Examples
    --------
    >>> from outcross.core.provenance import Origin
    >>> frame_of(Texts.of(["a cat"]), Provenance(Origin.HUMAN)).columns
    ['line', 'text', 'group', 'parents']
    """
    import polars as pl

    if not isinstance(records, Texts):
        raise BadInput(f"a vault keeps texts, not {type(records).__name__.lower()}")
    known = records.membership()
    groups = None if known is None else [known[1][code] for code in known[0][0]]
    parents = list(provenance.parents) or None
    return pl.DataFrame(
        {
            "line": np.arange(1, records.size + 1),
            "text": list(records.strings()),
            "group": pl.Series(groups or [None] * records.size, dtype=pl.String),
            "parents": pl.Series([parents] * records.size, dtype=pl.List(pl.String)),
        }
    )


def add_batch(
    vault: Vault,
    records: Batch,
    provenance: Provenance,
    *,
    run: str | None = None,
    others: Sequence[Mapping[str, Any]] = (),
    note: Mapping[str, Any] | None = None,
    time: str | None = None,
) -> Log:
    """Add texts to a vault, and return its log with the commit.

    Parameters
    ----------
    vault
        The vault.
    records, provenance
        The texts, and who wrote them.
    run
        The chain that they belong to.
    others
        Rows of other kinds that come before them, such as the model that wrote them.
    note
        What is said of the commit.
    time
        When, in ISO 8601, UTC; None for now.

    Raises
    ------
    BadInput
        If a text may not enter, with the reason. Then none does.
    """
    import polars as pl

    time = time or now()
    frame, wrong = labelled(frame_of(records, provenance), provenance, claimed=True)
    if wrong:
        raise BadInput(f"text {wrong[0][0]} of {records.size:,}: {wrong[0][1]}")
    mark = hashlib.sha256(repr((run, provenance, time)).encode())
    for text in frame["text"]:
        mark.update(text.encode() + b"\0")
    rows = completed(frame, mark.hexdigest(), time, run)
    before = _others(others, time, run)

    def build(log: Log) -> Change:
        known = Known.of(vault.catalog_of(log), np.zeros(0, np.uint64))
        kept, refused = Sieve(known, correct=False).sift(rows if before is None else rows.with_columns(_no_parents()))
        if refused:
            raise BadInput(f"text {refused[0][0]} of {records.size:,}: {refused[0][2]}")
        if before is not None:  # what they come from comes in with them, and tells nothing that was not said
            kept = pl.concat([before, rows.filter(rows["line"].is_in(kept["line"].implode())).drop("line")])
        staged: list[Staged] = []
        for part in gathered(iter([kept])):
            path = folder / f"{len(staged)}.parquet"
            staged.append(Staged.of(folder, saved(part, path)))
            vault.objects.put_file(name_of(staged[-1].sha256), path)
        told = {**(note or {}), "records": records.size}
        return Change("add", data_files(staged), (), root(staged), counted(staged), told)

    with room(vault.objects) as folder:
        return append(vault.objects, vault.log, build, time, vault.key)


def _no_parents() -> pl.Expr:
    import polars as pl

    return pl.lit(None, dtype=pl.List(pl.String)).alias("parents")


def _others(others: Sequence[Mapping[str, Any]], time: str, run: str | None) -> pl.DataFrame | None:
    import polars as pl

    if not others:
        return None
    given = [{"added": time, "run": run, "version": 1, **one} for one in others]
    return digested(shaped(pl.DataFrame(given, infer_schema_length=None)))


@contextmanager
def room(objects: Objects) -> Iterator[Path]:
    """Give a folder for files that are not committed yet: in the vault, where it is one, so that they can be linked.

    Examples
    --------
    >>> import tempfile
    >>> from outcross.vault.objects import objects
    >>> with room(objects(tempfile.mkdtemp())) as folder:
    ...     folder.parent.name
    '_pending'
    """
    base = None if objects.local is None else objects.local / PENDING
    if base is not None:
        base.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="batch-", dir=base, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
    if base is not None:
        with suppress(OSError):
            base.rmdir()
