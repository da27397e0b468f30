"""A million documents, side by side with Polars, DuckDB, Daft and datatrove: scored, summed up and written, all by
the same scorer; and an exact mix of 100,000 of them, 30 % human. Each engine takes its turn in a process of its
own, several times over; the median is shown, with the least and the most. Every result is looked at: the scores to
the last bit, the sums, the quotas. `score` means 16 files of Parquet in, tables and a summary out; ours is
`oc.detect.score_corpus`. `mix` is two passes over the same files; ours makes a manifest, a statement and a page
beside them, which the others do not.

Seconds run from the start of the job, libraries imported, to its end; worker processes start within them. Processor
seconds and memory are those of all processes of a turn, imports included. A peer that is not installed is left out:
``pip install daft duckdb datatrove``.

What limits us: in `score` the scorer itself, two thirds of the time, in Python and NumPy. An engine that calls it in
one process is held to little more than one core by the interpreter's lock; two processes are not. The rest is reading
Parquet (1.6 microseconds of one core a document), the hashes of texts (1.9), and the start of the workers, more than
a second of one core. In `mix` threads of one process do the work. Nearly half of its
processor seconds go into decompressing the texts of all documents to take a tenth of them, as the others do too; an
eighth into writing those; the rest into what the others leave out: SHA-256 of all that is read and written, a keyed
hash that is the same on every machine, a look at each text, and the papers.
Run: ``python benchmarks/engines.py [--json] [--quick] [--rows N] [--rounds N] [--only ENGINE]``.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks._engines import documents
from benchmarks._engines.job import HUMAN, QUANTILES, Job
from benchmarks._engines.watching import Used, watched

ENGINES = ("ours", "polars", "duckdb", "daft", "datatrove")
JOBS = {"score": ENGINES, "mix": ENGINES[:-1]}
CORES = "2"
QUIET = {
    **dict.fromkeys(("POLARS_MAX_THREADS", "RAYON_NUM_THREADS"), CORES),
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "DO_NOT_TRACK"), "1"),
    "DAFT_ANALYTICS_ENABLED": "0",
    "DAFT_PROGRESS_BAR": "0",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "",  # an installed library is compiled already
    "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
}
NEAR = 0.01
"""How far a quantile may be off, as a share of its size; a tenth of the scores' spread near zero."""
DISTINCT = 0.05


def there() -> list[str]:
    """The engines that are installed."""
    return [name for name in ENGINES if name == "ours" or importlib.util.find_spec(name) is not None]


def turn(engine: str, name: str, job: Job) -> Used:
    """One engine, once."""
    shutil.rmtree(job.out, ignore_errors=True)
    job.out.mkdir()
    command = [
        sys.executable,
        "-m",
        "benchmarks._engines.run",
        engine,
        name,
        str(job.corpus),
        str(job.out),
        str(job.budget),
    ]
    return watched(command, job.out, QUIET)


def check_scores(job: Job, right: pl.DataFrame, distinct: int) -> None:
    """Refuse a table whose scores are not those of the scorer, to the last bit, or a summary that is off."""
    table = job.out / "scored.parquet"
    found = pl.read_parquet(table if table.exists() else job.out / "scored" / "*.parquet")
    columns = ["id", "origin", "group", "score"]
    if not found.select(columns).sort("id").equals(right.select(columns)):
        raise SystemExit(f"{job.out}: these are not the scores")
    told = json.loads((job.out / "summary.json").read_text())
    if abs(told["distinct"] - distinct) > DISTINCT * distinct:
        raise SystemExit(f"{job.out}: {told['distinct']:,} different texts, not {distinct:,}")
    spread = float(right["score"].std() or 0)  # type: ignore[arg-type]
    for column in ("origin", "group", None):
        groups = {(): right} if column is None else right.partition_by(column, as_dict=True)
        for key, rows in groups.items():
            held = told["all"] if column is None else told[column][key[0]]
            wrong = [share for share in QUANTILES if not _near(held[str(share)], share, rows["score"], NEAR * spread)]
            if held["n"] != rows.height or abs(held["mean"] - rows["score"].mean()) > 1e-9 * spread or wrong:
                raise SystemExit(f"{job.out}: the summary of {column} {key} is off: {held}")


