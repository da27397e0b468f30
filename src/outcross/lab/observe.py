"""What is measured of a generation: every metric is given the best view of it that the metric can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from outcross.core.batch import Batch, Law
from outcross.core.errors import BadSetting
from outcross.core.metric import Metric, Reading, View
from outcross.core.model import Encoder, Fitted, Scored
from outcross.core.part import part_name, words
from outcross.core.records import Rows
from outcross.core.statistics import LogProbs
from outcross.core.text import Texts

Readings = dict[str, Reading]


def measurable(metric: Metric[Any], kind: type[Batch], gives: type[Fitted]) -> bool:
    """Return whether a metric can be measured of a chain, known from classes alone: nothing is fitted.

    Parameters
    ----------
    metric
        The metric.
    kind
        The kind of the chain's records. Laws are left out of account: models that take long to fit have none.
    gives
        The class of the chain's fitted models.

    Examples
    --------
    >>> from outcross.core.model import Prompted
    >>> from outcross.core.part import build
    >>> from outcross.core.text import Texts
    >>> [measurable(build("metric", name), Texts, Prompted) for name in ("types", "variance", "perplexity")]
    [True, False, False]
    """
    match metric.view:
        case View.OUTPUT:
            return issubclass(kind, metric.reads)
        case View.LATENT:
            return issubclass(gives, Encoder) and issubclass(Rows, metric.reads)
        case _:
            return issubclass(gives, Scored) and issubclass(LogProbs, metric.reads)


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
    invents
        Whether the models write words that nobody wrote before. Texts are then compared word by word in a vocabulary
        that has all of them; otherwise held-out words that the training texts lack are one unknown word.

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
    invents: bool = False
    _open: list[Texts] = field(default_factory=list, compare=False, repr=False)
    _names: list[tuple[str, Metric[Any]]] = field(default_factory=list, compare=False, repr=False)
    _references: dict[tuple[str, type], Any] = field(default_factory=dict, compare=False, repr=False)
    _choices: dict[tuple[object, ...], _Choice] = field(default_factory=dict, compare=False, repr=False)
    _said: _Said = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._names.extend((words(metric), metric) for metric in self.metrics)

    def human(self, sample: Batch, first: Fitted | None = None) -> Readings:
        """Return the readings of generation 0: human records against held-out human records (or the true law).

        Generation 0 is looked at as the models will be: by its law where theirs is read, else by records. In hindsight,
        by the first model, it is the held-out records themselves: the training records would look better than they are.
        """
        law = self.law.spread(sample.replicates) if isinstance(self.law, Law) else None
        found: Readings = {}
        said: _Said = {}
        for name, metric in self._names:
            if metric.view is View.OUTPUT:
                found |= self._output(name, metric, law, sample, first.law() if first is not None else law)
            elif metric.view is View.HINDSIGHT and first is not None:
                reference = self._judged(name, metric, first)
                found |= _named(name, metric.compare(reference, reference))
            elif metric.view is View.LATENT and first is not None:
                summary = metric.summarize(self._ask(metric, first, sample, said))
                found |= _named(name, metric.compare(summary, self._judged(name, metric, first)))
            else:
                found[name] = _absent(sample.replicates, "generation 0 is human data: there is no model yet")
        return found

    def model(self, fitted: Fitted, first: Fitted, sample: Batch) -> Readings:
        """Return the readings of one generation.

        Raises
        ------
        BadSetting
            If a metric cannot read what the model writes.
        """
        found: Readings = {}
        said: _Said = {}
        law = fitted.law()
        for name, metric in self._names:
            match metric.view:
                case View.OUTPUT:
                    found |= self._output(name, metric, law, sample, law)
                case View.HELDOUT | View.OWN:
                    records = sample if metric.view is View.OWN else self.heldout
                    summary = metric.summarize(self._ask(metric, fitted, records, said, fitted is first))
                    found |= _named(name, metric.compare(summary, summary))
                case View.HINDSIGHT | View.LATENT:
                    summary = metric.summarize(self._ask(metric, first, sample, said))
                    found |= _named(name, metric.compare(summary, self._judged(name, metric, first)))
        return found

    def records(self, sample: Batch) -> Readings:
        """Return the readings of records whose model is gone, by the metrics that look at records alone."""
        found: Readings = {}
        for name, metric in self._names:
            if metric.view is View.OUTPUT:
                found |= self._output(name, metric, None, sample, None)
        return found

    def _judged(self, name: str, metric: Metric[Any], first: Fitted) -> Any:
        """The summary of what the first model says of held-out human records: it serves all generations."""
        key = (name, type(first))
        if key not in self._references:
            self._references[key] = metric.summarize(self._ask(metric, first, self.heldout, {}, True))
        return self._references[key]

    def _ask(self, metric: Metric[Any], fitted: Fitted, records: Batch, said: _Said, is_first: bool = False) -> Batch:
        """What a model says of records. It is asked once, for that may cost more than all metrics together.

        What the first model says of held-out records is kept; all else for one generation (``said``).
        """
        question = "encode" if metric.view is View.LATENT else "log_prob"
        known = self._said if is_first and records is self.heldout else said
        key = (question, id(fitted), id(records))
        if key not in known:
            answer: Batch
            if metric.view is View.LATENT:
                answer = _encoder(metric, fitted).encode(records)
            else:
                answer = _scored(metric, fitted).log_prob(records)
            known[key] = (fitted, records, answer)  # both are held, so that nothing else can take on their id
        return known[key][2]

    def _output(
        self, name: str, metric: Metric[Any], law: Batch | None, sample: Batch, model_law: Batch | None
    ) -> Readings:
        """The reading of a law or a sample, whichever the metric prefers of what both sides can give."""
        sample, heldout = self._opened(sample)
        key = (name, type(law), type(sample), type(model_law))
        choice = self._choices.get(key)
        if choice is None:
            choice = self._choices[key] = self._choose(name, metric, law, sample, model_law)
        if choice.of_law is None:
            return {name: _absent(sample.replicates, f"{name} needs the true distribution to be known")}
        seen = law if choice.of_law and law is not None else sample
        summary = metric.summarize(seen)
        if metric.compares == "alone":
            return _named(name, metric.compare(summary, summary))
        reference = choice.reference if heldout is self.heldout else metric.summarize(heldout)
        return _named(name, metric.compare(summary, reference))

    def _opened(self, sample: Batch) -> tuple[Batch, Batch]:
        """Sample and held-out texts in one vocabulary that has every word of both; other records as they are."""
        if not self.invents or not isinstance(sample, Texts) or not isinstance(self.heldout, Texts):
            return sample, self.heldout
        if not self._open or self._open[0] is not sample:
            human = self.heldout.strings()
            vocabulary = sample.vocabulary.extended(human)
            self._open[:] = [sample, sample.within(vocabulary), Texts.of(human, vocabulary)]
        return self._open[1], self._open[2]

    def _choose(
        self, name: str, metric: Metric[Any], law: Batch | None, sample: Batch, model_law: Batch | None
    ) -> _Choice:
        """What is looked at, and what it is compared with. It depends on the kinds alone, so it is chosen once."""
        any_kind, alone = metric.compares == "any", metric.compares == "alone"
        wanted = [kind for kind in metric.reads if isinstance(model_law, kind) or isinstance(sample, kind)]
        for kind in wanted:
            of_law = isinstance(model_law, kind) and isinstance(law, metric.reads if any_kind else kind)
            if not of_law and not isinstance(sample, metric.reads if any_kind else kind):
                continue
            against = _first(metric.reads if any_kind else (kind,), self.law, self.heldout)
            if against is not None or alone:
                return _Choice(of_law, None if alone else self._reference(name, metric, against))
        if not wanted:
            kinds = " or ".join(kind.__name__ for kind in metric.reads)
            raise BadSetting(f"the metric {name} reads {kinds}, and this chain gives {_kinds(law, sample)}")
        return _Choice(None)

    def _reference(self, name: str, metric: Metric[Any], against: Batch | None) -> Any:
        key = (name, type(against))
        if key not in self._references and against is not None:
            self._references[key] = metric.summarize(against)
        return self._references[key]


_Said = dict[tuple[str, int, int], tuple[Fitted, Batch, Batch]]
"""What was asked, of which model, about which records; and the answer."""


@final
@dataclass(frozen=True, slots=True)
class _Choice:
    """Whether a metric looks at the law (or at the sample, or cannot look: None), and the reference's summary."""

    of_law: bool | None
    reference: Any = None


def _first(kinds: tuple[type, ...], *candidates: Batch | None) -> Batch | None:
    """The first candidate of the most wanted kind."""
    return next((batch for kind in kinds for batch in candidates if isinstance(batch, kind)), None)


def _named(name: str, result: Reading | Mapping[str, Reading]) -> Readings:
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


def _encoder(metric: Metric[Any], fitted: Fitted) -> Encoder:
    if not isinstance(fitted, Encoder):
        name = part_name(type(fitted)).removeprefix("fitted_")
        raise BadSetting(f"the metric {words(metric)} needs a model that describes records, which {name} does not")
    return fitted


def _kinds(law: Batch | None, sample: Batch) -> str:
    return " and ".join(type(batch).__name__ for batch in (law, sample) if batch is not None)
