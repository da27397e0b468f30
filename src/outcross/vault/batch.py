"""Texts in memory that join a vault, in one commit: what a model has just written, most often."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from outcross.core.batch import Batch
from outcross.core.errors import BadInput
from outcross.core.provenance import Provenance
from outcross.core.text import Texts
from outcross.vault.clock import time_of
from outcross.vault.entering import Sieve, completed, gathered, saved
from outcross.vault.known import Known
from outcross.vault.labelling import check_unicode, in_unicode, labelled
from outcross.vault.log import Change, Log, append
from outcross.vault.part import name_of
from outcross.vault.placed import Placed, room
from outcross.vault.record import digested, shaped
from outcross.vault.staged import Staged, counted, data_files, root

if TYPE_CHECKING:
    import polars as pl

    from outcross.vault.vault import Vault


def frame_of(records: Batch, provenance: Provenance, metadata: Sequence[str | None] | None = None) -> pl.DataFrame:
    """Return texts as records, with their groups and parents.

    Raises
    ------
    BadInput
        If they are no texts.

    Examples
    --------
    >>> from outcross.core.provenance import Origin
    >>> frame_of(Texts.of(["a cat"]), Provenance(Origin.HUMAN)).columns
    ['line', 'text', 'group', 'parents', 'metadata']
    """
    import polars as pl

    if not isinstance(records, Texts):
        raise BadInput(f"a vault keeps texts, not {type(records).__name__.lower()}")
    check_unicode(provenance)
    texts = list(records.strings())
    for number, text in enumerate(texts, start=1):
        if in_unicode(text) != text:
            raise BadInput(f"text {number:,} of {records.size:,} is not valid Unicode: it has a lone surrogate")
    known = records.membership()
    groups = None if known is None else [known[1][code] for code in known[0][0]]
    parents = list(provenance.parents) or None
    return pl.DataFrame(
        {
            "line": np.arange(1, records.size + 1),
            "text": texts,
            "group": pl.Series(groups or [None] * records.size, dtype=pl.String),
            "parents": pl.Series([parents] * records.size, dtype=pl.List(pl.String)),
            "metadata": pl.Series(metadata or [None] * records.size, dtype=pl.String),
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
    metadata: Sequence[str | None] | None = None,
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
        Rows of other kinds that come before them, such as the model that wrote them. Where these are in the vault
        already, nothing is added: whoever brought them brought the texts, too.
    note
        What is said of the commit.
    metadata
        What else is said of each text, in JSON.
    time
        When, in ISO 8601, UTC; None for now.

    Raises
    ------
    BadInput
        If a text may not enter, with the reason. Then none does.

    Examples
    --------
    See `outcross.vault.pool.VaultPool`.
    """
    import polars as pl

    if not records.size and not others:
        return vault.log
    time = time_of(time)
    frame, wrong = labelled(frame_of(records, provenance, metadata), provenance, claimed=True)
    if wrong:
        raise BadInput(f"text {wrong[0][0]} of {records.size:,}: {wrong[0][1]}")
    mark = hashlib.sha256(repr((run, provenance, time)).encode())
    for text in frame["text"]:
        mark.update(text.encode() + b"\0")
    before = _others(others, time, run)
    placed = Placed(vault.objects)

    def build(log: Log) -> Change | None:
        known = Known.of(vault.catalog_of(log), np.zeros(0, np.uint64))
        if before is not None and (known.find(before["id"]) >= 0).all():
            return None
        rows = completed(frame, f"{mark.hexdigest()}-{len(log.commits)}", time, run)  # the same texts again are others
        sieve = Sieve(known, correct=False)
        kept, refused = sieve.sift(rows if before is None else rows.with_columns(_no_parents()))
        if refused:
            raise BadInput(f"text {refused[0][0]} of {records.size:,}: {refused[0][2]}")
        if sieve.orphans:
            raise BadInput(f"a parent of the texts is not in the vault: {', '.join(provenance.parents[:3])}")
        if before is not None:  # what they come from comes in with them, and tells nothing that was not said
            kept = pl.concat([before, rows.filter(rows["line"].is_in(kept["line"].implode())).drop("line")])
        staged: list[Staged] = []
        for part in gathered(iter([kept])):
            path = folder / f"{len(log.commits)}-{len(staged)}.parquet"
            staged.append(Staged.of(folder, saved(part, path)))
            placed.put(name_of(staged[-1].sha256), path)
        told = {**(note or {}), "records": records.size}
        return Change("add", data_files(staged), (), root(staged), counted(staged), told)

    with room(vault.objects, placed) as folder:
        log = append(vault.objects, vault.log, build, time, vault.key)
        placed.tidy(log)
    return log


def _no_parents() -> pl.Expr:
    import polars as pl

    return pl.lit(None, dtype=pl.List(pl.String)).alias("parents")


def _others(others: Sequence[Mapping[str, Any]], time: str, run: str | None) -> pl.DataFrame | None:
    import polars as pl

    if not others:
        return None
    given = [{"added": time, "run": run, "version": 1, **one} for one in others]
    return digested(shaped(pl.DataFrame(given, infer_schema_length=None)))
