"""A crowd-work study: how many answers were written by a model, by their text and by how they were typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

import numpy as np

from outcross.core.detector import Detector
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput
from outcross.core.measure import Measure
from outcross.core.part import as_part
from outcross.core.seed import Seed
from outcross.evidence.behaviour import Judged, Log, Manner, copied, judge
from outcross.evidence.calibration import Calibration
from outcross.evidence.crossfit import cross_fit
from outcross.evidence.evaluation import evaluate
from outcross.evidence.prevalence import Prevalence, prevalence
from outcross.evidence.proportion import clopper_pearson
from outcross.evidence.split import Halves, Split, halves
from outcross.evidence.trained import TrainedDetector
from outcross.evidence.training import train

CLASSIFIER = "blend(of=[masked, ngram_linear])"
"""What a study's classifier is by default."""

EXTRACTIVE = 0.5
"""An answer that shares more of its characters than this with its source, in long runs, is called extractive."""

SYNTHETIC = "synthetic"
SAID = ("human", "cannot tell", SYNTHETIC)
"""What may be said of an answer by its text, in the order of a table."""

PUBLISHED = {"by text": (0.991, 0.989), "by group": (0.977, 0.973)}
"""Accuracy and macro-F1 of the classifier of Veselovsky, Ribeiro and West (arXiv 2306.07899, 2023), on divisions of
their own data: by summary (112 test texts) and by abstract (232)."""


