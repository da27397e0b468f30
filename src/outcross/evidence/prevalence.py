"""What share of a corpus is synthetic? An estimate with its interval, and what may be said of it; or "cannot tell"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, final

import numpy as np

from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput, BadSetting, OutcrossError
from outcross.core.measure import Measure
from outcross.core.part import as_part, build, parts, words
from outcross.core.quantifier import Quantifier
from outcross.core.seed import Seed
from outcross.evidence.bootstrap import clusters_of
from outcross.evidence.case import Case
from outcross.evidence.diagnostics import LENGTH, Check, in_range, kinship, lengths, likeness, scorable, separation
from outcross.evidence.kinship import find_kin
from outcross.evidence.self_test import self_test
from outcross.evidence.trained import TrainedDetector
from outcross.evidence.training import as_detector
from outcross.evidence.two_sample import distance

WITH_LABELS, WITHOUT = "ppi", "probabilistic_adjusted_count(sharpen=true)"
ONCE = "probabilistic_adjusted_count"
"""What speaks where twice tells nothing: near 0 and 1 all probabilities are alike, and weak scores are lost."""
LEAST = 10
"""With fewer references of a kind no law of their scores can be told."""
FAR = 0.2
"""With more texts of strange lengths than this the references are of another kind, and all methods are heard."""
KNOWN = 0.02
"""Share of references or target that a trained detector may have been trained on and still be heard."""
ALONE = "labels alone"
LABEL = "label 100 documents of the target, chosen at random, and give them with `--labelled`"


@final
@dataclass(frozen=True)
class Prevalence(Measure):
    """The share of synthetic documents: a `Measure` with the reasons to believe it.

    Parameters
    ----------
    method
        The words of the quantifier.
    diagnostics
        What was looked at. Where a grave check fails there is no value, and the interval is [0, 1]; where texts have
        lengths that no reference has, they may be all human or all synthetic; where many have, or another check fails,
        the interval is widened until it holds those of all methods.
    advice
        What to do next.

    Examples
    --------
    See `prevalence`.
    """

    method: str = ""
    diagnostics: tuple[Check, ...] = ()
    advice: tuple[str, ...] = ()
    case: Case | None = field(default=None, repr=False, compare=False)

    @cached_property
    def by_method(self) -> dict[str, Measure]:
        """Every method's own answer, by its words; no check has been applied to them, so this is to compare by."""
        return {} if self.case is None else answers(self.case)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        return {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "level": self.level,
            "n": self.n,
            "reason": self.reason,
            "method": self.method,
            "diagnostics": [check.to_dict() for check in self.diagnostics],
            "advice": list(self.advice),
            "by_method": {name: _plain(one) for name, one in self.by_method.items()},
        }


def _plain(one: Measure) -> dict[str, Any]:
    return {"value": one.value, "low": one.low, "high": one.high, "n": one.n, "reason": one.reason}


def prevalence(
    target: Documents | Iterable[str],
    *,
    human: Documents | Iterable[str] | None = None,
    synthetic: Documents | Iterable[str] | None = None,
    references: Labelled | None = None,
    labelled: Labelled | tuple[Iterable[str], Iterable[object]] | None = None,
    detector: str | Detector | Scorer | TrainedDetector | Any = "ngram_linear",
    method: str | Quantifier | None = None,
    groups: Sequence[object] | None = None,
    generators: Sequence[str | None] | None = None,
    population: bool = False,
    level: float = 0.95,
    draws: int = 1000,
    seed: int | Seed = 0,
) -> Prevalence:
    """What share of these documents is synthetic?

    Parameters
    ----------
    target
        The N documents.
    human, synthetic
        References of the target's kind: same task, time and length, the generator that is likely. Those of one
        source, duplicates and texts that begin alike are put together as groups.
    references
        The same with labels and groups (a text and its pair, an author), in place of the two: better where pairs do not
        show by themselves.
    labelled
        A random sample of the target whose origin was found out, as ``(texts, labels)``.
    detector
        What scores: its words or itself, or a scikit-learn classifier of texts, fitted to the references fold by fold;
        or a scorer that was fitted elsewhere,
        which the references only calibrate; or a trained detector, whose scorer is heard together with the same
        detector fitted to the references (and not at all where it was trained on these very texts).
    method
        The quantifier. By default prediction-powered inference where there are labels, else the probabilistic adjusted
        count, done twice (``sharpen``), or once where twice tells nothing.
    groups
        What belongs together in the target (an author, a site), shape (N,): resampled whole, and the interval is
        then one for the population.
    generators
        Who wrote each synthetic reference, in their order; None for one of whom it is not known. With two generators
        or more the interval allows the target's synthetic documents to be by as many others of their kind; without, it
        is for generators such as the references'.
    population
        Whether the interval is for the population that the target was drawn from, not for these very documents.
    level, draws
        Confidence level; number of bootstrap draws.
    seed
        The same seed gives the same answer.

    Returns
    -------
    Prevalence
        In [0, 1]; its value is None where nothing can be said.

    Raises
    ------
    BadInput
        If there is no text, or references or labels cannot be used.
    BadSetting
        If what is given does not go together.

    Notes
    -----
    The interval is a percentile bootstrap of whole clusters of references and target. Of the target only the scores
    within an origin are resampled, not how many documents are synthetic (unless it is for the population). Two things
    that a resample does not show are added: documents unlike all references (see `with_unseen`), and what a detector
    learns by chance of the references (see `training_noise`). A third one is where generators are named (see
    `Generators`).

    Examples
    --------
    >>> human = [f"I was {k} minutes late, sorry!" for k in range(40)]
    >>> synthetic = [f"It is important to note that {k} minutes matter." for k in range(40)]
    >>> found = prevalence(human[:10] + synthetic[:10], human=human[10:], synthetic=synthetic[10:])
    >>> found.method, found.low <= 0.5 <= found.high
    ('probabilistic_adjusted_count(sharpen=true)', True)
    >>> print(prevalence(human))
    missing: cannot tell: there are no references of the target's kind, and no labels
    """
    case = _case(target, human, synthetic, references, labelled, detector, groups, population, level, draws, seed)
    if generators is not None:
        case = replace(case, generators=_named(generators, case.references))
    chosen = as_part(Quantifier, method or (WITHOUT if case.labelled is None else WITH_LABELS))
    if chosen.labels and case.labelled is None:
        raise BadSetting(f"{words(chosen)} needs a labelled sample: labelled=(texts, labels)")
    if case.references is None and case.labelled is None:
        need = "give human and synthetic texts of the same kind, 100 of each or more"
        return _cannot_tell(case, "", (), "there are no references of the target's kind, and no labels", (need, LABEL))
    if chosen.labels:
        return _by_labels(case, chosen)
    if case.references is None:
        raise BadSetting(f"{words(chosen)} needs references: human= and synthetic=, or references=")
    if method is None and _open(case.measure(chosen)) and not _open(case.measure(build("quantifier", ONCE))):
        chosen = build("quantifier", ONCE)
    return _by_references(case, chosen)


