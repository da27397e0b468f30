"""A record as the vault keeps it: one row, its columns, and the digests that bind them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from outcross.core.canonical import canonical
from outcross.vault.merkle import leaf_hash

if TYPE_CHECKING:
    import polars as pl

COLUMNS: Mapping[str, str] = {
    "id": "string",
    "version": "integer",
    "kind": "string",
    "text": "string",
    "raw_sha256": "binary",
    "text_sha256": "binary",
    "source": "string",
    "created": "string",
    "added": "string",
    "metadata": "string",
    "origin": "string",
    "generation": "integer",
    "generator": "string",
    "generator_digest": "string",
    "license": "string",
    "collected": "string",
    "group": "string",
    "evidence": "string",
    "confidence": "double",
    "digital_source_type": "string",
    "parents": "array",
    "run": "string",
    "leaf": "binary",
}
"""The columns, with their types as Delta Lake calls them; an array is one of strings."""

RECORD, MODEL, WITHDRAWAL = "record", "model", "withdrawal"
"""Kinds of rows: a text; a model that wrote some; a tombstone, with the id of what is withdrawn."""

UNHASHED = frozenset({"text", "leaf", "line"})
"""Columns that are no part of a leaf: the text is bound by its digest, so that it can be erased and the leaf kept; and
``line``, where a row that is just entering was found."""

_ODD = r"[^\S ]|  |^ | $|[^\x00-\x7f]"
"""Where this does not match, a text is its own canonical form."""


def polars_type(name: str) -> pl.DataType:
    """Return the Polars type of a column's Delta type.

    Examples
    --------
    >>> print(polars_type("array"))
    List(String)
    """
    import polars as pl

    types: dict[str, pl.DataType] = {
        "string": pl.String(),
        "integer": pl.Int32(),
        "binary": pl.Binary(),
        "double": pl.Float64(),
        "array": pl.List(pl.String()),
    }
    return types[name]


def shaped(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with the columns of a record: in their order and types, null where they were missing.

    Columns that this version does not know stay where they are, behind the others.

    Examples
    --------
    >>> import polars as pl
    >>> shaped(pl.DataFrame({"id": ["a"], "later": [1]})).columns[-2:]
    ['leaf', 'later']
    """
    import polars as pl

    known = [
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(polars_type(kind)).alias(name)
        for name, kind in COLUMNS.items()
    ]
    return frame.select(*known, *(name for name in frame.columns if name not in COLUMNS))


def digested(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the digests of their texts, raw and canonical.

    Parameters
    ----------
    frame
        Rows as `shaped` gives them.

    Examples
    --------
    >>> import polars as pl
    >>> row = digested(shaped(pl.DataFrame({"id": ["a"], "text": ["a  cat"]}))).row(0, named=True)
    >>> row["raw_sha256"] == hashlib.sha256(b"a  cat").digest(), row["text_sha256"] == hashlib.sha256(b"a cat").digest()
    (True, True)
    """
    import polars as pl

    texts = frame["text"]
    raw = [None if text is None else hashlib.sha256(text.encode()).digest() for text in texts]
    odd = texts.str.contains(_ODD)
    plain = list(raw)
    for place in odd.arg_true():
        plain[place] = hashlib.sha256(canonical(texts[place]).encode()).digest()
    return frame.with_columns(
        pl.Series("raw_sha256", raw, dtype=pl.Binary), pl.Series("text_sha256", plain, dtype=pl.Binary)
    )


def with_leaves(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with their leaves computed from all that is known of them.

    Examples
    --------
    >>> import polars as pl
    >>> with_leaves(shaped(pl.DataFrame({"id": ["a"]})))["leaf"][0] == leaf_hash(b'{"id":"a"}')
    True
    """
    import polars as pl

    return frame.with_columns(pl.Series("leaf", [leaf_hash(data) for data in leaf_data(frame)], dtype=pl.Binary))


def leaf_data(frame: pl.DataFrame) -> list[bytes]:
    r"""Return what the leaf of each row is the hash of: its columns as one JSON object.

    The names are sorted, there is no white space, nulls are left out, bytes are in hexadecimal. ``text`` and ``leaf``
    are no part of it. A column that a later version adds changes no leaf of a row in which it is null.

    Examples
    --------
    >>> import polars as pl
    >>> leaf_data(shaped(pl.DataFrame({"id": ['say "a"\n'], "origin": ["human"], "parents": [["b", "c"]]})))
    [b'{"id":"say \\"a\\"\\n","origin":"human","parents":["b","c"]}']
    """
    import polars as pl

    if not frame.height:
        return []
    names = sorted(name for name in frame.columns if name not in UNHASHED and frame[name].null_count() < frame.height)
    if not names:
        return [b"{}"] * frame.height
    cells = [
        pl.col(name).bin.encode("hex") if frame.schema[name] == pl.Binary else pl.col(name)  # nothing else is no JSON
        for name in names
    ]
    objects = frame.select(pl.struct(cells).struct.json_encode().alias("json"))
    if any(frame[name].null_count() for name in names):
        # A quotation mark inside a string is escaped, so a name in plain ones is a name.
        null = pl.col("json").str.replace_all(r'"[^"\\]+":null,?', "").str.replace(r",\}$", "}")
        objects = objects.select(
            pl.when(pl.col("json").str.contains(":null", literal=True)).then(null).otherwise("json")
        )
    return [text.encode() for text in objects.to_series()]
