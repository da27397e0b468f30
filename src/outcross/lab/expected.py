"""The closed forms that belong beside the curves of a history."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from outcross.core.errors import OutcrossError
from outcross.core.measure import Measure
from outcross.core.part import Part, build, part_name, settings
from outcross.core.population import Population
from outcross.core.statistics import Probabilities
from outcross.lab.plan import Plan
from outcross.lab.theory.curves import Curve, Setting, curve


def expected(
    plan: Plan, sample_size: int, generations: Mapping[str, int], initial: Mapping[str, Measure]
) -> dict[tuple[str, str], Curve]:
    """Return the closed form of every curve that has one.

    Parameters
    ----------
    plan
        What was run.
    sample_size
        n, the records of a generation.
    generations
        Words of a policy to its last generation.
    initial
        Metric to its value at generation 0, which is that of the true distribution.

    Returns
    -------
    dict
        (policy, metric) to curve; empty where the truth is a finite corpus.

    Examples
    --------
    >>> plan = Plan(data="normal", model="gaussian(ddof=1)", policy=("replace",))
    >>> found = expected(plan, 100, {"replace": 2}, {"mean_drift": Measure(0.0), "variance": Measure(1.0)})
    >>> found["replace", "mean_drift"].values.round(3).tolist()
    [0.0, 0.01, 0.02]
    """
    population, model = _population(plan.data), _known("model", plan.model)
    if population is None or model is None:
        return {}
    start = {name: measure.value for name, measure in initial.items() if measure.value is not None}
    found = {}
    for words, last in generations.items():
        policy = _known("policy", words)
        if policy is None:
            continue
        chain = (settings(model), settings(policy), population, sample_size, np.arange(last + 1), start)
        for metric in initial:
            part = _known("metric", metric.partition("@")[0])
            if part is None:
                continue
            setting = Setting(*chain, metric=settings(part))
            form = curve(part_name(type(model)), part_name(type(policy)), part_name(type(part)), setting)
            if form is not None:
                found[words, metric] = form
    return found


def _known(kind: str, words: str) -> Part | None:
    """A part by its words; None for an object of the user's own, which no closed form describes."""
    try:
        part: Part = build(kind, words)
    except OutcrossError:
        return None
    return part


def _population(data: str) -> dict[str, object] | None:
    """What a closed form may know of the true distribution; None for a finite corpus."""
    population = _known("population", data)
    if not isinstance(population, Population):
        return None
    law = population.law()
    probabilities = {"probabilities": law.values[0]} if isinstance(law, Probabilities) else {}
    return {"name": part_name(type(population)), **settings(population), **probabilities}