def _near(value: float, share: float, scores: pl.Series, slack: float) -> bool:
    """Whether it is a quantile of the scores, as anyone defines it."""
    step = 1 / len(scores)
    low, high = (float(scores.quantile(min(max(at, 0), 1)) or 0) for at in (share - step, share + step))
    return low - slack - NEAR * abs(low) <= value <= high + slack + NEAR * abs(high)


def check_mix(job: Job, corpus: pl.DataFrame) -> None:
    """Refuse a mix that is not exactly what was asked for, or that holds what is not in the corpus."""
    found = pl.read_parquet(job.out / "**" / "*.parquet")
    counts = dict(found["origin"].value_counts().iter_rows())
    whole = found.join(corpus, on=["id", "text", "origin", "group"], how="semi")
    if counts != job.quotas or found["id"].n_unique() != job.budget or whole.height != job.budget:
        raise SystemExit(f"{job.out}: {counts} of {found['id'].n_unique():,} documents, not {job.quotas}")


def here(engine: str, name: str, job: Job) -> Used:
    """One engine, once, in this process and with no other: to see that it runs."""
    shutil.rmtree(job.out, ignore_errors=True)
    job.out.mkdir()
    start = time.perf_counter()
    getattr(importlib.import_module(f"benchmarks._engines.{engine}"), name)(replace(job, engine="serial"))
    seconds = time.perf_counter() - start
    return Used(seconds, seconds, seconds, 0.0)


def measure(rows: int, rounds: int, engines: Sequence[str], take: Callable[[str, str, Job], Used]) -> dict[str, Any]:
    """What each engine takes for each job, turn by turn."""
    used: dict[str, dict[str, list[Used]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        documents.write(folder / "corpus", rows)
        job = Job(folder / "corpus", folder / "out", rows // 10)
        job.learn()
        corpus = pl.read_parquet(job.files)
        right = corpus.drop("text").with_columns(score=pl.Series(job.scores(corpus["text"].to_list()))).sort("id")
        distinct = corpus["text"].n_unique()
        size = corpus["text"].str.len_bytes().mean()
        for _ in range(rounds):
            for what, able in JOBS.items():
                for engine in engines:
                    if engine in able:
                        used.setdefault(what, {}).setdefault(engine, []).append(take(engine, what, job))
                        check_scores(job, right, distinct) if what == "score" else check_mix(job, corpus)
    return {"rows": rows, "bytes a text": size, **{what: _told(held) for what, held in used.items()}}


def _told(used: dict[str, list[Used]]) -> dict[str, Any]:
    told = {}
    for engine, turns in used.items():
        seconds = [one.seconds for one in turns]
        told[engine] = {
            **{name: statistics.median(asdict(one)[name] for one in turns) for name in asdict(turns[0])},
            "least": min(seconds),
            "most": max(seconds),
        }
    for one in told.values():
        one["ratio"] = one["seconds"] / told["ours"]["seconds"] if "ours" in told else None
    return told


def main() -> None:
    """Print one line for each engine and job, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the times mean nothing")
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", action="append", choices=ENGINES, default=[])
    given = options.parse_args()
    engines = [name for name in there() if not given.only or name in given.only]
    found = measure(1_000, 1, ["ours"], here) if given.quick else measure(given.rows, given.rounds, engines, turn)
    if given.json:
        print(json.dumps(found))
        return
    print(f"{found['rows']:,} documents of {found['bytes a text']:.0f} bytes; a mix of a tenth, {HUMAN:.0%} human")
    for what in JOBS:
        for engine, one in found[what].items():
            print(
                f"{what:<6}{engine:<10}{one['seconds']:7.2f} s ({one['least']:.2f} to {one['most']:.2f})"
                f"{one['whole']:8.2f} s with start {one['processor']:8.2f} processor s {one['memory']:8.0f} MB"
                f"   {one['ratio'] or float('nan'):5.2f} x ours"
            )


if __name__ == "__main__":
    main()