def _open(found: Measure) -> bool:
    """Whether it says nothing."""
    return found.value is None or (found.low, found.high) == (0.0, 1.0)


def answers(case: Case) -> dict[str, Measure]:
    """Return the answer of each quantifier that can give one, by its words.

    Examples
    --------
    See `prevalence`.
    """
    found = {}
    for name in parts("quantifier"):
        quantifier = build("quantifier", name)
        usable = case.labelled is not None if quantifier.labels else case.references is not None
        if not usable:
            continue
        try:
            found[name] = case.measure(quantifier)
        except OutcrossError as error:  # its own detector cannot read these texts; the other methods can
            found[name] = Measure.missing(str(error), case.target.size)
    if case.labelled is not None:
        found[ALONE] = case.by_labels(None)
    return found


def _case(
    target: Documents | Iterable[str],
    human: Documents | Iterable[str] | None,
    synthetic: Documents | Iterable[str] | None,
    references: Labelled | None,
    labelled: Labelled | tuple[Iterable[str], Iterable[object]] | None,
    detector: str | Detector | Scorer | TrainedDetector,
    groups: Sequence[object] | None,
    population: bool,
    level: float,
    draws: int,
    seed: int | Seed,
) -> Case:
    """What was given, checked."""
    documents = _documents(target)
    if not documents.size:
        raise BadInput("there is no text in the target, so it has no share of synthetic ones")
    if (human is None) != (synthetic is None) or (references is not None and human is not None):
        raise BadSetting("give human= and synthetic= together, or references= in place of the two")
    if human is not None and synthetic is not None:
        references = Labelled.beside(_documents(human), _documents(synthetic))
    note = ""
    if references is not None and len(set(references.groups)) == references.size:
        kin = find_kin(references.documents)
        references, note = replace(references, groups=kin.groups), kin.note
    for kind, places in (
        () if references is None else (("human", references.humans), ("synthetic", references.machines))
    ):
        if len(places) < LEAST:
            raise BadInput(f"{len(places)} {kind} references are too few: {LEAST} of each kind are needed at least")
    if not 0 < level < 1 or draws < 100:
        raise BadSetting(f"level lies between 0 and 1, and draws are 100 at least; given were {level:g} and {draws:,}")
    if groups is not None and len(groups) != documents.size:
        raise BadInput(f"{documents.size:,} texts cannot have {len(groups):,} groups: give one for each")
    sample = labelled if labelled is None or isinstance(labelled, Labelled) else Labelled.of(*labelled)
    if sample is not None and not sample.size:
        raise BadInput("there is no labelled text; leave labelled= out where there are no labels")
    if isinstance(detector, TrainedDetector) and references is not None:
        told = _trained_on(detector, references.documents, documents)
        note = "; ".join(part for part in (note, told) if part)
        detector = detector.detector if told else detector
    ready = detector.scorer if isinstance(detector, TrainedDetector) else detector
    fresh = detector.detector if isinstance(detector, TrainedDetector) else detector
    return Case(
        documents,
        references,
        sample,
        None if isinstance(fresh, Scorer) else as_detector(fresh),
        ready if isinstance(ready, Scorer) else None,
        None if groups is None else clusters_of([str(one) for one in groups]),
        population,
        level,
        draws,
        seed if isinstance(seed, Seed) else Seed(seed),
        note,
    )


