"""Daft: the scorer as a class of batches, in two worker processes; a window over keys, and a semi-join."""

from __future__ import annotations

from typing import Any

from benchmarks._engines.job import QUANTILES, SEED, Job

PROCESSES = 2


def score(job: Job) -> None:
    """The table, then its summary; how many texts are different from the corpus."""
    import daft
    from daft import DataType, Series, col
    from daft.functions import approx_count_distinct, count, percentile

    @daft.cls(use_process=True, max_concurrency=PROCESSES)
    class Scored:
        def __init__(self, job: Job) -> None:
            self.job = job

        @daft.method.batch(return_dtype=DataType.float64())
        def scores(self, texts: Series) -> Any:
            return self.job.scores(texts.to_pylist())

    corpus, table = daft.read_parquet(job.files), str(job.out / "scored")
    columns = [col(name) for name in ("id", "origin", "group")]
    corpus.select(*columns, Scored(job).scores(col("text")).alias("score")).write_parquet(table)
    scored = daft.read_parquet(f"{table}/*.parquet")
    told = [count(col("score")).alias("n"), col("score").mean().alias("mean")]
    told += [percentile(col("score"), share).alias(str(share)) for share in QUANTILES]
    summary: dict[str, Any] = {}
    for column in ("origin", "group"):
        rows = scored.groupby(column).agg(*told).to_pylist()
        summary[column] = {row.pop(column): row for row in rows}
    summary["all"] = scored.agg(*told).to_pylist()[0]
    summary["distinct"] = corpus.agg(approx_count_distinct(col("text")).alias("n")).to_pylist()[0]["n"]
    job.summarise(summary)


def mix(job: Job) -> None:
    """The keys of all, the smallest of each origin, and the documents that have them."""
    import daft
    from daft import Window, col
    from daft.functions import row_number

    corpus = daft.read_parquet(job.files)
    keys = corpus.select(col("id"), col("origin"), col("id").hash(seed=SEED).alias("key"))
    window = Window().partition_by("origin").order_by("key")
    ranked = keys.with_column("rank", row_number().over(window))
    human, other = (col("origin") == origin for origin in job.quotas)
    quotas = list(job.quotas.values())
    chosen = ranked.where((human & (col("rank") <= quotas[0])) | (other & (col("rank") <= quotas[1]))).select("id")
    corpus.join(chosen, on="id", how="semi").write_parquet(str(job.out / "mix"))
