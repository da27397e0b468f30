"""datatrove: the scorer in a step of a pipeline, a thousand documents at a time; two worker processes, a task a file.

It has no way to choose exactly so many documents of each stratum, so it takes no part in the mix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from benchmarks._engines.job import QUANTILES, Job

BATCH = 1_000
WORKERS = 2


def scored(job: Job, documents: Iterable[Any], rank: int = 0, world_size: int = 1) -> Iterator[Any]:
    """The step: scores go into the metadata, texts out of the documents, and their hashes into a file."""
    import numpy as np

    hashes = []
    stream = iter(documents)
    while some := list(islice(stream, BATCH)):
        texts = [one.text for one in some]
        hashes.append(np.array([hash(text) for text in texts]))
        for one, score in zip(some, job.scores(texts).tolist(), strict=True):
            one.metadata["score"] = score
        yield from some
    np.save(job.out / f"hashes-{rank:05}.npy", np.unique(np.concatenate(hashes)))


def row(writer: Any, document: Any) -> dict[str, Any]:
    """A document as a row of the table."""
    return {"id": document.id, **{name: document.metadata[name] for name in ("origin", "group", "score")}}


def score(job: Job) -> None:
    """The pipeline; then the summary of its tables, by pyarrow and NumPy."""
    import numpy as np
    import pyarrow.parquet as pq
    from datatrove.executor.local import LocalPipelineExecutor
    from datatrove.pipeline.readers import ParquetReader
    from datatrove.pipeline.writers import ParquetWriter

    table = job.out / "scored"
    steps = [
        ParquetReader(str(job.corpus), glob_pattern="*.parquet"),
        partial(scored, job),
        ParquetWriter(str(table), adapter=row),
    ]
    LocalPipelineExecutor(steps, tasks=len(job.files), workers=WORKERS, logging_dir=str(job.out / "logs")).run()
    rows = pq.read_table(table, columns=["origin", "group", "score"])
    scores = rows["score"].to_numpy()

    def told(values: Any) -> dict[str, float]:
        quantiles = dict(zip(map(str, QUANTILES), np.quantile(values, QUANTILES).tolist(), strict=True))
        return {"n": len(values), "mean": float(values.mean()), **quantiles}

    summary: dict[str, Any] = {"all": told(scores)}
    for column in ("origin", "group"):
        names, place = np.unique(rows[column].to_numpy(zero_copy_only=False), return_inverse=True)
        summary[column] = {name: told(scores[place == number]) for number, name in enumerate(names)}
    hashes = [np.load(path) for path in job.out.glob("hashes-*.npy")]
    summary["distinct"] = len(np.unique(np.concatenate(hashes)))
    job.summarise(summary)