def _named(generators: Sequence[str | None], references: Labelled | None) -> tuple[str | None, ...]:
    """The generators, one for each synthetic reference."""
    number = 0 if references is None else len(references.machines)
    if len(generators) != number:
        raise BadInput(f"{number:,} synthetic references cannot have {len(generators):,} generators: give one for each")
    return tuple(None if name is None else str(name) for name in generators)


def _trained_on(detector: TrainedDetector, *documents: Documents) -> str:
    """Why a trained detector is not heard itself: it knows these texts, and is surer of them than of others."""
    shares = [float(detector.trained_on(each).mean()) for each in documents]
    if not detector.detector.needs or max(shares) <= KNOWN:
        return ""
    return (
        f"the detector was trained on {shares[0]:.0%} of the references and {shares[1]:.0%} of the target, or on texts "
        "that begin as they do: it was fitted anew to the references, fold by fold"
    )


def _documents(given: Documents | Iterable[str]) -> Documents:
    return given if isinstance(given, Documents) else Documents.of(given)


def _by_labels(case: Case, chosen: Quantifier) -> Prevalence:
    """A random sample of labels needs no reference to be like the target, so no check stands in its way."""
    found = case.measure(chosen)
    checks = (
        ()
        if case.references is None
        else _checks(case, build("quantifier", WITHOUT), case.measure(build("quantifier", WITHOUT)))
    )
    advice = ("the labels must be a random sample of the target: nothing else was assumed",)
    return _told(case, words(chosen), found, checks, advice)


def _by_references(case: Case, chosen: Quantifier) -> Prevalence:
    found = case.measure(chosen)
    checks = _checks(case, chosen, found)
    failed = [check for check in checks if not check.passed]
    grave = next((check.sentence for check in failed if check.grave), found.reason)
    name = words(chosen)
    if grave:
        return _cannot_tell(case, name, checks, grave, (LABEL, *_advice(failed)))
    strange = next((1 - check.value for check in failed if check.name == LENGTH), 0.0)
    if strange > FAR or any(check.name != LENGTH for check in failed):
        others = [one for one in answers(case).values() if one.low is not None and one.high is not None]
        low = min(one.low for one in (found, *others) if one.low is not None)
        high = max(one.high for one in (found, *others) if one.high is not None)
        found = replace(found, low=low, high=high)
    if found.low is not None and found.high is not None:
        found = replace(found, low=found.low * (1 - strange), high=found.high * (1 - strange) + strange)
    return _told(case, name, found, checks, (LABEL, *_advice(failed)) if failed else ())


def _checks(case: Case, chosen: Quantifier, found: Measure) -> tuple[Check, ...]:
    """All that can be looked at, given references."""
    if case.references is None:
        return ()
    scored, plain = case.scored(), case.scores(build("quantifier", WITHOUT))
    held = np.isfinite(scored.reference)
    first = [separation(plain), in_range(plain), lengths(case.target, case.references), scorable(case.unscored)]
    if case.note or scored.kin:
        first.append(kinship(case.note, scored.kin, case.target.size))
    others = case.between(build("quantifier", WITHOUT))
    if others is not None:
        first.append(others.check())
    if found.value is None:
        return tuple(first)
    own = case.scored(chosen.detector)
    groups = clusters_of([case.references.groups[int(place)] for place in np.flatnonzero(held)])
    tried = self_test(chosen, case.values(chosen)[held], own.synthetic[held], groups, case.seed)
    examiner = case.detector if case.detector is not None and case.detector.needs else build("detector", "ngram_linear")
    apart = distance(case.target, case.references, found.value, examiner, case.seed, case.clusters)
    return (*first, tried, likeness(apart))


def _advice(failed: Sequence[Check]) -> tuple[str, ...]:
    """What would mend each check that failed."""
    mend = {
        "separation": "give more references, or a detector that tells them apart: its own words, or a ready one",
        "range": "the target may be by another generator, or of another kind: get references like it",
        "length": "get references as long as the target's texts, or cut all to one length",
        "likeness": "get references of the target's topic and time, by the generator that is likely",
        "self-test": "the human references differ among themselves: give their groups, and more of them",
        "scored": "leave out the texts that cannot be scored, and say how many they were",
    }
    return tuple(mend[check.name] for check in failed)


def _told(case: Case, name: str, found: Measure, checks: tuple[Check, ...], advice: tuple[str, ...]) -> Prevalence:
    return Prevalence(found.value, found.low, found.high, found.n, case.level, found.reason, name, checks, advice, case)


def _cannot_tell(case: Case, name: str, checks: tuple[Check, ...], why: str, advice: tuple[str, ...]) -> Prevalence:
    reason = f"cannot tell: {why}"
    return Prevalence(None, 0.0, 1.0, case.target.size, case.level, reason, name, checks, advice, case)
