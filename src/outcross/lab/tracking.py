"""A history as runs of an experiment tracker: one a policy with the mean over replicates, one a replicate beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from outcross.core.errors import OutputRefused
from outcross.core.part import as_part, words
from outcross.core.tracker import TrackedRun, Tracker

if TYPE_CHECKING:
    from outcross.lab.history import History

EACH = 20
"""Where there are more replicates than this, only their mean is sent: nobody looks at a thousand lines."""

Steps = dict[int, dict[str, float]]


def track(history: History, trackers: Sequence[str | Tracker], name: str) -> None:
    """Send a finished history to trackers; where one fails the others still get theirs.

    Parameters
    ----------
    history
        What is sent.
    trackers
        Trackers, or their words.
    name
        What its runs are grouped under.

    Raises
    ------
    MissingLibrary
        If the library of one is not installed; then nothing is sent to any.
    OutputRefused
        If one did not take it.

    Examples
    --------
    >>> from outcross.lab.chain import Chain
    >>> track(Chain("gaussian", "normal", sample_size=10).run(1, 2, engine="serial"), [], "nowhere")
    """
    chosen = [as_part(Tracker, one) for one in trackers]
    for tracker in chosen:
        tracker.ready()
    runs = tracked_runs(history)
    failures = []
    for tracker in chosen:
        try:
            tracker.send(name, runs)
        except Exception as error:  # whatever a library, a network or a disk comes up with
            why = (str(error).strip() or type(error).__name__).splitlines()[0]
            failures.append(f"{words(tracker)} did not take the history: {why}")
    if failures:
        raise OutputRefused("; ".join(failures))


def tracked_runs(history: History) -> list[TrackedRun]:
    """Return the runs of a history, those of replicates after that of their policy.

    A metric's series bears its name, with ``/`` for ``@``, as trackers gather names under what is before a ``/``. In
    the run of a policy it is the mean over replicates, with the ends of its 95 % interval as ``/low`` and ``/high``.
    What is missing is not sent.

    Examples
    --------
    >>> from outcross.lab.chain import Chain
    >>> history = Chain("gaussian", "normal", "replace", ["std"], sample_size=10).run(1, 2, engine="serial")
    >>> [(run.name, run.parent, sorted(run.steps[1])) for run in tracked_runs(history)][:2]
    [('replace', None, ['std', 'std/high', 'std/low']), ('replace 0', 'replace', ['std'])]
    """
    facts = history.facts
    shared: dict[str, Any] = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in dataclasses.asdict(history.plan).items()
    }
    shared |= {"path": facts.path, "data_digest": facts.digest, "version": facts.version}
    found = []
    for policy, outcome in history.outcomes.items():
        replicates = len(outcome.reached)
        found.append(TrackedRun(policy, _means(history, policy), shared | {"policy": policy}))
        for replicate in range(replicates if 1 < replicates <= EACH else 0):
            settings = shared | {"policy": policy, "replicate": replicate}
            steps = _values(history, policy, replicate)
            found.append(TrackedRun(f"{policy} {replicate}", steps, settings, parent=policy))
    return found


def _means(history: History, policy: str) -> Steps:
    outcome = history.outcomes[policy]
    steps: Steps = {}
    for generation in range(outcome.generations):
        row = steps[generation] = {}
        for metric in outcome.values:
            m, series = history.measure(policy, metric, generation), _series(metric)
            ends = ((series, m.value), (f"{series}/low", m.low), (f"{series}/high", m.high))
            row |= {name: value for name, value in ends if value is not None}
    return steps


def _values(history: History, policy: str, replicate: int) -> Steps:
    outcome = history.outcomes[policy]
    rows = {metric: values[replicate] for metric, values in outcome.values.items()}
    return {
        generation: {
            _series(metric): float(values[generation])
            for metric, values in rows.items()
            if not np.isnan(values[generation])
        }
        for generation in np.flatnonzero(outcome.reached[replicate]).tolist()
    }


def _series(metric: str) -> str:
    return metric.replace("@", "/")
