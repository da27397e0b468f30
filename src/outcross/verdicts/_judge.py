"""What all definitions share: how a metric is looked at, and how what was found becomes one verdict.

A definition is a set of looks. Each compares a generation with the baseline, replicate by replicate, and asks whether
the whole interval lies beyond a bound. Two cares are taken with repeated testing. Over metrics, the intervals of one
verdict hold together (Bonferroni). Over generations, the last one is tested first and earlier ones only as long as the
condition held at the one after: tests in a fixed order, each at the full level, keep the error of the whole walk
(Westfall and Krishen 2001), and what the walk finds is just the generation from which the condition holds to the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from outcross.core.batch import Floats
from outcross.core.measure import Measure
from outcross.core.paired import LEVEL, difference, ratio_of_means, typical_ratio
from outcross.core.part import words
from outcross.core.verdict import Answer, Definition, Evidence, Trace, Verdict

FEWEST = 3
"""Replicates below which nothing is judged: an interval from two says next to nothing."""

FLOOR = 1e-3
"""Typical ratios below a thousandth count as a thousandth."""


@final
@dataclass(frozen=True)
class Relation:
    """How a generation is compared with the baseline, and how that is said.

    Examples
    --------
    >>> print(TIMES(np.array([4.0, 5.0, 6.0]), np.array([2.0, 2.0, 2.0]), 0.95))
    2.5 [1.258, 3.742]
    """

    measure: Callable[[Floats, Floats, float], Measure]
    phrase: str
    heading: str

    def __call__(self, now: Floats, before: Floats, level: float) -> Measure:
        return self.measure(now, before, level)


TIMES = Relation(ratio_of_means, "{} times that of generation {}", "relative to generation {}")
TYPICALLY = Relation(
    lambda now, before, level: typical_ratio(now, before, level, FLOOR),
    "typically {} times that of generation {}",
    "relative to generation {} (geometric mean)",
)
FACTOR = Relation(typical_ratio, "{} times that of generation {}", "relative to generation {} (geometric mean)")
MORE = Relation(difference, "{} above that of generation {}", "minus that of generation {}")


@final
@dataclass(frozen=True)
class Look:
    """One metric that a definition looks at.

    Parameters
    ----------
    metric
        Name of the metric, without settings; ``name@label`` for a metric that gives several numbers.
    relation
        How a generation is compared with the baseline.
    bound
        The definition holds where the comparison is beyond this.
    baseline
        The generation that others are compared with: 0 for what the data are like, 1 for what a model is like.
    rises
        Whether beyond is above.
    view
        What is compared: applied to the metric's values.
    name
        What that is called.

    Examples
    --------
    >>> Look("types", TIMES, 0.9).beyond(Measure(0.5, 0.4, 0.6, 10))
    <Answer.YES: 'yes'>
    """

    metric: str
    relation: Relation
    bound: float
    baseline: int = 0
    rises: bool = False
    view: Callable[[Floats], Floats] = np.asarray
    name: str = "{}"

    def reads(self, metric: str) -> bool:
        """Whether these are the words of the metric: ``tail_mass(quantile=0.05)`` is a ``tail_mass``."""
        words_of_part, _, label = metric.rpartition("@") if "@" in metric else (metric, "", "")
        name = words_of_part.partition("(")[0]
        return self.metric == (f"{name}@{label}" if label else name)

    def beyond(self, found: Measure) -> Answer:
        """Whether the whole interval lies beyond the bound, before it, or neither."""
        if found.low is None or found.high is None or found.n < FEWEST:
            return Answer.CANNOT_TELL
        surely, surely_not = found.low > self.bound, found.high <= self.bound
        if not self.rises:
            surely, surely_not = found.high < self.bound, found.low >= self.bound
        return Answer.YES if surely else Answer.NO if surely_not else Answer.CANNOT_TELL


@final
@dataclass(frozen=True)
class Finding:
    """What was found of one metric.

    Parameters
    ----------
    answer
        Whether the definition holds, by this metric, at the last generation.
    sentence
        That in words.
    evidence
        The numbers.
    since
        First generation from which it holds to the end.
    silent
        Whether the metric has nothing to say, so that others decide.

    Examples
    --------
    >>> Finding(Answer.NO, "types: as before.").since is None
    True
    """

    answer: Answer
    sentence: str
    evidence: tuple[Evidence, ...] = ()
    since: int | None = None
    silent: bool = False


def looked_at(looks: Sequence[Look], traces: Mapping[str, Trace]) -> list[tuple[Look, Trace]]:
    """Return the traces that a definition reads, each with its look.

    Examples
    --------
    >>> trace = Trace("types", np.arange(2), np.ones((3, 2)))
    >>> [found.metric for _, found in looked_at([Look("types", TIMES, 0.9)], {"types": trace})]
    ['types']
    """
    return [(look, trace) for look in looks for metric, trace in traces.items() if look.reads(metric)]


def level_of(seen: Sequence[tuple[Look, Trace]]) -> float:
    """Return the level at which so many intervals hold together (Bonferroni).

    Examples
    --------
    >>> level_of([])
    0.95
    """
    return 1 - (1 - LEVEL) / max(len(seen), 1)


def unseen(looks: Sequence[Look], seen: Sequence[tuple[Look, Trace]]) -> list[Look]:
    """Return the looks that had nothing to look at.

    Examples
    --------
    >>> [look.metric for look in unseen([Look("types", TIMES, 0.9)], [])]
    ['types']
    """
    return [look for look in looks if all(look is not one for one, _ in seen)]


def judge(definition: Definition, policy: str, traces: Mapping[str, Trace], looks: Sequence[Look]) -> Verdict:
    """Return the verdict of a definition that holds where one of its looks is beyond its bound.

    Parameters
    ----------
    definition, policy, traces
        What is judged.
    looks
        What the definition looks at, the metric to ask for first at the beginning.

    Returns
    -------
    Verdict
        Yes if one metric says so, no if all that were measured say no.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> definition = build("verdict", "tail_loss")
    >>> trace = Trace("types", np.arange(2), np.array([[9.0, 3.0], [9.0, 4.0], [9.0, 5.0]]))
    >>> print(judge(definition, "replace", {"types": trace}, [Look("types", TIMES, 0.9)]))
    replace, tail_loss: yes. types: 0.4444 [0.1684, 0.7205] times that of generation 0 at generation 1, and below 0.9
    from generation 1 on.
    """
    seen = looked_at(looks, traces)
    findings = [compare(look, trace, level_of(seen)) for look, trace in seen]
    return verdict(definition, policy, findings, unseen(looks, seen))


def unmeasured(looks: Sequence[Look]) -> Finding:
    """Return the finding that these looks had nothing to look at.

    Examples
    --------
    >>> unmeasured([Look("types", TIMES, 0.9), Look("coverage", TIMES, 0.9)]).sentence
    'Not measured: types, coverage. Add --metric types, or another of these.'
    """
    names = list(dict.fromkeys(look.metric.partition("@")[0] for look in looks))
    other = ", or another of these" if len(names) > 1 else ""
    sentence = f"Not measured: {', '.join(names)}. Add --metric {names[0]}{other}."
    return Finding(Answer.CANNOT_TELL, sentence)


def compare(look: Look, trace: Trace, level: float) -> Finding:
    """Return what one look finds at the last generation, and since when.

    Examples
    --------
    >>> trace = Trace("types", np.arange(3), np.array([[9.0, 9.0, 3.0], [9.0, 9.0, 4.0], [9.0, 9.0, 5.0]]))
    >>> compare(Look("types", TIMES, 0.9), trace, 0.95).since
    2
    """
    name, baseline = look.name.format(trace.metric), look.baseline
    before = column(trace, baseline, look)
    last = last_reached(trace, baseline)
    if before is None or last is None:
        reason = f"{name}: not measured at generation {baseline} and a later one."
        return Finding(Answer.CANNOT_TELL, reason, silent=True)
    found = look.relation(_column(trace, last, look), before, level)
    answer = look.beyond(found)
    shown = look.relation.phrase.format(found, baseline)
    evidence = tuple(
        Evidence(f"{trace.metric} at generation {generation}", trace.at(generation)) for generation in (baseline, last)
    )
    relative = Evidence(f"{name} at generation {last}, {look.relation.heading.format(baseline)}", found)
    since = _since(look, trace, last, level) if answer is Answer.YES else None
    sentence = f"{name}: {shown} at generation {last}, {_conclusion(look, found, answer, since)}."
    if found.value is None:
        sentence = f"{name}: generation {last} cannot be compared with generation {baseline} ({found.reason})."
    return Finding(answer, sentence, (*evidence, relative), since, silent=found.value is None)


def _conclusion(look: Look, found: Measure, answer: Answer, since: int | None) -> str:
    side = "above" if look.rises else "below"
    if answer is Answer.YES:
        return f"and {side} {look.bound:.4g} from generation {since} on"
    if answer is Answer.NO:
        return f"not {side} {look.bound:.4g}"
    if found.n < FEWEST:
        return f"but {found.n} replicate{'s' * (found.n != 1)} cannot tell: run at least {FEWEST}"
    if found.low is None:
        return f"but without an interval ({found.reason})"
    return f"which may or may not be {side} {look.bound:.4g}: more replicates can tell"


def _since(look: Look, trace: Trace, last: int, level: float) -> int:
    """Walk back from the last generation for as long as the condition holds."""
    before, since = _column(trace, look.baseline, look), last
    for generation in sorted((int(g) for g in trace.generations if look.baseline < g < last), reverse=True):
        if look.beyond(look.relation(_column(trace, generation, look), before, level)) is not Answer.YES:
            break
        since = generation
    return since


def column(trace: Trace, generation: int, look: Look) -> Floats | None:
    """Return what a look compares of one generation, shape (R,); None where it was not measured.

    Examples
    --------
    >>> trace = Trace("types", np.arange(2), np.array([[9.0, np.nan]]))
    >>> column(trace, 0, Look("types", TIMES, 0.9)).tolist(), column(trace, 1, Look("types", TIMES, 0.9))
    ([9.0], None)
    """
    if generation not in trace.generations:
        return None
    found = _column(trace, generation, look)
    return None if np.isnan(found).all() else found


def _column(trace: Trace, generation: int, look: Look) -> Floats:
    return look.view(trace.values[:, np.flatnonzero(trace.generations == generation)[0]])


def last_reached(trace: Trace, baseline: int) -> int | None:
    """Return the last generation that as many replicates reached as any: some chains may have been stopped early.

    Examples
    --------
    >>> last_reached(Trace("types", np.arange(3), np.array([[9.0, 8.0, 7.0], [9.0, 8.0, np.nan]])), 0)
    1
    """
    if baseline not in trace.generations:
        return None
    start = np.isnan(trace.values[:, trace.generations == baseline])
    known = (~(np.isnan(trace.values) | start)).sum(axis=0) * (trace.generations > baseline)
    if not known.any():
        return None
    return int(trace.generations[known == known.max()].max())


def verdict(definition: Definition, policy: str, findings: Sequence[Finding], others: Sequence[Look] = ()) -> Verdict:
    """Return yes if one finding says so, no if all do, else cannot tell; in the words of those that decided it.

    Where no metric had anything to say, the sentence ends with what others to measure.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> print(verdict(build("verdict", "tail_loss"), "replace", [Finding(Answer.NO, "types: as before.")]))
    replace, tail_loss: no. types: as before.
    """
    said = [finding for finding in findings if not finding.silent]
    if not said:
        said = [*findings, unmeasured(others)] if others else list(findings)
    answers = {finding.answer for finding in said}
    answer = next(a for a in (Answer.YES, Answer.CANNOT_TELL, Answer.NO) if a in answers)
    decisive = [finding for finding in said if finding.answer is answer]
    starts = [finding.since for finding in decisive if finding.since is not None]
    return Verdict(
        definition=words(definition),
        policy=policy,
        answer=answer,
        sentence=" ".join(finding.sentence for finding in decisive),
        evidence=tuple(evidence for finding in findings for evidence in finding.evidence),
        since=min(starts, default=None),
    )
