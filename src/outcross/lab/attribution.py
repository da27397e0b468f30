"""Which error is to blame: a loss shared out among finite samples, the model class and the optimiser.

Shumailov et al. (Nature 631, 2024) name three sources of error in recursive training. Each can be switched off: finite
samples by drawing very many, the model class by one that contains the truth, the optimiser by fitting exactly. The
chain is run with every combination of them on and off, from common seeds, and the loss is shared out by Shapley's rule.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from outcross.core.batch import Floats
from outcross.core.engine import Engine
from outcross.core.errors import BadInput, BadSetting
from outcross.core.metric import Metric
from outcross.core.model import Model
from outcross.core.part import Part, build, words
from outcross.core.policy import Policy
from outcross.core.seed import Seed
from outcross.corpus import read
from outcross.lab.chain import POPULATION_SAMPLE, block_size
from outcross.lab.exact import choose_path
from outcross.lab.shapley import Coalition, coalitions
from outcross.lab.shares import Attribution
from outcross.lab.trial import Experiment, Outcome, Trial, run_trial
from outcross.lab.truth import Truth
from outcross.lab.variant import Change, variant

STATISTICAL, MODEL_CLASS, OPTIMISER = "statistical", "model class", "optimiser"
SOURCES = {
    STATISTICAL: "statistical approximation error: samples are finite",
    MODEL_CLASS: "functional expressivity error: the model class does not contain the truth",
    OPTIMISER: "functional approximation error: fitting does not find the best of the class",
}
"""The three sources of error, as Shumailov et al. call them."""

LARGE = 20
"""An "infinite" sample is so many times a generation's, unless a size is given."""


def attribute(
    model: str | Model,
    data: Any,
    *,
    metric: str,
    policy: str | Policy = "replace",
    generations: int = 10,
    sample_size: int | None = None,
    large: int | None = None,
    rich: Change | None = None,
    converge: Change | None = None,
    replicates: int = 20,
    seed: int = 0,
    engine: str | Engine = "processes",
    heldout: float | None = None,
    progress: Callable[[int, int], None] | None = None,
    **reading: Any,
) -> Attribution:
    """Share out a loss among finite samples, the model class and the optimiser.

    Parameters
    ----------
    model, data, policy, sample_size, heldout, reading
        The chain, as for `Chain`.
    metric
        Words of what is lost; one reading of several as ``perplexity_tails@high``.
    generations
        The generation at which the loss is taken.
    large
        Records of a generation where the statistical error is off, 20 times ``sample_size`` unless given. A corpus
        gives as many human records as it has. To first order ``sample_size / large`` of the error is left.
    rich
        Makes the model class contain the truth: settings (``"components=2"``, ``{"components": 2}``) or another model.
        None if the class is not to be a player.
    converge
        Makes fitting exact: settings (``"iterations=1000"``), or another model. It is applied after ``rich`` where both
        errors are off, so its settings must exist there. None if fitting is exact anyway.
    replicates, seed, engine, progress
        As for `Chain.run`.

    Raises
    ------
    BadSetting, UnknownPart
        If a switch changes nothing or does not fit the model, or ``large`` is not more than ``sample_size``.
    BadInput
        If the metric is missing or infinite in one of the chains: a difference of it says nothing.

    Notes
    -----
    Sources: Shumailov et al., Nature 631 (2024), 755-759; shares: Shapley (1953). Intervals are Student's over the
    replicates' own Shapley values: a replicate has the same seeds in every chain.

    Choose a metric of the model itself (``heldout_nll``, ``perplexity``, ``kl``, ``excess_risk``). One of a sample
    depends on the size of the sample, and what it gains from a larger one is counted as statistical error.

    Examples
    --------
    >>> found = attribute("gaussian", "normal", metric="variance", generations=5, sample_size=10, large=10_000,
    ...                   replicates=10_000, engine="serial")
    >>> round(1 - (1 - 1 / 10) ** 5, 1), round(found.shares["statistical"].amount.value, 1)
    (0.4, 0.4)
    """
    base: Model = _part("model", model)
    rule: Policy = _part("policy", policy)
    name, _, label = metric.partition("@")
    measured: Metric[Any] = build("metric", name)
    shown = words(measured) + (f"@{label}" if label else "")
    corpus = read(data, as_=base.reads[0], **reading)
    truth = Truth.of_corpus(corpus, Seed(seed).child("truth"), heldout)
    usual = POPULATION_SAMPLE if truth.train is None else truth.train.size
    n = usual if sample_size is None else sample_size
    many = LARGE * n if large is None else large
    _check_sizes(n, many, truth, replicates, generations)
    switches = _switches(n, many, rich, converge)
    worlds = {
        on: Experiment(
            _model(base, on, rich, converge), (rule,), (measured,), truth, n if STATISTICAL in on else many, generations
        )
        for on in coalitions(tuple(switches))
    }
    values = _run(worlds, shown, replicates, seed, _part("engine", engine), progress)
    return Attribution(
        metric=shown,
        policy=words(rule),
        data=corpus.name,
        generation=generations,
        switches=switches,
        absent=_absent(rich, converge),
        coalitions=values,
        falls=measured.collapse == "falls",
        notes=_notes(n, many, truth),
    )


