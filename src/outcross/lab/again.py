"""Other metrics of a finished run, from the texts that it kept: nothing is fitted, and nothing is written anew."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from outcross.core.batch import Floats
from outcross.core.errors import BadInput, BadSetting
from outcross.core.metric import Metric, View
from outcross.core.part import as_part, words
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.lab.archive import Archive
from outcross.lab.chain import Chain
from outcross.lab.history import History
from outcross.lab.observe import Observer
from outcross.lab.steps import head
from outcross.lab.trial import Outcome, Trial
from outcross.lab.truth import Truth


def measure_again(directory: str | Path, metrics: Sequence[str | Metric[Any]]) -> History:
    """Return the history of a finished run with other metrics of the texts that it kept.

    Parameters
    ----------
    directory
        A run folder that has its generations as Parquet (those of neural models do). The human data must be where they
        were, for the reference.
    metrics
        Metrics of texts alone; the readings that the history has of them are replaced.

    Raises
    ------
    BadSetting
        If a metric looks at more than texts: at a model, say.
    BadInput
        If the human data are others by now.
    MissingInput
        If there is no finished run, or its texts were not kept.

    Examples
    --------
    >>> measure_again("nowhere", ["types"])
    Traceback (most recent call last):
    ...
    outcross.core.errors.MissingInput: there is no finished run in 'nowhere' (no history.parquet)
    """
    history = History.load(directory)
    wanted = tuple(as_part(Metric, one) for one in metrics)
    for metric in wanted:
        if metric.view is not View.OUTPUT or not issubclass(Texts, metric.reads):
            raise BadSetting(f"{words(metric)} cannot be measured of texts alone")
    corpus = Chain.from_plan(history.plan).read()
    if corpus.digest != history.facts.digest:
        raise BadInput(f"'{history.plan.data}' holds other data than when the run was made")
    truth = Truth.of_corpus(corpus, Seed(history.plan.seed).child("truth"), history.plan.heldout)
    found = {
        policy: _with(outcome, wanted, truth, history, Path(directory), place)
        for place, (policy, outcome) in enumerate(history.outcomes.items())
    }
    note = f"Measured afterwards, of the texts that were kept: {', '.join(map(words, wanted))}."
    facts = dataclasses.replace(history.facts, notes=(*history.facts.notes, note))
    return dataclasses.replace(history, outcomes=found, facts=facts)


def _with(
    outcome: Outcome, metrics: tuple[Metric[Any], ...], truth: Truth, history: History, folder: Path, place: int
) -> Outcome:
    """The outcome of one policy, with the metrics of its texts."""
    policy, n = history.policies[place], history.facts.sample_size
    values: dict[str, Floats] = {name: array.copy() for name, array in outcome.values.items()}
    reasons = dict(outcome.reasons)
    for replicate in range(len(outcome.reached)):
        trial = Trial(place, replicate, 1, history.plan.seed)
        archive = Archive(folder, policy, trial, history.plan.model)
        human = truth.human(n, 1, Seed(trial.seed).child("replicates", replicate))
        if not isinstance(human, Texts):
            raise BadInput("only texts can be measured afterwards")
        observer = Observer(metrics, truth.heldout, invents=True)
        for generation in np.flatnonzero(outcome.reached[replicate]).tolist():
            sample = head(archive.texts(generation, human.vocabulary), n) if generation else human
            for name, reading in observer.records(sample or human).items():
                table = values.setdefault(name, np.full(outcome.reached.shape, np.nan))
                table[replicate, generation] = reading.values[0]
                if reading.reason:
                    reasons.setdefault(name, reading.reason)
    return dataclasses.replace(outcome, values=values, reasons=reasons)
