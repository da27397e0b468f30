"""How much of the records of unknown origin is synthetic: estimated on a random sample of each stratum of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from outcross.core.measure import Measure
from outcross.core.provenance import Origin, Stratum
from outcross.core.seed import Seed
from outcross.evidence.prevalence import prevalence
from outcross.guard.mix.cut import smallest
from outcross.guard.mix.siphash import keys_of, of_digests, of_numbers
from outcross.guard.mix.survey import Surveyed
from outcross.guard.source import Source, Task, frames

if TYPE_CHECKING:
    import polars as pl

TARGET: Final = 4_000
"""Records of a stratum that are looked at, at most."""
REFERENCES: Final = 1_500
"""References of a kind, at most."""


def estimate(
    surveyed: Surveyed, tasks: Sequence[Task], human: Source, synthetic: Source, confidence: float, seed: Seed
) -> dict[Stratum, Measure]:
    """Return the synthetic share of each stratum of unknown or mixed origin.

    Parameters
    ----------
    surveyed, tasks
        What there is, and where.
    human, synthetic
        References: texts of the same kind, of which it is known who wrote them.
    confidence
        Level of the intervals.
    seed
        What the sample is drawn by.

    Examples
    --------
    See `outcross.guard.mix.mix.mix`.
    """
    unknown = [s for s in surveyed.strata if s.origin in (Origin.UNKNOWN, Origin.MIXED)]
    if not unknown:
        return {}
    one, other = (_some(source, seed.child(name)) for name, source in (("human", human), ("synthetic", synthetic)))
    found = {}
    for stratum in unknown:
        texts = _sample(surveyed, tasks, stratum, seed.child("sample"))
        answer = prevalence(
            texts, human=one, synthetic=other, population=True, level=confidence, seed=seed.child("estimate")
        )
        known = answer.value is not None and answer.low is not None and answer.high is not None
        missing = Measure.missing(answer.reason or "the estimate has no interval")
        found[stratum] = Measure(answer.value, answer.low, answer.high, answer.n, answer.level) if known else missing
    return found


def _sample(surveyed: Surveyed, tasks: Sequence[Task], stratum: Stratum, seed: Seed) -> list[str]:
    """The texts of a random sample of a stratum."""
    number, own = surveyed.strata.index(stratum), keys_of([seed])
    keys = [of_numbers(rows["key"][surveyed.codes(at) == number], own) for at, rows in enumerate(surveyed.rows)]
    total = sum(map(len, keys))
    last, _ = smallest(keys.__getitem__, len(keys), min(TARGET, total))
    texts: list[str] = []
    for at, rows in enumerate(surveyed.rows):
        lines = rows["line"][surveyed.codes(at) == number][keys[at] <= last].astype(np.int64) + tasks[at].part.first
        if len(lines):
            for frame in frames(tasks[at], ["text"], lines=np.sort(lines)):
                texts += frame["text"].to_list()
    return texts


def _some(source: Source, seed: Seed) -> list[str]:
    """The texts of a random sample of references."""
    import polars as pl

    key, held = keys_of([seed]), pl.DataFrame(schema={"text": pl.String, "key": pl.UInt64})
    for task in source.tasks():
        for frame in frames(task, ["text"]):
            held = _least(pl.concat([held, frame.select("text", key=pl.Series(of_digests(frame["text"], key)))]))
    return held["text"].to_list()


def _least(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort("key", "text").head(REFERENCES)