def _part(kind: str, given: str | Part) -> Any:
    return build(kind, given) if isinstance(given, str) else given


def _check_sizes(n: int, many: int, truth: Truth, replicates: int, generations: int) -> None:
    for name, value in (("sample_size", n), ("replicates", replicates), ("generations", generations)):
        if value < 1:
            raise BadSetting(f"{name} must be a whole number >= 1, not {value}")
    if truth.train is not None and n > truth.train.size:
        raise BadSetting(f"sample_size {n:,} is more than the {truth.train.size:,} human records to train on")
    if many <= n:
        raise BadSetting(f"large must be more than the sample size {n:,}, not {many:,}; 20 times as much is usual")


def _switches(n: int, many: int, rich: Change | None, converge: Change | None) -> dict[str, str]:
    """The players, and what switching each off means."""
    found = {STATISTICAL: f"{many:,} records a generation instead of {n:,}"}
    for source, change in ((MODEL_CLASS, rich), (OPTIMISER, converge)):
        if change is not None:
            found[source] = _shown(change)
    return found


def _shown(change: Change) -> str:
    if isinstance(change, Mapping):
        return ", ".join(f"{name}={value}" for name, value in change.items())
    return change if isinstance(change, str) else words(change)


def _model(base: Model, on: Coalition, rich: Change | None, converge: Change | None) -> Model:
    """The model where these errors are on."""
    model = base
    if rich is not None and MODEL_CLASS not in on:
        model = variant(model, rich, "rich")
    if converge is not None and OPTIMISER not in on:
        model = variant(model, converge, "converge")
    return model


def _absent(rich: Change | None, converge: Change | None) -> dict[str, str]:
    found = {}
    if rich is None:
        found[MODEL_CLASS] = "no richer model was given"
    if converge is None:
        found[OPTIMISER] = "no better fit was given (what is fitted by counting or by moments needs none)"
    return found


def _notes(n: int, many: int, truth: Truth) -> tuple[str, ...]:
    found = [f"With {many:,} records about {n / many:.1%} of the statistical error is left."]
    if truth.train is not None and truth.train.size < many:
        found.append(
            f"There are only {truth.train.size:,} human records; that these are finite is no part of the loss."
        )
    return tuple(found)


def _run(
    worlds: Mapping[Coalition, Experiment],
    metric: str,
    replicates: int,
    seed: int,
    engine: Engine,
    progress: Callable[[int, int], None] | None,
) -> dict[Coalition, Floats]:
    """The metric in the last generation of every chain, replicate by replicate."""
    ready = [dataclasses.replace(world, level=choose_path(world, None)[0]) for world in worlds.values()]
    size = min(block_size(world, world.policies[0]) for world in ready)  # one for all: blocks decide the seeds
    blocks = [Trial(0, start, min(size, replicates - start), seed) for start in range(0, replicates, size)]
    tasks = [(place, trial) for place in range(len(ready)) for trial in blocks]
    outcomes: dict[tuple[int, int], Outcome] = {}
    done, total = 0, len(ready) * replicates * ready[0].generations
    for index, outcome in engine.map(partial(_work, ready), tasks):
        place, trial = tasks[index]
        outcomes[place, trial.start] = outcome
        done += trial.count * ready[place].generations
        if progress is not None:
            progress(done, total)
    return {
        on: np.concatenate([_last(outcomes[place, trial.start], metric, on) for trial in blocks])
        for place, on in enumerate(worlds)
    }


def _work(worlds: list[Experiment], task: tuple[int, Trial]) -> Outcome:
    place, trial = task
    return run_trial(worlds[place], trial)


def _last(outcome: Outcome, metric: str, on: Coalition) -> Floats:
    """The metric in the last generation, which every replicate must have."""
    if metric not in outcome.values:
        raise BadSetting(f"{metric} gives several readings: choose one of {', '.join(outcome.values)}")
    values = outcome.values[metric][:, -1]
    if not np.isfinite(values).all():
        on_ = " and ".join(sorted(on)) or "no"
        reason = outcome.reasons.get(metric, "it is infinite")
        raise BadInput(f"{metric} has no finite value with {on_} error on ({reason}); choose another metric")
    return np.asarray(values)
