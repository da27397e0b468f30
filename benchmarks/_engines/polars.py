"""Polars, streaming: the scorer by ``map_batches``; a semi-join with the documents that were chosen."""

from __future__ import annotations

from typing import Any

from benchmarks._engines.job import QUANTILES, SEED, Job


def score(job: Job) -> None:
    """The table, then its summary; how many texts are different from the corpus."""
    import polars as pl

    corpus = pl.scan_parquet(job.files)
    scored = pl.col("text").map_batches(
        lambda texts: pl.Series(job.scores(texts.to_list())), return_dtype=pl.Float64, is_elementwise=True
    )
    table = job.out / "scored.parquet"
    corpus.select("id", "origin", "group", score=scored).sink_parquet(table, engine="streaming")
    told = [pl.len().alias("n"), pl.col("score").mean().alias("mean")]
    told += [pl.col("score").quantile(share).alias(str(share)) for share in QUANTILES]
    summary: dict[str, Any] = {}
    for column in ("origin", "group"):
        rows = pl.scan_parquet(table).group_by(column).agg(told).collect(engine="streaming").to_dicts()
        summary[column] = {row.pop(column): row for row in rows}
    summary["all"] = pl.scan_parquet(table).select(told).collect(engine="streaming").to_dicts()[0]
    summary["distinct"] = corpus.select(pl.col("text").approx_n_unique()).collect(engine="streaming").item()
    job.summarise(summary)


def mix(job: Job) -> None:
    """The keys of all, the smallest of each origin, and the documents that have them."""
    import polars as pl

    corpus = pl.scan_parquet(job.files)
    quota = pl.col("origin").replace_strict(job.quotas, return_dtype=pl.UInt32)
    keys = corpus.select("id", "origin", key=pl.col("id").hash(SEED)).collect(engine="streaming")
    chosen = keys.filter(pl.col("key").rank("ordinal").over("origin") <= quota).select("id")
    corpus.join(chosen.lazy(), on="id", how="semi").sink_parquet(job.out / "mix.parquet", engine="streaming")
