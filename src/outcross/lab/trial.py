"""One policy, one block of replicates, all generations: the unit of work. A pure function of its seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from outcross.core.batch import Batch, Floats
from outcross.core.metric import Metric
from outcross.core.model import Model, Prompted
from outcross.core.part import words
from outcross.core.policy import Policy
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.lab.observe import Observer, Readings
from outcross.lab.steps import Step, head, steps, write
from outcross.lab.truth import Truth
from outcross.lab.until import Until

EXCERPT_WORDS = 60
PROMPT_WORDS = 5


@final
@dataclass(frozen=True)
class Experiment:
    """Everything a trial needs that all trials share.

    Parameters
    ----------
    model, policies, metrics, truth
        The parts and the human data.
    sample_size
        n, the records of a generation.
    generations
        How many models are fitted, one after another.
    level
        ``records``, ``mixed`` or ``statistics``: see `Truth.pool`.
    until
        When to stop before that.
    excerpts
        Generations of which a piece of text is kept, for people to read.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> truth = Truth.of_population(build("population", "normal"), Seed(0))
    >>> experiment = Experiment(build("model", "gaussian"), (build("policy", "replace"),),
    ...                         (build("metric", "variance"),), truth, sample_size=100, generations=3)
    >>> run_trial(experiment, Trial(0, 0, 2, 0)).values["variance"].shape
    (2, 4)
    """

    model: Model
    policies: Sequence[Policy]
    metrics: Sequence[Metric[Any]]
    truth: Truth
    sample_size: int
    generations: int
    level: str = "records"
    until: Until | None = None
    excerpts: frozenset[int] = frozenset()


@final
@dataclass(frozen=True)
class Trial:
    """Which policy, which replicates, which seed.

    Examples
    --------
    >>> Trial(policy=0, start=10, count=5, seed=0).name
    'policy0-replicates10-14'
    """

    policy: int
    start: int
    count: int
    seed: int

    @property
    def name(self) -> str:
        """A name for files."""
        return f"policy{self.policy}-replicates{self.start}-{self.start + self.count - 1}"


@final
@dataclass(frozen=True)
class Excerpt:
    """A piece of text of one generation, for people to read.

    Examples
    --------
    >>> Excerpt("replace", 0, "The cat", "The cat sat.").generation
    0
    """

    policy: str
    generation: int
    prompt: str
    text: str


@final
@dataclass
class Outcome:
    """What a trial found.

    Parameters
    ----------
    values
        Metric to values, shape (R, T + 1): generation 0 first; NaN where missing.
    reasons
        Metric to the reason why some of its values are missing.
    excerpts
        Pieces of text.

    Examples
    --------
    >>> outcome = Outcome()
    >>> outcome.generations
    0
    """

    values: dict[str, Floats] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    excerpts: list[Excerpt] = field(default_factory=list)

    @property
    def generations(self) -> int:
        """How many generations were measured, generation 0 included."""
        return max((values.shape[1] for values in self.values.values()), default=0)


@final
@dataclass(frozen=True)
class Past:
    """What an earlier run of the same trial left: outputs by generation, and what was measured of them.

    Examples
    --------
    >>> Past().outputs
    {}
    """

    outputs: Mapping[int, Batch] = field(default_factory=dict)
    readings: Mapping[int, Readings] = field(default_factory=dict)
    excerpts: Sequence[Excerpt] = ()


Keep = Callable[[int, Batch, Readings, Sequence[Excerpt]], None]
"""Told of every generation: number, output, readings, and the excerpts so far."""


def run_trial(experiment: Experiment, trial: Trial, past: Past | None = None, keep: Keep | None = None) -> Outcome:
    """Run a chain of one policy for one block of replicates.

    Parameters
    ----------
    experiment, trial
        What to run.
    past
        Generations of an earlier run that was cut off; they are taken as they are.
    keep
        Called after each new generation, so that it can be recorded.

    Returns
    -------
    Outcome
        The same numbers whatever was taken from the past.

    Examples
    --------
    See `Experiment`.
    """
    past = past or Past()
    policy, n = experiment.policies[trial.policy], experiment.sample_size
    seed = Seed(trial.seed).child("replicates", trial.start)
    pool, human = experiment.truth.pool(experiment.model, policy, n, trial.count, seed, experiment.level)
    observer = Observer(experiment.metrics, experiment.truth.heldout, experiment.truth.law)
    exact = experiment.level != "records"
    chain = steps(experiment.model, policy, pool, n, seed, exact=exact, recorded=past.outputs)
    table: list[Readings] = []
    excerpts = list(past.excerpts)
    if experiment.generations == 0:
        table.append(observer.human(human))
    for step in chain if experiment.generations else ():
        if not table:
            table.append(observer.human(human, step.first))
            if step.generation not in past.readings:
                excerpts += _excerpts(experiment, trial, step, seed, generation=0)
        readings = past.readings.get(step.generation)
        if readings is None and step.fitted is not None:
            readings = observer.model(step.fitted, step.first, _comparable(step, n, seed, exact))
            excerpts += _excerpts(experiment, trial, step, seed, step.generation)
            if keep is not None:
                keep(step.generation, step.output, readings, excerpts)
        table.append(readings or {})
        stop = experiment.until is not None and experiment.until.met(table[-1])
        if step.generation == experiment.generations or stop:
            break
    return _gather(table, trial.count, excerpts)


def _comparable(step: Step, n: int, seed: Seed, exact: bool) -> Batch:
    """A sample of exactly n, whatever the policy asked for: many metrics depend on the sample size."""
    if step.output.size == n:
        return step.output
    return head(step.output, n) or write(step.fitted, n, seed.child("measured"), step.generation, exact)


def _excerpts(experiment: Experiment, trial: Trial, step: Step, seed: Seed, generation: int) -> list[Excerpt]:
    """What the first replicate's model makes of the beginning of a held-out text."""
    heldout = experiment.truth.heldout
    if trial.start or generation not in experiment.excerpts or not isinstance(heldout, Texts):
        return []
    if not isinstance(step.fitted, Prompted):
        return []
    shown = heldout.document(int(np.argmax(heldout.lengths >= EXCERPT_WORDS)))[:EXCERPT_WORDS]
    prompt = heldout.vocabulary.decode(shown[:PROMPT_WORDS])
    text = heldout.vocabulary.decode(shown)
    if generation:
        text = step.fitted.extend(prompt, 1, EXCERPT_WORDS, seed.child("excerpt", generation)).strings()[0]
    return [Excerpt(words(experiment.policies[trial.policy]), generation, prompt, text)]


def _gather(table: list[Readings], replicates: int, excerpts: list[Excerpt]) -> Outcome:
    """Readings by generation, as one array a metric."""
    names = dict.fromkeys(name for readings in table for name in readings)
    outcome = Outcome(excerpts=excerpts)
    for name in names:
        values = np.full((len(table), replicates), np.nan)
        for generation, readings in enumerate(table):
            if name in readings:
                values[generation] = readings[name].values
                if readings[name].reason:
                    outcome.reasons.setdefault(name, readings[name].reason)
        outcome.values[name] = values.T
    return outcome
