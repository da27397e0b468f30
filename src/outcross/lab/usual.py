"""What is measured when nothing is asked for, and whether what is asked for can be: found out before the run."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from outcross.core.batch import Batch
from outcross.core.errors import BadInput, BadSetting
from outcross.core.metric import Metric
from outcross.core.model import Model, Neural
from outcross.core.part import Part, parts, words
from outcross.core.setting import settings_of
from outcross.lab.observe import measurable
from outcross.lab.trial import Experiment, Trial, run_trial


def usual_metrics(experiment: Experiment) -> tuple[Metric[Any], ...]:
    """Return the metrics that are measured when none is asked for: the usual ones that this chain can measure.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> from outcross.core.seed import Seed
    >>> from outcross.lab.truth import Truth
    >>> truth = Truth.of_population(build("population", "normal"), Seed(0))
    >>> experiment = Experiment(build("model", "gaussian"), (build("policy", "replace"),), (), truth, 10, 1)
    >>> "variance" in [words(metric) for metric in usual_metrics(experiment)]
    True
    """
    kind = type(experiment.truth.heldout)
    found = []
    for part in parts("metric").values():
        if not issubclass(part, Metric) or not issubclass(kind, part.usual_for) or _incomplete(part):
            continue
        if isinstance(experiment.model, Neural):
            found += [part()] if measurable(part(), kind, experiment.model.gives) else []
            continue
        try:
            values = run_trial(_small(experiment, part()), Trial(0, 0, 1, 0)).values
        except (BadSetting, BadInput):
            continue
        if not all(np.isnan(readings[:, -1]).any() for readings in values.values()):
            found.append(part())
    if not found:
        raise BadSetting(f"no usual metric fits {words(experiment.model)}; name metrics to measure")
    return tuple(found)


def check_metrics(model: Model, metrics: Sequence[Metric[Any]], heldout: Batch) -> None:
    """Refuse at once what could only be refused after the first generation, where that takes long.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> from outcross.core.text import Texts
    >>> check_metrics(build("model", "transformer"), [build("metric", "variance")], Texts.of(["a cat"]))
    Traceback (most recent call last):
    ...
    outcross.core.errors.BadSetting: variance cannot be measured of transformer on texts
    """
    if not isinstance(model, Neural):
        return
    for metric in metrics:
        if not measurable(metric, type(heldout), model.gives):
            raise BadSetting(
                f"{words(metric)} cannot be measured of {words(model)} on {type(heldout).__name__.lower()}"
            )


def _incomplete(part: type[Part]) -> bool:
    return any(setting.required for setting in settings_of(part))


def _small(experiment: Experiment, *metrics: Metric[Any]) -> Experiment:
    """One generation of few records, to try out what can be done."""
    few = min(50, experiment.sample_size)
    one = min(1, experiment.generations)
    return dataclasses.replace(experiment, metrics=metrics, generations=one, sample_size=few, until=None)


def try_policies(experiment: Experiment) -> None:
    """Fit one small generation under every policy, so that what cannot work is said at once and by its own name.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> from outcross.core.seed import Seed
    >>> from outcross.lab.truth import Truth
    >>> truth = Truth.of_population(build("population", "normal"), Seed(0))
    >>> try_policies(Experiment(build("model", "gaussian"), (build("policy", "replace"),), (), truth, 10, 1))
    """
    for index in range(len(experiment.policies)):
        run_trial(_small(experiment), Trial(index, 0, 1, 0))
