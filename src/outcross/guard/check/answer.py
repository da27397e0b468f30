"""The answer in three sentences: how much is synthetic; what is lost, and how long it can go on; what to do."""

from __future__ import annotations

from collections.abc import Sequence

from outcross.core.measure import Measure
from outcross.core.wording import count_of
from outcross.evidence.generators import GENERATORS
from outcross.evidence.prevalence import Prevalence
from outcross.guard.check.checkup import Size
from outcross.guard.check.share import DECLARED
from outcross.guard.forecast.result import Forecast
from outcross.guard.mix.plan import MixPlan
from outcross.guard.titles import called, practice
from outcross.guard.watch.change import Change

NAMED = 3
"""What is lost, at most, that the answer names."""


def share_sentence(corpus: Size, share: Prevalence) -> str:
    """Return how much is synthetic, in a sentence.

    Examples
    --------
    >>> share_sentence(Size("cats", 1000, 9000), Prevalence(0.31, 0.25, 0.37, 1000))
    'About 31 % of the 1,000 documents are synthetic (95 % interval: 25 to 37 %).'
    """
    documents = count_of(corpus.documents, "document")
    if share.method == DECLARED:
        return (
            f"{_percent(share.value)} of the {documents} are synthetic by their own word, which was not put to proof."
        )
    if share.value is not None and share.low is not None and share.high is not None:
        assumed = any(check.name == GENERATORS and not check.passed for check in share.diagnostics)
        return (
            f"About {_percent(share.value)} of the {documents} are synthetic "
            f"({_percent(share.level)} interval: {100 * share.low:.0f} to {_percent(share.high)})"
            f"{', if by generators like those of the references' if assumed else ''}."
        )
    why = share.reason.removeprefix("cannot tell: ")
    least = f"; {_percent(share.low)} are surely" if share.low else ""
    return f"How much of the {documents} is synthetic cannot be told{least}: {why}."


def loss_sentence(changes: Sequence[Change], forecast: Forecast | None) -> str:
    """Return what is lost already, and how long it can go on, in a sentence.

    Examples
    --------
    >>> loss_sentence([], None)
    'What is lost cannot be told without a human reference, and how long it can go on without words to forecast from.'
    """
    return f"{_lost(changes)}, and {_long(forecast)}."


def advice_sentence(plan: MixPlan | None, forecast: Forecast | None) -> str:
    """Return what to do, in a sentence.

    Examples
    --------
    >>> advice_sentence(None, None)
    'Before more is trained on it, get human records: without them no mix can be made that keeps what there is.'
    """
    if plan is None:
        return (
            "Before more is trained on it, get human records: without them no mix can be made that keeps what there is."
        )
    surely = "by their labels" if plan.confidence == 1 else f"at {_percent(plan.confidence)} confidence"
    if plan.floor == plan.budget:
        return f"Train on these {count_of(plan.budget, 'record')}, which are all human {surely}."
    kept = ""
    if forecast is not None and forecast.least_human.value is not None:
        kept = f": that should keep {_percent(forecast.keep)} of the tail that human records alone would"
    human = f"at least {plan.floor:,} ({_percent(plan.floor / plan.budget)}) are human {surely}"
    return f"Train instead on a mix of {count_of(plan.budget, 'record')} of which {human}{kept}."


def _lost(changes: Sequence[Change]) -> str:
    if not changes:
        return "What is lost cannot be told without a human reference"
    sure = sorted((one for one in changes if one.surely_worse), key=_weight, reverse=True)
    worse = list({one.metric.partition("@")[0]: one for one in sure[::-1]}.values())[::-1]
    if not worse:
        return "Against the human reference nothing is surely lost"
    named = _listed([_said(one) for one in worse[:NAMED]])
    return f"Against the human reference it is surely off in {named}"


def _weight(change: Change) -> tuple[bool, float]:
    """What can only be lost first, then what may move either way; and of these what has changed most."""
    return change.worse != "moves", abs(change.loss or 0.0)


def _said(change: Change) -> str:
    moved = change.change.value
    if moved is None or change.scale == "difference":
        shown = _percent if change.unit.startswith("share") else _number
        return f"{change.called} ({shown(change.old.value)} → {shown(change.new.value)})"
    return f"{change.called} ({100 * (moved - 1):+.0f} %)".replace("-", "−")


def _long(forecast: Forecast | None) -> str:
    if forecast is None:
        return "how long it can go on without words to forecast from"
    metric = "tail_mass" if "tail_mass" in forecast.left else next(iter(forecast.left))
    left, name, how = forecast.left[metric], called(metric), f"if it goes on {practice(forecast.policy)}"
    until = forecast.until(metric, 0.5)
    if until is not None:
        return f"{how}, half of {name} is gone after {count_of(until, 'generation')}"
    last = forecast.generations[-1]
    first = f" ({_range(left[1])} after one)" if last > 1 else ""
    return f"{how}, {_range(left[-1])} of {name} is left after {count_of(last, 'generation')}{first}"


def _range(measure: Measure) -> str:
    if measure.low is None or measure.high is None:
        return _percent(measure.value)
    return f"{100 * measure.low:.0f} to {_percent(measure.high)}"


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3g}"


def _percent(share: float | None) -> str:
    if share is None:
        return "an unknown part"
    return f"{100 * share:.1f} %" if 0 < share < 0.095 else f"{100 * share:.0f} %"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
