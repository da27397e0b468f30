"""Chains of fitted models, one step after another, with the shipped parts: what the closed forms are held against."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from outcross.core.memory import MemoryPool
from outcross.core.model import ExactModel, Fitted, Model
from outcross.core.part import build
from outcross.core.policy import Policy
from outcross.core.population import Population
from outcross.core.seed import Seed
from outcross.lab.steps import steps


def chain(
    model: str, policy: str, population: str, n: int, replicates: int, refits: int, *, exact: bool = False
) -> Iterator[Fitted]:
    """The models of generations 1, 2, ..., ``refits``."""
    learner: Model = build("model", model)
    rule: Policy = build("policy", policy)
    truth: Population = build("population", population)
    human = truth.draw(n, replicates, Seed(0).child("human"))
    convert = learner.statistic if exact and isinstance(learner, ExactModel) else lambda batch: batch
    pool = MemoryPool(convert(human), blend=rule.blends, reach=rule.reach, convert=convert)
    for step in itertools.islice(steps(learner, rule, pool, n, Seed(0), exact=exact), refits):
        assert step.fitted is not None
        yield step.fitted


def agree(samples: np.ndarray, expected: object, least: float = 1e-12) -> None:
    """Check that the mean over the last axis, the replicates, is what is expected, within 4 standard errors."""
    mean = samples.mean(axis=-1)
    error = samples.std(axis=-1, ddof=1) / np.sqrt(samples.shape[-1])
    away = np.abs(mean - np.asarray(expected)) / np.maximum(error, least)
    assert np.all(away < 4), f"{np.round(away, 2)} standard errors: {mean} against {expected}"