@final
@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: what its text says, and how it was typed. Neither is a verdict on the person who wrote it.

    Parameters
    ----------
    response
        Which answer.
    probability
        That it is synthetic, by its text, in an even mixture; None where it has no score.
    said
        What its text says at the default threshold: ``synthetic``, ``human`` or ``cannot tell``.
    why
        Why it cannot be told; empty where it can.
    behaviour
        How it was typed.
    copied
        Share of its characters that stand in the source too, in long runs; None where there is no source.

    Examples
    --------
    >>> judged = judge(Log("a", (), final="Cats sleep."))[0]
    >>> Answer("a", 0.4, "human", "", judged, None).extractive is None
    True
    """

    response: str
    probability: float | None
    said: str
    why: str
    behaviour: Judged
    copied: float | None

    @property
    def extractive(self) -> bool | None:
        """Whether more than half of it stands in the source; None where there is no source."""
        return None if self.copied is None else self.copied > EXTRACTIVE


@final
@dataclass(frozen=True)
class Study:
    """What a study found.

    Parameters
    ----------
    answers
        The answers with a text.
    unread
        How many logs hold no text that was handed in.
    detector
        The classifier, trained on the task itself.
    splits
        How good it is on texts that it was not trained on.
    errors
        Share of texts of known origin on the wrong side of one half, by their group, each judged without its group.
    by_text
        The share of synthetic answers by their texts alone.
    by_labels
        The share of answers pasted from elsewhere, by prediction-powered inference: behaviour labels the answers whose
        log tells, and the text speaks for the others, which must be a random part. It is a ceiling: not all that was
        pasted from elsewhere is synthetic.
    by_both
        The same where typed answers, and those pasted from the source, are taken for what they are: the text is only
        asked about the others.
    level
        Confidence level of all intervals.

    Examples
    --------
    See `study`.
    """

    answers: tuple[Answer, ...]
    unread: int
    detector: TrainedDetector
    splits: tuple[Split, ...]
    errors: dict[str, Measure]
    by_text: Prevalence
    by_labels: Measure
    by_both: Measure
    level: float

    said = SAID
    published = PUBLISHED

    @property
    def table(self) -> dict[str, dict[str, int]]:
        """Return how many answers were typed like this and judged like that."""
        found = Counter((answer.behaviour.verdict, answer.said) for answer in self.answers)
        return {str(manner): {said: found[manner, said] for said in SAID} for manner in Manner}

    def share(self, *manners: Manner) -> Measure:
        """Return the share of answers that were typed in one of these manners."""
        hits = sum(answer.behaviour.verdict in manners for answer in self.answers)
        return clopper_pearson(hits, len(self.answers), self.level)

    @property
    def ceiling(self) -> Measure:
        """The most that behaviour allows for: what was pasted from elsewhere, and what is undetermined."""
        return self.share(Manner.ELSEWHERE, Manner.UNDETERMINED)

    @property
    def flagged(self) -> Measure:
        """The share of typed answers whose text is called synthetic: it should be none."""
        typed = [answer for answer in self.answers if answer.behaviour.verdict is Manner.TYPED]
        return clopper_pearson(sum(answer.said == SYNTHETIC for answer in typed), len(typed), self.level)

    def extracts(self) -> dict[str, Measure]:
        """Return the share of extractive answers by what their text says, of those that have a source."""
        found = {}
        for said in SAID:
            known = [answer.extractive for answer in self.answers if answer.said == said]
            of = [one for one in known if one is not None]
            found[said] = clopper_pearson(sum(of), len(of), self.level)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        return {
            "answers": [
                {**asdict(answer), "behaviour": asdict(answer.behaviour), "extractive": answer.extractive}
                for answer in self.answers
            ],
            "unread": self.unread,
            "table": self.table,
            "by_text": self.by_text.to_dict(),
            "by_labels": asdict(self.by_labels),
            "by_both": asdict(self.by_both),
            "ceiling": asdict(self.ceiling),
            "flagged": asdict(self.flagged),
            "extracts": {said: asdict(one) for said, one in self.extracts().items()},
            "splits": [asdict(split) for split in self.splits],
            "errors": {name: asdict(one) for name, one in self.errors.items()},
            "audit": list(self.detector.audit.lines()),
            "training": asdict(self.detector.record),
        }

    def sentences(self) -> list[str]:
        """Return what was found in a few sentences; a shortcut that explains the classifier comes first."""
        from outcross.report.study import sentences

        return list(sentences(self))

    def report(self, path: str | Path) -> Path:
        """Write the study as one page that loads nothing; a folder gets ``index.html``."""
        from outcross.report.study import write_study

        return write_study(self, Path(path))


def study(
    known: Labelled,
    logs: Iterable[Log],
    *,
    detector: str | Detector = CLASSIFIER,
    splits: Mapping[str, Halves] | None = None,
    labelled: Labelled | None = None,
    level: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> Study:
    """How many of the answers to a task were written by a model?

    A classifier is trained on the task itself, its errors are taken out of the share it finds, and what it says is held
    against how the answers were typed, as in Veselovsky, Ribeiro and West (arXiv 2306.07899, 2023).

    Parameters
    ----------
    known
        Answers to the task whose origin is known: human ones, of a time before there were models for example, and
        synthetic ones, by a model that was given the task.
    logs
        The answers that are asked about, with their logs, see `outcross.evidence.behaviour.read`.
    detector
        What the classifier is. By default two are heard together: ``masked`` looks at the style and not at the topic,
        ``ngram_linear`` at all words.
    splits
        Divisions of known answers into training and test texts, by name; two random ones by default.
    labelled
        A random sample of the answers whose origin was found out, by reading them for example.
    level, draws
        Confidence level; draws of the bootstrap.
    seed
        The same seed gives the same study.

    Raises
    ------
    BadInput
        If no answer has a text, or the known answers cannot be trained on.

    Examples
    --------
    >>> human = [f"well i was {'so ' * (place % 9)}late again number {place} lol" for place in range(30)]
    >>> machine = [f"It is important to note the {'very ' * (place % 9)}case {place}." for place in range(30)]
    >>> known = Labelled.beside(Documents.of(human), Documents.of(machine))
    >>> found = study(known, [Log(str(k), (), final=text) for k, text in enumerate(human[:5] + machine[:5])], draws=100)
    >>> found.table["undetermined"]["cannot tell"]
    10
    """
    root = Seed(seed)
    every = tuple(logs)
    read = [log for log in every if log.final and log.final.strip()]
    if not read:
        raise BadInput("no answer has a text that was handed in, so there is nothing to ask about")
    answers = Documents(tuple(log.final or "" for log in read), tuple(log.shown or "" for log in read))
    chosen = as_part(Detector, detector)
    trained = _trained(known, chosen, seed)
    judged = judge(read)
    tried = _tried(halves(known, root.child("halves")) if splits is None else splits, chosen, seed)

    def share(of: Documents, sample: Labelled | None = None) -> Prevalence:
        return prevalence(of, references=known, labelled=sample, detector=chosen, level=level, draws=draws, seed=seed)

    return Study(
        tuple(_answers(read, answers, judged, trained)),
        len(every) - len(read),
        trained,
        tried,
        _errors(known, chosen, root, level),
        share(answers, labelled),
        _by_labels(answers, judged, share, level),
        _by_both(answers, judged, share, level),
        level,
    )


def _trained(known: Labelled, detector: Detector, seed: int) -> TrainedDetector:
    named = len(set(known.groups)) < known.size  # else nobody named them: those of one source are found
    return train(known.documents, known.synthetic, groups=known.groups if named else None, detector=detector, seed=seed)


def _tried(splits: Mapping[str, Halves], detector: Detector, seed: int) -> tuple[Split, ...]:
    found = []
    for name, (one, other) in splits.items():
        trained = _trained(one, detector, seed)
        performance = evaluate(trained, other.documents, other.synthetic, groups=other.groups).overall
        found.append(Split(name, one.size, performance))
    return tuple(found)


def _errors(known: Labelled, detector: Detector, seed: Seed, level: float) -> dict[str, Measure]:
    """Wrong sides by group; a group of its own for every text says nothing, so then there is none."""
    if len(set(known.groups)) == known.size:
        return {}
    fitted = cross_fit(detector, known, seed.child("errors"))
    probability = Calibration.fit(fitted.scores, known.synthetic).probability(fitted.scores)
    wrong = (probability > 0.5) != known.synthetic
    names = np.array(known.groups)
    return {
        str(name): clopper_pearson(int(wrong[names == name].sum()), int((names == name).sum()), level)
        for name in dict.fromkeys(known.groups)
    }


def _answers(
    logs: Sequence[Log], answers: Documents, judged: Sequence[Judged], trained: TrainedDetector
) -> Iterator[Answer]:
    for log, typed, said in zip(logs, judged, trained.decide(answers), strict=True):
        part = copied(log.final or "", log.shown) if log.shown else None
        yield Answer(log.response, said.probability, said.answer, said.reason, typed, part)


def _by_labels(answers: Documents, judged: Sequence[Judged], share: Callable[..., Prevalence], level: float) -> Measure:
    """The answers whose log tells are labels; where all logs tell there is nothing left to predict."""
    told = [place for place, one in enumerate(judged) if one.verdict is not Manner.UNDETERMINED]
    elsewhere = [judged[place].verdict is Manner.ELSEWHERE for place in told]
    if len(told) == len(judged):
        return clopper_pearson(sum(elsewhere), len(judged), level)
    if not told:
        return Measure.missing("no log tells how an answer was typed")
    found = share(answers, Labelled.of(answers.take(np.array(told)), elsewhere))
    return Measure(found.value, found.low, found.high, found.n, level, found.reason)


def _by_both(answers: Documents, judged: Sequence[Judged], share: Callable[..., Prevalence], level: float) -> Measure:
    """What was typed or copied from the source is not synthetic; of the others the text is asked."""
    open_ = np.flatnonzero([one.verdict in (Manner.ELSEWHERE, Manner.UNDETERMINED) for one in judged])
    part = len(open_) / len(judged)
    if not len(open_):
        return Measure(0.0, 0.0, 0.0, len(judged), level)
    found = share(answers.take(open_))
    low, high = part * (found.low or 0.0), part * (1.0 if found.high is None else found.high)
    if found.value is None:
        return Measure(None, low, high, len(judged), level, found.reason)
    return Measure(part * found.value, low, high, len(judged), level)
