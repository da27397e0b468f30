"""The answer in three sentences: how much is synthetic; what is lost, and how long it can go on; what to do."""

from __future__ import annotations

from collections.abc import Sequence

from outcross.core.measure import Measure
from outcross.core.wording import count_of
from outcross.evidence.prevalence import Prevalence
from outcross.guard.check.checkup import Size
from outcross.guard.check.share import DECLARED
from outcross.guard.forecast.result import Forecast
from outcross.guard.mix.plan import MixPlan
from outcross.guard.titles import NAMES
from outcross.guard.watch.change import Change


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
        return (
            f"About {_percent(share.value)} of the {documents} are synthetic "
            f"({_percent(share.level)} interval: {100 * share.low:.0f} to {_percent(share.high)})."
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


def advice_sentence(plan: MixPlan | None, forecast: Forecast | None, short: str = "") -> str:
    """Return what to do, in a sentence.

    Examples
    --------
    >>> advice_sentence(None, None)
    'Before more is trained on it, get human records: without them no mix can be made that keeps what there is.'
    """
    if plan is None:
        why = f" ({short})" if short else ""
        return (
            f"Before more is trained on it, get human records{why}: "
            "without them no mix can be made that keeps what there is."
        )
    surely = "by their labels" if plan.confidence == 1 else f"at {_percent(plan.confidence)} confidence"
    human = f"at least {plan.floor:,} ({_percent(plan.floor / plan.budget)}) are human {surely}"
    kept = ""
    if forecast is not None and forecast.least_human.value is not None:
        kept = f": that keeps {_percent(forecast.keep)} of the tail that human records alone would"
    return f"Train instead on a mix of {count_of(plan.budget, 'record')} of which {human}{kept}."


def _lost(changes: Sequence[Change]) -> str:
    if not changes:
        return "What is lost cannot be told without a human reference"
    sure = sorted((one for one in changes if one.surely_worse), key=_weight, reverse=True)
    worse = list({one.metric.partition("@")[0]: one for one in sure[::-1]}.values())[::-1]
    if not worse:
        return "Against the human reference nothing is surely lost"
    named = _listed([_said(one) for one in worse[:3]])
    return f"Against the human reference it has surely changed for the worse in {named}"


def _weight(change: Change) -> tuple[bool, float]:
    """The words first that a reader knows, and of these what is lost most."""
    return change.metric.partition("@")[0] in NAMES, change.loss or 0.0


def _said(change: Change) -> str:
    name, _, which = change.metric.partition("@")
    called = NAMES.get(name, name.replace("_", " ")) + (f" of {which}" if which else "")
    moved = change.change.value
    if moved is None or change.scale == "difference":
        return f"{called} ({_number(change.old)} to {_number(change.new)})"
    return f"{called} ({100 * (moved - 1):+.0f} %)".replace("-", "−")


def _long(forecast: Forecast | None) -> str:
    if forecast is None:
        return "how long it can go on without words to forecast from"
    last = forecast.generations[-1]
    left = forecast.left.get("tail_mass") or next(iter(forecast.left.values()))
    name = "the tail of rare words" if "tail_mass" in forecast.left else next(iter(forecast.left))
    metric = "tail_mass" if "tail_mass" in forecast.left else name
    until = forecast.until(metric, 0.5)
    end = left[-1]
    if until is not None:
        return f"as {forecast.policy} goes on, half of {name} is gone after {count_of(until, 'generation')}"
    return f"after {count_of(last, 'generation')} of {forecast.policy}, {_range(end)} of {name} is left"


def _range(measure: Measure) -> str:
    if measure.low is None or measure.high is None:
        return _percent(measure.value)
    return f"{100 * measure.low:.0f} to {_percent(measure.high)}"


def _number(measure: Measure) -> str:
    return "unknown" if measure.value is None else f"{measure.value:.3g}"


def _percent(share: float | None) -> str:
    return "an unknown part" if share is None else f"{100 * share:.0f} %"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
