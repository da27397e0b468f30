"""The human texts of a vault as the data of a chain: what is live, and no output of any chain, in order of entry."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from outcross.core.batch import Ints
from outcross.core.errors import BadInput, BadSetting
from outcross.core.provenance import Origin
from outcross.core.text import Texts, Unit
from outcross.corpus import Corpus, read

if TYPE_CHECKING:
    from outcross.vault.vault import Vault

GROUPS = ("group", "source", "license", "generator", "collected", "evidence")
"""Columns that may say which group a text belongs to."""


def human(
    vault: Vault, *, unit: Unit = "word", group: str | None = None, limit: int | None = None
) -> tuple[Corpus, Ints]:
    """Return the live human texts of a vault that belong to no chain, and where they are.

    Parameters
    ----------
    vault
        The vault, as it was last refreshed.
    unit, limit
        As for `outcross.corpus.read`.
    group
        The column that says which group a text belongs to; those without a group are one of their own, ``unknown``.

    Returns
    -------
    corpus
        The texts, those without a word left out; it has the same digest as the same texts from a file.
    positions
        Of each text, shape (n,).

    Raises
    ------
    BadInput
        If there is none.
    BadSetting
        If there is no such column of groups.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from outcross.core.provenance import Provenance
    >>> from outcross.vault.keys import Key
    >>> from outcross.vault.vault import Vault
    >>> folder = Path(tempfile.mkdtemp(), "cats")
    >>> vault = Vault.create(folder, key=Key.of_seed(bytes(32)), memory=False)
    >>> vault.add(Texts.of(["A cat sleeps.", "It rains."]), Provenance(Origin.HUMAN))
    >>> corpus, positions = human(vault)
    >>> corpus.strings, positions.tolist()
    (('A cat sleeps.', 'It rains.'), [0, 1])
    """
    import polars as pl

    if group is not None and group not in GROUPS:
        raise BadSetting(f"the groups of a vault are one of its columns {', '.join(GROUPS)}; not '{group}'")
    catalog = vault.catalog
    strata = [stratum for stratum in catalog.strata if stratum.origin is Origin.HUMAN]
    found = catalog.positions(strata, runs=False)[:limit]
    if not len(found):
        raise BadInput(f"the vault '{vault.uri}' has no human record to train on; outcross vault add brings some")
    frame = vault.rows(found, ["text"] if group is None else ["text", group])
    if group is not None:
        frame = frame.with_columns(pl.col(group).fill_null("unknown"))
    corpus = read(frame, as_=Texts, group=group, unit=unit)
    found = found[np.array([bool(text.strip()) for text in frame["text"]])]
    notes = (f"{len(found):,} live human records of a vault", *corpus.notes)
    if limit is not None and len(frame) == limit:
        notes = (f"read no further than {limit:,} records", *notes)
    return replace(corpus, name=f"vault:{vault.uri}", notes=notes), found
