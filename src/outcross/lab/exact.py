"""The exact path: can this chain hand on sufficient statistics instead of samples? It is tried, not guessed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from outcross.core.batch import NotDivisible
from outcross.core.errors import BadInput, BadSetting
from outcross.core.model import ExactModel
from outcross.core.part import words
from outcross.lab.trial import Experiment, Trial, run_trial

PROBE_GENERATIONS = 3


def choose_path(experiment: Experiment, exact: bool | None) -> tuple[str, str]:
    """Decide how the chain runs, and say why.

    Parameters
    ----------
    experiment
        What is to be run.
    exact
        True to insist on the exact path, False to draw samples, None for exact where it is open.

    Returns
    -------
    (level, why)
        ``statistics``, ``mixed`` or ``records`` (see `Truth.pool`), and a sentence.

    Raises
    ------
    BadSetting
        If the exact path is insisted on and not open; the message says what closes it.

    Notes
    -----
    A chain of one replicate is run for three generations on statistics alone; where a policy must choose among human
    records, these stay records (``mixed``); where a policy or a metric needs generated records, samples are drawn.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> from outcross.core.seed import Seed
    >>> from outcross.lab.truth import Truth
    >>> truth = Truth.of_population(build("population", "normal"), Seed(0))
    >>> one = Experiment(build("model", "gaussian"), (build("policy", "subsample"),), (build("metric", "variance"),),
    ...                  truth, sample_size=10, generations=5)
    >>> print(*choose_path(one, None), sep=": ")
    records: sampled, because subsample needs records, not their statistic
    """
    if exact is False:
        return "records", "sampled, as asked"
    obstacle = ""
    if isinstance(experiment.model, ExactModel):
        for level in ("statistics", "mixed"):
            obstacle = _obstacle(experiment, level)
            if not obstacle:
                return level, "exact: sufficient statistics are handed on, equal in distribution to samples"
    else:
        obstacle = f"the model {words(experiment.model)} has no sufficient statistic"
    if exact:
        raise BadSetting(f"the exact path is not open: {obstacle}")
    return "records", f"sampled, because {obstacle}"


def _obstacle(experiment: Experiment, level: str) -> str:
    probe = replace(experiment, level=level, generations=min(PROBE_GENERATIONS, experiment.generations), until=None)
    for index, policy in enumerate(experiment.policies):
        try:
            run_trial(replace(probe, metrics=()), Trial(index, 0, 1, 0))
        except (NotDivisible, BadInput):
            return f"{words(policy)} needs records, not their statistic"
    try:
        found = _measured(probe)
    except BadSetting as error:
        return str(error)
    lost = _measured(replace(probe, level="records")) - found
    return f"{' and '.join(sorted(lost))} would be missing on the exact path" if lost else ""


def _measured(probe: Experiment) -> set[str]:
    """The metrics that have a value at the last generation."""
    values = run_trial(probe, Trial(0, 0, 1, 0)).values
    return {name for name, readings in values.items() if not np.isnan(readings[:, -1]).any()}
