"""DuckDB: the scorer as a function of Arrow vectors; a window over keys, and a semi-join."""

from __future__ import annotations

from typing import Any

from benchmarks._engines.job import QUANTILES, SEED, Job


def score(job: Job) -> None:
    """The table, then its summary; how many texts are different from the corpus."""
    import duckdb
    import pyarrow as pa

    def scores(texts: Any) -> Any:
        return pa.array(job.scores(texts.to_pylist()))

    con = duckdb.connect()
    con.create_function("scores", scores, ["VARCHAR"], "DOUBLE", type="arrow")
    con.execute("SET preserve_insertion_order = false")
    corpus, table = f"read_parquet({job.files})", str(job.out / "scored.parquet")
    con.execute(
        f"""COPY (SELECT id, origin, "group", scores(text) AS score FROM {corpus}) TO '{table}' (FORMAT parquet)"""
    )
    told = "count(*) AS n, avg(score) AS mean, quantile_cont(score, [{}]) AS quantiles".format(
        ", ".join(map(str, QUANTILES))
    )
    summary: dict[str, Any] = {}
    for column in ("origin", "group"):
        rows = con.execute(f"""SELECT "{column}", {told} FROM '{table}' GROUP BY ALL""").fetchall()
        summary[column] = {name: _named(rest) for name, *rest in rows}
    summary["all"] = _named(con.execute(f"SELECT {told} FROM '{table}'").fetchall()[0])
    summary["distinct"] = con.execute(f"SELECT approx_count_distinct(text) FROM {corpus}").fetchall()[0][0]
    job.summarise(summary)


def _named(row: Any) -> dict[str, Any]:
    n, mean, quantiles = row
    return {"n": n, "mean": mean, **{str(share): value for share, value in zip(QUANTILES, quantiles, strict=True)}}


def mix(job: Job) -> None:
    """The keys of all, the smallest of each origin, and the documents that have them."""
    import duckdb

    con = duckdb.connect()
    con.execute("SET preserve_insertion_order = false")
    corpus, out = f"read_parquet({job.files})", job.out / "mix.parquet"
    quota = " ".join(f"WHEN '{origin}' THEN {count}" for origin, count in job.quotas.items())
    con.execute(f"""
        CREATE TEMP TABLE chosen AS SELECT id FROM {corpus}
        QUALIFY row_number() OVER (PARTITION BY origin ORDER BY hash(id, {SEED})) <= CASE origin {quota} ELSE 0 END
    """)
    con.execute(f"COPY (SELECT * FROM {corpus} SEMI JOIN chosen USING (id)) TO '{out}' (FORMAT parquet)")
