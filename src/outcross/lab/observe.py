"""What is measured of a generation: every metric is given the best view of it that the metric can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from outcross.core.batch import Batch, Law
from outcross.core.errors import BadSetting
from outcross.core.metric import Metric, Reading, View
from outcross.core.model import Fitted, Scored
from outcross.core.part import part_name, words

Readings = dict[str, Reading]


@final
@dataclass(frozen=True)
class Observer:
    """The metrics of a chain and the human reference that they compare with.

    Parameters
    ----------
    metrics
        What is measured.
    heldout
        Human records that no model is trained on.
    law
        The true distribution, where it is known.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> from outcross.core.records import Rows
    >>> observer = Observer([build("metric", "variance")], Rows(np.ones((1, 5, 1))))
    >>> observer.human(Rows(np.array([[[0.0], [2.0]]])))["variance"].values.tolist()
    [1.0]
    """

    metrics: Sequence[Metric[Any]]
    heldout: Batch
    law: Batch | None = None
    _references: dict[tuple[str, type], Any] = field(default_factory=dict, compare=False, repr=False)

    def human(self, sample: Batch, first: Fitted | None = None) -> Readings:
        """Return the readings of generation 0: human records against held-out human records (or the true law).

        Generation 0 is looked at as the models will be: by its law where theirs is read, else by records. In hindsight,
        by the first model, it is the held-out records themselves: the training records would look better than they are.
        """
        law = self.law.spread(sample.replicates) if isinstance(self.law, Law) else None
        found: Readings = {}
        for metric in self.metrics:
            if metric.view is View.OUTPUT:
                found |= self._output(metric, law, sample, first.law() if first is not None else law)
            elif metric.view is View.HINDSIGHT and first is not None:
                reference = self._hindsight(metric, _scored(metric, first))
                found |= _named(metric, metric.compare(reference, reference))
            else:
                found[words(metric)] = _absent(sample.replicates, "generation 0 is human data: there is no model yet")
        return found

    def model(self, fitted: Fitted, first: Fitted, sample: Batch) -> Readings:
        """Return the readings of one generation.

        Raises
        ------
        BadSetting
            If a metric cannot read what the model writes.
        """
        found: Readings = {}
        law = fitted.law()
        for metric in self.metrics:
            if metric.view is View.OUTPUT:
                found |= self._output(metric, law, sample, law)
            elif metric.view is View.HELDOUT:
                summary = metric.summarize(_scored(metric, fitted).log_prob(self.heldout))
                found |= _named(metric, metric.compare(summary, summary))
            else:
                judge = _scored(metric, first)
                summary = metric.summarize(judge.log_prob(sample))
                found |= _named(metric, metric.compare(summary, self._hindsight(metric, judge)))
        return found

    def _output(self, metric: Metric[Any], law: Batch | None, sample: Batch, model_law: Batch | None) -> Readings:
        """The reading of a law or a sample, whichever the metric prefers of what both sides can give."""
        readable = False
        for wanted in metric.reads:
            if not isinstance(model_law, wanted) and not isinstance(sample, wanted):
                continue
            readable = True
            kinds = metric.reads if metric.compares == "any" else (wanted,)
            against = next((one for kind in kinds if (one := _first(kind, self.law, self.heldout)) is not None), None)
            seen = _first(wanted, law if isinstance(model_law, wanted) else None, sample)
            if seen is None and metric.compares == "any":
                seen = next((one for kind in metric.reads if (one := _first(kind, law, sample)) is not None), None)
            if seen is not None and (against is not None or metric.compares == "alone"):
                summary = metric.summarize(seen)
                reference = summary if against is None else self._reference(metric, type(against), against)
                return _named(metric, metric.compare(summary, reference))
        if not readable:
            kinds_read = " or ".join(kind.__name__ for kind in metric.reads)
            raise BadSetting(f"the metric {words(metric)} reads {kinds_read}, and this chain gives {_kinds(law, sample)}")
        return {words(metric): _absent(sample.replicates, f"{words(metric)} needs the true distribution to be known")}

    def _reference(self, metric: Metric[Any], wanted: type, against: Batch) -> Any:
        key = (words(metric), wanted)
        if key not in self._references:
            self._references[key] = metric.summarize(against)
        return self._references[key]

    def _hindsight(self, metric: Metric[Any], judge: Scored) -> Any:
        key = (words(metric), type(judge))
        if key not in self._references:
            self._references[key] = metric.summarize(judge.log_prob(self.heldout))
        return self._references[key]


def _first(wanted: type, *candidates: Batch | None) -> Batch | None:
    return next((batch for batch in candidates if isinstance(batch, wanted)), None)


def _named(metric: Metric[Any], result: Reading | Mapping[str, Reading]) -> Readings:
    name = words(metric)
    if isinstance(result, Reading):
        return {name: result}
    return {f"{name}@{label}": reading for label, reading in result.items()}


def _absent(replicates: int, reason: str) -> Reading:
    return Reading(np.full(replicates, np.nan), reason)


def _scored(metric: Metric[Any], fitted: Fitted) -> Scored:
    if not isinstance(fitted, Scored):
        name = part_name(type(fitted)).removeprefix("fitted_")
        raise BadSetting(f"the metric {words(metric)} needs a model that knows probabilities, which {name} does not")
    return fitted


def _kinds(law: Batch | None, sample: Batch) -> str:
    return " and ".join(type(batch).__name__ for batch in (law, sample) if batch is not None)
