"""The loop of recursive training, one generation at a time: plan, draw, fit, sample, add. Lazy and endless."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Batch, Floats, Records
from outcross.core.errors import BadInput
from outcross.core.memory import MemoryPool
from outcross.core.model import Exact, Fitted, Model, Scored
from outcross.core.part import words
from outcross.core.policy import Policy
from outcross.core.provenance import Origin, Provenance
from outcross.core.recipe import Recipe
from outcross.core.seed import Seed


@final
@dataclass(frozen=True, slots=True)
class Step:
    """One generation of a chain.

    Parameters
    ----------
    generation
        1 for the model fitted to human data, then 2, 3, ...
    recipe
        What it was trained on.
    fitted
        The model.
    first
        The model of generation 1: the one fitted to human data.
    output
        What the model wrote: records, or their sufficient statistic.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> from outcross.core.records import Rows
    >>> pool = MemoryPool(Rows(np.random.default_rng(0).normal(size=(1, 50, 1))))
    >>> chain = steps(build("model", "gaussian"), build("policy", "replace"), pool, 50, Seed(0))
    >>> [next(chain).generation for _ in range(3)]
    [1, 2, 3]
    """

    generation: int
    recipe: Recipe
    fitted: Fitted
    first: Fitted
    output: Batch


def steps(
    model: Model,
    policy: Policy,
    pool: MemoryPool,
    budget: int,
    seed: Seed,
    *,
    exact: bool = False,
    recorded: Mapping[int, Batch] | None = None,
) -> Iterator[Step]:
    """Yield one generation after another, for as long as they are asked for.

    Parameters
    ----------
    model, policy, pool
        What is fitted, on which records, kept where.
    budget
        The sample size n that the policy plans with.
    seed
        Every random choice has its own named child, so a chain can be cut and taken up anywhere.
    exact
        Whether the models hand on sufficient statistics instead of samples.
    recorded
        Outputs of generations that were computed before; those are fitted again (a later model or score may look at
        them), and not sampled again.

    Returns
    -------
    iterator of Step
        The output of a step joins the pool when the next one is asked for. At least ``budget`` records are asked of
        each model, so that samples of every policy can be compared; only what the recipe asks for joins the pool.

    Examples
    --------
    See `Step`.
    """
    recorded = recorded or {}
    name = words(model)
    first: Fitted | None = None
    fitted: Fitted | None = None
    for generation in itertools.count(1):
        recipe = policy.plan(pool.inventory(), budget)
        data = pool.draw(recipe, seed.child("draw", generation))
        known = recorded.get(generation)
        fitted = model.fit(data, seed.child("fit", generation), fitted)
        first = first or fitted
        output = known if known is not None else write(fitted, max(recipe.ask, budget), seed, generation, exact)
        yield Step(generation, recipe, fitted, first, output)
        kept = head(output, recipe.ask) if recipe.ask < budget else output
        if recipe.ask and kept is None:
            kept = write(fitted, recipe.ask, seed.child("asked"), generation, exact)
        if kept is not None:
            scores = _scores(policy, kept, fitted, first)
            pool.add(kept, Provenance(Origin.SYNTHETIC, generation, generator=name), scores)


def write(fitted: Fitted, n: int, seed: Seed, generation: int, exact: bool) -> Batch:
    """Return n records of a generation's model, or their sufficient statistic.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> from outcross.core.records import Rows
    >>> fitted = build("model", "gaussian").fit(Rows(np.zeros((1, 5, 1))), Seed(0))
    >>> type(write(fitted, 5, Seed(0), 1, exact=True)).__name__
    'Moments'
    """
    if exact and isinstance(fitted, Exact):
        return fitted.sample_statistic(n, seed.child("sample", generation))
    return fitted.sample(n, seed.child("sample", generation))


def head(output: Batch, k: int) -> Batch | None:
    """Return the first k records; None where only a statistic of more records is known (or k is 0).

    Examples
    --------
    >>> from outcross.core.records import Rows
    >>> head(Rows(np.zeros((1, 5, 1))), 2).size
    2
    """
    if k == 0 or not isinstance(output, Records):
        return None
    return output if output.size == k else output.take(np.arange(k)[None])


def _scores(policy: Policy, output: Batch, fitted: Fitted, first: Fitted) -> dict[str, Floats]:
    """The score columns that the policy's recipes look at: log-probability per token."""
    columns: dict[str, Floats] = {}
    for name in sorted(policy.scores):
        judge = first if name == "verifier" else fitted
        if not isinstance(judge, Scored):
            raise BadInput(f"the score '{name}' needs a model that knows how probable a record is")
        found = judge.log_prob(output)
        columns[name] = found.values / np.maximum(found.tokens, 1)
    return columns
