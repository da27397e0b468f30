"""Who does the trials of a chain, and what is kept of each: the outcome, and of large models every generation."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from outcross.core.engine import Engine
from outcross.core.model import Model, Neural
from outcross.core.part import as_part, words
from outcross.core.text import Texts
from outcross.lab.archive import Archive
from outcross.lab.cabinet import Cabinet
from outcross.lab.heartbeat import Heartbeat
from outcross.lab.journal import Journal
from outcross.lab.observe import Readings
from outcross.lab.steps import Step
from outcross.lab.trial import Experiment, Outcome, Shown, Trial, run_trial

Progress = Callable[[int, int], None]
"""Told how many of how many fitted generations are done."""


def crew(given: str | Engine, tasks: int, model: Model) -> Engine:
    """Return the engine asked for: processes only where there is work to share, no more than can run side by side.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> print(crew("processes", 1, build("model", "gaussian")))
    serial
    """
    abreast = model.abreast if isinstance(model, Neural) and given == "processes" else None
    if given == "processes" and (tasks == 1 or abreast == 1):
        return as_part(Engine, "serial")
    return as_part(Engine, given if abreast is None else f"processes(workers={abreast})")


def run_all(
    experiment: Experiment,
    trials: list[Trial],
    engine: Engine,
    journal: Journal | None,
    progress: Progress | None,
    keep_models: bool,
) -> list[Outcome]:
    """Return what every trial found, in their order; what a journal knows already is not done again.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> from outcross.core.seed import Seed
    >>> from outcross.lab.truth import Truth
    >>> truth = Truth.of_population(build("population", "normal"), Seed(0))
    >>> experiment = Experiment(build("model", "gaussian"), (build("policy", "replace"),),
    ...                         (build("metric", "variance"),), truth, sample_size=100, generations=3)
    >>> run_all(experiment, [Trial(0, 0, 2, 0)], build("engine", "serial"), None, None, False)[0].generations
    4
    """
    outcomes: dict[int, Outcome] = {}
    if journal is not None:
        outcomes = {i: found for i, trial in enumerate(trials) if (found := journal.outcome(trial)) is not None}
    open_trials = [(i, trial) for i, trial in enumerate(trials) if i not in outcomes]
    total = sum(trial.count for trial in trials) * experiment.generations
    done = sum(trials[i].count for i in outcomes) * experiment.generations
    if progress is not None:
        progress(done, total)
    with _room(experiment, journal) as room:
        work = partial(_work, experiment, journal, keep_models, room)
        results = engine.map(work, [trial for _, trial in open_trials])
        try:
            for place, outcome in results:
                index, trial = open_trials[place]
                outcomes[index] = outcome
                done += trial.count * experiment.generations
                if progress is not None:
                    progress(done, total)
        finally:
            if isinstance(results, Generator):
                results.close()  # workers end before the room that they write to goes
    return [outcomes[i] for i in range(len(trials))]


@contextmanager
def _room(experiment: Experiment, journal: Journal | None) -> Iterator[Path | None]:
    """A folder for the models of a run that is not kept. It is the parent's, so it goes even if a worker is killed."""
    if journal is not None or not isinstance(experiment.model, Neural):
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="outcross-") as folder:
        yield Path(folder)


def _work(
    experiment: Experiment, journal: Journal | None, keep_models: bool, room: Path | None, trial: Trial
) -> Outcome:
    """One trial, recorded as it goes where a journal is kept."""
    if experiment.model.batched:  # many replicates at once are quick: only whole trials are recorded
        outcome = run_trial(experiment, trial)
    elif journal is not None:
        outcome = _recorded(experiment, journal, keep_models, trial)
    elif isinstance(experiment.model, Neural) and room is not None:
        cabinet = Cabinet(room / trial.name, experiment.model, keep_all=False)
        forget = lambda step, *_: cabinet.forget(step.generation - 1)  # noqa: E731
        outcome = run_trial(experiment, trial, None, forget, cabinet.put)
        shutil.rmtree(cabinet.folder, ignore_errors=True)
    else:
        outcome = run_trial(experiment, trial)
    if journal is not None:
        journal.write_outcome(trial, outcome)
    return outcome


def _recorded(experiment: Experiment, journal: Journal, keep_models: bool, trial: Trial) -> Outcome:
    """A trial of which every generation is recorded, and where it is a neural model's, kept with what it wrote."""
    like, model = experiment.truth.train or experiment.truth.heldout, experiment.model
    policy = words(experiment.policies[trial.policy])
    cabinet = journal.cabinet(trial, model, keep_models) if isinstance(model, Neural) else None
    archive = Archive(journal.folder, policy, trial, words(model))
    past = journal.past(trial, like) if cabinet is None else journal.past(trial, like, cabinet.get)
    if cabinet is not None:
        for generation in range(1, len(past.recorded)):
            cabinet.forget(generation)  # a kill may have come before that

    unit, resumed = "tokens" if isinstance(like, Texts) else "records", len(past.recorded)
    beat = Heartbeat.of_run(journal.folder).beat(trial.name, policy, trial.start, trial.count, unit, resumed)
    with beat as pulse:

        def keep(step: Step, readings: Readings, shown: Shown) -> None:
            if cabinet is not None:
                archive.write(step)
            journal.write_generation(trial, step, readings, shown)
            if cabinet is not None:
                cabinet.forget(step.generation - 1)
            pulse.generation(step.generation + 1)

        return run_trial(experiment, trial, past, keep, None if cabinet is None else cabinet.put)
