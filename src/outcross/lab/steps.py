"""The loop of recursive training, one generation at a time: plan, draw, fit, sample, add. Lazy and endless."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import final

import numpy as np

from outcross.core.batch import Batch, Floats, NotDivisible, Records
from outcross.core.errors import BadInput, BadSetting
from outcross.core.model import Editing, Exact, Fitted, Model, Scored, Stored
from outcross.core.part import part_name, words
from outcross.core.policy import Policy
from outcross.core.pool import Pool, RatedPool
from outcross.core.provenance import Origin, Provenance
from outcross.core.recipe import Recipe
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.lab.suspicion import Suspicion, suspicions

Park = Callable[[int, Fitted], Fitted]
"""Given the number of a generation and its model, returns the model as it is to be held: a handle, if it is large."""


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
        What the model wrote, all of it: at least as many records as the policy's budget, or their sufficient statistic.
    pooled
        What joins the pool; None where that is the first of the output, as many as the recipe asks for.
    scores
        Score columns of what joins the pool, shape (R, n) each: those that the policy looks at.

    Examples
    --------
    >>> from outcross.core.memory import MemoryPool
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
    pooled: Batch | None = None
    scores: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def joins(self) -> Batch | None:
        """What joins the pool; None where nothing does."""
        if self.pooled is not None or not self.recipe.ask:
            return self.pooled
        return head(self.output, self.recipe.ask) or self.output


@final
@dataclass(frozen=True, slots=True)
class Recorded:
    """What is known of a generation that was computed before, so that it need not be computed again.

    Parameters
    ----------
    output, pooled, scores
        As those of a `Step`. Scores that are not known (None) are computed; so is ``pooled``, where it takes more than
        the output to know it.
    fitted
        The model. None has it fitted again.

    Examples
    --------
    >>> from outcross.core.records import Rows
    >>> Recorded(Rows(np.zeros((1, 5, 1)))).fitted is None
    True
    """

    output: Batch
    pooled: Batch | None = None
    scores: Mapping[str, Floats] | None = None
    fitted: Fitted | None = None


def steps(
    model: Model,
    policy: Policy,
    pool: RatedPool,
    budget: int,
    seed: Seed,
    *,
    exact: bool = False,
    recorded: Mapping[int, Recorded] | None = None,
    park: Park | None = None,
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
        Generations that were computed before. What is known of them is taken as it is, the rest is computed again;
        their training records are drawn in any case, so that human records are used up as they were.
    park
        Given each model that was fitted, returns it as it is to be held.

    Returns
    -------
    iterator of Step
        What joins the pool does so when the next step is asked for. At least ``budget`` records are asked of each
        model, so that samples of every policy can be compared. What is measured is what the model writes; the pool
        gets the first of it, as many as the recipe asks for, or the best of it by a judge, or the model's edit of the
        texts that it was trained on.

    Raises
    ------
    BadInput
        If a score is asked for, and the model does not know how probable a record is, or the records are no texts and a
        detector is asked.
    BadSetting
        If the policy has texts edited, and the model cannot edit.
    NotDivisible
        If the recipe or a detector needs records, and models hand on statistics.

    Examples
    --------
    See `Step`.
    """
    recorded = recorded or {}
    first: Fitted | None = None
    fitted: Fitted | None = None
    suspects: Mapping[str, Suspicion] = {}
    for generation in itertools.count(1):
        recipe = policy.plan(pool.inventory(), budget)
        data = pool.draw(recipe, seed.child("draw", generation))
        known = recorded.get(generation)
        if known is None or known.fitted is None:
            fitted = model.fit(data, seed.child("fit", generation), fitted)
            fitted = fitted if park is None else park(generation, fitted)
        else:
            fitted = known.fitted
        first = first or fitted
        asked = max(recipe.ask * recipe.best_of, budget)
        output = write(fitted, asked, seed, generation, exact) if known is None else known.output
        pooled, scores = (None, None) if known is None else (known.pooled, known.scores)
        step = Step(generation, recipe, fitted, first, output, pooled)
        if pooled is None:
            step = replace(step, pooled=_pooled(policy, step, data, seed, exact))
        if generation == 1:  # taken up again, a chain trains its detectors again: the same ones, by their seed
            suspects = suspicions(policy, model, pool, step.joins, seed.child("detector"))
        step = replace(step, scores=_scores(policy, step, suspects) if scores is None else scores)
        yield step
        join(pool, model, step)


