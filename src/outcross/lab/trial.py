"""One policy, one block of replicates, all generations: the unit of work. A pure function of its seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from outcross.core.batch import Batch, Floats, Ints
from outcross.core.errors import BadSetting
from outcross.core.metric import Metric
from outcross.core.model import Model, Neural, Prompted
from outcross.core.part import words
from outcross.core.policy import Policy
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.lab.observe import Observer, Readings
from outcross.lab.pictures import Picture, pictures
from outcross.lab.steps import Park, Recorded, Step, head, join, steps, write
from outcross.lab.truth import Truth
from outcross.lab.until import Until

EXCERPT_WORDS = 60
PROMPT_WORDS = 5
ROOM = 1024
"""Generations that a table has room for at first; more room is made when it is full, for a chain may stop early."""


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
    pictures
        Pictures that were drawn.
    ends
        Last generation of each replicate, shape (R,), where some stopped early; None where all went to the end.

    Examples
    --------
    >>> outcome = Outcome()
    >>> outcome.generations
    0
    """

    values: dict[str, Floats] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    excerpts: list[Excerpt] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    ends: Ints | None = None

    @property
    def generations(self) -> int:
        """How many generations were measured, generation 0 included."""
        return max((values.shape[1] for values in self.values.values()), default=0)

    @property
    def reached(self) -> NDArray[np.bool_]:
        """Which replicate went on to which generation, shape (R, T + 1): all of them, unless some stopped early."""
        replicates = max((len(values) for values in self.values.values()), default=0)
        ends = np.full(replicates, self.generations - 1) if self.ends is None else self.ends
        return np.arange(self.generations) <= ends[:, None]


@final
@dataclass(frozen=True)
class Past:
    """What an earlier run of the same trial left: generations, what was measured of them, and what was shown.

    Examples
    --------
    >>> Past().recorded
    {}
    """

    recorded: Mapping[int, Recorded] = field(default_factory=dict)
    readings: Mapping[int, Readings] = field(default_factory=dict)
    shown: Shown = field(default_factory=lambda: Shown())


@final
@dataclass
class Shown:
    """What people are shown of a trial so far: pieces of text, and pictures.

    Examples
    --------
    >>> Shown().excerpts
    []
    """

    excerpts: list[Excerpt] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)


Keep = Callable[[Step, Readings, Shown], None]
"""Told of every generation: the step, its readings, and what is shown so far."""


def run_trial(
    experiment: Experiment,
    trial: Trial,
    past: Past | None = None,
    keep: Keep | None = None,
    park: Park | None = None,
) -> Outcome:
    """Run a chain of one policy for one block of replicates.

    Parameters
    ----------
    experiment, trial
        What to run.
    past
        Generations of an earlier run that was cut off; they are taken as they are.
    keep
        Called after each new generation, so that it can be recorded.
    park
        Given each new model, returns it as it is to be held: a handle, where models are large.

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
    pool, human = experiment.truth.pool(experiment.model, policy, n, trial.count, seed, experiment.level, trial.start)
    truth, invents = experiment.truth, isinstance(experiment.model, Neural)
    observer = Observer(experiment.metrics, truth.heldout, truth.law, invents)
    exact = experiment.level != "records"
    chain = steps(experiment.model, policy, pool, n, seed, exact=exact, recorded=past.recorded, park=park)
    table = _Table(experiment.generations, trial.count)
    shown = Shown(list(past.shown.excerpts), list(past.shown.pictures))
    if experiment.generations == 0:
        table.append(observer.human(human))
    for step in chain if experiment.generations else ():
        if not table.rows:
            table.append(observer.human(human, step.first))
            if step.generation not in past.readings:
                _show(experiment, trial, step, seed, 0, shown)
        readings = past.readings.get(step.generation)
        if readings is None:
            readings = observer.model(step.fitted, step.first, _comparable(step, n, seed, exact))
            _show(experiment, trial, step, seed, step.generation, shown)
            if keep is not None:
                keep(step, readings, shown)
        table.append(readings)
        stop = experiment.until is not None and experiment.until.met(readings)
        if step.generation == experiment.generations or stop:
            if pool.lasting:  # else nobody would look at it
                join(pool, experiment.model, step)
            break
    return table.outcome(shown)


def _comparable(step: Step, n: int, seed: Seed, exact: bool) -> Batch:
    """A sample of exactly n, whatever the policy asked for: many metrics depend on the sample size."""
    if step.output.size == n:
        return step.output
    return head(step.output, n) or write(step.fitted, n, seed.child("measured"), step.generation, exact)


def _show(experiment: Experiment, trial: Trial, step: Step, seed: Seed, generation: int, shown: Shown) -> None:
    """Add what the first replicate of a generation has to show: how a text goes on, or pictures."""
    if trial.start or generation not in experiment.excerpts:
        return
    policy, heldout = words(experiment.policies[trial.policy]), experiment.truth.heldout
    if isinstance(heldout, Texts) and isinstance(step.fitted, Prompted):
        shown.excerpts.append(_excerpt(policy, heldout, step.fitted, seed, generation))
    shown.pictures += pictures(policy, generation, step.output if generation else heldout, heldout)


def _excerpt(policy: str, heldout: Texts, fitted: Prompted, seed: Seed, generation: int) -> Excerpt:
    """What a model makes of the beginning of a held-out text."""
    document = heldout.document(_readable(heldout))[:EXCERPT_WORDS]
    prompt = heldout.vocabulary.decode(document[:PROMPT_WORDS])
    text = heldout.vocabulary.decode(document)
    if generation:
        text = fitted.extend(prompt, 1, EXCERPT_WORDS, seed.child("excerpt", generation)).strings()[0]
    return Excerpt(policy, generation, prompt, text)


def _readable(texts: Texts) -> int:
    """The number of the first of the texts whose beginning is long enough and has the fewest unknown words."""
    unknown = [int((texts.document(i)[:EXCERPT_WORDS] == 0).sum()) for i in range(texts.size)]
    return int(np.argmin(np.where(texts.lengths >= EXCERPT_WORDS, unknown, EXCERPT_WORDS + 1)))


@final
class _Table:
    """Readings by generation, one array a metric: written as they come, so that nothing is held twice."""

    def __init__(self, generations: int, replicates: int) -> None:
        self._room, self._replicates = min(generations + 1, ROOM), replicates
        self._values: dict[str, Floats] = {}
        self._reasons: dict[str, str] = {}
        self.rows = 0

    def append(self, readings: Readings) -> None:
        """Write the row of one generation; what was not read is missing."""
        if self.rows == self._room:
            self._values = {name: np.concatenate([old, np.empty_like(old)]) for name, old in self._values.items()}
            self._room *= 2
        for name, reading in readings.items():
            if reading.values.shape != (self._replicates,):
                found, wanted = reading.values.shape, (self._replicates,)
                raise BadSetting(f"the metric {name} gives readings of shape {found}, not {wanted}: one a replicate")
            if name not in self._values:
                self._values[name] = np.empty((self._room, self._replicates))
                self._values[name][: self.rows] = np.nan
            if reading.reason:
                self._reasons.setdefault(name, reading.reason)
        for name, values in self._values.items():
            values[self.rows] = readings[name].values if name in readings else np.nan
        self.rows += 1

    def outcome(self, shown: Shown) -> Outcome:
        """Return what was written."""
        values = {name: values[: self.rows].T for name, values in self._values.items()}
        return Outcome(values, self._reasons, shown.excerpts, shown.pictures)
