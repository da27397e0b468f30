"""What detectors say of the records of a chain: score columns for policies that cannot tell who wrote a text.

A detector has to be trained, and the human texts at hand are those that policies draw from. A detector that saw them
would know them by heart. One that saw the others of them, beside what the first model wrote, errs the other way: that
model was fitted to the text in question too, so that its rare words were seen in machine-made texts only. So the human
texts are divided into folds, and for each a model of its own is fitted to the rest; the scorer of the fold learns to
tell that rest from what this model wrote. Neither has seen the fold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self, final

import numpy as np

from outcross.core.batch import Batch, Floats, Ints, NotDivisible, Records
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.errors import BadInput
from outcross.core.model import Model
from outcross.core.part import as_part, words
from outcross.core.policy import Policy
from outcross.core.pool import RatedPool
from outcross.core.recipe import Draw, Recipe
from outcross.core.seed import Seed
from outcross.core.text import Texts
from outcross.evidence.calibration import Calibration
from outcross.evidence.folds import grouped_folds

JUDGES = frozenset({"verifier", "own"})
"""Scores that models of the chain give."""
FOLDS = 2
"""For each fold a model is fitted."""


def detectors_of(policy: Policy) -> tuple[Detector, ...]:
    """Return the detectors whose scores a policy looks at: every score that is not a model's is one, by its words.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> detectors_of(build("policy", "filtered(policy=replace, keep=0.5)"))
    ()
    """
    return tuple(as_part(Detector, name) for name in sorted(policy.scores - JUDGES))


@final
@dataclass(frozen=True, eq=False)
class Suspicion:
    """A detector trained for a chain, and what it says of the texts of the pool: how probably a human wrote each.

    Parameters
    ----------
    scorers
        One a fold, fitted without it.
    fold
        The fold of each human text, shape (n,).
    calibration
        From scores to probabilities, found on the human texts and on what the first model wrote.
    human, first
        The probabilities of these, shape (1, n) each.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> human = Texts.of([f"I was {word}, sorry!" for word in "late early ill away here".split()])
    >>> model = build("model", "ngram(order=1)")
    >>> written = model.fit(human, Seed(0)).sample(5, Seed(1))
    >>> found = Suspicion.of(build("detector", "ngram_linear"), model, human, written, Seed(2))
    >>> found.human.shape, found.first.shape, found.score(written).shape
    ((1, 5), (1, 5), (1, 5))
    """

    scorers: tuple[Scorer, ...]
    fold: Ints
    calibration: Calibration
    human: Floats
    first: Floats

    @classmethod
    def of(cls, detector: Detector, model: Model, human: Batch, written: Batch, seed: Seed) -> Self:
        """Train a detector for a chain.

        Parameters
        ----------
        detector
            What is trained.
        model
            What is fitted to all human texts but those of a fold, and writes as many.
        human
            The human texts of the pool.
        written
            What the first model wrote, fitted to all of them.
        seed
            For the folds, the fits and the texts.

        Raises
        ------
        NotDivisible
            If only statistics of the records are known.
        BadInput
            If the records are no texts, or too few to be divided.
        """
        if not isinstance(human, Texts):
            raise _unreadable(human, detector)
        texts, others = _strings(human), _strings(written)
        fold = grouped_folds(texts, np.zeros(len(texts), dtype=np.bool_), FOLDS, seed.child("folds"))
        scorers = tuple(
            _scorer(detector, model, human.take(np.flatnonzero(fold != number)[None]), seed.child(number))
            for number in range(int(fold.max()) + 1)
        )
        scores = [_scored(scorers, fold, given) for given in (texts, others)]
        calibration = Calibration.fit(np.concatenate(scores), np.repeat([False, True], [len(texts), len(others)]))
        return cls(scorers, fold, calibration, *(_humanity(calibration, found) for found in scores))

    def score(self, written: Batch) -> Floats:
        """Return how probably a human wrote each of some other texts, shape (1, n)."""
        return _humanity(self.calibration, _scored(self.scorers, self.fold, _strings(written)))


def suspicions(
    policy: Policy, model: Model, pool: RatedPool, written: Batch | None, seed: Seed
) -> Mapping[str, Suspicion]:
    """Train the detectors of a policy, and give the human records of the pool their scores.

    Parameters
    ----------
    policy
        What looks at the scores.
    model
        The model of the chain.
    pool
        The pool, before anything that a model wrote has joined it.
    written
        What the first model adds to it; None where it adds nothing, and no score is wanted.
    seed
        For the folds and the fits.

    Returns
    -------
    mapping
        The words of each detector to what it found.

    Examples
    --------
    >>> from outcross.core.part import build
    >>> from outcross.core.memory import MemoryPool
    >>> texts = Texts.of(["I was late.", "It is so."])
    >>> dict(suspicions(build("policy", "replace"), build("model", "ngram"), MemoryPool(texts), texts, Seed(0)))
    {}
    """
    if written is None:
        return {}
    found: dict[str, Suspicion] = {}
    for detector in detectors_of(policy):
        name, stock = words(detector), pool.inventory()
        human = pool.draw(Recipe((Draw(stock.human(), stock.total(stock.human())),), 0), seed)
        found[name] = Suspicion.of(detector, model, human, written, seed.child(name))
        pool.rate(stock.human(), {name: found[name].human})
    return found


def _scorer(detector: Detector, model: Model, rest: Texts, seed: Seed) -> Scorer:
    """The detector, fitted to human texts and to what a model of these texts wrote; a text and its pair are a group."""
    human = _strings(rest)
    written = _strings(model.fit(rest, seed.child("model")).sample(rest.size, seed.child("sample")))
    labels = [False] * len(human) + [True] * len(written)
    data = Labelled.of(Documents.of((*human, *written)), labels, (*human, *human[: len(written)]))
    return detector.fit(data, seed.child("detector"))


def _scored(scorers: Sequence[Scorer], fold: Ints, texts: Sequence[str]) -> Floats:
    """The score of each text by one scorer: that of the human text that has its place, from which it may have begun."""
    mine = np.resize(fold, len(texts))
    documents, scores = Documents.of(texts), np.full(len(texts), np.nan)
    for number, scorer in enumerate(scorers):
        places = np.flatnonzero(mine == number)
        scores[places] = scorer.score(documents.take(places))
    return scores


def _humanity(calibration: Calibration, scores: Floats) -> Floats:
    """How probably a human wrote it, shape (1, n); one half where the detector cannot tell, of an empty text say."""
    odds = np.nan_to_num(calibration.log_odds(scores), nan=0.0)
    return (1 / (1 + np.exp(np.clip(odds, -500, 500))))[None]


def _strings(batch: Batch) -> tuple[str, ...]:
    """Texts put together from their words, human and synthetic ones alike: no white space gives them away."""
    if not isinstance(batch, Texts):
        raise _unreadable(batch)
    return tuple(batch.vocabulary.decode(batch.document(place)) for place in range(batch.size))


def _unreadable(batch: Batch, detector: Detector | None = None) -> BadInput | NotDivisible:
    name = "a detector" if detector is None else f"the detector {words(detector)}"
    if isinstance(batch, Records):
        return BadInput(f"{name} reads texts, and these records are {type(batch).__name__.lower()}")
    return NotDivisible(f"{name} reads texts, and only a statistic is known")
