"""A pure function per shard, on the engine ``processes``; a mix by exact quotas, with its papers."""

from __future__ import annotations

import json

import outcross.report.bill
import outcross.vault.labels.card
import outcross.vault.labels.croissant  # noqa: F401  # the papers of a mix: libraries are imported before the start
from benchmarks._engines.job import HUMAN, QUANTILES, SEED, Job
from outcross.evidence.score_corpus import score_corpus
from outcross.guard.mix.mix import mix as exact_mix


def score(job: Job) -> None:
    """One pass: each shard is read, scored, summed up and written."""
    summary = score_corpus(job.scorer, job.corpus, job.out / "scored", by=["origin", "group"], engine=job.engine)
    if summary is None:
        raise RuntimeError("not all shards are done")
    told = summary.to_dict()

    def named(one: dict[str, object]) -> dict[str, object]:
        quantiles: dict[str, object] = one["quantiles"]  # type: ignore[assignment]
        return {"n": one["scores"], "mean": one["mean"], **{str(share): quantiles[str(share)] for share in QUANTILES}}

    by = {column: {name: named(one) for name, one in held.items()} for column, held in told["by"].items()}
    (job.out / "summary.json").write_text(
        json.dumps({"all": named(told), "distinct": told["distinct texts"]["value"], **by})
    )


def mix(job: Job) -> None:
    """Two passes: keys, then the records; beside them a manifest with the digests of all that was read and written."""
    exact_mix(job.corpus, policy=f"anchor(real={HUMAN})", budget=job.budget, out=job.out / "mix", seed=SEED)
