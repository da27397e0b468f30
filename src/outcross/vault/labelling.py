"""The labels of records that enter a vault: their own word first, then what was said of all of them; never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from outcross.core.documents import HUMAN_NAMES, SYNTHETIC_NAMES
from outcross.core.errors import OutcrossError
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

GIVEN = ("source", "license", "collected", "group", "generator", "generator_digest")
"""Labels that are filled in where a record does not have them."""


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
    own = pl.col("origin").str.strip_chars().str.to_lowercase()
    default = str(told.origin) if claimed else None
    frame = frame.with_columns(
        own.replace_strict(ORIGINS, default=None).alias("origin_own"),
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
            pl.when(pl.col("origin_own").is_not_null()).then(pl.lit("declared")),
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
    evidence = pl.concat_str(
        pl.lit("the evidence '"), pl.col("evidence").str.slice(0, 40), pl.lit(f"' is none of {', '.join(EVIDENCE)}")
    )
    origin = pl.concat_str(
        pl.lit("the origin '"),
        pl.col("origin").str.slice(0, 40),
        pl.lit("' is none of human, synthetic, mixed, unknown"),
    )
    depth = pl.concat_str(pl.lit("a human record cannot be of generation "), pl.col("generation").cast(pl.String))
    tests = {
        "origin": (pl.col("origin").is_not_null() & pl.col("origin_own").is_null(), origin),
        "evidence": (pl.col("evidence").is_not_null() & ~pl.col("evidence").is_in(EVIDENCE), evidence),
        "confidence": (~pl.col("confidence").is_between(0, 1), pl.lit("the confidence is not a number from 0 to 1")),
        "negative": (pl.col("generation") < 0, pl.lit("the generation is less than 0")),
        "depth": (human & (pl.col("generation") > 0), depth),
    }  # fmt: skip
    reason = pl.coalesce(pl.when(test).then(said) for test, said in tests.values())
    found = frame.select("line", reason.alias("reason")).filter(pl.col("reason").is_not_null())
    return list(found.iter_rows())


def _source_types(frame: pl.DataFrame) -> pl.Series:
    """The IPTC source type of each record: what it declares, else what follows from its origin, else none."""
    import polars as pl

    pairs = frame.select("origin_found", "digital_source_type")
    known = pairs.unique()
    types = [_source_type(*pair) for pair in known.iter_rows()]
    table = known.with_columns(pl.Series("type", types, dtype=pl.String))
    found = pairs.join(table, on=pairs.columns, how="left", nulls_equal=True, maintain_order="left")
    return found["type"].alias("digital_source_type")


def _source_type(origin: str, declared: str | None) -> str | None:
    try:
        found = source_type(Origin(origin), None if declared is None else source_type_of(declared))
    except OutcrossError:
        return declared  # a code of a later list, or of another vocabulary: kept as it was declared
    return None if found is None else str(found)
