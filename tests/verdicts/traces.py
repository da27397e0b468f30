"""Traces whose truth is known: one mean a generation, noise of each replicate around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from outcross.core.part import build
from outcross.core.verdict import Trace, Verdict
from outcross.lab.chain import Chain


def noisy(metric: str, mean: ArrayLike, replicates: int, rng: np.random.Generator, sd: float = 0.05) -> Trace:
    """Independent relative noise around the mean of each generation, beginning with generation 0."""
    expected = np.asarray(mean, dtype=np.float64)
    values = expected * (1 + sd * rng.standard_normal((replicates, len(expected))))
    return Trace(metric, np.arange(len(expected)), values)


def flat(metric: str, generations: int, replicates: int, rng: np.random.Generator, sd: float = 0.05) -> Trace:
    """A chain in which nothing happens."""
    return noisy(metric, np.ones(generations + 1), replicates, rng, sd)


def judged(definition: str, *traces: Trace, policy: str = "replace") -> Verdict:
    """The verdict of one definition."""
    verdict: Verdict = build("verdict", definition).judge(policy, {trace.metric: trace for trace in traces})
    return verdict


def rate(answers: Iterable[str], wanted: str) -> float:
    """The share of answers that are the wanted one."""
    found = list(answers)
    return found.count(wanted) / len(found)


def verdicts_of(
    model: str,
    data: str,
    policy: str,
    metrics: Sequence[str],
    sample_size: int,
    generations: int,
    replicates: int = 200,
) -> dict[str, Verdict]:
    """The verdicts of a chain that is run, by definition."""
    chain = Chain(model, data, policy, metrics, sample_size)
    history = chain.run(generations, replicates, seed=0, engine="serial")
    return {verdict.definition: verdict for verdict in history.verdicts()}