def join(pool: Pool, model: Model, step: Step) -> None:
    """Add to a pool what a generation's model wrote, or as much of it as joins the pool.

    Examples
    --------
    See `steps`.
    """
    joins = step.joins
    if joins is None:
        return
    origin = Origin.SYNTHETIC if step.recipe.edit is None else Origin.MIXED
    digest = step.fitted.digest if pool.lasting and isinstance(step.fitted, Stored) else None
    pool.add(joins, Provenance(origin, step.generation, generator=words(model), generator_digest=digest), step.scores)


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


def head(output: Batch, k: int) -> Records | None:
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


def _pooled(policy: Policy, step: Step, data: Batch, seed: Seed, exact: bool) -> Batch | None:
    """What joins the pool, where that is not simply the first of the output."""
    recipe, fitted = step.recipe, step.fitted
    if recipe.edit is not None:
        if not isinstance(fitted, Editing):
            name = part_name(type(fitted)).removeprefix("fitted_")
            raise BadSetting(f"{words(policy)} needs a model that edits texts, such as ngram, and {name} does not")
        return _edited(fitted, data, recipe.ask, recipe.edit, seed.child("edit", step.generation))
    if recipe.best_of > 1 and recipe.ask:
        return _best(step)
    if 0 < recipe.ask < step.output.size and not isinstance(step.output, Records):
        return write(fitted, recipe.ask, seed.child("asked"), step.generation, exact)
    return None


def _edited(fitted: Editing, data: Batch, asked: int, above: float, seed: Seed) -> Texts:
    """The texts that a model was trained on, edited by it: they keep their groups, and lose their training weights."""
    if not isinstance(data, Texts):
        raise NotDivisible("texts can be edited, their statistic cannot")
    if asked > data.size:
        raise BadInput(f"{asked:,} edited texts are asked for, and the model was trained on {data.size:,}")
    texts = data if asked == data.size else data.take(np.arange(asked)[None])
    return replace(fitted.edit(texts, above, seed), weight=None, group=texts.group, names=texts.names)


def _best(step: Step) -> Batch:
    """The best of several candidates for each record that is asked for.

    The candidates for record i of k are i, i + k, i + 2 k, ...: where prompts go round, those with the same prompt.
    """
    of, k = step.recipe.best_of, step.recipe.ask
    candidates = head(step.output, of * k)
    if not isinstance(candidates, Records):
        raise NotDivisible("records cannot be judged where only their statistic is known")
    score = _score(step.recipe.judge or "", step, candidates).reshape(-1, of, k)
    return candidates.take(score.argmax(axis=1) * k + np.arange(k))


def _scores(policy: Policy, step: Step, suspects: Mapping[str, Suspicion]) -> dict[str, Floats]:
    """The score columns that the policy's recipes look at: some of models, some of detectors."""
    joins = step.joins if policy.scores else None
    if joins is None:
        return {}
    judged = {name: _score(name, step, joins) for name in sorted(policy.scores - suspects.keys())}
    by_detectors = {
        name: found.first if step.generation == 1 else found.score(joins) for name, found in suspects.items()
    }
    return judged | by_detectors


def _score(name: str, step: Step, records: Batch) -> Floats:
    """Log-probability per token, shape (R, n), under the first model (``verifier``) or the one that wrote (``own``)."""
    judge = step.first if name == "verifier" else step.fitted
    if not isinstance(judge, Scored):
        raise BadInput(f"the score '{name}' needs a model that knows how probable a record is")
    found = judge.log_prob(records)
    return found.values / np.maximum(found.tokens, 1)
