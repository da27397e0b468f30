"""Who wrote each record, as its own columns and its source say: judged once for each thing that they say together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from outcross.core.provenance import Origin, Provenance
from outcross.corpus.parquet import JUDGED
from outcross.vault.labelling import EVIDENCE, labelled

if TYPE_CHECKING:
    import polars as pl

KINDS: Final = 256
"""Different labels in a block, at most, for each to be judged once; where there are more, record by record."""

FEW: Final = 16
"""Kinds that are looked for one by one, at most."""

HEAD: Final = 2**10
"""Rows at the beginning of a block that say what kinds are likely, where nothing is known yet."""

Wrong = list[tuple[int, str]]
"""Lines of records that contradict themselves, with the reason."""


def judged(frame: pl.DataFrame, origin: Origin | None, wanted: Collection[str] = JUDGED) -> tuple[pl.DataFrame, Wrong]:
    """Return records with their labels, and those that contradict themselves, or what is said of them.

    Parameters
    ----------
    frame
        Records with the column ``line``, and those of the fields that they have.
    origin
        Who is said to have written all of them; None where nobody says so. A record that says something else is wrong,
        but for one that says it does not know.
    wanted
        Which labels are wanted.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"line": [1, 2, 3], "origin": ["LLM", "unknown", None]})
    >>> judged(frame, None)[0]["origin"].to_list()
    ['synthetic', 'unknown', 'unknown']
    >>> found, wrong = judged(frame, Origin.HUMAN)
    >>> found["origin"].to_list(), wrong
    (['human', 'human'], [(1, 'it is said to be human, and says itself that it is synthetic')])
    """
    import polars as pl

    names = tuple(name for name in JUDGED if name in frame.columns)
    known = _known(names)
    kinds, numbers = numbered(frame.select(names), known) if names else ([()], np.zeros(frame.height, np.uint32))
    place = names.index("evidence") if "evidence" in names else None
    odd = place is not None and any(kind[place] is not None and kind[place] not in EVIDENCE for kind in kinds)
    if odd or len(kinds) > KINDS:  # other evidence goes into the metadata
        return _one_by_one(frame, origin)
    known[:] = kinds
    labels, reasons = _once(tuple((name, frame.schema[name]) for name in names), tuple(kinds), origin)
    chosen = [name for name in JUDGED if name in wanted]
    if len(kinds) == 1 and not reasons:
        return frame.with_columns(pl.lit(labels[name][0], labels.schema[name]).alias(name) for name in chosen), []
    found = frame.with_columns(labels[name].gather(numbers) for name in chosen)
    if not reasons:
        return found, []
    bad = np.isin(numbers, list(reasons))
    lines = zip(frame["line"].filter(pl.Series(bad)), numbers[bad], strict=True)
    return found.filter(pl.Series(~bad)), [(line, reasons[int(kind)]) for line, kind in lines]


@lru_cache(maxsize=64)
def _known(names: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """What the last block said in these columns: the next one will say the same."""
    return []


def numbered(
    frame: pl.DataFrame, known: Sequence[tuple[Any, ...]] = ()
) -> tuple[list[tuple[Any, ...]], NDArray[np.uint32]]:
    """Return the different rows of a frame, and which of them each row is, shape (n,).

    Parameters
    ----------
    frame
        Rows of few kinds.
    known
        Rows that are likely; they come first. Where there are no others that is seen without sorting anything.

    Examples
    --------
    >>> import polars as pl
    >>> kinds, numbers = numbered(pl.DataFrame({"a": ["x", None, "x", "y"]}), [("y",)])
    >>> kinds, numbers.tolist()
    ([('y',), ('x',), (None,)], [1, 2, 1, 0])
    """
    import polars as pl

    head = [] if known else frame.head(HEAD).unique(maintain_order=True).rows()
    kinds = list(known) or head
    columns = [pl.col(name) for name in frame.columns]
    if 0 < len(kinds) <= FEW:
        found = pl.lit(None, pl.UInt32)
        for number, kind in enumerate(kinds):
            same = pl.all_horizontal(one.eq_missing(pl.lit(v)) for one, v in zip(columns, kind, strict=True))
            found = pl.when(same).then(pl.lit(number, pl.UInt32)).otherwise(found)
        numbers = frame.select(found.alias("kind"))["kind"]
        if not numbers.null_count():
            return kinds, numbers.to_numpy()
    there = set(kinds)
    kinds += [row for row in frame.unique(maintain_order=True).iter_rows() if row not in there]
    table = pl.DataFrame(kinds, schema=frame.schema, orient="row").with_row_index("kind")
    joined = frame.join(table, on=frame.columns, how="left", nulls_equal=True, maintain_order="left")
    return kinds, joined["kind"].to_numpy()


@lru_cache(maxsize=64)
def _once(
    schema: tuple[tuple[str, Any], ...], rows: tuple[tuple[Any, ...], ...], origin: Origin | None
) -> tuple[pl.DataFrame, dict[int, str]]:
    """The labels of each kind of record, and what is wrong with some: blocks of one file have the same kinds."""
    import polars as pl

    kinds = pl.DataFrame(rows, schema=dict(schema), orient="row") if schema else pl.DataFrame({"line": [0]})
    kinds = kinds.with_columns(line=pl.int_range(len(rows), dtype=pl.Int64))
    found, wrong = _one_by_one(kinds, origin)
    return kinds.select("line").join(found.select("line", *JUDGED), on="line", how="left"), dict(wrong)


def _one_by_one(frame: pl.DataFrame, origin: Origin | None) -> tuple[pl.DataFrame, Wrong]:
    import polars as pl

    said = Provenance(origin or Origin.UNKNOWN, int(origin in (Origin.SYNTHETIC, Origin.MIXED)))
    if origin is None:
        return labelled(frame, said, False)
    if "origin" in frame.columns:
        modest = pl.col("origin").str.strip_chars().str.to_lowercase() == "unknown"
        frame = frame.with_columns(pl.when(~modest.fill_null(False)).then("origin").alias("origin"))
    found, wrong = labelled(frame, said, True)
    other = found["origin"] != str(origin)
    reason = f"it is said to be {origin}, and says itself that it is {{}}"
    wrong += [(line, reason.format(own)) for line, own in found.filter(other).select("line", "origin").iter_rows()]
    return found.filter(~other), wrong
