"""The labels of records that enter a vault: their own word first, then what was said of all of them; never a guess."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import orjson

from outcross.core.documents import HUMAN_NAMES, SYNTHETIC_NAMES
from outcross.core.errors import BadInput, BadSetting
from outcross.core.provenance import Origin, Provenance
from outcross.vault.labels.iptc import of as source_type_of
from outcross.vault.labels.iptc import source_type

if TYPE_CHECKING:
    import polars as pl

EVIDENCE = ("declared", "registered", "published before 2022", "attested", "detector score")
"""What a claim of origin may rest on."""

ORIGINS: Mapping[str, str] = {
    **dict.fromkeys(HUMAN_NAMES - {"0", "0.0", "false"}, "human"),
    **dict.fromkeys(SYNTHETIC_NAMES - {"1", "1.0", "true"}, "synthetic"),
    **{str(origin): str(origin) for origin in Origin},
}
"""What files call an origin, in small letters."""

DEEPEST = 10**6
"""No chain of models is longer."""

GIVEN = ("source", "license", "collected", "group", "generator", "generator_digest")
"""Labels that are filled in where a record does not have them."""


def in_unicode(name: str) -> str:
    r"""Return the name of a file as a text, one with bytes that are no UTF-8 too, whatever the system calls it.

    Examples
    --------
    >>> in_unicode("cats-\udcff.jsonl")
    'cats-\\udcff.jsonl'
    """
    return name.encode("utf-8", "backslashreplace").decode()


def check_unicode(told: Provenance) -> None:
    r"""Refuse what is said of records where it is no text: bytes of a command line that are no UTF-8.

    Raises
    ------
    BadSetting
        If it is not.

    Examples
    --------
    >>> check_unicode(Provenance(Origin.HUMAN, source="diary"))
    """
    given = {name: getattr(told, name) for name in (*GIVEN, "evidence")} | {"parents": "".join(told.parents)}
    for name, text in given.items():
        if text is not None and in_unicode(text) != text:
            raise BadSetting(f"the {name} is not valid Unicode: {text!a}")


def labelled(frame: pl.DataFrame, told: Provenance, claimed: bool) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """Return records with all of their labels, and those that contradict themselves, with the reason.

    Parameters
    ----------
    frame
        Records with the column ``line``, and those of the fields that they have.
    told
        What was said of all of them.
    claimed
        Whether that includes their origin.

    Returns
    -------
    frame
        The records that are sound. The generation of one with parents is settled later.
    list of (line, reason)
        The others.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({"line": [1, 2], "origin": ["LLM", None]})
    >>> found, wrong = labelled(frame, Provenance(Origin.HUMAN), True)
    >>> found["origin"].to_list(), found["generation"].to_list(), found["evidence"].to_list()
    (['synthetic', 'human'], [1, 0], ['declared', 'declared'])
    """
    import polars as pl

    types = {"generation": pl.Int64, "confidence": pl.Float64}
    wanted = ("origin", "evidence", "digital_source_type", *GIVEN, *types)
    missing = [pl.lit(None, dtype=types.get(name, pl.String)).alias(name) for name in wanted]
    frame = frame.with_columns(
        column for name, column in zip(wanted, missing, strict=True) if name not in frame.columns
    )
    frame = _other_evidence(frame)
    own = pl.col("origin").str.strip_chars().str.to_lowercase()
    default = str(told.origin) if claimed else None
    frame = frame.with_columns(
        pl.coalesce(own.replace_strict(ORIGINS, default=None), _implied(frame)).alias("origin_own"),
        pl.when(~pl.col("generator").str.to_lowercase().is_in(sorted(HUMAN_NAMES)))
        .then("generator")
        .alias("generator"),
    )
    frame = frame.with_columns(
        *(pl.col(name).fill_null(pl.lit(getattr(told, name), dtype=pl.String)) for name in GIVEN),
    )
    frame = frame.with_columns(
        pl.coalesce("origin_own", pl.lit(default, dtype=pl.String), pl.lit("unknown")).alias("origin_found")
    )
    wrong = _wrong(frame)
    bad = [line for line, _ in wrong]
    sound = frame.filter(~pl.col("line").is_in(bad)) if bad else frame
    machine = pl.col("origin_found").is_in(["synthetic", "mixed"])
    least = max(told.generation, 1)
    sound = sound.with_columns(
        pl.when(pl.col("origin_found") == "human")
        .then(0)
        .when(machine)
        .then(pl.max_horizontal(pl.col("generation").fill_null(least), 1))
        .otherwise(pl.col("generation").fill_null(0))
        .alias("generation"),
        pl.coalesce(
            "evidence",
            pl.when(pl.col("origin_own").is_not_null()).then(
                pl.lit("declared" if claimed else told.evidence or "declared")  # else it speaks of `told`'s origin
            ),
            pl.lit(told.evidence or ("declared" if claimed else None), dtype=pl.String),
        ).alias("evidence"),
        pl.col("confidence").fill_null(pl.lit(told.confidence, dtype=pl.Float64)),
        _source_types(sound),
    )
    return sound.drop("origin", "origin_own").rename({"origin_found": "origin"}), wrong


def _wrong(frame: pl.DataFrame) -> list[tuple[int, str]]:
    """The lines of records that contradict themselves, each with the first reason."""
    import polars as pl

    human = pl.col("origin_found") == "human"
    tests: dict[str, tuple[pl.Expr | pl.Series, str]] = {
        "the origin '{}' is none of human, synthetic, mixed, unknown": (
            pl.col("origin").is_not_null() & pl.col("origin_own").is_null(),
            "origin",
        ),
        "the confidence {} is not from 0 to 1": (~pl.col("confidence").is_between(0, 1), "confidence"),
        "the generation {} is no depth of models": (~pl.col("generation").is_between(0, DEEPEST), "generation"),
        "a human record cannot be of generation {}": (human & (pl.col("generation") > 0), "generation"),
        "a human record cannot have the generator '{}'": (human & pl.col("generator").is_not_null(), "generator"),
        "the source type '{}' is not that of its origin": (_at_odds(frame), "digital_source_type"),
    }
    sentences = [
        pl.when(test).then(pl.format(said, pl.col(name).cast(pl.String).str.slice(0, 80)))
        for said, (test, name) in tests.items()
    ]
    found = frame.select("line", pl.coalesce(sentences).alias("reason")).filter(pl.col("reason").is_not_null())
    return list(found.iter_rows())


def _other_evidence(frame: pl.DataFrame) -> pl.DataFrame:
    """A column of that name with something else in it is no label: it goes to what else is known of a record."""
    import polars as pl

    other = frame["evidence"].is_not_null() & ~frame["evidence"].is_in(EVIDENCE)
    if not other.any():
        return frame
    held = frame["metadata"].to_list() if "metadata" in frame.columns else [None] * frame.height
    for place in other.arg_true():
        known = {} if held[place] is None else orjson.loads(held[place])
        told = {"evidence": frame["evidence"][place], **known}
        held[place] = orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()
    kept = pl.when(~other).then(pl.col("evidence"))
    return frame.with_columns(kept.alias("evidence"), pl.Series("metadata", held, dtype=pl.String))


def _implied(frame: pl.DataFrame) -> pl.Series:
    """The origin that the declared source type of each record implies."""
    return _by_value(frame["digital_source_type"], lambda declared: _origin_of(declared))


def _at_odds(frame: pl.DataFrame) -> pl.Series:
    """Whether the declared source type of each record implies another origin than it has."""
    import polars as pl

    implied = _implied(frame)
    known = implied.is_not_null() & (frame["origin_found"] != "unknown")
    return pl.select(pl.when(known).then(implied != frame["origin_found"]).otherwise(False)).to_series()


def _source_types(frame: pl.DataFrame) -> pl.Series:
    """The IPTC source type of each record: what it declares, else what follows from its origin, else none."""
    declared = _by_value(frame["digital_source_type"], _written)
    usual = _by_value(frame["origin_found"], lambda origin: _usual(Origin(origin)))
    return declared.fill_null(usual).alias("digital_source_type")


def _by_value(column: pl.Series, function: Callable[[str], str | None]) -> pl.Series:
    """A function of each value of a column that has few."""
    import polars as pl

    values = column.drop_nulls().unique().to_list()
    found = {value: function(value) for value in values}
    return column.replace_strict(found, default=None, return_dtype=pl.String)


def _origin_of(declared: str) -> str | None:
    with suppress(BadInput):
        origin = source_type_of(declared).origin
        return None if origin is None else str(origin)
    return None


def _usual(origin: Origin) -> str | None:
    found = source_type(origin)
    return None if found is None else str(found)


def _written(declared: str) -> str:
    """A source type in its usual form; a code of a later list, or of another vocabulary, as it was declared."""
    with suppress(BadInput):
        return str(source_type_of(declared))
    return declared
